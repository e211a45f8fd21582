// LMDB's return codes as errors.
#pragma once

#include <string_view>

#include "base/result.h"

namespace holdfast::advisory {

// Success for 0. `doing` says what was tried: "opening the advisory snapshot".
[[nodiscard]] Result<void> CheckLmdb(int code, std::string_view doing);

}  // namespace holdfast::advisory
