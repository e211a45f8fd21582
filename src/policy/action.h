// What a rule asks for when it fires, and what an evaluation comes to.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::policy {

// In ascending order: the verdict is the maximum.
enum class Action : std::uint8_t { kGo, kWarn, kStop };

[[nodiscard]] std::string_view ActionName(Action action);  // "go", "warn", "stop"
// Any case.
[[nodiscard]] std::optional<Action> ParseAction(std::string_view text);

}  // namespace holdfast::policy
