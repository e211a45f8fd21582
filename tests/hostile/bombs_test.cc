// Small layers that ask for much: time that grows with the square of their size, memory that grows with what they
// claim. Each is read in bounded memory to a result that says what was cut.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "io/decompress.h"
#include "service/analyzer.h"
#include "support/image_fixtures.h"
#include "support/peak_memory.h"

namespace holdfast {
namespace {

using io::TarType;
using model::ImageAnalysis;
using test::TarBuilder;

// Text made piece by piece while it is read, so that the test itself holds none of it.
class GeneratedSource final : public io::ByteSource {
 public:
  GeneratedSource(std::uint64_t pieces, std::function<std::string(std::uint64_t)> make)
      : pieces_(pieces), make_(std::move(make)) {}
  Result<Bytes> Next(std::size_t max) override {
    while (rest_.empty() && next_ < pieces_) {
      piece_ = make_(next_++);
      rest_ = AsBytes(piece_);
    }
    const Bytes view = rest_.first(std::min(max, rest_.size()));
    rest_ = rest_.subspan(view.size());
    return view;
  }

 private:
  std::uint64_t pieces_, next_ = 0;
  std::function<std::string(std::uint64_t)> make_;
  std::string piece_;
  Bytes rest_;
};

Result<ImageAnalysis> Analyse(io::ByteSource& layer, const Limits& limits = {}) {
  const auto analyzer = service::MakeLocalAnalyzer(limits);
  HF_TRY(auto record, analyzer->AnalyzeLayer(layer, {}));
  return analyzer->AnalyzeImage({std::move(record)}, {});
}

ImageAnalysis Analysed(const std::string& layer, const Limits& limits = {}) {
  io::MemorySource source(layer, 65536);
  return test::Value(Analyse(source, limits));
}

bool Says(const ImageAnalysis& analysis, std::string_view part) {
  return std::any_of(analysis.problems.begin(), analysis.problems.end(), [&](const Problem& problem) {
    return (problem.path + ": " + problem.message).find(part) != std::string::npos;
  });
}

void ExpectGrowthBelow(const test::PeakMemory& memory, std::uint64_t bytes_max) {
  if (const auto growth = memory.GrowthBytes())
    EXPECT_LT(*growth, bytes_max);
  else
    std::printf("memory is not measured under sanitizers\n");
}

// A header of one of the types that stand in front of an entry, with its payload.
std::string Extra(char type, const std::string& payload) {
  std::string block = image::TarHeader({.path = "extra", .mode = 0644, .size = payload.size()});
  block[156] = type;
  unsigned sum = 8 * ' ';
  for (std::size_t i = 0; i < 512; ++i)
    if (i < 148 || i >= 156) sum += static_cast<unsigned char>(block[i]);
  block.replace(148, 7, Format("{:06o}", sum) + '\0');
  return block + payload + std::string(image::TarPadding(payload.size()), '\0');
}

std::string PaxRecord(const std::string& key, const std::string& value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t size = rest + 1;
  while (std::to_string(size).size() + rest != size) size = std::to_string(size).size() + rest;
  return Format("{} {}={}\n", size, key, value);
}

TEST(Bombs, HeadersInFrontOfOneEntryHaveOneLimit) {
  const std::string attribute = Extra('x', PaxRecord("SCHILY.xattr.user.x", std::string(500'000, 'v')));
  const std::string file = TarBuilder().File("before", "1").Text().substr(0, 1024);
  const test::PeakMemory memory;
  GeneratedSource source(1000, [&](std::uint64_t i) { return i == 0 ? file : attribute; });
  const ImageAnalysis analysis = test::Value(Analyse(source));
  EXPECT_TRUE(Says(analysis, "limit 1048576"));
  EXPECT_EQ(analysis.files, 1U);
  ExpectGrowthBelow(memory, 64 * kMiB);
}

TEST(Bombs, NamesOfAMebibyteAreNotKept) {
  const std::string entry =
      Extra('L', std::string(1'000'000, 'n')) + image::TarHeader({.path = "x", .mode = 0644, .size = 0});
  const test::PeakMemory memory;
  GeneratedSource source(500, [&](std::uint64_t) { return entry; });
  const ImageAnalysis analysis = test::Value(Analyse(source));
  EXPECT_TRUE(Says(analysis, "a path of 1000000 bytes"));
  for (const Problem& problem : analysis.problems) EXPECT_LT(problem.path.size(), 5000U);
  ExpectGrowthBelow(memory, 64 * kMiB);
}

// GNU.sparse 1.0 without a single part: one block of map stands for 8 EiB of zeros.
std::string SparseFile(const std::string& path, const std::string& size) {
  return Extra('x', PaxRecord("GNU.sparse.major", "1") + PaxRecord("GNU.sparse.minor", "0") +
                        PaxRecord("GNU.sparse.name", path) + PaxRecord("GNU.sparse.realsize", size)) +
         TarBuilder().File("s", "0\n" + std::string(510, '\0')).Text().substr(0, 1024);
}

TEST(Bombs, HolesOfExbibytesAreNotFilled) {
  const ImageAnalysis analysis = Analysed(SparseFile("var/log/lastlog", "9223372036854775000") +
                                          SparseFile("small", "1000000") + TarBuilder().File("after", "1").Text());
  EXPECT_TRUE(Says(analysis, "var/log/lastlog: a sparse file with 9223372036854775000 bytes of holes is not read"));
  EXPECT_EQ(analysis.problems.size(), 1U);
  EXPECT_EQ(analysis.files, 5U);
}

TEST(Bombs, ManyHolesShareOneBudget) {
  Limits limits;
  limits.layer_hole_bytes_max = 10'000'000;
  std::string tar;
  for (int i = 0; i < 10; ++i) tar += SparseFile("s" + std::to_string(i), "3000000");
  const ImageAnalysis analysis = Analysed(tar + image::TarEnd(), limits);
  EXPECT_EQ(analysis.problems.size(), 7U);
  EXPECT_EQ(analysis.files, 10U);
}

TEST(Bombs, EvidenceOfALayerHasALimit) {
  Limits limits;
  limits.evidence_layer_bytes_max = 8 * kMiB;
  // Text that does not compress.
  std::string noise(1'000'000, '\0');
  std::uint32_t state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  const test::PeakMemory memory;
  GeneratedSource source(101, [&](std::uint64_t i) {
    if (i == 100) return TarBuilder().File("node_modules/last/package.json", R"({"name":"l","version":"1"})").Text();
    const std::string path = Format("node_modules/p{}/package.json", i);
    return image::TarHeader({.path = path, .mode = 0644, .size = noise.size()}) + noise +
           std::string(image::TarPadding(noise.size()), '\0');
  });
  const ImageAnalysis analysis = test::Value(Analyse(source, limits));
  EXPECT_TRUE(Says(analysis, "what is kept of this layer takes more than 8388608 bytes"));
  ExpectGrowthBelow(memory, 96 * kMiB);
}

TEST(Bombs, LinksThroughLinksHaveABudgetOfSteps) {
  std::string target;
  for (int i = 0; i < 800; ++i) target += "d/../";
  TarBuilder tar;
  tar.Folder("d").Folder("end");
  for (int i = 0; i < 250; ++i)
    tar.Link("l" + std::to_string(i), target + (i == 0 ? "end" : "l" + std::to_string(i - 1)));
  // Files of one folder after one another look for it once: these take turns.
  for (int i = 0; i < 3000; ++i) tar.File("l24" + std::to_string(8 + i % 2) + "/f" + std::to_string(i), "");
  EXPECT_TRUE(Says(Analysed(tar.Text()), "too many steps"));
}

TEST(Bombs, HardLinksToNowhereAreCounted) {
  Limits limits;
  limits.problems_max = 100;
  const std::string target(4000, 't');
  const test::PeakMemory memory;
  GeneratedSource source(20'001, [&](std::uint64_t i) {
    if (i == 20'000) return image::TarEnd();
    return image::TarHeader({.path = "l" + std::to_string(i), .link_target = target, .type = TarType::kHardLink});
  });
  const ImageAnalysis analysis = test::Value(Analyse(source, limits));
  EXPECT_EQ(analysis.problems.size(), 100U);
  EXPECT_EQ(analysis.problems_dropped, 19'900U);
  ExpectGrowthBelow(memory, 320 * kMiB);
}

TEST(Bombs, ColonsInNamesOfArchivesAreCheap) {
  std::string dpkg = "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n", list = "/.\n";
  for (int i = 0; i < 100; ++i) list += Format("/usr/f{}\n", i);
  TarBuilder tar;
  tar.File("var/lib/dpkg/status", dpkg).File("var/lib/dpkg/info/a.list", list);
  for (int i = 0; i < 100; ++i) tar.File(Format("usr/f{}", i), "");
  const std::string colons(3900, ':');
  for (int i = 0; i < 500; ++i)
    tar.File(Format("opt/{}{}/node_modules/x/package.json", colons, i), R"({"name":"x","version":"1"})");
  EXPECT_EQ(Analysed(tar.Text()).packages.size(), 501U);
}

// Quadratic if each of a path's folders were looked at.
TEST(Bombs, AFileListOfOneEndlessPathIsCheap) {
  std::string path;
  for (int i = 0; i < 1'000'000; ++i) path += "/a";
  const ImageAnalysis analysis =
      Analysed(TarBuilder()
                   .File("var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nVersion: 1\n")
                   .File("var/lib/dpkg/info/a.list", "/.\n/usr\n/usr/f\n" + path + "\n")
                   .Text());
  ASSERT_EQ(analysis.packages.size(), 1U);
  EXPECT_EQ(analysis.packages[0].files.size(), 1U);
}

TEST(Bombs, CompressedTwiceIsNoLayer) {
  const test::TemporaryFolder folder;
  const std::string inner = (folder.Path() / "inner").string();
  for (const char* tool : {"gzip", "zstd", "xz", "bzip2"}) {
    test::WriteFile(inner, TarBuilder().File("a", "b").Text());
    const std::string twice = test::RunCommand(Format("{} -c < {} | {} -c", tool, inner, tool));
    io::MemorySource source(twice, 4096);
    EXPECT_FALSE(Analyse(source)) << tool;
  }
}

}  // namespace
}  // namespace holdfast
