// Pattern: how mappings, image lists and allowlist items name what they are about.
//
// "*" stands for any run of characters, also none: "library/*" fits "library/debian". A text that starts with
// "regexp:" is a regular expression: "regexp:v[0-9]+" fits "v12". Both are anchored at both ends. Anything else
// fits itself only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "regex/regex.h"

namespace holdfast::policy {

// What is left of the work that an evaluation may spend on matching. When it is spent, nothing matches any more
// and the evaluation says so.
struct StepBudget {
  std::uint64_t left = 0;
  bool spent = false;

  // False when there is less than that.
  [[nodiscard]] bool Take(std::uint64_t steps);
};

// "*" only. False too when the budget is spent.
[[nodiscard]] bool WildcardMatches(std::string_view pattern, std::string_view text, StepBudget& budget);

class Pattern {
 public:
  Pattern() = default;  // fits the empty text only
  // Errors are those of regex::Regex::Make.
  [[nodiscard]] static Result<Pattern> Make(std::string_view text);

  [[nodiscard]] bool Matches(std::string_view text, StepBudget& budget) const;
  [[nodiscard]] bool IsRegex() const { return regex_.has_value(); }

 private:
  std::string text_;
  std::optional<regex::Regex> regex_;
};

}  // namespace holdfast::policy
