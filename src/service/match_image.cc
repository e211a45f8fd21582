#include "service/match_image.h"

#include <utility>

#include "base/format.h"
#include "service/snapshot_lookup.h"

namespace holdfast::service {
AdvisoryDatabase::AdvisoryDatabase(std::unique_ptr<advisory::Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}
AdvisoryDatabase::~AdvisoryDatabase() = default;

Result<std::unique_ptr<AdvisoryDatabase>> AdvisoryDatabase::Open(const std::filesystem::path& path) {
  HF_TRY(auto snapshot, advisory::Snapshot::Open(path));
  return std::unique_ptr<AdvisoryDatabase>(new AdvisoryDatabase(std::move(snapshot)));
}

Result<match::MatchResult> AdvisoryDatabase::Match(const model::ImageAnalysis& analysis,
                                                   const match::MatchOptions& options) const {
  return match::Match(analysis, SnapshotLookup(*snapshot_), options);
}

Result<match::WhyAnswer> AdvisoryDatabase::Explain(const match::WhyQuestion& question,
                                                   const model::ImageAnalysis& analysis,
                                                   const match::MatchResult& matched) const {
  return match::Explain(question, analysis, SnapshotLookup(*snapshot_), matched);
}

std::string AdvisoryDatabase::Describe() const {
  const advisory::SnapshotInfo& info = snapshot_->Info();
  return Format("built {}, {} advisories, {}", info.built, info.advisories, info.content.Text());
}

}  // namespace holdfast::service
