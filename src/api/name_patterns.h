// The patterns that the API document may use, each with the check that stands for it.
#pragma once

#include <string_view>

namespace holdfast::api {

using PatternCheck = bool (*)(std::string_view);

// Null for a pattern that has no check.
[[nodiscard]] PatternCheck FindPattern(std::string_view pattern);

// Accounts and users: ^[a-zA-Z0-9][a-zA-Z0-9@.!#$+-=^_`~;]{1,126}[a-zA-Z0-9]$, where `+-=` is a range.
[[nodiscard]] bool IsAccountName(std::string_view text);
// "sha256:" and 64 hexadecimal digits.
[[nodiscard]] bool IsSha256Digest(std::string_view text);

}  // namespace holdfast::api
