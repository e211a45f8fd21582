// The catalogue of gates, triggers and parameters: the answer of GET /system/policy_spec.
#pragma once

#include <span>
#include <string>

#include "policy/trigger.h"

namespace holdfast::policy {

// A JSON array of GateSpec, gates in the order in which they first occur.
[[nodiscard]] std::string WritePolicySpec(std::span<const Trigger> triggers);

}  // namespace holdfast::policy
