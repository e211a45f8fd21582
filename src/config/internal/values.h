// Texts of the configuration as values. All errors are kInvalidInput and say what is wanted, never what was given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/internal/keys.h"

namespace holdfast::config::internal {

// true, yes, on and their opposites, in any case, as YAML 1.1 has them.
[[nodiscard]] std::optional<bool> ParseBool(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> ParseInteger(std::string_view text);

// Puts the text where the key says. Lists are separated by commas. Not for timers.
[[nodiscard]] Result<void> StoreText(const BoundKey& key, std::string_view text);
[[nodiscard]] Result<void> StoreList(const BoundKey& key, Texts values);

// The value of a timer; `note` says when it was adjusted.
[[nodiscard]] std::int64_t ClampTimer(const KeySpec& spec, std::int64_t value, std::string& note);

// "10.0.0.0/8", "fd00::/8", "192.168.1.7".
[[nodiscard]] bool IsNetwork(std::string_view text);

}  // namespace holdfast::config::internal
