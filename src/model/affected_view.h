// AffectedView: what one advisory says about one package, borrowed from wherever advisories are kept. It
// is the hot half of a look-up: all that deciding needs, and none of what only a report needs.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/advisory.h"
#include "model/severity.h"

namespace holdfast::model {

enum class RangeEnd : std::uint8_t { kOpen, kFixed, kLastAffected };

struct RangeView {
  std::string_view introduced;  // "0": from the very first version
  RangeEnd end_kind = RangeEnd::kOpen;
  std::string_view end;  // empty for kOpen

  friend bool operator==(const RangeView&, const RangeView&) = default;
};

// Every view lives until the visit that handed it out returns.
struct AffectedView {
  std::string_view advisory_id;
  std::string_view version_scheme;
  std::string_view module_label;  // as in Affected
  std::string_view architecture;
  std::string_view target_software;
  FixState fix_state = FixState::kUnknown;
  Severity severity = Severity::kUnknown;  // of this package, else of the advisory
  std::span<const RangeView> ranges;
  std::span<const std::string_view> versions;
  std::span<const std::string_view> platforms;
};

}  // namespace holdfast::model
