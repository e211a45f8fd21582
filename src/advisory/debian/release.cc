#include "advisory/debian/release.h"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::advisory {
namespace {

constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kVersionBytesMax = 256;
constexpr std::size_t kIdBytesMax = 64;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || IsDigit(c); }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

std::optional<std::string_view> DebianRelease(std::string_view codename) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kReleases = {{
      {"sid", "unstable"},
      {"unstable", "unstable"},
      {"forky", "14"},
      {"trixie", "13"},
      {"bookworm", "12"},
      {"bullseye", "11"},
      {"buster", "10"},
      {"stretch", "9"},
      {"jessie", "8"},
      {"wheezy", "7"},
      {"squeeze", "6"},
      {"lenny", "5"},
      {"etch", "4"},
      {"sarge", "3.1"},
      {"woody", "3.0"},
      {"potato", "2.2"},
      {"duke", "15"},
  }};
  const auto* found = std::ranges::find(kReleases, codename, &std::pair<std::string_view, std::string_view>::first);
  return found != kReleases.end() ? std::optional(found->second) : std::nullopt;
}

bool IsDebianPackageName(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && IsLowerOrDigit(name.front()) &&
         std::ranges::all_of(
             name, [](char c) { return IsLowerOrDigit(c) || IsUpper(c) || std::string_view("+-._").contains(c); });
}

bool IsDebianVersion(std::string_view version) {
  return version.size() <= kVersionBytesMax && std::ranges::any_of(version, IsDigit) &&
         std::ranges::all_of(
             version, [](char c) { return IsLowerOrDigit(c) || IsUpper(c) || std::string_view(".+-~:").contains(c); });
}

bool IsDebianId(std::string_view id) {
  const std::size_t dash = id.find('-');
  return id.size() <= kIdBytesMax && dash != std::string_view::npos && dash > 0 && dash + 1 < id.size() &&
         std::ranges::all_of(id.substr(0, dash), IsUpper) &&
         std::ranges::all_of(id, [](char c) { return IsLowerOrDigit(c) || IsUpper(c) || c == '-'; });
}

}  // namespace holdfast::advisory
