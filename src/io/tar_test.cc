#include "io/tar.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "support/test_support.h"

namespace holdfast::io {
namespace {

using test::ExpectError;
using test::Value;

// "type path -> link size sha-less content prefix": one line an entry.
Result<std::vector<std::string>> List(std::string_view archive, std::size_t chunk = kAnySize,
                                      const Limits& limits = {}) {
  MemorySource source(archive, chunk);
  TarReader reader(source, limits);
  std::vector<std::string> lines;
  while (true) {
    HF_TRY(const TarEntry* entry, reader.Next());
    if (entry == nullptr) return lines;
    std::string line = std::to_string(static_cast<int>(entry->type)) + " " + entry->path;
    if (!entry->link_target.empty()) line += " -> " + entry->link_target;
    line += " " + std::to_string(entry->size);
    HF_TRY(const std::string content, reader.Content().ReadText(kMiB));
    if (content.size() != entry->size) line += " READ " + std::to_string(content.size());
    lines.push_back(line);
  }
}

// Archives made by GNU tar in the format named.
std::string MakeTar(const std::string& format, const std::string& setup, const std::string& arguments) {
  const test::TemporaryFolder folder;
  test::RunCommand("cd " + folder.Path().string() + " && " + setup + " && tar --format=" + format +
                   " --sort=name --owner=0 --group=0 -cf ../tar-test.$$.tar " + arguments +
                   " && mv ../tar-test.$$.tar t.tar");
  return test::ReadFile(folder.Path() / "t.tar");
}

const std::string kLong(150, 'n');

TEST(Tar, ReadsWhatGnuTarWritesInEachFormat) {
  const std::string setup = "mkdir -p d/e && printf hello > d/e/f && ln -s ../x d/l && ln d/e/f d/h && mkfifo d/p";
  for (const std::string format : {"v7", "ustar", "gnu", "posix", "oldgnu"}) {
    // v7 has no fifos.
    const std::string archive = MakeTar(format, setup + (format == "v7" ? " && rm d/p" : ""), "d");
    std::vector<std::string> expected = {"5 d/ 0", "5 d/e/ 0", "0 d/e/f 5", "1 d/h -> d/e/f 0", "2 d/l -> ../x 0"};
    if (format != "v7") expected.push_back("6 d/p 0");
    EXPECT_EQ(Value(List(archive)), expected) << format;
  }
}

TEST(Tar, ReadsLongNames) {
  for (const std::string format : {"gnu", "posix"})
    EXPECT_EQ(Value(List(MakeTar(format, "mkdir " + kLong + " && printf x > " + kLong + "/" + kLong, kLong))),
              (std::vector<std::string>{"5 " + kLong + "/ 0", "0 " + kLong + "/" + kLong + " 1"}))
        << format;
}

TEST(Tar, ExpandsSparseFilesOfAllForms) {
  const std::string setup =
      "truncate -s 300000 s && printf tail >> s && printf head | dd of=s conv=notrunc 2>/dev/null";
  for (const std::string options :
       {"gnu -S", "posix -S --sparse-version=0.0", "posix -S --sparse-version=0.1", "posix -S --sparse-version=1.0"}) {
    const std::string archive = MakeTar(options, setup, "s");
    EXPECT_LT(archive.size(), 100'000U) << options;
    MemorySource source(archive);
    TarReader reader(source, {});
    const TarEntry* entry = Value(reader.Next());
    EXPECT_EQ(entry->path, "s") << options;
    const std::string content = Value(reader.Content().ReadText(kMiB));
    EXPECT_EQ(content, "head" + std::string(299996, '\0') + "tail") << options;
  }
}

TEST(Tar, ResultDoesNotDependOnHowTheBytesAreCut) {
  const std::string archive =
      MakeTar("posix", "mkdir d && seq 1000 > d/f && truncate -s 20000 d/s && printf x >> d/s", "-S d");
  const auto expected = Value(List(archive));
  for (const std::size_t chunk : {1U, 2U, 7U, 511U, 513U}) EXPECT_EQ(Value(List(archive, chunk)), expected) << chunk;
}

TEST(Tar, EachTruncationIsAnErrorOrAnUncleanEnd) {
  const std::string archive = MakeTar("gnu", "mkdir d && printf hello > d/f && printf x > d/" + kLong, "d");
  for (std::size_t cut = 0; cut < archive.find_last_not_of('\0'); cut += 7) {
    MemorySource source(std::string_view(archive).substr(0, cut));
    TarReader reader(source, {});
    Result<const TarEntry*> entry = nullptr;
    do entry = reader.Next();
    while (entry && *entry != nullptr);
    EXPECT_FALSE(reader.EndedCleanly()) << cut;
  }
}

TEST(Tar, AnErrorStays) {
  const std::string archive = std::string(512, 'x') + std::string(1024, '\0');
  MemorySource source(archive);
  TarReader reader(source, {});
  ExpectError(reader.Next(), ErrorKind::kCorrupt, "checksum");
  ExpectError(reader.Next(), ErrorKind::kCorrupt, "checksum");
}

TEST(Tar, LimitsAreNamed) {
  const std::string archive = MakeTar("posix", "mkdir " + kLong + " && printf x > " + kLong + "/" + kLong, kLong);
  Limits limits;
  limits.tar_header_bytes_max = 100;
  ExpectError(List(archive, kAnySize, limits), ErrorKind::kLimit, "100");
}

TEST(Tar, RealOddArchivesGiveEntriesOrErrorsButNothingElse) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared sample data";
  const test::TemporaryFolder folder;
  test::RunCommand("tar --zstd -xf " + (*shared / "archives/odd-archives.tar.zst").string() + " -C " +
                   folder.Path().string());
  int readable = 0, refused = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder.Path())) {
    if (file.path().extension() != ".tar") continue;
    const std::string archive = test::ReadFile(file.path());
    const auto whole = List(archive);
    const auto bytewise = List(archive, 3);
    ASSERT_EQ(whole.has_value(), bytewise.has_value()) << file.path();
    if (whole) {
      EXPECT_EQ(*whole, *bytewise) << file.path();
      ++readable;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(readable, 30);
  EXPECT_GT(refused, 3);
}

TEST(CleanPath, PlacesPathsBelowTheRoot) {
  const std::vector<std::pair<std::string, std::string>> cases = {{"", ""},
                                                                  {".", ""},
                                                                  {"./", ""},
                                                                  {"/", ""},
                                                                  {"a", "a"},
                                                                  {"./a/", "a"},
                                                                  {"/a//b/./c", "a/b/c"},
                                                                  {"../../etc", "etc"},
                                                                  {"a/../../b", "b"},
                                                                  {"a/b/../c", "a/c"},
                                                                  {"...", "..."},
                                                                  {"a/..", ""}};
  std::string clean;
  for (const auto& [raw, expected] : cases) {
    EXPECT_TRUE(CleanPath(raw, clean)) << raw;
    EXPECT_EQ(clean, expected) << raw;
  }
  ExpectError(CleanPath(std::string_view("a\0b", 3), clean), ErrorKind::kCorrupt);
  ExpectError(CleanPath(std::string(10'000, 'a'), clean), ErrorKind::kLimit);
}

}  // namespace
}  // namespace holdfast::io
