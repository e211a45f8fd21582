// Words and lists of words in parameter values and names: ASCII case, blanks and commas.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::policy {

[[nodiscard]] std::string LowerCase(std::string_view text);                          // ASCII only
[[nodiscard]] bool SameIgnoringCase(std::string_view left, std::string_view right);  // ASCII only
// Without blanks (space, tab, line ends) at both ends.
[[nodiscard]] std::string_view Trimmed(std::string_view text);
// The trimmed elements of a comma list; empty ones are left out. Views into `text`.
[[nodiscard]] std::vector<std::string_view> SplitList(std::string_view text);

}  // namespace holdfast::policy
