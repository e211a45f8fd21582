#include "api/authenticator.h"

#include "base/base64.h"
#include "http/client.h"

namespace holdfast::api {
namespace {

std::optional<Credentials> ParseBasic(std::string_view encoded) {
  const auto bytes = DecodeBase64(encoded);
  if (!bytes) return std::nullopt;
  const std::string text(bytes->begin(), bytes->end());
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || text.find('\0') != std::string::npos) return std::nullopt;
  return Credentials{
      .kind = CredentialKind::kBasic, .username = text.substr(0, colon), .password = text.substr(colon + 1)};
}

}  // namespace

std::optional<Credentials> ParseAuthorization(std::string_view value) {
  const std::size_t blank = value.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = value.substr(0, blank);
  std::string_view rest = value.substr(blank);
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  while (!rest.empty() && rest.back() == ' ') rest.remove_suffix(1);
  if (rest.empty()) return std::nullopt;
  if (http::EqualsIgnoringCase(scheme, "basic")) return ParseBasic(rest);
  if (!http::EqualsIgnoringCase(scheme, "bearer")) return std::nullopt;
  return Credentials{.kind = CredentialKind::kBearer, .token = std::string(rest)};
}

}  // namespace holdfast::api
