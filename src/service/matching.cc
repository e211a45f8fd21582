#include "service/matching.h"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "base/elapsed.h"
#include "base/request_scope.h"
#include "io/sha256.h"
#include "match/matcher.h"
#include "model/image_analysis_wire.h"
#include "sbom/anchore_vulnerabilities.h"
#include "service/notifications.h"
#include "service/package_sets.h"
#include "service/platform_observer.h"
#include "service/snapshot_lookup.h"
#include "store/analyses.h"
#include "store/images.h"
#include "store/storable_text.h"

namespace holdfast::service {
namespace {

std::string Join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

store::Finding ToStored(std::int64_t context_id, const model::Finding& finding, const model::ImageAnalysis& context) {
  store::Finding stored{
      .context_id = context_id,
      .vulnerability = store::IndexedText(finding.id),
      .severity = static_cast<std::int64_t>(finding.severity),
      // Holds the name of the distribution, as the image has it.
      .name_space = store::StorableText(sbom::FeedGroup(finding, context.packages.front(), context.distro),
                                        store::kMessageBytesMax),
      .will_not_fix = finding.fix_state == model::FixState::kWontFix,
      .fix = store::StorableText(Join(finding.fixed_versions)),
      .detail = model::EncodeFinding(finding)};
  io::Sha256 sha256;
  sha256.Update(AsBytes(stored.name_space));
  sha256.Update(AsBytes(stored.detail));
  stored.digest = sha256.Finish();
  return stored;
}

// What has to be written so that the open findings are those that hold.
struct Changes {
  std::vector<store::Finding> open;
  std::vector<std::int64_t> close;
};

class Difference {
 public:
  Difference(std::vector<store::Finding> open, std::int64_t now) : now_(now) {
    for (store::Finding& finding : open) {
      auto key = std::tuple(finding.context_id, finding.vulnerability);
      open_.emplace(std::move(key), std::move(finding));
    }
  }

  void Holds(store::Finding finding) {
    if (!held_.emplace(finding.context_id, finding.vulnerability).second) return;
    finding.opened_at = finding.detected_at = now_;
    if (!finding.fix.empty()) finding.fix_observed_at = now_;
    const auto before = open_.find(std::tuple(finding.context_id, finding.vulnerability));
    if (before != open_.end()) {
      const store::Finding old = std::move(before->second);
      open_.erase(before);
      if (old.digest == finding.digest) return;
      finding.detected_at = old.detected_at;
      if (old.fix == finding.fix) finding.fix_observed_at = old.fix_observed_at;
      changes_.close.push_back(old.id);
    }
    changes_.open.push_back(std::move(finding));
  }

  Changes Finish() {
    for (const auto& [key, finding] : open_) changes_.close.push_back(finding.id);
    return std::move(changes_);
  }

 private:
  std::int64_t now_;
  std::map<std::tuple<std::int64_t, std::string>, store::Finding> open_;
  std::set<std::tuple<std::int64_t, std::string>> held_;
  Changes changes_;
};

Result<MatchBatch> MatchOnce(const Platform& platform, store::Session& session, const advisory::Snapshot& snapshot,
                             std::int64_t generation, std::int64_t count) {
  HF_TRY(const auto contexts, store::ListContextsToMatch(session, generation, count));
  if (contexts.empty()) return MatchBatch{};
  std::vector<std::int64_t> ids;
  ids.reserve(contexts.size());
  for (const store::Context& context : contexts) ids.push_back(context.id);
  HF_TRY(auto open, store::LoadOpenFindings(session, ids));
  const std::int64_t now = platform.Now();
  Difference difference(std::move(open), now);
  const SnapshotLookup lookup(snapshot);
  for (const store::Context& context : contexts) {
    HF_TRY(const auto identity, DecodeIdentity(context.identity));
    HF_TRY(const auto matched, match::Match(identity, lookup, {.limits = platform.limits}));
    for (const model::Finding& finding : matched.findings) difference.Holds(ToStored(context.id, finding, identity));
  }
  const Changes changes = difference.Finish();
  HF_CHECK_OK(store::CloseFindings(session, changes.close, now));
  HF_CHECK_OK(store::OpenFindings(session, changes.open));
  HF_CHECK_OK(store::MarkContextsMatched(session, ids, generation));
  return MatchBatch{contexts.size(), changes.open.size(), changes.close.size()};
}

}  // namespace

Result<MatchBatch> MatchContexts(const Platform& platform, const advisory::Snapshot& snapshot, std::int64_t generation,
                                 std::int64_t count) {
  const auto start = std::chrono::steady_clock::now();
  const auto batch = platform.database.Write(
      [&](store::Session& session) { return MatchOnce(platform, session, snapshot, generation, count); });
  if (platform.observer != nullptr && batch && batch->contexts > 0)
    platform.observer->Matched({batch->contexts, batch->opened, batch->closed, MillisecondsSince(start)});
  return batch;
}

Result<std::size_t> FinishMatchedImages(const Platform& platform, std::int64_t generation, std::int64_t count) {
  return platform.database.Write([&](store::Session& session) -> Result<std::size_t> {
    const std::int64_t now = platform.Now();
    if (generation != 0) HF_CHECK_OK(store::MarkAnalysesMatched(session, generation, count));
    HF_TRY(const auto rows, generation != 0 ? store::FinishMatchedImages(session, count, now)
                                            : store::FinishImagesWithoutMatch(session, count, now));
    if (rows.empty()) return std::size_t{0};
    std::vector<std::int64_t> ids;
    RequestsOfImages requests;
    for (const store::FinishedImage& finished : rows) {
      ids.push_back(finished.row);
      requests.emplace(finished.row, finished.request_id);
    }
    HF_TRY(const auto images, store::ListImagesByRow(session, ids));
    for (const store::Image& image : images) {
      const RequestScope scope(requests.at(image.row));
      platform.logger.LogWith(LogLevel::kInfo, "image analyzed", {{"digest", image.digest.Text()}});
    }
    HF_CHECK_OK(TellAnalysesEnded(platform, session, images, store::AnalysisStatus::kAnalyzed, "", requests));
    return rows.size();
  });
}

}  // namespace holdfast::service
