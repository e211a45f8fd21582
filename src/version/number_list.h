// Versions that are lists of numbers: "1.2.3". Compared number by number; a list that goes on is newer.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

#include "version/digits.h"

namespace holdfast::version {

// Nothing unless both are numbers with exactly one of `separators` between each two. Which one does not count.
[[nodiscard]] inline std::optional<std::strong_ordering> CompareNumberLists(std::string_view a, std::string_view b,
                                                                            std::string_view separators) {
  auto order = std::strong_ordering::equal;
  bool more_a = true, more_b = true;
  // To the end of both, since what comes late may say that it is no version.
  while (more_a || more_b) {
    const bool has_a = more_a, has_b = more_b;
    const std::string_view left = has_a ? TakePart(a, separators, more_a) : std::string_view();
    const std::string_view right = has_b ? TakePart(b, separators, more_b) : std::string_view();
    if ((has_a && !AllDigits(left)) || (has_b && !AllDigits(right))) return std::nullopt;
    if (order == 0) order = has_a == has_b ? CompareDigits(left, right) : has_a <=> has_b;
  }
  return order;
}

}  // namespace holdfast::version
