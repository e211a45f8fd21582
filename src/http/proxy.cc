#include "http/proxy.h"

#include <charconv>
#include <cstdlib>
#include <initializer_list>
#include <optional>

#include "http/address.h"
#include "http/client.h"

namespace holdfast::http {
namespace {

std::string FirstOf(std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return {};
}

// "10.0.0.0/8", "::1", "10.1.2.3"
bool AddressFits(const IpAddress& host, std::string_view pattern) {
  const std::size_t slash = pattern.find('/');
  const auto prefix = IpAddress::Parse(pattern.substr(0, slash));
  if (!prefix || prefix->IsIpv4() != host.IsIpv4()) return false;
  const unsigned width = host.IsIpv4() ? 32 : 128;
  unsigned bits = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = pattern.substr(slash + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || bits > width) return false;
  }
  return HasPrefix(host, *prefix, 128 - width + bits);
}

// "example.com" and ".example.com" both stand for the name and all below it.
bool NameFits(std::string_view host, std::string_view pattern) {
  if (pattern.starts_with('.')) pattern.remove_prefix(1);
  while (pattern.ends_with('.')) pattern.remove_suffix(1);
  while (host.ends_with('.')) host.remove_suffix(1);
  if (pattern.empty() || host.size() < pattern.size()) return false;
  const std::size_t rest = host.size() - pattern.size();
  return EqualsIgnoringCase(host.substr(rest), pattern) && (rest == 0 || host[rest - 1] == '.');
}

bool IsExempt(std::string_view host, std::string_view list) {
  constexpr std::string_view kDividers = ", \t";
  if (list == "*") return true;
  const auto address = IpAddress::Parse(host);
  while (!list.empty()) {
    const std::size_t end = list.find_first_of(kDividers);
    const std::string_view pattern = list.substr(0, end);
    list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
    if (address ? AddressFits(*address, pattern) : NameFits(host, pattern)) return true;
  }
  return false;
}

}  // namespace

ProxyVariables ProxyVariables::OfProcess() {
  return {.http = FirstOf({"http_proxy"}),
          .https = FirstOf({"https_proxy", "HTTPS_PROXY"}),
          .all = FirstOf({"all_proxy", "ALL_PROXY"}),
          .none = FirstOf({"no_proxy", "NO_PROXY"})};
}

std::string ProxyFor(const Url& url, const ProxyVariables& variables) {
  const std::string& own = url.scheme == "https" ? variables.https : variables.http;
  const std::string& proxy = own.empty() ? variables.all : own;
  if (proxy.empty() || IsLoopbackHost(url.host) || IsExempt(url.host, variables.none)) return {};
  return proxy;
}

}  // namespace holdfast::http
