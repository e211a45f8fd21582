// Finding: an advisory that holds for a package, with the reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/advisory.h"
#include "model/severity.h"
#include "model/vulnerability_facts.h"

namespace holdfast::model {

// Why the matcher thinks so; enough to check the match by hand.
struct MatchReason {
  std::string matcher;           // "distro-source", "distro-package", "language", "cpe"
  std::string looked_up;         // ecosystem, release and name asked for: "AlmaLinux:9 openssl"
  std::string compared_version;  // the version that was compared (the source's, for source matches)
  std::string version_scheme;
  std::string range;  // the range that held: ">= 0, < 1:3.0.7-27.el9"

  friend bool operator==(const MatchReason&, const MatchReason&) = default;
};

// What a VEX statement says of a finding that stays one.
struct VexMark {
  std::string status;                  // "affected", "under_investigation"
  std::string source;                  // the document
  std::string statement;               // for people
  std::vector<std::string> overruled;  // who says otherwise, and counts for less

  friend bool operator==(const VexMark&, const VexMark&) = default;
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
  // What is known of the vulnerability apart from advisories, with the weaknesses that these name; `id` alone when
  // nothing is. Not part of a finding's stored form: it changes more often than what was found.
  VulnerabilityFacts facts;
  double risk = 0;             // 0 to 100, see match/rating.h; likewise
  std::optional<VexMark> vex;  // likewise
  // Index of the distribution package that owns this (language) package, when that is so: its vendor
  // may have patched it without changing the version.
  std::int64_t owned_by = -1;

  friend bool operator==(const Finding&, const Finding&) = default;
};

// What silences a finding.
enum class SilencedBy : std::uint8_t {
  kNotAffected,   // the distribution says that its package does not have the vulnerability
  kFixedByOwner,  // the distribution package that owns a language package has it fixed without changing the version
  kFoundInOwner,  // it has the vulnerability too: one finding, on the package that people can update
  kNoCode,        // the package has none of the vulnerable code: headers of a kernel
  kVex,           // a VEX statement
  kIgnoreRule,    // a rule of the user's
};
[[nodiscard]] std::string_view SilencedByName(SilencedBy kind);  // "not-affected", "fixed-by-owner", ...

// A finding that is not one, because somebody says so: kept beside the findings, never dropped.
struct SilencedFinding {
  Finding finding;
  SilencedBy by = SilencedBy::kNotAffected;
  std::string source;                  // who says so: an advisory's id, a VEX document, a rule's name
  std::string statement;               // what they say, for people
  std::string expires;                 // RFC 3339; of an ignore rule; empty: never
  std::string justification;           // in OpenVEX's words: "vulnerable_code_not_present"; empty: none
  std::vector<std::string> overruled;  // VEX statements that say otherwise, and count for less

  friend bool operator==(const SilencedFinding&, const SilencedFinding&) = default;
};

}  // namespace holdfast::model
