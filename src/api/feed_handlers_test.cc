#include "api/feed_handlers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "service/feeds.h"
#include "service/lease_keeper.h"
#include "service/published_snapshot.h"
#include "store/jobs.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::Answer;
using test::ExpectApiError;
using test::ExpectRefusedBySchema;
using test::Value;

std::string Osv(std::string_view id, std::string_view ecosystem, std::string_view package) {
  return Format(
      R"({{"id":"{}","modified":"2025-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"{}","name":"{}"}},)"
      R"("ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"1.0"}}]}}]}}]}})",
      id, ecosystem, package);
}

class FeedHandlersTest : public test::ApiFixture {
 protected:
  FeedHandlersTest() : source_(service::MakeLocalFeedSource(folder_.Path() / "data", folder_.Path() / "work", clock_)) {
    AddAccount("team-a");
    std::filesystem::create_directories(folder_.Path() / "data");
    AddAdvisory("DEBIAN-CVE-1", "Debian:12", "curl");
    AddAdvisory("GHSA-1", "npm", "left-pad");
    services_.feed_source = source_.get();
  }
  void AddAdvisory(std::string_view id, std::string_view ecosystem, std::string_view package) {
    test::WriteFile(folder_.Path() / "data" / Format("{}.json", id), Osv(id, ecosystem, package));
  }
  std::vector<std::string> EventTypes() {
    std::vector<std::string> types;
    const auto document = Get("admin", "/events").Json();
    for (const io::JsonView item : document.Root()["results"]) types.emplace_back(item["event"]["type"].StringOr(""));
    return types;
  }
  // "name records" of the groups.
  std::vector<std::string> Groups() {
    std::vector<std::string> groups;
    const auto document = Get("team-a", "/system/feeds").Json();
    for (const io::JsonView group : document.Root().At(0)["groups"])
      groups.push_back(Format("{} {}", group["name"].StringOr(""), group["record_count"].Integer().value_or(-1)));
    return groups;
  }

  test::TemporaryFolder folder_;
  std::unique_ptr<service::FeedSource> source_;
};

TEST(FeedGroupName, IsTheNamespaceThatFindingsHave) {
  EXPECT_EQ(service::FeedGroupName("Debian", "12"), "debian:12");
  EXPECT_EQ(service::FeedGroupName("Alpine", "v3.20"), "alpine:3.20");
  EXPECT_EQ(service::FeedGroupName("Ubuntu", "22.04"), "ubuntu:22.04");
  EXPECT_EQ(service::FeedGroupName("Red Hat", "9"), "rhel:9");
  EXPECT_EQ(service::FeedGroupName("Wolfi", ""), "wolfi:rolling");
  EXPECT_EQ(service::FeedGroupName("npm", ""), "github:npm");
  EXPECT_EQ(service::FeedGroupName("Maven", ""), "github:java");
}

TEST_F(FeedHandlersTest, BeforeTheFirstSyncThereIsAFeedWithoutGroups) {
  EXPECT_EQ(Get("team-a", "/system/feeds").body,
            R"([{"name":"vulnerabilities","created_at":"2025-11-25T02:00:00Z","updated_at":"2025-11-25T02:00:00Z",)"
            R"("enabled":true,"last_full_sync":null,"groups":[]}])");
}

TEST_F(FeedHandlersTest, SyncsAndAnswersWhenItIsDone) {
  const Answer answer = Post("admin", "/system/feeds?flush=true&sync=true");
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"([{"feed":"vulnerabilities","status":"success","total_time_seconds":0,"groups":[)"
                         R"({"group":"debian:12","status":"success","updated_image_count":0,"updated_record_count":1,)"
                         R"("total_time_seconds":0},{"group":"github:npm","status":"success","updated_image_count":0,)"
                         R"("updated_record_count":1,"total_time_seconds":0}]}])");
  const auto document = Get("team-a", "/system/feeds").Json();
  const io::JsonView feed = document.Root().At(0);
  EXPECT_EQ(feed["last_full_sync"].StringOr(""), "2025-11-25T02:00:00Z");
  EXPECT_EQ(feed["groups"].At(0)["last_sync"].StringOr(""), "2025-11-25T02:00:00Z");
  EXPECT_EQ(feed["groups"].At(0)["enabled"].Bool(), true);
  EXPECT_THAT(Groups(), testing::ElementsAre("debian:12 1", "github:npm 1"));
  EXPECT_THAT(EventTypes(), testing::ElementsAre("system.feeds.sync.completed", "system.feeds.sync.feed_completed",
                                                 "system.feeds.sync.feed_started", "system.feeds.sync.started"));
}

TEST_F(FeedHandlersTest, ALaterSyncBringsWhatIsNew) {
  EXPECT_EQ(Post("admin", "/system/feeds").status, 200);
  AddAdvisory("GHSA-2", "npm", "right-pad");
  clock_.Advance(3'600'000);
  EXPECT_EQ(Post("admin", "/system/feeds").status, 200);
  EXPECT_THAT(Groups(), testing::ElementsAre("debian:12 1", "github:npm 2"));
  EXPECT_EQ(Get("team-a", "/system/feeds").Json().Root().At(0)["last_full_sync"].StringOr(""), "2025-11-25T03:00:00Z");
}

TEST_F(FeedHandlersTest, TakesASnapshotThatIsReady) {
  const auto file = Value(source_->Fetch());
  const auto ready = service::MakeLocalFeedSource(file, folder_.Path() / "unused", clock_);
  services_.feed_source = ready.get();
  EXPECT_EQ(Post("admin", "/system/feeds").Json().Root().At(0)["status"].StringOr(""), "success");
  EXPECT_THAT(Groups(), testing::ElementsAre("debian:12 1", "github:npm 1"));
  EXPECT_FALSE(std::filesystem::exists(folder_.Path() / "unused"));
}

TEST_F(FeedHandlersTest, ReplacedSnapshotsGoAndSoDoesWhatALostPublisherLeft) {
  Value(objects_->PutBytes("snapshots/0123", "left"));
  for (int i = 0; i < 5; ++i) {
    clock_.Advance(60'000);
    EXPECT_EQ(Post("admin", "/system/feeds").status, 200);
  }
  const auto objects = Value(objects_->List("snapshots/", "", 10));
  EXPECT_EQ(objects.size(), 3U);
  const auto newest = Value(database_->Read(&store::FindNewestSnapshot));
  ASSERT_TRUE(newest);
  EXPECT_TRUE(Value(objects_->Exists(newest->object_key)));
}

TEST_F(FeedHandlersTest, ASourceThatFailsIsToldAndChangesNothing) {
  EXPECT_EQ(Post("admin", "/system/feeds").status, 200);
  std::filesystem::remove_all(folder_.Path() / "data");
  clock_.Advance(60'000);
  const Answer failed = Post("admin", "/system/feeds");
  EXPECT_EQ(failed.status, 200);
  EXPECT_EQ(failed.Json().Root().At(0)["status"].StringOr(""), "failure");
  EXPECT_NE(failed.Json().Root().At(0)["message"].StringOr("").find("no advisories"), std::string_view::npos);
  EXPECT_THAT(Groups(), testing::ElementsAre("debian:12 1", "github:npm 1"));
  EXPECT_EQ(Get("team-a", "/system/feeds").Json().Root().At(0)["last_full_sync"].StringOr(""), "2025-11-25T02:00:00Z");
  EXPECT_EQ(EventTypes().front(), "system.feeds.sync.failed");
}

TEST_F(FeedHandlersTest, OneSyncAtATime) {
  {
    const auto other = Value(service::LeaseKeeper::Acquire(platform_, "feed_sync"));
    const Answer refused = Post("admin", "/system/feeds");
    ExpectApiError(refused, 409);
    EXPECT_EQ(refused.Json().Root()["detail"]["error_codes"].At(0).StringOr(""), "FEED_SYNC_ALREADY_IN_PROGRESS");
  }
  EXPECT_EQ(Post("admin", "/system/feeds").status, 200);
}

TEST_F(FeedHandlersTest, ALostHoldersLeaseEnds) {
  EXPECT_TRUE(Value(database_->Write([&](store::Session& session) {
    return store::AcquireLease(session, "feed_sync", "lost", clock_.NowMs(), clock_.NowMs() + service::kKeptLeaseMs);
  })));
  ExpectApiError(Post("admin", "/system/feeds"), 409);
  clock_.Advance(service::kKeptLeaseMs + 1);
  EXPECT_EQ(Post("admin", "/system/feeds").status, 200);
}

TEST_F(FeedHandlersTest, WithoutASourceNothingIsSynced) {
  services_.feed_source = nullptr;
  ExpectApiError(Post("admin", "/system/feeds"), 501, "configured");
}

TEST_F(FeedHandlersTest, AFeedThatIsOffIsNotSynced) {
  const Answer off = Put("admin", "/system/feeds/vulnerabilities?enabled=false");
  EXPECT_EQ(off.status, 200);
  EXPECT_EQ(off.Json().Root()["enabled"].Bool(), false);
  EXPECT_EQ(Post("admin", "/system/feeds").body, "[]");
  EXPECT_TRUE(Groups().empty());
  EXPECT_EQ(Put("admin", "/system/feeds/vulnerabilities?enabled=True").Json().Root()["enabled"].Bool(), true);
  ExpectApiError(Put("admin", "/system/feeds/packages?enabled=true"), 404);
  ExpectRefusedBySchema(Put("admin", "/system/feeds/vulnerabilities"));
}

TEST_F(FeedHandlersTest, OnlyAFeedThatIsOffIsDeleted) {
  EXPECT_EQ(Post("admin", "/system/feeds").status, 200);
  service::LocalSnapshot local(platform_, folder_.Path() / "local");
  EXPECT_NE(Value(local.Refresh()), nullptr);
  ExpectApiError(Delete("admin", "/system/feeds/vulnerabilities"), 409, "disabled");
  EXPECT_EQ(Put("admin", "/system/feeds/vulnerabilities?enabled=false").status, 200);
  const Answer deleted = Delete("admin", "/system/feeds/vulnerabilities");
  EXPECT_EQ(deleted.status, 200);
  EXPECT_TRUE(deleted.Json().Root()["last_full_sync"].IsNull());
  EXPECT_TRUE(Groups().empty());
  EXPECT_TRUE(Value(objects_->List("snapshots/", "", 10)).empty());
  EXPECT_EQ(Value(local.Refresh()), nullptr);
  ExpectApiError(Delete("admin", "/system/feeds/packages"), 404);
  // And back again.
  EXPECT_EQ(Put("admin", "/system/feeds/vulnerabilities?enabled=true").status, 200);
  EXPECT_EQ(Post("admin", "/system/feeds").status, 200);
  EXPECT_NE(Value(local.Refresh()), nullptr);
}

TEST_F(FeedHandlersTest, WhatThisProcessLeftWhenItWasKilledGoes) {
  EXPECT_EQ(Post("admin", "/system/feeds").status, 200);
  const std::string mine = Format("0123456789abcdef-{}.hfdb", platform_.host_id);
  const std::string other = Format("0123456789abcdef-x-{}.hfdb", platform_.host_id);
  const auto local_folder = folder_.Path() / "local";
  std::filesystem::create_directories(local_folder);
  for (const std::string& name : {mine, mine + ".AbCdEf", other}) test::WriteFile(local_folder / name, "x");
  service::LocalSnapshot local(platform_, local_folder);
  EXPECT_NE(Value(local.Refresh()), nullptr);
  EXPECT_FALSE(std::filesystem::exists(local_folder / mine));
  EXPECT_FALSE(std::filesystem::exists(local_folder / (mine + ".AbCdEf")));
  EXPECT_TRUE(std::filesystem::exists(local_folder / other));
}

TEST_F(FeedHandlersTest, GroupsAreNotHandledOneByOne) {
  ExpectApiError(Put("admin", "/system/feeds/vulnerabilities/debian%3A12?enabled=false"), 501);
  ExpectApiError(Delete("admin", "/system/feeds/vulnerabilities/debian%3A12"), 501);
  ExpectApiError(Delete("admin", "/system/feeds/packages/npm"), 404);
}

TEST_F(FeedHandlersTest, ChangesAreTheAdministratorsBusiness) {
  ExpectApiError(Post("team-a", "/system/feeds"), 403);
  ExpectApiError(Put("team-a", "/system/feeds/vulnerabilities?enabled=false"), 403);
  ExpectApiError(Delete("team-a", "/system/feeds/vulnerabilities"), 403);
  EXPECT_EQ(Get("team-a", "/system/feeds").status, 200);
}

}  // namespace
}  // namespace holdfast::api
