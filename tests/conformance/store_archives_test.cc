// The archive's rows, and the statements of watchers and housekeeping, on each driver.
#include "store/archives.h"

#include "repository_fixture.h"
#include "store/analyses.h"
#include "store/events.h"
#include "store/policies.h"

namespace holdfast::store {
namespace {

class ArchivesTest : public RepositoryTest {};

INSTANTIATE_TEST_SUITE_P(Drivers, ArchivesTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

TEST_P(ArchivesTest, AnArchivedImageIsKeptOnceForEachAccount) {
  const std::int64_t team = AddAccount("team"), other = AddAccount("other");
  ArchivedImage image{.account_id = team,
                      .digest = DigestOf(1),
                      .parent_digest = DigestOf(2),
                      .status = "archived",
                      .annotations = R"({"a":"b"})",
                      .tags = R"([{"tag":"1"}])",
                      .object_key = "analysis_archive/1",
                      .size_bytes = 7,
                      .analyzed_at = kNow - 1,
                      .created_at = kNow,
                      .updated_at = kNow};
  const auto first = Do([&](Session& session) { return PutArchivedImage(session, image); });
  image.size_bytes = 8;
  image.parent_digest.reset();
  image.analyzed_at.reset();
  image.created_at = image.updated_at = kNow + 5;
  const auto again = Do([&](Session& session) { return PutArchivedImage(session, image); });
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.created_at, kNow);
  const auto found = Do([&](Session& session) { return FindArchivedImage(session, team, DigestOf(1)); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size_bytes, 8);
  EXPECT_EQ(found->parent_digest, std::nullopt);
  EXPECT_EQ(found->analyzed_at, std::nullopt);
  EXPECT_EQ(found->annotations, R"({"a":"b"})");
  EXPECT_FALSE(Do([&](Session& session) { return FindArchivedImage(session, other, DigestOf(1)); }));

  Do([&](Session& session) { return SetArchivedStatus(session, first.id, "deleting", kNow + 9); });
  const auto listed = Do([&](Session& session) { return ListArchivedImages(session, team, 0, 10); });
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].status, "deleting");
  EXPECT_TRUE(Do([&](Session& session) { return ListArchivedImages(session, team, first.id, 10); }).empty());
  Do([&](Session& session) { return DeleteArchivedImage(session, first.id); });
  EXPECT_FALSE(Do([&](Session& session) { return FindArchivedImage(session, team, DigestOf(1)); }));
}

TEST_P(ArchivesTest, RulesAreTheAccountsAndThoseForAll) {
  const std::int64_t team = AddAccount("team"), other = AddAccount("other");
  const auto insert = [&](std::string id, std::int64_t account, bool global) {
    Do([&](Session& session) {
      return InsertArchiveRule(
          session,
          {.rule_id = id, .account_id = account, .system_global = global, .document = "{}", .created_at = kNow});
    });
  };
  insert("own", team, false);
  insert("others", other, false);
  insert("all", other, true);
  const auto ids = [&](std::int64_t account, bool global) {
    std::string text;
    for (const ArchiveRule& rule : Do([&](Session& session) { return ListArchiveRules(session, account, global); }))
      text += rule.rule_id + " ";
    return text;
  };
  EXPECT_EQ(ids(team, true), "own all ");
  EXPECT_EQ(ids(team, false), "own ");
  EXPECT_EQ(ids(other, false), "others ");
  EXPECT_TRUE(Do([&](Session& session) { return FindArchiveRule(session, "all"); })->system_global);
  Do([&](Session& session) { return DeleteArchiveRule(session, "all"); });
  EXPECT_FALSE(Do([&](Session& session) { return FindArchiveRule(session, "all"); }));
  Do([&](Session& session) { return DeleteArchiveRulesOf(session, other); });
  EXPECT_EQ(ids(other, true), "");
}

TEST_P(ArchivesTest, EventsAreTrimmedOldestFirst) {
  const std::int64_t team = AddAccount("team"), other = AddAccount("other");
  for (int i = 0; i < 5; ++i)
    for (const std::int64_t account : {team, other})
      Do([&](Session& session) {
        return InsertEvent(session, {.account_id = account,
                                     .uuid = std::to_string(account) + "-" + std::to_string(i),
                                     .created_at = kNow + i,
                                     .type = "user.x.y",
                                     .level = "info"});
      });
  const auto trim = [&](std::int64_t before, std::int64_t count) {
    return Do([&](Session& session) { return TrimEvents(session, team, before, count); });
  };
  EXPECT_EQ(trim(kNow, 10), 0);
  EXPECT_EQ(trim(kNow + 3, 2), 2);
  EXPECT_EQ(trim(kNow + 3, 2), 1);
  const auto left = Do([&](Session& session) { return ListEvents(session, team, {}, 1, 10); });
  ASSERT_EQ(left.events.size(), 2U);
  EXPECT_EQ(left.events.back().created_at, kNow + 3);
  EXPECT_EQ(Do([&](Session& session) { return ListEvents(session, other, {}, 1, 10); }).events.size(), 5U);
  // A planner that knows how few rows there are would read them all.
  Do([&](Session& session) -> Result<void> {
    for (int i = 0; i < 1000; ++i)
      HF_CHECK_OK(InsertEvent(session, {.account_id = other,
                                        .uuid = "more-" + std::to_string(i),
                                        .created_at = kNow + i,
                                        .type = "user.x.y",
                                        .level = "info"}));
    return {};
  });
  ExpectNoScan({"events"}, [&](Session& session) { return TrimEvents(session, team, kNow, 10); });
}

TEST_P(ArchivesTest, FindingsAreReadByIdWhetherOpenOrClosed) {
  const NewContext context{.key = "k", .name = "bash", .version = "5", .type = "deb", .identity = "i"};
  const auto contexts = Do([&](Session& session) { return InternContexts(session, std::span(&context, 1)); });
  const Finding finding{.context_id = contexts[0],
                        .vulnerability = "CVE-1",
                        .opened_at = kNow,
                        .detected_at = kNow,
                        .severity = 4,
                        .name_space = "debian:12"};
  Do([&](Session& session) { return OpenFindings(session, std::span(&finding, 1)); });
  const auto open = Do([&](Session& session) { return ListOpenFindings(session, contexts); });
  ASSERT_EQ(open.size(), 1U);
  Do([&](Session& session) { return CloseFindings(session, open, kNow + 1); });
  EXPECT_TRUE(Do([&](Session& session) { return ListOpenFindings(session, contexts); }).empty());
  const std::vector<std::int64_t> ids = {open[0], open[0] + 1};
  const auto loaded = Do([&](Session& session) { return LoadFindings(session, ids); });
  ASSERT_EQ(loaded.size(), 1U);
  EXPECT_EQ(loaded[0].vulnerability, "CVE-1");
  EXPECT_EQ(loaded[0].context_id, contexts[0]);
}

TEST_P(ArchivesTest, ImagesAreReadByRowAndKeepTheTimesTheyHad) {
  const std::int64_t team = AddAccount("team");
  const Image one = AddImage(team, 1), two = AddImage(team, 2);
  Do([&](Session& session) { return RestoreImageTimes(session, one.row, kNow - 9, kNow - 5); });
  const std::vector<std::int64_t> rows = {two.row, one.row, two.row + 1};
  const auto images = Do([&](Session& session) { return ListImagesByRow(session, rows); });
  ASSERT_EQ(images.size(), 2U);
  EXPECT_EQ(images[0].row, one.row);
  EXPECT_EQ(images[0].created_at, kNow - 9);
  EXPECT_EQ(images[0].analyzed_at, kNow - 5);
}

TEST_P(ArchivesTest, VerdictsOfAnImageAreListedWhateverTheirTagAndPolicy) {
  const std::int64_t team = AddAccount("team");
  const Image image = AddImage(team, 1);
  for (int i = 0; i < 3; ++i)
    Do([&](Session& session) {
      return InsertEvaluation(session, {.account_id = team,
                                        .image_row = image.row,
                                        .tag = "t" + std::to_string(i),
                                        .policy_id = "p",
                                        .final_action = "go",
                                        .document = "{}",
                                        .created_at = kNow + i});
    });
  const auto listed = Do([&](Session& session) { return ListEvaluationsOf(session, image.row, 2); });
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].tag, "t2");
}

}  // namespace
}  // namespace holdfast::store
