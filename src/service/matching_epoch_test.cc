// What incremental matching comes to, against deciding everything anew: random snapshots, contexts that come in
// meanwhile, several policy engines, snapshots that are gone when somebody wants to compare with them.
#include "service/matching_epoch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "advisory/snapshot.h"
#include "advisory/snapshot_writer.h"
#include "base/format.h"
#include "match/asked.h"
#include "match/distro.h"
#include "match/matcher.h"
#include "model/ecosystem.h"
#include "model/image_analysis_wire.h"
#include "model/vulnerability_facts.h"
#include "service/analysis_store.h"
#include "service/matching.h"
#include "service/matching_role.h"
#include "service/package_sets.h"
#include "service/snapshot_lookup.h"
#include "store/analyses.h"
#include "store/matching_epoch.h"
#include "store/services.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using test::Value;

struct Ecosystem {
  std::string name, release, scheme;
  std::string distro, distro_version;  // empty: of a language
};
const std::vector<Ecosystem>& Ecosystems() {
  static const std::vector<Ecosystem> all = {
      {"PyPI", "", "pep440", "", ""},           {"npm", "", "semver", "", ""},
      {"Debian", "12", "dpkg", "debian", "12"}, {"Debian", "13", "dpkg", "debian", "13"},
      {"Red Hat", "9", "rpm", "rhel", "9.2"},   {"SUSE", "Linux Enterprise Server 15 SP5", "rpm", "sles", "15.5"}};
  return all;
}

// A small world of packages, in which advisories often meet contexts.
class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  std::size_t Below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }

  model::Advisory MakeAdvisory(std::size_t number) {
    model::Advisory advisory;
    advisory.id = Format("A-{}", number);
    advisory.source = "osv";
    advisory.summary = Format("summary {}", Below(3));
    advisory.severity = static_cast<model::Severity>(Below(5));
    advisory.published = advisory.modified = "2025-01-01T00:00:00Z";
    if (Below(2) == 0) advisory.aliases = {Format("CVE-2025-{}", 1000 + number / 2)};
    for (std::size_t i = Below(3) + 1; i > 0; --i) advisory.affected.push_back(MakeAffected());
    return advisory;
  }

  model::ImageAnalysis MakeImage() {
    const Ecosystem& ecosystem = Ecosystems()[Below(Ecosystems().size())];
    model::ImageAnalysis analysis;
    analysis.distro.id = ecosystem.distro;
    analysis.distro.version_id = ecosystem.distro_version;
    for (std::size_t i = Below(4) + 1; i > 0; --i) analysis.packages.push_back(MakePackage(ecosystem));
    return analysis;
  }

 private:
  std::string Name() { return Below(40) == 0 ? std::string(600, 'n') : Format("Pack.age-{}", Below(30)); }
  std::string Version() { return Format("{}.{}", Below(4), Below(3)); }

  model::Affected MakeAffected() {
    const Ecosystem& ecosystem = Ecosystems()[Below(Ecosystems().size())];
    model::Affected affected;
    affected.ecosystem = ecosystem.name;
    affected.release = ecosystem.release;
    affected.package = Name();
    affected.version_scheme = ecosystem.scheme;
    affected.ranges = {{.introduced = "0", .fixed = Version(), .last_affected = std::nullopt}};
    affected.fix_state = model::FixState::kFixed;
    return affected;
  }

  model::Package MakePackage(const Ecosystem& ecosystem) {
    model::Package package;
    package.name = Name();
    package.version = Version();
    package.type = "test";
    package.version_scheme = ecosystem.scheme;
    package.locations = {{.path = "/p", .layer = 0}};
    if (ecosystem.distro.empty())
      package.ecosystem = ecosystem.name;
    else if (Below(2) == 0)
      package.upstreams = {{Name(), Version()}};
    return package;
  }

  std::mt19937 random_;
};

class MatchingEpochTest : public test::PlatformFixture, public testing::WithParamInterface<test::Driver> {
 public:
  MatchingEpochTest() : PlatformFixture(GetParam()) {}

 protected:
  using Advisories = std::map<std::string, model::Advisory>;

  std::filesystem::path Write(const Advisories& advisories, const std::vector<model::VulnerabilityFacts>& facts = {}) {
    advisory::SnapshotWriter writer;
    for (const auto& [id, advisory] : advisories) writer.Add(advisory, "osv");
    for (const model::VulnerabilityFacts& fact : facts) writer.AddFacts(fact, "facts");
    const auto path = folder_.Path() / Format("snapshot{}", ++files_);
    Value(writer.Write(path, Format("2025-11-25T00:00:{:02}Z", files_ % 60)));
    return path;
  }
  std::int64_t Publish(const std::filesystem::path& path) { return Value(PublishSnapshot(platform_, path)).generation; }

  void AddImage(const model::ImageAnalysis& analysis) {
    Value(database_->Write([&](store::Session& session) {
      Sha256Value content;
      content.bytes[0] = static_cast<std::uint8_t>(images_);
      content.bytes[1] = static_cast<std::uint8_t>(images_ >> 8);
      ++images_;
      return RecordAnalysis(session, Digest(content), analysis, clock_.NowMs());
    }));
  }

  struct ContextRow {
    std::int64_t id = 0, matched_epoch = 0;
    model::ImageAnalysis identity;
  };
  std::vector<ContextRow> Contexts() {
    const auto rows = Value(database_->Read([](store::Session& session) {
      return session.Run({"test.contexts", "SELECT id, matched_epoch, identity FROM contexts ORDER BY id"});
    }));
    std::vector<ContextRow> contexts;
    for (const store::Row& row : rows)
      contexts.push_back({row[0].Integer(), row[1].Integer(), Value(DecodeIdentity(row[2].Bytes()))});
    return contexts;
  }

  // "context vulnerability": all that is told, of what is open.
  using State = std::map<std::string, std::string>;
  State Stored() {
    const auto rows = Value(database_->Read([](store::Session& session) {
      return session.Run({"test.findings",
                          "SELECT f.context_id, v.name, f.detail FROM findings AS f JOIN vulnerabilities AS v "
                          "ON v.id = f.vulnerability_id WHERE f.closed_at IS NULL"});
    }));
    State state;
    for (const store::Row& row : rows)
      EXPECT_TRUE(state.emplace(Format("{} {}", row[0].Integer(), row[1].Text()), row[2].Bytes()).second);
    return state;
  }
  // Decided here and now, with nothing but the snapshot.
  State FromScratch(const std::filesystem::path& path) {
    const auto snapshot = Value(advisory::Snapshot::Open(path));
    const SnapshotLookup lookup(*snapshot);
    State state;
    for (const ContextRow& context : Contexts())
      for (const model::Finding& finding : Value(match::Match(context.identity, lookup)).findings)
        state.emplace(Format("{} {}", context.id, finding.id), model::EncodeFinding(finding));
    return state;
  }

  // A policy engine: its local snapshots, and its matcher.
  struct Engine {
    Engine(const Platform& platform, std::filesystem::path folder)
        : snapshot(platform, std::move(folder)), matcher(platform, snapshot) {}
    LocalSnapshot snapshot;
    Matcher matcher;
  };
  std::unique_ptr<Engine> MakeEngine() {
    return std::make_unique<Engine>(platform_, folder_.Path() / Format("engine{}", ++engines_));
  }
  // Until there is nothing to do.
  static void Finish(Engine& engine) {
    Value(engine.snapshot.Refresh());
    for (int steps = 0; Value(engine.matcher.Step()); ++steps) ASSERT_LT(steps, 1000);
  }
  // Decides everything that there is to decide; how many contexts it was.
  std::size_t DecideAll(Engine& engine) {
    Value(engine.snapshot.Refresh());
    const auto held = engine.snapshot.Current();
    const auto snapshot = Value(advisory::Snapshot::Open(held->file));
    std::size_t decided = 0;
    for (int i = 0; i < 1000; ++i) {
      const auto batch = Value(MatchContexts(platform_, *snapshot, held->generation, 3));
      if (batch.stale && !Value(FollowSnapshot(platform_, engine.snapshot, *held, nullptr))) continue;
      if (!batch.stale && batch.contexts == 0) return decided;
      decided += batch.contexts;
    }
    ADD_FAILURE() << "it never ends";
    return decided;
  }

  test::TemporaryFolder folder_;
  int files_ = 0;
  int engines_ = 0;
  unsigned images_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Drivers, MatchingEpochTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

// Which contexts ask for a package of which some advisory differs: the long way round.
std::size_t CountTouched(const std::map<std::string, model::Advisory>& before,
                         const std::map<std::string, model::Advisory>& after,
                         const std::vector<model::ImageAnalysis>& identities) {
  using Name = std::tuple<std::string, std::string, std::string>;
  std::set<Name> changed;
  bool long_name = false;
  const auto collect = [&](const auto& these, const auto& those) {
    for (const auto& [id, advisory] : these) {
      const auto other = those.find(id);
      if (other != those.end() && other->second == advisory) continue;
      for (const model::Affected& affected : advisory.affected) {
        changed.emplace(affected.ecosystem, affected.release,
                        model::NormalisePackageName(affected.ecosystem, affected.package));
        long_name = long_name || affected.package.size() > 500;
      }
    }
  };
  collect(before, after);
  collect(after, before);
  return static_cast<std::size_t>(std::ranges::count_if(identities, [&](const model::ImageAnalysis& identity) {
    const auto asked = match::AskedBy(identity.packages.front(), match::EcosystemsOf(identity.distro));
    return std::ranges::any_of(asked, [&](const match::Asked& one) {
      return changed.contains({one.where.ecosystem, one.where.release, one.name}) ||
             (long_name && one.name.size() > 256);
    });
  }));
}

TEST_P(MatchingEpochTest, ComesToWhatDecidingEverythingAnewComesTo) {
  std::size_t decided = 0, decided_anew = 0, findings = 0;
  World world(20251125);
  Advisories advisories;
  for (std::size_t i = 0; i < 60; ++i) advisories.insert_or_assign(Format("A-{}", i), world.MakeAdvisory(i));
  for (int i = 0; i < 40; ++i) AddImage(world.MakeImage());
  auto engine = MakeEngine();
  auto path = Write(advisories);
  Publish(path);
  EXPECT_EQ(DecideAll(*engine), Contexts().size());
  for (int round = 0; round < 40; ++round) {
    clock_.Advance(1000);
    const Advisories before = advisories;
    for (std::size_t i = world.Below(4); i > 0; --i) {
      const std::size_t number = world.Below(80);
      if (world.Below(4) == 0)
        advisories.erase(Format("A-{}", number));
      else
        advisories.insert_or_assign(Format("A-{}", number), world.MakeAdvisory(number));
    }
    std::vector<model::ImageAnalysis> identities;
    for (ContextRow& context : Contexts()) identities.push_back(std::move(context.identity));
    const std::size_t known = identities.size();
    if (round % 5 == 0) AddImage(world.MakeImage());
    const std::size_t fresh = Contexts().size() - known;
    path = Write(advisories);
    Publish(path);
    const std::size_t now = DecideAll(*engine);
    // Exactly those whose advisories changed, and those that are new.
    EXPECT_EQ(now, CountTouched(before, advisories, identities) + fresh) << "round " << round;
    ASSERT_EQ(Stored(), FromScratch(path)) << "round " << round;
    decided += now;
    decided_anew += known + fresh;
    findings += Stored().size();
  }
  EXPECT_GT(findings, 400U);
  EXPECT_GT(decided, 40U);
  EXPECT_LT(decided, decided_anew / 3);
  RecordProperty("contexts_decided", static_cast<int>(decided));
  RecordProperty("contexts_decided_from_scratch", static_cast<int>(decided_anew));
}

// Several engines, each a few steps at a time, some behind the others, some new; snapshots come in before the last one
// was worked off.
TEST_P(MatchingEpochTest, EnginesThatComeAndGoComeToTheSame) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    World world(seed);
    Advisories advisories;
    for (std::size_t i = 0; i < 40; ++i) advisories.insert_or_assign(Format("A-{}", i), world.MakeAdvisory(i));
    std::vector<std::unique_ptr<Engine>> engines;
    for (int i = 0; i < 3; ++i) engines.push_back(MakeEngine());
    auto path = Write(advisories);
    Publish(path);
    for (int action = 0; action < 60; ++action) {
      clock_.Advance(1000);
      auto& engine = engines[world.Below(engines.size())];
      const std::size_t what = world.Below(10);
      if (what < 2) {
        AddImage(world.MakeImage());
      } else if (what == 2) {
        const std::size_t number = world.Below(50);
        advisories.insert_or_assign(Format("A-{}", number), world.MakeAdvisory(number));
        path = Write(advisories);
        Publish(path);
      } else if (what == 3) {
        engine = MakeEngine();
      } else if (what < 6) {
        Value(engine->snapshot.Refresh());
      } else if (const auto held = engine->snapshot.Current(); held != nullptr && what < 8) {
        const auto snapshot = Value(advisory::Snapshot::Open(held->file));
        Value(MatchContexts(platform_, *snapshot, held->generation, 4));
      } else {
        Value(engine->matcher.Step());
      }
    }
    Finish(*engines[0]);
    ASSERT_EQ(Stored(), FromScratch(path)) << "seed " << seed;
    // Engines that are behind change nothing any more.
    for (auto& engine : engines) Value(engine->matcher.Step());
    ASSERT_EQ(Stored(), FromScratch(path)) << "seed " << seed;
  }
}

TEST_P(MatchingEpochTest, EnginesAtOnceComeToTheSame) {
  World world(7);
  Advisories advisories;
  for (std::size_t i = 0; i < 60; ++i) advisories.insert_or_assign(Format("A-{}", i), world.MakeAdvisory(i));
  std::vector<std::filesystem::path> paths;
  for (int i = 0; i < 8; ++i) {
    advisories.insert_or_assign(Format("A-{}", i), world.MakeAdvisory(static_cast<std::size_t>(i)));
    paths.push_back(Write(advisories));
  }
  std::vector<model::ImageAnalysis> images;
  for (int i = 0; i < 60; ++i) images.push_back(world.MakeImage());
  Publish(paths[0]);
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, engine = std::shared_ptr<Engine>(MakeEngine())] {
      while (!stop) {
        Value(engine->snapshot.Refresh());
        Value(engine->matcher.Step());
      }
    });
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    AddImage(images[i]);
    if (i % 8 == 7) Publish(paths[i / 8]);
  }
  stop = true;
  threads.clear();
  Publish(paths.back());
  const auto last = MakeEngine();
  Finish(*last);
  EXPECT_EQ(Stored(), FromScratch(paths.back()));
}

TEST_P(MatchingEpochTest, WhatIsGoneOrDamagedHasAllDecidedAnew) {
  World world(3);
  Advisories advisories;
  for (std::size_t i = 0; i < 40; ++i) advisories.insert_or_assign(Format("A-{}", i), world.MakeAdvisory(i));
  for (int i = 0; i < 10; ++i) AddImage(world.MakeImage());
  const std::size_t contexts = Contexts().size();
  const auto engine = MakeEngine();
  const auto first = Publish(Write(advisories));
  EXPECT_EQ(DecideAll(*engine), contexts);
  EXPECT_EQ(DecideAll(*engine), 0U);

  // Nothing that they ask by changed.
  auto& one = advisories["A-100"] = world.MakeAdvisory(100);
  for (auto& affected : one.affected) affected.package = "nobody-has-it";
  const auto second = Publish(Write(advisories));
  EXPECT_EQ(DecideAll(*engine), 0U);
  EXPECT_EQ(Value(database_->Read(&store::FindEpoch))->generation, second);
  // The object is kept while contexts stand at its generation, however many come after it.
  for (int i = 0; i < 5; ++i) {
    one.summary = Format("again {}", i);
    Publish(Write(advisories));
  }
  const auto old = Value(database_->Read([](store::Session& session) { return store::ListOldSnapshots(session, 3); }));
  ASSERT_EQ(old.size(), 3U);  // of seven: three are new, one is what contexts were decided with
  EXPECT_EQ(old[0].generation, first);
  EXPECT_TRUE(std::ranges::none_of(old, [&](const auto& entry) { return entry.generation == second; }));
  EXPECT_EQ(DecideAll(*engine), 0U);

  // A row without its object, then no row.
  const auto epoch = Value(database_->Read(&store::FindEpoch));
  const auto entry =
      Value(database_->Read([&](store::Session& session) { return store::FindSnapshot(session, epoch->generation); }));
  Value(objects_->Delete(entry->object_key));
  one.summary = "without object";
  auto path = Write(advisories);
  Publish(path);
  EXPECT_EQ(DecideAll(*MakeEngine()), contexts);
  EXPECT_EQ(Value(database_->Read(&store::FindEpoch))->epoch, epoch->epoch + 1);
  Value(database_->Write([&](store::Session& session) -> Result<void> {
    HF_TRY(const auto all, store::ListOldSnapshots(session, 0));
    for (const auto& each : all) HF_CHECK_OK(store::DeleteSnapshot(session, each.generation));
    return {};
  }));
  one.summary = "without row";
  path = Write(advisories);
  Publish(path);
  EXPECT_EQ(DecideAll(*MakeEngine()), contexts);
  EXPECT_EQ(Stored(), FromScratch(path));

  // One that cannot be read: cut in the middle.
  const auto cut = folder_.Path() / "cut";
  std::filesystem::copy_file(path, cut);
  std::filesystem::resize_file(cut, std::filesystem::file_size(cut) / 2);
  const auto generation = Value(database_->Read(&store::FindEpoch))->generation;
  const auto damaged = std::make_shared<const LocalSnapshot::Held>(LocalSnapshot::Held{generation, cut});
  one.summary = "after a damaged one";
  path = Write(advisories);
  Publish(path);
  Value(engine->snapshot.Refresh());
  EXPECT_TRUE(Value(FollowSnapshot(platform_, engine->snapshot, *engine->snapshot.Current(), damaged)));
  EXPECT_EQ(DecideAll(*engine), contexts);
}

TEST_P(MatchingEpochTest, AnOlderMatcherWaitsForANewerOne) {
  World world(5);
  Advisories advisories = {{"A-1", world.MakeAdvisory(1)}};
  AddImage(world.MakeImage());
  const std::size_t contexts = Contexts().size();
  const auto generation = Publish(Write(advisories));
  const auto engine = MakeEngine();
  EXPECT_EQ(DecideAll(*engine), contexts);
  const auto put = [&](std::int64_t matcher) {
    Value(database_->Write([&](store::Session& session) -> Result<void> {
      HF_CHECK_OK(store::LockEpoch(session));
      HF_CHECK_OK(
          store::PutEpoch(session, {.generation = generation, .matcher = matcher, .since = clock_.NowMs()}, false));
      return {};
    }));
  };
  const auto held = engine->snapshot.Current();
  const auto follow = [&] { return Value(FollowSnapshot(platform_, engine->snapshot, *held, held)); };
  // Decided by an older one: not believed.
  put(match::kMatcherVersion - 1);
  EXPECT_TRUE(follow());
  EXPECT_EQ(DecideAll(*engine), contexts);
  // By a newer one, which is perhaps still there.
  put(match::kMatcherVersion + 1);
  EXPECT_FALSE(follow());
  const auto snapshot = Value(advisory::Snapshot::Open(held->file));
  EXPECT_TRUE(Value(MatchContexts(platform_, *snapshot, generation, 9)).stale);
  clock_.Advance(kOlderMatcherWaitsMs);
  EXPECT_TRUE(follow());
  EXPECT_EQ(DecideAll(*engine), contexts);
}

// A release about which there were no advisories gets some; facts of a vulnerability change; a score does not count.
TEST_P(MatchingEpochTest, CoverageAndFactsTouchAndScoresDoNot) {
  const auto engine = MakeEngine();
  model::ImageAnalysis debian;
  debian.distro.id = "debian";
  debian.distro.version_id = "12";
  model::Package package;
  package.name = "curl";
  package.version = "1.0";
  package.type = "deb";
  package.version_scheme = "dpkg";
  package.locations = {{.path = "/p", .layer = 0}};
  debian.packages = {package};
  AddImage(debian);
  package.name = "zlib";
  debian.packages = {package};
  AddImage(debian);
  Publish(Write({}));
  EXPECT_EQ(DecideAll(*engine), 2U);

  model::Affected affected;
  affected.ecosystem = "Debian";
  affected.release = "12";
  affected.package = "curl";
  affected.version_scheme = "dpkg";
  affected.ranges = {{.introduced = "0", .fixed = "2.0", .last_affected = std::nullopt}};
  model::Advisory advisory;
  advisory.id = "DSA-1";
  advisory.related = {"CVE-2025-1"};
  advisory.source = "osv";
  advisory.affected = {affected};
  const Advisories advisories = {{"DSA-1", advisory}};
  Publish(Write(advisories));
  EXPECT_EQ(DecideAll(*engine), 1U);
  EXPECT_EQ(Stored().size(), 1U);

  model::VulnerabilityFacts facts;
  facts.id = "CVE-2025-1";
  facts.cwes = {"CWE-79"};
  facts.epss = model::Epss{.probability = 0.1, .percentile = 0.2};
  Publish(Write(advisories, {facts}));
  EXPECT_EQ(DecideAll(*engine), 1U);
  facts.epss = model::Epss{.probability = 0.9, .percentile = 0.9};
  Publish(Write(advisories, {facts}));
  EXPECT_EQ(DecideAll(*engine), 0U);
  facts.known_exploited = model::KnownExploited{.added = "2025-11-25", .due = {}, .required_action = {}};
  Publish(Write(advisories, {facts}));
  EXPECT_EQ(DecideAll(*engine), 1U);
  facts.id = "CVE-2025-2";  // about which nobody says anything; the other one's are gone
  Publish(Write(advisories, {facts}));
  EXPECT_EQ(DecideAll(*engine), 1U);
}

// A process that is lost between marking and deciding: another goes on.
TEST_P(MatchingEpochTest, WorkThatWasBrokenOffGoesOn) {
  World world(11);
  Advisories advisories;
  for (std::size_t i = 0; i < 60; ++i) advisories.insert_or_assign(Format("A-{}", i), world.MakeAdvisory(i));
  for (int i = 0; i < 30; ++i) AddImage(world.MakeImage());
  Publish(Write(advisories));
  DecideAll(*MakeEngine());
  for (std::size_t i = 0; i < 30; ++i) advisories.insert_or_assign(Format("A-{}", i), world.MakeAdvisory(i));
  const auto path = Write(advisories);
  Publish(path);
  std::int64_t marked = 0;
  {
    const auto lost = MakeEngine();
    Value(lost->snapshot.Refresh());
    EXPECT_TRUE(Value(lost->matcher.Step()));  // marks
    marked = std::ranges::count(Contexts(), 1, &ContextRow::matched_epoch);
    EXPECT_GT(marked, 8);
    const auto held = lost->snapshot.Current();
    const auto snapshot = Value(advisory::Snapshot::Open(held->file));
    EXPECT_EQ(Value(MatchContexts(platform_, *snapshot, held->generation, 5)).contexts, 5U);
  }
  EXPECT_EQ(DecideAll(*MakeEngine()), static_cast<std::size_t>(marked - 5));
  EXPECT_EQ(Stored(), FromScratch(path));
}

}  // namespace
}  // namespace holdfast::service
