// Searching in files that were made to cost much or to hide: through the analyzer, as layers come.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "image/tar_header.h"
#include "service/analyzer.h"
#include "support/image_fixtures.h"
#include "support/peak_memory.h"

namespace holdfast {
namespace {

using catalog::SearchConfig;
using model::ImageAnalysis;
using test::TarBuilder;
using test::Value;

const std::string kBegin =
    "-----BEGIN "
    "PRIVATE KEY-----\n";

// A source of `head`, then `fill` again and again up to `size` bytes, then `tail`.
class RepeatingSource final : public io::ByteSource {
 public:
  RepeatingSource(std::string head, const std::string& fill, std::uint64_t size, std::string tail)
      : head_(std::move(head)), tail_(std::move(tail)), left_(size) {
    while (block_.size() < 65536) block_ += fill;
  }
  Result<Bytes> Next(std::size_t max) override {
    if (!head_.empty()) return Give(std::exchange(head_, {}));
    if (left_ > 0) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>({left_, max, block_.size()}));
      left_ -= size;
      return AsBytes(block_).first(size);
    }
    return Give(std::exchange(tail_, {}));
  }

 private:
  Bytes Give(std::string text) {
    given_ = std::move(text);
    return AsBytes(given_);
  }

  std::string head_, tail_, given_, block_;
  std::uint64_t left_;
};

SearchConfig Everything() {
  SearchConfig config = catalog::DefaultSearchConfig();
  config.contents.patterns = {{"TOKEN", ".*token"}};
  config.secrets.file_bytes_max = config.contents.file_bytes_max = 2 * kGiB;
  return config;
}

ImageAnalysis Analysed(const std::vector<std::string>& layers, const SearchConfig& config, const Limits& limits = {}) {
  const auto analyzer = Value(service::MakeLocalAnalyzer(limits, config));
  std::vector<std::string> records;
  for (const std::string& layer : layers) {
    io::MemorySource source(layer, 4099);
    records.push_back(Value(analyzer->AnalyzeLayer(source, {})));
  }
  return Value(analyzer->AnalyzeImage(records, {}));
}

std::string HitsOf(const ImageAnalysis& analysis) {
  std::string text;
  for (const auto& hit : analysis.search_hits) {
    text += Format("{} in {}:", analysis.search_patterns[hit.pattern].name, hit.path);
    for (const std::uint64_t line : hit.lines) text += Format(" {}", line);
    text += "; ";
  }
  return text;
}

bool Says(const ImageAnalysis& analysis, std::string_view part) {
  return std::ranges::any_of(analysis.problems, [&](const Problem& problem) {
    return (problem.path + ": " + problem.message).find(part) != std::string::npos;
  });
}

TEST(HostileSearch, OnlyWhatIsVisibleCounts) {
  const std::string below = TarBuilder()
                                .File("app/key", "x\n" + kBegin)
                                .File("app/gone", "token")
                                .File("app/replaced", "token")
                                .File("etc/passwd", "root:below")
                                .Text();
  const std::string above = TarBuilder()
                                .File("app/.wh.gone", "")
                                .File("app/replaced", "nothing\ntoken")
                                .Link("app/same", "app/key", io::TarType::kHardLink)
                                .File("etc/.wh.passwd", "")
                                .Text();
  const auto both = Analysed({below, above}, Everything());
  EXPECT_EQ(HitsOf(both), "PRIV_KEY in app/key: 1; TOKEN in app/replaced: 1; PRIV_KEY in app/same: 1; ");
  EXPECT_EQ(both.search_hits.front().layer, 0U);
  EXPECT_TRUE(both.retrieved_files.empty());
  EXPECT_EQ(both.search_id, Everything().Id());
  EXPECT_TRUE(both.problems.empty());
  const auto first = Analysed({below}, Everything());
  EXPECT_EQ(first.retrieved_files, (std::vector<model::RetrievedFile>{{"etc/passwd", "root:below"}}));
  // Nothing is known when nothing was searched.
  const auto none = Analysed({below}, {});
  EXPECT_TRUE(none.search_id.empty() && none.search_hits.empty() && none.retrieved_files.empty());
}

TEST(HostileSearch, RetrievedFilesFollowLinksAndHaveLimits) {
  SearchConfig config;
  config.retrieved_paths = {"etc/link", "etc/target", "etc/large", "etc/folder", "etc/empty", "var/lib/dpkg/status"};
  config.retrieved_file_bytes_max = 100;
  const std::string status = "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n";
  const auto analysis = Analysed({TarBuilder()
                                      .File("etc/target", "content")
                                      .Link("etc/link", "target")
                                      .File("etc/large", std::string(101, 'x'))
                                      .Folder("etc/folder")
                                      .File("etc/empty", "")
                                      .File("var/lib/dpkg/status", status)
                                      .Text()},
                                 config);
  EXPECT_EQ(
      analysis.retrieved_files,
      (std::vector<model::RetrievedFile>{
          {"etc/empty", ""}, {"etc/link", "content"}, {"etc/target", "content"}, {"var/lib/dpkg/status", status}}));
  EXPECT_TRUE(Says(analysis, "etc/large: 101 bytes, too large to be retrieved"));
  EXPECT_EQ(analysis.packages.size(), 1U);  // evidence, too
  Limits limits;
  limits.retrieved_bytes_max = 10;
  config.retrieved_paths = {"a", "b"};
  const auto cut = Analysed({TarBuilder().File("a", "123456").File("b", "123456").Text()}, config, limits);
  EXPECT_EQ(cut.retrieved_files.size(), 1U);
  EXPECT_TRUE(Says(cut, "b: not retrieved"));
}

TEST(HostileSearch, OneLineOfAGibibyteTakesLittleMemory) {
  const std::uint64_t size = kGiB;
  const std::string tail = "token";
  for (const std::string& fill : {std::string("x"), std::string("api_key ")}) {
    RepeatingSource layer(image::TarHeader({.path = "line", .mode = 0644, .size = size + tail.size()}), fill, size,
                          tail + std::string(image::TarPadding(tail.size()), '\0') + image::TarEnd());
    const auto analyzer = Value(service::MakeLocalAnalyzer({}, Everything()));
    const test::PeakMemory memory;
    const auto record = Value(analyzer->AnalyzeLayer(layer, {}));
    if (const auto growth = memory.GrowthBytes()) EXPECT_LT(*growth, 64 * kMiB);
    const auto analysis = Value(analyzer->AnalyzeImage({record}, {}));
    // Either found, or the budget was spent and that is said.
    EXPECT_TRUE(HitsOf(analysis) == "TOKEN in line: 0; " || Says(analysis, "is not searched")) << HitsOf(analysis);
    if (fill == "x") EXPECT_EQ(HitsOf(analysis), "TOKEN in line: 0; ");
  }
}

TEST(HostileSearch, AMillionMatchesAreCutAndSaid) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "token\n";
  const auto analysis = Analysed({TarBuilder().File("a", text).File("b", "token").Text()}, Everything());
  ASSERT_EQ(analysis.search_hits.size(), 2U);
  EXPECT_EQ(analysis.search_hits[0].lines.size(), Limits{}.search_lines_max);
  EXPECT_TRUE(Says(analysis, "a: more than 1000 lines match one pattern"));
  // Links multiply what is shown of one file.
  TarBuilder links;
  links.File("0", text);
  for (int i = 1; i < 50; ++i) links.Link(Format("{}", i), "0", io::TarType::kHardLink);
  Limits limits;
  limits.search_layer_lines_max = 10'000;
  const auto many = Analysed({links.Text()}, Everything(), limits);
  EXPECT_EQ(many.search_hits.size(), 10U);
  EXPECT_TRUE(Says(many, "searches hit more than 10000 lines"));
}

TEST(HostileSearch, ExpressionsThatCannotBeUsedAreRefused) {
  SearchConfig config;
  config.contents.patterns = {{"BOMB", "((a{1,1000}){1,1000}){1,1000}"}};
  test::ExpectError(service::MakeLocalAnalyzer({}, config), ErrorKind::kInvalidInput);
}

TEST(HostileSearch, RecordsOfOtherSearchesAreNotTakenForNothing) {
  const std::string layer = TarBuilder().File("a", "token").Text();
  io::MemorySource source(layer);
  const auto record = Value(service::MakeLocalAnalyzer({})->AnalyzeLayer(source, {}));
  const auto analyzer = Value(service::MakeLocalAnalyzer({}, Everything()));
  EXPECT_TRUE(Says(Value(analyzer->AnalyzeImage({record}, {})), "made with other searches"));
}

}  // namespace
}  // namespace holdfast
