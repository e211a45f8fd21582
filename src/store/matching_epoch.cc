#include "store/matching_epoch.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace holdfast::store {
namespace {

std::vector<std::int64_t> ToList(std::span<const std::int64_t> values) { return {values.begin(), values.end()}; }

std::vector<Parameters> ToParameters(const std::vector<ContextKey>& keys) {
  std::vector<Parameters> rows;
  rows.reserve(keys.size());
  for (const ContextKey& key : keys) rows.push_back({key.context_id, key.key});
  return rows;
}

}  // namespace

// The lock's number is nobody else's: "matching" in ASCII. Locks of this kind are given in the order in which they
// were asked for, so that many who hold do not keep out the one who changes.
Result<void> HoldEpoch(Session& session) {
  static constexpr Statement kHold{"epoch.hold", "SELECT 1",
                                   "SELECT 1 FROM pg_advisory_xact_lock_shared(7881708793177402983)"};
  HF_CHECK_OK(session.Run(kHold));
  return {};
}

Result<void> LockEpoch(Session& session) {
  static constexpr Statement kLock{"epoch.lock", "SELECT 1",
                                   "SELECT 1 FROM pg_advisory_xact_lock(7881708793177402983)"};
  HF_CHECK_OK(session.Run(kLock));
  return {};
}

Result<std::optional<MatchingEpoch>> FindEpoch(Session& session) {
  static constexpr Statement kFind{"epoch.find", "SELECT epoch, generation, matcher, since FROM matching_epoch"};
  HF_TRY(const auto rows, session.Run(kFind));
  if (rows.Empty()) return std::nullopt;
  const Row& row = rows.rows.front();
  return MatchingEpoch{row[0].Integer(), row[1].Integer(), row[2].Integer(), row[3].Integer()};
}

Result<MatchingEpoch> PutEpoch(Session& session, MatchingEpoch epoch, bool decide_all) {
  static constexpr Statement kKeep{
      "epoch.keep", "UPDATE matching_epoch SET generation = $1, matcher = $2, since = $3 RETURNING epoch"};
  // Before there were epochs, generations stood in the contexts.
  static constexpr Statement kBegin{
      "epoch.begin",
      "INSERT INTO matching_epoch (id, epoch, generation, matcher, since) SELECT 1, 1 + @GREATEST(1, COALESCE((SELECT "
      "MAX(epoch) FROM matching_epoch), 0), COALESCE((SELECT MAX(matched_epoch) FROM contexts), 0)), $1, $2, $3 "
      "ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, generation = excluded.generation, "
      "matcher = excluded.matcher, since = excluded.since RETURNING epoch"};
  HF_TRY(const auto rows, session.Run(decide_all ? kBegin : kKeep, {epoch.generation, epoch.matcher, epoch.since}));
  if (rows.Empty()) return Fail(ErrorKind::kInternal, "an epoch that is not there was to go on");
  epoch.epoch = rows.rows.front()[0].Integer();
  return epoch;
}

Result<void> PutContextKeys(Session& session, std::span<const std::int64_t> contexts,
                            std::span<const ContextKey> keys) {
  static constexpr Statement kLoad{
      "context_key.load",
      "SELECT context_id, key FROM context_keys WHERE context_id IN (@INTS($1)) ORDER BY context_id, key"};
  static constexpr SetStatement kInsert{
      "context_key.insert", "INSERT INTO context_keys (context_id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING",
      "INSERT INTO context_keys (context_id, key) SELECT * FROM unnest($1::bigint[], $2::bigint[]) "
      "ON CONFLICT DO NOTHING"};
  static constexpr SetStatement kDelete{
      "context_key.delete", "DELETE FROM context_keys WHERE context_id = $1 AND key = $2",
      "DELETE FROM context_keys USING unnest($1::bigint[], $2::bigint[]) AS gone (gone_id, gone_key) "
      "WHERE context_id = gone_id AND key = gone_key"};
  HF_TRY(const auto rows, session.Run(kLoad, {ToList(contexts)}));
  std::vector<ContextKey> before;
  before.reserve(rows.Size());
  for (const Row& row : rows) before.push_back({row[0].Integer(), row[1].Integer()});
  std::vector<ContextKey> gone, come;
  std::ranges::set_difference(before, keys, std::back_inserter(gone));
  std::ranges::set_difference(keys, before, std::back_inserter(come));
  HF_CHECK_OK(session.RunSet(kDelete, ToParameters(gone)));
  HF_CHECK_OK(session.RunSet(kInsert, ToParameters(come)));
  return {};
}

Result<std::int64_t> MarkContextsTouched(Session& session, std::span<const std::int64_t> keys) {
  static constexpr std::size_t kKeysAtOnce = 10'000;
  static constexpr Statement kMark{
      "context.mark_touched",
      "WITH touched (touched_id) AS MATERIALIZED (SELECT DISTINCT k.context_id FROM (@INTS($1)) AS wanted JOIN "
      "context_keys AS k ON k.key = wanted.value) UPDATE contexts SET matched_epoch = 1 FROM touched "
      "WHERE id = touched_id AND matched_epoch > 1"};
  std::int64_t marked = 0;
  for (; !keys.empty(); keys = keys.subspan(std::min(kKeysAtOnce, keys.size()))) {
    HF_TRY(const auto rows, session.Run(kMark, {ToList(keys.first(std::min(kKeysAtOnce, keys.size())))}));
    marked += static_cast<std::int64_t>(rows.changed);
  }
  return marked;
}

Result<bool> HasTouchedContext(Session& session, std::span<const std::int64_t> contexts) {
  static constexpr Statement kFind{
      "context.find_touched",
      "SELECT c.id FROM contexts AS c, matching_epoch AS e WHERE c.id IN (@INTS($1)) AND c.matched_epoch > 0 "
      "AND c.matched_epoch < e.epoch LIMIT 1"};
  HF_TRY(const auto rows, session.Run(kFind, {ToList(contexts)}));
  return !rows.Empty();
}

}  // namespace holdfast::store
