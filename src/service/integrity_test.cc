#include "service/integrity.h"

#include <algorithm>

#include "base/format.h"
#include "catalog/layer_record.h"
#include "io/retain.h"
#include "io/sha256.h"
#include "service/analysis_store.h"
#include "service/images.h"
#include "service/matching.h"
#include "service/watchers.h"
#include "service/work.h"
#include "store/object_references.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using test::Value;
using Texts = std::vector<std::string>;

constexpr std::int64_t kDay = 86'400'000;

class IntegrityTest : public test::PlatformFixture, public testing::WithParamInterface<test::Driver> {
 public:
  IntegrityTest() : PlatformFixture(GetParam()) {}

 protected:
  // An image that went all the way, with the record of its layer.
  store::Image AddAnalysed(std::string_view seed) {
    const auto name = Value(ParseImageName("docker.io/library/a:" + std::string(seed)));
    const auto image = Value(AddImage(platform_, team_, name, test::MakeRemoteImage(seed), {}));
    const auto tasks = Value(port_.Claim("analyzer-1", 1));
    Value(port_.StoreRecord({LayerOf(seed), ""}, EmptyRecord(), 100));
    Value(port_.Complete(tasks.at(0), Analysis(seed)));
    Value(FinishMatchedImages(platform_, 0, 10));
    return Value(GetImage(platform_, team_, image.digest.Text()));
  }
  static std::string EmptyRecord() {
    catalog::LayerRecord record;
    record.store = std::make_shared<io::ChunkedBlob>();
    return Value(record.Encode());
  }
  static Digest LayerOf(std::string_view seed) { return Digest(io::Sha256Of("layer " + std::string(seed))); }
  static model::ImageAnalysis Analysis(std::string_view seed) {
    model::ImageAnalysis analysis;
    analysis.source.kind = "registry";
    analysis.source.manifest_digest = test::MakeRemoteImage(seed).digest.Text();
    analysis.layers.push_back({.digest = LayerOf(seed).Text()});
    model::Package package;
    package.name = seed;
    package.version = "1.0";
    package.type = "deb";
    package.version_scheme = "dpkg";
    package.locations = {{.path = "/var/lib/dpkg/status", .layer = 0}};
    analysis.packages = {package};
    return analysis;
  }
  static std::string RecordOf(std::string_view seed) { return LayerRecordKey({LayerOf(seed), ""}); }
  static std::string AnalysisOf(const store::Image& image) { return AnalysisKey(image.digest, kAnalysisVersion); }

  IntegrityReport Look(IntegrityOptions options = {}) {
    return Value(CheckIntegrity({.database = *database_, .objects = *objects_, .clock = clock_}, options));
  }
  // "object.missing 1/0": found and mended.
  static Texts Found(const IntegrityReport& report) {
    Texts found;
    for (const IntegrityProblem& problem : report.problems)
      if (problem.count > 0) found.push_back(Format("{} {}/{}", problem.kind, problem.count, problem.mended));
    return found;
  }
  Texts Found(const IntegrityOptions& options = {}) { return Found(Look(options)); }
  void Run(std::string_view sql) {
    Value(
        database_->Write([&](store::Session& session) { return session.RunScript({.name = "test.run", .sql = sql}); }));
  }

  store::Account team_ = AddAccount("team");
  LocalAnalyzerPort port_{platform_};
};

INSTANTIATE_TEST_SUITE_P(Drivers, IntegrityTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

TEST_P(IntegrityTest, AWorkingPlatformIsClean) {
  EXPECT_EQ(Found({.deep = true}), Texts{});
  AddAnalysed("1");
  AddAnalysed("2");
  clock_.Advance(kDay);
  const auto report = Look({.deep = true});
  EXPECT_EQ(Found(report), Texts{});
  EXPECT_TRUE(report.IsClean());
  EXPECT_EQ(report.objects, 8U);  // of each image: record, analysis, manifest and config
  EXPECT_EQ(report.objects_read, 8U);
  EXPECT_EQ(report.objects_in_flight, 0U);
}

TEST_P(IntegrityTest, ObjectsThatAreGone) {
  const auto image = AddAnalysed("1");
  Value(objects_->Delete(AnalysisOf(image)));
  Value(objects_->Delete(RecordOf("1")));
  const auto report = Look();
  EXPECT_EQ(Found(report), Texts{"object.missing 2/0"});
  EXPECT_FALSE(report.IsClean());
  const auto missing = std::ranges::find(report.problems, "object.missing", &IntegrityProblem::kind);
  EXPECT_EQ(missing->examples, (Texts{AnalysisOf(image), RecordOf("1")}));
  EXPECT_TRUE(missing->damage);
  // A record can be made again, an analysis takes somebody who asks for it.
  EXPECT_EQ(Found({.repair = true}), Texts{"object.missing 2/1"});
  EXPECT_EQ(Found(), Texts{"object.missing 1/0"});
  test::ExpectError(port_.LoadRecord({LayerOf("1"), ""}), ErrorKind::kNotFound);
  Value(port_.StoreRecord({LayerOf("1"), ""}, EmptyRecord(), 100));
  Value(AddImage(platform_, team_, Value(ParseImageName("docker.io/library/a:1")), test::MakeRemoteImage("1"),
                 {.force = true}));
  Value(port_.Complete(Value(port_.Claim("analyzer-1", 1)).at(0), Analysis("1")));
  EXPECT_EQ(Found({.deep = true}), Texts{});
}

TEST_P(IntegrityTest, AKeyThatIsNoneNamesNoObject) {
  AddAnalysed("1");
  Run("UPDATE image_documents SET object_key = '../x' WHERE kind = 'config'");
  EXPECT_EQ(Found(), Texts{"object.missing 1/0"});
}

TEST_P(IntegrityTest, ObjectsThatNobodyRefersTo) {
  AddAnalysed("1");
  for (const char* key : {"a/first", "documents/00/00", "layer_records/1/none/00/00", "zz"})
    Value(objects_->PutBytes(key, "x"));
  EXPECT_EQ(Found(), Texts{});
  EXPECT_EQ(Look().objects_in_flight, 4U);
  EXPECT_EQ(Found({.grace_ms = 0}), Texts{"object.unused 4/0"});
  clock_.Advance(kDay);
  Value(objects_->PutBytes("young", "x"));
  EXPECT_EQ(Found(), Texts{"object.unused 4/0"});
  const auto repaired = Look({.repair = true});
  EXPECT_EQ(Found(repaired), Texts{"object.unused 4/4"});
  EXPECT_TRUE(repaired.IsClean());
  EXPECT_EQ(Found({.deep = true}), Texts{});
  EXPECT_TRUE(Value(objects_->Exists("young")));
}

TEST_P(IntegrityTest, ObjectsThatAreNotWhatTheyShouldBe) {
  const auto image = AddAnalysed("1");
  const auto documents =
      Value(database_->Read([&](store::Session& session) { return store::ListImageDocuments(session, image.row); }));
  Value(objects_->PutBytes(RecordOf("1"), "no record"));
  Value(objects_->PutBytes(AnalysisOf(image), "no analysis"));
  Value(objects_->PutBytes(documents.at(0).object_key, "another document"));
  EXPECT_EQ(Found(), Texts{}) << "only a deep look reads them";
  EXPECT_EQ(Found({.deep = true}), Texts{"object.damaged 3/0"});
  EXPECT_EQ(Found({.deep = true, .repair = true}), Texts{"object.damaged 3/1"});
  test::ExpectError(port_.LoadRecord({LayerOf("1"), ""}), ErrorKind::kNotFound);
  EXPECT_EQ(Found({.deep = true}), Texts{"object.damaged 2/0"});
  Value(StoreAnalysisObject(platform_, image.digest, Analysis("1")));
  EXPECT_EQ(Found({.deep = true}), (Texts{"object.damaged 1/0", "analysis.no_record 1/0"}));
}

TEST_P(IntegrityTest, ADeepLookComparesRowsWithWhatTheObjectsSay) {
  AddAnalysed("1");
  Run("UPDATE analyses SET packages = 7");
  EXPECT_EQ(Found(), Texts{});
  EXPECT_EQ(Found({.deep = true}), Texts{"analysis.counts 1/0"});
  Run("UPDATE analyses SET packages = 1");
  EXPECT_EQ(Found({.deep = true}), Texts{});
  Run("DELETE FROM set_contexts");
  const auto found = Found({.deep = true});
  EXPECT_EQ(std::ranges::count(found, "package_set.members 1/0"), 1) << testing::PrintToString(found);
}

TEST_P(IntegrityTest, WhatADeletedImageLeftGoesAfterTheGraceTime) {
  AddAnalysed("kept");
  const auto image = AddAnalysed("1");
  Value(StartImageDeletion(platform_, team_, image.digest.Text(), true));
  Value(PurgeDeletedImages(platform_, 10));
  EXPECT_EQ(Found(), Texts{});
  clock_.Advance(kDay);
  EXPECT_EQ(Found(), (Texts{"analysis.unused 1/0", "object.unused 2/0"}));
  EXPECT_EQ(Found({.repair = true}),
            (Texts{"analysis.unused 1/1", "package_set.unused 1/1", "context.unused 1/1", "object.unused 3/3"}));
  EXPECT_EQ(Found({.deep = true}), Texts{});
}

TEST_P(IntegrityTest, HousekeepingDoesTheSame) {
  AddAnalysed("kept");
  const auto image = AddAnalysed("1");
  Value(StartImageDeletion(platform_, team_, image.digest.Text(), true));
  Value(PurgeDeletedImages(platform_, 10));
  Value(CollectContent(platform_));
  Value(CollectObjects(platform_));
  EXPECT_TRUE(Value(objects_->Exists(AnalysisOf(image))));
  clock_.Advance(kDay);
  Value(CollectContent(platform_));
  Value(CollectObjects(platform_));
  Value(CollectAbandonedObjects(platform_));
  EXPECT_FALSE(Value(objects_->Exists(AnalysisOf(image))));
  EXPECT_EQ(Found({.deep = true, .grace_ms = 0}), Texts{});
}

TEST_P(IntegrityTest, AnImageThatWaitsForNothingGetsAJob) {
  const auto name = Value(ParseImageName("docker.io/library/a:1"));
  const auto image = Value(AddImage(platform_, team_, name, test::MakeRemoteImage("1"), {}));
  Value(port_.Claim("analyzer-1", 1));
  Run("DELETE FROM jobs");
  EXPECT_EQ(Found(), Texts{"image.no_job 1/0"});
  EXPECT_EQ(Found({.repair = true}), Texts{"image.no_job 1/1"});
  EXPECT_EQ(Found(), Texts{});
  EXPECT_EQ(Value(port_.Claim("analyzer-1", 1)).at(0).image_row, image.row);
}

TEST_P(IntegrityTest, LayersOfAnotherVersionAreOutdated) {
  Value(database_->Write([&](store::Session& session) {
    return store::PutLayer(session, {.digest = LayerOf("old"), .record_version = 1}, clock_.NowMs());
  }));
  EXPECT_EQ(Found(), Texts{});
  clock_.Advance(kDay);
  EXPECT_EQ(Found(), Texts{"layer.outdated 1/0"});
  EXPECT_EQ(Found({.repair = true}), Texts{"layer.outdated 1/1"});
  EXPECT_EQ(Found(), Texts{});
  Value(database_->Write([&](store::Session& session) {
    return store::PutLayer(session, {.digest = LayerOf("old"), .record_version = 1}, clock_.NowMs() - kDay);
  }));
  EXPECT_EQ(Value(RemoveUnusedRows(platform_, kOrphanGraceMs)), 1U);
  EXPECT_EQ(Found(), Texts{});
}

TEST_P(IntegrityTest, ARecordWhoseRowWasNotWrittenGetsItWithTheAnalysis) {
  const auto name = Value(ParseImageName("docker.io/library/a:1"));
  Value(AddImage(platform_, team_, name, test::MakeRemoteImage("1"), {}));
  const auto tasks = Value(port_.Claim("analyzer-1", 1));
  // As by a process that was lost between the two.
  Value(objects_->PutBytes(RecordOf("1"), EmptyRecord()));
  EXPECT_EQ(Found({.grace_ms = 0}), Texts{"object.unused 1/0"});
  Value(port_.Complete(tasks.at(0), Analysis("1")));
  EXPECT_EQ(Found({.deep = true, .grace_ms = 0}), Texts{});
}

}  // namespace
}  // namespace holdfast::service
