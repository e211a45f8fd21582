// What the caller may: the rules of the house, behind an interface, so that another authority can be asked instead.
#pragma once

#include <memory>
#include <string_view>

#include "api/authenticator.h"
#include "base/result.h"

namespace holdfast::api {

// The domain that stands for the installation; no account can have this name.
inline constexpr std::string_view kSystemDomain = "system";

// May `identity` do `action` in `domain`? The domain is an account, or kSystemDomain.
struct Permission {
  std::string_view domain;
  std::string_view action;  // "listImages"; empty for the few operations that have no name
};

// Safe to call from several threads.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  // kDenied when not; the message is for the caller.
  [[nodiscard]] virtual Result<void> Authorize(const Identity& identity, const Permission& permission) = 0;
};

// Who administers may everything; anybody else everything inside the own account, and nothing outside it.
[[nodiscard]] std::unique_ptr<Authorizer> MakeNativeAuthorizer();

}  // namespace holdfast::api
