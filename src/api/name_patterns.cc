#include "api/name_patterns.h"

#include <algorithm>
#include <array>

namespace holdfast::api {
namespace {

constexpr bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr bool IsInsideName(char c) {
  // '+' to '=' is "+,-./0123456789:;<=" in ASCII.
  return IsAlphanumeric(c) || (c >= '+' && c <= '=') ||
         std::string_view("@.!#$^_`~;").find(c) != std::string_view::npos;
}

constexpr bool IsHexadecimal(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

struct Known {
  std::string_view pattern;
  PatternCheck check;
};
constexpr std::array kKnown = {
    Known{"^[a-zA-Z0-9][a-zA-Z0-9@.!#$+-=^_`~;]{1,126}[a-zA-Z0-9]$", &IsAccountName},
    Known{"^sha256:[a-fA-F0-9]{64}$", &IsSha256Digest},
};

}  // namespace

PatternCheck FindPattern(std::string_view pattern) {
  const auto* found = std::ranges::find(kKnown, pattern, &Known::pattern);
  return found == kKnown.end() ? nullptr : found->check;
}

bool IsAccountName(std::string_view text) {
  if (text.size() < 3 || text.size() > 128) return false;
  return IsAlphanumeric(text.front()) && IsAlphanumeric(text.back()) && std::ranges::all_of(text, &IsInsideName);
}

bool IsSha256Digest(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  return text.size() == kPrefix.size() + 64 && text.starts_with(kPrefix) &&
         std::ranges::all_of(text.substr(kPrefix.size()), &IsHexadecimal);
}

}  // namespace holdfast::api
