#include "service/matching_epoch.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "advisory/snapshot.h"
#include "advisory/snapshot_diff.h"
#include "base/format.h"
#include "io/sha256.h"
#include "match/asked.h"
#include "match/distro.h"
#include "store/matching_epoch.h"

namespace holdfast::service {
namespace {

// Beyond it deciding everything again costs as much as finding out what to decide.
constexpr std::size_t kTouchedKeysMax = 500'000;

std::int64_t KeyOf(std::string_view ecosystem, std::string_view release, std::string_view name) {
  std::string text(ecosystem);
  text.append(1, '\0').append(release).append(1, '\0').append(name);
  const Sha256Value hash = io::Sha256Of(text);
  std::int64_t key = 0;
  std::memcpy(&key, hash.bytes.data(), sizeof key);
  return key;
}

std::int64_t KeyOfLongNames() { return KeyOf("", "", ""); }

// Whether a snapshot may keep only a hash of it.
bool IsLong(const match::Asked& asked) {
  return asked.where.ecosystem.size() + asked.where.release.size() + asked.name.size() > advisory::kLongNameBytes;
}

class Toucher {
 public:
  explicit Toucher(const advisory::Snapshot& after) : after_(after) {}

  void Touch(std::string_view ecosystem, std::string_view release, std::string_view name) {
    if (keys_.size() <= kTouchedKeysMax) keys_.insert(KeyOf(ecosystem, release, name));
  }
  void TouchLongNames() { keys_.insert(KeyOfLongNames()); }

  // Whatever advisories of now say about it; those that said so before have changed themselves.
  Result<void> TouchVulnerability(const std::string& cve) {
    if (keys_.size() > kTouchedKeysMax) return {};
    HF_TRY(const auto ids, after_.FindByAlias(cve));
    for (const std::string& id : ids) {
      if (!advisories_.insert(id).second) continue;
      HF_TRY(const auto advisory, after_.FindAdvisory(id));
      if (!advisory) continue;
      for (const model::Affected& affected : advisory->affected) TouchAffected(affected);
    }
    return {};
  }

  [[nodiscard]] TouchedKeys Finish() const {
    if (keys_.size() > kTouchedKeysMax) return {.all = true, .keys = {}};
    TouchedKeys touched{.all = false, .keys = {keys_.begin(), keys_.end()}};
    std::ranges::sort(touched.keys);
    return touched;
  }

 private:
  void TouchAffected(const model::Affected& affected) {
    const match::Asked asked{{affected.ecosystem, affected.release},
                             model::NormalisePackageName(affected.ecosystem, affected.package)};
    Touch(asked.where.ecosystem, asked.where.release, asked.name);
    if (IsLong(asked)) TouchLongNames();
  }

  const advisory::Snapshot& after_;
  std::unordered_set<std::int64_t> keys_;
  std::unordered_set<std::string> advisories_;  // those of vulnerabilities, whose packages are touched already
};

using HeldSnapshot = std::shared_ptr<const LocalSnapshot::Held>;

// What the new snapshot touches; all when that cannot be told.
Result<TouchedKeys> FindTouched(const Platform& platform, LocalSnapshot& local, std::int64_t before_generation,
                                const LocalSnapshot::Held& current, const HeldSnapshot& last) {
  HeldSnapshot before = last;
  if (before == nullptr || before->generation != before_generation) {
    HF_TRY(before, local.Find(before_generation));
  }
  if (before == nullptr) return TouchedKeys{.all = true, .keys = {}};
  HF_TRY(const auto after_snapshot, advisory::Snapshot::Open(current.file));
  const auto before_snapshot = advisory::Snapshot::Open(before->file);
  auto touched = before_snapshot ? FindTouchedKeys(**before_snapshot, *after_snapshot)
                                 : Result<TouchedKeys>(std::unexpected(before_snapshot.error()));
  if (touched) return touched;
  platform.logger.Warning(Format("all packages are matched again, since the advisories before cannot be compared: {}",
                                 touched.error().Message()));
  return TouchedKeys{.all = true, .keys = {}};
}

using SeenEpoch = std::optional<store::MatchingEpoch>;

// Nothing: others did something meanwhile. Else how many contexts were marked.
Result<std::optional<std::int64_t>> Begin(store::Session& session, const SeenEpoch& seen,
                                          const store::MatchingEpoch& next, const TouchedKeys& touched) {
  HF_CHECK_OK(store::LockEpoch(session));
  HF_TRY(const SeenEpoch now, store::FindEpoch(session));
  if (now != seen) return std::nullopt;
  HF_CHECK_OK(store::PutEpoch(session, next, touched.all));
  HF_TRY(const std::int64_t marked, store::MarkContextsTouched(session, touched.keys));
  HF_CHECK_OK(session.Notify("matching"));
  return marked;
}

}  // namespace

std::vector<std::int64_t> AskedKeys(const model::ImageAnalysis& identity) {
  std::vector<std::int64_t> keys;
  const auto distro = match::EcosystemsOf(identity.distro);
  for (const model::Package& package : identity.packages)
    for (const match::Asked& asked : match::AskedBy(package, distro)) {
      keys.push_back(KeyOf(asked.where.ecosystem, asked.where.release, asked.name));
      if (IsLong(asked)) keys.push_back(KeyOfLongNames());
    }
  std::ranges::sort(keys);
  const auto repeated = std::ranges::unique(keys);
  keys.erase(repeated.begin(), repeated.end());
  return keys;
}

Result<TouchedKeys> FindTouchedKeys(const advisory::Snapshot& before, const advisory::Snapshot& after) {
  Toucher toucher(after);
  std::vector<std::string> cves;
  advisory::DiffVisitor visitor;
  visitor.package = [&](const model::EcosystemRelease& where, std::string_view name, advisory::Change) {
    toucher.Touch(where.ecosystem, where.release, name);
  };
  visitor.vulnerability = [&](std::string_view cve, advisory::Change) {
    if (cves.size() <= kTouchedKeysMax) cves.emplace_back(cve);
  };
  HF_TRY(const auto difference, advisory::Diff(before, after, visitor));
  if (difference.long_names) toucher.TouchLongNames();
  if (cves.size() > kTouchedKeysMax) return TouchedKeys{.all = true, .keys = {}};
  for (const std::string& cve : cves) HF_CHECK_OK(toucher.TouchVulnerability(cve));
  return toucher.Finish();
}

Result<bool> FollowSnapshot(const Platform& platform, LocalSnapshot& local, const LocalSnapshot::Held& current,
                            const std::shared_ptr<const LocalSnapshot::Held>& last) {
  const std::int64_t now = platform.Now();
  HF_TRY(const SeenEpoch seen, platform.database.Read(&store::FindEpoch));
  if (seen && seen->generation > current.generation) return false;
  if (seen && seen->matcher > match::kMatcherVersion && now - seen->since < kOlderMatcherWaitsMs) return false;
  const bool same_matcher = seen && seen->matcher == match::kMatcherVersion;
  if (same_matcher && seen->generation == current.generation) return true;
  TouchedKeys touched{.all = true, .keys = {}};
  if (same_matcher) {
    HF_TRY(touched, FindTouched(platform, local, seen->generation, current, last));
  }
  const store::MatchingEpoch next{
      .generation = current.generation, .matcher = match::kMatcherVersion, .since = platform.Now()};
  HF_TRY(const auto marked,
         platform.database.Write([&](store::Session& session) { return Begin(session, seen, next, touched); }));
  if (!marked) return false;
  platform.logger.LogWith(LogLevel::kInfo, "advisories changed",
                          {{"generation", std::to_string(current.generation)},
                           {"decided_again", touched.all ? "all" : std::to_string(*marked)}});
  return true;
}

}  // namespace holdfast::service
