// Challenge: one authentication scheme offered in a WWW-Authenticate header (RFC 9110 section 11.6.1).
// A header may offer several, and its commas both divide challenges and parameters of one.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::http {

struct Challenge {
  std::string scheme;                             // lower case: "basic", "bearer"
  std::string token68;                            // "Negotiate dG9r": the bare token
  std::map<std::string, std::string> parameters;  // names in lower case; quotes and escapes undone

  [[nodiscard]] std::string_view Parameter(const std::string& name) const;
  friend bool operator==(const Challenge&, const Challenge&) = default;
};

// Never fails: reads as far as the value makes sense. At most 16 challenges of 32 parameters.
[[nodiscard]] std::vector<Challenge> ParseChallenges(std::string_view value);

}  // namespace holdfast::http
