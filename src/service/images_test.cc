#include "service/images.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "service/analysis_store.h"
#include "service/matching.h"
#include "service/subscriptions.h"
#include "service/work.h"
#include "support/losable_database.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using test::ExpectError;
using test::MakeRemoteImage;
using test::Value;

class ImagesTest : public test::PlatformFixture, public testing::WithParamInterface<test::Driver> {
 public:
  ImagesTest() : PlatformFixture(GetParam()) {}

 protected:
  Result<store::Image> TryAdd(const store::Account& account, std::string_view tag, std::string_view seed,
                              const AddImageOptions& options = {}) {
    const auto name = Value(ParseImageName("docker.io/library/a:" + std::string(tag)));
    return AddImage(platform_, account, name, MakeRemoteImage(seed), options);
  }
  store::Image Add(const store::Account& account, std::string_view tag, std::string_view seed,
                   const AddImageOptions& options = {}) {
    return Value(TryAdd(account, tag, seed, options));
  }
  // Everything that waits, up to the end.
  std::size_t AnalyseAll() {
    const auto tasks = Value(port_.Claim("analyzer", 100));
    for (const AnalyzeTask& task : tasks) Value(port_.Complete(task, {}));
    Value(FinishMatchedImages(platform_, 0, 100));
    return tasks.size();
  }
  store::AnalysisStatus StatusOf(const store::Account& account, const store::Image& image) {
    return Value(GetImage(platform_, account, image.digest.Text())).analysis_status;
  }
  struct Wish {
    store::Account account;
    std::string tag, seed;
    AddImageOptions options = {};
  };
  // Added by as many threads through one adder, which waits for all of them.
  static std::vector<Result<store::Image>> AddTogether(Platform platform, const std::vector<Wish>& wishes) {
    ImageAdder adder(platform);
    platform.adder = &adder;
    std::vector<std::shared_ptr<void>> coming;
    for (std::size_t i = 0; i < wishes.size(); ++i) coming.push_back(adder.Announce());
    std::vector<Result<store::Image>> answers(wishes.size(), store::Image());
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < wishes.size(); ++i)
      threads.emplace_back([&, i] {
        const Wish& wish = wishes[i];
        const auto name = Value(ParseImageName("docker.io/library/a:" + wish.tag));
        answers[i] = AddImage(platform, wish.account, name, MakeRemoteImage(wish.seed), wish.options);
        coming[i].reset();
      });
    threads.clear();
    return answers;
  }
  std::string Delete(const store::Account& account, const store::Image& image, bool force) {
    return Value(StartImageDeletion(platform_, account, image.digest.Text(), force)).status;
  }

  store::Account team_ = AddAccount("team");
  store::Account other_ = AddAccount("other");
  LocalAnalyzerPort port_{platform_};
};

INSTANTIATE_TEST_SUITE_P(Drivers, ImagesTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

TEST_P(ImagesTest, AnImageIsAddedWithAllThatBelongsToIt) {
  const auto remote = MakeRemoteImage("s");
  const auto image = Add(team_, "1", "s", {.dockerfile = "RlJPTSBh", .annotations = "{\"k\":\"v\"}"});
  EXPECT_EQ(image.digest, remote.digest);
  EXPECT_EQ(image.image_id, remote.image_id);
  EXPECT_EQ(image.annotations, "{\"k\":\"v\"}");
  EXPECT_EQ(image.analysis_status, store::AnalysisStatus::kNotAnalyzed);
  ASSERT_EQ(image.tags.size(), 1U);
  EXPECT_EQ(image.tags[0].FullTag(), "docker.io/library/a:1");
  EXPECT_EQ(Value(LoadImageDocument(platform_, image, "manifest")), remote.manifest);
  EXPECT_EQ(Value(LoadImageDocument(platform_, image, "config")), remote.config);
  EXPECT_EQ(Value(LoadImageDocument(platform_, image, "dockerfile")), "FROM a");
  EXPECT_FALSE(Value(LoadImageDocument(platform_, image, "sbom")));
  EXPECT_EQ(Value(ListSubscriptions(platform_, team_, "docker.io/library/a:1", "")).size(), 4U);
  EXPECT_EQ(Value(GetImageById(platform_, team_, remote.image_id.Hex())).row, image.row);
  EXPECT_EQ(Value(GetImageById(platform_, team_, remote.digest.Hex())).row, image.row);
  ExpectError(GetImageById(platform_, team_, "nonsense"), ErrorKind::kNotFound);
  ExpectError(GetImage(platform_, other_, image.digest.Text()), ErrorKind::kNotFound);
  ExpectError(GetAnalysedImage(platform_, team_, image.digest.Text()), ErrorKind::kNotFound, "not_analyzed");
  AnalyseAll();
  const auto analysed = Value(GetAnalysedImage(platform_, team_, image.digest.Text()));
  EXPECT_EQ(analysed.dockerfile_mode, "Actual");
}

TEST_P(ImagesTest, WhatIsRefused) {
  ExpectError(TryAdd(team_, "1", "s", {.compressed_bytes_max = 999}), ErrorKind::kLimit);
  ExpectError(TryAdd(team_, "1", "s", {.dockerfile = "not base64!"}), ErrorKind::kInvalidInput);
  EXPECT_EQ(
      Value(database_->Read([&](store::Session& session) { return store::ListImages(session, team_.id, {}); })).size(),
      0U);
  Add(team_, "1", "s", {.compressed_bytes_max = 1000});
  AnalyseAll();
  ExpectError(TryAdd(team_, "1", "s", {.dockerfile = "RlJPTSBh"}), ErrorKind::kInvalidInput, "force");
  Add(team_, "1", "s", {.dockerfile = "RlJPTSBh", .force = true});
}

TEST_P(ImagesTest, AnImageThatIsThereIsNotAnalysedAgain) {
  const auto image = Add(team_, "1", "s");
  Add(team_, "1", "s");
  Add(team_, "2", "s");
  EXPECT_EQ(AnalyseAll(), 1U);
  EXPECT_EQ(StatusOf(team_, image), store::AnalysisStatus::kAnalyzed);
  const auto again = Add(team_, "3", "s");
  EXPECT_EQ(again.row, image.row);
  EXPECT_EQ(again.analysis_status, store::AnalysisStatus::kAnalyzed);
  EXPECT_EQ(again.tags.size(), 3U);
  EXPECT_EQ(AnalyseAll(), 0U);
  Add(team_, "1", "s", {.force = true});
  EXPECT_EQ(StatusOf(team_, image), store::AnalysisStatus::kNotAnalyzed);
  EXPECT_EQ(AnalyseAll(), 1U);
  EXPECT_EQ(StatusOf(team_, image), store::AnalysisStatus::kAnalyzed);
}

TEST_P(ImagesTest, AKnownAnalysisServesEveryAccount) {
  Add(team_, "1", "s");
  EXPECT_EQ(AnalyseAll(), 1U);
  const auto theirs = Add(other_, "9", "s");
  EXPECT_EQ(AnalyseAll(), 0U);
  EXPECT_EQ(StatusOf(other_, theirs), store::AnalysisStatus::kAnalyzed);
  EXPECT_EQ(theirs.tags.size(), 1U);
  // Forced, it is analysed for all.
  Add(other_, "9", "s", {.force = true});
  EXPECT_EQ(AnalyseAll(), 1U);
}

// Both accounts add it before it is analysed; the second asks again afterwards: its job is not needed any more.
TEST_P(ImagesTest, AJobThatIsNotNeededAnyMoreGoes) {
  Add(team_, "1", "s");
  const auto theirs = Add(other_, "1", "s");
  const auto task = Value(port_.Claim("analyzer", 1)).at(0);
  Value(port_.Complete(task, {}));
  Add(other_, "1", "s");
  EXPECT_EQ(AnalyseAll(), 0U);
  EXPECT_EQ(StatusOf(other_, theirs), store::AnalysisStatus::kAnalyzed);
}

TEST_P(ImagesTest, WhatIsAddedAtTheSameTimeIsAddedTogether) {
  const auto answers = AddTogether(platform_, {{team_, "1", "a"},
                                               {team_, "2", "b", {.dockerfile = "RlJPTSBh"}},
                                               {other_, "1", "a", {.annotations = "{\"k\":\"v\"}"}},
                                               {other_, "3", "c", {.watch_tag = true}}});
  for (const auto& answer : answers) EXPECT_EQ(Value(answer).analysis_status, store::AnalysisStatus::kNotAnalyzed);
  EXPECT_EQ(answers[0]->account_id, team_.id);
  EXPECT_EQ(answers[0]->digest, MakeRemoteImage("a").digest);
  EXPECT_EQ(answers[0]->tags.at(0).tag, "1");
  EXPECT_EQ(answers[1]->tags.at(0).dockerfile, "RlJPTSBh");
  EXPECT_EQ(answers[2]->annotations, "{\"k\":\"v\"}");
  EXPECT_NE(answers[2]->row, answers[0]->row);
  EXPECT_EQ(Value(ListSubscriptions(platform_, other_, "docker.io/library/a:3", "")).size(), 4U);
  EXPECT_EQ(Value(LoadImageDocument(platform_, *answers[1], "dockerfile")), "FROM a");
  EXPECT_EQ(AnalyseAll(), 4U);
}

TEST_P(ImagesTest, WhoIsRefusedIsRefusedAlone) {
  Add(team_, "1", "known");
  EXPECT_EQ(AnalyseAll(), 1U);
  // Two tags of one image do not fit into one statement.
  const auto answers = AddTogether(platform_, {{team_, "2", "known", {.dockerfile = "RlJPTSBh"}},
                                               {team_, "3", "known"},
                                               {team_, "4", "new"},
                                               {team_, "5", "new"},
                                               {other_, "6", "known"}});
  ExpectError(answers[0], ErrorKind::kInvalidInput, "needs force");
  EXPECT_EQ(Value(answers[1]).analysis_status, store::AnalysisStatus::kAnalyzed);
  EXPECT_EQ(Value(answers[2]).row, Value(answers[3]).row);
  EXPECT_EQ(Value(answers[4]).account_id, other_.id);
  EXPECT_EQ(AnalyseAll(), 1U);
  EXPECT_EQ(Value(GetImage(platform_, team_, answers[2]->digest.Text())).tags.size(), 2U);
}

TEST_P(ImagesTest, ADatabaseThatIsAwayIsNotAskedForEach) {
  test::LosableDatabase losable(*database_);
  losable.away_for = 100;
  const Platform losing{.database = losable,
                        .objects = *objects_,
                        .clock = clock_,
                        .logger = logger_,
                        .sealer = sealer_,
                        .host_id = "host"};
  for (const auto& answer : AddTogether(losing, {{team_, "1", "a"}, {team_, "2", "b"}, {other_, "1", "a"}}))
    ExpectError(answer, ErrorKind::kUnavailable);
  EXPECT_GE(losable.away_for, 97);
}

TEST_P(ImagesTest, DeletionIsGuarded) {
  const auto image = Add(team_, "1", "s");
  EXPECT_EQ(Value(StartImageDeletion(platform_, team_, "nonsense", true)).status, "not_found");
  EXPECT_EQ(Delete(other_, image, true), "not_found");
  (void)Value(port_.Claim("analyzer", 1));
  EXPECT_EQ(Delete(team_, image, false), "delete_failed");  // it is being analysed
  clock_.Advance(kLeaseMs + 1);
  Value(ReapLostWork(platform_, 36'000'000));
  AnalyseAll();
  EXPECT_EQ(Delete(team_, image, false), "delete_failed");  // the newest of a tag that somebody watches
  const auto newer = Add(team_, "1", "t", {.created_at = clock_.NowMs() + 1});
  EXPECT_EQ(Delete(team_, image, false), "deleting");
  EXPECT_EQ(Delete(team_, image, false), "deleting");
  AnalyseAll();
  EXPECT_EQ(Delete(team_, newer, true), "deleting");
  for (const auto& subscription : Value(ListSubscriptions(platform_, team_, "docker.io/library/a:1", "")))
    EXPECT_FALSE(subscription.active) << subscription.type;
  EXPECT_EQ(Value(PurgeDeletedImages(platform_, 1)), 1U);
  EXPECT_EQ(Value(PurgeDeletedImages(platform_, 9)), 1U);
  EXPECT_EQ(Value(PurgeDeletedImages(platform_, 9)), 0U);
  ExpectError(GetImage(platform_, team_, image.digest.Text()), ErrorKind::kNotFound);
}

TEST_P(ImagesTest, AnImageInDeletionComesBack) {
  const auto image = Add(team_, "1", "s");
  EXPECT_EQ(Delete(team_, image, true), "deleting");
  EXPECT_TRUE(Value(port_.Claim("analyzer", 9)).empty());  // its job went
  const auto again = Add(team_, "1", "s");
  EXPECT_EQ(again.row, image.row);
  EXPECT_EQ(again.image_status, store::ImageStatus::kActive);
  EXPECT_EQ(Value(PurgeDeletedImages(platform_, 9)), 0U);
  EXPECT_EQ(AnalyseAll(), 1U);
}

}  // namespace
}  // namespace holdfast::service
