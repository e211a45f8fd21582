// Points in time as bundles write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::policy {

// RFC 3339 "2030-01-31T12:00:00.5+01:00" as seconds since 1970 in UTC, fractions cut off. Also accepted: a blank
// instead of the "T", a missing offset (UTC), a date alone (its first second). Nothing for anything else; years
// before 1970 give negative numbers.
[[nodiscard]] std::optional<std::int64_t> ParseTime(std::string_view text);

}  // namespace holdfast::policy
