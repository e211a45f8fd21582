// [epoch:]pkgver[-pkgrel] (PKGBUILD(5), "pkgver", "pkgrel", "epoch"; vercmp(8); alpm_pkg_vercmp of libalpm).
// Like rpm's order with two differences. The separators between segments count by their number:
// "1.0" < "1.0.0" < "1..0". And letters are older than the end only when nothing separates them:
// "1.0a" < "1.0" < "1.0.a" < "1.0.1".
//
// vercmp holds "1.0" equal to both "1.0-1" and "1.0-2", and "1.0." newer than "1.0" but older than "1.0.1". No
// order can. Here a missing pkgrel is older than any, and separators at the end do not count; Arch's advisories
// always state the pkgrel, and no package is named so.

#include "version/pacman.h"

#include "version/digits.h"

namespace holdfast::version {
namespace {

bool IsSeparator(char c) { return !IsDigit(c) && !IsAlpha(c); }

std::string_view TrimSeparators(std::string_view text) {
  while (!text.empty() && IsSeparator(text.back())) text.remove_suffix(1);
  return text;
}

struct Parts {
  std::string_view epoch, version, release;
};

std::optional<Parts> Split(std::string_view text) {
  Parts parts;
  std::string_view rest = text;
  const std::string_view epoch = TakeDigits(rest);
  if (rest.starts_with(':')) {
    parts.epoch = epoch;
    text = rest.substr(1);
  }
  const std::size_t dash = text.rfind('-');
  parts.version = TrimSeparators(text.substr(0, dash));
  if (dash != std::string_view::npos) parts.release = TrimSeparators(text.substr(dash + 1));
  if (parts.version.empty()) return std::nullopt;
  return parts;
}

// `rest` follows where the other text ends.
std::strong_ordering CompareEndWith(std::string_view rest) {
  return IsAlpha(rest.front()) ? std::strong_ordering::greater : std::strong_ordering::less;
}

std::strong_ordering ComparePart(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const std::size_t separators_a = TakeWhile(a, IsSeparator).size(), separators_b = TakeWhile(b, IsSeparator).size();
    if (separators_a != separators_b) return separators_a <=> separators_b;
    const bool number = IsDigit(a.front());
    if (number != IsDigit(b.front())) return number ? std::strong_ordering::greater : std::strong_ordering::less;
    const auto order = number ? CompareDigits(TakeDigits(a), TakeDigits(b))
                              : TakeWhile(a, IsAlpha).compare(TakeWhile(b, IsAlpha)) <=> 0;
    if (order != 0) return order;
  }
  if (a.empty() && b.empty()) return std::strong_ordering::equal;
  return a.empty() ? CompareEndWith(b) : 0 <=> CompareEndWith(a);
}

}  // namespace

std::optional<std::strong_ordering> ComparePacman(std::string_view a, std::string_view b) {
  const auto left = Split(a), right = Split(b);
  if (!left || !right) return std::nullopt;
  if (const auto order = CompareDigits(left->epoch, right->epoch); order != 0) return order;
  if (const auto order = ComparePart(left->version, right->version); order != 0) return order;
  if (left->release.empty() || right->release.empty()) return right->release.empty() <=> left->release.empty();
  return ComparePart(left->release, right->release);
}

}  // namespace holdfast::version
