// OpenVEX 0.2.0 (github.com/openvex/spec) of an image's findings: what others can give to their scanners.
//
// A finding is "affected", with what to do as its action statement, or "under_investigation" where a VEX statement said
// so. What the distribution, its owner or a VEX statement silenced is "not_affected" or "fixed". What a user chose to
// ignore is still affected: a decision about a risk is no statement about code.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "io/byte_source.h"
#include "model/finding.h"
#include "model/image_analysis.h"

namespace holdfast::triage {

struct OpenVexOptions {
  std::string author;     // "Holdfast" when empty
  std::string timestamp;  // RFC 3339
  std::string tool;       // "holdfast 0.1.0"
};

// Its "@id" is made of what it says: the same findings give the same document. What has no package URL is left out.
[[nodiscard]] Result<void> WriteOpenVex(const model::ImageAnalysis& analysis, std::span<const model::Finding> findings,
                                        std::span<const model::SilencedFinding> silenced, const OpenVexOptions& options,
                                        io::ByteSink& sink);

}  // namespace holdfast::triage
