#include "catalog/rust/rust.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "catalog/executable.h"
#include "io/byte_source.h"
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

// The rest compares a program that cargo-auditable built with what cargo and rust-audit-info say of it.
std::string Fixture(const std::string& name) { return test::ReadFile(std::filesystem::path(HF_TESTDATA) / name); }

Parts DistilTool() {
  const std::string program = Fixture("auditable_tool_x86_64");
  io::MemorySource source(program);
  KeptContent kept;
  return test::Value(DistilExecutable(source, kept, Limits()));
}

// "name version" → source, as Cargo.lock has them; those of this very workspace have none.
std::map<std::string, std::string> LockedSources() {
  std::map<std::string, std::string> sources;
  std::istringstream lines(Fixture("auditable_tool.Cargo.lock"));
  std::string name, crate;
  for (std::string line; std::getline(lines, line);) {
    const auto value = [&] { return line.substr(line.find('"') + 1, line.rfind('"') - line.find('"') - 1); };
    if (line.starts_with("name = ")) name = value();
    if (line == "version = 4") continue;
    if (line.starts_with("version = ")) sources[crate = name + " " + value()] = "";
    if (line.starts_with("source = ")) sources[crate] = value();
  }
  return sources;
}

struct CargoTree {
  std::vector<std::string> crates;                       // "name version", sorted
  std::map<std::string, std::set<std::string>> depends;  // names
};

// Lines "DEPTHname vVERSION", each after the one it hangs on.
CargoTree LinkedTree() {
  CargoTree tree;
  std::vector<std::string> above;
  std::istringstream lines(Fixture("auditable_tool.tree"));
  for (std::string line; std::getline(lines, line);) {
    std::size_t digits = 0;
    const std::size_t depth = std::stoul(line, &digits);
    const std::size_t space = line.find(" v");
    const std::string name = line.substr(digits, space - digits);
    const std::string crate = name + " " + line.substr(space + 2);
    above.resize(depth);
    if (depth > 0) tree.depends[above.back()].insert(name);
    above.push_back(crate);
    tree.crates.push_back(crate);
  }
  std::sort(tree.crates.begin(), tree.crates.end());
  return tree;
}

TEST(RustBinary, ReadsARealProgramAsItsOwnToolDoes) {
  const Parts parts = DistilTool();
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].name, "rust.audit");
  EXPECT_EQ(parts[0].bytes, Fixture("auditable_tool.audit.json"));
}

TEST(RustBinary, ListsTheCratesThatCargoLinked) {
  const auto sink = RunCataloger(*MakeRustBinaryCataloger(), {{"usr/bin/auditable-tool", EncodeParts(DistilTool())}});
  EXPECT_TRUE(sink.problems.empty());
  const CargoTree tree = LinkedTree();
  EXPECT_EQ(tree.crates.size(), 7U);
  EXPECT_EQ(sink.Names(), tree.crates);
  const auto locked = LockedSources();
  EXPECT_EQ(locked.size(), 15U) << "five are of the build only, three of other platforms";
  for (const model::Package& package : sink.packages) {
    const std::string crate = package.name + " " + package.version;
    const std::map<std::string, std::string> attributes(package.attributes.begin(), package.attributes.end());
    const bool root = package.name == "auditable-tool";
    ASSERT_TRUE(locked.contains(crate)) << crate;
    EXPECT_EQ(locked.at(crate), root ? "" : "registry+https://github.com/rust-lang/crates.io-index") << crate;
    EXPECT_EQ(attributes.at("rust:source"), root ? "local" : "crates.io") << crate;
    EXPECT_EQ(attributes.contains("rust:root"), root) << crate;
    const auto depends = tree.depends.find(crate);
    EXPECT_EQ(std::set<std::string>(package.depends.begin(), package.depends.end()),
              depends == tree.depends.end() ? std::set<std::string>() : depends->second)
        << crate;
  }
}

}  // namespace
}  // namespace holdfast::catalog
