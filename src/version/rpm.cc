// [epoch:]version[-release], each part compared by segments of digits or letters; other characters only
// separate. '~' sorts before everything, '^' after the end and before anything else (rpm-version(7),
// rpmio/rpmvercmp.c). A missing epoch is 0. A missing release sorts before any other, so that the order is
// total; rpm itself leaves the release out when one side has none, which callers that want it do.

#include "version/rpm.h"

#include "version/digits.h"

namespace holdfast::version {
namespace {

struct Parts {
  std::string_view epoch, version, release;
};

std::optional<Parts> Split(std::string_view text) {
  Parts parts;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos && AllDigits(text.substr(0, colon))) {
    parts.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (text.empty()) return std::nullopt;
  const std::size_t dash = text.rfind('-');
  parts.version = text.substr(0, dash);
  if (dash != std::string_view::npos) parts.release = text.substr(dash + 1);
  return parts;
}

bool IsSeparator(char c) { return !IsDigit(c) && !IsAlpha(c) && c != '~' && c != '^'; }

// '~' and '^' at the front of either side; nothing when the segments decide.
std::optional<std::strong_ordering> CompareMarks(std::string_view& a, std::string_view& b) {
  const bool tilde_a = a.starts_with('~'), tilde_b = b.starts_with('~');
  if (tilde_a != tilde_b) return tilde_a ? std::strong_ordering::less : std::strong_ordering::greater;
  const bool caret_a = a.starts_with('^'), caret_b = b.starts_with('^');
  if (caret_a != caret_b) {
    if (a.empty()) return std::strong_ordering::less;
    if (b.empty()) return std::strong_ordering::greater;
    return caret_a ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return std::nullopt;
}

std::strong_ordering ComparePart(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    (void)TakeWhile(a, IsSeparator);
    (void)TakeWhile(b, IsSeparator);
    if (const auto order = CompareMarks(a, b)) return *order;
    if (a.starts_with('~') || a.starts_with('^')) {
      a.remove_prefix(1);
      b.remove_prefix(1);
      continue;
    }
    if (a.empty() || b.empty()) break;
    const bool number = IsDigit(a.front());
    // A number is newer than letters.
    if (number != IsDigit(b.front())) return number ? std::strong_ordering::greater : std::strong_ordering::less;
    const auto order = number ? CompareDigits(TakeDigits(a), TakeDigits(b))
                              : TakeWhile(a, IsAlpha).compare(TakeWhile(b, IsAlpha)) <=> 0;
    if (order != 0) return order;
  }
  return b.empty() <=> a.empty();
}

}  // namespace

std::optional<std::strong_ordering> CompareRpm(std::string_view a, std::string_view b) {
  const auto left = Split(a), right = Split(b);
  if (!left || !right) return std::nullopt;
  if (const auto order = CompareDigits(left->epoch, right->epoch); order != 0) return order;
  if (const auto order = ComparePart(left->version, right->version); order != 0) return order;
  return ComparePart(left->release, right->release);
}

}  // namespace holdfast::version
