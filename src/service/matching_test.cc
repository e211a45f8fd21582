#include "service/matching.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "advisory/snapshot.h"
#include "advisory/snapshot_writer.h"
#include "match/asked.h"
#include "service/analysis_store.h"
#include "service/images.h"
#include "store/analyses.h"
#include "store/events.h"
#include "store/matching_epoch.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using namespace std::literals;
using test::Value;

// What an advisory says: django up to a version, with a summary that may be reworded.
struct Flaw {
  std::string id;
  std::string package = "django";
  std::string fixed = "2.0";
  std::string summary = "bad";
};

class MatchingTest : public test::PlatformFixture, public testing::WithParamInterface<test::Driver> {
 public:
  MatchingTest() : PlatformFixture(GetParam()) {}

 protected:
  std::unique_ptr<advisory::Snapshot> MakeSnapshot(const std::vector<Flaw>& flaws) {
    advisory::SnapshotWriter writer;
    for (const Flaw& flaw : flaws) {
      model::Advisory advisory;
      advisory.id = flaw.id;
      advisory.source = "osv";
      advisory.summary = flaw.summary;
      advisory.severity = model::Severity::kHigh;
      advisory.published = advisory.modified = "2025-01-01T00:00:00Z";
      model::Affected affected;
      affected.ecosystem = "PyPI";
      affected.package = flaw.package;
      affected.version_scheme = "pep440";
      affected.ranges = {{.introduced = "0", .fixed = flaw.fixed, .last_affected = std::nullopt}};
      affected.fix_state = model::FixState::kFixed;
      advisory.affected = {affected};
      writer.Add(advisory, "osv");
    }
    const auto path = folder_.Path() / ("snapshot" + std::to_string(++snapshots_));
    Value(writer.Write(path, "2025-11-25T00:00:00Z"));
    return Value(advisory::Snapshot::Open(path));
  }

  static model::Package Python(std::string_view name, std::string_view version) {
    model::Package package;
    package.name = name;
    package.version = version;
    package.type = "python";
    package.language = "python";
    package.ecosystem = "PyPI";
    package.version_scheme = "pep440";
    package.locations = {{.path = "/usr/lib/python3/dist-packages/METADATA", .layer = 0}};
    return package;
  }

  // An image of the account, analysed with these packages and waiting for the matcher.
  store::Image AddAnalysed(const store::Account& account, std::string_view seed, std::vector<model::Package> packages) {
    const auto name = Value(ParseImageName("docker.io/library/a:" + std::string(seed)));
    const auto image = Value(AddImage(platform_, account, name, test::MakeRemoteImage(seed), {}));
    model::ImageAnalysis analysis;
    analysis.packages = std::move(packages);
    Value(database_->Write([&](store::Session& session) -> Result<void> {
      HF_TRY(const auto id, RecordAnalysis(session, image.digest, analysis, clock_.NowMs()));
      const store::NewImageAnalysis given{image.row, id};
      return store::SetAnalyses(session, {&given, 1}, store::AnalysisStatus::kAnalyzing, clock_.NowMs());
    }));
    return image;
  }
  // All contexts are decided with it again, when they were decided with another before.
  void Begin(std::int64_t generation) {
    Value(database_->Write([&](store::Session& session) -> Result<void> {
      HF_CHECK_OK(store::LockEpoch(session));
      HF_TRY(const auto epoch, store::FindEpoch(session));
      if (epoch && epoch->generation == generation) return {};
      HF_CHECK_OK(
          store::PutEpoch(session, {.generation = generation, .matcher = match::kMatcherVersion, .since = 0}, true));
      return {};
    }));
  }
  MatchBatch Match(const advisory::Snapshot& snapshot, std::int64_t generation, std::int64_t count = 100) {
    Begin(generation);
    return Value(MatchContexts(platform_, snapshot, generation, count));
  }
  std::vector<store::Finding> Open() {
    return Value(database_->Read([](store::Session& session) -> Result<std::vector<store::Finding>> {
      HF_TRY(const auto rows, session.Run({"test.contexts", "SELECT id FROM contexts ORDER BY id"}));
      std::vector<std::int64_t> ids;
      for (const store::Row& row : rows) ids.push_back(row[0].Integer());
      return store::LoadOpenFindings(session, ids);
    }));
  }
  std::int64_t CountFindings() {
    return Value(database_->Read([](store::Session& session) {
             return session.Run({"test.count", "SELECT COUNT(*) FROM findings"});
           }))
        .rows[0][0]
        .Integer();
  }
  store::AnalysisStatus StatusOf(const store::Account& account, const store::Image& image) {
    return Value(GetImage(platform_, account, image.digest.Text())).analysis_status;
  }

 private:
  test::TemporaryFolder folder_;
  int snapshots_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Drivers, MatchingTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

TEST_P(MatchingTest, FindingsOpenStayChangeAndClose) {
  const auto team = AddAccount("team");
  AddAnalysed(team, "1", {Python("django", "1.0"), Python("flask", "1.0")});
  const std::int64_t first = clock_.NowMs();
  EXPECT_EQ(Match(*MakeSnapshot({{"CVE-2025-1"}, {"CVE-2025-2"}, {"CVE-2025-3", "other"}}), 1).opened, 2U);
  const auto opened = Open();
  ASSERT_EQ(opened.size(), 2U);
  EXPECT_EQ(opened[0].vulnerability, "CVE-2025-1");
  EXPECT_EQ(opened[0].opened_at, first);
  EXPECT_EQ(opened[0].detected_at, first);
  EXPECT_EQ(opened[0].fix, "2.0");
  EXPECT_EQ(opened[0].fix_observed_at, first);
  EXPECT_EQ(opened[0].name_space, "github:python");

  // The same again, in a newer snapshot: nothing is written.
  clock_.Advance(1000);
  const MatchBatch same = Match(*MakeSnapshot({{"CVE-2025-1"}, {"CVE-2025-2"}}), 2);
  EXPECT_EQ(same.contexts, 2U);
  EXPECT_EQ(same.opened + same.closed, 0U);
  EXPECT_EQ(Open()[0].id, opened[0].id);
  EXPECT_EQ(Match(*MakeSnapshot({}), 2).contexts, 0U);  // decided with this generation already

  // Another fix: closed and opened, detected as long ago as before. The other was withdrawn: closed.
  clock_.Advance(1000);
  const MatchBatch changed = Match(*MakeSnapshot({{"CVE-2025-1", "django", "3.0"}}), 3);
  EXPECT_EQ(changed.opened, 1U);
  EXPECT_EQ(changed.closed, 2U);
  const auto now = Open();
  ASSERT_EQ(now.size(), 1U);
  EXPECT_NE(now[0].id, opened[0].id);
  EXPECT_EQ(now[0].opened_at, first + 2000);
  EXPECT_EQ(now[0].detected_at, first);
  EXPECT_EQ(now[0].fix, "3.0");
  EXPECT_EQ(now[0].fix_observed_at, first + 2000);

  // Reworded: the fix has been known as long as before.
  clock_.Advance(1000);
  EXPECT_EQ(Match(*MakeSnapshot({{"CVE-2025-1", "django", "3.0", "worse"}}), 4).opened, 1U);
  EXPECT_EQ(Open().at(0).fix_observed_at, first + 2000);
  EXPECT_EQ(Open().at(0).detected_at, first);

  // Not affected any more.
  EXPECT_EQ(Match(*MakeSnapshot({{"CVE-2025-1", "django", "0.9"}}), 5).closed, 1U);
  EXPECT_TRUE(Open().empty());
  // And again: it holds anew.
  clock_.Advance(1000);
  Match(*MakeSnapshot({{"CVE-2025-1"}}), 6);
  EXPECT_EQ(Open().at(0).detected_at, first + 4000);
  EXPECT_EQ(CountFindings(), 5);
}

TEST_P(MatchingTest, BatchesEndWhenAllIsDecided) {
  const auto team = AddAccount("team");
  std::vector<model::Package> packages;
  for (int i = 0; i < 10; ++i) packages.push_back(Python("p" + std::to_string(i), "1.0"));
  AddAnalysed(team, "1", packages);
  const auto snapshot = MakeSnapshot({});
  EXPECT_EQ(Match(*snapshot, 1, 4).contexts, 4U);
  EXPECT_EQ(Match(*snapshot, 1, 4).contexts, 4U);
  EXPECT_EQ(Match(*snapshot, 1, 4).contexts, 2U);
  EXPECT_EQ(Match(*snapshot, 1, 4).contexts, 0U);
}

TEST_P(MatchingTest, MatchersSideBySideOpenEachFindingOnce) {
  const auto team = AddAccount("team");
  std::vector<model::Package> packages;
  for (int i = 0; i < 60; ++i) packages.push_back(Python("django", "1." + std::to_string(i)));
  AddAnalysed(team, "1", packages);
  const auto snapshot = MakeSnapshot({{"CVE-2025-1"}, {"CVE-2025-2"}, {"CVE-2025-3"}});
  std::atomic<std::size_t> decided = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (;;) {
        const std::size_t some = Match(*snapshot, 1, 7).contexts;
        if (some == 0) return;
        decided += some;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(decided, 60U);
  EXPECT_EQ(Open().size(), 180U);
}

TEST_P(MatchingTest, ImagesBecomeAnalyzedWhenAllIsDecided) {
  const auto team = AddAccount("team");
  const auto one = AddAnalysed(team, "1", {Python("django", "1.0"), Python("flask", "1.0")});
  const auto snapshot = MakeSnapshot({});
  const auto finish = [&](std::int64_t generation) { return Value(FinishMatchedImages(platform_, generation, 100)); };
  Match(*snapshot, 1, 1);
  EXPECT_EQ(finish(1), 0U);
  EXPECT_EQ(StatusOf(team, one), store::AnalysisStatus::kAnalyzing);
  Match(*snapshot, 1, 1);
  EXPECT_EQ(finish(1), 1U);
  EXPECT_EQ(StatusOf(team, one), store::AnalysisStatus::kAnalyzed);
  EXPECT_EQ(finish(1), 0U);
  const auto events = Value(database_->Read(
      [&](store::Session& session) { return store::ListEvents(session, team.id, {.type = "*.completed"}, 1, 9); }));
  ASSERT_EQ(events.events.size(), 1U);
  EXPECT_EQ(events.events[0].resource_id, "docker.io/library/a:1");
  // Another image of the same packages waits for nobody.
  const auto two = AddAnalysed(team, "2", {Python("django", "1.0")});
  EXPECT_EQ(finish(1), 1U);
  EXPECT_EQ(StatusOf(team, two), store::AnalysisStatus::kAnalyzed);
  const auto three = AddAnalysed(team, "3", {Python("new", "1.0")});
  EXPECT_EQ(finish(1), 0U);
  EXPECT_EQ(finish(0), 1U);  // when there is nothing to match with
  EXPECT_EQ(StatusOf(team, three), store::AnalysisStatus::kAnalyzed);
}

// One hostile image does not stop the matcher for all others.
TEST_P(MatchingTest, HostileTextsAreMatched) {
  const auto team = AddAccount("team");
  model::Package deb;
  deb.name = "openssl";
  deb.version = "1\0\xff"s;
  deb.type = "deb";
  deb.version_scheme = "dpkg";
  deb.locations = {{.path = "/var/lib/dpkg/status", .layer = 0}};
  model::ImageAnalysis analysis;
  analysis.distro.id = "debian";
  analysis.distro.version_id = "12\0\xff"s;
  analysis.packages = {deb, Python("django", "1.0")};
  Value(database_->Write([&](store::Session& session) {
    return RecordAnalysis(session, Digest(Sha256Value{}), analysis, clock_.NowMs());
  }));
  const std::string longest(200, 'x');

  EXPECT_EQ(Match(*MakeSnapshot({{"CVE-" + longest}}), 1).opened, 1U);
  EXPECT_EQ(Match(*MakeSnapshot({{"CVE-" + longest}}), 2).opened, 0U);
  EXPECT_EQ(Open().size(), 1U);
}

}  // namespace
}  // namespace holdfast::service
