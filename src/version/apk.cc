// digits {.digits} [letter] {_suffix[digits]} [-r digits], as apk-tools 2 reads it (src/version.c): a token at
// a time, each of a kind that may follow the one before. Where the kinds of two versions part, the one that
// goes on is newer, unless it goes on with a pre-release suffix. What is no token any more counts as the
// lowest kind, so that every text has a place. A part with leading zeros sorts as a fraction.

#include "version/apk.h"

#include <array>
#include <cstdint>
#include <string_view>

#include "version/digits.h"

namespace holdfast::version {
namespace {

enum class Kind : std::int8_t { kInvalid = -1, kFraction, kDigits, kLetter, kSuffix, kSuffixNumber, kRevision, kEnd };

constexpr std::array<std::string_view, 4> kBefore = {"alpha", "beta", "pre", "rc"};
constexpr std::array<std::string_view, 5> kAfter = {"cvs", "svn", "git", "hg", "p"};

struct Token {
  std::string_view digits;  // for numbers
  std::int64_t value = 0;   // for the rest; negative: sorts before nothing
};

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] Kind Next() const { return kind_; }

  Token Take() {
    if (rest_.empty()) {
      kind_ = Kind::kEnd;
      return {};
    }
    switch (kind_) {
      case Kind::kFraction:
        if (rest_.front() == '0') return TakeZeros();
        return TakeNumber();
      case Kind::kDigits:
      case Kind::kSuffixNumber:
      case Kind::kRevision: return TakeNumber();
      case Kind::kLetter: {
        const Token token{{}, static_cast<unsigned char>(rest_.front())};
        rest_.remove_prefix(1);
        Advance();
        return token;
      }
      case Kind::kSuffix: return TakeSuffix();
      case Kind::kInvalid:
      case Kind::kEnd: break;
    }
    kind_ = Kind::kInvalid;
    return {{}, -1};
  }

 private:
  Token TakeNumber() {
    const Token token{TakeDigits(rest_), 0};
    Advance();
    return token;
  }

  // The more zeros in front, the smaller.
  Token TakeZeros() {
    const auto zeros = TakeWhile(rest_, [](char c) { return c == '0'; });
    if (rest_.empty())
      kind_ = Kind::kEnd;
    else
      kind_ = Kind::kDigits;
    return {{}, -static_cast<std::int64_t>(zeros.size())};
  }

  Token TakeSuffix() {
    for (std::size_t i = 0; i < kBefore.size(); ++i)
      if (rest_.starts_with(kBefore[i]))
        return EndSuffix(kBefore[i], static_cast<std::int64_t>(i) - static_cast<std::int64_t>(kBefore.size()));
    for (std::size_t i = 0; i < kAfter.size(); ++i)
      if (rest_.starts_with(kAfter[i])) return EndSuffix(kAfter[i], static_cast<std::int64_t>(i));
    kind_ = Kind::kInvalid;
    return {{}, -1};
  }
  Token EndSuffix(std::string_view suffix, std::int64_t value) {
    rest_.remove_prefix(suffix.size());
    Advance();
    return {{}, value};
  }

  // What kind of token comes next, and may it?
  void Advance() {
    const Kind before = kind_;
    Kind next = Kind::kInvalid;
    if (rest_.empty()) {
      next = Kind::kEnd;
    } else if ((before == Kind::kDigits || before == Kind::kFraction) && rest_.front() >= 'a' && rest_.front() <= 'z') {
      next = Kind::kLetter;
    } else if (before == Kind::kLetter && IsDigit(rest_.front())) {
      next = Kind::kDigits;
    } else if (before == Kind::kSuffix && IsDigit(rest_.front())) {
      next = Kind::kSuffixNumber;
    } else {
      if (rest_.front() == '.') {
        next = Kind::kFraction;
      } else if (rest_.front() == '_') {
        next = Kind::kSuffix;
      } else if (rest_.starts_with("-r")) {
        next = Kind::kRevision;
        rest_.remove_prefix(1);
      }
      rest_.remove_prefix(1);
    }
    const bool may_go_back = (next == Kind::kFraction && before == Kind::kDigits) ||
                             (next == Kind::kSuffix && before == Kind::kSuffixNumber) ||
                             (next == Kind::kDigits && before == Kind::kLetter);
    kind_ = next < before && !may_go_back ? Kind::kInvalid : next;
  }

  std::string_view rest_;
  Kind kind_ = Kind::kDigits;
};

// Numbers are never negative, so a token that is negative sorts before any number.
std::strong_ordering CompareTokens(const Token& a, const Token& b) {
  if (a.value < 0 || b.value < 0 || (a.digits.empty() && b.digits.empty())) return a.value <=> b.value;
  return CompareDigits(a.digits, b.digits);
}

}  // namespace

std::optional<std::strong_ordering> CompareApk(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return std::nullopt;
  Reader left(a), right(b);
  while (left.Next() == right.Next() && left.Next() != Kind::kEnd && left.Next() != Kind::kInvalid)
    if (const auto order = CompareTokens(left.Take(), right.Take()); order != 0) return order;
  if (left.Next() == right.Next()) return std::strong_ordering::equal;
  // Equal so far: the one that goes on is newer, unless with a pre-release suffix.
  const Kind kind_left = left.Next(), kind_right = right.Next();
  if (kind_left == Kind::kSuffix && left.Take().value < 0) return std::strong_ordering::less;
  if (kind_right == Kind::kSuffix && right.Take().value < 0) return std::strong_ordering::greater;
  return kind_right <=> kind_left;
}

}  // namespace holdfast::version
