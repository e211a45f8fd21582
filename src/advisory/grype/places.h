// Grype's words for operating systems, ecosystems and providers, in ours: so that a statement is found under the same
// place, and has the same id, whether it came through Grype's database or from its publisher.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/vulnerability_facts.h"

namespace holdfast::advisory {

// "vendor:product" as NVD names it.
inline constexpr std::string_view kGrypeCpeEcosystem = "CPE";
inline constexpr std::string_view kGrypeCpeScheme = "calver";

// A row of the table operating_systems.
struct GrypeSystem {
  std::string name, release_id;  // "redhat", "rhel"
  std::string major, minor, label, codename, channel;
  std::string end_of_life, end_of_active_support;  // days; empty: not stated
};

struct GrypePlace {
  std::string ecosystem, release;
  // The release is a major one, but the row is of this minor one: "9.4" of 9. Absent: of the whole release, or the
  // ecosystem's releases are minor ones.
  std::optional<int> minor;
  bool for_subscribers = false;  // Ubuntu's ESM: fixes that an image without a subscription does not get
};

// Nothing for a system, or a channel of one, that no ecosystem of ours stands for.
[[nodiscard]] std::optional<GrypePlace> PlaceOf(const GrypeSystem& system);
// Nothing where no date is stated, and for channels.
[[nodiscard]] std::optional<model::ReleaseLife> LifeOf(const GrypeSystem& system);

// OSV's name of a package's ecosystem ("java-archive" → "Maven"); empty for one that we do not match.
[[nodiscard]] std::string_view EcosystemOfGrype(std::string_view package_ecosystem);

// "DEBIAN-CVE-2024-1" of debian's CVE-2024-1; what has an id of its own (GHSA-…, ALAS-…) keeps it.
[[nodiscard]] std::string IdOf(std::string_view provider, std::string_view name);

}  // namespace holdfast::advisory
