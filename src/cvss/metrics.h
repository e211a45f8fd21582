// The metrics of each version with their values, as tables; for this module. Sources: "A Complete Guide to CVSS 2.0",
// section 2.4; CVSS v3.1 Specification Document, table 15 (3.0 has the same); CVSS v4.0 Specification Document,
// table 23.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "cvss/vector.h"

namespace holdfast::cvss {

struct Metric {
  std::string_view name;
  Group group;
  // Worst first, but for scope in version 3 (U, C); without Not Defined. Unused ones are empty.
  std::array<std::string_view, 5> values;
};

// In the order of the specification, which is that of the enums below.
[[nodiscard]] std::span<const Metric> MetricsOf(Version version);
// The value of a metric that is Not Defined.
[[nodiscard]] std::string_view UndefinedValue(Version version);

// The first metrics are the base ones; each modified metric stands kModified after its base metric.
namespace v2 {
enum Index : std::size_t { kAv, kAc, kAu, kC, kI, kA, kE, kRl, kRc, kCdp, kTd, kCr, kIr, kAr };
}
namespace v3 {
enum Index : std::size_t { kAv, kAc, kPr, kUi, kS, kC, kI, kA, kE, kRl, kRc, kCr, kIr, kAr, kMav };
inline constexpr std::size_t kModified = kMav - kAv;
}  // namespace v3
namespace v4 {
enum Index : std::size_t { kAv, kAc, kAt, kPr, kUi, kVc, kVi, kVa, kSc, kSi, kSa, kE, kCr, kIr, kAr, kMav };
inline constexpr std::size_t kModified = kMav - kAv;
}  // namespace v4

}  // namespace holdfast::cvss
