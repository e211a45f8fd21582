#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace holdfast::version {

// See scheme.h.
[[nodiscard]] std::optional<std::strong_ordering> CompareHackage(std::string_view a, std::string_view b);

}  // namespace holdfast::version
