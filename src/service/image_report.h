// What is wrong with an image: the open findings of its package contexts. A join of what is stored, never a scan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/finding.h"
#include "model/package.h"
#include "service/platform.h"
#include "store/analyses.h"
#include "store/images.h"

namespace holdfast::service {

struct ReportedFinding {
  model::Finding finding;
  model::Package package;  // its matching identity; the location is where this image has it
  model::Distro distro;    // of distribution packages
  std::string feed_group;
  bool will_not_fix = false;
  std::int64_t detected_at = 0;  // milliseconds
  std::optional<std::int64_t> fix_observed_at;
};

struct ReportOptions {
  bool will_not_fix = false;               // with findings that the vendor will not fix
  bool owned = false;                      // with findings of language packages that a distribution package owns
  std::optional<std::int64_t> as_of = {};  // milliseconds: what was known then; none: now
};

// By severity, highest first, then package, vulnerability and path. Empty for an image that was never analysed.
// `as_of`: kInvalidInput for a time to come, kNotFound for one before the image had the analysis that it has.
[[nodiscard]] Result<std::vector<ReportedFinding>> LoadReport(const Platform& platform, const store::Image& image,
                                                              const ReportOptions& options);
// Within the caller's transaction.
[[nodiscard]] Result<std::vector<ReportedFinding>> LoadReport(store::Session& session, const store::Image& image,
                                                              const ReportOptions& options);

// kInvalidInput when the time is still to come.
[[nodiscard]] Result<void> CheckAsOf(const Platform& platform, std::int64_t as_of);

}  // namespace holdfast::service
