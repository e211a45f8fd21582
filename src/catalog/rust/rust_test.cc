#include "catalog/rust/rust.h"

#include <gtest/gtest.h>

#include "support/memory_evidence.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using test::RunCataloger;

test::CollectingSink Catalog(std::string_view json) {
  return RunCataloger(*MakeRustBinaryCataloger(), {{"usr/bin/tool", EncodeParts({{"rust.audit", std::string(json)}})}});
}

constexpr std::string_view kTool = R"({"packages": [
  {"name": "cc", "version": "1.0.83", "source": "crates.io", "kind": "build"},
  {"name": "libc", "version": "0.2.150", "source": "crates.io"},
  {"name": "serde", "version": "1.0.1", "source": "git", "kind": "runtime", "dependencies": [1, 0]},
  {"name": "tool", "version": "0.1.0", "source": "local", "dependencies": [2, 1, 2], "root": true}]})";

TEST(RustBinary, ListsRuntimeCrates) {
  const auto sink = Catalog(kTool);
  EXPECT_TRUE(sink.problems.empty());
  EXPECT_EQ(sink.Names(), (std::vector<std::string>{"libc 0.2.150", "serde 1.0.1", "tool 0.1.0"}));
}

TEST(RustBinary, DescribesACrate) {
  const auto sink = Catalog(kTool);
  const model::Package& tool = sink.Only("tool");
  EXPECT_EQ(tool.type, "rust-crate");
  EXPECT_EQ(tool.language, "rust");
  EXPECT_EQ(tool.ecosystem, "crates.io");
  EXPECT_EQ(tool.version_scheme, "semver");
  EXPECT_EQ(tool.purl.type, "cargo");
  EXPECT_EQ(tool.purl.name, "tool");
  EXPECT_EQ(tool.purl.version, "0.1.0");
  EXPECT_EQ(tool.depends, (std::vector<std::string>{"libc", "serde"}));
  EXPECT_EQ(tool.attributes,
            (std::vector<std::pair<std::string, std::string>>{{"rust:root", "true"}, {"rust:source", "local"}}));
  EXPECT_EQ(sink.Only("serde").depends, std::vector<std::string>{"libc"}) << "cc is of the build only";
}

TEST(RustBinary, KeepsGoingAfterABadCrate) {
  const auto sink = Catalog(R"({"packages": [{"name": "a"}, 7, {"name": "b", "version": "1.0.0",
      "dependencies": [-1]}, {"name": "c", "version": "2.0.0", "dependencies": [99999999999]}]})");
  EXPECT_EQ(sink.Names(), (std::vector<std::string>{"b 1.0.0", "c 2.0.0"}));
  EXPECT_EQ(sink.problems.size(), 4U);
}

TEST(RustBinary, SurvivesCycles) {
  const auto sink = Catalog(R"({"packages": [{"name": "a", "version": "1.0.0", "dependencies": [0, 1]},
      {"name": "b", "version": "1.0.0", "dependencies": [0]}]})");
  EXPECT_EQ(sink.Only("a").depends, (std::vector<std::string>{"a", "b"}));
}

TEST(RustBinary, ReportsADocumentOfAnotherForm) {
  for (const std::string_view json : {"", "{", "[]", "{}", R"({"packages": {}})"}) {
    const auto sink = Catalog(json);
    EXPECT_TRUE(sink.packages.empty());
    EXPECT_EQ(sink.problems.size(), 1U) << json;
  }
}

TEST(RustBinary, StopsAtTooManyCrates) {
  std::string json = R"({"packages": [)";
  for (int i = 0; i < 50'000; ++i) json += "0,";
  const auto sink = Catalog(json + "0]}");
  ASSERT_EQ(sink.problems.size(), 1U);
  EXPECT_EQ(sink.problems[0].kind, ErrorKind::kLimit);
}

TEST(RustBinary, ReadsSlicesThatSayTheSameOnce) {
  const Part part{"rust.audit", std::string(kTool)};
  const auto sink = RunCataloger(*MakeRustBinaryCataloger(), {{"tool", EncodeParts({part, part})}});
  EXPECT_EQ(sink.packages.size(), 3U);
}

}  // namespace
}  // namespace holdfast::catalog
