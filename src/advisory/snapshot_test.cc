#include "advisory/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "advisory/record.h"
#include "advisory/snapshot_diff.h"
#include "advisory/snapshot_format.h"
#include "advisory/snapshot_writer.h"
#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::ReadFile;
using test::TemporaryFolder;
using test::Value;
using test::WriteFile;

constexpr std::string_view kBuilt = "2026-01-02T03:04:05Z";

model::Affected MakeAffected(std::string ecosystem, std::string release, std::string package) {
  model::Affected affected;
  affected.ecosystem = std::move(ecosystem);
  affected.release = std::move(release);
  affected.package = std::move(package);
  affected.version_scheme = "pep440";
  affected.ranges = {{"0", "2.0", std::nullopt}, {"3.0", std::nullopt, "3.5"}, {"4.0", std::nullopt, std::nullopt}};
  affected.versions = {"1.0", "9!1"};
  affected.fix_state = model::FixState::kFixed;
  affected.module_label = "m:1";
  affected.architecture = "x86_64";
  affected.symbols = {"a.B"};
  return affected;
}

model::Advisory MakeAdvisory(std::string id) {
  model::Advisory advisory;
  advisory.id = std::move(id);
  advisory.aliases = {"CVE-2024-1"};
  advisory.related = {"CVE-2024-2"};
  advisory.source = "osv";
  advisory.summary = "a summary";
  advisory.details = "long details";
  advisory.severity = model::Severity::kHigh;
  advisory.cvss = {{"3.1", "CVSS:3.1/AV:N", "nvd"}};
  advisory.cwes = {"CWE-79"};
  advisory.published = "2024-01-01T00:00:00Z";
  advisory.modified = "2024-02-01T00:00:00Z";
  advisory.references = {{"WEB", "https://example.org"}};
  advisory.affected = {MakeAffected("PyPI", "", "zope-interface")};
  return advisory;
}

std::vector<std::string> Rows(const Snapshot& snapshot, std::string_view ecosystem, std::string_view release,
                              std::string_view name) {
  std::vector<std::string> rows;
  Value(snapshot.VisitAffected(ecosystem, release, name,
                               [&](const model::AffectedView& row) { rows.emplace_back(row.advisory_id); }));
  return rows;
}

TEST(AdvisoryRecord, ComesBackAsItWas) {
  const model::Advisory advisory = MakeAdvisory("X-1");
  model::Advisory expected = advisory;
  expected.details.clear();
  model::Affected names;
  names.ecosystem = "PyPI";
  names.package = "zope-interface";
  names.symbols = {"a.B"};
  expected.affected = {names};
  EXPECT_EQ(Value(DecodeAdvisory(EncodeAdvisory(advisory))), expected);

  const std::string row = EncodeAffectedRow(advisory, advisory.affected[0]);
  int visits = 0;
  Value(VisitAffectedRecord(EncodeAffectedRecord({row, row}), [&](const model::AffectedView& view) {
    ++visits;
    EXPECT_EQ(view.advisory_id, "X-1");
    EXPECT_EQ(view.version_scheme, "pep440");
    EXPECT_EQ(view.module_label, "m:1");
    EXPECT_EQ(view.architecture, "x86_64");
    EXPECT_EQ(view.severity, model::Severity::kHigh);
    EXPECT_EQ(view.fix_state, model::FixState::kFixed);
    ASSERT_EQ(view.ranges.size(), 3U);
    EXPECT_EQ(view.ranges[0], (model::RangeView{"0", model::RangeEnd::kFixed, "2.0"}));
    EXPECT_EQ(view.ranges[1], (model::RangeView{"3.0", model::RangeEnd::kLastAffected, "3.5"}));
    EXPECT_EQ(view.ranges[2], (model::RangeView{"4.0", model::RangeEnd::kOpen, ""}));
    EXPECT_EQ(view.versions.size(), 2U);
  }));
  EXPECT_EQ(visits, 2);
}

TEST(AdvisoryRecord, CutAnywhereIsCorrupt) {
  const model::Advisory advisory = MakeAdvisory("X-1");
  const std::string cold = EncodeAdvisory(advisory);
  const std::string hot = EncodeAffectedRecord({EncodeAffectedRow(advisory, advisory.affected[0])});
  for (std::size_t size = 0; size < cold.size(); ++size)
    ExpectError(DecodeAdvisory(std::string_view(cold).substr(0, size)), ErrorKind::kCorrupt);
  for (std::size_t size = 0; size < hot.size(); ++size)
    ExpectError(VisitAffectedRecord(std::string_view(hot).substr(0, size), [](const auto&) {}), ErrorKind::kCorrupt);
}

TEST(Snapshot, AnswersByPackageIdAndAlias) {
  const TemporaryFolder folder;
  const auto path = folder.Path() / "a.hfadv";
  SnapshotWriter writer;
  writer.Add(MakeAdvisory("X-1"), "one");
  model::Advisory withdrawn = MakeAdvisory("X-2");
  withdrawn.withdrawn = "2024-03-01T00:00:00Z";
  writer.Add(withdrawn, "two");
  model::Advisory distro = MakeAdvisory("X-3");
  distro.affected = {MakeAffected("Debian", "12", "zlib"), MakeAffected("Debian", "12", "zlib")};
  writer.Add(distro, "two");
  model::Advisory older = distro;
  older.modified = "2020-01-01T00:00:00Z";
  older.summary = "older";
  writer.Add(older, "one");
  const SnapshotInfo written = Value(writer.Write(path, kBuilt));

  const auto snapshot = Value(Snapshot::Open(path));
  EXPECT_EQ(snapshot->Info(), written);
  EXPECT_EQ(snapshot->Info().built, kBuilt);
  EXPECT_EQ(snapshot->Info().file_bytes, std::filesystem::file_size(path));
  EXPECT_EQ(snapshot->Info().advisories, 3U);
  EXPECT_EQ(snapshot->Info().withdrawn, 1U);
  EXPECT_EQ(snapshot->Info().sources,
            (std::vector<SnapshotSource>{{"one", 1, "2024-02-01T00:00:00Z"}, {"two", 2, "2024-02-01T00:00:00Z"}}));
  EXPECT_EQ(snapshot->Info().coverage, (std::vector<SnapshotCoverage>{{{"Debian", "12"}, 1}, {{"PyPI", ""}, 1}}));
  EXPECT_TRUE(snapshot->Covers("Debian", "12"));
  EXPECT_FALSE(snapshot->Covers("Debian", "11"));

  EXPECT_EQ(Rows(*snapshot, "PyPI", "", "Zope.Interface"), std::vector<std::string>{"X-1"});
  EXPECT_EQ(Rows(*snapshot, "Debian", "12", "zlib"), std::vector<std::string>{"X-3"}) << "equal rows are one";
  EXPECT_TRUE(Rows(*snapshot, "Debian", "11", "zlib").empty());
  EXPECT_EQ(Value(snapshot->FindAdvisory("X-3"))->summary, "a summary") << "the newer of two with the same id";
  EXPECT_EQ(Value(snapshot->FindAdvisory("X-2"))->withdrawn, "2024-03-01T00:00:00Z");
  EXPECT_FALSE(Value(snapshot->FindAdvisory("X-4")));
  EXPECT_EQ(Value(snapshot->FindDetails("X-1")), "long details");
  EXPECT_EQ(Value(snapshot->FindByAlias("CVE-2024-2")), (std::vector<std::string>{"X-1", "X-2", "X-3"}));
  EXPECT_EQ(Value(snapshot->FindByAlias("X-1")), std::vector<std::string>{"X-1"});
  EXPECT_FALSE(Value(snapshot->FindAdvisory(std::string(5000, 'x'))));
}

TEST(Snapshot, KeepsNamesThatAreTooLongForTheDatabase) {
  const TemporaryFolder folder;
  const auto path = folder.Path() / "a.hfadv";
  const std::string name(3000, 'n');
  model::Advisory advisory = MakeAdvisory("X-1");
  advisory.affected = {MakeAffected("Go", "", name), MakeAffected("Go", "", name + "m")};
  SnapshotWriter writer;
  writer.Add(advisory, "one");
  Value(writer.Write(path, kBuilt));
  const auto snapshot = Value(Snapshot::Open(path));
  EXPECT_EQ(Rows(*snapshot, "Go", "", name), std::vector<std::string>{"X-1"});
  EXPECT_TRUE(Rows(*snapshot, "Go", "", name + "o").empty());
  EXPECT_TRUE(snapshot->Covers("Go", ""));
}

TEST(Snapshot, IsAFunctionOfItsContent) {
  const TemporaryFolder folder;
  const auto write = [&](std::string_view file, bool reversed, std::string_view built) {
    SnapshotWriter writer;
    for (int i = 0; i < 500; ++i) {
      model::Advisory advisory = MakeAdvisory(Format("X-{}", reversed ? 499 - i : i));
      advisory.affected[0].package = Format("p{}", (reversed ? 499 - i : i) % 7);
      writer.Add(advisory, "s");
    }
    return Value(writer.Write(folder.Path() / file, built));
  };
  const SnapshotInfo a = write("a", false, kBuilt);
  const SnapshotInfo b = write("b", true, kBuilt);
  const SnapshotInfo c = write("c", true, "2027-01-01T00:00:00Z");
  EXPECT_EQ(ReadFile(folder.Path() / "a"), ReadFile(folder.Path() / "b"));
  EXPECT_EQ(a.content, c.content);
  EXPECT_EQ(b.content, c.content);
}

TEST(Snapshot, RefusesWhatIsNone) {
  const TemporaryFolder folder;
  const auto path = folder.Path() / "a";
  ExpectError(Snapshot::Open(path), ErrorKind::kNotFound);
  ExpectError(Snapshot::Open(folder.Path()), ErrorKind::kNotFound);
  for (const std::size_t size : {0UL, 10UL, 4096UL, 20'000UL}) {
    WriteFile(path, std::string(size, 'x'));
    ExpectError(Snapshot::Open(path), ErrorKind::kCorrupt);
  }
}

TEST(Snapshot, NoticesCutsExtensionsAndFlippedBits) {
  const TemporaryFolder folder;
  const auto path = folder.Path() / "a";
  SnapshotWriter writer;
  for (int i = 0; i < 50; ++i) writer.Add(MakeAdvisory(Format("X-{}", i)), "s");
  Value(writer.Write(path, kBuilt));
  Value(Snapshot::Verify(path));
  const std::string whole = ReadFile(path);

  WriteFile(path, whole.substr(0, whole.size() - 4096));
  ExpectError(Snapshot::Open(path), ErrorKind::kCorrupt);
  WriteFile(path, whole.substr(0, 8192) + whole.substr(12'288));
  ExpectError(Snapshot::Open(path), ErrorKind::kCorrupt, "cut or extended");
  WriteFile(path, whole + std::string(4096, '\0'));
  ExpectError(Snapshot::Open(path), ErrorKind::kCorrupt);

  std::string other = whole;
  other[other.size() - 4096 + 16] = 99;
  WriteFile(path, other);
  ExpectError(Snapshot::Open(path), ErrorKind::kUnsupported, "format 99");

  for (const std::size_t position : {std::size_t{20}, std::size_t{9000}, whole.size() / 2, whole.size() - 4097}) {
    std::string damaged = whole;
    damaged[position] = static_cast<char>(damaged[position] ^ 1);
    WriteFile(path, damaged);
    ExpectError(Snapshot::Verify(path), ErrorKind::kCorrupt);
  }
  // The last page number of a meta page, beyond the file.
  std::string beyond = whole;
  beyond[4096 + 138] = 1;
  WriteFile(path, beyond);
  ExpectError(Snapshot::Open(path), ErrorKind::kCorrupt, "longer than its file");
}

std::unique_ptr<Snapshot> Written(SnapshotWriter& writer, const std::filesystem::path& path) {
  Value(writer.Write(path, kBuilt));
  return Value(Snapshot::Open(path));
}

model::VulnerabilityFacts MakeFacts(std::string source) {
  model::VulnerabilityFacts facts;
  facts.id = "CVE-2024-1";
  facts.source = std::move(source);
  facts.modified = "2024-02-01T00:00:00Z";
  return facts;
}

// Four sources, each with its part.
std::vector<model::VulnerabilityFacts> PartsOfOne() {
  auto cve = MakeFacts("cve");
  cve.description = "what the assigner says";
  cve.published = "2024-01-02T00:00:00Z";
  cve.cvss = {{"4.0", "CVSS:4.0/AV:N", "cna"}};
  cve.ssvc = model::Ssvc{"poc", "yes", "total", "2024-03-01T00:00:00Z"};
  auto nvd = MakeFacts("nvd");
  nvd.description = "what NVD says";
  nvd.published = "2024-01-01T00:00:00Z";
  nvd.cvss = {{"3.1", "CVSS:3.1/AV:N", "nvd"}};
  nvd.cwes = {"CWE-79"};
  auto kev = MakeFacts("kev");
  kev.known_exploited = model::KnownExploited{"2024-05-01", "2024-05-22", "Apply updates.", true};
  auto epss = MakeFacts("epss");
  epss.epss = model::Epss{0.97321, 0.99987};
  return {cve, nvd, kev, epss};
}

TEST(SnapshotFacts, SourcesAreMerged) {
  const TemporaryFolder folder;
  SnapshotWriter writer;
  for (const auto& part : PartsOfOne()) writer.AddFacts(part, part.source + ".json");
  const auto snapshot = Written(writer, folder.Path() / "a.hfdb");
  const auto facts = Value(snapshot->FindFacts("CVE-2024-1"));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->source, "cve,kev,nvd");
  EXPECT_EQ(facts->published, "2024-01-01T00:00:00Z");
  EXPECT_EQ(facts->cvss.size(), 2U);
  EXPECT_EQ(facts->cwes, std::vector<std::string>{"CWE-79"});
  EXPECT_TRUE(facts->known_exploited && facts->known_exploited->ransomware);
  EXPECT_TRUE(facts->ssvc && facts->ssvc->exploitation == "poc");
  EXPECT_EQ(facts->epss, (model::Epss{0.97321, 0.99987}));
  EXPECT_EQ(Value(snapshot->FindDescription("CVE-2024-1")), "what the assigner says");
  EXPECT_FALSE(Value(snapshot->FindFacts("CVE-2024-9")));
  EXPECT_EQ(snapshot->Info().vulnerabilities, 1U);
  ASSERT_EQ(snapshot->Info().sources.size(), 4U);
  EXPECT_EQ(snapshot->Info().sources[0].name, "cve.json");
  EXPECT_EQ(snapshot->Info().sources[0].facts, 1U);
}

TEST(SnapshotFacts, OrderDoesNotMatterAndTheNewestOfASourceHolds) {
  const TemporaryFolder folder;
  auto parts = PartsOfOne();
  parts.push_back(parts[3]);
  parts.back().modified = "2024-02-02";
  parts.back().epss = model::Epss{0.5, 0.6};
  SnapshotWriter forth, back;
  for (const auto& part : parts) forth.AddFacts(part, "f");
  std::ranges::reverse(parts);
  for (const auto& part : parts) back.AddFacts(part, "f");
  const auto a = Written(forth, folder.Path() / "a.hfdb");
  const auto b = Written(back, folder.Path() / "b.hfdb");
  EXPECT_EQ(a->Info().content, b->Info().content);
  EXPECT_EQ(Value(a->FindFacts("CVE-2024-1"))->epss, (model::Epss{0.5, 0.6}));
}

TEST(SnapshotFacts, TheCatalogueOutweighsWhoQuotesItAndDatesNothing) {
  const TemporaryFolder folder;
  model::VulnerabilityFacts quoted, catalogue;
  quoted.id = catalogue.id = "CVE-2024-1";
  quoted.source = "cve";
  quoted.published = "2024-01-01T00:00:00Z";
  quoted.modified = "2024-02-01T00:00:00Z";
  quoted.known_exploited.emplace().added = "2024-01-05";
  catalogue.source = "kev";
  catalogue.modified = "2026-08-07T00:00:00Z";
  catalogue.known_exploited = model::KnownExploited{"2024-01-05", "2024-01-26", "Apply updates.", true};
  SnapshotWriter writer;
  writer.AddFacts(quoted, "cve");
  writer.AddFacts(catalogue, "kev");
  const auto facts = Value(Written(writer, folder.Path() / "a.hfdb")->FindFacts("CVE-2024-1"));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->known_exploited, catalogue.known_exploited);
  EXPECT_EQ(facts->modified, quoted.modified);
}

TEST(SnapshotFacts, ReleasesHaveALife) {
  const TemporaryFolder folder;
  SnapshotWriter writer;
  const model::ReleaseLife life{"debian", "12", "bookworm", "2026-06-10", "2026-06-10", "2028-06-30"};
  writer.AddReleaseLife(life, "endoflife");
  const auto snapshot = Written(writer, folder.Path() / "a.hfdb");
  EXPECT_EQ(Value(snapshot->FindReleaseLife("debian", "12")), life);
  EXPECT_FALSE(Value(snapshot->FindReleaseLife("debian", "1")));
}

TEST(AdvisoryRecord, OneWithoutADateIsThePublishersOwnAndHolds) {
  const TemporaryFolder folder;
  auto own = MakeAdvisory("X-1");
  own.modified.clear();
  own.summary = "own";
  for (const bool own_first : {true, false}) {
    SnapshotWriter writer;
    if (own_first) writer.Add(own, "own");
    writer.Add(MakeAdvisory("X-1"), "copy");
    if (!own_first) writer.Add(own, "own");
    EXPECT_EQ(Value(Written(writer, folder.Path() / "a.hfdb")->FindAdvisory("X-1"))->summary, "own");
  }
}

struct Differences {
  std::vector<std::string> rows;
  DiffResult result;
};

Differences DiffOf(const Snapshot& before, const Snapshot& after) {
  Differences found;
  DiffVisitor visitor;
  visitor.package = [&](const model::EcosystemRelease& where, std::string_view name, Change change) {
    found.rows.push_back(Format("{}:{} {} {}", where.ecosystem, where.release, name, ChangeName(change)));
  };
  visitor.advisory = [&](std::string_view id, Change change) {
    found.rows.push_back(Format("{} {}", id, ChangeName(change)));
  };
  visitor.vulnerability = visitor.advisory;
  found.result = Value(Diff(before, after, visitor));
  return found;
}

std::unique_ptr<Snapshot> WrittenOf(const std::vector<model::Advisory>& advisories, const std::filesystem::path& path) {
  SnapshotWriter writer;
  for (const auto& advisory : advisories) writer.Add(advisory, "test");
  return Written(writer, path);
}

TEST(SnapshotDiff, TellsPackagesAndAdvisories) {
  const TemporaryFolder folder;
  auto stays = MakeAdvisory("A-1");
  stays.affected = {MakeAffected("PyPI", "", "stays")};
  auto goes = MakeAdvisory("B-1");
  goes.affected = {MakeAffected("PyPI", "", "goes")};
  auto fixed = MakeAdvisory("C-1");
  fixed.affected = {MakeAffected("AlmaLinux", "9", "curl")};
  auto fixed_later = fixed;
  fixed_later.affected[0].ranges[0].fixed = "2.1";
  auto renamed = MakeAdvisory("D-1");
  renamed.affected = {MakeAffected("PyPI", "", "told-otherwise")};
  auto renamed_later = renamed;
  renamed_later.aliases = {"CVE-2024-7"};
  auto comes = MakeAdvisory("E-1");
  comes.affected = {MakeAffected("PyPI", "", "Comes")};
  const auto before = WrittenOf({stays, goes, fixed, renamed}, folder.Path() / "a.hfdb");
  const auto after = WrittenOf({stays, fixed_later, renamed_later, comes}, folder.Path() / "b.hfdb");
  const Differences found = DiffOf(*before, *after);
  EXPECT_EQ(found.rows,
            (std::vector<std::string>{"B-1 removed", "D-1 changed", "E-1 added", "AlmaLinux:9 curl changed",
                                      "PyPI: comes added", "PyPI: goes removed", "PyPI: told-otherwise changed"}));
  EXPECT_EQ(found.result.packages, 4U);
  EXPECT_EQ(found.result.advisories, 3U);
  EXPECT_FALSE(found.result.long_names);
  EXPECT_TRUE(DiffOf(*before, *before).rows.empty());
}

TEST(SnapshotDiff, LongNamesAndDailyScoresAreToldApart) {
  const TemporaryFolder folder;
  auto named = MakeAdvisory("A-1");
  named.affected = {MakeAffected("PyPI", "", std::string(600, 'n'))};
  SnapshotWriter first, second;
  first.Add(named, "test");
  for (const auto& part : PartsOfOne()) first.AddFacts(part, "f");
  auto parts = PartsOfOne();
  parts[3].epss->probability = 0.5;
  parts[2].known_exploited.reset();
  for (const auto& part : parts) second.AddFacts(part, "f");
  const auto before = Written(first, folder.Path() / "a.hfdb");
  const auto after = Written(second, folder.Path() / "b.hfdb");
  const Differences found = DiffOf(*before, *after);
  EXPECT_EQ(found.rows, (std::vector<std::string>{"A-1 removed", "CVE-2024-1 changed"}));
  EXPECT_TRUE(found.result.long_names);
  EXPECT_EQ(found.result.epss, 1U);
  EXPECT_EQ(found.result.packages, 0U);
}

}  // namespace
}  // namespace holdfast::advisory
