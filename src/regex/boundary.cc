#include "regex/boundary.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/format.h"

namespace holdfast::regex {
namespace {

constexpr std::string_view kBehind = "(?<!", kAhead = "(?!";

// Takes one class and the ')' after it off `rest`; its complement, or nothing when something else stands there.
std::optional<std::string> TakeComplement(std::string_view& rest) {
  std::string_view text = rest;
  std::string complement;
  if (text.size() > 2 && text[0] == '\\' && std::string_view("wdsWDS").find(text[1]) != std::string_view::npos) {
    const auto letter = static_cast<unsigned char>(text[1]);
    complement = {'\\', static_cast<char>(std::isupper(letter) != 0 ? std::tolower(letter) : std::toupper(letter))};
    text.remove_prefix(2);
  } else if (text.size() > 2 && text[0] == '[') {
    const bool negated = text[1] == '^';
    // A ']' that comes first stands for itself.
    std::size_t end = negated ? 3 : 2;
    while (end < text.size() && text[end] != ']') end += text[end] == '\\' ? std::size_t{2} : 1;
    if (end >= text.size()) return std::nullopt;
    const std::string_view inner = text.substr(negated ? 2 : 1, end - (negated ? 2 : 1));
    complement = Format("[{}{}]", negated ? "" : "^", inner);
    text.remove_prefix(end + 1);
  }
  if (complement.empty() || !text.starts_with(')')) return std::nullopt;
  rest = text.substr(1);
  return complement;
}

// Is all before this place flags, as in "(?i)"?
bool IsStart(std::string_view before) {
  if (before.empty()) return true;
  return before.starts_with("(?") && before.find(')') == before.size() - 1 &&
         std::ranges::all_of(before.substr(2, before.size() - 3), [](unsigned char c) { return std::isalpha(c) != 0; });
}

}  // namespace

std::string TranslateBoundaries(std::string_view expression) {
  std::string translated;
  std::string_view rest = expression;
  while (!rest.empty()) {
    if (rest.front() == '\\' && rest.size() > 1) {
      translated += rest.substr(0, 2);
      rest.remove_prefix(2);
      continue;
    }
    std::string_view after = rest;
    if (rest.starts_with(kBehind)) {
      after.remove_prefix(kBehind.size());
      const auto complement = TakeComplement(after);
      const bool free = translated.ends_with(".*") && !translated.ends_with("\\.*");
      if (!complement || (!free && !IsStart(translated))) return std::string(expression);
      if (free) {
        translated.resize(translated.size() - 2);
        translated += Format("(?:.*{})?", *complement);
      }
      rest = after;
    } else if (rest.starts_with(kAhead)) {
      after.remove_prefix(kAhead.size());
      const auto complement = TakeComplement(after);
      if (!complement || !(after.empty() || after == ".*")) return std::string(expression);
      translated += Format("(?:{}|$)", *complement);
      rest = {};
    } else {
      translated += rest.front();
      rest.remove_prefix(1);
    }
  }
  return translated;
}

}  // namespace holdfast::regex
