#include "http/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/format.h"
#include "http/client.h"

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

std::string_view WithoutBrackets(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host.substr(0, host.find('%'));
}

// As the C library's resolver would read it: also "127.1", "0x7f000001", "2852039166".
std::optional<std::array<std::uint8_t, 4>> AsIpv4(std::string_view host) {
  in_addr address{};
  if (inet_aton(std::string(host).c_str(), &address) == 0) return std::nullopt;
  std::array<std::uint8_t, 4> bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  return bytes;
}

std::optional<std::array<std::uint8_t, 16>> AsIpv6(std::string_view host) {
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, std::string(host).c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

// ::ffff:a.b.c.d
std::optional<std::array<std::uint8_t, 4>> AsMappedIpv4(const std::array<std::uint8_t, 16>& ipv6) {
  for (std::size_t i = 0; i < 12; ++i)
    if (ipv6[i] != (i < 10 ? 0 : 0xff)) return std::nullopt;
  return std::array<std::uint8_t, 4>{ipv6[12], ipv6[13], ipv6[14], ipv6[15]};
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

bool IsLoopbackHost(std::string_view host) {
  host = WithoutBrackets(host);
  if (EqualsIgnoringCase(host, "localhost")) return true;
  if (const auto ipv6 = AsIpv6(host)) {
    if (const auto mapped = AsMappedIpv4(*ipv6)) return (*mapped)[0] == 127;
    return std::all_of(ipv6->begin(), ipv6->end() - 1, [](std::uint8_t b) { return b == 0; }) && ipv6->back() == 1;
  }
  const auto ipv4 = AsIpv4(host);
  return ipv4 && (*ipv4)[0] == 127;
}

bool IsMetadataHost(std::string_view host) {
  constexpr std::array<std::string_view, 3> kNames = {"metadata.google.internal", "metadata", "instance-data"};
  constexpr std::array<std::uint8_t, 4> kAlibaba = {100, 100, 100, 200};
  constexpr std::array<std::uint8_t, 16> kAmazonIpv6 = {0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0,    0,
                                                        0,    0,    0,    0,    0, 0, 0x02, 0x54};
  host = WithoutBrackets(host);
  while (host.ends_with('.')) host.remove_suffix(1);
  if (std::ranges::any_of(kNames, [&](std::string_view name) { return EqualsIgnoringCase(host, name); })) return true;
  const auto refused = [&](const std::array<std::uint8_t, 4>& ipv4) {
    return (ipv4[0] == 169 && ipv4[1] == 254) || ipv4 == kAlibaba;
  };
  if (const auto ipv6 = AsIpv6(host)) {
    if (const auto mapped = AsMappedIpv4(*ipv6)) return refused(*mapped);
    return ((*ipv6)[0] == 0xfe && ((*ipv6)[1] & 0xc0) == 0x80) || *ipv6 == kAmazonIpv6;
  }
  const auto ipv4 = AsIpv4(host);
  return ipv4 && refused(*ipv4);
}

}  // namespace holdfast::http
