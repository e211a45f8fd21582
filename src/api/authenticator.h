// Who asks: credentials of a request, and the interface that tells whose they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast::api {

enum class CredentialKind : std::uint8_t { kBasic, kBearer };

struct Credentials {
  CredentialKind kind = CredentialKind::kBasic;
  std::string username, password;  // kBasic
  std::string token;               // kBearer
  std::string peer = {};           // the address that they came from
};

// The value of a header Authorization: HTTP Basic (RFC 7617) or a bearer token (RFC 6750). Nothing for anything else,
// broken values included.
[[nodiscard]] std::optional<Credentials> ParseAuthorization(std::string_view value);

struct Identity {
  std::string username;         // empty: nobody, for operations that are open
  std::string account;          // the user's own
  bool account_enabled = true;  // users of disabled accounts are known, and may nothing
  bool administers = false;  // the account is of type admin or service: may act for each account and the installation
};

// Safe to call from several threads.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // kDenied for wrong credentials, without telling in what way they are wrong.
  [[nodiscard]] virtual Result<Identity> Authenticate(const Credentials& credentials) = 0;
};

}  // namespace holdfast::api
