#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "image/directory_source.h"
#include "image/directory_tar.h"
#include "io/tar.h"
#include "support/image_fixtures.h"
#include "support/test_support.h"

namespace holdfast::image {
namespace {

using test::CollectingLayers;
using test::ExpectError;
using test::Value;

// "path -> target = content" of each entry.
std::vector<std::string> Listing(std::string_view tar) {
  io::MemorySource source(tar);
  const Limits limits;
  io::TarReader reader(source, limits);
  std::vector<std::string> lines;
  while (const io::TarEntry* entry = Value(reader.Next())) {
    std::string line = entry->path;
    if (!entry->link_target.empty()) line += " -> " + entry->link_target;
    if (entry->type == io::TarType::kRegular) line += " = " + Value(reader.Content().ReadText(1 << 20));
    lines.push_back(line);
  }
  EXPECT_TRUE(reader.EndedCleanly());
  return lines;
}

std::vector<std::string> Pull(const std::filesystem::path& folder, const DirectoryOptions& options,
                              ImageDescription* out = nullptr) {
  CollectingLayers layers;
  const ImageDescription description = Value(MakeDirectorySource(folder, "ref", options)->Pull(layers));
  if (out != nullptr) *out = description;
  return Listing(layers.Of(description).at(0));
}

TEST(DirectorySource, ListsInOrderAndFollowsNoLink) {
  const test::TemporaryFolder outside, folder;
  test::WriteFile(outside.Path() / "secret", "secret");
  std::filesystem::create_directories(folder.Path() / "b/c");
  test::WriteFile(folder.Path() / "b/c/file", "1");
  test::WriteFile(folder.Path() / "a", "2");
  test::WriteFile(folder.Path() / "z", "");
  std::filesystem::create_symlink(outside.Path(), folder.Path() / "out");
  std::filesystem::create_symlink("a", folder.Path() / "b/up");
  ASSERT_EQ(mkfifo((folder.Path() / "pipe").c_str(), 0600), 0);
  ImageDescription description;
  EXPECT_EQ(Pull(folder.Path(), {}, &description),
            (std::vector<std::string>{"a = 2", "b/", "b/c/", "b/c/file = 1", "b/up -> a",
                                      "out -> " + outside.Path().string(), "pipe", "z = "}));
  EXPECT_EQ(description.source.kind, "dir");
  EXPECT_TRUE(description.problems.empty());
}

TEST(DirectorySource, LongPathsAndTargetsSurvive) {
  const test::TemporaryFolder folder;
  const std::string name(200, 'n');
  std::filesystem::create_directories(folder.Path() / name / name);
  test::WriteFile(folder.Path() / name / name / "f", "x");
  std::filesystem::create_symlink(name + "/" + name, folder.Path() / "link");
  EXPECT_EQ(Pull(folder.Path(), {}), (std::vector<std::string>{"link -> " + name + "/" + name, name + "/",
                                                               name + "/" + name + "/", name + "/" + name + "/f = x"}));
}

TEST(DirectorySource, ExcludesWholeSubtrees) {
  const test::TemporaryFolder folder;
  for (const char* path : {"a/node_modules/x", "node_modules/y", "src/a.log", "src/a.c"}) {
    std::filesystem::create_directories((folder.Path() / path).parent_path());
    test::WriteFile(folder.Path() / path, "");
  }
  EXPECT_EQ(Pull(folder.Path(), {.excludes = {"**/node_modules", "./src/*.log"}}),
            (std::vector<std::string>{"a/", "src/", "src/a.c = "}));
}

TEST(DirectorySource, PseudoFileSystemsAreListedEmpty) {
  if (!std::filesystem::exists("/proc/self/status")) GTEST_SKIP() << "no /proc";
  DirectoryOptions options;
  for (const auto& entry : std::filesystem::directory_iterator("/"))
    if (entry.path() != "/proc") options.excludes.push_back(entry.path().string());
  std::vector<Problem> problems;
  DirectoryTar tar(options, problems);
  ASSERT_TRUE(tar.BeginFolder("/"));
  const auto lines = Listing(Value(tar.ReadText(1 << 24)));
  EXPECT_EQ(lines, (std::vector<std::string>{"proc/"}));
}

TEST(DirectorySource, AFileThatShrinksIsPaddedAndReported) {
  const test::TemporaryFolder folder;
  test::WriteFile(folder.Path() / "a", std::string(700'000, 'x'));
  test::WriteFile(folder.Path() / "b", "y");
  const DirectoryOptions options;
  std::vector<Problem> problems;
  DirectoryTar tar(options, problems);
  ASSERT_TRUE(tar.BeginFolder(folder.Path()));
  std::string bytes(AsText(Value(tar.Next())));
  bytes += AsText(Value(tar.Next()));  // the header is written, the content has begun
  std::filesystem::resize_file(folder.Path() / "a", 300'000);
  bytes += Value(tar.ReadText(1 << 24));
  const auto lines = Listing(bytes);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].size(), 700'004U);
  EXPECT_EQ(lines[1], "b = y");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0], (Problem{"a", ErrorKind::kCorrupt, "shrank while it was read"}));
}

TEST(DirectorySource, AFileThatGrowsIsCutAndReported) {
  const test::TemporaryFolder folder;
  test::WriteFile(folder.Path() / "a", "12345");
  const DirectoryOptions options;
  std::vector<Problem> problems;
  DirectoryTar tar(options, problems);
  ASSERT_TRUE(tar.BeginFolder(folder.Path()));
  std::string bytes(AsText(Value(tar.Next(1))));
  test::WriteFile(folder.Path() / "a", "1234567890");
  bytes += Value(tar.ReadText(1 << 24));
  EXPECT_EQ(Listing(bytes), (std::vector<std::string>{"a = 12345"}));
  ASSERT_EQ(problems.size(), 1U);
}

TEST(DirectorySource, WhatCannotBeReadIsListedAndReported) {
  if (geteuid() == 0) GTEST_SKIP() << "root reads everything";
  const test::TemporaryFolder folder;
  test::WriteFile(folder.Path() / "a", "x");
  chmod((folder.Path() / "a").c_str(), 0);
  ImageDescription description;
  EXPECT_EQ(Pull(folder.Path(), {}, &description), (std::vector<std::string>{"a = "}));
  ASSERT_EQ(description.problems.size(), 1U);
  EXPECT_EQ(description.problems[0].kind, ErrorKind::kDenied);
}

TEST(DirectorySource, IsTheSameEachTime) {
  const test::TemporaryFolder folder;
  for (int i = 0; i < 50; ++i) test::WriteFile(folder.Path() / std::to_string(i), std::to_string(i));
  CollectingLayers one, two;
  const auto first = Value(MakeDirectorySource(folder.Path(), "", {})->Pull(one));
  const auto second = Value(MakeDirectorySource(folder.Path(), "", {})->Pull(two));
  EXPECT_EQ(one.Of(first), two.Of(second));
}

TEST(FileSource, IsATarOfOneFile) {
  const test::TemporaryFolder folder;
  test::WriteFile(folder.Path() / "app.jar", "jar");
  CollectingLayers layers;
  const auto description = Value(MakeFileSource(folder.Path() / "app.jar", "app.jar", {})->Pull(layers));
  EXPECT_EQ(description.source.kind, "file");
  EXPECT_EQ(Listing(layers.Of(description)[0]), (std::vector<std::string>{"app.jar = jar"}));
  CollectingLayers unused;
  ExpectError(MakeFileSource(folder.Path(), "", {})->Pull(unused), ErrorKind::kInvalidInput, "regular");
  ExpectError(MakeFileSource(folder.Path() / "none", "", {})->Pull(unused), ErrorKind::kNotFound);
  ExpectError(MakeDirectorySource(folder.Path() / "none", "", {})->Pull(unused), ErrorKind::kNotFound);
}

TEST(Excludes, AreGlobs) {
  struct Case {
    const char *pattern, *path;
    bool matches;
  };
  for (const Case& c : std::vector<Case>{{"a", "a", true},
                                         {"a", "ab", false},
                                         {"*", "a/b", false},
                                         {"**", "a/b", true},
                                         {"*.log", "x.log", true},
                                         {"*.log", "d/x.log", false},
                                         {"**/*.log", "d/e/x.log", true},
                                         {"**/*.log", "x.log", true},
                                         {"a/**/b", "a/x/y/b", true},
                                         {"a/**/b", "a/b", true},
                                         {"/etc/", "etc", true},
                                         {"a?c", "abc", true},
                                         {"a?c", "a/c", false},
                                         {"*a*b*c", "xxaxxbxxc", true},
                                         {"*a*b*c", "xxaxxcxx", false},
                                         {"", "a", false}})
    EXPECT_EQ(ExcludeMatches(c.pattern, c.path), c.matches) << c.pattern << " " << c.path;
}

}  // namespace
}  // namespace holdfast::image
