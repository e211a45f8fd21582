// Every question of store/integrity.h, on every driver: nothing is answered of a database as the platform writes it;
// each kind of problem, made by hand, is answered by its question and no other, and is gone once it is removed.
#include "store/integrity.h"

#include "conformance/repository_fixture.h"
#include "store/jobs.h"
#include "store/object_references.h"

namespace holdfast::store {
namespace {

class StoreIntegrityTest : public RepositoryTest {
 protected:
  void Script(std::string_view sql) {
    Do([&](Session& session) { return session.RunScript({.name = "test.script", .sql = sql}); });
  }
  // The tables without what foreign keys forbid, as after a restore of parts.
  void Loosen() {
    Script(
        "DROP TABLE image_documents; DROP TABLE image_tags; DROP TABLE evaluations; DROP TABLE findings;"
        "DROP TABLE analysis_sets; DROP TABLE set_contexts;"
        "CREATE TABLE image_documents (image_row BIGINT, kind @TEXT, object_key @TEXT);"
        "CREATE TABLE image_tags (id BIGINT, image_row BIGINT);"
        "CREATE TABLE evaluations (id BIGINT, image_row BIGINT);"
        "CREATE TABLE findings (id BIGINT, context_id BIGINT, vulnerability_id BIGINT);"
        "CREATE TABLE analysis_sets (set_id BIGINT, analysis_id BIGINT, position BIGINT);"
        "CREATE TABLE set_contexts (context_id BIGINT, set_id BIGINT);");
  }
  std::vector<std::string> Answers(const IntegrityQuestion& question, std::int64_t before) {
    std::vector<std::string> names;
    const std::int64_t last = Do([&](Session& session) { return LastRow(session, question); });
    for (std::int64_t after = 0; after < last; after += kIntegrityWindow)
      for (const auto& finding : Do([&](Session& session) { return Ask(session, question, after, before); }))
        names.push_back(finding.name);
    return names;
  }
  // The kinds that have an answer.
  std::vector<std::string> Kinds(std::int64_t before = kNow + 1) {
    std::vector<std::string> kinds;
    for (const IntegrityQuestion& question : IntegrityQuestions())
      if (!Answers(question, before).empty()) kinds.emplace_back(question.kind);
    return kinds;
  }
  void RemoveAll() {
    for (const IntegrityQuestion& question : IntegrityQuestions()) {
      if (!question.IsRemovable()) continue;
      const std::int64_t last = Do([&](Session& session) { return LastRow(session, question); });
      for (std::int64_t after = 0; after < last; after += kIntegrityWindow)
        Do([&](Session& session) -> Result<void> {
          HF_TRY(const auto findings, Ask(session, question, after, kNow + 1));
          return findings.empty() ? Result<void>{} : Remove(session, question, findings);
        });
    }
  }
  void Enqueue(std::string_view kind, std::string_view key, std::int64_t account) {
    Do([&](Session& session) {
      return EnqueueJob(session, {.kind = std::string(kind), .account_id = account, .key = std::string(key)}, kNow);
    });
  }
  // An analysed image with one package and one finding.
  Image AddAnalysed(std::int64_t account, std::uint64_t digest) {
    const Image image = AddImage(account, digest);
    const std::string name = std::to_string(digest);
    const std::vector<NewContext> contexts = {{.key = "c" + name, .name = name, .version = "1", .type = "deb"}};
    Do([&](Session& session) -> Result<void> {
      HF_TRY(const auto ids, InternContexts(session, contexts));
      const NewPackageSet set{"s" + name, "members", ids};
      HF_TRY(const auto sets, InsertPackageSets(session, {&set, 1}));
      const NewAnalysis analysis{{.content_key = DigestOf(digest), .version = 1, .layers = 1, .packages = 1},
                                 {sets.at(0).id}};
      HF_TRY(const auto analyses, PutAnalyses(session, {&analysis, 1}, kNow));
      const std::vector<Finding> findings = {{.context_id = ids[0], .vulnerability = "CVE-" + name, .opened_at = kNow}};
      HF_CHECK_OK(OpenFindings(session, findings));
      const NewImageAnalysis given{image.row, analyses.at(0)};
      return SetAnalyses(session, {&given, 1}, AnalysisStatus::kAnalyzed, kNow);
    });
    return image;
  }

  using Texts = std::vector<std::string>;
};

INSTANTIATE_TEST_SUITE_P(Drivers, StoreIntegrityTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

TEST_P(StoreIntegrityTest, WhatThePlatformWritesIsInOrder) {
  EXPECT_EQ(Kinds(), Texts{});
  const auto team = AddAccount("team");
  AddAnalysed(team, 1);
  const Image waiting = AddImage(team, 2);
  Enqueue("analyze", std::to_string(waiting.row), team);
  Enqueue("notify", "tag_update:1", team);
  Enqueue("hook_general", "tag_update:2", team);
  EXPECT_EQ(Kinds(), Texts{});
}

TEST_P(StoreIntegrityTest, JobsOfWhatIsGone) {
  const auto team = AddAccount("team");
  const Image analysed = AddAnalysed(team, 1);
  Enqueue("notify", "tag_update:1", 999);
  EXPECT_EQ(Kinds(), Texts{"job.no_account"});
  Enqueue("analyze", "998", team);
  Enqueue("analyze", std::to_string(analysed.row), team);
  EXPECT_EQ(Kinds(), (Texts{"job.no_account", "job.no_image", "job.finished"}));
  EXPECT_EQ(Kinds(kNow), Texts{}) << "young ones are left alone";
  RemoveAll();
  EXPECT_EQ(Kinds(), Texts{});
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM jobs"), 0);
}

TEST_P(StoreIntegrityTest, DeadJobsBesideLivingOnesAndNotificationsThatWereDealt) {
  const auto team = AddAccount("team");
  Enqueue("hook_general", "tag_update:1", team);
  Script("UPDATE jobs SET state = 2");
  EXPECT_EQ(Kinds(), Texts{});
  Enqueue("hook_general", "tag_update:1", team);
  EXPECT_EQ(Kinds(), Texts{"job.superseded"});
  Enqueue("notify", "tag_update:1", team);
  EXPECT_EQ(Kinds(), (Texts{"job.superseded", "notification.twice"}));
  RemoveAll();
  EXPECT_EQ(Kinds(), Texts{});
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM jobs WHERE kind = 'hook_general' AND state = 0"), 1);
}

TEST_P(StoreIntegrityTest, ImagesThatWaitForNothing) {
  const auto team = AddAccount("team");
  const Image image = AddImage(team, 1);
  EXPECT_EQ(Kinds(), Texts{"image.no_job"});
  Enqueue("analyze", std::to_string(image.row), team);
  EXPECT_EQ(Kinds(), Texts{});
  Script("UPDATE jobs SET state = 2");
  EXPECT_EQ(Kinds(), Texts{"image.no_job"});
  Script("UPDATE images SET analysis_status = 3");
  EXPECT_EQ(Kinds(), Texts{});
  Script("UPDATE images SET analysis_status = 2");
  EXPECT_EQ(Kinds(), Texts{"image.no_analysis"});
}

TEST_P(StoreIntegrityTest, ContentThatNoImageNeedsGoesLayerByLayer) {
  const auto team = AddAccount("team");
  const Image image = AddAnalysed(team, 1);
  AddAnalysed(team, 2);
  Do([&](Session& session) { return DeleteImage(session, image.row); });
  EXPECT_EQ(Kinds(), Texts{"analysis.unused"});
  EXPECT_EQ(Kinds(kNow), Texts{});
  RemoveAll();
  EXPECT_EQ(Kinds(), Texts{});
  for (const std::string_view table :
       {"analyses", "analysis_sets", "package_sets", "set_contexts", "contexts", "findings", "vulnerabilities"})
    EXPECT_EQ(Integer("SELECT COUNT(*) FROM " + std::string(table)), 1) << table;
}

TEST_P(StoreIntegrityTest, SetsContextsAndNamesThatNobodyNeeds) {
  const std::vector<NewContext> contexts = {{.key = "c", .name = "n", .version = "1", .type = "deb"}};
  const auto ids = Do([&](Session& session) { return InternContexts(session, contexts); });
  EXPECT_EQ(Kinds(), Texts{"context.unused"});
  const NewPackageSet set{"s", "members", ids};
  Do([&](Session& session) { return InsertPackageSets(session, {&set, 1}); });
  EXPECT_EQ(Kinds(), Texts{"package_set.unused"});
  Script("INSERT INTO vulnerabilities (name) VALUES ('CVE-1')");
  EXPECT_EQ(Kinds(), (Texts{"package_set.unused", "vulnerability.unused"}));
  RemoveAll();
  EXPECT_EQ(Kinds(), Texts{});
}

TEST_P(StoreIntegrityTest, WhatIsNeededAgainIsNotRemoved) {
  const auto team = AddAccount("team");
  const Image image = AddAnalysed(team, 1);
  const auto questions = IntegrityQuestions();
  const auto unused = std::ranges::find(questions, "analysis.unused", &IntegrityQuestion::kind);
  const auto analysis = Integer("SELECT id FROM analyses");
  const std::vector<IntegrityFinding> stale = {{.row = analysis, .name = ""}};
  test::ExpectError(Try([&](Session& session) { return Remove(session, *unused, stale); }), ErrorKind::kConflict);
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM analysis_sets"), 1);
  EXPECT_EQ(Kinds(), Texts{}) << image.row;
}

TEST_P(StoreIntegrityTest, CountsThatDisagree) {
  const auto team = AddAccount("team");
  AddAnalysed(team, 1);
  for (const std::string_view wrong : {"packages = 0", "layers = 1, packages = 0", "packages = 1"}) {
    const bool right = wrong == "packages = 1";
    Script("UPDATE analyses SET " + std::string(wrong));
    EXPECT_EQ(Kinds(), right ? Texts{} : Texts{"analysis.counts"}) << wrong;
  }
  Script("UPDATE analysis_sets SET position = 1");
  EXPECT_EQ(Kinds(), Texts{"analysis.counts"});
  Script("DELETE FROM analysis_sets");
  EXPECT_EQ(Kinds(), (Texts{"analysis.counts", "package_set.unused"}));
}

TEST_P(StoreIntegrityTest, RowsWhoseOtherEndIsGone) {
  const auto team = AddAccount("team");
  const Image image = AddImage(team, 1);
  Enqueue("analyze", std::to_string(image.row), team);
  Loosen();
  Script("INSERT INTO image_documents VALUES (99, 'manifest', 'k')");
  EXPECT_EQ(Kinds(), Texts{"image_document.dangling"});
  Script("INSERT INTO image_tags VALUES (1, 99); INSERT INTO evaluations VALUES (1, 99);");
  EXPECT_EQ(Kinds(), (Texts{"image_document.dangling", "image_tag.dangling", "evaluation.dangling"}));
  RemoveAll();
  EXPECT_EQ(Kinds(), Texts{});
  Script(
      "INSERT INTO analysis_sets VALUES (98, 99, 0); INSERT INTO set_contexts VALUES (97, 98);"
      "INSERT INTO findings VALUES (1, 97, 96);");
  EXPECT_EQ(Kinds(), (Texts{"analysis_set.dangling", "set_context.dangling", "finding.dangling"}));
}

TEST_P(StoreIntegrityTest, KeysOfObjectsComeInOrderPageByPage) {
  const auto team = AddAccount("team");
  const Image image = AddImage(team, 1);
  const std::vector<ImageDocument> documents = {
      {"manifest", "documents/b"}, {"config", "documents/a"}, {"sbom", "documents/c"}};
  Do([&](Session& session) { return PutImageDocuments(session, image.row, documents); });
  const auto list = [&](std::string_view after) {
    return Do([&](Session& session) { return ListObjectKeys(session, ObjectColumn::kImageDocuments, after, 2); });
  };
  EXPECT_EQ(list(""), (Texts{"documents/a", "documents/b"}));
  EXPECT_EQ(list("documents/b"), Texts{"documents/c"});
  const Texts wanted = {"documents/a", "documents/z"};
  EXPECT_EQ(Do([&](Session& session) { return FindObjectKeys(session, ObjectColumn::kImageDocuments, wanted); }),
            Texts{"documents/a"});
  for (const ObjectColumn column :
       {ObjectColumn::kImportContents, ObjectColumn::kSnapshots, ObjectColumn::kArchivedImages}) {
    EXPECT_TRUE(Do([&](Session& session) { return ListObjectKeys(session, column, "", 2); }).empty());
    EXPECT_TRUE(Do([&](Session& session) { return FindObjectKeys(session, column, wanted); }).empty());
  }
}

TEST_P(StoreIntegrityTest, LayersAndAnalysesComeInOrder) {
  for (const std::uint64_t digest : {3U, 1U, 2U}) {
    const Layer layer{.digest = DigestOf(digest), .record_version = 7, .search_id = digest == 2 ? "ab" : ""};
    Do([&](Session& session) { return PutLayer(session, layer, kNow); });
    const NewAnalysis analysis{{.content_key = DigestOf(digest), .version = 1}, {}};
    Do([&](Session& session) { return PutAnalyses(session, {&analysis, 1}, kNow); });
  }
  EXPECT_EQ(Do([](Session& session) { return ListSearchIds(session, 7); }), (Texts{"", "ab"}));
  const auto layers = Do([](Session& session) { return ListLayers(session, 7, "", "", 10); });
  EXPECT_EQ(layers.size(), 2U);
  EXPECT_TRUE(std::ranges::is_sorted(layers));
  const Layer second{.digest = DigestOf(2), .record_version = 7, .search_id = "ab"};
  EXPECT_TRUE(Do([&](Session& session) { return HasLayer(session, second); }));
  EXPECT_EQ(Do([](Session& session) { return ListOutdatedLayers(session, 7, kNow + 1, 10); }).size(), 0U);
  EXPECT_EQ(Do([](Session& session) { return ListOutdatedLayers(session, 8, kNow + 1, 10); }).size(), 3U);
  EXPECT_EQ(Do([](Session& session) { return ListOutdatedLayers(session, 8, kNow, 10); }).size(), 0U);
  Do([&](Session& session) { return DeleteLayer(session, second); });
  EXPECT_FALSE(Do([&](Session& session) { return HasLayer(session, second); }));
  EXPECT_EQ(Do(&ListAnalysisVersions), std::vector<std::int64_t>{1});
  const auto first = Do([](Session& session) { return ListContentKeys(session, 1, std::nullopt, 2); });
  EXPECT_EQ(first.size(), 2U);
  const auto rest = Do([&](Session& session) { return ListContentKeys(session, 1, first.back(), 2); });
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_LT(first.back(), rest.front());
}

TEST_P(StoreIntegrityTest, LayersThatAreUsedGetTheirRow) {
  const std::vector<Digest> layers = {DigestOf(2), DigestOf(1), DigestOf(2)};
  const auto touch = [&](std::int64_t now) {
    Do([&](Session& session) { return TouchLayers(session, layers, 7, "ab", now); });
  };
  Do([&](Session& session) {
    return PutLayer(session, {.digest = DigestOf(1), .record_version = 7, .search_id = "ab", .record_bytes = 5}, kNow);
  });
  touch(kNow + 60'000);
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM layers"), 2);
  EXPECT_EQ(Integer("SELECT SUM(record_bytes) FROM layers"), 5);
  EXPECT_EQ(Integer("SELECT MIN(used_at) FROM layers"), kNow) << "written once an hour at most";
  touch(kNow + 7'200'000);
  EXPECT_EQ(Integer("SELECT MIN(used_at) FROM layers"), kNow + 7'200'000);
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM layers"), 2);
}

}  // namespace
}  // namespace holdfast::store
