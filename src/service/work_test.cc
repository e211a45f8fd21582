#include "service/work.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/request_scope.h"
#include "io/json.h"
#include "service/analysis_store.h"
#include "service/images.h"
#include "service/matching.h"
#include "store/events.h"
#include "store/services.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using namespace std::literals;
using test::ExpectError;
using test::Value;

class WorkTest : public test::PlatformFixture, public testing::WithParamInterface<test::Driver> {
 public:
  WorkTest() : PlatformFixture(GetParam()) {}

 protected:
  store::Image Add(const store::Account& account, std::string_view seed, bool force = false) {
    const auto name = Value(ParseImageName("docker.io/library/a:" + std::string(seed)));
    return Value(AddImage(platform_, account, name, test::MakeRemoteImage(seed), {.force = force}));
  }
  AnalyzeTask Claim() {
    auto tasks = Value(port_.Claim("analyzer-1", 1));
    if (tasks.size() != 1) throw std::runtime_error("no task");
    return tasks.front();
  }
  store::Image Get(const store::Account& account, const store::Image& image) {
    return Value(GetImage(platform_, account, image.digest.Text()));
  }
  std::vector<store::Event> EventsOf(const store::Account& account, std::string_view type) {
    return Value(database_->Read([&](store::Session& session) {
             return store::ListEvents(session, account.id, {.type = std::string(type)}, 1, 100);
           }))
        .events;
  }
  static model::ImageAnalysis MakeAnalysis() {
    model::ImageAnalysis analysis;
    analysis.distro.id = "debian";
    analysis.distro.version_id = "12";
    analysis.source.architecture = "amd64";
    model::Package package;
    package.name = "openssl";
    package.version = "1.0";
    package.type = "deb";
    package.version_scheme = "dpkg";
    package.locations = {{.path = "/var/lib/dpkg/status", .layer = 0}};
    package.files.resize(3);
    analysis.packages = {package};
    return analysis;
  }

  store::Account team_ = AddAccount("team");
  LocalAnalyzerPort port_{platform_};
};

INSTANTIATE_TEST_SUITE_P(Drivers, WorkTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

TEST_P(WorkTest, AnImageIsClaimedAnalysedAndFinished) {
  const auto image = Add(team_, "1");
  const AnalyzeTask task = Claim();
  EXPECT_EQ(task.image_row, image.row);
  EXPECT_EQ(task.digest, image.digest);
  EXPECT_EQ(task.reference, "docker.io/library/a@" + image.digest.Text());
  EXPECT_EQ(Get(team_, image).analysis_status, store::AnalysisStatus::kAnalyzing);
  EXPECT_TRUE(Value(port_.Claim("analyzer-2", 5)).empty());
  Value(port_.Complete(task, MakeAnalysis()));
  auto done = Get(team_, image);
  EXPECT_EQ(done.analysis_status, store::AnalysisStatus::kAnalyzing);  // its findings are awaited
  ASSERT_TRUE(done.analysis);
  EXPECT_EQ(done.analysis->distro, "debian");
  EXPECT_EQ(done.analysis->packages, 1);
  EXPECT_EQ(done.dockerfile_mode, "Guessed");
  const auto stored = Value(LoadAnalysisObject(platform_, done));
  ASSERT_EQ(stored.packages.size(), 1U);
  EXPECT_TRUE(stored.packages[0].files.empty());
  EXPECT_EQ(Value(FinishMatchedImages(platform_, 0, 10)), 1U);
  EXPECT_EQ(Get(team_, image).analysis_status, store::AnalysisStatus::kAnalyzed);
  EXPECT_EQ(EventsOf(team_, "*.completed").size(), 1U);
  ExpectError(port_.Complete(task, MakeAnalysis()), ErrorKind::kConflict);
}

TEST_P(WorkTest, WhoLostTheLeaseStoresNothing) {
  const auto image = Add(team_, "1");
  const AnalyzeTask lost = Claim();
  clock_.Advance(kLeaseMs - 1);
  Value(ReapLostWork(platform_, 36'000'000));
  const std::vector<store::JobLease> leases = {lost.lease};
  EXPECT_TRUE(Value(port_.Extend(leases)).empty());
  clock_.Advance(kLeaseMs + 1);
  Value(ReapLostWork(platform_, 36'000'000));
  EXPECT_EQ(Value(port_.Extend(leases)), std::vector<std::int64_t>{lost.lease.id});
  const AnalyzeTask mine = Claim();
  EXPECT_EQ(mine.image_row, image.row);
  ExpectError(port_.Complete(lost, MakeAnalysis()), ErrorKind::kConflict);
  EXPECT_FALSE(Get(team_, image).analysis);
  Value(port_.Fail(lost, Error(ErrorKind::kCorrupt, "too late")));
  EXPECT_EQ(Get(team_, image).analysis_status, store::AnalysisStatus::kAnalyzing);
  EXPECT_TRUE(EventsOf(team_, "*").empty());
  Value(port_.Complete(mine, MakeAnalysis()));
  EXPECT_TRUE(Get(team_, image).analysis);
}

TEST_P(WorkTest, AnImageWhoseWorkerWasLostWaitsAgain) {
  const auto image = Add(team_, "1");
  Claim();
  clock_.Advance(kLeaseMs + 1);
  Value(ReapLostWork(platform_, 36'000'000));
  EXPECT_EQ(Get(team_, image).analysis_status, store::AnalysisStatus::kNotAnalyzed);
}

TEST_P(WorkTest, SeveralAreCompletedAtOnceAndTheLostOneAlone) {
  const auto other = AddAccount("other");
  const auto lost = Add(team_, "1");
  const AnalyzeTask late = Claim();
  Value(port_.Return(std::vector<store::JobLease>{late.lease}));
  const auto second = Add(team_, "2");
  const auto theirs = Add(other, "2");
  auto tasks = Value(port_.Claim("analyzer", 10));
  ASSERT_EQ(tasks.size(), 3U);
  std::erase_if(tasks, [&](const AnalyzeTask& task) { return task.image_row == lost.row; });
  std::vector<Completion> done = {{late, MakeAnalysis()}};
  for (const AnalyzeTask& task : tasks) done.push_back({task, MakeAnalysis()});
  const auto outcomes = Value(port_.CompleteAll(done));
  ASSERT_EQ(outcomes.size(), 3U);
  ExpectError(outcomes[0], ErrorKind::kConflict);
  Value(outcomes[1]);
  Value(outcomes[2]);
  EXPECT_FALSE(Get(team_, lost).analysis);
  EXPECT_EQ(Get(team_, second).analysis_id, Get(other, theirs).analysis_id);
  EXPECT_EQ(Value(FinishMatchedImages(platform_, 0, 10)), 2U);
  EXPECT_EQ(EventsOf(team_, "*.completed").size(), 1U);
  EXPECT_EQ(EventsOf(other, "*.completed").size(), 1U);
}

TEST_P(WorkTest, WhatMayGoBetterIsTriedAgain) {
  const auto image = Add(team_, "1");
  Value(port_.Fail(Claim(), Error(ErrorKind::kUnavailable, "no route")));
  EXPECT_EQ(Get(team_, image).analysis_status, store::AnalysisStatus::kNotAnalyzed);
  EXPECT_EQ(Get(team_, image).failure, "no route");
  EXPECT_TRUE(EventsOf(team_, "*").empty());
  EXPECT_TRUE(Value(port_.Claim("analyzer", 1)).empty());
  std::int64_t pause = 5'000;
  for (int attempt = 2; attempt <= 5; ++attempt) {
    clock_.Advance(pause - 1);
    EXPECT_TRUE(Value(port_.Claim("analyzer", 1)).empty()) << attempt;
    clock_.Advance(1);
    Value(port_.Fail(Claim(), Error(ErrorKind::kUnavailable, "no route")));
    pause *= 2;
  }
  EXPECT_EQ(Get(team_, image).analysis_status, store::AnalysisStatus::kFailed);
  const auto events = EventsOf(team_, "user.image.analysis.failed");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].level, "error");
  EXPECT_EQ(events[0].resource_id, "docker.io/library/a:1");
  EXPECT_TRUE(events[0].details.contains("no route"));
  clock_.Advance(1'000'000);
  EXPECT_TRUE(Value(port_.Claim("analyzer", 1)).empty());
}

TEST_P(WorkTest, WhatCannotGoBetterFailsAtOnce) {
  const auto image = Add(team_, "1");
  // The message quotes the image.
  Value(port_.Fail(Claim(), Error(ErrorKind::kCorrupt, "layer \0\xff"s + std::string(1 << 20, 'x'))));
  const auto failed = Get(team_, image);
  EXPECT_EQ(failed.analysis_status, store::AnalysisStatus::kFailed);
  EXPECT_TRUE(failed.failure.value().starts_with("layer \xef\xbf\xbdx"));
  EXPECT_LT(failed.failure->size(), 10'000U);
  ASSERT_EQ(EventsOf(team_, "*.failed").size(), 1U);
  EXPECT_TRUE(io::JsonDocument::Parse(EventsOf(team_, "*.failed")[0].details).has_value());
  // Adding it again tries again.
  Add(team_, "1");
  EXPECT_EQ(Claim().image_row, image.row);
}

TEST_P(WorkTest, ADeadJobGetsAnotherChance) {
  const auto image = Add(team_, "1");
  Value(port_.Fail(Claim(), Error(ErrorKind::kCorrupt, "broken")));
  const auto requeue = [&] {
    const auto dead =
        Value(database_->Read([](store::Session& session) { return store::ListDeadJobs(session, "analyze", 0, 10); }));
    return Value(
        database_->Write([&](store::Session& session) { return RequeueDead(session, dead.at(0), clock_.NowMs()); }));
  };
  EXPECT_TRUE(requeue());
  EXPECT_EQ(Get(team_, image).analysis_status, store::AnalysisStatus::kNotAnalyzed);
  const AnalyzeTask second = Claim();
  EXPECT_EQ(second.image_row, image.row);
  Value(port_.Fail(second, Error(ErrorKind::kCorrupt, "broken")));
  // Added again meanwhile: that one is worked on, and the dead one stays dead.
  Add(team_, "1");
  EXPECT_FALSE(requeue());
}

TEST_P(WorkTest, ALostAnalyzerFailsAnImageAfterAllAttempts) {
  const auto image = Add(team_, "1");
  for (int attempt = 0; attempt < 5; ++attempt) {
    (void)Claim();
    EXPECT_TRUE(EventsOf(team_, "*").empty());
    clock_.Advance(kLeaseMs + 1);
    Value(ReapLostWork(platform_, 36'000'000));
  }
  EXPECT_EQ(Get(team_, image).analysis_status, store::AnalysisStatus::kFailed);
  EXPECT_EQ(EventsOf(team_, "*.failed").size(), 1U);
}

TEST_P(WorkTest, AnAnalysisThatTakesTooLongIsTakenAway) {
  const auto image = Add(team_, "1");
  const AnalyzeTask slow = Claim();
  const std::vector<store::JobLease> leases = {slow.lease};
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(kLeaseMs / 2);
    EXPECT_TRUE(Value(port_.Extend(leases)).empty());
    Value(ReapLostWork(platform_, 2 * kLeaseMs));
  }
  clock_.Advance(kLeaseMs / 2 + 1);
  EXPECT_TRUE(Value(port_.Extend(leases)).empty());
  Value(ReapLostWork(platform_, 2 * kLeaseMs));
  EXPECT_EQ(Value(port_.Extend(leases)).size(), 1U);
  EXPECT_EQ(Claim().image_row, image.row);
}

TEST_P(WorkTest, WorkOfAPausedRegistryWaits) {
  const auto one = Add(team_, "1"), two = Add(team_, "2");
  const AnalyzeTask task = Claim();
  Value(port_.Postpone(task, Error(ErrorKind::kUnavailable, "docker.io asks to slow down"), 60'000));
  EXPECT_EQ(Get(team_, one).analysis_status, store::AnalysisStatus::kNotAnalyzed);
  EXPECT_EQ(Get(team_, one).failure, "docker.io asks to slow down");
  // The other one is not begun either.
  EXPECT_TRUE(Value(port_.Claim("analyzer-1", 10)).empty());
  EXPECT_EQ(Get(team_, two).analysis_status, store::AnalysisStatus::kNotAnalyzed);
  clock_.Advance(60'000);
  EXPECT_EQ(Value(port_.Claim("analyzer-1", 10)).size(), 2U);
  const auto job = Value(database_->Read(
      [&](store::Session& session) { return store::FindJob(session, kAnalyzeJob, std::to_string(one.row)); }));
  EXPECT_EQ(job->attempts, 1);
}

TEST_P(WorkTest, ATaskKnowsTheRequestThatAskedForIt) {
  {
    const RequestScope scope("request-7");
    Add(team_, "1");
  }
  const AnalyzeTask task = Claim();
  EXPECT_EQ(task.request_id, "request-7");
  Value(port_.Complete(task, MakeAnalysis()));
  EXPECT_EQ(Value(FinishMatchedImages(platform_, 0, 10)), 1U);
  const auto events = EventsOf(team_, "*.completed");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].request_id, "request-7");
}

TEST_P(WorkTest, ReturnedWorkIsClaimedAgain) {
  const auto image = Add(team_, "1");
  const AnalyzeTask task = Claim();
  Value(port_.Return(std::vector<store::JobLease>{task.lease}));
  EXPECT_EQ(Get(team_, image).analysis_status, store::AnalysisStatus::kNotAnalyzed);
  ExpectError(port_.Complete(task, MakeAnalysis()), ErrorKind::kConflict);
  EXPECT_EQ(Get(team_, image).analysis_status, store::AnalysisStatus::kNotAnalyzed);
  EXPECT_EQ(Claim().image_row, image.row);
}

TEST_P(WorkTest, WorkForAnImageInDeletionGoes) {
  const auto image = Add(team_, "1");
  const AnalyzeTask task = Claim();
  Value(database_->Write([&](store::Session& session) {
    return store::SetImageStatus(session, image.row, store::ImageStatus::kDeleting, clock_.NowMs());
  }));
  Value(port_.Return(std::vector<store::JobLease>{task.lease}));
  EXPECT_TRUE(Value(port_.Claim("analyzer", 5)).empty());
  EXPECT_EQ(Value(database_->Read([](store::Session& session) { return store::CountJobs(session); })).size(), 0U);
}

TEST_P(WorkTest, AnalyzersSayThatTheyLive) {
  Value(port_.Heartbeat("analyzer-1", "http://a"));
  Value(port_.Heartbeat("analyzer-1", "http://b"));
  const auto services =
      Value(database_->Read([](store::Session& session) { return store::ListServices(session, "analyzer", ""); }));
  ASSERT_EQ(services.size(), 1U);
  EXPECT_EQ(services[0].base_url, "http://b");
}

TEST_P(WorkTest, LayerRecordsAreKept) {
  const RecordKey key{.layer = Digest(Sha256Value{}), .search_id = "ab12"};
  ExpectError(port_.LoadRecord(key), ErrorKind::kNotFound);
  const std::string record("\0record", 7);
  Value(port_.StoreRecord(key, record, 5));
  Value(port_.StoreRecord(key, record, 5));
  EXPECT_EQ(Value(port_.LoadRecord(key)), record);
  ExpectError(port_.LoadRecord({.layer = key.layer, .search_id = ""}), ErrorKind::kNotFound);
  ExpectError(port_.LoadRecord({.layer = key.layer, .search_id = "../x"}), ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace holdfast::service
