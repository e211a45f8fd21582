// Background work, kept where the truth is kept: in the database.
//
// A job waits in a lane (lower lanes first), within a lane accounts take turns, within an account the oldest comes
// first. A worker claims it for a time, says now and then that it is still at it, and ends it as done (the job is
// gone) or failed (it waits again, after a pause, and takes its turn anew; after too many attempts it is dead until an
// operator decides). Each claim has a token of its own, so a worker whose lease ran out cannot end what somebody else
// now holds. There is one living job for each kind and key.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace holdfast::store {

// Stored: never renumber.
enum class Lane : std::uint8_t { kPush = 0, kAdmission = 1, kOnDemand = 2, kReplay = 3, kSweep = 4 };
// "push", "on_demand", …
[[nodiscard]] std::string_view LaneName(Lane lane);

struct NewJob {
  std::string kind;
  Lane lane = Lane::kOnDemand;
  std::int64_t account_id = 0;
  std::string key;
  std::string payload;  // JSON; never a secret
  std::int64_t attempts_max = 5;
  std::int64_t available_at = 0;  // not before
};

struct Job {
  std::int64_t id = 0;
  std::string kind;
  Lane lane = Lane::kOnDemand;
  std::int64_t account_id = 0;
  std::string key, payload;
  std::int64_t attempts = 0, attempts_max = 0;  // this attempt included
  std::int64_t token = 0;
  std::int64_t available_at = 0, created_at = 0;
  std::string error;  // of the last attempt
};

struct JobLease {
  std::int64_t id = 0, token = 0;
};

// A job that ran out of attempts, or lost its worker.
struct DeadJob {
  std::int64_t id = 0, account_id = 0;
  std::string kind, key, payload, error;
};

struct LaneDepth {
  std::string kind;
  Lane lane = Lane::kOnDemand;
  std::int64_t queued = 0, leased = 0, dead = 0;
};

// How many are new: where a living job of that kind and key is there already, it is left as it is.
[[nodiscard]] Result<std::size_t> EnqueueJobs(Session& session, std::span<const NewJob> jobs, std::int64_t now);
// False when it is not new.
[[nodiscard]] Result<bool> EnqueueJob(Session& session, const NewJob& job, std::int64_t now);
// Up to `count` jobs for `owner`, in the order in which they should be done.
[[nodiscard]] Result<std::vector<Job>> ClaimJobs(Session& session, std::string_view kind, std::int64_t count,
                                                 std::string_view owner, std::int64_t now, std::int64_t lease_until);
// Prolongs the leases; returns the ids of those that are lost.
[[nodiscard]] Result<std::vector<std::int64_t>> ExtendJobs(Session& session, std::span<const JobLease> leases,
                                                           std::int64_t lease_until);
// The ids of the jobs that are done by this. The leases of the others were lost: somebody else has the job, or it is
// gone, and what their holders did must not count.
[[nodiscard]] Result<std::set<std::int64_t>> CompleteJobs(Session& session, std::span<const JobLease> leases);
// False: the lease was lost. Callers then undo what they did (roll back).
[[nodiscard]] Result<bool> CompleteJob(Session& session, const JobLease& lease);
struct FailedJob {
  bool held = true;  // false: the lease was lost, nothing happened
  bool dead = false;
};
// Back into the queue, not before `retry_at`; dead when `retry` is false or the attempts are used up.
[[nodiscard]] Result<FailedJob> FailJob(Session& session, const JobLease& lease, std::string_view error, bool retry,
                                        std::int64_t retry_at, std::int64_t now);
// Back into the queue until then, the attempt not counted. False: the lease was lost.
[[nodiscard]] Result<bool> PostponeJob(Session& session, const JobLease& lease, std::string_view reason,
                                       std::int64_t until, std::int64_t now);
// Back into the queue at once, the attempt not counted: for a worker that stops, or that has too much. The payloads of
// those that were held.
[[nodiscard]] Result<std::vector<std::string>> ReturnJobs(Session& session, std::span<const JobLease> leases,
                                                          std::int64_t now);
// Ends the leases of jobs of that kind that were claimed before `claimed_before`, whatever their workers say.
[[nodiscard]] Result<void> EndOldLeases(Session& session, std::string_view kind, std::int64_t claimed_before);
struct ReapedJobs {
  std::vector<DeadJob> dead, waiting;
};
// Jobs whose lease ran out wait again, or are dead. At most `count` in one go.
[[nodiscard]] Result<ReapedJobs> ReapJobs(Session& session, std::int64_t now, std::int64_t count);

[[nodiscard]] Result<std::optional<Job>> FindJob(Session& session, std::string_view kind, std::string_view key);
// Queued jobs that will be claimed before this one.
[[nodiscard]] Result<std::int64_t> CountJobsAhead(Session& session, std::int64_t id);
[[nodiscard]] Result<std::vector<LaneDepth>> CountJobs(Session& session);
// Ascending by id, greater than `after`; all kinds when `kind` is empty.
[[nodiscard]] Result<std::vector<DeadJob>> ListDeadJobs(Session& session, std::string_view kind, std::int64_t after,
                                                        std::int64_t count);
// False when it is not dead, or a living job has taken its place.
[[nodiscard]] Result<bool> RequeueDeadJob(Session& session, std::int64_t id, std::int64_t now);
[[nodiscard]] Result<bool> DeleteDeadJob(Session& session, std::int64_t id);
// Living or dead; a worker that holds one will find its lease lost.
[[nodiscard]] Result<void> CancelJobs(Session& session, std::string_view kind, std::span<const std::string> keys);
[[nodiscard]] Result<void> CancelJob(Session& session, std::string_view kind, std::string_view key);
[[nodiscard]] Result<void> DeleteJobsOf(Session& session, std::int64_t account_id);

// A right that one holder in the platform has until a time: true when `holder` has it now.
[[nodiscard]] Result<bool> AcquireLease(Session& session, std::string_view name, std::string_view holder,
                                        std::int64_t now, std::int64_t until);
[[nodiscard]] Result<void> ReleaseLease(Session& session, std::string_view name, std::string_view holder);

}  // namespace holdfast::store
