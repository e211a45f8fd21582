// A fleet on PostgreSQL, and one advisory that changes: only what it can touch is matched again, all images that it
// speaks of are found, and what an image costs the database.
//
// Packages are those that AlmaLinux's and PyPI's advisories speak of, in the newest of the versions that they name.
// Images are put together from them as fleets are: a few bases, more images of teams on them, applications on those,
// each built several times. Packages and sets go the way of every analysis; what is the same for each image (its row,
// its tag, its subscriptions, its documents) is multiplied by the database, since it would take an hour otherwise.
//
// HOLDFAST_FLEET_IMAGES: how many; bench/fleet runs 100,000. Figures are printed. Times are never asserted.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "advisory/record.h"
#include "advisory/record_cursor.h"
#include "advisory/snapshot.h"
#include "advisory/snapshot_format.h"
#include "base/elapsed.h"
#include "base/format.h"
#include "io/sha256.h"
#include "service/analysis_store.h"
#include "service/matching_role.h"
#include "service/platform_observer.h"
#include "service/published_snapshot.h"
#include "store/analyses.h"
#include "support/platform_fixture.h"
#include "version/scheme.h"

namespace holdfast::service {
namespace {

using test::Value;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kVulnerability = "CVE-2099-0001";
constexpr std::string_view kTarget = "openssl-libs";
// Of one advisory that is new: all versions of that package in AlmaLinux 9.
constexpr std::string_view kNewAdvisory = R"({"schema_version": "1.6.0", "id": "ALSA-2099:0001",
 "modified": "2026-11-01T00:00:00Z", "published": "2026-11-01T00:00:00Z", "related": ["CVE-2099-0001"],
 "summary": "Important: openssl security update", "details": "It is bad.", "affected": [{"package":
 {"ecosystem": "AlmaLinux:9", "name": "openssl-libs"}, "ranges": [{"type": "ECOSYSTEM", "events":
 [{"introduced": "0"}, {"fixed": "9:9.9.9-9.el9"}]}]}]})";

constexpr std::size_t kImagesDefault = 2'000;
constexpr std::size_t kBuildsOfImage = 5;
constexpr std::size_t kBasePackages = 150, kTeamPackages = 30, kApplicationPackages = 8;
constexpr std::size_t kVersionsOfPackage = 12;

std::size_t ImagesWanted() {
  const char* wanted = std::getenv("HOLDFAST_FLEET_IMAGES");
  return std::max<std::size_t>(wanted != nullptr ? std::strtoul(wanted, nullptr, 10) : kImagesDefault, 100);
}

// Counts what matchers do.
class Counter final : public PlatformObserver {
 public:
  std::atomic<std::size_t> contexts = 0, opened = 0, closed = 0;
  void Evaluated(std::string_view, std::int64_t) override {}
  void Imported(bool, std::int64_t) override {}
  void LayerSeen(bool) override {}
  void Matched(const MatchFigures& figures) override {
    contexts += figures.contexts;
    opened += figures.opened;
    closed += figures.closed;
  }
};

// The newest versions that advisories name of each package, by release of AlmaLinux; of PyPI under "".
using Versions = std::vector<std::string>;
using Pool = std::map<std::string, std::map<std::string, Versions>>;

void KeepNewest(Versions& versions, std::string_view scheme_id) {
  const version::Scheme& scheme = *version::FindScheme(scheme_id);
  std::erase_if(versions, [&](const std::string& one) { return !version::Compare(scheme, one, one); });
  std::ranges::sort(versions, [&](const auto& one, const auto& other) {
    const auto order = version::Compare(scheme, one, other);
    return order && *order > 0;
  });
  const auto repeated = std::ranges::unique(versions);
  versions.erase(repeated.begin(), repeated.end());
  versions.resize(std::min(versions.size(), kVersionsOfPackage));
}

Pool ReadPool(const std::filesystem::path& path) {
  const auto snapshot = Value(advisory::Snapshot::Open(path));
  auto cursor = Value(advisory::RecordCursor::Open(*snapshot));
  Pool pool;
  while (Value(cursor.Next())) {
    if (!cursor.Key().starts_with("p")) continue;
    const auto parts = Value(advisory::SplitPackageKey(cursor.Key()));
    if (parts.where.ecosystem != "AlmaLinux" && parts.where.ecosystem != "PyPI") continue;
    Versions versions;
    Value(advisory::VisitAffectedRecord(cursor.Value(), [&](const model::AffectedView& row) {
      for (const model::RangeView& range : row.ranges) versions.emplace_back(range.end);
      for (const std::string_view version : row.versions) versions.emplace_back(version);
    }));
    KeepNewest(versions, parts.where.release.empty() ? "pep440" : "rpm");
    if (!versions.empty()) pool[parts.where.release].emplace(parts.name, std::move(versions));
  }
  return pool;
}

model::Package MakePackage(const std::string& release, const std::string& name, const std::string& version) {
  model::Package package;
  package.name = name;
  package.version = version;
  if (release.empty()) {
    package.type = "python";
    package.language = "python";
    package.ecosystem = "PyPI";
    package.version_scheme = "pep440";
    package.locations = {{.path = Format("usr/lib/python3/site-packages/{}/METADATA", name), .layer = 2}};
  } else {
    package.type = "rpm";
    package.version_scheme = "rpm";
    package.locations = {{.path = "var/lib/rpm/rpmdb.sqlite", .layer = 0}};
  }
  return package;
}

// Puts images together.
class Builder {
 public:
  // `contexts`: of how many packages, about, of all together.
  Builder(const Pool& pool, std::size_t contexts, std::size_t images) : bases_(std::max<std::size_t>(3, images / 500)) {
    for (const auto& [release, names] : pool)
      if (!release.empty()) releases_.push_back(release);
    for (const auto& [release, names] : pool) {
      const std::size_t wanted = release.empty() ? contexts * 3 / 10 : contexts * 7 / 10 / releases_.size();
      std::vector<model::Package>& flat = flat_[release];
      for (const auto& [name, versions] : names)
        for (const std::string& version : versions) flat.push_back(MakePackage(release, name, version));
      std::ranges::shuffle(flat, random_);
      if (flat.size() > wanted) flat.resize(wanted);
      if (!release.empty()) ChooseBase(release, names);
    }
  }

  model::ImageAnalysis Build(std::size_t number) {
    model::ImageAnalysis analysis;
    const std::size_t base = number % bases_;
    const std::string& release = releases_[base % releases_.size()];
    analysis.distro.id = "almalinux";
    analysis.distro.version_id = release + ".1";
    const std::string architecture = base % 4 == 3 ? "aarch64" : "x86_64";
    for (std::uint32_t i = 0; i < 3; ++i) analysis.layers.push_back({.digest = Digest().Text(), .bytes = 20'000'000});
    for (const auto& [name, versions] : base_[release]) {
      analysis.packages.push_back(MakePackage(release, name, versions[base % versions.size()]));
    }
    // A tenth as many teams as images of them; the set of a team is the same whenever it comes.
    Add(release, number / bases_ / 10 * kTeamPackages + base * 7919, kTeamPackages, 1, analysis);
    for (model::Package& package : analysis.packages) package.architecture = architecture;
    Add("", number * kApplicationPackages, kApplicationPackages, 2, analysis);
    return analysis;
  }

 private:
  // Packages that were updated most are those that are in most images.
  void ChooseBase(const std::string& release, const std::map<std::string, Versions>& names) {
    std::vector<std::pair<std::size_t, std::string>> ranked;
    for (const auto& [name, versions] : names) ranked.emplace_back(name == kTarget ? SIZE_MAX : versions.size(), name);
    std::ranges::sort(ranked, std::greater());
    ranked.resize(std::min(ranked.size(), kBasePackages));
    for (const auto& [unused, name] : ranked) base_[release].emplace_back(name, names.at(name));
  }

  void Add(const std::string& release, std::size_t first, std::size_t count, std::uint32_t layer,
           model::ImageAnalysis& analysis) {
    const std::vector<model::Package>& flat = flat_[release];
    for (std::size_t i = 0; i < count && i < flat.size(); ++i) {
      analysis.packages.push_back(flat[(first + i) % flat.size()]);
      analysis.packages.back().locations[0].layer = layer;
    }
  }

  std::size_t bases_;
  std::mt19937 random_{20261129};
  std::vector<std::string> releases_;
  std::map<std::string, std::vector<model::Package>> flat_;
  std::map<std::string, std::vector<std::pair<std::string, Versions>>> base_;
};

class FleetTest : public test::PlatformFixture {
 public:
  FleetTest() : PlatformFixture(test::Driver::kPostgres) { platform_.observer = &counter_; }

 protected:
  std::filesystem::path BuildSnapshot(const std::filesystem::path& shared, std::string_view name, bool with_new) {
    const auto data = folder_.Path() / Format("data of {}", name);
    std::filesystem::create_directories(data);
    for (const std::string_view source : {"almalinux-osv", "pypa-osv"})
      std::filesystem::copy(shared / "advisories" / Format("{}.tar.zst", source), data / Format("{}.tar.zst", source));
    if (with_new) test::WriteFile(data / "new.json", kNewAdvisory);
    const auto path = folder_.Path() / name;
    const auto report =
        Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), data, path, {.built = "2026-11-01T00:00:00Z"}));
    EXPECT_EQ(report.rejected, 0U);
    return path;
  }

  std::int64_t Integer(std::string_view sql) {
    return Value(database_->Read([&](store::Session& session) { return session.Run({"fleet.integer", sql}); }))
        .rows.at(0)
        .at(0)
        .Integer();
  }
  void Script(const std::string& sql) {
    Value(database_->Write([&](store::Session& session) { return session.RunScript({"fleet.script", sql}); }));
  }

  void RecordImages(Builder& builder, std::size_t count) {
    constexpr std::size_t kAtOnce = 50;
    std::vector<model::ImageAnalysis> some;
    std::vector<ContentAnalysis> contents;
    for (std::size_t number = 0; number < count; number += some.size()) {
      some.clear();
      contents.clear();
      for (std::size_t i = number; i < std::min(count, number + kAtOnce); ++i) some.push_back(builder.Build(i));
      for (std::size_t i = 0; i < some.size(); ++i)
        contents.push_back({Digest(io::Sha256Of(Format("image {}", number + i))), &some[i]});
      Value(database_->Write([&](store::Session& session) -> Result<void> {
        HF_CHECK_OK(RecordAnalyses(session, contents, clock_.NowMs()));
        return {};
      }));
    }
  }

  // Each image once more, with the same packages and other content; then what each image has besides.
  void Multiply(const store::Account& account) {
    Script(Format(
        "CREATE TEMPORARY TABLE built ON COMMIT DROP AS SELECT a.id AS old_id, sha256(a.content_key || "
        "convert_to(n::text, 'UTF8')) AS key FROM analyses AS a CROSS JOIN generate_series(2, {}) AS n; "
        "INSERT INTO analyses (content_key, version, distro, distro_version, architecture, size_bytes, layers, "
        "packages, complete, matched_generation, created_at) SELECT b.key, a.version, a.distro, a.distro_version, "
        "a.architecture, a.size_bytes, a.layers, a.packages, a.complete, 0, a.created_at FROM built AS b JOIN analyses "
        "AS a ON a.id = b.old_id; INSERT INTO analysis_sets (set_id, analysis_id, position) SELECT s.set_id, a.id, "
        "s.position FROM built AS b JOIN analyses AS a ON a.content_key = b.key JOIN analysis_sets AS s ON "
        "s.analysis_id = b.old_id;",
        kBuildsOfImage));
    const std::int64_t now = clock_.NowMs();
    Script(Format(
        "INSERT INTO images (account_id, digest, image_id, analysis_status, image_status, analysis_id, created_at, "
        "updated_at) SELECT {0}, content_key, sha256(content_key), 1, 0, id, {1}, {1} FROM analyses; "
        "INSERT INTO image_tags (image_row, account_id, registry, repository, tag, detected_at, created_at, "
        "updated_at) SELECT id, {0}, 'registry.example.org', 'team-' || id % 50 || '/application-' || id % 5000, "
        "'1.' || id, {1}, {1}, {1} FROM images; "
        "INSERT INTO image_documents (image_row, kind, object_key) SELECT i.id, k.kind, 'documents/00/' || "
        "encode(sha256(i.digest || convert_to(k.kind, 'UTF8')), 'hex') FROM images AS i CROSS JOIN (VALUES "
        "('manifest'), ('config'), ('dockerfile')) AS k (kind); "
        "INSERT INTO subscriptions (account_id, subscription_id, key, type, active, due_at, created_at, updated_at) "
        "SELECT {0}, md5(t.id || k.type), t.registry || '/' || t.repository || ':' || t.tag, k.type, CASE WHEN k.type "
        "= 'analysis_update' OR (k.type = 'vuln_update' AND t.id % 10 = 0) THEN 1 ELSE 0 END, {2}, {1}, {1} FROM "
        "image_tags AS t CROSS JOIN (VALUES ('policy_eval'), ('tag_update'), ('vuln_update'), ('analysis_update')) AS "
        "k (type); ANALYZE;",
        account.id, now, now + 14'400'000));
  }

  // Until the engines have done all that there is to do about what is in force.
  void Settle() {
    const std::int64_t generation = Integer("SELECT MAX(generation) FROM snapshots");
    while (Integer("SELECT COUNT(*) FROM matching_epoch") == 0 ||
           Integer("SELECT generation FROM matching_epoch") != generation ||
           Integer("SELECT COUNT(*) FROM (SELECT 1 FROM contexts WHERE matched_epoch < (SELECT epoch FROM "
                   "matching_epoch) LIMIT 1) AS left_over") != 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  // The planner learns meanwhile how many are left, as it does from autovacuum, which these servers do without.
  void SettleImages() {
    while (Integer("SELECT COUNT(*) FROM images WHERE analysis_status = 1") != 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      Script("ANALYZE images; ANALYZE analyses;");
    }
  }

  // Two policy engines, as two processes would work.
  void StartEngines() {
    for (int i = 0; i < 2; ++i) {
      engines_.emplace_back([this, i](const std::stop_token& stop) {
        LocalSnapshot snapshot(platform_, folder_.Path() / Format("engine {}", i));
        Matcher matcher(platform_, snapshot);
        while (!stop.stop_requested()) {
          Value(snapshot.Refresh());
          if (!Value(matcher.Step())) std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
      });
    }
  }

  std::vector<store::AffectedImage> Affected(const store::Account& account) {
    return Value(database_->Read([&](store::Session& session) {
      return store::FindImagesByVulnerability(session, account.id, kVulnerability);
    }));
  }

  // Of the tags that somebody watches, those whose watcher is due; and those that ought to be.
  std::int64_t CountDue() {
    return Integer(
        Format("SELECT COUNT(*) FROM subscriptions WHERE type = 'vuln_update' AND active = 1 AND due_at <= {}",
               clock_.NowMs()));
  }
  std::int64_t CountWatched(const std::set<std::int64_t>& images) {
    const std::vector<std::int64_t> rows(images.begin(), images.end());
    return Value(database_->Read([&](store::Session& session) {
             return session.Run(
                 {"fleet.watched",
                  "SELECT COUNT(*) FROM image_tags AS t JOIN subscriptions AS s ON s.key = t.registry || "
                  "'/' || t.repository || ':' || t.tag WHERE s.type = 'vuln_update' AND s.active = 1 AND "
                  "t.image_row IN (@INTS($1))"},
                 {rows});
           }))
        .rows[0][0]
        .Integer();
  }

  void PrintSizes(std::size_t images) {
    const std::int64_t bytes = Integer("SELECT pg_database_size(current_database())");
    std::printf("database         %.1f MB, %lld bytes an image (never vacuumed)\n", static_cast<double>(bytes) / 1e6,
                static_cast<long long>(bytes / static_cast<std::int64_t>(images)));
    const auto rows = Value(database_->Read([](store::Session& session) {
      return session.Run({"fleet.sizes",
                          "SELECT CAST(relname AS TEXT), pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' "
                          "AND relnamespace = CAST('public' AS regnamespace) ORDER BY 2 DESC LIMIT 12"});
    }));
    for (const store::Row& row : rows)
      std::printf("  %-18s %8.1f MB\n", row[0].Text().c_str(), static_cast<double>(row[1].Integer()) / 1e6);
  }

  test::TemporaryFolder folder_;
  Counter counter_;
  std::vector<std::jthread> engines_;  // end before all that they use
};

double SecondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

TEST_F(FleetTest, OneAdvisoryTouchesWhatItSpeaksOf) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  const std::size_t wanted = ImagesWanted();
  const auto first = BuildSnapshot(*shared, "first", false);
  const auto second = BuildSnapshot(*shared, "second", true);
  const auto account = AddAccount("team");

  auto start = Clock::now();
  Builder builder(ReadPool(first), wanted / 2, wanted);
  RecordImages(builder, wanted / kBuildsOfImage);
  Multiply(account);
  const auto images = static_cast<std::size_t>(Integer("SELECT COUNT(*) FROM images"));
  const std::int64_t contexts = Integer("SELECT COUNT(*) FROM contexts");
  std::printf("fleet            %zu images, %lld package contexts, %lld sets, made in %.1f s\n", images,
              static_cast<long long>(contexts), static_cast<long long>(Integer("SELECT COUNT(*) FROM package_sets")),
              SecondsSince(start));
  ASSERT_EQ(images, wanted / kBuildsOfImage * kBuildsOfImage);
  ASSERT_GT(contexts, static_cast<std::int64_t>(wanted / 4));

  Value(PublishSnapshot(platform_, first));
  start = Clock::now();
  StartEngines();
  Settle();
  std::printf("all matched      %zu contexts, %zu findings in %.1f s, 2 policy engines\n", counter_.contexts.load(),
              counter_.opened.load(), SecondsSince(start));
  EXPECT_EQ(counter_.contexts, static_cast<std::size_t>(contexts));
  SettleImages();
  std::printf("all analyzed     in %.1f s\n", SecondsSince(start));
  Script("ANALYZE");
  PrintSizes(images);
  EXPECT_TRUE(Affected(account).empty());

  // One advisory more.
  const std::int64_t touched =
      Integer(Format("SELECT COUNT(DISTINCT k.context_id) FROM context_keys AS k JOIN "
                     "context_keys AS o ON o.key = k.key JOIN contexts AS c ON c.id = "
                     "o.context_id WHERE c.name = '{}' AND position('.el9' IN c.version) > 0",
                     kTarget));
  ASSERT_GT(touched, 0);
  const std::size_t matched_before = counter_.contexts;
  const std::size_t findings_before = static_cast<std::size_t>(Integer("SELECT COUNT(*) FROM findings"));
  clock_.Advance(60'000);
  // Watchers have looked at everything.
  Script(Format("UPDATE subscriptions SET due_at = {} WHERE active = 1", clock_.NowMs() + 14'400'000));
  start = Clock::now();
  Value(PublishSnapshot(platform_, second));
  const double published = SecondsSince(start);
  Settle();
  const double decided = SecondsSince(start);
  const auto affected = Affected(account);
  const double found = SecondsSince(start);
  std::set<std::int64_t> flagged;
  for (const store::AffectedImage& image : affected) flagged.insert(image.image_row);
  std::printf(
      "one advisory     %zu of %lld contexts matched again, %zu images found: published %.2f s, matched %.2f s, "
      "listed %.2f s after (limit 5)\n",
      counter_.contexts - matched_before, static_cast<long long>(contexts), flagged.size(), published, decided, found);
  EXPECT_EQ(counter_.contexts - matched_before, static_cast<std::size_t>(touched));
  EXPECT_EQ(static_cast<std::size_t>(Integer("SELECT COUNT(*) FROM findings")) - findings_before,
            static_cast<std::size_t>(touched));
  // Every image with that package in AlmaLinux 9, found the long way.
  EXPECT_EQ(static_cast<std::int64_t>(flagged.size()),
            Integer(Format("SELECT COUNT(*) FROM images AS i JOIN analyses AS a ON a.id = i.analysis_id WHERE "
                           "a.distro_version = '9.1' AND EXISTS (SELECT 1 FROM analysis_sets AS s JOIN set_contexts AS "
                           "m ON m.set_id = s.set_id JOIN contexts AS c ON c.id = m.context_id WHERE s.analysis_id = "
                           "a.id AND c.name = '{}')",
                           kTarget)));
  EXPECT_GT(flagged.size(), images / 5);
  const std::int64_t watched = CountWatched(flagged);
  EXPECT_GT(watched, static_cast<std::int64_t>(flagged.size() / 20));
  while (CountDue() < watched && SecondsSince(start) < 60) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(CountDue(), watched);
  std::printf("watchers         %lld due\n", static_cast<long long>(watched));
  // What was known before is still known.
  EXPECT_TRUE(Value(database_->Read([&](store::Session& session) {
                return store::FindImagesByVulnerabilityAsOf(session, account.id, kVulnerability, clock_.NowMs() - 1000);
              })).empty());
}

}  // namespace
}  // namespace holdfast::service
