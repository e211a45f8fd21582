// [epoch:]upstream[-revision]. Upstream and revision are compared in turns of a part without digits and a
// number. In the first, '~' sorts before everything, even the end, and letters before other characters
// (Debian Policy 5.6.12; deb-version(7)). Tested by all lines of the version-order corpus and against dpkg.

#include "version/dpkg.h"

#include "version/digits.h"

namespace holdfast::version {
namespace {

struct Parts {
  std::string_view epoch, upstream, revision;
};

std::optional<Parts> Split(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  Parts parts;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    parts.epoch = text.substr(0, colon);
    if (!AllDigits(parts.epoch)) return std::nullopt;
    text.remove_prefix(colon + 1);
  }
  if (text.empty()) return std::nullopt;
  const std::size_t dash = text.rfind('-');
  parts.upstream = text.substr(0, dash);
  if (dash != std::string_view::npos) parts.revision = text.substr(dash + 1);
  return parts;
}

// The end counts as 0, as does a digit, which ends the part.
int OrderOf(std::string_view text) {
  if (text.empty() || IsDigit(text.front())) return 0;
  const char c = text.front();
  if (c == '~') return -1;
  return IsAlpha(c) ? static_cast<unsigned char>(c) : static_cast<unsigned char>(c) + 256;
}

std::strong_ordering ComparePart(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    while ((!a.empty() && !IsDigit(a.front())) || (!b.empty() && !IsDigit(b.front()))) {
      if (const auto order = OrderOf(a) <=> OrderOf(b); order != 0) return order;
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
    if (const auto order = CompareDigits(TakeDigits(a), TakeDigits(b)); order != 0) return order;
  }
  return std::strong_ordering::equal;
}

}  // namespace

std::optional<std::strong_ordering> CompareDpkg(std::string_view a, std::string_view b) {
  const auto left = Split(a), right = Split(b);
  if (!left || !right) return std::nullopt;
  if (const auto order = CompareDigits(left->epoch, right->epoch); order != 0) return order;
  if (const auto order = ComparePart(left->upstream, right->upstream); order != 0) return order;
  return ComparePart(left->revision, right->revision);
}

}  // namespace holdfast::version
