// The events of one OSV range as separate intervals.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/advisory.h"

namespace holdfast::advisory {

enum class OsvEventKind : std::uint8_t { kIntroduced, kFixed, kLastAffected, kLimit };

struct OsvEvent {
  OsvEventKind kind = OsvEventKind::kIntroduced;
  std::string version;
};

// By the evaluation algorithm of the OSV schema: events in version order (their given order among
// equals), each "introduced" opens an interval, "fixed" or "last_affected" closes it, "limit" cuts off what
// lies at and beyond the highest limit. Versions that `scheme` (an id of version/scheme.h) cannot order
// leave the events in their given order.
[[nodiscard]] std::vector<model::VersionRange> IntervalsOf(std::vector<OsvEvent> events, std::string_view scheme);

}  // namespace holdfast::advisory
