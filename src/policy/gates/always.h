// Gate "always": fires on every image, to try out mappings, allowlists and notifications.
#pragma once

#include <span>

#include "policy/trigger.h"

namespace holdfast::policy {

[[nodiscard]] std::span<const Trigger> AlwaysTriggers();

}  // namespace holdfast::policy
