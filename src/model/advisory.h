// Advisory: one normalised statement about a vulnerability, whoever published it.
//
// The shape follows OSV (ossf.github.io/osv-schema 1.6), which the other feeds can be mapped onto.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/severity.h"

namespace holdfast::model {

enum class FixState : std::uint8_t { kUnknown, kFixed, kNotFixed, kWontFix, kNotAffected, kUnderInvestigation };
[[nodiscard]] std::string_view FixStateName(FixState state);  // "fixed", "not-fixed", "wont-fix", ...

// Versions v with introduced <= v, and v < fixed, or v <= last_affected. introduced "0" means from
// the very first version. Both ends absent: every version from `introduced` on.
struct VersionRange {
  std::string introduced = "0";
  std::optional<std::string> fixed;
  std::optional<std::string> last_affected;

  friend bool operator==(const VersionRange&, const VersionRange&) = default;
};

// What an advisory says about one package of one ecosystem.
struct Affected {
  std::string ecosystem;       // OSV ecosystem without its release: "AlmaLinux", "Alpine", "PyPI", "Go"
  std::string release;         // "9", "v3.20"; empty: no releases, or all of them
  std::string package;         // name in the form that the ecosystem's look-ups use
  std::string version_scheme;  // id, see version/scheme.h
  std::vector<VersionRange> ranges;
  std::vector<std::string> versions;  // exactly these versions, besides the ranges
  FixState fix_state = FixState::kUnknown;
  std::string module_label;  // RPM: only packages of this module "name:stream"
  std::string architecture;  // only this one; empty: all
  // CPE rows: only packages of that kind of software ("node.js", "wordpress"), as CPE 2.3's target_sw; empty: all.
  std::string target_software;
  // CPE rows: "vendor:product" of the systems one of which it must run on; empty: any.
  std::vector<std::string> platforms;
  std::vector<std::string> symbols;  // Go: affected "import/path.Symbol"; information only
  std::optional<Severity> severity;  // when it differs from the advisory's

  friend bool operator==(const Affected&, const Affected&) = default;
};

struct CvssVector {
  std::string version;  // "2.0", "3.0", "3.1", "4.0"
  std::string vector;
  std::string source;  // who scored
  friend bool operator==(const CvssVector&, const CvssVector&) = default;
};

struct Reference {
  std::string type;  // OSV's: "ADVISORY", "FIX", "WEB", ...
  std::string url;
  friend bool operator==(const Reference&, const Reference&) = default;
};

struct Advisory {
  std::string id;
  std::vector<std::string> aliases;
  std::vector<std::string> related;  // CVEs a distribution's advisory covers ("upstream", "related" in OSV)
  std::string source;                // provider: "osv"
  std::string summary;
  std::string details;
  Severity severity = Severity::kUnknown;
  std::vector<CvssVector> cvss;
  std::vector<std::string> cwes;
  std::string published, modified, withdrawn;  // RFC 3339; empty: not stated
  std::vector<Reference> references;
  std::vector<Affected> affected;

  friend bool operator==(const Advisory&, const Advisory&) = default;
};

}  // namespace holdfast::model
