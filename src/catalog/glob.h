// The globs of claims, compiled for matching one path against all of them at once.
#pragma once

#include <string_view>

namespace holdfast::catalog {

// Does `glob` (see Claim::glob) match the whole of `path`? Linear in the path for each '*', so safe on any input.
[[nodiscard]] bool GlobMatches(std::string_view glob, std::string_view path);

}  // namespace holdfast::catalog
