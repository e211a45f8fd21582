// Lines of keys in a YAML text, for messages.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace holdfast::config::internal {

using LineMap = std::map<std::string, std::size_t, std::less<>>;

// The line of each key of block mappings, by path. A guess by indentation: keys in braces and inside of sequences are
// not found, and a text block may show some that are none.
[[nodiscard]] LineMap FindLines(std::string_view yaml);

// The line of a key, or else of the innermost block around it; 0: not known.
[[nodiscard]] std::size_t LineOf(const LineMap& lines, std::string_view path);

}  // namespace holdfast::config::internal
