#include "store/jobs.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "store/codec.h"
#include "store/storable_text.h"

namespace holdfast::store {
namespace {

Job ToJob(const Row& row) {
  return {.id = row[0].Integer(),
          .kind = row[1].Text(),
          .lane = static_cast<Lane>(row[2].Integer()),
          .account_id = row[3].Integer(),
          .key = row[4].Text(),
          .payload = row[5].Text(),
          .attempts = row[6].Integer(),
          .attempts_max = row[7].Integer(),
          .token = row[8].Integer(),
          .available_at = row[9].Integer(),
          .created_at = row[10].Integer(),
          .error = row[11].Text()};
}

DeadJob ToDeadJob(const Row& row) {
  return {.id = row[0].Integer(),
          .account_id = row[1].Integer(),
          .kind = row[2].Text(),
          .key = row[3].Text(),
          .payload = row[4].Text(),
          .error = row[5].Text()};
}

// Whose turn a job takes.
struct Turn {
  std::string kind;
  std::int64_t lane = 0, account_id = 0;
  friend auto operator<=>(const Turn&, const Turn&) = default;
};

// An account's next job comes one turn after its last waiting one, and not before the turn that is being served: an
// account that has nothing waiting comes in there, however long the others' queues are. The turn being served is that
// of the first job that may be claimed; without one, of the last that was; without that, of the first that may be
// later.
Result<std::int64_t> NextRank(Session& session, const Turn& turn, std::int64_t now) {
  static constexpr Statement kNext{
      "job.next_rank",
      "SELECT (SELECT MAX(rank) + 1 FROM jobs WHERE kind = $1 AND lane = $2 AND account_id = $3 AND state = 0), "
      "COALESCE((SELECT rank FROM jobs WHERE kind = $1 AND lane = $2 AND state = 0 AND available_at <= $4 ORDER BY "
      "rank LIMIT 1), (SELECT MAX(rank) FROM jobs WHERE kind = $1 AND lane = $2 AND state = 1), "
      "(SELECT MIN(rank) FROM jobs WHERE kind = $1 AND lane = $2 AND state = 0), 0)"};
  HF_TRY(const auto rows, session.Run(kNext, {turn.kind, turn.lane, turn.account_id, now}));
  const Row& row = rows.rows.front();
  return std::max(row[0].Integer(), row[1].Integer());
}

Turn ToTurn(const Row& row) { return {row[0].Text(), row[1].Integer(), row[2].Integer()}; }

// Ids of the jobs that a statement for leases (id, token, and what else) returned.
Result<std::set<std::int64_t>> RunForLeases(Session& session, const SetStatement& statement,
                                            std::span<const Parameters> leases) {
  HF_TRY(const auto rows, session.RunSet(statement, leases));
  std::set<std::int64_t> ids;
  for (const Row& row : rows) ids.insert(row[0].Integer());
  return ids;
}

}  // namespace

std::string_view LaneName(Lane lane) {
  switch (lane) {
    case Lane::kPush: return "push";
    case Lane::kAdmission: return "admission";
    case Lane::kOnDemand: return "on_demand";
    case Lane::kReplay: return "replay";
    case Lane::kSweep: return "sweep";
  }
  return "other";
}

Result<std::size_t> EnqueueJobs(Session& session, std::span<const NewJob> jobs, std::int64_t now) {
  static constexpr SetStatement kInsert{
      "job.enqueue",
      "INSERT INTO jobs (kind, lane, account_id, key, payload, state, rank, attempts, attempts_max, available_at, "
      "lease_token, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, 0, $6, 0, $7, $8, 0, $9, $9) "
      "ON CONFLICT DO NOTHING",
      "INSERT INTO jobs (kind, lane, account_id, key, payload, state, rank, attempts, attempts_max, available_at, "
      "lease_token, created_at, updated_at) SELECT kind, lane, account, key, payload, 0, rank, 0, attempts, available, "
      "0, now, now FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], "
      "$7::bigint[], $8::bigint[], $9::bigint[]) "
      "AS job (kind, lane, account, key, payload, rank, attempts, available, now) ON CONFLICT DO NOTHING"};
  std::map<Turn, std::int64_t> ranks;
  std::vector<Parameters> rows;
  rows.reserve(jobs.size());
  for (const NewJob& job : jobs) {
    const auto lane = static_cast<std::int64_t>(job.lane);
    auto [rank, first] = ranks.try_emplace({job.kind, lane, job.account_id}, 0);
    if (first) {
      HF_TRY(rank->second, NextRank(session, rank->first, now));
    }
    rows.push_back({job.kind, lane, job.account_id, IndexedText(job.key), job.payload, rank->second++, job.attempts_max,
                    job.available_at, now});
  }
  HF_TRY(const auto inserted, session.RunSet(kInsert, rows));
  if (inserted.changed > 0)
    for (const auto& [turn, rank] : ranks) HF_CHECK_OK(session.Notify("jobs_" + turn.kind));
  return static_cast<std::size_t>(inserted.changed);
}

Result<bool> EnqueueJob(Session& session, const NewJob& job, std::int64_t now) {
  HF_TRY(const std::size_t fresh, EnqueueJobs(session, {&job, 1}, now));
  return fresh == 1;
}

Result<std::vector<Job>> ClaimJobs(Session& session, std::string_view kind, std::int64_t count, std::string_view owner,
                                   std::int64_t now, std::int64_t lease_until) {
  // What is picked is picked once: as a subquery of the UPDATE it could be asked again for each row, and lock more.
  static constexpr Statement kClaim{
      "job.claim",
      "WITH picked (picked_id) AS MATERIALIZED (SELECT id FROM jobs WHERE kind = $1 AND state = 0 "
      "AND available_at <= $5 ORDER BY lane, rank, id LIMIT $2 @SKIP_LOCKED) "
      "UPDATE jobs SET state = 1, lease_owner = $3, lease_until = $4, lease_token = lease_token + 1, "
      "attempts = attempts + 1, updated_at = $5 FROM picked WHERE id = picked_id "
      "RETURNING id, kind, lane, account_id, key, payload, attempts, attempts_max, lease_token, available_at, "
      "created_at, error, rank"};
  if (count < 1) return std::vector<Job>{};
  HF_TRY(const auto rows, session.Run(kClaim, {std::string(kind), count, std::string(owner), lease_until, now}));
  std::vector<std::pair<std::int64_t, Job>> ranked;
  for (const Row& row : rows) ranked.emplace_back(row[12].Integer(), ToJob(row));
  std::ranges::sort(ranked, {},
                    [](const auto& entry) { return std::tuple(entry.second.lane, entry.first, entry.second.id); });
  std::vector<Job> jobs;
  jobs.reserve(ranked.size());
  for (auto& [rank, job] : ranked) jobs.push_back(std::move(job));
  return jobs;
}

Result<std::vector<std::int64_t>> ExtendJobs(Session& session, std::span<const JobLease> leases,
                                             std::int64_t lease_until) {
  static constexpr SetStatement kExtend{
      "job.extend", "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND lease_token = $2 AND state = 1 RETURNING id",
      "UPDATE jobs SET lease_until = held.until FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) "
      "AS held (held_id, token, until) WHERE id = held_id AND lease_token = token AND state = 1 RETURNING id"};
  std::vector<Parameters> rows;
  for (const JobLease& lease : leases) rows.push_back({lease.id, lease.token, lease_until});
  HF_TRY(const auto extended, RunForLeases(session, kExtend, rows));
  std::vector<std::int64_t> lost;
  for (const JobLease& lease : leases)
    if (!extended.contains(lease.id)) lost.push_back(lease.id);
  return lost;
}

Result<std::set<std::int64_t>> CompleteJobs(Session& session, std::span<const JobLease> leases) {
  static constexpr SetStatement kComplete{
      "job.complete", "DELETE FROM jobs WHERE id = $1 AND lease_token = $2 AND state = 1 RETURNING id",
      "DELETE FROM jobs USING unnest($1::bigint[], $2::bigint[]) AS held (held_id, token) "
      "WHERE id = held_id AND lease_token = token AND state = 1 RETURNING id"};
  std::vector<Parameters> rows;
  for (const JobLease& lease : leases) rows.push_back({lease.id, lease.token});
  return RunForLeases(session, kComplete, rows);
}

Result<bool> CompleteJob(Session& session, const JobLease& lease) {
  HF_TRY(const auto done, CompleteJobs(session, {&lease, 1}));
  return done.contains(lease.id);
}

Result<FailedJob> FailJob(Session& session, const JobLease& lease, std::string_view error, bool retry,
                          std::int64_t retry_at, std::int64_t now) {
  static constexpr Statement kHeld{
      "job.held",
      "SELECT kind, lane, account_id FROM jobs WHERE id = $1 AND lease_token = $2 AND state = 1 @FOR_UPDATE"};
  static constexpr Statement kFail{
      "job.fail",
      "UPDATE jobs SET state = CASE WHEN $3 = 1 AND attempts < attempts_max THEN 0 ELSE 2 END, error = $2, rank = $4, "
      "available_at = $5, lease_owner = NULL, lease_until = NULL, updated_at = $6 WHERE id = $1 RETURNING state"};
  HF_TRY(const auto held, session.Run(kHeld, {lease.id, lease.token}));
  if (held.Empty()) return FailedJob{.held = false};
  HF_TRY(const std::int64_t rank, NextRank(session, ToTurn(held.rows.front()), now));
  HF_TRY(const auto rows, session.Run(kFail, {lease.id, std::string(error), FromBool(retry), rank, retry_at, now}));
  return FailedJob{.dead = !rows.Empty() && rows.rows.front()[0].Integer() == 2};
}

Result<bool> PostponeJob(Session& session, const JobLease& lease, std::string_view reason, std::int64_t until,
                         std::int64_t now) {
  static constexpr Statement kPostpone{
      "job.postpone",
      "UPDATE jobs SET state = 0, attempts = attempts - 1, error = $3, available_at = $4, lease_owner = NULL, "
      "lease_until = NULL, updated_at = $5 WHERE id = $1 AND lease_token = $2 AND state = 1"};
  HF_TRY(const auto rows, session.Run(kPostpone, {lease.id, lease.token, std::string(reason), until, now}));
  return rows.changed == 1;
}

Result<std::vector<std::string>> ReturnJobs(Session& session, std::span<const JobLease> leases, std::int64_t now) {
  static constexpr SetStatement kReturn{
      "job.return",
      "UPDATE jobs SET state = 0, attempts = attempts - 1, lease_owner = NULL, lease_until = NULL, updated_at = $3 "
      "WHERE id = $1 AND lease_token = $2 AND state = 1 RETURNING payload",
      "UPDATE jobs SET state = 0, attempts = attempts - 1, lease_owner = NULL, lease_until = NULL, updated_at = now "
      "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS held (held_id, token, now) "
      "WHERE id = held_id AND lease_token = token AND state = 1 RETURNING payload"};
  std::vector<Parameters> rows;
  for (const JobLease& lease : leases) rows.push_back({lease.id, lease.token, now});
  HF_TRY(const auto returned, session.RunSet(kReturn, rows));
  std::vector<std::string> payloads;
  for (const Row& row : returned) payloads.push_back(row[0].Text());
  return payloads;
}

Result<void> EndOldLeases(Session& session, std::string_view kind, std::int64_t claimed_before) {
  // What a claim has updated is not updated again before the job is ended.
  static constexpr Statement kEnd{"job.end_old_leases",
                                  "UPDATE jobs SET lease_until = 0 WHERE kind = $1 AND state = 1 AND updated_at < $2"};
  HF_CHECK_OK(session.Run(kEnd, {std::string(kind), claimed_before}));
  return {};
}

Result<ReapedJobs> ReapJobs(Session& session, std::int64_t now, std::int64_t count) {
  static constexpr Statement kReap{
      "job.reap",
      "WITH picked (picked_id) AS MATERIALIZED (SELECT id FROM jobs WHERE state = 1 AND lease_until < $1 "
      "ORDER BY lease_until LIMIT $2 @SKIP_LOCKED) "
      "UPDATE jobs SET state = CASE WHEN attempts < attempts_max THEN 0 ELSE 2 END, lease_owner = NULL, "
      "lease_until = NULL, updated_at = $1, error = 'the worker that had this job was lost' "
      "FROM picked WHERE id = picked_id RETURNING id, account_id, kind, key, payload, error, state"};
  HF_TRY(const auto rows, session.Run(kReap, {now, count}));
  ReapedJobs reaped;
  for (const Row& row : rows) {
    const bool dead = row[6].Integer() == 2;
    (dead ? reaped.dead : reaped.waiting).push_back(ToDeadJob(row));
    if (!dead) HF_CHECK_OK(session.Notify("jobs_" + row[2].Text()));
  }
  return reaped;
}

Result<std::optional<Job>> FindJob(Session& session, std::string_view kind, std::string_view key) {
  static constexpr Statement kFind{
      "job.find",
      "SELECT id, kind, lane, account_id, key, payload, attempts, attempts_max, lease_token, available_at, created_at, "
      "error FROM jobs WHERE kind = $1 AND key = $2 AND state <> 2"};
  HF_TRY(const auto rows, session.Run(kFind, {std::string(kind), IndexedText(key)}));
  if (rows.Empty()) return std::nullopt;
  return ToJob(rows.rows.front());
}

Result<std::int64_t> CountJobsAhead(Session& session, std::int64_t id) {
  static constexpr Statement kCount{
      "job.count_ahead",
      "SELECT COUNT(*) FROM jobs AS other JOIN jobs AS own ON own.id = $1 AND other.kind = own.kind "
      "WHERE other.state = 0 AND (other.lane, other.rank, other.id) < (own.lane, own.rank, own.id)"};
  HF_TRY(const auto rows, session.Run(kCount, {id}));
  return rows.rows.front()[0].Integer();
}

Result<std::vector<LaneDepth>> CountJobs(Session& session) {
  static constexpr Statement kCount{
      "job.count",
      "SELECT kind, lane, SUM(CASE WHEN state = 0 THEN 1 ELSE 0 END), SUM(CASE WHEN state = 1 THEN 1 ELSE 0 END), "
      "SUM(CASE WHEN state = 2 THEN 1 ELSE 0 END) FROM jobs GROUP BY kind, lane ORDER BY kind, lane"};
  HF_TRY(const auto rows, session.Run(kCount));
  std::vector<LaneDepth> depths;
  for (const Row& row : rows)
    depths.push_back(
        {row[0].Text(), static_cast<Lane>(row[1].Integer()), row[2].Integer(), row[3].Integer(), row[4].Integer()});
  return depths;
}

Result<std::vector<DeadJob>> ListDeadJobs(Session& session, std::string_view kind, std::int64_t after,
                                          std::int64_t count) {
  static constexpr Statement kList{
      "job.list_dead",
      "SELECT id, account_id, kind, key, payload, error FROM jobs WHERE state = 2 AND ($1 = '' OR kind = $1) "
      "AND id > $2 ORDER BY id LIMIT $3"};
  HF_TRY(const auto rows, session.Run(kList, {std::string(kind), after, count}));
  std::vector<DeadJob> dead;
  for (const Row& row : rows) dead.push_back(ToDeadJob(row));
  return dead;
}

Result<bool> RequeueDeadJob(Session& session, std::int64_t id, std::int64_t now) {
  static constexpr Statement kDead{
      "job.find_dead",
      "SELECT kind, lane, account_id FROM jobs WHERE id = $1 AND state = 2 AND NOT EXISTS (SELECT 1 FROM jobs AS other "
      "WHERE other.kind = jobs.kind AND other.key = jobs.key AND other.state <> 2) @FOR_UPDATE"};
  static constexpr Statement kRequeue{
      "job.requeue_dead",
      "UPDATE jobs SET state = 0, attempts = 0, rank = $3, available_at = $2, updated_at = $2 WHERE id = $1"};
  HF_TRY(const auto dead, session.Run(kDead, {id}));
  if (dead.Empty()) return false;
  const Turn turn = ToTurn(dead.rows.front());
  HF_TRY(const std::int64_t rank, NextRank(session, turn, now));
  HF_CHECK_OK(session.Run(kRequeue, {id, now, rank}));
  HF_CHECK_OK(session.Notify("jobs_" + turn.kind));
  return true;
}

Result<bool> DeleteDeadJob(Session& session, std::int64_t id) {
  static constexpr Statement kDelete{"job.delete_dead", "DELETE FROM jobs WHERE id = $1 AND state = 2"};
  HF_TRY(const auto rows, session.Run(kDelete, {id}));
  return rows.changed == 1;
}

Result<void> CancelJobs(Session& session, std::string_view kind, std::span<const std::string> keys) {
  // The living ones and the dead are in indexes of their own.
  static constexpr std::array kCancel = {
      Statement{"job.cancel", "DELETE FROM jobs WHERE kind = $1 AND key IN (@TEXTS($2)) AND state <> 2"},
      Statement{"job.cancel_dead", "DELETE FROM jobs WHERE kind = $1 AND key IN (@TEXTS($2)) AND state = 2"}};
  std::vector<std::string> indexed;
  for (const std::string& key : keys) indexed.push_back(IndexedText(key));
  for (const Statement& statement : kCancel) HF_CHECK_OK(session.Run(statement, {std::string(kind), indexed}));
  return {};
}

Result<void> CancelJob(Session& session, std::string_view kind, std::string_view key) {
  const std::string only(key);
  return CancelJobs(session, kind, {&only, 1});
}

Result<void> DeleteJobsOf(Session& session, std::int64_t account_id) {
  static constexpr Statement kDelete{"job.delete_of_account", "DELETE FROM jobs WHERE account_id = $1"};
  HF_CHECK_OK(session.Run(kDelete, {account_id}));
  return {};
}

Result<bool> AcquireLease(Session& session, std::string_view name, std::string_view holder, std::int64_t now,
                          std::int64_t until) {
  static constexpr Statement kAcquire{
      "lease.acquire",
      "INSERT INTO leases (name, holder, token, until) VALUES ($1, $2, 1, $4) ON CONFLICT (name) DO UPDATE SET "
      "holder = $2, until = $4, token = leases.token + 1 WHERE leases.holder = $2 OR leases.until < $3 RETURNING 1"};
  HF_TRY(const auto rows, session.Run(kAcquire, {std::string(name), std::string(holder), now, until}));
  return !rows.Empty();
}

Result<void> ReleaseLease(Session& session, std::string_view name, std::string_view holder) {
  static constexpr Statement kRelease{"lease.release", "DELETE FROM leases WHERE name = $1 AND holder = $2"};
  HF_CHECK_OK(session.Run(kRelease, {std::string(name), std::string(holder)}));
  return {};
}

}  // namespace holdfast::store
