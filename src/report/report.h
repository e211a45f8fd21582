// Reports: what a scan found, in the forms that other programs and people read. They tell of findings; the documents
// that list packages are in sbom/. Each writer streams: besides what it is given it keeps a page of text, and what its
// form wants said before the rest (rules, counts).
//
// Everything that came from an image or an advisory is untrusted and is quoted as the form demands; where JSON does not
// escape them, control characters and broken UTF-8 become U+FFFD. Errors are the sink's only.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "io/byte_source.h"
#include "model/finding.h"
#include "model/image_analysis.h"
#include "sbom/write_options.h"

namespace holdfast::report {

// All that a report is made from; what it refers to outlives it.
struct Report {
  const model::ImageAnalysis& analysis;
  std::span<const model::Finding> findings;  // worst first
  const sbom::WriteOptions& options;
  std::size_t silenced = 0;  // findings that are none, because somebody says so (model::SilencedFinding)
};

// SARIF 2.1.0 (OASIS, errata 01) for code scanning: one run, a rule for each vulnerability of a package, locations as
// paths inside the image. A result's fingerprint is the same from scan to scan while the package stays where it is,
// whatever its version.
[[nodiscard]] Result<void> WriteSarif(const Report& report, io::ByteSink& sink);

// The container scanning report of GitLab, security-report-schemas 15.0.7. It has no word for CVSS 4.0 vectors, which
// are left out.
[[nodiscard]] Result<void> WriteGitLab(const Report& report, io::ByteSink& sink);

// RFC 4180 with a header line, one line for each finding. Fields that a spreadsheet would take for a formula begin with
// an apostrophe (OWASP, CSV Injection).
[[nodiscard]] Result<void> WriteCsv(const Report& report, io::ByteSink& sink);

// JUnit XML as Jenkins, GitLab and GitHub's test reporters read it: a failed test case for each finding, and one about
// whether all of the target was read, so that a suite is never empty and a partial result never green.
[[nodiscard]] Result<void> WriteJunit(const Report& report, io::ByteSink& sink);

// For people: what to upgrade, then the findings of each package, then problems. Markdown is GitHub's; HTML is one file
// without scripts or anything that would be loaded from elsewhere, and its content security policy forbids both.
[[nodiscard]] Result<void> WriteMarkdown(const Report& report, io::ByteSink& sink);
[[nodiscard]] Result<void> WriteHtml(const Report& report, io::ByteSink& sink);

}  // namespace holdfast::report
