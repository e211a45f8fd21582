// Wildcards: each star first takes nothing; on a mismatch the last star takes one character more. Earlier stars
// need no second thought, since the shortest fit of what follows them leaves most to the rest. At most
// |text| x |longest part between stars| steps, which the budget counts.

#include "policy/pattern.h"

namespace holdfast::policy {

bool StepBudget::Take(std::uint64_t steps) {
  if (steps > left) {
    left = 0;
    spent = true;
    return false;
  }
  left -= steps;
  return true;
}

bool WildcardMatches(std::string_view pattern, std::string_view text, StepBudget& budget) {
  std::size_t at = 0, in = 0;
  std::size_t star = std::string_view::npos, taken = 0;
  while (in < text.size()) {
    if (!budget.Take(1)) return false;
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      taken = in;
    } else if (at < pattern.size() && pattern[at] == text[in]) {
      ++at;
      ++in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

Result<Pattern> Pattern::Make(std::string_view text) {
  constexpr std::string_view kRegexMark = "regexp:";
  Pattern pattern;
  pattern.text_ = text;
  if (text.starts_with(kRegexMark)) {
    HF_TRY(pattern.regex_, regex::Regex::Make(text.substr(kRegexMark.size())));
  }
  return pattern;
}

bool Pattern::Matches(std::string_view text, StepBudget& budget) const {
  if (!regex_) return WildcardMatches(text_, text, budget);
  return budget.Take((text.size() + 1) * regex_->StepsPerByte()) && regex_->MatchesWhole(text);
}

}  // namespace holdfast::policy
