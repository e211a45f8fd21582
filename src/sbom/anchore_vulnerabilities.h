// Findings as Anchore's API reports them at /images/{digest}/vuln/{os,non-os,all}: the elements of "vulnerabilities".
// Absent strings are the literal "None", unknown scores -1.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/byte_source.h"
#include "io/json.h"
#include "model/finding.h"
#include "model/image_analysis.h"

namespace holdfast::sbom {

// What part of a report is asked for.
enum class AnchoreVulnerabilityType : std::uint8_t { kOs, kNonOs, kAll };
// "os", "non-os", "all"; nothing for others.
[[nodiscard]] std::optional<AnchoreVulnerabilityType> ParseAnchoreVulnerabilityType(std::string_view text);

// The group of the feed that an advisory came from: "debian:12", "alpine:3.15", "rhel:8", "github:java", "nvd".
// CentOS is matched with Red Hat's advisories and belongs to their group. Releases that have no number are
// "wolfi:rolling", "alpine:edge", "debian:unstable".
[[nodiscard]] std::string FeedGroup(const model::Finding& finding, const model::Package& package,
                                    const model::Distro& distro);

struct AnchoreReportOptions {
  AnchoreVulnerabilityType type = AnchoreVulnerabilityType::kAll;
  bool vendor_only = true;  // leaves out what the vendor will not fix
  // Where a finding without references leads; the id is appended. Empty: the literal "None".
  std::string query_url;
};

// One element.
void WriteAnchoreVulnerability(const model::Finding& finding, const model::Package& package,
                               const model::Distro& distro, const AnchoreReportOptions& options,
                               io::JsonWriter& writer);

// The members "nvd_data" and "vendor_data" of a finding: its CVSS scores.
void WriteAnchoreScores(const model::Finding& finding, io::JsonWriter& writer);

// A JSON array of the findings that `options` ask for, in their order. kInvalidInput when a finding names a package
// that the analysis does not have.
[[nodiscard]] Result<void> WriteAnchoreVulnerabilities(const model::ImageAnalysis& analysis,
                                                       std::span<const model::Finding> findings,
                                                       const AnchoreReportOptions& options, io::ByteSink& sink);

}  // namespace holdfast::sbom
