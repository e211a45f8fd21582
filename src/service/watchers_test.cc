#include "service/watchers.h"

#include <algorithm>
#include <set>

#include "base/format.h"
#include "io/json.h"
#include "service/events.h"
#include "service/images.h"
#include "service/policies.h"
#include "service/subscriptions.h"
#include "service/watched.h"
#include "store/archives.h"
#include "store/imports.h"
#include "store/matching_epoch.h"
#include "store/services.h"
#include "support/analysed_images.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using test::Value;
using Texts = std::vector<std::string>;

constexpr std::int64_t kHour = 3'600'000;
constexpr std::string_view kTag = "docker.io/debian:12";
constexpr const char* kReference = "docker.io/library/debian:12";

class WatchersTest : public test::PlatformFixture {
 protected:
  WatchersTest() { options_.periods = {.repo_update = kHour, .vuln_update = kHour}; }

  void Watch(std::string_view key, std::string_view type, std::optional<std::string> value = std::nullopt) {
    const std::string id = SubscriptionId(team_.name, key, type);
    const auto found = Value(FindSubscription(platform_, team_, id));
    if (found)
      Value(ChangeSubscription(platform_, team_, id, {.active = true, .value = std::move(value)}));
    else
      Value(AddSubscription(platform_, team_, key, type, value, true));
  }
  store::Subscription Subscription(std::string_view key, std::string_view type) {
    return *Value(FindSubscription(platform_, team_, SubscriptionId(team_.name, key, type)));
  }
  // Past every due time of one period.
  void NextRound(std::int64_t period = kHour) { clock_.Advance(period + period / 10); }

  // Types of the events of an account, oldest first; and forgets them.
  Texts Events(const store::Account& account) {
    return Value(database_->Write([&](store::Session& session) -> Result<Texts> {
      HF_TRY(auto page, store::ListEvents(session, account.id, {}, 1, 100));
      Texts types;
      for (const store::Event& event : page.events) types.insert(types.begin(), event.type);
      HF_CHECK_OK(store::DeleteEventsOf(session, account.id));
      return types;
    }));
  }
  // Payloads of the notifications that wait; and takes them.
  std::vector<std::string> Notifications() {
    return Value(database_->Write([&](store::Session& session) -> Result<Texts> {
      HF_TRY(const auto jobs, store::ClaimJobs(session, "notify", 100, "test", clock_.NowMs(), clock_.NowMs() + 1));
      Texts payloads;
      for (const store::Job& job : jobs) {
        HF_CHECK_OK(store::CompleteJob(session, {job.id, job.token}));
        HF_TRY(const auto document, io::JsonDocument::Parse(job.payload));
        io::JsonWriter writer;
        writer.Copy(document.Root()["data"]["notification_payload"]);
        payloads.push_back(writer.Take());
      }
      return payloads;
    }));
  }
  std::int64_t CountAsked(std::string_view what) {
    return std::ranges::count_if(registries_.Asked(), [&](const auto& asked) { return asked.what == what; });
  }
  std::int64_t Integer(const std::string& sql) {
    return Value(database_->Read([&](store::Session& session) { return session.Run({"test.integer", sql}); }))
        .rows.at(0)
        .at(0)
        .Integer();
  }
  bool RunTags() { return Value(WatchTags(platform_, registries_, options_)); }

  WatcherOptions options_;
  store::Account team_ = AddAccount("team");
};

TEST(NextDue, SpreadsByATenthAndIsTheSameEachTime) {
  std::set<std::int64_t> seen;
  for (std::int64_t id = 1; id <= 1'000; ++id) {
    const std::int64_t due = NextDue(1'000'000, 10'000, id);
    EXPECT_GE(due, 1'009'000);
    EXPECT_LE(due, 1'011'000);
    EXPECT_EQ(due, NextDue(1'000'000, 10'000, id));
    seen.insert(due);
  }
  EXPECT_GT(seen.size(), 500U);
}

TEST_F(WatchersTest, ATagThatMovesIsAddedAndTold) {
  registries_.images[kReference] = test::MakeRemoteImage("one");
  Watch(kTag, "tag_update");
  RunTags();
  const auto first = registries_.images[kReference].digest.Text();
  EXPECT_EQ(Value(GetImage(platform_, team_, first)).tags.front().FullTag(), kTag);
  EXPECT_TRUE(Notifications().empty()) << "the first image is no update";

  RunTags();
  EXPECT_EQ(CountAsked(Format("resolve {}", kReference)), 1) << "not due yet";
  NextRound();
  RunTags();
  EXPECT_EQ(CountAsked(Format("resolve {}", kReference)), 2);
  EXPECT_EQ(CountAsked(Format("inspect {}", kReference)), 1) << "an unchanged tag costs one HEAD";

  registries_.images[kReference] = test::MakeRemoteImage("two");
  NextRound();
  RunTags();
  const auto second = registries_.images[kReference].digest.Text();
  const auto told = Notifications();
  ASSERT_EQ(told.size(), 1U);
  const auto payload = Value(io::JsonDocument::Parse(told[0]));
  EXPECT_EQ(payload.Root()["curr_eval"].At(0).StringOr(""), second);
  EXPECT_EQ(payload.Root()["last_eval"].At(0).StringOr(""), first);
  EXPECT_EQ(payload.Root()["subscription_key"].StringOr(""), kTag);
  const auto job = Value(database_->Read([&](store::Session& session) {
    return store::FindJob(session, "analyze", std::to_string(Value(GetImage(platform_, team_, second)).row));
  }));
  ASSERT_TRUE(job);
  EXPECT_EQ(job->lane, store::Lane::kPush);
}

TEST_F(WatchersTest, ATagBehindAnIndexIsComparedWithTheIndex) {
  auto remote = test::MakeRemoteImage("one");
  remote.index = "{}";
  remote.index_digest = test::MakeRemoteImage("index").digest;
  registries_.images[kReference] = remote;
  Watch(kTag, "tag_update");
  RunTags();
  NextRound();
  RunTags();
  EXPECT_EQ(CountAsked(Format("inspect {}", kReference)), 1);
}

TEST_F(WatchersTest, ARegistryThatFailsIsAskedLessOftenAndToldOnce) {
  registries_.failure = Error(ErrorKind::kUnavailable, "no answer");
  Watch(kTag, "tag_update");
  RunTags();
  EXPECT_EQ(Events(team_), Texts{"system.image_analysis.registry_lookup_failed"});
  NextRound();
  RunTags();
  EXPECT_EQ(CountAsked(Format("resolve {}", kReference)), 2);
  NextRound();
  RunTags();
  EXPECT_EQ(CountAsked(Format("resolve {}", kReference)), 2) << "the second pause is twice as long";
  NextRound();
  RunTags();
  EXPECT_EQ(CountAsked(Format("resolve {}", kReference)), 3);
  EXPECT_EQ(Events(team_), Texts{});

  registries_.failure.reset();
  registries_.images[kReference] = test::MakeRemoteImage("one");
  NextRound(8 * kHour);
  RunTags();
  EXPECT_EQ(Subscription(kTag, "tag_update").state, std::nullopt);
  registries_.failure = Error(ErrorKind::kUnavailable, "no answer");
  NextRound();
  RunTags();
  EXPECT_EQ(Events(team_), Texts{"system.image_analysis.registry_lookup_failed"}) << "it failed anew";
}

TEST_F(WatchersTest, DisabledAccountsAreNotWatched) {
  Watch(kTag, "tag_update");
  Value(ChangeAccountState(platform_, "team", "disabled"));
  RunTags();
  EXPECT_TRUE(registries_.Asked().empty());
}

TEST_F(WatchersTest, NewTagsOfARepositoryAreAddedAndWatched) {
  registries_.tags["docker.io/library/debian"] = {"11", "12"};
  Watch("docker.io/debian", "repo_update", R"({"autosubscribe":true,"repotags":["11"]})");
  registries_.images[kReference] = test::MakeRemoteImage("one");
  Value(WatchRepositories(platform_, registries_, options_));
  EXPECT_TRUE(Value(GetImage(platform_, team_, registries_.images[kReference].digest.Text())).row > 0);
  EXPECT_TRUE(Subscription(kTag, "tag_update").active);
  const auto value = Value(io::JsonDocument::Parse(*Subscription("docker.io/debian", "repo_update").value));
  EXPECT_EQ(value.Root()["tagcount"].Integer(), 2);
  EXPECT_EQ(value.Root()["repotags"].At(1).StringOr(""), "12");

  // What is no image is looked at once; what a registry cannot answer now comes again.
  registries_.tags["docker.io/library/debian"] = {"11", "12", "sha256-ab.sig"};
  NextRound();
  Value(WatchRepositories(platform_, registries_, options_));
  NextRound();
  Value(WatchRepositories(platform_, registries_, options_));
  EXPECT_EQ(CountAsked("inspect docker.io/library/debian:sha256-ab.sig"), 1);
}

TEST_F(WatchersTest, TheFirstLookAtARepositoryRemembersItsTags) {
  registries_.tags["docker.io/library/debian"] = {"11", "12"};
  Watch("docker.io/debian", "repo_update");
  Value(WatchRepositories(platform_, registries_, options_));
  EXPECT_EQ(CountAsked(Format("inspect {}", kReference)), 0);
  const auto value = Value(io::JsonDocument::Parse(*Subscription("docker.io/debian", "repo_update").value));
  EXPECT_EQ(value.Root()["repotags"].Size(), 2U);
}

TEST_F(WatchersTest, ManyNewTagsComeInSteps) {
  Texts& tags = registries_.tags["docker.io/library/debian"];
  for (int i = 0; i < 50; ++i) {
    tags.push_back(Format("t{}", i));
    registries_.images[Format("docker.io/library/debian:t{}", i)] = test::MakeRemoteImage(Format("{}", i));
  }
  Watch("docker.io/debian", "repo_update", R"({"autosubscribe":false,"repotags":[]})");
  for (int look = 0; look < 3; ++look) {
    Value(WatchRepositories(platform_, registries_, options_));
    clock_.Advance(2'000);
  }
  const auto images =
      Value(database_->Read([&](store::Session& session) { return store::ListImages(session, team_.id, {}); }));
  EXPECT_EQ(images.size(), 50U);
  EXPECT_FALSE(Subscription("docker.io/debian:t3", "tag_update").active);
}

TEST_F(WatchersTest, AFailedListOfTagsIsToldOnce) {
  registries_.failure = Error(ErrorKind::kDenied, "no");
  Watch("docker.io/debian", "repo_update");
  Value(WatchRepositories(platform_, registries_, options_));
  NextRound();
  Value(WatchRepositories(platform_, registries_, options_));
  EXPECT_EQ(Events(team_), Texts{"system.repository.list_tags_fail"});
}

// Stops images with more than nothing, or lets all pass.
std::string Bundle(std::string_view action) {
  return Format(R"({{"id":"b","name":"b","version":"1_0","policies":[{{"id":"p","name":"p","version":"1_0","rules":[)"
                R"({{"id":"r","gate":"always","trigger":"always","action":"{}","params":[]}}]}}],)"
                R"("whitelists":[],"mappings":[{{"id":"m","name":"m","policy_ids":["p"],"whitelist_ids":[],)"
                R"("registry":"*","repository":"*","image":{{"type":"tag","value":"*"}}}}],)"
                R"("whitelisted_images":[],"blacklisted_images":[]}})",
                action);
}

TEST_F(WatchersTest, AChangedVerdictIsToldAndTheFirstIsNot) {
  (void)test::AddAnalysedImage(*this, team_, kTag, "one", {});
  Value(PutPolicy(platform_, team_, Bundle("warn")));
  Value(SetPolicyActive(platform_, team_, "b", true));
  Watch(kTag, "policy_eval");
  Value(WatchVerdicts(platform_, options_));
  Events(team_);
  EXPECT_TRUE(Notifications().empty());
  NextRound();
  Value(WatchVerdicts(platform_, options_));
  EXPECT_TRUE(Notifications().empty());

  Value(PutPolicy(platform_, team_, Bundle("stop")));
  NextRound();
  Value(WatchVerdicts(platform_, options_));
  const auto told = Notifications();
  ASSERT_EQ(told.size(), 1U);
  const auto payload = Value(io::JsonDocument::Parse(told[0]));
  EXPECT_EQ(payload.Root()["curr_eval"]["status"].StringOr(""), "fail");
  EXPECT_EQ(payload.Root()["last_eval"]["status"].StringOr(""), "pass");
  EXPECT_EQ(Events(team_), (Texts{"user.policy.active.content_change", "user.checks.tag.policy_evaluation.update"}));
}

TEST_F(WatchersTest, NewChangedAndGoneFindingsAreTold) {
  const auto image = test::AddAnalysedImage(*this, team_, kTag, "one",
                                            {test::MakePackage("bash", "5"), test::MakePackage("zlib", "1")});
  test::OpenFinding(*this, {"bash", "CVE-1"});
  test::OpenFinding(*this, {"bash", "CVE-2"});
  Watch(kTag, "vuln_update");
  Value(WatchVulnerabilities(platform_, options_));
  EXPECT_TRUE(Notifications().empty()) << "the baseline";

  test::CloseFinding(*this, "CVE-1");
  test::CloseFinding(*this, "CVE-2");
  test::OpenFinding(*this, {.package = "bash", .vulnerability = "CVE-2", .fix = "6"});
  test::OpenFinding(*this, {"zlib", "CVE-3"});
  NextRound();
  Value(WatchVulnerabilities(platform_, options_));
  const auto told = Notifications();
  ASSERT_EQ(told.size(), 1U);
  const auto payload = Value(io::JsonDocument::Parse(told[0]));
  const io::JsonView difference = payload.Root()["diff_vulnerability_result"];
  const auto only = [&](std::string_view list) {
    EXPECT_EQ(difference[list].Size(), 1U) << list;
    return std::string(difference[list].At(0)["vuln"].StringOr(""));
  };
  EXPECT_EQ(only("added"), "CVE-3");
  EXPECT_EQ(only("updated"), "CVE-2");
  EXPECT_EQ(only("removed"), "CVE-1");
  EXPECT_EQ(payload.Root()["imageDigest"].StringOr(""), image.digest.Text());
  EXPECT_EQ(Events(team_), Texts{"user.checks.tag.vulnerabilities.update"});
  NextRound();
  Value(WatchVulnerabilities(platform_, options_));
  EXPECT_TRUE(Notifications().empty()) << "told already";
}

// Whoever matches makes them due; a part of an image that waits to be matched holds the whole image up.
TEST_F(WatchersTest, FindingsThatChangeAreToldOnceAndSoon) {
  (void)test::AddAnalysedImage(*this, team_, kTag, "one",
                               {test::MakePackage("bash", "5"), test::MakePackage("zlib", "1")});
  (void)test::AddAnalysedImage(*this, team_, "docker.io/b:1", "two", {test::MakePackage("curl", "1")});
  Watch(kTag, "vuln_update");
  Watch("docker.io/b:1", "vuln_update");
  Value(WatchVulnerabilities(platform_, options_));
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM subscriptions WHERE type = 'vuln_update' AND active = 1 AND due_at > " +
                    std::to_string(clock_.NowMs() + kTakenMs)),
            2);
  const std::int64_t bash = Integer("SELECT id FROM contexts WHERE name = 'bash'");
  const std::int64_t zlib = Integer("SELECT id FROM contexts WHERE name = 'zlib'");

  // Both packages of one image are touched; one was decided again so far.
  const auto epoch = Value(database_->Write([](store::Session& session) {
    return store::PutEpoch(session, {.generation = 1, .matcher = 1, .since = 0}, true);
  }));
  const auto mark = [&](std::int64_t context, std::int64_t as) {
    Value(database_->Write([&](store::Session& session) {
      return store::MarkContextsMatched(session, std::vector<std::int64_t>{context}, as);
    }));
  };
  mark(bash, epoch.epoch);
  mark(zlib, 1);
  test::OpenFinding(*this, {"bash", "CVE-1"});
  Value(HastenVulnerabilityWatchers(platform_, std::vector<std::int64_t>{bash}));
  Value(WatchVulnerabilities(platform_, options_));
  EXPECT_TRUE(Notifications().empty()) << "zlib is not decided yet";
  test::OpenFinding(*this, {"zlib", "CVE-2"});
  mark(zlib, epoch.epoch);
  clock_.Advance(70'000);
  Value(WatchVulnerabilities(platform_, options_));
  EXPECT_EQ(Notifications().size(), 1U) << "both findings at once";
  Value(HastenVulnerabilityWatchers(platform_, std::vector<std::int64_t>{bash, zlib}));
  Value(WatchVulnerabilities(platform_, options_));
  EXPECT_TRUE(Notifications().empty()) << "told already";

  // One that somebody has in hand is not given to another.
  const auto taken = [&] {
    return Value(database_->Write([&](store::Session& session) {
             return store::TakeDueSubscriptions(session, "vuln_update", clock_.NowMs(), clock_.NowMs() + kTakenMs, 9);
           }))
        .size();
  };
  Value(HastenVulnerabilityWatchers(platform_, std::vector<std::int64_t>{bash}));
  EXPECT_EQ(taken(), 1U);
  Value(HastenVulnerabilityWatchers(platform_, std::vector<std::int64_t>{bash}));
  EXPECT_EQ(taken(), 0U);
}

TEST_F(WatchersTest, AnotherImageOfTheTagIsANewBaseline) {
  (void)test::AddAnalysedImage(*this, team_, kTag, "one", {test::MakePackage("bash", "5")});
  Watch(kTag, "vuln_update");
  Value(WatchVulnerabilities(platform_, options_));
  test::OpenFinding(*this, {"bash", "CVE-1"});
  clock_.Advance(1);
  (void)test::AddAnalysedImage(*this, team_, kTag, "two", {test::MakePackage("bash", "5")});
  NextRound();
  Value(WatchVulnerabilities(platform_, options_));
  EXPECT_TRUE(Notifications().empty());
}

TEST_F(WatchersTest, SilentServicesAreDownThenOrphanedThenForgotten) {
  const auto admin = AdminAccount();
  Value(database_->Write([&](store::Session& session) {
    return store::PutService(session, {.name = "analyzer", .host_id = "h", .heartbeat_at = clock_.NowMs()});
  }));
  const auto state = [&]() -> std::string {
    Value(WatchServices(platform_, options_));
    const auto services =
        Value(database_->Read([](store::Session& session) { return store::ListServices(session, "analyzer", "h"); }));
    return services.empty() ? "gone" : services.front().state;
  };
  EXPECT_EQ(state(), "up");
  clock_.Advance(300'001);
  EXPECT_EQ(state(), "down");
  EXPECT_EQ(state(), "down");
  clock_.Advance(3'300'000);
  EXPECT_EQ(state(), "orphaned");
  clock_.Advance(86'400'000);
  EXPECT_EQ(state(), "gone");
  EXPECT_EQ(Events(admin), (Texts{"system.service.state_transition.down", "system.service.state_transition.orphaned",
                                  "system.service.removed"}));
}

TEST_F(WatchersTest, ImportsExpireAndAreForgottenADayLater) {
  const std::int64_t now = clock_.NowMs();
  Value(objects_->PutBytes("imports/u/packages/x", "{}"));
  Value(database_->Write([&](store::Session& session) -> Result<void> {
    HF_CHECK_OK(store::InsertImport(
        session,
        {.uuid = "u", .account_id = team_.id, .status = "pending", .created_at = now, .expires_at = now + 86'400'000}));
    return store::PutImportContent(
        session, {.import_uuid = "u", .kind = "packages", .object_key = "imports/u/packages/x", .created_at = now});
  }));
  Value(CollectImports(platform_));
  EXPECT_TRUE(Value(objects_->Exists("imports/u/packages/x")));
  clock_.Advance(86'400'001);
  Value(CollectImports(platform_));
  EXPECT_FALSE(Value(objects_->Exists("imports/u/packages/x")));
  EXPECT_TRUE(
      Value(database_->Read([&](store::Session& session) { return store::ListImports(session, team_.id); })).empty());
}

TEST_F(WatchersTest, AnAccountInDeletionLosesEverythingAndNobodyElseDoes) {
  const auto other = AddAccount("other");
  for (const store::Account& account : {team_, other}) {
    (void)test::AddAnalysedImage(*this, account, kTag, "one", {test::MakePackage("bash", "5")});
    Value(objects_->PutBytes(Format("archive/{}", account.id), "x"));
    Value(database_->Write([&](store::Session& session) -> Result<void> {
      for (int i = 0; i < 10; ++i)
        HF_CHECK_OK(RaiseEvent(platform_, session, {.account_id = account.id, .type = "user.x.y"}));
      HF_CHECK_OK(store::InsertArchiveRule(session, {.rule_id = account.name, .account_id = account.id}));
      HF_CHECK_OK(store::PutArchivedImage(
          session, {.account_id = account.id, .status = "archived", .object_key = Format("archive/{}", account.id)}));
      return {};
    }));
  }
  Value(ChangeAccountState(platform_, "team", "disabled"));
  Value(StartAccountDeletion(platform_, "team"));
  const std::string before = DumpAccount(other.id);
  for (int step = 0; step < 20 && Value(CollectAccounts(platform_)); ++step) continue;
  EXPECT_EQ(DumpAccount(team_.id), "");
  EXPECT_EQ(DumpAccount(other.id), before);
  EXPECT_FALSE(
      Value(database_->Read([](store::Session& session) { return store::FindAccount(session, "team"); })).has_value());
  EXPECT_FALSE(Value(objects_->Exists(Format("archive/{}", team_.id))));
  EXPECT_TRUE(Value(objects_->Exists(Format("archive/{}", other.id))));
}

TEST_F(WatchersTest, ARegistryThatAsksToBeLeftAloneIsNoFailure) {
  Watch(kTag, "tag_update");
  registries_.failure = Error(ErrorKind::kUnavailable, "docker.io asks to be left alone");
  registries_.paused_for_ms = 600'000;
  RunTags();
  const auto asked = registries_.Asked().size();
  EXPECT_GT(asked, 0U);
  EXPECT_EQ(Events(team_), Texts{});
  clock_.Advance(600'000);
  RunTags();
  EXPECT_EQ(registries_.Asked().size(), asked);
  registries_.paused_for_ms = 0;
  clock_.Advance(200'000);
  RunTags();
  EXPECT_GT(registries_.Asked().size(), asked);
  EXPECT_EQ(Events(team_), Texts{"system.image_analysis.registry_lookup_failed"});
}

TEST_F(WatchersTest, EventsOfChosenLevelsAreNotified) {
  platform_.notified_event_levels = {"error"};
  Value(database_->Write([&](store::Session& session) -> Result<void> {
    HF_CHECK_OK(RaiseEvent(platform_, session, {.account_id = team_.id, .type = "user.quiet", .level = "info"}));
    return RaiseEvent(platform_, session,
                      {.account_id = team_.id,
                       .type = "user.loud",
                       .level = "error",
                       .source = "catalog",
                       .resource_type = "image_tag",
                       .resource_id = std::string(kTag),
                       .message = "it went wrong",
                       .details = R"({"error":"why"})"});
  }));
  const auto jobs = Value(database_->Write([&](store::Session& session) {
    return store::ClaimJobs(session, "notify", 10, "test", clock_.NowMs(), clock_.NowMs() + 1);
  }));
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_TRUE(jobs[0].key.starts_with("event_log:"));
  const auto document = Value(io::JsonDocument::Parse(jobs[0].payload));
  const auto payload = document.Root()["data"]["notification_payload"];
  EXPECT_EQ(document.Root()["data"]["notification_type"].StringOr(""), "event_log");
  EXPECT_EQ(payload["userId"].StringOr(""), "team");
  EXPECT_EQ(payload["event"]["type"].StringOr(""), "user.loud");
  EXPECT_EQ(payload["event"]["resource"]["id"].StringOr(""), kTag);
  EXPECT_EQ(payload["event"]["details"]["error"].StringOr(""), "why");
}

TEST_F(WatchersTest, EventsEndWithTheirLife) {
  const auto raise = [&](std::string_view type) {
    Value(database_->Write([&](store::Session& session) {
      return RaiseEvent(platform_, session, {.account_id = team_.id, .type = std::string(type)});
    }));
  };
  raise("user.old");
  clock_.Advance(86'400'000);
  raise("user.new");
  options_.event_life_ms = 0;
  Value(CollectEvents(platform_, options_));
  options_.event_life_ms = 3'600'000;
  Value(CollectEvents(platform_, options_));
  EXPECT_EQ(Events(team_), Texts{"user.new"});
}

}  // namespace
}  // namespace holdfast::service
