// "Did you mean": the closest of known names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::config::internal {

// Insertions, deletions, replacements and swaps of neighbours that turn one into the other (optimal string alignment).
[[nodiscard]] std::size_t EditDistance(std::string_view a, std::string_view b);

// The nearest of `known`, when it is near enough to be a slip of the pen: a third of the length. Empty: none is.
[[nodiscard]] std::string Nearest(std::string_view name, const std::vector<std::string>& known);

}  // namespace holdfast::config::internal
