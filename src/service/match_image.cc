#include "service/match_image.h"

#include <utility>

#include "advisory/snapshot.h"
#include "base/format.h"
#include "match/lookup.h"

namespace holdfast::service {
namespace {

// The snapshot as the matcher wants it.
class SnapshotLookup final : public match::AdvisoryLookup {
 public:
  explicit SnapshotLookup(const advisory::Snapshot& snapshot) : snapshot_(snapshot) {}
  bool Covers(std::string_view ecosystem, std::string_view release) const override {
    return snapshot_.Covers(ecosystem, release);
  }
  Result<void> Visit(std::string_view ecosystem, std::string_view release, std::string_view name,
                     const Visitor& visit) const override {
    return snapshot_.VisitAffected(ecosystem, release, name, visit);
  }
  Result<std::optional<model::Advisory>> FindAdvisory(std::string_view id) const override {
    return snapshot_.FindAdvisory(id);
  }

 private:
  const advisory::Snapshot& snapshot_;
};

}  // namespace

AdvisoryDatabase::AdvisoryDatabase(std::unique_ptr<advisory::Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}
AdvisoryDatabase::~AdvisoryDatabase() = default;

Result<std::unique_ptr<AdvisoryDatabase>> AdvisoryDatabase::Open(const std::filesystem::path& path) {
  HF_TRY(auto snapshot, advisory::Snapshot::Open(path));
  return std::unique_ptr<AdvisoryDatabase>(new AdvisoryDatabase(std::move(snapshot)));
}

Result<match::MatchResult> AdvisoryDatabase::Match(const model::ImageAnalysis& analysis, const Limits& limits) const {
  return match::Match(analysis, SnapshotLookup(*snapshot_), limits);
}

std::string AdvisoryDatabase::Describe() const {
  const advisory::SnapshotInfo& info = snapshot_->Info();
  return Format("built {}, {} advisories, {}", info.built, info.advisories, info.content.Text());
}

}  // namespace holdfast::service
