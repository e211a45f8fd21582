// Severity, in the six words of Anchore, Grype and the distributions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::model {

// In ascending order: comparisons are meaningful.
enum class Severity : std::uint8_t { kUnknown, kNegligible, kLow, kMedium, kHigh, kCritical };

[[nodiscard]] std::string_view SeverityName(Severity severity);  // "Critical"
// Any case; also "moderate" (Medium), "important" (High), "unimportant" (Negligible), "none" (Negligible).
[[nodiscard]] std::optional<Severity> ParseSeverity(std::string_view text);

}  // namespace holdfast::model
