// Composer fills a version up to four numbers and names its stability (VersionParser::normalize of
// composer/semver), then PHP compares it part by part (version_compare in the PHP manual): any other word < dev
// < alpha = a < beta = b < RC < nothing < number < patch = pl = p, where a word counts by how it begins.
// "1.0-beta2" < "1.0" = "1.0.0.0" = "v1.0.0+build" = "1.0-stable" < "1.0-p1" < "1.0.1".
// "1.2.x-dev" is the end of the branch 1.2: each x, and what follows it, counts 9999999. Other than Composer,
// PHP also reads what has more numbers or unknown words; so does this, but for '#', which PHP holds equal to
// every number.

#include "version/composer.h"

#include <array>

#include "version/digits.h"

namespace holdfast::version {
namespace {

constexpr std::string_view kBranchEnd = "9999999";
constexpr std::size_t kNumbers = 4;  // that Composer fills up to

bool IsSeparator(char c) { return !IsDigit(c) && !IsAlpha(c); }

// Takes "x", "X" or "*" when it is a whole part.
bool TakeWildcard(std::string_view& text) {
  if (text.empty() || (ToLower(text.front()) != 'x' && text.front() != '*')) return false;
  if (text.size() > 1 && !IsSeparator(text[1])) return false;
  text.remove_prefix(1);
  return true;
}

// From oldest to newest what may stand in one place.
enum class Rank : unsigned char { kWord, kDev, kAlpha, kBeta, kCandidate, kEnd, kNumber, kPatch };

struct Part {
  Rank rank = Rank::kEnd;
  std::string_view digits;  // of kNumber
};

Rank RankOf(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, Rank>, 5> kBeginnings = {
      {{"dev", Rank::kDev}, {"a", Rank::kAlpha}, {"b", Rank::kBeta}, {"rc", Rank::kCandidate}, {"p", Rank::kPatch}}};
  for (const auto& [beginning, rank] : kBeginnings)
    if (StartsWithWord(word, beginning)) return rank;
  return Rank::kWord;
}

// The numbers in front, and then what follows them.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  // Nothing after the last one, however often one asks.
  std::optional<std::string_view> NextNumber() {
    std::string_view rest = rest_;
    const bool separated = !TakeWhile(rest, [](char c) { return c == '.' || c == '-' || c == '_'; }).empty();
    std::string_view number;
    if (separated && numbers_ > 0 && numbers_ < kNumbers && TakeWildcard(rest)) {
      branch_ = true;
      number = kBranchEnd;
    } else {
      number = TakeDigits(rest);
    }
    if (!number.empty())
      rest_ = rest;
    else if (branch_ && numbers_ < kNumbers)
      number = kBranchEnd;
    else
      return std::nullopt;
    ++numbers_;
    return number;
  }

  // "stable" is the same as nothing. Requires: there are no more numbers.
  void SkipStable() {
    std::string_view rest = rest_;
    static_cast<void>(TakeWhile(rest, IsSeparator));
    if (CompareIgnoringCase(TakeWhile(rest, IsAlpha), "stable") == 0) rest_ = {};
  }

  Part NextPart() {
    static_cast<void>(TakeWhile(rest_, IsSeparator));
    if (rest_.empty()) return {};
    if (IsDigit(rest_.front())) return {Rank::kNumber, TakeDigits(rest_)};
    return {RankOf(TakeWhile(rest_, IsAlpha)), {}};
  }

 private:
  std::string_view rest_;
  std::size_t numbers_ = 0;
  bool branch_ = false;
};

std::optional<Reader> Read(std::string_view text) {
  text = TrimBlanks(text);
  if (text.size() > 1 && ToLower(text.front()) == 'v' && IsDigit(text[1])) text.remove_prefix(1);
  text = text.substr(0, text.find('+'));
  if (text.empty() || text.find('#') != std::string_view::npos) return std::nullopt;
  return Reader(text);
}

std::strong_ordering CompareNumbers(Reader& a, Reader& b) {
  while (true) {
    const auto left = a.NextNumber(), right = b.NextNumber();
    if (!left && !right) return std::strong_ordering::equal;
    if (const auto order = CompareDigits(left.value_or(""), right.value_or("")); order != 0) return order;
  }
}

std::strong_ordering CompareParts(Reader& a, Reader& b) {
  while (true) {
    const Part left = a.NextPart(), right = b.NextPart();
    if (const auto order = left.rank <=> right.rank; order != 0) return order;
    if (left.rank == Rank::kEnd) return std::strong_ordering::equal;
    if (const auto order = CompareDigits(left.digits, right.digits); order != 0) return order;
  }
}

}  // namespace

std::optional<std::strong_ordering> CompareComposer(std::string_view a, std::string_view b) {
  auto left = Read(a), right = Read(b);
  if (!left || !right) return std::nullopt;
  if (const auto order = CompareNumbers(*left, *right); order != 0) return order;
  left->SkipStable();
  right->SkipStable();
  return CompareParts(*left, *right);
}

}  // namespace holdfast::version
