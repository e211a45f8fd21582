// The second use case: an image analysis and an advisory snapshot in, findings out.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "match/matcher.h"
#include "match/why.h"
#include "model/image_analysis.h"

namespace holdfast::advisory {
class Snapshot;
}

namespace holdfast::service {

// An open snapshot, ready for matching. One thread at a time.
class AdvisoryDatabase {
 public:
  // kNotFound, kCorrupt, kUnsupported.
  [[nodiscard]] static Result<std::unique_ptr<AdvisoryDatabase>> Open(const std::filesystem::path& path);
  ~AdvisoryDatabase();

  [[nodiscard]] Result<match::MatchResult> Match(const model::ImageAnalysis& analysis,
                                                 const match::MatchOptions& options) const;
  [[nodiscard]] Result<match::WhyAnswer> Explain(const match::WhyQuestion& question,
                                                 const model::ImageAnalysis& analysis,
                                                 const match::MatchResult& matched) const;
  // "built 2026-11-24T00:00:00Z, 5680 advisories, sha256:…": what a report says it was made with.
  [[nodiscard]] std::string Describe() const;

 private:
  explicit AdvisoryDatabase(std::unique_ptr<advisory::Snapshot> snapshot);
  std::unique_ptr<advisory::Snapshot> snapshot_;
};

}  // namespace holdfast::service
