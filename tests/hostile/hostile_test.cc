// Families of hostile input through the real entry points: a layer into the analyzer, its record into an image
// analysis. Each ends in a result, a result that says what is missing, or one clear error, in bounded memory.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include "cli/report.h"
#include "service/analyzer.h"
#include "support/image_fixtures.h"
#include "support/zip_builder.h"

namespace holdfast {
namespace {

using io::TarType;
using model::ImageAnalysis;
using test::TarBuilder;

Result<ImageAnalysis> Analyse(const std::vector<std::string>& layers, const Limits& limits = {}) {
  const auto analyzer = service::MakeLocalAnalyzer(limits);
  std::vector<std::string> records;
  for (const std::string& layer : layers) {
    io::MemorySource source(layer, 65536);
    HF_TRY(auto record, analyzer->AnalyzeLayer(source, {}));
    records.push_back(std::move(record));
  }
  return analyzer->AnalyzeImage(records, {});
}

ImageAnalysis Analysed(const std::vector<std::string>& layers, const Limits& limits = {}) {
  return test::Value(Analyse(layers, limits));
}

bool Says(const ImageAnalysis& analysis, std::string_view part) {
  return std::any_of(analysis.problems.begin(), analysis.problems.end(), [&](const Problem& problem) {
    return (problem.path + ": " + problem.message).find(part) != std::string::npos;
  });
}

std::string Pack(const std::string& tool, const std::string& content) {
  const test::TemporaryFolder folder;
  test::WriteFile(folder.Path() / "in", content);
  return test::RunCommand(tool + " -c < " + (folder.Path() / "in").string());
}

bool IsSoak() {
  const char* soak = std::getenv("HOLDFAST_SOAK");
  return soak != nullptr && *soak != '\0';
}

// A source of `head`, then `size` bytes made on the way, then nothing.
class EndlessSource final : public io::ByteSource {
 public:
  EndlessSource(std::string head, char fill, std::uint64_t size)
      : head_(std::move(head)), rest_(AsBytes(head_)), block_(65536, fill), left_(size) {}
  Result<Bytes> Next(std::size_t max) override {
    if (!rest_.empty()) {
      const Bytes view = rest_.first(std::min(max, rest_.size()));
      rest_ = rest_.subspan(view.size());
      return view;
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>({left_, max, block_.size()}));
    left_ -= size;
    return AsBytes(block_).first(size);
  }

 private:
  std::string head_;
  Bytes rest_;
  std::string block_;
  std::uint64_t left_;
};

// 1. Paths.

TEST(HostilePaths, NeverLeaveTheRootAndMeanOneFile) {
  const std::string status = "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n";
  for (const char* path :
       {"../../var/lib/dpkg/status", "/var/lib/dpkg/status", "./var//lib/./dpkg/status", "var/x/../lib/dpkg/status"}) {
    const ImageAnalysis analysis = Analysed({TarBuilder().File(path, status).Text()});
    ASSERT_EQ(analysis.packages.size(), 1U) << path;
    EXPECT_EQ(analysis.packages[0].locations[0].path, "var/lib/dpkg/status");
  }
}

TEST(HostilePaths, OddNamesAreKeptAndLongOnesReported) {
  const ImageAnalysis analysis =
      Analysed({TarBuilder().File("a\\b", "").File("caf\xe9", "").File("A", "").File("a", "").Text()});
  EXPECT_EQ(analysis.files, 4U);
  std::string deep;
  for (int i = 0; i < 3000; ++i) deep += "d/";
  // A PAX header with a path that no file system would take.
  const std::string record = " path=" + deep + "x\n";
  const std::string pax = std::to_string(record.size() + 4) + record;
  std::string tar = image::TarHeader({.path = "pax", .mode = 0644, .size = pax.size()});
  tar[156] = 'x';
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(tar[i]);
  const std::string checksum = Format("{:06o}", sum);
  tar.replace(148, 6, checksum).replace(154, 2, std::string("\0 ", 2));
  tar += pax + std::string(image::TarPadding(pax.size()), '\0') + TarBuilder().File("y", "z").Text();
  EXPECT_TRUE(Says(Analysed({tar}), "limit 4352"));
}

// 2. Links.

TEST(HostileLinks, LoopsChainsAndLinksToNowhereEnd) {
  TarBuilder chain;
  for (int i = 0; i < 100'000; ++i) chain.Link("l" + std::to_string(i), "l" + std::to_string(i + 1));
  chain.Link("loop", "loop")
      .Link("out", "/../../../../etc/shadow")
      .Link("hard", "missing", TarType::kHardLink)
      .File("loop/x", "y");
  const ImageAnalysis analysis = Analysed({chain.Text()});
  EXPECT_TRUE(Says(analysis, "loop of symbolic links"));
  EXPECT_TRUE(Says(analysis, "not a file of the image"));
  EXPECT_EQ(analysis.files, 100'002U);
}

TEST(HostileLinks, HardLinksToRemovedOrLaterFilesAreReported) {
  const ImageAnalysis removed = Analysed(
      {TarBuilder().File("a", "1").Text(), TarBuilder().File(".wh.a", "").Link("b", "a", TarType::kHardLink).Text()});
  EXPECT_TRUE(Says(removed, "not a file of the image"));
  EXPECT_TRUE(Says(Analysed({TarBuilder().Link("b", "later", TarType::kHardLink).File("later", "1").Text()}),
                   "not a file of the image"));
}

// 3. Sizes.

TEST(HostileSizes, AClaimOfEightExbibytesIsATruncatedLayer) {
  std::string tar = TarBuilder().File("before", "1").File("x", "tiny").Text();
  // The size field of the second entry, in base 256.
  tar.replace(1024 + 124, 12, std::string("\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12));
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(tar[1024 + i]);
  tar.replace(1024 + 148, 6, Format("{:06o}", sum));
  const ImageAnalysis analysis = Analysed({tar});
  EXPECT_TRUE(Says(analysis, "impossible size") || Says(analysis, "truncated"));
  EXPECT_GE(analysis.files, 1U);
}

TEST(HostileSizes, NegativeSizesAndBrokenHeadersEndTheLayerNotTheProgram) {
  std::string tar = TarBuilder().File("before", "1").File("x", "tiny").Text();
  tar.replace(1024 + 124, 12, std::string(12, '\xff'));
  EXPECT_TRUE(Says(Analysed({tar}), "tar: "));
}

// 4. Bombs.

TEST(HostileBombs, CompressionBombsHitTheLimitThatIsNamed) {
  const std::string zeros(60'000'000, '\0');
  Limits limits;
  limits.layer_bytes_max = 10'000'000;
  for (const char* tool : {"gzip -9", "zstd -19", "xz", "bzip2"}) {
    const auto analysis = Analyse({Pack(tool, TarBuilder().File("a", "b").Text().substr(0, 1024) + zeros)}, limits);
    // An empty rest is the end of the archive: the files before it are there, and what follows it is too long.
    ASSERT_TRUE(analysis) << tool;
    EXPECT_TRUE(Says(*analysis, "10000000 bytes")) << tool;
  }
}

TEST(HostileBombs, AnArchiveInAnArchiveInALayerCounts) {
  Limits limits;
  limits.archive_inflated_floor_bytes = 1'000'000;
  limits.archive_inflated_ratio_max = 2;
  const test::TemporaryFolder folder;
  test::RunCommand("cd " + folder.Path().string() +
                   " && head -c 30000000 /dev/zero > z.jar && python3 -c \"import zipfile; "
                   "zipfile.ZipFile('b.jar','w',zipfile.ZIP_DEFLATED).write('z.jar')\"");
  EXPECT_TRUE(Says(Analysed({TarBuilder().File("app/b.jar", test::ReadFile(folder.Path() / "b.jar")).Text()}, limits),
                   "inflates to more"));
}

TEST(HostileBombs, MillionsOfEmptyFilesFitOrAreCut) {
  const int count = IsSoak() ? 10'000'000 : 300'000;
  std::string tar;
  tar.reserve(static_cast<std::size_t>(count) * 512);
  for (int i = 0; i < count; ++i) tar += image::TarHeader({.path = "f" + std::to_string(i), .mode = 0644, .size = 0});
  Limits limits;
  limits.inventory_bytes_max = 8 * kMiB;
  const ImageAnalysis cut = Analysed({tar + image::TarEnd()}, limits);
  EXPECT_TRUE(Says(cut, "the list of files takes more than"));
  EXPECT_GT(cut.files, 50'000U);
  if (!IsSoak()) {
    EXPECT_EQ(Analysed({tar + image::TarEnd()}).files, static_cast<std::uint64_t>(count));
  }
}

TEST(HostileBombs, AMillionWhiteoutsAndDeepFoldersEnd) {
  TarBuilder whiteouts;
  for (int i = 0; i < 200'000; ++i) whiteouts.File(".wh.f" + std::to_string(i), "");
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "d/";
  EXPECT_EQ(Analysed({whiteouts.Text(), whiteouts.Text()}).files, 0U);
  EXPECT_GT(Analysed({TarBuilder().File(deep.substr(0, 200) + "x", "").Text()}).files, 50U);
}

TEST(HostileBombs, AFileOfOneEndlessLineIsNotKept) {
  const std::uint64_t size = IsSoak() ? 4 * kGiB : 200 * kMiB;
  EndlessSource source(image::TarHeader({.path = "app/node_modules/x/package.json", .mode = 0644, .size = size}), 'a',
                       size);
  const auto analyzer = service::MakeLocalAnalyzer({});
  const auto record = analyzer->AnalyzeLayer(source, {});
  ASSERT_TRUE(record);
  EXPECT_LT(record->size(), 1'000'000U);
  EXPECT_TRUE(Says(test::Value(analyzer->AnalyzeImage({*record}, {})), "too large to read packages from"));
}

// 5. Package databases.

TEST(HostileDatabases, BrokenRecordsAreReportedAndTheRestIsKept) {
  const std::string dpkg =
      "Package: good\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\nno colon here\n\nPackage";
  const std::string apk = "P:good\nV:1-r0\nA:x86_64\n\nP\n\nP:two\nV:2-r0\n";
  const ImageAnalysis analysis =
      Analysed({TarBuilder().File("var/lib/dpkg/status", dpkg).File("lib/apk/db/installed", apk).Text()});
  EXPECT_GE(analysis.packages.size(), 2U);
  EXPECT_FALSE(analysis.problems.empty());
}

TEST(HostileDatabases, TruncatedRpmDatabasesNeverCrash) {
  const std::string folder = std::string(HF_SOURCE_DIR) + "/src/catalog/rpm/testdata/";
  for (const auto& [file, name] :
       {std::pair("small_rpmdb.sqlite", "rpmdb.sqlite"), std::pair("small_Packages.db", "Packages.db"),
        std::pair("small_Packages_1234", "Packages")}) {
    const std::string database = test::ReadFile(folder + file);
    EXPECT_EQ(Analysed({TarBuilder().File(std::string("var/lib/rpm/") + name, database).Text()}).packages.size(), 2U)
        << file;
    for (std::size_t cut = 0; cut < database.size(); cut += database.size() / 40)
      (void)Analysed({TarBuilder().File(std::string("var/lib/rpm/") + name, database.substr(0, cut)).Text()});
  }
}

// 6. Documents.

TEST(HostileDocuments, PackageMetadataOfTheWrongShapeIsReported) {
  std::string nested = "{\"name\":\"x\",\"version\":\"1\",\"license\":";
  for (int i = 0; i < 5000; ++i) nested += "[";
  const ImageAnalysis analysis =
      Analysed({TarBuilder()
                    .File("node_modules/a/package.json", nested)
                    .File("node_modules/b/package.json", "{\"name\":[1],\"version\":{}}")
                    .File("node_modules/c/package.json", "{\"name\":\"c\",\"version\":\"1\",\"name\":\"c\"}")
                    .File("x-1.dist-info/METADATA", std::string(1'000'000, ':'))
                    .Text()});
  EXPECT_FALSE(analysis.problems.empty());
}

// 8. Whatever is no layer at all.

TEST(HostileLayers, WhatIsNoTarIsOneClearError) {
  for (const std::string& bytes : {std::string("hello"), std::string(10'000, 'x'), std::string("\x1f\x8b\x08garbage"),
                                   std::string("\x28\xb5\x2f\xfd")})
    EXPECT_FALSE(Analyse({bytes})) << bytes.substr(0, 10);
  EXPECT_EQ(Analysed({std::string()}).files, 0U);
  EXPECT_EQ(Analysed({image::TarEnd()}).files, 0U);
}

TEST(HostileLayers, EachTruncationGivesAPartialResultOrAnError) {
  const std::string layer =
      Pack("gzip", TarBuilder().File("a", std::string(5000, 'a')).File("var/lib/dpkg/status", "Package: a\n").Text());
  for (std::size_t cut = 1; cut < layer.size(); ++cut) {
    const auto analysis = Analyse({layer.substr(0, cut)});
    EXPECT_TRUE(!analysis || std::any_of(analysis->problems.begin(), analysis->problems.end(), &MakesPartial)) << cut;
  }
}

// 9. Output.

TEST(HostileOutput, NamesCannotForgeLinesOrMoveTheCursor) {
  const std::string evil = "{\"name\":\"x\\u001b[2J\\r\\n=cmd()|evil<script>\",\"version\":\"1\\u202e\"}";
  const ImageAnalysis analysis = Analysed({TarBuilder().File("node_modules/x/package.json", evil).Text()});
  model::Finding finding{.package = 0, .id = "CVE-1\r\x1b[2J", .advisory_id = "x\r"};
  finding.summary = finding.source = finding.published = "\x1b[2J\r\n=cmd()";
  finding.aliases = finding.fixed_versions = {finding.summary};
  finding.references = {{finding.summary, finding.summary}};
  finding.cvss = {{finding.summary, finding.summary, finding.summary}};
  const auto custom =
      report::Template::Parse("{{#packages}}{{{name}}}{{/packages}}{{#findings}}{{{summary}}}{{/findings}}");
  ASSERT_TRUE(custom);
  for (const std::string& format : cli::ReportFormats(true)) {
    io::StringSink sink;
    const cli::ReportInput input{
        .analysis = analysis, .with_findings = true, .findings = {&finding, 1}, .custom = &*custom};
    ASSERT_TRUE(cli::WriteReport(format, input, {.width = 80, .color = false}, sink)) << format;
    EXPECT_EQ(sink.Text().find('\x1b'), std::string::npos) << format;
    const std::size_t returns = static_cast<std::size_t>(std::ranges::count(sink.Text(), '\r'));
    EXPECT_EQ(returns, format == "csv" ? 2U : 0U) << format;  // the ends of its two lines
  }
}

}  // namespace
}  // namespace holdfast
