// Url: an absolute http or https URL, taken apart by the same parser that later connects to it, so that
// no two readings of one URL can differ (RFC 3986; user names in URLs are refused, they leak).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast::http {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; IPv6 in brackets
  std::uint16_t port = 0;
  std::string path;  // begins with '/'; with the query

  // kInvalidInput for anything else than an absolute http(s) URL without user and fragment.
  [[nodiscard]] static Result<Url> Parse(std::string_view text);
  // A Location header as seen from this URL.
  [[nodiscard]] Result<Url> Resolve(std::string_view location) const;

  [[nodiscard]] std::string Text() const;
  // "https://host:port": what credentials are bound to.
  [[nodiscard]] std::string Origin() const;
};

// Percent-encodes all but unreserved characters (RFC 3986 section 2.3): for one query value.
[[nodiscard]] std::string EncodeQueryValue(std::string_view text);

// "localhost" and every notation of an address of this very host: 127.0.0.0/8, ::1, 0.0.0.0.
[[nodiscard]] bool IsLoopbackHost(std::string_view host);

}  // namespace holdfast::http
