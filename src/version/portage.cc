// digits {.digits} [letter] {_suffix[digits]} [-r digits] (Gentoo Package Manager Specification, sections 3.2
// and 3.3). The first number is compared by value, the others as well unless one has a leading zero: then both
// are compared as fractions, by their digits without zeros at the end. "1.0" < "1.01" < "1.1" < "1.10"; more
// numbers are newer; alpha < beta < pre < rc < none < p; no revision is -r0.

#include "version/portage.h"

#include <array>

#include "version/digits.h"

namespace holdfast::version {
namespace {

struct Parts {
  std::string_view numbers;   // "1.2.3"
  char letter = 0;            // 0: none
  std::string_view suffixes;  // "_rc1_p2"
  std::string_view revision;
};

enum class Kind : unsigned char { kAlpha, kBeta, kPre, kCandidate, kEnd, kPatch, kInvalid };

struct Suffix {
  Kind kind = Kind::kEnd;
  std::string_view number;
};

// kEnd at the end, kInvalid where no suffix begins.
Suffix TakeSuffix(std::string_view& text) {
  if (text.empty()) return {};
  // "pre" before "p", which begins it.
  static constexpr std::array<std::pair<std::string_view, Kind>, 5> kWords = {{{"_alpha", Kind::kAlpha},
                                                                               {"_beta", Kind::kBeta},
                                                                               {"_pre", Kind::kPre},
                                                                               {"_rc", Kind::kCandidate},
                                                                               {"_p", Kind::kPatch}}};
  for (const auto& [word, kind] : kWords) {
    if (!text.starts_with(word)) continue;
    text.remove_prefix(word.size());
    return {kind, TakeDigits(text)};
  }
  return {Kind::kInvalid, {}};
}

bool AreSuffixes(std::string_view text) {
  while (true) {
    const Kind kind = TakeSuffix(text).kind;
    if (kind == Kind::kEnd || kind == Kind::kInvalid) return kind == Kind::kEnd;
  }
}

bool AreNumbers(std::string_view text) {
  for (bool more = true; more;)
    if (!AllDigits(TakePart(text, ".", more))) return false;
  return true;
}

std::optional<Parts> Split(std::string_view text) {
  Parts parts;
  if (const std::size_t dash = text.rfind("-r"); dash != std::string_view::npos) {
    parts.revision = text.substr(dash + 2);
    if (!AllDigits(parts.revision)) return std::nullopt;
    text = text.substr(0, dash);
  }
  parts.numbers = TakeWhile(text, [](char c) { return IsDigit(c) || c == '.'; });
  if (!AreNumbers(parts.numbers)) return std::nullopt;
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    parts.letter = text.front();
    text.remove_prefix(1);
  }
  parts.suffixes = text;
  if (!AreSuffixes(text)) return std::nullopt;
  return parts;
}

std::strong_ordering CompareFractions(std::string_view a, std::string_view b) {
  while (a.ends_with('0')) a.remove_suffix(1);
  while (b.ends_with('0')) b.remove_suffix(1);
  return a.compare(b) <=> 0;
}

std::strong_ordering CompareNumbers(std::string_view a, std::string_view b) {
  bool more_a = true, more_b = true;
  for (bool first = true; more_a && more_b; first = false) {
    const std::string_view left = TakePart(a, ".", more_a), right = TakePart(b, ".", more_b);
    const bool fractions = !first && (left.starts_with('0') || right.starts_with('0'));
    const auto order = fractions ? CompareFractions(left, right) : CompareDigits(left, right);
    if (order != 0) return order;
  }
  return more_a <=> more_b;
}

std::strong_ordering CompareSuffixes(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const Suffix left = TakeSuffix(a), right = TakeSuffix(b);
    if (const auto order = left.kind <=> right.kind; order != 0) return order;
    if (const auto order = CompareDigits(left.number, right.number); order != 0) return order;
  }
  return std::strong_ordering::equal;
}

}  // namespace

std::optional<std::strong_ordering> ComparePortage(std::string_view a, std::string_view b) {
  const auto left = Split(a), right = Split(b);
  if (!left || !right) return std::nullopt;
  if (const auto order = CompareNumbers(left->numbers, right->numbers); order != 0) return order;
  if (const auto order = left->letter <=> right->letter; order != 0) return order;
  if (const auto order = CompareSuffixes(left->suffixes, right->suffixes); order != 0) return order;
  return CompareDigits(left->revision, right->revision);
}

}  // namespace holdfast::version
