// Segments of digits or letters; a dash starts a pre-release. Trailing zeros do not count, neither at the end
// nor before the first letters. Letters sort before numbers, so any version with letters is a pre-release
// (rubygems, Gem::Version#<=> and #canonical_segments).

#include "version/gem.h"

#include <string_view>

#include "version/digits.h"

namespace holdfast::version {
namespace {

bool IsValid(std::string_view text) {
  if (text.empty() || !IsDigit(text.front())) return false;
  for (const char c : text)
    if (!IsDigit(c) && !IsAlpha(c) && c != '.' && c != '-') return false;
  return true;
}

std::string_view Trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\n')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

// Walks the canonical segments.
class Segments {
 public:
  explicit Segments(std::string_view text) : rest_(text) {}

  // The next segment; empty at the end, which counts as 0. Runs of zeros are held back until something
  // other than letters or the end follows them.
  std::string_view Next() {
    if (!has_pending_ && zeros_ == 0) Fill();
    if (zeros_ > 0 && pending_is_number_) {
      --zeros_;
      return "0";
    }
    zeros_ = 0;
    has_pending_ = false;
    return pending_;
  }

 private:
  void Fill() {
    pending_ = {};
    pending_is_number_ = false;
    while (true) {
      const std::string_view segment = Raw();
      if (segment.empty()) return;
      if (IsDigit(segment.front()) && CompareDigits(segment, "0") == 0) {
        ++zeros_;
        continue;
      }
      pending_ = segment;
      pending_is_number_ = IsDigit(segment.front());
      has_pending_ = true;
      return;
    }
  }

  std::string_view Raw() {
    while (!rest_.empty() && (rest_.front() == '.' || rest_.front() == '-')) {
      const bool dash = rest_.front() == '-';
      rest_.remove_prefix(1);
      if (dash) return "pre";
    }
    if (rest_.empty()) return {};
    return IsDigit(rest_.front()) ? TakeDigits(rest_) : TakeWhile(rest_, IsAlpha);
  }

  std::string_view rest_, pending_;
  std::size_t zeros_ = 0;
  bool has_pending_ = false, pending_is_number_ = false;
};

}  // namespace

std::optional<std::strong_ordering> CompareGem(std::string_view a, std::string_view b) {
  a = Trim(a);
  b = Trim(b);
  if (a.empty()) a = "0";
  if (b.empty()) b = "0";
  if (!IsValid(a) || !IsValid(b)) return std::nullopt;
  Segments left(a), right(b);
  while (true) {
    const std::string_view one = left.Next(), two = right.Next();
    if (one.empty() && two.empty()) return std::strong_ordering::equal;
    const bool number_one = one.empty() || IsDigit(one.front()), number_two = two.empty() || IsDigit(two.front());
    if (number_one != number_two) return number_one ? std::strong_ordering::greater : std::strong_ordering::less;
    const auto order = number_one ? CompareDigits(one, two) : one.compare(two) <=> 0;
    if (order != 0) return order;
  }
}

}  // namespace holdfast::version
