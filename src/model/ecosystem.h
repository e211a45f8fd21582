// Ecosystems by their OSV names (osv-schema, "Defined ecosystems"): how each spells package names, orders
// versions, and, for distributions, what its advisories call a package. One table, shared by whoever
// stores advisories and whoever looks them up, so that both always ask by the same key.
//
// "CPE" is ours: products of all kinds by their CPE names, "vendor:product", whose versions have no order of an
// ecosystem.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::model {

enum class NameRule : std::uint8_t {
  kAsIs,
  kLowerCase,  // names that differ in case only are the same package
  kPep503,     // PyPI: lower case, runs of '-', '_', '.' are one '-'
};

// What a distribution's advisories name.
enum class AdvisoryNames : std::uint8_t {
  kNotADistribution,
  kBinaryPackages,
  kBinaryPackagesAndMarkedSources,  // source packages only in rows of architecture "src"
  kSourcePackages,
  kBoth,
};

struct EcosystemInfo {
  std::string_view name;            // OSV's, without the release
  std::string_view version_scheme;  // id, see version/scheme.h
  NameRule name_rule = NameRule::kAsIs;
  AdvisoryNames advisory_names = AdvisoryNames::kNotADistribution;
};

// nullptr for an ecosystem that the table does not know. Exact match: OSV's names are case-sensitive.
[[nodiscard]] const EcosystemInfo* FindEcosystem(std::string_view name);

// The form of `name` under which it is stored and looked up. Unknown ecosystems keep names as they are.
[[nodiscard]] std::string NormalisePackageName(std::string_view ecosystem, std::string_view name);

struct EcosystemRelease {
  std::string ecosystem;
  std::string release;  // empty: the ecosystem has none

  friend auto operator<=>(const EcosystemRelease&, const EcosystemRelease&) = default;
};

// "AlmaLinux:9" → AlmaLinux and 9. What follows the first colon is the release, in one spelling for each
// set of packages: "Debian:6.0" → 6, "Ubuntu:22.04:LTS" → 22.04, "Red Hat:enterprise_linux:9::baseos" → 9,
// "Red Hat:rhel_eus:9.2::baseos" → rhel_eus:9.2, "Rocky Linux:9.2" → 9.
[[nodiscard]] EcosystemRelease SplitEcosystem(std::string_view osv_ecosystem);

}  // namespace holdfast::model
