// Versions of Java itself: $VNUM[-$PRE][+$BUILD][-$OPT] (JEP 223 and 322; java.lang.Runtime.Version), "17.0.9-ea+7",
// and the form before it, "1.8.0_252-b09" or "8u252", which is 8.0.252 (JEP 223, "Version numbers"). Release names
// "jdk8u252-b09", "jdk-17.0.9+9" are read too. Missing numbers are 0; a version with $PRE is older than the one
// without: "1.7.0_80" < "8u252" = "8.0.252" < "11" = "11.0" < "11.0.2-ea" < "11.0.2".
//
// Build and $OPT do not count, though Runtime.Version compares them: advisories name releases, and what is
// said of 8u252 has to hold for 1.8.0_252-b09.

#include "version/jvm.h"

#include "version/digits.h"
#include "version/semver.h"

namespace holdfast::version {
namespace {

struct Parts {
  std::string_view numbers;  // "8u252"; "8.0_252" of "1.8.0_252"
  std::string_view prerelease;
};

bool IsWordChar(char c) { return IsDigit(c) || IsAlpha(c); }

std::string_view DropName(std::string_view text) {
  if (!StartsWithWord(text, "jdk") && !StartsWithWord(text, "jre")) return text;
  text.remove_prefix(3);
  if (text.starts_with('-')) text.remove_prefix(1);
  return text;
}

bool JoinsNumbers(char c) { return c == '.' || c == '_' || c == 'u'; }

// Before JEP 223 what follows a dash may be a build ("-b09") or the maker's; these words say that it is not final.
bool IsEarly(std::string_view word) {
  for (const std::string_view early : {"ea", "alpha", "beta", "rc", "internal"})
    if (StartsWithWord(word, early)) return true;
  return false;
}

std::optional<Parts> Split(std::string_view text) {
  text = DropName(TrimBlanks(text));
  Parts parts;
  parts.numbers = TakeNumbers(text, JoinsNumbers);
  if (parts.numbers.empty()) return std::nullopt;
  const bool old = parts.numbers.starts_with("1.") || parts.numbers.find_first_of("_u") != std::string_view::npos;
  if (parts.numbers.starts_with("1.")) parts.numbers.remove_prefix(2);
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    const std::string_view word = TakeWhile(text, IsWordChar);
    if (!old || IsEarly(word)) parts.prerelease = word;
    if (old) return parts;
  }
  if (!text.empty() && text.front() != '+' && text.front() != '-') return std::nullopt;
  return parts;
}

class Numbers {
 public:
  explicit Numbers(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool AtEnd() const { return rest_.empty() && gap_ == 0; }
  // No digits, which count as 0, at the end and for what an update's number leaves out: 8u252 is 8.0.252.
  std::string_view Next() {
    if (gap_ > 0) {
      --gap_;
      return {};
    }
    const std::string_view digits = TakeDigits(rest_);
    if (!rest_.empty()) {
      if (rest_.front() != '.' && first_) gap_ = 1;
      rest_.remove_prefix(1);
    }
    first_ = false;
    return digits;
  }

 private:
  std::string_view rest_;
  std::size_t gap_ = 0;
  bool first_ = true;
};

}  // namespace

std::optional<std::strong_ordering> CompareJvm(std::string_view a, std::string_view b) {
  const auto left = Split(a), right = Split(b);
  if (!left || !right) return std::nullopt;
  Numbers numbers_left(left->numbers), numbers_right(right->numbers);
  while (!numbers_left.AtEnd() || !numbers_right.AtEnd())
    if (const auto order = CompareDigits(numbers_left.Next(), numbers_right.Next()); order != 0) return order;
  if (left->prerelease.empty() || right->prerelease.empty())
    return left->prerelease.empty() <=> right->prerelease.empty();
  return CompareIdentifiers(left->prerelease, right->prerelease);
}

}  // namespace holdfast::version
