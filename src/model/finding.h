// Finding: an advisory that holds for a package, with the reason.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/advisory.h"
#include "model/severity.h"

namespace holdfast::model {

// Why the matcher thinks so; enough to check the match by hand.
struct MatchReason {
  std::string matcher;           // "distro-source", "distro-package", "language"
  std::string looked_up;         // ecosystem, release and name asked for: "AlmaLinux:9 openssl"
  std::string compared_version;  // the version that was compared (the source's, for source matches)
  std::string version_scheme;
  std::string range;  // the range that held: ">= 0, < 1:3.0.7-27.el9"

  friend bool operator==(const MatchReason&, const MatchReason&) = default;
};

struct Finding {
  std::uint32_t package = 0;  // index in ImageAnalysis::packages
  std::string id;             // "CVE-2024-1", else the advisory's own id
  std::string advisory_id;    // "ALSA-2024:1"
  std::vector<std::string> aliases;
  std::string source;  // provider
  Severity severity = Severity::kUnknown;
  std::string summary;
  FixState fix_state = FixState::kUnknown;
  std::vector<std::string> fixed_versions;  // ascending
  std::vector<CvssVector> cvss;
  std::vector<Reference> references;
  std::string published;
  MatchReason reason;
  // Index of the distribution package that owns this (language) package, when that is so: its vendor
  // may have patched it without changing the version.
  std::int64_t owned_by = -1;

  friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace holdfast::model
