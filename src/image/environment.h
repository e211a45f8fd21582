// The environment as a parameter, so that tests need not change the real one.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace holdfast::image {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The variables of this process; an empty one counts as absent.
[[nodiscard]] Environment ProcessEnvironment();

}  // namespace holdfast::image
