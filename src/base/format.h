// The one door to the formatting library: `Format` is fmt's, with compile-time checked strings.
#pragma once

#include <fmt/core.h>

#include <string>
#include <utility>

namespace holdfast {

template <typename... Args>
[[nodiscard]] std::string Format(fmt::format_string<Args...> text, Args&&... args) {
  return fmt::format(text, std::forward<Args>(args)...);
}

}  // namespace holdfast
