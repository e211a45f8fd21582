// Documents that list packages, of any format that Holdfast reads: recognised by their content, never by their name.
//
//   CycloneDX 1.2 to 1.7, JSON and XML      cyclonedx.org/specification, ECMA-424
//   SPDX 2.2 and 2.3, JSON and tag-value    spdx.github.io/spdx-spec/v2.3
//   SPDX 3.0, JSON-LD                       spdx.github.io/spdx-spec/v3.0.1
//   Syft's JSON, Holdfast's own             sbom/syft_json.h, docs/schema/holdfast-1.json
//   package URLs, one a line                github.com/package-url/purl-spec; '#' begins a comment
//
// Also one of these in JSON inside an in-toto statement (in-toto.io/Statement, as BuildKit and cosign attach it), its
// DSSE envelope, or the objects {"SPDX": …} that Docker's buildx prints and {"sbom": …} of GitHub's API.
//
// Documents are untrusted. All readers are linear, and bounded by `Limits` and kDocumentBytesMax.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "model/image_analysis.h"
#include "sbom/completeness.h"

namespace holdfast::sbom {

inline constexpr std::uint64_t kDocumentBytesMax = 100'000'000;

enum class DocumentFormat : std::uint8_t {
  kCycloneDxJson,
  kCycloneDxXml,
  kSpdxJson,
  kSpdxTagValue,
  kSpdx3Json,
  kSyftJson,
  kNativeJson,
  kPurls,
};

// Nothing for text that is none of these. Truncated and damaged documents are recognised by what is left of them, when
// it says enough.
[[nodiscard]] std::optional<DocumentFormat> RecogniseDocument(std::string_view text);

// May this be the beginning of a document? For deciding whether it is worth reading whole: bytes of archives and
// executables are not. Needs the first kRecogniseBytes, or all there are.
inline constexpr std::size_t kRecogniseBytes = 4096;
[[nodiscard]] bool MayBeDocument(std::string_view head);

struct Document {
  model::ImageAnalysis
      analysis;               // source.kind is "sbom" or "purl", but for Syft's and our own, which say it themselves
  Completeness completeness;  // its gaps are among the problems of the analysis
};

// What is read is what our own catalogers would have made, as far as the document tells. Records that cannot be read,
// and all that is missing, are problems. kInvalidInput: no document of a known format, the message says what it looks
// like; kCorrupt: damaged as a whole; kLimit: over `limits` or kDocumentBytesMax.
[[nodiscard]] Result<Document> ReadDocument(std::string_view text, const Limits& limits = {});

}  // namespace holdfast::sbom
