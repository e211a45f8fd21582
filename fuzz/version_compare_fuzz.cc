// Two versions, separated by a newline, compared by every scheme: the answer must not depend on the order in
// which they are given, and each must be equal to itself.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "version/scheme.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = text.find('\n');
  if (newline == std::string_view::npos) return 0;
  const std::string_view a = text.substr(0, newline), b = text.substr(newline + 1);
  for (const char* id : {"dpkg", "rpm", "apk", "pep440", "semver", "npm", "maven", "gem", "go"}) {
    const auto& scheme = *holdfast::version::FindScheme(id);
    const auto forth = holdfast::version::Compare(scheme, a, b), back = holdfast::version::Compare(scheme, b, a);
    if (forth.has_value() != back.has_value()) std::abort();
    if (forth && (*forth < 0) != (*back > 0)) std::abort();
    if (forth && (*forth == 0) != (*back == 0)) std::abort();
    const auto self = holdfast::version::Compare(scheme, a, a);
    if (self && *self != 0) std::abort();
  }
  return 0;
}
