#include "image/manifest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "image/platform.h"
#include "image/resolve.h"
#include "support/image_fixtures.h"
#include "support/test_support.h"

namespace holdfast::image {
namespace {

using test::ExpectError;
using test::FakeImage;
using test::Value;

const std::string kHex(64, 'a');
const std::string kDescriptor = R"({"mediaType":"x","digest":"sha256:)" + kHex + R"(","size":3})";
const std::string kManifestText =
    R"({"schemaVersion":2,"config":)" + kDescriptor + R"(,"layers":[)" + kDescriptor + "]}";
const std::string kIndexText = R"({"schemaVersion":2,"manifests":[)" + kDescriptor + "]}";

Result<Document> Parse(const std::string& json, std::string_view type = "") { return ParseDocument(json, type, {}); }

TEST(Manifest, ReadsManifestsAndIndexes) {
  const auto manifest = std::get<Manifest>(Value(Parse(kManifestText, kDockerManifest)));
  EXPECT_EQ(manifest.media_type, kDockerManifest);
  ASSERT_EQ(manifest.layers.size(), 1U);
  EXPECT_EQ(manifest.layers[0].size_bytes, 3U);
  EXPECT_EQ(manifest.config.digest.Hex(), kHex);
  const auto index =
      std::get<Index>(Value(Parse(kIndexText, "application/vnd.oci.image.index.v1+json; charset=utf-8")));
  EXPECT_EQ(index.manifests.size(), 1U);
}

TEST(Manifest, DocumentsWithTwoReadingsAreRefused) {
  const std::string both = R"({"schemaVersion":2,"config":)" + kDescriptor + R"(,"layers":[],"manifests":[]})";
  ExpectError(Parse(both), ErrorKind::kCorrupt, "both a manifest and an index");
  ExpectError(Parse(kManifestText, kOciIndex), ErrorKind::kCorrupt, "announced as");
  ExpectError(Parse(kIndexText, kDockerManifest), ErrorKind::kCorrupt, "announced as");
  const auto with = [](std::string text, const std::string& member) { return text.insert(1, member + ","); };
  ExpectError(Parse(with(kManifestText, R"("mediaType":"application/vnd.oci.image.index.v1+json")")),
              ErrorKind::kCorrupt, "mediaType is");
  ExpectError(Parse(with(kManifestText, R"("layers":[])")), ErrorKind::kCorrupt, "twice");
  ExpectError(Parse(with(kManifestText, R"("Layers":[])")), ErrorKind::kCorrupt, "case");
  ExpectError(Parse(with(kManifestText, "\"layer\xc5\xbf\":[]")), ErrorKind::kCorrupt, "case");
  ExpectError(Parse(with(kManifestText, R"("fsLayers":[])")), ErrorKind::kCorrupt, "schema 1");
  // The same key, once written with an escape, inside of a descriptor.
  ExpectError(Parse(R"({"schemaVersion":2,"config":)" + kDescriptor +
                    R"(,"layers":[{"size":1,"\u0073ize":2,"digest":"sha256:)" + kHex + R"("}]})"),
              ErrorKind::kCorrupt, "twice");
}

TEST(Manifest, ColonsInStringsAreNoKeys) {
  EXPECT_TRUE(Parse(R"({"annotations":{"a:\":b":"c:\\"},)" + kManifestText.substr(1)));
}

TEST(Manifest, WhatIsNoImageIsNamed) {
  ExpectError(Parse(R"({"schemaVersion":1,"fsLayers":[]})"), ErrorKind::kUnsupported, "schema 1");
  ExpectError(Parse(R"({"schemaVersion":1})"), ErrorKind::kUnsupported, "schema 1");
  ExpectError(Parse(kManifestText, "application/vnd.docker.distribution.manifest.v1+prettyjws"),
              ErrorKind::kUnsupported, "schema 1");
  ExpectError(Parse(kManifestText, "application/vnd.example"), ErrorKind::kUnsupported, "vnd.example");
  ExpectError(Parse("{}"), ErrorKind::kUnsupported, "neither");
  ExpectError(Parse("[]"), ErrorKind::kCorrupt, "object");
  ExpectError(Parse("{"), ErrorKind::kCorrupt);
  std::string artifact = kManifestText;
  ExpectError(Parse(artifact.insert(1, R"("artifactType":"application/x.helm",)")), ErrorKind::kUnsupported, "x.helm");
}

TEST(Manifest, DescriptorsAreChecked) {
  const auto manifest = [](const std::string& layer) {
    return R"({"schemaVersion":2,"config":)" + kDescriptor + R"(,"layers":[)" + layer + "]}";
  };
  ExpectError(Parse(manifest(R"({"size":1})")), ErrorKind::kCorrupt, "no digest");
  ExpectError(Parse(manifest(R"({"digest":"sha256:)" + kHex + R"("})")), ErrorKind::kCorrupt, "size");
  ExpectError(Parse(manifest(R"({"size":-1,"digest":"sha256:)" + kHex + R"("})")), ErrorKind::kCorrupt, "size");
  ExpectError(Parse(manifest(R"({"size":1,"digest":"sha256:../../etc"})")), ErrorKind::kCorrupt);
  ExpectError(Parse(manifest("7")), ErrorKind::kCorrupt, "descriptor");
  Limits limits;
  limits.layers_max = 0;
  ExpectError(ParseDocument(kManifestText, "", limits), ErrorKind::kLimit, "limit 0");
  limits = {};
  limits.document_bytes_max = 10;
  ExpectError(ParseDocument(kManifestText, "", limits), ErrorKind::kLimit);
}

TEST(Config, IsRead) {
  const FakeImage image({"a", "b"}, "arm64");
  const Config config = Value(ParseConfig(image.config, {}));
  EXPECT_EQ(config.platform.architecture, "arm64");
  EXPECT_EQ(config.created, "2024-01-02T03:04:05Z");
  EXPECT_EQ(config.diff_ids.size(), 2U);
  EXPECT_EQ(config.labels, (std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"b", "2"}}));
}

TEST(Platform, NamesAreNormalised) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"linux/x86_64", "linux/amd64"},
      {"aarch64", "linux/arm64"},
      {"linux/arm64/v8", "linux/arm64"},
      {"linux/arm", "linux/arm/v7"},
      {"linux/armhf", "linux/arm/v7"},
      {"armel", "linux/arm/v6"},
      {"linux/arm/7", "linux/arm/v7"},
      {"Linux/I386", "linux/386"},
      {"linux/amd64/v1", "linux/amd64"},
      {"linux/amd64/v3", "linux/amd64/v3"},
      {"windows/amd64:10.0.17763.1", "windows/amd64:10.0.17763.1"},
      {"linux", Platform::Host().Text()}};
  for (const auto& [text, normalised] : cases) EXPECT_EQ(Value(Platform::Parse(text)).Text(), normalised) << text;
  for (const char* text : {"", "/", "linux/", "a/b/c/d", "linux/amd 64", "linux/amd64:"})
    ExpectError(Platform::Parse(text), ErrorKind::kInvalidInput);
}

TEST(Platform, OlderVariantsServeNewerProcessors) {
  const auto distance = [](const char* wanted, const char* offered) {
    return MatchPlatform(Value(Platform::Parse(wanted)), Value(Platform::Parse(offered)));
  };
  EXPECT_EQ(distance("linux/amd64", "linux/amd64"), 0);
  EXPECT_EQ(distance("linux/arm/v7", "linux/arm/v7"), 0);
  EXPECT_EQ(distance("linux/arm/v7", "linux/arm/v6"), 1);
  EXPECT_EQ(distance("linux/arm/v7", "linux/arm/v5"), 2);
  EXPECT_EQ(distance("linux/arm/v6", "linux/arm/v7"), std::nullopt);
  EXPECT_EQ(distance("linux/arm64", "linux/arm64/v8"), 0);
  EXPECT_EQ(distance("linux/arm64", "linux/arm64/v9"), std::nullopt);
  EXPECT_EQ(distance("linux/amd64/v3", "linux/amd64"), 2);
  EXPECT_EQ(distance("linux/amd64", "linux/amd64/v3"), std::nullopt);
  EXPECT_EQ(distance("linux/amd64", "linux/arm64"), std::nullopt);
  EXPECT_EQ(distance("linux/amd64", "windows/amd64"), std::nullopt);
  EXPECT_EQ(distance("windows/amd64:10.0.17763.1", "windows/amd64:10.0.17763.999"), 0);
  EXPECT_EQ(distance("windows/amd64:10.0.17763.1", "windows/amd64:10.0.20348.1"), std::nullopt);
}

// Documents by digest.
class MemoryDocuments final : public DocumentReader {
 public:
  Descriptor Add(const std::string& text, std::string_view type) {
    const std::string hex = test::Sha256Hex(text);
    by_hex[hex] = text;
    return {
        .media_type = std::string(type), .digest = Digest(Value(Sha256Value::FromHex(hex))), .size_bytes = text.size()};
  }
  void AddImage(const FakeImage& image) {
    Add(image.config, "");
    Add(image.manifest, "");
  }
  Result<std::string> ReadDocument(const Descriptor& descriptor) override {
    const auto found = by_hex.find(descriptor.digest.Hex());
    if (found == by_hex.end()) return Fail(ErrorKind::kNotFound, "no such document");
    return found->second;
  }
  std::map<std::string, std::string> by_hex;
};

std::string OnPlatform(const std::string& architecture, const std::string& variant = "") {
  return Format(R"(,"platform":{{"os":"linux","architecture":"{}","variant":"{}"}})", architecture, variant);
}

TEST(Resolve, ChoosesThePlatform) {
  MemoryDocuments documents;
  const FakeImage amd64({"x"}, "amd64"), v6({"y"}, "arm"), v7({"z"}, "arm");
  for (const FakeImage* image : {&amd64, &v6, &v7}) documents.AddImage(*image);
  const Descriptor root = documents.Add(test::IndexOf(amd64.ManifestDescriptor(OnPlatform("amd64")) + "," +
                                                      v6.ManifestDescriptor(OnPlatform("arm", "v6")) + "," +
                                                      v7.ManifestDescriptor(OnPlatform("arm", "v7")) + "," +
                                                      amd64.ManifestDescriptor(OnPlatform("unknown"))),
                                        kOciIndex);
  const auto layer = [&](const char* wanted) {
    return Value(ResolveImage(documents, root, Value(Platform::Parse(wanted)), {})).manifest.layers[0].digest.Hex();
  };
  EXPECT_EQ(layer("linux/amd64"), test::Sha256Hex("x"));
  EXPECT_EQ(layer("linux/arm/v7"), test::Sha256Hex("z"));
  EXPECT_EQ(layer("linux/arm/v6"), test::Sha256Hex("y"));
  ExpectError(ResolveImage(documents, root, Value(Platform::Parse("linux/s390x")), {}), ErrorKind::kNotFound,
              "there are: linux/amd64, linux/arm/v6, linux/arm/v7");
}

TEST(Resolve, ASinglePlatformIsTakenUnlessAnotherIsWanted) {
  MemoryDocuments documents;
  const FakeImage image({"x"}, "s390x");
  documents.AddImage(image);
  const Descriptor root = documents.Add(test::IndexOf(image.ManifestDescriptor(OnPlatform("s390x"))), kOciIndex);
  EXPECT_EQ(Value(ResolveImage(documents, root, std::nullopt, {})).config.platform.architecture, "s390x");
  ExpectError(ResolveImage(documents, root, Value(Platform::Parse("amd64")), {}), ErrorKind::kNotFound, "linux/s390x");
  const Descriptor manifest = documents.Add(image.manifest, kOciManifest);
  ExpectError(ResolveImage(documents, manifest, Value(Platform::Parse("amd64")), {}), ErrorKind::kNotFound,
              "linux/s390x");
}

TEST(Resolve, IndexesInEachOtherHaveABound) {
  MemoryDocuments documents;
  const FakeImage image({"x"});
  documents.AddImage(image);
  Descriptor root = documents.Add(test::IndexOf(image.ManifestDescriptor()), kOciIndex);
  for (int depth = 2; depth <= 5; ++depth) {
    if (depth <= 4) {
      EXPECT_TRUE(ResolveImage(documents, root, std::nullopt, {})) << depth;
    }
    root = documents.Add(test::IndexOf(Format(R"({{"mediaType":"{}","digest":"{}","size":{}}})", kOciIndex,
                                              root.digest.Text(), root.size_bytes)),
                         kOciIndex);
  }
  ExpectError(ResolveImage(documents, root, std::nullopt, {}), ErrorKind::kLimit, "in each other");
}

TEST(Resolve, EachDocumentIsVerified) {
  const FakeImage image({"x"});
  MemoryDocuments documents;
  documents.AddImage(image);
  const Descriptor root = documents.Add(image.manifest, kOciManifest);
  documents.by_hex[test::Sha256Hex(image.config)].back() = ' ';
  ExpectError(ResolveImage(documents, root, std::nullopt, {}), ErrorKind::kCorrupt, "reading config");
  documents.by_hex[root.digest.Hex()] += " ";
  ExpectError(ResolveImage(documents, root, std::nullopt, {}), ErrorKind::kCorrupt, "bytes");
}

TEST(Resolve, ForeignLayersAreLeftOutAndReported) {
  FakeImage image({"x", "y"});
  const std::string plain = "application/vnd.oci.image.layer.v1.tar";
  image.manifest.replace(image.manifest.find(plain), plain.size(),
                         "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
  MemoryDocuments documents;
  documents.AddImage(image);
  const auto resolved = Value(ResolveImage(documents, documents.Add(image.manifest, kOciManifest), std::nullopt, {}));
  const StatedLayers stated = Value(LayersOf(resolved));
  ASSERT_EQ(stated.layers.size(), 1U);
  EXPECT_EQ(stated.layers[0].diff_id->AsDigest().Hex(), test::Sha256Hex("y"));
  ASSERT_EQ(stated.problems.size(), 1U);
  EXPECT_EQ(stated.problems[0].kind, ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace holdfast::image
