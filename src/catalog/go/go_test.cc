#include "catalog/go/go.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "catalog/executable.h"
#include "support/memory_evidence.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using test::CollectingSink;
using test::RunCataloger;
using test::Value;

CollectingSink Catalog(std::string_view text) {
  return RunCataloger(*MakeGoBinaryCataloger(), {{"usr/bin/tool", EncodeParts({{"go.buildinfo", std::string(text)}})}});
}

// Attribute of a package, or "".
std::string Attribute(const model::Package& package, std::string_view key) {
  for (const auto& [name, value] : package.attributes)
    if (name == key) return value;
  return "";
}

std::string MainVersion(std::string_view text) {
  std::vector<Error> problems;
  return GoMainVersion(Value(ParseGoBuildInfo(text, problems)));
}

constexpr std::string_view kTool =
    "go1.22.3 X:boringcrypto\n"
    "path\texample.com/tool/cmd\n"
    "mod\texample.com/tool\tv1.2.3\th1:AAA=\n"
    "dep\tgolang.org/x/text\tv0.3.0\n"
    "=>\tgithub.com/fork/text\tv0.14.0\th1:BBB=\n"
    "dep\texample.com/local\tv0.1.0\n"
    "=>\t./local\t(devel)\t\n"
    "dep\tgopkg.in/yaml.v3\tv3.0.1\th1:CCC=\n"
    "build\t-compiler=gc\n"
    "build\tCGO_ENABLED=0\n"
    "build\t-ldflags=\"-s -w\\t-X main.x=\\\"y\\\"\"\n"
    "build\tGOOS=linux\n";

TEST(GoBinary, ListsModulesAndTheStandardLibrary) {
  const auto sink = Catalog(kTool);
  EXPECT_TRUE(sink.problems.empty());
  EXPECT_EQ(sink.Names(),
            (std::vector<std::string>{"example.com/local v0.1.0", "example.com/tool v1.2.3",
                                      "github.com/fork/text v0.14.0", "gopkg.in/yaml.v3 v3.0.1", "stdlib 1.22.3"}));
}

TEST(GoBinary, DescribesTheMainModule) {
  const auto sink = Catalog(kTool);
  const model::Package& tool = sink.Only("example.com/tool");
  EXPECT_EQ(tool.type, "go-module");
  EXPECT_EQ(tool.language, "go");
  EXPECT_EQ(tool.ecosystem, "Go");
  EXPECT_EQ(tool.version_scheme, "go");
  EXPECT_EQ(tool.purl.type, "golang");
  EXPECT_EQ(tool.purl.name_space, "example.com");
  EXPECT_EQ(tool.purl.name, "tool");
  EXPECT_EQ(tool.purl.version, "v1.2.3");
  EXPECT_EQ(tool.depends,
            (std::vector<std::string>{"github.com/fork/text", "example.com/local", "gopkg.in/yaml.v3", "stdlib"}));
  EXPECT_EQ(tool.attributes, (std::vector<std::pair<std::string, std::string>>{
                                 {"go:build:-compiler", "gc"},
                                 {"go:build:-ldflags", "-s -w\t-X main.x=\"y\""},
                                 {"go:build:CGO_ENABLED", "0"},
                                 {"go:build:GOOS", "linux"},
                                 {"go:h1", "h1:AAA="},
                                 {"go:main-package", "example.com/tool/cmd"},
                             }));
}

TEST(GoBinary, ReplacementsAreWhatWasLinked) {
  const auto sink = Catalog(kTool);
  EXPECT_EQ(Attribute(sink.Only("github.com/fork/text"), "go:replaces"), "golang.org/x/text@v0.3.0");
  EXPECT_EQ(Attribute(sink.Only("github.com/fork/text"), "go:h1"), "h1:BBB=");
  EXPECT_EQ(Attribute(sink.Only("example.com/local"), "go:replaced-by"), "./local");
  EXPECT_EQ(Attribute(sink.Only("stdlib"), "go:version"), "go1.22.3 X:boringcrypto");
}

TEST(GoBinary, FindsTheMainVersionWhereItIs) {
  const std::string devel = "go1.22\nmod\texample.com/tool\t(devel)\t\n";
  const std::string vcs =
      "build\tvcs.revision=0123456789abcdef0123456789abcdef01234567\nbuild\tvcs.time=2024-01-02T03:04:05Z\n";
  EXPECT_EQ(MainVersion(devel), "");
  EXPECT_EQ(MainVersion(devel + vcs), "v0.0.0-20240102030405-0123456789ab");
  const auto flags = [&](std::string_view text) {
    return MainVersion(devel + "build\t-ldflags=" + std::string(text) + "\n" + vcs);
  };
  EXPECT_EQ(flags("\"-s -X main.version=1.2.3\""), "v1.2.3");
  EXPECT_EQ(flags("\"-X 'example.com/tool/internal.Version=v1.2.3-rc1' -w\""), "v1.2.3-rc1");
  EXPECT_EQ(flags("-X=main.Version=1.2.3"), "v1.2.3");
  EXPECT_EQ(flags("\"-X other.org/lib.version=9.9.9 -X main.buildVersion=1.2.3\""), "v1.2.3");
  EXPECT_EQ(flags("\"-X k8s.io/component-base/version.gitVersion=v1.30.1\""), "v1.30.1");
  for (const std::string_view none : {"\"-X main.version=dev\"", "\"-X main.date=2024.01.02\"", "\"-s -w\"", "-X"})
    EXPECT_EQ(flags(none), "v0.0.0-20240102030405-0123456789ab") << none;
  EXPECT_EQ(MainVersion("go1.22\nmod\ta\tv1.0.0\t\n" + vcs), "v1.0.0");
}

TEST(GoBinary, KeepsTheStatedVersionBesideTheFoundOne) {
  const auto sink = Catalog("go1.22\nmod\texample.com/tool\t(devel)\t\n");
  EXPECT_EQ(sink.Only("example.com/tool").version, "");
  EXPECT_EQ(Attribute(sink.Only("example.com/tool"), "go:stated-version"), "(devel)");
}

TEST(GoBinary, NormalisesTheGoVersion) {
  EXPECT_EQ(GoReleaseOf("go1.22.3"), "1.22.3");
  EXPECT_EQ(GoReleaseOf("go1.23rc1"), "1.23rc1");
  EXPECT_EQ(GoReleaseOf("go1.20.5 X:boringcrypto"), "1.20.5");
  EXPECT_EQ(GoReleaseOf("devel go1.23-4c8b2 Tue May 7"), "1.23-4c8b2");
  EXPECT_EQ(GoReleaseOf("devel +4c8b2"), "devel +4c8b2");
}

TEST(GoBinary, KeepsGoingAfterABadLine) {
  const auto sink = Catalog("go1.22\n=>\ta\tv1\nmod\t\tv1\t\nbuild\t=\ndep\texample.com/b\tv1.0.0\t\nfuture\tline\n");
  EXPECT_EQ(sink.Names(), (std::vector<std::string>{"example.com/b v1.0.0", "stdlib 1.22"}));
  EXPECT_EQ(sink.problems.size(), 3U);
}

TEST(GoBinary, HasOnlyTheStandardLibraryWithoutModules) {
  EXPECT_EQ(Catalog("go1.12\n").Names(), (std::vector<std::string>{"stdlib 1.12"}));
}

TEST(GoBinary, StopsAtTooManyLines) {
  std::string text = "go1.22\n";
  for (int i = 0; i <= 100'000; ++i) text += "dep\ta\tv1\t\n";
  const auto sink = Catalog(text);
  EXPECT_TRUE(sink.packages.empty());
  ASSERT_EQ(sink.problems.size(), 1U);
  EXPECT_EQ(sink.problems[0].kind, ErrorKind::kLimit);
}

TEST(GoBinary, ReportsWhatTheDistillerCouldNotRead) {
  const auto sink =
      RunCataloger(*MakeGoBinaryCataloger(), {{"a", EncodeParts({{"go.problem", "limit:x"}, {"rust.audit", "{}"}})}});
  EXPECT_TRUE(sink.packages.empty());
  ASSERT_EQ(sink.problems.size(), 1U);
  EXPECT_EQ(sink.problems[0].kind, ErrorKind::kLimit);
  EXPECT_EQ(sink.problems[0].message, "x");
}

bool HasGo() { return std::system("go version >/dev/null 2>&1") == 0; }  // NOLINT: a test's look at PATH

Parts DistilFile(const std::filesystem::path& path) {
  const std::string bytes = test::ReadFile(path);
  io::MemorySource source(bytes, 4093);
  KeptContent kept;
  return Value(DistilExecutable(source, kept, Limits{}));
}

// What `go version -m` prints, in the form of the part: without the file's name and the tabs before lines.
std::string OracleText(const std::filesystem::path& path) {
  std::string text = test::RunCommand("go version -m " + path.string());
  text.erase(0, path.string().size() + 2);
  for (std::size_t at = 0; (at = text.find("\n\t", at)) != std::string::npos;) text.erase(at + 1, 1);
  return text;
}

TEST(GoBinary, ReadsTheSameAsGo) {
  if (!HasGo()) GTEST_SKIP() << "no go on PATH";
  const test::TemporaryFolder folder;
  test::WriteFile(folder.Path() / "go.mod", "module example.com/tool\n\ngo 1.18\n");
  test::WriteFile(folder.Path() / "main.go", "package main\n\nfunc main() { println(1) }\n");
  for (const std::string flags : {"", "-ldflags='-s -w -X main.version=1.2.3'", "-buildmode=pie"}) {
    const auto out = folder.Path() / "tool";
    test::RunCommand("cd " + folder.Path().string() + " && CGO_ENABLED=0 GOFLAGS=-mod=mod go build " + flags + " -o " +
                     out.string() + " . 2>&1");
    const Parts parts = DistilFile(out);
    ASSERT_EQ(parts.size(), 1U) << flags;
    EXPECT_EQ(parts[0].bytes, OracleText(out)) << flags;
  }
}

// Go's own fixture of the format with pointers.
TEST(GoBinary, ReadsTheSameAsGoFromAProgramOfGo117) {
  if (!HasGo()) GTEST_SKIP() << "no go on PATH";
  std::string root = test::RunCommand("go env GOROOT");
  root.erase(root.find_last_not_of('\n') + 1);
  const std::filesystem::path encoded = root + "/src/debug/buildinfo/testdata/go117/go117.base64";
  if (!std::filesystem::exists(encoded)) GTEST_SKIP() << "no sources of Go";
  const test::TemporaryFolder folder;
  const auto program = folder.Path() / "go117";
  test::RunCommand("base64 -d " + encoded.string() + " > " + program.string());
  const Parts parts = DistilFile(program);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].bytes, OracleText(program));
}

}  // namespace
}  // namespace holdfast::catalog
