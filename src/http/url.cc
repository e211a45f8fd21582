#include "http/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/format.h"
#include "http/address.h"

namespace holdfast::http {
namespace {

constexpr std::size_t kUrlBytesMax = 16 * 1024;

using CurlUrl = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string Part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

Result<void> Set(CURLU* url, std::string_view text) {
  if (text.size() > kUrlBytesMax) return Fail(ErrorKind::kInvalidInput, "the URL is too long");
  if (text.find('\0') != std::string_view::npos) return Fail(ErrorKind::kInvalidInput, "the URL holds a zero byte");
  const CURLUcode code = curl_url_set(url, CURLUPART_URL, std::string(text).c_str(), CURLU_DISALLOW_USER);
  if (code != CURLUE_OK)
    return Fail(ErrorKind::kInvalidInput,
                Format("'{}' is not a URL: {}", text.substr(0, 200), curl_url_strerror(code)));
  return {};
}

Result<Url> Read(CURLU* parts) {
  Url url;
  url.scheme = Part(parts, CURLUPART_SCHEME);
  if (url.scheme != "http" && url.scheme != "https")
    return Fail(ErrorKind::kInvalidInput, Format("'{}' URLs are not supported", url.scheme));
  if (!Part(parts, CURLUPART_USER).empty() || !Part(parts, CURLUPART_PASSWORD).empty())
    return Fail(ErrorKind::kInvalidInput, "a URL with a user name is refused");
  url.host = Part(parts, CURLUPART_HOST);
  std::ranges::transform(url.host, url.host.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const std::string port = Part(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const auto read = std::from_chars(port.data(), port.data() + port.size(), url.port);
  if (url.host.empty() || read.ec != std::errc{} || url.port == 0)
    return Fail(ErrorKind::kInvalidInput, "the URL has no usable host and port");
  url.path = Part(parts, CURLUPART_PATH);
  if (const std::string query = Part(parts, CURLUPART_QUERY); !query.empty()) url.path += "?" + query;
  return url;
}

}  // namespace

Result<Url> Url::Parse(std::string_view text) {
  const CurlUrl parts(curl_url(), &curl_url_cleanup);
  HF_CHECK_OK(Set(parts.get(), text));
  return Read(parts.get());
}

Result<Url> Url::Resolve(std::string_view location) const {
  const CurlUrl parts(curl_url(), &curl_url_cleanup);
  HF_CHECK_OK(Set(parts.get(), Text()));
  HF_CHECK_OK(Set(parts.get(), location));
  return Read(parts.get());
}

std::string Url::Text() const { return Origin() + path; }

std::string Url::Origin() const { return Format("{}://{}:{}", scheme, host, port); }

std::string EncodeQueryValue(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

bool IsLoopbackHost(std::string_view host) { return ClassOfHost(host) == AddressClass::kLoopback; }

}  // namespace holdfast::http
