// [v][N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local] with all the spellings that PEP 440 normalises ("1.0-alpha1",
// "1.0.rev3", "1.0-1"). Order: epoch, release without trailing zeros, then pre-release, post-release and
// development release as packaging.version's sort key has them, then the local part.

#include "version/pep440.h"

#include <array>
#include <utility>

#include "version/digits.h"

namespace holdfast::version {
namespace {

// dev alone < a < b < rc < none
enum class Pre : unsigned char { kDevOnly, kAlpha, kBeta, kCandidate, kNone };

struct Parts {
  std::string_view epoch, release;
  Pre pre = Pre::kNone;
  std::string_view pre_number, post_number, dev_number, local;
  bool has_post = false, has_dev = false;
};

bool IsSeparator(char c) { return c == '.' || c == '-' || c == '_'; }

// Does the text go on with `word`, in any case, after at most one separator? If so, takes both.
bool TakeWord(std::string_view& text, std::string_view word) {
  std::string_view rest = text;
  if (!rest.empty() && IsSeparator(rest.front())) rest.remove_prefix(1);
  if (rest.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (ToLower(rest[i]) != word[i]) return false;
  text = rest.substr(word.size());
  return true;
}

// The number after a word, with at most one separator in front of it. None counts as 0.
std::string_view TakeNumber(std::string_view& text) {
  std::string_view rest = text;
  if (rest.size() > 1 && IsSeparator(rest.front()) && IsDigit(rest[1])) rest.remove_prefix(1);
  const std::string_view digits = TakeDigits(rest);
  if (!digits.empty()) text = rest;
  return digits;
}

void TakePre(std::string_view& text, Parts& parts) {
  static constexpr std::array<std::pair<std::string_view, Pre>, 8> kWords = {{{"alpha", Pre::kAlpha},
                                                                              {"a", Pre::kAlpha},
                                                                              {"beta", Pre::kBeta},
                                                                              {"b", Pre::kBeta},
                                                                              {"preview", Pre::kCandidate},
                                                                              {"pre", Pre::kCandidate},
                                                                              {"rc", Pre::kCandidate},
                                                                              {"c", Pre::kCandidate}}};
  for (const auto& [word, pre] : kWords) {
    if (!TakeWord(text, word)) continue;
    parts.pre = pre;
    parts.pre_number = TakeNumber(text);
    return;
  }
}

void TakePost(std::string_view& text, Parts& parts) {
  if (text.size() > 1 && text.front() == '-' && IsDigit(text[1])) {
    text.remove_prefix(1);
    parts.has_post = true;
    parts.post_number = TakeDigits(text);
    return;
  }
  for (const std::string_view word : {"post", "rev", "r"}) {
    if (!TakeWord(text, word)) continue;
    parts.has_post = true;
    parts.post_number = TakeNumber(text);
    return;
  }
}

bool IsLocal(std::string_view text) {
  if (text.empty() || IsSeparator(text.front()) || IsSeparator(text.back())) return false;
  for (const char c : text)
    if (!IsDigit(c) && !IsAlpha(c) && !IsSeparator(c)) return false;
  return true;
}

std::optional<Parts> Split(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
  Parts parts;
  if (const std::size_t mark = text.find('!'); mark != std::string_view::npos) {
    parts.epoch = text.substr(0, mark);
    if (!AllDigits(parts.epoch)) return std::nullopt;
    text.remove_prefix(mark + 1);
  }
  parts.release = TakeNumbers(text, [](char c) { return c == '.'; });
  if (parts.release.empty()) return std::nullopt;
  TakePre(text, parts);
  TakePost(text, parts);
  if (TakeWord(text, "dev")) {
    parts.has_dev = true;
    parts.dev_number = TakeNumber(text);
  }
  if (text.starts_with('+')) {
    parts.local = text.substr(1);
    text = {};
    if (!IsLocal(parts.local)) return std::nullopt;
  }
  if (!text.empty()) return std::nullopt;
  if (parts.pre == Pre::kNone && !parts.has_post && parts.has_dev) parts.pre = Pre::kDevOnly;
  return parts;
}

std::string_view TakeSegment(std::string_view& text) {
  const std::string_view segment = TakeWhile(text, [](char c) { return !IsSeparator(c); });
  if (!text.empty()) text.remove_prefix(1);
  return segment;
}

std::strong_ordering CompareRelease(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty())
    if (const auto order = CompareDigits(TakeSegment(a), TakeSegment(b)); order != 0) return order;
  return std::strong_ordering::equal;
}

// Segment by segment: numbers above words, more above fewer.
std::strong_ordering CompareLocal(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const std::string_view left = TakeSegment(a), right = TakeSegment(b);
    const bool number_left = AllDigits(left), number_right = AllDigits(right);
    if (number_left != number_right) return number_left ? std::strong_ordering::greater : std::strong_ordering::less;
    const auto order = number_left ? CompareDigits(left, right) : CompareIgnoringCase(left, right);
    if (order != 0) return order;
  }
  return b.empty() <=> a.empty();
}

}  // namespace

std::optional<std::strong_ordering> ComparePep440(std::string_view a, std::string_view b) {
  const auto left = Split(a), right = Split(b);
  if (!left || !right) return std::nullopt;
  if (const auto order = CompareDigits(left->epoch, right->epoch); order != 0) return order;
  if (const auto order = CompareRelease(left->release, right->release); order != 0) return order;
  if (const auto order = left->pre <=> right->pre; order != 0) return order;
  if (const auto order = CompareDigits(left->pre_number, right->pre_number); order != 0) return order;
  if (left->has_post != right->has_post) return left->has_post <=> right->has_post;
  if (const auto order = CompareDigits(left->post_number, right->post_number); order != 0) return order;
  if (left->has_dev != right->has_dev) return right->has_dev <=> left->has_dev;
  if (const auto order = CompareDigits(left->dev_number, right->dev_number); order != 0) return order;
  return CompareLocal(left->local, right->local);
}

}  // namespace holdfast::version
