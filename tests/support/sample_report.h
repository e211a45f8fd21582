// A small image with findings, in which each thing that a report can say is said once, beside names that mean harm.
#pragma once

#include <vector>

#include "model/finding.h"
#include "model/image_analysis.h"

namespace holdfast::test {

[[nodiscard]] inline model::Package SamplePackage(std::string name, std::string version, std::string type,
                                                  std::string path, std::uint32_t layer) {
  model::Package package{.name = std::move(name), .version = std::move(version), .type = std::move(type)};
  package.version_scheme = package.type == "deb" ? "dpkg" : package.type;
  package.purl.type = package.type;
  package.purl.name = package.name;
  package.purl.version = package.version;
  package.cataloger = package.type + "-cataloger";
  package.locations.push_back({.path = std::move(path), .layer = layer});
  return package;
}

[[nodiscard]] inline model::ImageAnalysis SampleAnalysis() {
  model::ImageAnalysis analysis;
  analysis.source = {.kind = "registry",
                     .reference = "registry.example/team/app:1.2",
                     .name = "registry.example/team/app",
                     .tags = {"1.2"},
                     .manifest_digest = "sha256:" + std::string(64, 'a'),
                     .image_id = "sha256:" + std::string(64, 'b'),
                     .architecture = "arm64",
                     .os = "linux",
                     .variant = "v8"};
  analysis.distro.id = "debian";
  analysis.distro.version_id = "12";
  analysis.distro.pretty_name = "Debian GNU/Linux 12 (bookworm)";
  analysis.layers = {{.diff_id = "sha256:" + std::string(64, '0')}, {.diff_id = "sha256:" + std::string(64, '1')}};
  analysis.packages = {SamplePackage("libssl3", "3.0.9-1", "deb", "var/lib/dpkg/status", 0),
                       SamplePackage("zlib1g", "1:1.2.13.dfsg-1", "deb", "var/lib/dpkg/status", 0),
                       SamplePackage("=cmd|'/c calc'!A0", "<script>\x1b[2J\"`|\n\xff", "npm",
                                     "app/a b/%.jar:@x/[y](z)\r\n/package.json", 1)};
  analysis.packages[0].upstreams = {{.name = "openssl", .version = ""}};
  analysis.packages[2].ecosystem = "npm";
  analysis.problems = {{"app/broken.jar", ErrorKind::kCorrupt, "the archive ends early & is <cut>"},
                       {"", ErrorKind::kNotFound, "no such thing"}};
  return analysis;
}

[[nodiscard]] inline std::vector<model::Finding> SampleFindings() {
  model::Finding fixed;
  fixed.package = 0;
  fixed.id = "CVE-2023-0001";
  fixed.advisory_id = "DSA-5000-1";
  fixed.aliases = {"DSA-5000-1"};
  fixed.source = "debian";
  fixed.severity = model::Severity::kCritical;
  fixed.summary = "A buffer is read, then it overflows";
  fixed.fix_state = model::FixState::kFixed;
  fixed.fixed_versions = {"3.0.11-1~deb12u2", "3.1.4-1"};
  fixed.cvss = {{"2.0", "AV:N/AC:L/Au:N/C:P/I:P/A:P", "nvd"},
                {"3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "nvd"},
                {"4.0", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", ""},
                {"3.1", "CVSS:3.1/what is this", "nobody"}};
  fixed.references = {{"ADVISORY", "https://security.example/DSA-5000"}, {"WEB", "javascript:alert(1)"}};
  fixed.published = "2023-10-24";
  fixed.reason = {"distro-source", "Debian:12 openssl", "3.0.9-1", "dpkg", ">= 0, < 3.0.11-1~deb12u2"};

  fixed.risk = 93.25;
  fixed.facts.id = fixed.id;
  fixed.facts.cwes = {"CWE-79", "CWE-0", "CWE-1x", "NVD-CWE-noinfo"};
  fixed.facts.cvss = {{"3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "cisa"},
                      {"3.0", "CVSS:3.0/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "cisa"}};
  fixed.facts.epss = {.probability = 0.97123, .percentile = 0.9991};
  fixed.facts.known_exploited = {.added = "2024-05-30", .due = "2024-06-20", .ransomware = true};
  fixed.facts.ssvc = {.exploitation = "active", .automatable = "yes", .technical_impact = "total"};
  fixed.vex = {.status = "affected", .source = "vendor.json", .statement = "yes", .overruled = {"other.json"}};

  model::Finding more = fixed;
  more.facts = {};
  more.risk = 0;
  more.vex = {};
  more.id = "CVE-2023-0002";
  more.severity = model::Severity::kLow;  // of the distribution, against a score of 9.8
  more.fixed_versions = {"3.0.15-1"};
  more.reason.compared_version = "3.0.9";

  model::Finding forsaken;
  forsaken.package = 1;
  forsaken.id = "CVE-2023-0003";
  forsaken.advisory_id = "CVE-2023-0003";
  forsaken.source = "debian";
  forsaken.severity = model::Severity::kHigh;
  forsaken.facts.description = "Known of the vulnerability, by nobody's advisory";
  forsaken.fix_state = model::FixState::kWontFix;
  forsaken.reason = {"distro-package", "Debian:12 zlib", "1:1.2.13.dfsg-1", "dpkg", ">= 0"};

  model::Finding hostile;
  hostile.package = 2;
  hostile.id = "GHSA-1111-2222-3333";
  hostile.advisory_id = "GHSA-1111-2222-3333";
  hostile.source = "osv";
  hostile.severity = model::Severity::kNegligible;
  hostile.summary =
      "<img src=x onerror=alert(1)> | **bold** `code` @everyone\nhttp://evil.example [a](b) \x1b[31m\xe2\x80\xae &amp;";
  hostile.fix_state = model::FixState::kUnderInvestigation;
  hostile.reason = {"language", "npm =cmd", "<script>", "npm", ">= 1.0.0, <= 2.0.0-rc|1"};
  hostile.owned_by = 0;
  return {fixed, forsaken, more, hostile};
}

}  // namespace holdfast::test
