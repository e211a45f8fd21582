#include "service/matching.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/elapsed.h"
#include "base/request_scope.h"
#include "io/sha256.h"
#include "match/asked.h"
#include "match/matcher.h"
#include "model/image_analysis_wire.h"
#include "sbom/anchore_vulnerabilities.h"
#include "service/matching_epoch.h"
#include "service/notifications.h"
#include "service/package_sets.h"
#include "service/platform_observer.h"
#include "service/snapshot_lookup.h"
#include "store/analyses.h"
#include "store/images.h"
#include "store/matching_epoch.h"
#include "store/storable_text.h"

namespace holdfast::service {
namespace {

// After this a batch ends: its transaction keeps others from changing the epoch, and its connection is idle meanwhile.
constexpr std::int64_t kDecideMs = 2'000;

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
  std::set<std::int64_t> contexts;  // of all these
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
    changes_.contexts.insert(finding.context_id);
    changes_.open.push_back(std::move(finding));
  }

  Changes Finish() {
    for (const auto& [key, finding] : open_) {
      changes_.contexts.insert(finding.context_id);
      changes_.close.push_back(finding.id);
    }
    return std::move(changes_);
  }

 private:
  std::int64_t now_;
  std::map<std::tuple<std::int64_t, std::string>, store::Finding> open_;
  std::set<std::tuple<std::int64_t, std::string>> held_;
  Changes changes_;
};

// What holds for contexts that were decided, and what they asked by.
struct Decided {
  std::vector<std::int64_t> ids;
  std::vector<store::Finding> findings;
  std::vector<store::ContextKey> keys;  // sorted
};

// As many of the contexts, from the first on, as there is time for.
Result<Decided> Decide(const Platform& platform, const advisory::Snapshot& snapshot,
                       const std::vector<store::Context>& contexts) {
  const auto start = std::chrono::steady_clock::now();
  const SnapshotLookup lookup(snapshot);
  Decided decided;
  for (const store::Context& context : contexts) {
    if (!decided.ids.empty() && MillisecondsSince(start) > kDecideMs) break;
    HF_TRY(const auto identity, DecodeIdentity(context.identity));
    HF_TRY(const auto matched, match::Match(identity, lookup, {.limits = platform.limits}));
    for (const model::Finding& finding : matched.findings)
      decided.findings.push_back(ToStored(context.id, finding, identity));
    for (const std::int64_t key : AskedKeys(identity)) decided.keys.push_back({context.id, key});
    decided.ids.push_back(context.id);
  }
  std::ranges::sort(decided.keys);
  return decided;
}

Result<Changes> Compare(store::Session& session, Decided& decided, std::int64_t now) {
  HF_TRY(auto open, store::LoadOpenFindings(session, decided.ids));
  Difference difference(std::move(open), now);
  for (store::Finding& finding : decided.findings) difference.Holds(std::move(finding));
  return difference.Finish();
}

Result<MatchBatch> MatchOnce(const Platform& platform, store::Session& session, const advisory::Snapshot& snapshot,
                             std::int64_t generation, std::int64_t count) {
  HF_CHECK_OK(store::HoldEpoch(session));
  HF_TRY(const auto epoch, store::FindEpoch(session));
  if (!epoch || epoch->generation != generation || epoch->matcher != match::kMatcherVersion)
    return MatchBatch{.stale = true};
  HF_TRY(const auto contexts, store::ListContextsToMatch(session, epoch->epoch, count));
  if (contexts.empty()) return MatchBatch{};
  HF_TRY(Decided decided, Decide(platform, snapshot, contexts));
  const std::int64_t now = platform.Now();
  HF_TRY(const Changes changes, Compare(session, decided, now));
  HF_CHECK_OK(store::CloseFindings(session, changes.close, now));
  HF_CHECK_OK(store::OpenFindings(session, changes.open));
  HF_CHECK_OK(store::PutContextKeys(session, decided.ids, decided.keys));
  HF_CHECK_OK(store::MarkContextsMatched(session, decided.ids, epoch->epoch));
  return MatchBatch{.contexts = decided.ids.size(),
                    .opened = changes.open.size(),
                    .closed = changes.close.size(),
                    .more = static_cast<std::int64_t>(contexts.size()) == count || decided.ids.size() < contexts.size(),
                    .changed = {changes.contexts.begin(), changes.contexts.end()}};
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
