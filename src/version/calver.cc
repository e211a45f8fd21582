// Dates and other numbers, and then words (calver.org, "Scheme": MAJOR.MINOR.MICRO.MODIFIER). Numbers stand between
// '.', '-', '_' or ':', a date and a time are joined by a T, missing numbers are 0. A name in front
// ("RELEASE.", "v") and a Z behind the time do not count. Words that name a stage before the release are older
// than none, those that name the release itself ("final") do not count, all others are newer, and so is a single letter
// behind the numbers: "2023-03-20T20-16-18Z" = "RELEASE.2023-03-20T20-16-18Z" < "2023.4a1" < "2023.4-rc1" <
// "2023.4" = "2023.04.0.Final" < "2023.4a" < "2023.4.0.hotfix.1".
//
// A '+' at the end stands for the place right above the version, where ranges begin that begin behind it:
// "1.2" < "1.2+" < "1.2a". No version is written so.
//
// It is for what has no order of an ecosystem: the NVD's ranges of MinIO ("2023-03-20t20-16-18z"), of Windows
// builds ("10.0.17763.5329") and of products named by year. Where an ecosystem distributes such versions, its own
// order decides: PyPI's pip 23.1 is PEP 440, Bitnami's minio 2021.03.04 is Bitnami's.

#include "version/calver.h"

#include "version/digits.h"

namespace holdfast::version {
namespace {

struct Parts {
  std::string_view numbers;  // "2023-03-20T20-16-18"
  std::string_view words;    // "hotfix.1"
  bool above = false;        // right above it
};

// "1.0.2b" is a patch of 1.0.2, "1.0.2b1" its beta.
bool IsPatchLetter(std::string_view words) { return words.size() == 1 && IsAlpha(words.front()); }

bool NamesRelease(std::string_view words) {
  for (const std::string_view name : {"final", "ga", "release"})
    if (CompareIgnoringCase(words, name) == 0) return true;
  return false;
}

bool JoinsNumbers(char c) { return c == '.' || c == '-' || c == '_' || c == ':' || c == 'T' || c == 't'; }

std::string_view DropName(std::string_view text) {
  std::string_view rest = text;
  if (TakeWhile(rest, IsAlpha).empty()) return text;
  if (rest.starts_with('.') || rest.starts_with('-')) rest.remove_prefix(1);
  return rest;
}

std::optional<Parts> Split(std::string_view text) {
  text = DropName(TrimBlanks(text));
  Parts parts;
  if (text.ends_with('+')) {
    parts.above = true;
    text.remove_suffix(1);
  }
  parts.numbers = TakeNumbers(text, JoinsNumbers);
  if (parts.numbers.empty()) return std::nullopt;
  if ((text.starts_with('Z') || text.starts_with('z')) && (text.size() == 1 || !IsAlpha(text[1])))
    text.remove_prefix(1);
  if (!text.empty() && JoinsNumbers(text.front()) && !IsAlpha(text.front())) text.remove_prefix(1);
  if (!NamesRelease(text)) parts.words = text;
  return parts;
}

std::string_view TakeNumber(std::string_view& numbers) {
  const std::string_view digits = TakeDigits(numbers);
  if (!numbers.empty()) numbers.remove_prefix(1);
  return digits;
}

// Against the release itself, which has no words: -1, 0 or 1.
int Stage(std::string_view words) {
  if (words.empty()) return 0;
  if (IsPatchLetter(words)) return 1;
  const std::string_view word = TakeWhile(words, IsAlpha);
  for (const std::string_view early : {"dev", "alpha", "a", "beta", "b", "c", "rc", "pre", "preview", "snapshot", "eap",
                                       "ea", "m", "milestone", "canary", "nightly"})
    if (CompareIgnoringCase(word, early) == 0) return -1;
  return 1;
}

// Words and numbers in turn, numbers below words, more above fewer: "rc2" < "rc10".
std::strong_ordering CompareWords(std::string_view a, std::string_view b) {
  const auto is_separator = [](char c) { return !IsDigit(c) && !IsAlpha(c); };
  while (true) {
    static_cast<void>(TakeWhile(a, is_separator));
    static_cast<void>(TakeWhile(b, is_separator));
    if (a.empty() || b.empty()) return b.empty() <=> a.empty();
    const bool number = IsDigit(a.front());
    if (number != IsDigit(b.front())) return number ? std::strong_ordering::less : std::strong_ordering::greater;
    const auto order = number ? CompareDigits(TakeDigits(a), TakeDigits(b))
                              : CompareIgnoringCase(TakeWhile(a, IsAlpha), TakeWhile(b, IsAlpha));
    if (order != 0) return order;
  }
}

}  // namespace

std::optional<std::strong_ordering> CompareCalver(std::string_view a, std::string_view b) {
  const auto left = Split(a), right = Split(b);
  if (!left || !right) return std::nullopt;
  std::string_view numbers_left = left->numbers, numbers_right = right->numbers;
  while (!numbers_left.empty() || !numbers_right.empty())
    if (const auto order = CompareDigits(TakeNumber(numbers_left), TakeNumber(numbers_right)); order != 0) return order;
  if (const auto order = Stage(left->words) <=> Stage(right->words); order != 0) return order;
  if (const auto order = CompareWords(left->words, right->words); order != 0) return order;
  return left->above <=> right->above;
}

}  // namespace holdfast::version
