// Seeds of fuzz targets that read our own formats: a seed of yesterday's format would be refused at its first bytes,
// and the target would look at nothing. HOLDFAST_ACCEPT=1 writes them instead.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "model/image_analysis_wire.h"
#include "service/analyzer.h"
#include "support/image_fixtures.h"

namespace holdfast {
namespace {

using test::TarBuilder;
using test::Value;

std::string SeedPath(const std::string& target) { return HF_SOURCE_DIR "/fuzz/corpus/" + target + "/layer"; }

bool Accepts() { return std::getenv("HOLDFAST_ACCEPT") != nullptr; }

// Something of each kind that a record or an analysis has a field for.
std::string Layer() {
  return TarBuilder()
      .Folder("etc")
      .File("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n")
      .File("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
      .Link("etc/link", "passwd")
      .Link("etc/hard", "etc/passwd", io::TarType::kHardLink)
      .Link("etc/nowhere", "etc/missing", io::TarType::kHardLink)
      .File("etc/.wh.gone", "")
      .File("root/key",
            "AKIAIOSFODNN7EXAMPLE aws_access_key_id\n-----BEGIN "
            "RSA PRIVATE KEY-----\n")
      .File("var/lib/dpkg/status",
            "Package: a\nStatus: install ok installed\nVersion: 1:1-1\nArchitecture: all\nSource: b (1-1)\n"
            "Maintainer: M <m@example.org>\nDepends: c (>= 1) | d\nInstalled-Size: 3\n\n")
      .File("var/lib/dpkg/info/a.list",
            "/.\n/etc\n/etc/passwd\n/usr/lib/python3/dist-packages/p-1.dist-info/METADATA\n")
      .File("var/lib/dpkg/info/a.md5sums", "d41d8cd98f00b204e9800998ecf8427e  etc/passwd\n")
      .File("usr/share/doc/a/copyright",
            "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nLicense: GPL-2+\n")
      .File("usr/lib/python3/dist-packages/p-1.dist-info/METADATA", "Name: p\nVersion: 1\nLicense: MIT\n")
      .File("usr/lib/node_modules/n/package.json", R"({"name":"n","version":"1.0.0","license":"ISC","author":"A"})")
      .File("usr/lib/node_modules/broken/package.json", R"({"name":)")
      .Text();
}

class SeedsTest : public testing::Test {
 protected:
  [[nodiscard]] std::string Analysis(const std::string& record) const {
    return model::EncodeImageAnalysis(Value(analyzer_->AnalyzeImage({record}, {})));
  }
  [[nodiscard]] std::string Record() const {
    const std::string layer = Layer();
    io::MemorySource source(layer);
    return Value(analyzer_->AnalyzeLayer(source, {}));
  }

  std::unique_ptr<service::Analyzer> analyzer_ =
      Value(service::MakeLocalAnalyzer(Limits{}, catalog::DefaultSearchConfig()));
};

TEST_F(SeedsTest, ALayerRecordIsOfTodaysFormat) {
  const std::string record = Record();
  if (Accepts()) test::WriteFile(SeedPath("layer_record"), record);
  // What it says, not its bytes: those are a matter of the compressor.
  EXPECT_EQ(Analysis(test::ReadFile(SeedPath("layer_record"))), Analysis(record))
      << "set HOLDFAST_ACCEPT=1 to write it";
}

TEST_F(SeedsTest, AnImageAnalysisIsOfTodaysFormat) {
  const std::string analysis = Analysis(Record());
  if (Accepts()) test::WriteFile(SeedPath("image_analysis"), analysis);
  EXPECT_EQ(test::ReadFile(SeedPath("image_analysis")), analysis) << "set HOLDFAST_ACCEPT=1 to write it";
}

TEST_F(SeedsTest, TheyHaveSomethingOfEachKind) {
  const auto analysis = Value(model::DecodeImageAnalysis(Analysis(Record())));
  EXPECT_EQ(analysis.packages.size(), 3U);
  EXPECT_FALSE(analysis.relations.empty());
  EXPECT_FALSE(analysis.problems.empty());
  EXPECT_FALSE(analysis.search_hits.empty());
}

}  // namespace
}  // namespace holdfast
