// VEX documents: what a vendor, or oneself, says of vulnerabilities in products. Three forms become one:
//   OpenVEX    openvex.dev/ns, specification 0.0.1 to 0.2.0 (github.com/openvex/spec)
//   CycloneDX  1.4 to 1.6, vulnerabilities[].analysis (cyclonedx.org/capabilities/vex)
//   CSAF       2.0, product_status (OASIS csaf-v2.0, profile 4.5)
// Read from untrusted text; in the parent process, bounded and fuzzed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace holdfast::triage {

inline constexpr std::size_t kVexBytesMax = 64ULL << 20U;
inline constexpr std::size_t kVexStatementsMax = 200'000;
inline constexpr std::size_t kVexNamedMax = 2'000'000;  // products and subcomponents in all statements

enum class VexStatus : std::uint8_t { kNotAffected, kAffected, kFixed, kUnderInvestigation };
[[nodiscard]] std::string_view VexStatusName(VexStatus status);  // OpenVEX's: "not_affected", …

// Whose word it is. Higher ones count for more: what one knows of one's own image outweighs its supplier's word, that
// the distribution's (whose statements come with the advisories, too), and that the word of who wrote the software.
enum class VexLevel : std::uint8_t { kUpstream, kDistro, kSupplier, kOwn };
[[nodiscard]] std::string_view VexLevelName(VexLevel level);  // "own", …

// Whether an alias of a finding names the vulnerability itself. The others are notices that cover several (DSA, RHSA,
// USN, ALSA): what is said of one of these vulnerabilities is not said of the rest. By the prefixes of OSV's databases.
[[nodiscard]] bool NamesVulnerability(std::string_view alias);

// What a statement is about: something in the image, or an image.
struct VexProduct {
  std::vector<std::string> ids;            // package URLs, image references, digests: one thing, by any of these names
  std::vector<std::string> subcomponents;  // package URLs; empty: all of it
  std::string platform_cpe;                // only on that platform (CPE 2.2 or 2.3); empty: on any
};

struct VexStatement {
  std::vector<std::string> vulnerabilities;  // id and aliases
  VexStatus status = VexStatus::kUnderInvestigation;
  std::string justification;  // OpenVEX's labels; CycloneDX's as they are
  std::string text;           // for people
  std::string timestamp;      // RFC 3339; the document's when it states none
  std::vector<VexProduct> products;
};

struct VexDocument {
  std::string name;  // the file's, for people
  std::string id, author;
  VexLevel level = VexLevel::kOwn;
  std::vector<VexStatement> statements;
  std::vector<std::string> problems;  // statements that were left out, and why; at most kVexProblemsMax
};

inline constexpr std::size_t kVexProblemsMax = 100;

// kUnsupported for a document of another form, kCorrupt for one that makes no sense, kLimit beyond the bounds.
[[nodiscard]] Result<VexDocument> ReadVex(std::string_view text, std::string name, VexLevel level);

}  // namespace holdfast::triage
