// The file name of a source package, by which RPM databases name what a package was built from.
#pragma once

#include <optional>
#include <string_view>

#include "model/package.h"

namespace holdfast::model {

// "openssl-3.0.7-25.el9_3.src.rpm" → openssl, 3.0.7-25.el9_3; nothing when it is not such a name.
[[nodiscard]] std::optional<Upstream> ParseSourceRpm(std::string_view file_name);

}  // namespace holdfast::model
