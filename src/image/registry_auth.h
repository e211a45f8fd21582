// Authorization for one repository of one registry (distribution-spec; docker/distribution "Token
// Authentication Specification"): what to send, and how to get it when the registry answers 401.
//
// Credentials are given away only
//   - to the registry's own origin, or to the token service that it names over https;
//   - over plain http only on hosts that the user named insecure, or on loopback, and then only to the same host;
//   - never to an address more private than the registry's own, and never to link-local and metadata addresses
//     (http/address.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/address.h"
#include "http/challenge.h"
#include "http/client.h"
#include "http/url.h"
#include "image/credentials.h"

namespace holdfast::image {

class RegistryAuth {
 public:
  // `client` outlives it. `path`: the repository, for the scope asked for when the registry names none.
  RegistryAuth(http::Client& client, Credential credential, std::string path)
      : client_(client), credential_(std::move(credential)), path_(std::move(path)) {}

  // The value for the Authorization header; empty: send none (yet).
  [[nodiscard]] const std::string& Header() const { return header_; }

  // Retry-After of a token service that would not give a token now, in the last Answer; empty: it said nothing.
  [[nodiscard]] const std::string& RetryAfter() const { return retry_after_; }

  // After a 401 from `registry`. kDenied: no credentials, refused ones, or a challenge that must not be
  // followed. `tls` is used towards the registry's own host only.
  [[nodiscard]] Result<void> Answer(const http::Response& response, const http::Url& registry,
                                    const http::TlsOptions& tls);

 private:
  Result<void> AnswerBasic(const http::Url& registry);
  struct TokenRoute {
    http::TlsOptions tls;
    http::AddressPolicy addresses;
  };
  Result<void> AnswerBearer(const http::Challenge& challenge, const http::Url& registry, const TokenRoute& route);
  Result<std::string> FetchToken(const http::Challenge& challenge, const http::Url& realm, bool with_credential,
                                 const TokenRoute& route);

  http::Client& client_;
  Credential credential_;
  std::string path_, header_, retry_after_;
};

}  // namespace holdfast::image
