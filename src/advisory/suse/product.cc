#include "advisory/suse/product.h"

#include <algorithm>
#include <array>

namespace holdfast::advisory {
namespace {

constexpr std::string_view kInstalled = " is installed";
constexpr std::array<std::string_view, 3> kVendors = {"SUSE ", "openSUSE ", "Open Enterprise "};
constexpr std::array<std::string_view, 4> kKept = {"Linux Enterprise Server ", "Linux Enterprise Module for ",
                                                   "Linux Enterprise Micro ", "Linux Micro "};
constexpr std::array<std::string_view, 2> kLongTerm = {"-LTSS", " LTSS"};

bool IsVersion(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

// "15", "15 SP4", "16.0".
bool IsRelease(std::string_view text) {
  const std::size_t pack = text.find(" SP");
  return IsVersion(text.substr(0, pack)) && (pack == std::string_view::npos || IsVersion(text.substr(pack + 3)));
}

std::optional<SuseProduct> EnterpriseProduct(std::string_view name) {
  const auto* kept = std::ranges::find_if(kKept, [&](std::string_view prefix) { return name.starts_with(prefix); });
  if (kept == kKept.end()) return std::nullopt;
  const bool long_term =
      std::ranges::any_of(kLongTerm, [&](std::string_view ending) { return name.ends_with(ending); });
  if (long_term) name.remove_suffix(kLongTerm.front().size());
  std::size_t blank = name.rfind(' ');
  if (name.substr(blank).starts_with(" SP")) blank = name.rfind(' ', blank - 1);
  const std::string_view release = name.substr(blank + 1);
  // A module's name is any words before its release; others are only what they are ("Server for SAP Applications 15").
  const bool module_of = kept->ends_with(" for ");
  if (!IsRelease(release) || (!module_of && name.size() != kept->size() + release.size())) return std::nullopt;
  return SuseProduct{"SUSE", std::string(name), long_term};
}

}  // namespace

bool IsSuseProductSentence(std::string_view comment) {
  return comment.ends_with(kInstalled) &&
         std::ranges::any_of(kVendors, [&](std::string_view vendor) { return comment.starts_with(vendor); });
}

std::optional<SuseProduct> FindSuseProduct(std::string_view name) {
  constexpr std::string_view kOpen = "openSUSE ", kSuse = "SUSE ";
  if (name.starts_with(kOpen)) return SuseProduct{"openSUSE", std::string(name.substr(kOpen.size())), false};
  if (name.starts_with(kSuse)) return EnterpriseProduct(name.substr(kSuse.size()));
  return std::nullopt;
}

std::optional<SuseProduct> ParseSuseProduct(std::string_view comment) {
  if (!IsSuseProductSentence(comment)) return std::nullopt;
  comment.remove_suffix(kInstalled.size());
  return FindSuseProduct(comment);
}

}  // namespace holdfast::advisory
