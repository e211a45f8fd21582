// Two versions, separated by a newline, compared by every scheme: the answer must not depend on the order in
// which they are given, and each must be equal to itself. With a third one: the order must be transitive, and
// equal versions interchangeable.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "version/scheme.h"

namespace {

using holdfast::version::Compare;
using holdfast::version::Scheme;

void CheckPair(const Scheme& scheme, std::string_view a, std::string_view b) {
  const auto forth = Compare(scheme, a, b), back = Compare(scheme, b, a);
  if (forth.has_value() != back.has_value()) std::abort();
  if (forth && (*forth < 0) != (*back > 0)) std::abort();
  if (forth && (*forth == 0) != (*back == 0)) std::abort();
  const auto self = Compare(scheme, a, a);
  if (self && *self != 0) std::abort();
}

void CheckTriple(const Scheme& scheme, std::string_view a, std::string_view b, std::string_view c) {
  const auto ab = Compare(scheme, a, b), bc = Compare(scheme, b, c), ac = Compare(scheme, a, c);
  if (!ab || !bc || !ac) return;
  if (*ab <= 0 && *bc <= 0 && *ac > 0) std::abort();
  if (*ab >= 0 && *bc >= 0 && *ac < 0) std::abort();
  if (*ab == 0 && *bc != *ac) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::array<std::string_view, 3> versions;
  std::size_t count = 0;
  for (std::size_t newline = 0; count < versions.size() && newline != std::string_view::npos; ++count) {
    newline = text.find('\n');
    versions[count] = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
  if (count < 2) return 0;
  for (const Scheme& scheme : holdfast::version::AllSchemes()) {
    CheckPair(scheme, versions[0], versions[1]);
    // Maven's own ComparableVersion goes in circles for what nobody publishes: ".RC" > "p+:ga" > "." > ".RC".
    if (count == 3 && scheme.id != "maven") CheckTriple(scheme, versions[0], versions[1], versions[2]);
  }
  return 0;
}
