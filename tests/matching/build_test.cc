// From a folder of advisory data to a snapshot, with all providers.
#include "advisory/build.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "advisory/builtin/builtin.h"
#include "advisory/snapshot.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::ReadFile;
using test::TemporaryFolder;
using test::Value;
using test::WriteFile;

TEST(BuildSnapshot, KeepsTheGoodAndReportsTheRest) {
  const TemporaryFolder folder;
  const auto data = folder.Path() / "data";
  WriteFile(data / "a/GO-1.json", R"({"id":"GO-1","modified":"2024-01-01T00:00:00Z","affected":[
    {"package":{"ecosystem":"Go","name":"x"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]})");
  WriteFile(data / "a/broken.json", R"({"id":)");
  WriteFile(data / "a/nameless.json", R"({"id":"X","affected":[{"package":{"ecosystem":"Go"}}]})");
  WriteFile(data / "a/package.json", R"({"name":"x","version":"1"})");
  WriteFile(data / "a/README.md", "hello");
  WriteFile(data / "a/logo.png", "no text");
  WriteFile(data / "a/ALBA-1.json",
            R"({"id":"ALBA-1","affected":[{"package":{"ecosystem":"AlmaLinux:9","name":"x"}}]})");
  WriteFile(data / "b/PYSEC-1.yaml",
            "id: PYSEC-1\nmodified: '2025-01-01T00:00:00Z'\naffected:\n- package: {ecosystem: PyPI, name: y}\n  "
            "versions: ['1']\n");
  WriteFile(data / "main.yaml",
            "urlprefix: https://dl-cdn.alpinelinux.org/alpine\napkurl: x\ndistroversion: v3.5\npackages:\n- pkg: "
            "{name: z, secfixes: {1-r0: [CVE-1]}}\n");
  const auto out = folder.Path() / "out";
  const BuildReport report = Value(BuildSnapshot(BuiltinProviders(), data, out, {.built = "2026-01-01T00:00:00Z"}));
  EXPECT_EQ(report.documents, 4U);
  EXPECT_EQ(report.bug_fixes, 1U);
  EXPECT_EQ(report.rejected, 2U);
  ASSERT_EQ(report.problems.size(), 2U);
  EXPECT_EQ(report.problems[0].path, "a/broken.json");
  EXPECT_EQ(report.problems[1].path, "a/nameless.json");
  EXPECT_EQ(report.skipped, (std::map<std::string, std::uint64_t>{{".png", 1}, {"other JSON", 1}, {"other text", 1}}));
  EXPECT_EQ(report.snapshot.sources.size(), 3U);
  EXPECT_EQ(report.snapshot.advisories, 3U);
  const auto snapshot = Value(Snapshot::Open(out));
  std::vector<std::string> rows;
  Value(snapshot->VisitAffected("Alpine", "v3.5", "z",
                                [&](const model::AffectedView& view) { rows.emplace_back(view.advisory_id); }));
  EXPECT_EQ(rows, std::vector<std::string>{"ALPINE-CVE-1"});
  EXPECT_EQ(Value(BuildSnapshot(BuiltinProviders(), data, out, {.built = "2026-01-01T00:00:00Z", .problems_max = 1}))
                .problems_dropped,
            1U);
}

TEST(BuildSnapshot, FailsWithoutAnyAdvisory) {
  const TemporaryFolder folder;
  const auto out = folder.Path() / "out";
  WriteFile(out, "kept");
  std::filesystem::create_directories(folder.Path() / "data");
  ExpectError(BuildSnapshot(BuiltinProviders(), folder.Path() / "data", out, {}), ErrorKind::kInvalidInput);
  ExpectError(BuildSnapshot(BuiltinProviders(), folder.Path() / "nowhere", out, {}), ErrorKind::kNotFound);
  EXPECT_EQ(ReadFile(out), "kept");
}

}  // namespace
}  // namespace holdfast::advisory
