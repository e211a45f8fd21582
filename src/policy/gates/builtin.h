// The only list of triggers.
#pragma once

#include <span>

#include "policy/trigger.h"

namespace holdfast::policy {

// Lives as long as the program.
[[nodiscard]] std::span<const Trigger> BuiltinTriggers();

}  // namespace holdfast::policy
