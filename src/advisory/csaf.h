// CSAF 2.0 documents (OASIS csaf-v2.0), for the providers whose publishers write them: Red Hat, SUSE, and others.
//
// A document is a tree of products, relationships that make a "component of a platform" a product of its own, and
// vulnerabilities that state of product ids what their status is. Here each product id is looked up once, and what
// is said of it in several places (status, remediation, threat) becomes one statement.
//
// Read: document.{category, title, publisher, tracking, aggregate_severity, notes, references}; product_tree.
// {branches, full_product_names, relationships, product_groups}; of vulnerabilities cve, title, cwe, notes, references,
// release_date, product_status, remediations, threats, scores. Not read: flags, involvements, acknowledgments, and the
// statuses first_affected, first_fixed and last_affected, which say the same of fewer products, and recommended, which
// gives advice, unless a publisher states with it what is fixed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "io/json.h"
#include "model/advisory.h"
#include "model/severity.h"

namespace holdfast::advisory {

// Bounds of one document; beyond them it is refused as kLimit.
inline constexpr std::size_t kCsafProductsMax = 1'000'000;  // products, relationships and groups, each
inline constexpr std::size_t kCsafVulnerabilitiesMax = 20'000;
inline constexpr std::size_t kCsafNamedMax = 8'000'000;  // product ids in all lists, those of groups each time
inline constexpr std::size_t kCsafBranchDepthMax = 32;
inline constexpr std::size_t kCsafRelationDepthMax = 4;  // "package of module of platform"
inline constexpr std::size_t kCsafTextsMax = 20'000;     // notes, references, scores, each

// All views of these structs live as long as the JSON document does.
struct CsafProduct {
  std::string_view id;
  std::string_view purl, cpe;  // product_identification_helper; empty: not stated
};

// What a product id stands for. `platform` and `container` are empty products unless relationships name them;
// `container` is what stands between the two (a module).
struct CsafItem {
  CsafProduct component, container, platform;
};

enum class CsafStatus : std::uint8_t { kNotAffected, kUnderInvestigation, kAffected, kFixed };
enum class CsafRemedy : std::uint8_t { kUnstated, kVendorFix, kNoneAvailable, kNoFixPlanned };

// All that a vulnerability says of one product id.
struct CsafStatement {
  std::uint32_t item = 0;  // index of CsafDocument::items
  CsafStatus status = CsafStatus::kAffected;
  CsafRemedy remedy = CsafRemedy::kUnstated;
  std::string_view remedy_details, remedy_url;
  model::Severity impact = model::Severity::kUnknown;  // threats of category impact; kUnknown: none for this product
};

struct CsafNote {
  std::string_view category, text;
};
struct CsafReference {
  std::string_view category, url;  // "self", "external"
};

struct CsafVulnerability {
  std::string_view cve, title, cwe, published;
  std::vector<CsafNote> notes;
  std::vector<CsafReference> references;
  std::vector<model::CvssVector> cvss;  // each vector once; `source` is empty
  std::vector<CsafStatement> statements;
  std::vector<std::string_view> fix_urls;              // of vendor fixes, each once
  model::Severity impact = model::Severity::kUnknown;  // the highest of the threats
};

struct CsafDocument {
  std::string_view category, title, id, published, modified, aggregate_severity;
  std::vector<CsafNote> notes;
  std::vector<CsafReference> references;
  std::vector<CsafItem> items;
  std::vector<CsafVulnerability> vulnerabilities;
  std::vector<Error> problems;  // what was left out, one for each kind of defect
};

// Whether it claims to be CSAF 2 at all.
[[nodiscard]] bool LooksLikeCsaf(io::JsonView root);
// document.publisher.namespace: "https://www.redhat.com".
[[nodiscard]] std::string_view CsafPublisher(io::JsonView root);

enum class CsafRecommended : std::uint8_t { kIsAdvice, kIsFixed };

// kCorrupt without a tracking id or list of vulnerabilities where the category demands them; kLimit as above. Product
// ids that the tree does not hold are left out and told as one problem.
[[nodiscard]] Result<CsafDocument> ParseCsaf(io::JsonView root,
                                             CsafRecommended recommended = CsafRecommended::kIsAdvice);

// The note of that category, or "".
[[nodiscard]] std::string_view NoteOf(const std::vector<CsafNote>& notes, std::string_view category);

}  // namespace holdfast::advisory
