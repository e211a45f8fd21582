#include "model/image_analysis_wire.h"

#include <gtest/gtest.h>

#include "support/test_support.h"

namespace holdfast::model {
namespace {

ImageAnalysis Sample() {
  ImageAnalysis analysis;
  analysis.source = {.kind = "registry", .reference = "debian", .tags = {"12", "bookworm"}, .labels = {{"a", "b"}}};
  analysis.distro = {.id = "debian", .id_like = {"x", "y"}, .version_id = "12"};
  analysis.layers = {{.digest = "sha256:1", .compressed_bytes = 5, .bytes = 1ULL << 40}};
  Package package;
  package.name = "openssl";
  package.purl = {.type = "deb", .name_space = "debian", .name = "openssl", .qualifiers = {{"arch", "amd64"}}};
  package.upstreams = {{"openssl", "3"}};
  package.locations = {{"var/lib/dpkg/status", 3, false}};
  package.files = {{"usr/bin/openssl", "md5", "00"}};
  package.licenses = {{"MIT", "MIT"}};
  analysis.packages = {package, package};
  analysis.relations = {{RelationKind::kOwns, 0, 1}};
  analysis.files = 27000;
  analysis.problems = {{"x", ErrorKind::kLimit, "too long"}};
  analysis.problems_dropped = 2;
  analysis.search_id = "0f";
  analysis.search_patterns = {{SearchKind::kContent, "A", "a.*"}, {SearchKind::kSecret, "B", "b"}};
  analysis.search_hits = {{.path = "etc/x", .layer = 1, .pattern = 1, .lines = {0, 7}}};
  analysis.retrieved_files = {{"etc/passwd", std::string("root\0", 5)}};
  return analysis;
}

TEST(ImageAnalysisWire, RoundTrips) {
  const ImageAnalysis before = Sample();
  EXPECT_EQ(test::Value(DecodeImageAnalysis(EncodeImageAnalysis(before))), before);
  EXPECT_EQ(test::Value(DecodeImageSource(EncodeImageSource(before.source))), before.source);
}

TEST(ImageAnalysisWire, RefusesEachTruncationAndIndexesOutOfRange) {
  const std::string bytes = EncodeImageAnalysis(Sample());
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(DecodeImageAnalysis(bytes.substr(0, cut))) << cut;
  ImageAnalysis lying = Sample();
  lying.relations[0].to = 2;
  test::ExpectError(DecodeImageAnalysis(EncodeImageAnalysis(lying)), ErrorKind::kCorrupt, "no package");
  lying = Sample();
  lying.search_hits[0].pattern = 2;
  test::ExpectError(DecodeImageAnalysis(EncodeImageAnalysis(lying)), ErrorKind::kCorrupt, "no pattern");
}

}  // namespace
}  // namespace holdfast::model
