#include "advisory/build.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::ReadFile;
using test::TemporaryFolder;
using test::Value;
using test::WriteFile;

// {"advisories": ["X-1", …], "scores": ["CVE-2024-1", …]}: an advisory about a package of its name and a score each.
class ListProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "list"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    return document.root["advisories"].IsArray();
  }
  Result<void> Read(const Document& document, AdvisorySink& sink) override {
    for (const io::JsonView id : document.root["advisories"]) {
      model::Advisory advisory;
      advisory.id = id.StringOr("");
      advisory.source = "list";
      advisory.aliases = {"CVE-1-" + advisory.id};
      advisory.summary = "of " + std::string(document.source);
      advisory.details = "details";
      advisory.modified = "2024-01-01T00:00:00Z";
      if (advisory.id.ends_with("w")) advisory.withdrawn = advisory.modified;
      model::Affected affected;
      affected.ecosystem = "PyPI";
      affected.package = "package-" + advisory.id;
      affected.version_scheme = "pep440";
      affected.ranges = {{"0", "2.0", std::nullopt}};
      affected.versions = {"9!1"};
      advisory.affected = {affected, affected};
      advisory.affected[1].package = std::string(600, 'x');
      sink.Add(advisory);
    }
    for (const io::JsonView cve : document.root["scores"]) {
      model::VulnerabilityFacts facts;
      facts.id = cve.StringOr("");
      facts.source = document.source;
      facts.modified = "2024-01-02T00:00:00Z";
      facts.description = "about " + facts.id;
      facts.epss = {0.5, 0.25};
      facts.cwes = {"CWE-1"};
      sink.AddFacts(facts);
    }
    sink.AddReleaseLife({"debian", "12", "bookworm", "2026-06-10", "2028-06-30", ""});
    return {};
  }
};

std::string List(int from, int to) {
  std::string advisories, scores;
  for (int i = from; i < to; ++i) {
    advisories += Format("{}\"X-{}{}\"", i == from ? "" : ",", i, i % 5 == 0 ? "w" : "");
    scores += Format("{}\"CVE-2024-{}\"", i == from ? "" : ",", i);
  }
  return Format(R"({{"advisories": [{}], "scores": [{}]}})", advisories, scores);
}

class Build : public testing::Test {
 protected:
  Build() {
    std::filesystem::create_directories(feeds_ / "folder");
    WriteFile(feeds_ / "folder" / "a.json", List(0, 10));
    WriteFile(feeds_ / "folder" / "b.json", List(10, 20));
    WriteFile(feeds_ / "single.json", List(15, 25));
  }
  Result<BuildReport> Run(bool keep = true, double share_min = kShareMinDefault) {
    Providers providers;
    providers.push_back(std::make_unique<ListProvider>());
    BuildOptions options{.built = Format("2026-01-{:02}T00:00:00Z", ++day_)};
    if (keep) options.sources_folder = kept_;
    options.share_min = share_min;
    return BuildSnapshot(std::move(providers), feeds_, out_, options);
  }
  TemporaryFolder folder_;
  std::filesystem::path feeds_ = folder_.Path() / "feeds";
  std::filesystem::path kept_ = folder_.Path() / "kept";
  std::filesystem::path out_ = folder_.Path() / "out.hfdb";
  int day_ = 0;
};

TEST_F(Build, GivesTheSameWhetherItKeepsOrNot) {
  const BuildReport plain = Value(Run(false));
  const BuildReport keeping = Value(Run());
  EXPECT_EQ(plain.snapshot.content, keeping.snapshot.content);
  EXPECT_EQ(plain.snapshot.advisories, 25U);
  EXPECT_FALSE(std::filesystem::exists(folder_.Path() / "kept" / "nothing.hfdb"));
  EXPECT_TRUE(std::filesystem::exists(kept_ / "folder.hfdb"));
  EXPECT_TRUE(std::filesystem::exists(kept_ / "single.hfdb"));
  EXPECT_TRUE(keeping.kept.empty());
  for (const SnapshotSource& source : keeping.snapshot.sources) EXPECT_EQ(source.read, "2026-01-02T00:00:00Z");
}

// Everything that a source gave is in what was kept of it, and comes back as it was.
TEST_F(Build, ASourceThatIsGoneOrEmptyOrBrokenKeepsItsData) {
  const BuildReport before = Value(Run());
  const auto expect_kept = [&](std::string_view failure) {
    const BuildReport report = Value(Run());
    EXPECT_EQ(report.snapshot.content, before.snapshot.content);
    EXPECT_EQ(report.snapshot.vulnerabilities, before.snapshot.vulnerabilities);
    EXPECT_EQ(report.snapshot.coverage, before.snapshot.coverage);
    ASSERT_EQ(report.kept.size(), 1U);
    EXPECT_EQ(report.kept[0].name, "folder");
    EXPECT_EQ(report.kept[0].read, "2026-01-01T00:00:00Z");
    EXPECT_NE(report.kept[0].failure.find(failure), std::string::npos) << report.kept[0].failure;
    ASSERT_EQ(report.snapshot.sources.size(), 2U);
    EXPECT_EQ(report.snapshot.sources[0].advisories, before.snapshot.sources[0].advisories);
    EXPECT_EQ(report.snapshot.sources[0].facts, before.snapshot.sources[0].facts);
    EXPECT_EQ(report.snapshot.sources[0].read, "2026-01-01T00:00:00Z");
    EXPECT_EQ(report.snapshot.sources[0].failure, report.kept[0].failure);
    EXPECT_EQ(report.snapshot.sources[1].failure, "");
    EXPECT_NE(report.snapshot.sources[1].read, "2026-01-01T00:00:00Z");
  };
  std::filesystem::remove(feeds_ / "folder" / "b.json");
  WriteFile(feeds_ / "folder" / "a.json", List(0, 3));
  expect_kept("it gives 7 of the 42");
  WriteFile(feeds_ / "folder" / "a.json", R"({"advisories": []})");
  expect_kept("it gives 1 of the 42");
  WriteFile(feeds_ / "folder" / "a.json", List(0, 10).substr(0, 60));
  expect_kept("folder/a.json: ");
  std::filesystem::remove_all(feeds_ / "folder");
  expect_kept("it gives 0 of the 42");

  // Forgotten on purpose.
  std::filesystem::remove(kept_ / "folder.hfdb");
  const BuildReport without = Value(Run());
  EXPECT_TRUE(without.kept.empty());
  EXPECT_EQ(without.snapshot.advisories, 10U);
}

TEST_F(Build, WhatIsGoodTakesThePlaceOfWhatWasKept) {
  Value(Run());
  WriteFile(feeds_ / "folder" / "b.json", List(30, 32));
  const BuildReport fewer = Value(Run());
  EXPECT_TRUE(fewer.kept.empty()) << "more than half of it is there";
  // What was kept is what it gave last, so a feed may shrink in steps.
  std::filesystem::remove(feeds_ / "folder" / "b.json");
  EXPECT_TRUE(Value(Run()).kept.empty());
  EXPECT_EQ(Value(Run()).snapshot.sources[0].advisories, 10U);

  WriteFile(feeds_ / "folder" / "a.json", List(0, 8));
  EXPECT_EQ(Value(Run(true, 0.9)).kept.size(), 1U);
  EXPECT_TRUE(Value(Run(true, 0)).kept.empty());
  // All is broken: the snapshot is what it was.
  WriteFile(feeds_ / "folder" / "a.json", "{");
  WriteFile(feeds_ / "single.json", "{");
  EXPECT_EQ(Value(Run()).kept.size(), 2U);
  ExpectError(Run(false), ErrorKind::kInvalidInput);
}

// An archive that ends too early has lost something, though it may be little.
TEST_F(Build, OfAnArchiveThatIsCutAndGivesLessTheOldDataIsKept) {
  std::filesystem::create_directories(folder_.Path() / "d");
  for (int i = 0; i < 20; ++i) WriteFile(folder_.Path() / "d" / Format("{:02}.json", i), List(100 + i, 101 + i));
  const auto archive = feeds_ / "archive.tar";
  test::RunCommand(Format("tar -C '{}' --sort=name -cf '{}' d", folder_.Path().string(), archive.string()));
  Value(Run());
  const std::string whole = ReadFile(archive);
  // Between two members: what is there can be read.
  const std::size_t cut = whole.find("d/17.json");
  ASSERT_NE(cut, std::string::npos);
  WriteFile(archive, whole.substr(0, cut));
  const BuildReport report = Value(Run());
  ASSERT_EQ(report.kept.size(), 1U);
  EXPECT_EQ(report.kept[0].name, "archive");
  EXPECT_NE(report.kept[0].failure.find("it gives 51 of the 60"), std::string::npos) << report.kept[0].failure;
  EXPECT_NE(report.kept[0].failure.find("archive.tar: "), std::string::npos) << report.kept[0].failure;
}

TEST_F(Build, WhatWasKeptAndIsDamagedIsToldAndReplaced) {
  Value(Run());
  WriteFile(kept_ / "folder.hfdb", "no snapshot");
  const BuildReport report = Value(Run());
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].path, "folder");
  EXPECT_TRUE(Value(Run()).problems.empty());
  // One source's file under another's name.
  std::filesystem::copy_file(kept_ / "single.hfdb", kept_ / "other.hfdb");
  EXPECT_EQ(Value(Run()).problems.size(), 1U);
  std::filesystem::remove(kept_ / "other.hfdb");
  // No folder can be where a file is.
  std::filesystem::remove_all(kept_);
  WriteFile(kept_, "");
  ExpectError(Run(), ErrorKind::kDenied);
}

TEST_F(Build, OfVeryManySourcesNothingIsKept) {
  for (std::size_t i = 0; i <= kSourcesKeptMax; ++i) WriteFile(feeds_ / Format("x{}.json", i), R"({"advisories": []})");
  const BuildReport report = Value(Run());
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_NE(report.problems[0].message.find("a folder of its own"), std::string::npos);
  EXPECT_EQ(report.snapshot.advisories, 25U);
  EXPECT_FALSE(std::filesystem::exists(kept_));
}

}  // namespace
}  // namespace holdfast::advisory
