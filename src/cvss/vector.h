// CVSS vector strings, read strictly: version 2.0 (FIRST, "A Complete Guide to CVSS 2.0", section 2.4), 3.0 and 3.1
// (Specification Document, section 6) and 4.0 (Specification Document, section 7).
//
// Versions 2 and 3 take metrics in any order, as 3.1 demands of programs that read them; 4.0 forbids any other
// order than its own. Metrics that are Not Defined ("X", "ND" in version 2) are the same as metrics left out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast::cvss {

// In ascending order: comparisons are meaningful.
enum class Version : std::uint8_t { k20, k30, k31, k40 };

[[nodiscard]] std::string_view VersionName(Version version);  // "3.1"

// What version 4 calls threat metrics are temporal ones before it. Supplemental metrics are version 4's and never
// count.
enum class Group : std::uint8_t { kBase, kThreat, kEnvironmental, kSupplemental };

inline constexpr std::size_t kVectorBytesMax = 512;  // all metrics of version 4 take less than 200
inline constexpr std::size_t kMetricsMax = 32;

// A vector of some version that states all base metrics; a value.
class Vector {
 public:
  // kLimit beyond kVectorBytesMax, kUnsupported for a version that is none of the four, else kInvalidInput; the
  // message names the metric that is unknown, stated twice, out of order, without its value or missing.
  [[nodiscard]] static Result<Vector> Parse(std::string_view text);

  [[nodiscard]] cvss::Version Version() const { return version_; }
  // In the order of the specification, without metrics that are Not Defined; parses to an equal vector.
  [[nodiscard]] std::string Text() const;
  // "N" of "AV"; "X" ("ND") when it is Not Defined, "" when the version has no such metric.
  [[nodiscard]] std::string_view Value(std::string_view metric) const;
  // Whether a metric of the group is stated as other than Not Defined.
  [[nodiscard]] bool Defines(Group group) const;
  // The same with the metrics of the group Not Defined. Not for base metrics, without which there is no vector.
  [[nodiscard]] Vector Without(Group group) const;

  // For the equations: the place of the value in the table of metrics.h, from 1 on; 0 is Not Defined.
  [[nodiscard]] std::size_t Place(std::size_t metric) const { return places_[metric]; }

  friend bool operator==(const Vector&, const Vector&) = default;

 private:
  explicit Vector(cvss::Version version) : version_(version) {}
  // Sets what "AV:N" says, which is the metric with this index at least.
  [[nodiscard]] Result<std::size_t> Set(std::string_view part, std::size_t index_min);
  [[nodiscard]] Result<void> CheckComplete() const;

  cvss::Version version_;
  std::array<std::uint8_t, kMetricsMax> places_{};
};

}  // namespace holdfast::cvss
