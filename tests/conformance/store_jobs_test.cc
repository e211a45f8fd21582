// The queue, on every driver: order, turns, leases, and that no job is done twice.
#include "store/jobs.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "conformance/repository_fixture.h"

namespace holdfast::store {
namespace {

using test::Driver;

constexpr std::int64_t kLease = 30'000;

class StoreJobsTest : public RepositoryTest {
 protected:
  bool Enqueue(std::int64_t account, std::string_view key, Lane lane = Lane::kOnDemand, std::int64_t available_at = 0,
               std::string_view kind = "analyze") {
    return Do([&](Session& session) {
      return EnqueueJob(session,
                        {.kind = std::string(kind),
                         .lane = lane,
                         .account_id = account,
                         .key = std::string(key),
                         .payload = "{}",
                         .attempts_max = 2,
                         .available_at = available_at},
                        kNow);
    });
  }
  std::vector<Job> Claim(std::int64_t count, std::int64_t now = kNow, std::string_view owner = "worker") {
    return Do([&](Session& session) { return ClaimJobs(session, "analyze", count, owner, now, now + kLease); });
  }
  std::string ClaimKeys(std::int64_t count, std::int64_t now = kNow) {
    std::string keys;
    for (const Job& job : Claim(count, now)) keys += (keys.empty() ? "" : " ") + job.key;
    return keys;
  }
  Job ClaimOne(std::int64_t now = kNow) {
    auto jobs = Claim(1, now);
    if (jobs.size() != 1) throw std::runtime_error("no job to claim");
    return jobs.front();
  }
  bool Complete(const Job& job) {
    return Do([&](Session& session) { return CompleteJob(session, {job.id, job.token}); });
  }
  FailedJob Fail(const Job& job, bool retry, std::int64_t retry_at = kNow, std::string_view error = "it broke") {
    return Do([&](Session& session) { return FailJob(session, {job.id, job.token}, error, retry, retry_at, kNow); });
  }
  std::vector<DeadJob> Reap(std::int64_t now, std::int64_t count = 100) {
    return Do([&](Session& session) { return ReapJobs(session, now, count); }).dead;
  }
};

INSTANTIATE_TEST_SUITE_P(Drivers, StoreJobsTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

TEST_P(StoreJobsTest, AJobComesBackAsItWasEnqueued) {
  const NewJob wanted{.kind = "analyze",
                      .lane = Lane::kReplay,
                      .account_id = 42,
                      .key = "image 7",
                      .payload = "{\"image\":7}",
                      .attempts_max = 9,
                      .available_at = kNow - 5};
  EXPECT_TRUE(Do([&](Session& session) { return EnqueueJob(session, wanted, kNow - 10); }));
  const auto waiting = Do([](Session& session) { return FindJob(session, "analyze", "image 7"); });
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->attempts, 0);
  EXPECT_EQ(waiting->error, "");
  const Job job = ClaimOne();
  EXPECT_EQ(job.id, waiting->id);
  EXPECT_EQ(job.kind, "analyze");
  EXPECT_EQ(job.lane, Lane::kReplay);
  EXPECT_EQ(job.account_id, 42);
  EXPECT_EQ(job.key, "image 7");
  EXPECT_EQ(job.payload, "{\"image\":7}");
  EXPECT_EQ(job.attempts, 1);
  EXPECT_EQ(job.attempts_max, 9);
  EXPECT_EQ(job.token, 1);
  EXPECT_EQ(job.available_at, kNow - 5);
  EXPECT_EQ(job.created_at, kNow - 10);
  EXPECT_TRUE(Complete(job));
  EXPECT_FALSE(Do([](Session& session) { return FindJob(session, "analyze", "image 7"); }));
}

TEST_P(StoreJobsTest, OneLivingJobForEachKindAndKey) {
  EXPECT_TRUE(Enqueue(1, "a"));
  EXPECT_FALSE(Enqueue(1, "a"));
  EXPECT_FALSE(Enqueue(2, "a", Lane::kPush));
  EXPECT_TRUE(Enqueue(1, "a", Lane::kOnDemand, 0, "notify"));
  const Job held = ClaimOne();
  EXPECT_FALSE(Enqueue(1, "a"));  // while it is held too
  EXPECT_TRUE(Fail(held, false).dead);
  EXPECT_TRUE(Enqueue(1, "a"));  // a dead one does not live
  EXPECT_EQ(ClaimKeys(10), "a");
}

TEST_P(StoreJobsTest, OnlyAsManyAsAskedForOfThatKindWhenTheyAreDue) {
  for (const char* key : {"a", "b", "c", "d"}) Enqueue(1, key);
  Enqueue(1, "other", Lane::kPush, 0, "notify");
  Enqueue(1, "later", Lane::kPush, kNow + 1);
  EXPECT_TRUE(Claim(0).empty());
  EXPECT_TRUE(Claim(-1).empty());
  EXPECT_EQ(ClaimKeys(3), "a b c");
  EXPECT_EQ(ClaimKeys(3), "d");
  EXPECT_EQ(ClaimKeys(3), "");
  EXPECT_EQ(ClaimKeys(3, kNow + 1), "later");
}

TEST_P(StoreJobsTest, LanesComeBeforeEachOther) {
  Enqueue(1, "sweep", Lane::kSweep);
  Enqueue(1, "replay", Lane::kReplay);
  Enqueue(1, "demand", Lane::kOnDemand);
  Enqueue(1, "admission", Lane::kAdmission);
  Enqueue(1, "push", Lane::kPush);
  EXPECT_EQ(ClaimKeys(2), "push admission");
  EXPECT_EQ(ClaimKeys(10), "demand replay sweep");
}

TEST_P(StoreJobsTest, AccountsTakeTurns) {
  for (const char* key : {"a1", "a2", "a3", "a4"}) Enqueue(1, key);
  for (const char* key : {"b1", "b2"}) Enqueue(2, key);
  Enqueue(3, "c1");
  EXPECT_EQ(ClaimKeys(3), "a1 b1 c1");
  // Who comes back after its turn was served is served in the next one.
  Enqueue(3, "c2");
  EXPECT_EQ(ClaimKeys(10), "a2 b2 c2 a3 a4");
}

TEST_P(StoreJobsTest, ALongQueueDoesNotDelayAnothersFirstJob) {
  Do([](Session& session) -> Result<void> {
    for (int i = 0; i < 1000; ++i)
      HF_CHECK_OK(EnqueueJob(session, {.kind = "analyze", .account_id = 1, .key = "long " + std::to_string(i)}, kNow));
    return {};
  });
  EXPECT_EQ(Claim(500).size(), 500U);
  Enqueue(2, "first");
  Enqueue(2, "second");
  EXPECT_EQ(ClaimKeys(4), "long 500 first long 501 second");
}

// What waits for its time does not hold the turn: the account that comes in now would go before all others.
TEST_P(StoreJobsTest, AJobThatIsNotDueDoesNotHoldTheTurn) {
  Enqueue(1, "later", Lane::kOnDemand, kNow + 1000);
  for (const char* key : {"a1", "a2", "a3"}) Enqueue(2, key);
  EXPECT_EQ(ClaimKeys(2), "a1 a2");
  for (const char* key : {"b1", "b2", "b3"}) Enqueue(3, key);
  EXPECT_EQ(ClaimKeys(10), "a3 b1 b2 b3");
}

// Nor does the turn go back when the queue runs empty while jobs wait for their time: they would never be reached.
TEST_P(StoreJobsTest, AJobThatIsTriedAgainIsNotOvertakenForEver) {
  for (const char* key : {"a1", "a2", "a3", "a4", "a5"}) Enqueue(1, key);
  EXPECT_EQ(Claim(4).size(), 4U);
  Fail(ClaimOne(), true, kNow + 10);  // a5, of the last turn
  Enqueue(2, "b1");
  Enqueue(3, "c1");
  EXPECT_EQ(ClaimKeys(1), "b1");
  Enqueue(2, "b2");
  Enqueue(2, "b3");
  EXPECT_EQ(ClaimKeys(10, kNow + 10), "c1 b2 a5 b3");
}

TEST_P(StoreJobsTest, EightWorkersDoEachJobOnceAndNoMoreThanTheyAskedFor) {
  constexpr std::int64_t kAccounts = 5;
  constexpr std::int64_t kJobsEach = 120;
  Do([&](Session& session) -> Result<void> {
    for (std::int64_t i = 0; i < kAccounts * kJobsEach; ++i)
      HF_CHECK_OK(
          EnqueueJob(session, {.kind = "analyze", .account_id = i / kJobsEach, .key = std::to_string(i)}, kNow));
    return {};
  });
  std::mutex mutex;
  std::multiset<std::int64_t> done;
  std::size_t most = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        const std::string owner = "worker " + std::to_string(t);
        for (;;) {
          const auto jobs = Claim(3, kNow, owner);
          if (jobs.empty()) return;
          {
            const std::scoped_lock lock(mutex);
            most = std::max(most, jobs.size());
            for (const Job& job : jobs) done.insert(job.id);
          }
          for (const Job& job : jobs) EXPECT_TRUE(Complete(job));
        }
      });
    }
  }
  EXPECT_EQ(most, 3U);
  EXPECT_EQ(done.size(), static_cast<std::size_t>(kAccounts * kJobsEach));
  EXPECT_EQ(std::set<std::int64_t>(done.begin(), done.end()).size(), done.size());
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM jobs"), 0);
}

TEST_P(StoreJobsTest, WorkersSideBySideAreFairToo) {
  Do([&](Session& session) -> Result<void> {
    for (int i = 0; i < 400; ++i)
      HF_CHECK_OK(EnqueueJob(session, {.kind = "analyze", .account_id = 1, .key = "a" + std::to_string(i)}, kNow));
    for (int i = 0; i < 20; ++i)
      HF_CHECK_OK(EnqueueJob(session, {.kind = "analyze", .account_id = 2, .key = "b" + std::to_string(i)}, kNow));
    return {};
  });
  constexpr int kWorkers = 8;
  // By a ticket that is drawn before the claim: what a worker writes down afterwards, it may write down late.
  std::atomic<int> tickets = 0;
  std::mutex mutex;
  std::multimap<int, std::int64_t> accounts;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kWorkers; ++t) {
      threads.emplace_back([&] {
        for (;;) {
          const int ticket = tickets++;
          const auto jobs = Claim(2);
          if (jobs.empty()) return;
          const std::scoped_lock lock(mutex);
          for (const Job& job : jobs) accounts.emplace(ticket, job.account_id);
        }
      });
    }
  }
  ASSERT_EQ(accounts.size(), 420U);
  int last = 0;
  for (const auto& [ticket, account] : accounts)
    if (account == 2) last = ticket;
  // 20 claims of one job of each account, what other workers had locked meanwhile, and tickets drawn but not yet used.
  EXPECT_LT(last, 20 + 2 * kWorkers);
}

TEST_P(StoreJobsTest, ALeaseIsExtendedWhileItIsHeld) {
  Enqueue(1, "a");
  Enqueue(1, "b");
  const auto jobs = Claim(2);
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_TRUE(Complete(jobs[1]));
  const std::vector<JobLease> leases = {{jobs[0].id, jobs[0].token}, {jobs[1].id, jobs[1].token}, {999, 1}};
  EXPECT_EQ(Do([&](Session& session) { return ExtendJobs(session, leases, kNow + 2 * kLease); }),
            (std::vector<std::int64_t>{jobs[1].id, 999}));
  EXPECT_TRUE(Do([&](Session& session) { return ExtendJobs(session, {}, kNow); }).empty());
  EXPECT_TRUE(Reap(kNow + kLease + 1).empty());
  EXPECT_EQ(ClaimKeys(1, kNow + kLease + 1), "");
  Reap(kNow + 2 * kLease + 1);
  EXPECT_EQ(ClaimKeys(1, kNow + 2 * kLease + 1), "a");
}

TEST_P(StoreJobsTest, AnOldHolderCanDoNothing) {
  Enqueue(1, "a");
  const Job old = ClaimOne();
  EXPECT_TRUE(Reap(kNow + kLease).empty());
  EXPECT_EQ(ClaimKeys(1, kNow + kLease), "");  // the lease holds to its end
  EXPECT_TRUE(Reap(kNow + kLease + 1).empty());
  EXPECT_FALSE(Complete(old));  // it waits again: nobody holds it
  const Job mine = ClaimOne(kNow + kLease + 1);
  EXPECT_EQ(mine.id, old.id);
  EXPECT_GT(mine.token, old.token);
  EXPECT_EQ(mine.attempts, 2);
  EXPECT_EQ(mine.error, "the worker that had this job was lost");
  EXPECT_FALSE(Complete(old));
  EXPECT_FALSE(Fail(old, true).held);
  const std::vector<JobLease> lease = {{old.id, old.token}};
  EXPECT_EQ(Do([&](Session& session) { return ExtendJobs(session, lease, kNow * 2); }),
            std::vector<std::int64_t>{old.id});
  Do([&](Session& session) { return ReturnJobs(session, lease, kNow); });
  EXPECT_TRUE(Claim(1, kNow + kLease + 1).empty());
  EXPECT_TRUE(Complete(mine));
}

TEST_P(StoreJobsTest, SeveralAreEnqueuedAndCompletedAtOnce) {
  Enqueue(1, "old");
  const auto job = [](std::int64_t account, std::string key) {
    return NewJob{.kind = "analyze", .account_id = account, .key = std::move(key), .payload = "{}"};
  };
  const std::vector<NewJob> jobs = {job(1, "a"), job(1, "old"), job(2, "x"), job(1, "b"), job(2, "x")};
  EXPECT_EQ(Do([&](Session& session) { return EnqueueJobs(session, jobs, kNow); }), 3U);
  EXPECT_EQ(Do([&](Session& session) { return EnqueueJobs(session, {}, kNow); }), 0U);
  const auto claimed = Claim(10);
  std::vector<std::string> keys;
  for (const Job& one : claimed) keys.push_back(one.key);
  // Accounts take turns.
  EXPECT_EQ(keys, (std::vector<std::string>{"old", "x", "a", "b"}));
  const std::vector<JobLease> leases = {{claimed[0].id, claimed[0].token},
                                        {claimed[1].id, claimed[1].token + 1},
                                        {claimed[2].id, claimed[2].token},
                                        {999, 1}};
  EXPECT_EQ(Do([&](Session& session) { return CompleteJobs(session, leases); }),
            (std::set<std::int64_t>{claimed[0].id, claimed[2].id}));
  EXPECT_TRUE(Do([&](Session& session) { return CompleteJobs(session, leases); }).empty());
  EXPECT_TRUE(Complete(claimed[1]));
}

TEST_P(StoreJobsTest, LostJobsThatWereTriedOftenEnoughAreDead) {
  for (const char* key : {"a", "b", "c"}) Enqueue(7, key);
  Claim(3);
  EXPECT_TRUE(Reap(kNow + kLease + 1, 2).empty());
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM jobs WHERE state = 1"), 1);  // two in one go
  EXPECT_TRUE(Reap(kNow + kLease + 1).empty());
  EXPECT_EQ(Claim(3).size(), 3U);
  const auto dead = Reap(kNow + kLease + 1);
  ASSERT_EQ(dead.size(), 3U);
  EXPECT_EQ(dead[0].account_id, 7);
  EXPECT_EQ(dead[0].kind, "analyze");
  EXPECT_EQ(dead[0].payload, "{}");
  EXPECT_EQ(dead[0].error, "the worker that had this job was lost");
  EXPECT_TRUE(Claim(3, kNow * 2).empty());
}

TEST_P(StoreJobsTest, AFailedJobWaitsThenDies) {
  Enqueue(1, "a");
  const FailedJob first = Fail(ClaimOne(), true, kNow + 100, "no route");
  EXPECT_TRUE(first.held);
  EXPECT_FALSE(first.dead);
  EXPECT_EQ(ClaimKeys(1, kNow + 99), "");
  const Job again = ClaimOne(kNow + 100);
  EXPECT_EQ(again.error, "no route");
  EXPECT_EQ(again.attempts, 2);
  const FailedJob second = Fail(again, true, kNow + 200, "no route again");
  EXPECT_TRUE(second.held);
  EXPECT_TRUE(second.dead);
  EXPECT_EQ(ClaimKeys(1, kNow * 2), "");
  EXPECT_FALSE(Do([](Session& session) { return FindJob(session, "analyze", "a"); }));
  const auto dead = Do([](Session& session) { return ListDeadJobs(session, "", 0, 10); });
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].id, again.id);
  EXPECT_EQ(dead[0].key, "a");
  EXPECT_EQ(dead[0].error, "no route again");
}

TEST_P(StoreJobsTest, PostponedJobsWaitAndLoseNothing) {
  for (const char* key : {"a1", "a2"}) Enqueue(1, key);
  const Job job = Claim(1).at(0);
  const auto postpone = [&] {
    return Do([&](Session& session) {
      return PostponeJob(session, {job.id, job.token}, "the registry asks for it", kNow + 100, kNow);
    });
  };
  EXPECT_TRUE(postpone());
  EXPECT_FALSE(postpone());  // the lease is gone
  const auto next = Claim(2);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].key, "a2");
  const auto waiting = Do([](Session& session) { return FindJob(session, "analyze", "a1"); });
  EXPECT_EQ(waiting->attempts, 0);
  EXPECT_EQ(waiting->available_at, kNow + 100);
  EXPECT_EQ(waiting->error, "the registry asks for it");
}

TEST_P(StoreJobsTest, OldLeasesEndWhateverTheirHoldersSay) {
  for (const char* key : {"a1", "a2"}) Enqueue(1, key);
  const Job job = Claim(1).at(0);
  const std::vector<JobLease> lease = {{job.id, job.token}};
  const auto reap = [&](std::int64_t claimed_before) {
    Do([&](Session& session) -> Result<void> {
      HF_CHECK_OK(ExtendJobs(session, lease, kNow + 1'000'000));
      HF_CHECK_OK(EndOldLeases(session, "notify", claimed_before));
      HF_CHECK_OK(ReapJobs(session, kNow + 10, 10));
      HF_CHECK_OK(EndOldLeases(session, "analyze", claimed_before));
      HF_CHECK_OK(ReapJobs(session, kNow + 10, 10));
      return {};
    });
  };
  reap(kNow);
  EXPECT_EQ(Claim(2).size(), 1U);
  reap(kNow + 1);
  EXPECT_EQ(Do([&](Session& session) { return ExtendJobs(session, lease, kNow + 1'000'000); }),
            std::vector<std::int64_t>{job.id});
  EXPECT_EQ(Claim(2).size(), 2U);
}

TEST_P(StoreJobsTest, ReturnedJobsLoseNothing) {
  for (const char* key : {"a1", "a2", "a3"}) Enqueue(1, key);
  const auto jobs = Claim(2);
  ASSERT_EQ(jobs.size(), 2U);
  const std::vector<JobLease> leases = {{jobs[0].id, jobs[0].token}, {jobs[1].id, jobs[1].token}};
  Do([&](Session& session) { return ReturnJobs(session, leases, kNow); });
  Do([&](Session& session) { return ReturnJobs(session, leases, kNow); });  // harmless
  Do([&](Session& session) { return ReturnJobs(session, {}, kNow); });
  const auto again = Claim(3);
  ASSERT_EQ(again.size(), 3U);
  EXPECT_EQ(again[0].key, "a1");  // where they were
  EXPECT_EQ(again[0].attempts, 1);
  EXPECT_EQ(again[0].token, 2);
  EXPECT_FALSE(Complete(jobs[0]));
}

TEST_P(StoreJobsTest, DeadJobsAreListedRequeuedAndDeleted) {
  for (const char* key : {"a", "b", "c"}) Enqueue(1, key);
  Enqueue(1, "n", Lane::kOnDemand, 0, "notify");
  for (const Job& job : Claim(3)) Fail(job, false);
  for (const Job& job :
       Do([](Session& session) { return ClaimJobs(session, "notify", 1, "worker", kNow, kNow + kLease); }))
    Fail(job, false);
  const auto list = [&](std::string_view kind, std::int64_t after, std::int64_t count) {
    return Do([&](Session& session) { return ListDeadJobs(session, kind, after, count); });
  };
  EXPECT_EQ(list("", 0, 10).size(), 4U);
  EXPECT_EQ(list("notify", 0, 10).size(), 1U);
  const auto first = list("analyze", 0, 2);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].key, "a");
  const auto rest = list("analyze", first[1].id, 2);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].key, "c");

  const auto requeue = [&](std::int64_t id) {
    return Do([&](Session& session) { return RequeueDeadJob(session, id, kNow + 5); });
  };
  EXPECT_TRUE(requeue(first[0].id));
  EXPECT_FALSE(requeue(first[0].id));
  EXPECT_FALSE(requeue(999));
  Enqueue(1, "b");
  EXPECT_FALSE(requeue(first[1].id));  // a living one has its place
  EXPECT_EQ(list("analyze", 0, 10).size(), 2U);
  const Job again = ClaimOne(kNow + 5);
  EXPECT_EQ(again.key, "a");
  EXPECT_EQ(again.attempts, 1);

  const auto remove = [&](std::int64_t id) { return Do([&](Session& session) { return DeleteDeadJob(session, id); }); };
  EXPECT_FALSE(remove(again.id));
  EXPECT_TRUE(remove(first[1].id));
  EXPECT_FALSE(remove(first[1].id));
  EXPECT_EQ(list("", 0, 10).size(), 2U);
}

TEST_P(StoreJobsTest, RequeuedJobsTakeTheirTurnAnew) {
  for (const char* key : {"a1", "a2", "a3"}) Enqueue(1, key);
  const auto jobs = Claim(3);
  for (const Job& job : jobs) Fail(job, false);
  for (const char* key : {"b1", "b2", "b3", "b4"}) Enqueue(2, key);
  EXPECT_EQ(ClaimKeys(2), "b1 b2");
  for (const Job& job : jobs) EXPECT_TRUE(Do([&](Session& session) { return RequeueDeadJob(session, job.id, kNow); }));
  EXPECT_EQ(ClaimKeys(10), "a1 b3 a2 b4 a3");
}

TEST_P(StoreJobsTest, ACancelledJobIsGoneFromItsHolderToo) {
  Enqueue(1, "a");
  Enqueue(1, "b");
  const Job held = ClaimOne();
  const auto cancel = [&](std::string_view key) {
    Do([&](Session& session) { return CancelJob(session, "analyze", key); });
  };
  cancel("a");
  cancel("b");
  cancel("never was");
  EXPECT_FALSE(Complete(held));
  EXPECT_EQ(ClaimKeys(10), "");
  EXPECT_TRUE(Enqueue(1, "a"));
  const Job dead = ClaimOne();
  Fail(dead, false);
  cancel("a");
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM jobs"), 0);
}

TEST_P(StoreJobsTest, JobsOfAnAccountGoWithIt) {
  Enqueue(1, "a");
  Enqueue(2, "b");
  Do([](Session& session) { return DeleteJobsOf(session, 1); });
  EXPECT_EQ(ClaimKeys(10), "b");
}

TEST_P(StoreJobsTest, JobsAreCounted) {
  for (const char* key : {"a1", "a2", "a3", "a4"}) Enqueue(1, key);
  Enqueue(2, "b1");
  Enqueue(2, "p", Lane::kPush);
  Enqueue(2, "n", Lane::kSweep, 0, "notify");
  const auto ahead = [&](std::string_view key) {
    return Do([&](Session& session) -> Result<std::int64_t> {
      HF_TRY(const auto job, FindJob(session, "analyze", key));
      return CountJobsAhead(session, job.value().id);
    });
  };
  EXPECT_EQ(ahead("p"), 0);
  EXPECT_EQ(ahead("a1"), 1);
  EXPECT_EQ(ahead("b1"), 2);
  EXPECT_EQ(ahead("a4"), 5);
  EXPECT_EQ(Do([](Session& session) { return CountJobsAhead(session, 999); }), 0);
  const auto jobs = Claim(3);
  Fail(jobs[0], false);
  EXPECT_EQ(ahead("a4"), 2);
  const auto depths = Do([](Session& session) { return CountJobs(session); });
  ASSERT_EQ(depths.size(), 3U);
  EXPECT_EQ(depths[0].kind, "analyze");
  EXPECT_EQ(depths[0].lane, Lane::kPush);
  EXPECT_EQ(depths[0].dead, 1);
  EXPECT_EQ(depths[1].queued, 3);
  EXPECT_EQ(depths[1].leased, 2);
  EXPECT_EQ(depths[1].dead, 0);
  EXPECT_EQ(depths[2].kind, "notify");
}

TEST_P(StoreJobsTest, ALeaseHasOneHolderAtATime) {
  const auto acquire = [&](std::string_view holder, std::int64_t now) {
    return Do([&](Session& session) { return AcquireLease(session, "feeds", holder, now, now + 100); });
  };
  EXPECT_TRUE(acquire("one", kNow));
  EXPECT_FALSE(acquire("two", kNow + 50));
  EXPECT_TRUE(acquire("one", kNow + 50));  // prolonged
  EXPECT_FALSE(acquire("two", kNow + 120));
  EXPECT_TRUE(acquire("two", kNow + 151));
  EXPECT_FALSE(acquire("one", kNow + 152));
  Do([](Session& session) { return ReleaseLease(session, "feeds", "one"); });  // not its own
  EXPECT_FALSE(acquire("one", kNow + 152));
  Do([](Session& session) { return ReleaseLease(session, "feeds", "two"); });
  EXPECT_TRUE(acquire("one", kNow + 152));
  EXPECT_TRUE(Do([](Session& session) { return AcquireLease(session, "other", "two", kNow, kNow + 1); }));
}

TEST_P(StoreJobsTest, OfManyCandidatesOneGetsTheLease) {
  std::atomic<int> holders = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        const std::string holder = "replica " + std::to_string(t);
        if (Do([&](Session& session) { return AcquireLease(session, "feeds", holder, kNow, kNow + 100); })) ++holders;
      });
    }
  }
  EXPECT_EQ(holders, 1);
}

TEST_P(StoreJobsTest, TheQueueIsNotScanned) {
  Enqueue(1, "a", Lane::kPush);
  Enqueue(1, "b", Lane::kPush);
  Do([](Session& session) {
    return session.RunScript(
        {"test.fill",
         "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) INSERT INTO jobs (kind, "
         "lane, account_id, key, payload, state, rank, attempts, attempts_max, available_at, lease_token, lease_until, "
         "created_at, updated_at) SELECT CASE WHEN i % 2 = 0 THEN 'analyze' ELSE 'notify' END, i % 5, i % 50, 'k' || "
         "i, "
         "'{}', CASE WHEN i % 100 = 0 THEN 1 WHEN i % 100 = 1 THEN 2 ELSE 0 END, i, 0, 5, 0, 0, i, 0, 0 FROM n"});
  });
  ExpectNoScan({"jobs"}, [](Session& session) -> Result<void> {
    HF_TRY(const auto jobs, ClaimJobs(session, "analyze", 2, "worker", kNow, kNow + kLease));
    EXPECT_EQ(jobs.size(), 2U);
    const std::vector<JobLease> leases = {{jobs.at(0).id, jobs.at(0).token}};
    HF_CHECK_OK(ExtendJobs(session, leases, kNow + 1));
    HF_CHECK_OK(ReturnJobs(session, leases, kNow));
    HF_CHECK_OK(PostponeJob(session, leases[0], "", kNow, kNow));
    HF_CHECK_OK(EndOldLeases(session, "analyze", kNow));
    HF_CHECK_OK(CompleteJob(session, {jobs.at(1).id, jobs.at(1).token}));
    HF_CHECK_OK(ReapJobs(session, kNow, 10));
    HF_CHECK_OK(FindJob(session, "analyze", "a"));
    HF_CHECK_OK(CountJobsAhead(session, jobs.at(0).id));
    HF_CHECK_OK(ListDeadJobs(session, "analyze", 0, 10));
    HF_CHECK_OK(RequeueDeadJob(session, jobs.at(0).id, kNow));
    HF_CHECK_OK(EnqueueJob(session, {.kind = "analyze", .account_id = 3, .key = "z"}, kNow));
    HF_CHECK_OK(CancelJob(session, "analyze", "a"));
    HF_CHECK_OK(DeleteJobsOf(session, 1));
    return {};
  });
}

}  // namespace
}  // namespace holdfast::store
