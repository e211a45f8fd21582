// Look-around at the edge of a word, put in terms of linear time.
//
// Expressions for secrets have been written for backtracking engines: "exactly twenty capitals" is there
// ".*(?<![A-Z0-9])[A-Z0-9]{20}(?![A-Z0-9]).*". For lines that are matched from their start and freely end, that is
// "(?:.*[^A-Z0-9])?[A-Z0-9]{20}(?:[^A-Z0-9]|$)": what the looks forbid is matched instead, as one character that is
// not of the class. Where the text before ".*" ends in a character of the class itself, the result is wider than the
// original ("key=" before a class with '='). Only these forms are translated: a negative look-behind of one class
// (brackets, or one of \w \d \s) at the start or after ".*", and a negative look-ahead of one class at the end or
// before a last ".*". Anything else stays as it is, for RE2 to refuse.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::regex {

[[nodiscard]] std::string TranslateBoundaries(std::string_view expression);

}  // namespace holdfast::regex
