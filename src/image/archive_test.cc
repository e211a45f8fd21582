#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "image/archive_source.h"
#include "image/layout_source.h"
#include "io/decompress.h"
#include "support/image_fixtures.h"
#include "support/test_support.h"

namespace holdfast::image {
namespace {

using test::CollectingLayers;
using test::ExpectError;
using test::FakeImage;
using test::LayerTar;
using test::Sha256Hex;
using test::TarBuilder;
using test::Value;

// Owns its bytes, and hands them out in chunks.
class OwningSource final : public io::ByteSource {
 public:
  OwningSource(std::string bytes, std::size_t chunk) : bytes_(std::move(bytes)), source_(bytes_, chunk) {}
  Result<Bytes> Next(std::size_t max) override { return source_.Next(max); }

 private:
  std::string bytes_;
  io::MemorySource source_;
};

struct Pulled {
  Result<ImageDescription> description = Fail(ErrorKind::kInternal, "not pulled");
  CollectingLayers layers;
};

Pulled PullFile(const std::string& archive, const PlanOptions& options = {}) {
  const test::TemporaryFolder folder;
  test::WriteFile(folder.Path() / "archive", archive);
  Pulled pulled;
  pulled.description = MakeArchiveSource(folder.Path() / "archive", "ref", options)->Pull(pulled.layers);
  return pulled;
}

Pulled PullStream(const std::string& archive, const PlanOptions& options = {}, std::size_t chunk = io::kAnySize) {
  Pulled pulled;
  auto bytes = std::make_unique<OwningSource>(archive, chunk);
  pulled.description = MakeArchiveStreamSource(std::move(bytes), "", "ref", options)->Pull(pulled.layers);
  return pulled;
}

// Both ways, plain and compressed, must give the same layers in the same order; returns one description.
ImageDescription ExpectLayers(const std::string& archive, const std::vector<std::string>& layers,
                              const PlanOptions& options = {}) {
  Pulled indexed = PullFile(archive, options);
  const ImageDescription first = Value(std::move(indexed.description));
  EXPECT_EQ(indexed.layers.Of(first), layers);
  const std::string compressed = io::CompressZstd(AsBytes(archive));
  std::vector<Pulled> others;
  others.push_back(PullFile(compressed, options));
  others.push_back(PullStream(compressed, options, 7));
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{4099}, io::kAnySize})
    others.push_back(PullStream(archive, options, chunk));
  for (Pulled& other : others) {
    const ImageDescription description = Value(std::move(other.description));
    EXPECT_EQ(other.layers.Of(description), layers);
    EXPECT_EQ(description.source, first.source);
    EXPECT_EQ(description.problems, first.problems);
    for (std::size_t i = 0; i < std::min(first.layers.size(), description.layers.size()); ++i)
      EXPECT_EQ(description.layers[i].diff_id, first.layers[i].diff_id);
  }
  return first;
}

void ExpectBothFail(const std::string& archive, ErrorKind kind, std::string_view part,
                    const PlanOptions& options = {}) {
  ExpectError(PullFile(archive, options).description, kind, part);
  ExpectError(PullStream(archive, options).description, kind, part);
}

std::string SavedManifest(const FakeImage& image, const std::string& tags, const std::vector<std::string>& layers,
                          std::string config = "") {
  if (config.empty()) config = Sha256Hex(image.config) + ".json";
  std::string list;
  for (const std::string& layer : layers) list += Format("{}\"{}\"", list.empty() ? "" : ",", layer);
  return Format(R"({{"Config":"{}","RepoTags":{},"Layers":[{}]}})", config, tags, list);
}

const FakeImage& TwoLayers() {
  static const FakeImage image({LayerTar("base"), LayerTar("top")});
  return image;
}
const std::string kId1(64, '1'), kId2(64, '2');

TEST(DockerArchive, OldSaveWithFoldersIsRead) {
  const FakeImage& image = TwoLayers();
  const std::string archive =
      TarBuilder()
          .File(Sha256Hex(image.config) + ".json", image.config)
          .Folder(kId2 + "/")
          .File(kId2 + "/VERSION", "1.0")
          .File(kId2 + "/json", "{}")
          .File(kId2 + "/layer.tar", image.layers[1])
          .Folder(kId1 + "/")
          .File(kId1 + "/VERSION", "1.0")
          .File(kId1 + "/json", "{}")
          .File(kId1 + "/layer.tar", image.layers[0])
          .File("manifest.json", "[" +
                                     SavedManifest(image, R"(["debian:12","localhost:5000/x:1"])",
                                                   {kId1 + "/layer.tar", kId2 + "/layer.tar"}) +
                                     "]")
          .File("repositories", "{}")
          .Text();
  const ImageDescription description = ExpectLayers(archive, image.layers);
  EXPECT_EQ(description.source.kind, "docker-archive");
  EXPECT_EQ(description.source.reference, "ref");
  EXPECT_EQ(description.source.name, "docker.io/library/debian");
  EXPECT_EQ(description.source.tags, (std::vector<std::string>{"debian:12", "localhost:5000/x:1"}));
  EXPECT_EQ(description.source.image_id, "sha256:" + Sha256Hex(image.config));
  EXPECT_EQ(description.source.architecture, "amd64");
  EXPECT_EQ(description.layers[0].diff_id->AsDigest().Hex(), Sha256Hex(image.layers[0]));
}

TEST(DockerArchive, LayersMayBeLinksAndMayRepeat) {
  const FakeImage image({LayerTar("a"), LayerTar("b"), LayerTar("a")});
  const std::string file = Sha256Hex(image.layers[0]) + ".tar";
  const std::string archive =
      TarBuilder()
          .Link(kId1 + "/layer.tar", "../" + file)
          .File(file, image.layers[0])
          .File("b.tar", image.layers[1])
          .Link("copy.tar", "b.tar", io::TarType::kHardLink)
          .File(Sha256Hex(image.config) + ".json", image.config)
          .File("manifest.json", "[" + SavedManifest(image, "null", {kId1 + "/layer.tar", "copy.tar", file}) + "]")
          .Text();
  const ImageDescription description = ExpectLayers(archive, image.layers);
  EXPECT_EQ(description.layers[0].key, description.layers[2].key);
}

TEST(DockerArchive, CraneAndKanikoNamesAreRead) {
  const FakeImage& image = TwoLayers();
  const std::string config = "sha256:" + Sha256Hex(image.config);
  const std::string packed = io::CompressZstd(AsBytes(image.layers[0]));
  const std::string archive =
      TarBuilder()
          .File(config, image.config)
          .File("aa.tar.gz", packed)
          .File("bb.tar.gz", image.layers[1])
          .File("manifest.json", "[" + SavedManifest(image, "[]", {"aa.tar.gz", "bb.tar.gz"}, config) + "]")
          .Text();
  ExpectLayers(archive, {packed, image.layers[1]});
}

std::string NewSave(const FakeImage& image, const std::string& index, const FakeImage* other = nullptr) {
  TarBuilder tar;
  tar.Folder("blobs/").Folder("blobs/sha256/");
  auto blobs = image.Blobs();
  if (other != nullptr) blobs.merge(other->Blobs());
  for (const auto& [path, content] : blobs) tar.File(path, content);
  std::vector<std::string> layers;
  for (const std::string& layer : image.layers) layers.push_back("blobs/sha256/" + Sha256Hex(layer));
  tar.File("index.json", index);
  tar.File("manifest.json",
           "[" + SavedManifest(image, R"(["a:1"])", layers, "blobs/sha256/" + Sha256Hex(image.config)) + "]");
  tar.File("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  return tar.Text();
}

TEST(DockerArchive, NewSaveHasBothDescriptions) {
  const FakeImage& image = TwoLayers();
  const ImageDescription description =
      ExpectLayers(NewSave(image, test::IndexOf(image.ManifestDescriptor())), image.layers);
  EXPECT_EQ(description.source.manifest_digest, "sha256:" + Sha256Hex(image.manifest));
  EXPECT_EQ(description.layers[0].digest->Hex(), Sha256Hex(image.layers[0]));
  EXPECT_TRUE(description.problems.empty());
}

TEST(DockerArchive, DescriptionsThatDisagreeAreReported) {
  const FakeImage shown({LayerTar("clean")}), hidden({LayerTar("other")});
  const ImageDescription description =
      ExpectLayers(NewSave(shown, test::IndexOf(hidden.ManifestDescriptor()), &hidden), shown.layers);
  ASSERT_EQ(description.problems.size(), 1U);
  EXPECT_EQ(description.problems[0].kind, ErrorKind::kCorrupt);
}

TEST(DockerArchive, LegacyChainOfParentsIsRead) {
  const FakeImage& image = TwoLayers();
  const auto archive = [&](const std::string& parent_of_base) {
    return TarBuilder()
        .File(kId2 + "/json",
              R"({"id":"2","parent":")" + kId1 + R"(","os":"linux","architecture":"amd64","created":"x"})")
        .File(kId2 + "/layer.tar", image.layers[1])
        .File(kId1 + "/json", R"({"id":"1")" + parent_of_base + "}")
        .File(kId1 + "/layer.tar", image.layers[0])
        .File("repositories", R"({"busybox":{"1":")" + kId2 + R"(","latest":")" + kId2 + R"("}})")
        .Text();
  };
  const ImageDescription description = ExpectLayers(archive(""), image.layers);
  EXPECT_EQ(description.source.name, "docker.io/library/busybox");
  EXPECT_EQ(description.source.architecture, "amd64");
  ExpectBothFail(archive(R"(,"parent":")" + kId2 + "\""), ErrorKind::kCorrupt, "circle");
  ExpectBothFail(archive(R"(,"parent":"../../x")"), ErrorKind::kCorrupt, "hexadecimal");
}

TEST(DockerArchive, OneOfSeveralImagesMustBeNamed) {
  const FakeImage one({LayerTar("one")}), two({LayerTar("two")});
  const std::string archive = TarBuilder()
                                  .File("1.tar", one.layers[0])
                                  .File("2.tar", two.layers[0])
                                  .File(Sha256Hex(one.config) + ".json", one.config)
                                  .File(Sha256Hex(two.config) + ".json", two.config)
                                  .File("manifest.json", "[" + SavedManifest(one, R"(["one:1"])", {"1.tar"}) + "," +
                                                             SavedManifest(two, R"(["two:2"])", {"2.tar"}) + "]")
                                  .Text();
  ExpectBothFail(archive, ErrorKind::kInvalidInput, "one:1, two:2");
  ExpectLayers(archive, two.layers, {.image = "docker.io/library/two:2"});
  ExpectLayers(archive, one.layers, {.image = Sha256Hex(one.config).substr(0, 12)});
  ExpectBothFail(archive, ErrorKind::kNotFound, "there are: one:1, two:2", {.image = "three"});
}

TEST(DockerArchive, TheSameImageUnderTwoNamesIsOne) {
  const FakeImage one({LayerTar("one")});
  const std::string archive = TarBuilder()
                                  .File("1.tar", one.layers[0])
                                  .File(Sha256Hex(one.config) + ".json", one.config)
                                  .File("manifest.json", "[" + SavedManifest(one, R"(["one:1"])", {"1.tar"}) + "," +
                                                             SavedManifest(one, R"(["uno:1"])", {"1.tar"}) + "]")
                                  .Text();
  EXPECT_EQ(ExpectLayers(archive, one.layers).source.tags, (std::vector<std::string>{"one:1", "uno:1"}));
}

TEST(DockerArchive, LiesAreCorrupt) {
  const FakeImage& image = TwoLayers();
  const std::string name = Sha256Hex(image.config) + ".json";
  const auto archive = [&](const std::string& config, const std::vector<std::string>& layers) {
    return TarBuilder()
        .File("1.tar", image.layers[0])
        .File("2.tar", image.layers[1])
        .File(name, config)
        .File("manifest.json", "[" + SavedManifest(image, "[]", layers) + "]")
        .Text();
  };
  ExpectBothFail(archive(image.config + " ", {"1.tar", "2.tar"}), ErrorKind::kCorrupt, "has digest");
  ExpectBothFail(archive(image.config, {"1.tar"}), ErrorKind::kCorrupt, "lists 1 layers, the config 2");
  ExpectBothFail(archive(image.config, {"1.tar", "3.tar"}), ErrorKind::kNotFound, "3.tar is missing");
  ExpectBothFail(TarBuilder().File("manifest.json", "[]").Text(), ErrorKind::kNotFound, "no image");
  ExpectBothFail(TarBuilder().File("manifest.json", "{").Text(), ErrorKind::kCorrupt, "manifest.json");
  ExpectBothFail(
      TarBuilder().File("1.tar", image.layers[0]).File("1.tar", image.layers[1]).File("manifest.json", "[]").Text(),
      ErrorKind::kCorrupt, "twice");
  ExpectBothFail(TarBuilder()
                     .Link("a.tar", "b.tar")
                     .Link("b.tar", "a.tar")
                     .File(name, image.config)
                     .File("manifest.json", "[" + SavedManifest(image, "[]", {"a.tar", "b.tar"}) + "]")
                     .Text(),
                 ErrorKind::kNotFound, "missing");
}

TEST(DockerArchive, AMemberThatIsALinkAsWellIsAmbiguous) {
  const FakeImage& image = TwoLayers();
  ExpectBothFail(TarBuilder().File("1.tar", image.layers[0]).Link("1.tar", "2.tar").File("manifest.json", "[]").Text(),
                 ErrorKind::kCorrupt, "1.tar occurs twice");
}

TEST(DockerArchive, CutShortIsCorrupt) {
  const FakeImage& image = TwoLayers();
  const std::string archive = NewSave(image, test::IndexOf(image.ManifestDescriptor()));
  for (const std::size_t size : {archive.size() / 4, archive.size() / 2, archive.size() * 3 / 4}) {
    const std::string cut = archive.substr(0, size / 512 * 512 + 100);
    EXPECT_FALSE(PullFile(cut).description) << size;
    EXPECT_FALSE(PullStream(cut).description) << size;
  }
}

std::string LayoutTar(const FakeImage& image, const std::string& index) {
  TarBuilder tar;
  for (const auto& [path, content] : image.Blobs()) tar.File(path, content);
  return tar.File("index.json", index).File("oci-layout", "{}").Text();
}

TEST(OciArchive, IsRead) {
  const FakeImage& image = TwoLayers();
  const std::string named =
      image.ManifestDescriptor(R"(,"annotations":{"org.opencontainers.image.ref.name":"latest"})");
  const ImageDescription description = ExpectLayers(LayoutTar(image, test::IndexOf(named)), image.layers);
  EXPECT_EQ(description.source.kind, "oci-archive");
  EXPECT_EQ(description.source.tags, (std::vector<std::string>{"latest"}));
  EXPECT_EQ(description.source.manifest_digest, "sha256:" + Sha256Hex(image.manifest));
  EXPECT_EQ(description.layers[1].size_bytes, image.layers[1].size());
}

TEST(OciArchive, ABlobThatIsNotItsNameIsCorrupt) {
  const FakeImage& image = TwoLayers();
  FakeImage damaged = image;
  TarBuilder tar;
  for (auto [path, content] : image.Blobs()) {
    if (content == image.layers[0]) content[514] = 'X';
    tar.File(path, content);
  }
  ExpectBothFail(tar.File("index.json", test::IndexOf(image.ManifestDescriptor())).Text(), ErrorKind::kCorrupt,
                 "digest");
}

TEST(OciArchive, ADamagedBlobThatTheImageDoesNotUseDoesNotMatter) {
  const FakeImage& image = TwoLayers();
  TarBuilder tar;
  tar.File("blobs/sha256/" + std::string(64, 'e'), LayerTar("not what its name says"));
  for (const auto& [path, content] : image.Blobs()) tar.File(path, content);
  ExpectLayers(tar.File("index.json", test::IndexOf(image.ManifestDescriptor())).Text(), image.layers);
}

TEST(OciArchive, KnownLayersAreNotReadAgain) {
  const FakeImage& image = TwoLayers();
  const std::string archive = LayoutTar(image, test::IndexOf(image.ManifestDescriptor()));
  const test::TemporaryFolder folder;
  test::WriteFile(folder.Path() / "a", archive);
  for (const bool streamed : {false, true}) {
    CollectingLayers layers;
    layers.known.insert("sha256:" + Sha256Hex(image.layers[0]));
    auto source = streamed ? MakeArchiveStreamSource(std::make_unique<OwningSource>(archive, 1000), "", "", {})
                           : MakeArchiveSource(folder.Path() / "a", "", {});
    EXPECT_EQ(Value(source->Pull(layers)).layers.size(), 2U);
    EXPECT_EQ(layers.order.size(), 1U);
  }
}

TEST(OciArchive, ThePlatformThatIsThereIsTakenFromAWholeIndex) {
  // As `docker save` writes with the containerd store: the index names platforms whose blobs are absent.
  const FakeImage absent({LayerTar("arm")}, "arm64"), present({LayerTar("riscv")}, "riscv64");
  const std::string inner =
      test::IndexOf(absent.ManifestDescriptor(R"(,"platform":{"os":"linux","architecture":"arm64"})") + "," +
                    present.ManifestDescriptor(R"(,"platform":{"os":"linux","architecture":"riscv64"})"));
  TarBuilder tar;
  for (const auto& [path, content] : present.Blobs()) tar.File(path, content);
  tar.File("blobs/sha256/" + Sha256Hex(inner), inner);
  tar.File("index.json",
           test::IndexOf(
               Format(R"({{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:{}","size":{}}})",
                      Sha256Hex(inner), inner.size())));
  ExpectLayers(tar.Text(), present.layers);
}

TEST(OciLayout, IsReadFromAFolder) {
  const FakeImage& image = TwoLayers();
  const FakeImage other({LayerTar("other")});
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder.Path() / "blobs/sha256");
  auto files = image.Blobs();
  files.merge(other.Blobs());
  files["oci-layout"] = "{}";
  const auto named = [](const char* name) {
    return Format(R"(,"annotations":{{"org.opencontainers.image.ref.name":"{}"}})", name);
  };
  files["index.json"] =
      test::IndexOf(image.ManifestDescriptor(named("one")) + "," + other.ManifestDescriptor(named("two")));
  for (const auto& [path, content] : files) test::WriteFile(folder.Path() / path, content);
  EXPECT_TRUE(IsLayout(folder.Path()));
  CollectingLayers layers;
  const auto description = Value(MakeLayoutSource(folder.Path(), "x", {.image = "one"})->Pull(layers));
  EXPECT_EQ(layers.Of(description), image.layers);
  EXPECT_EQ(description.source.kind, "oci-dir");
  EXPECT_EQ(layers.expected_bytes, image.layers[0].size() + image.layers[1].size());
  CollectingLayers unused;
  ExpectError(MakeLayoutSource(folder.Path(), "x", {})->Pull(unused), ErrorKind::kInvalidInput, "one, two");
  test::WriteFile(folder.Path() / "blobs/sha256" / Sha256Hex(image.layers[0]), "short");
  CollectingLayers damaged;
  ExpectError(MakeLayoutSource(folder.Path(), "x", {.image = "one"})->Pull(damaged), ErrorKind::kCorrupt, "5 bytes");
}

TEST(RootFileSystem, ATarOfOneIsOneLayer) {
  const std::string tar = TarBuilder()
                              .Folder("./")
                              .Folder("./etc/")
                              .File("./etc/os-release", "ID=x\n")
                              .File("./manifest.json", "{}")
                              .Text();
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{333}, io::kAnySize}) {
    Pulled streamed = PullStream(tar, {}, chunk);
    const auto description = Value(std::move(streamed.description));
    EXPECT_EQ(streamed.layers.Of(description), (std::vector<std::string>{tar}));
    EXPECT_EQ(description.source.kind, "rootfs");
  }
  Pulled file = PullFile(tar);
  EXPECT_EQ(file.layers.Of(Value(std::move(file.description))), (std::vector<std::string>{tar}));
  // A compressed file is handed on as it is.
  const std::string compressed = io::CompressZstd(AsBytes(tar));
  Pulled packed = PullFile(compressed);
  EXPECT_EQ(packed.layers.Of(Value(std::move(packed.description))), (std::vector<std::string>{compressed}));
  ExpectBothFail(tar, ErrorKind::kNotFound, "index.json is missing", {.format = ArchiveFormat::kOci});
}

TEST(RootFileSystem, RealOnesAreTold) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  for (const char* name : {"alpine-minirootfs-3.20.3-x86_64.tar.gz", "almalinux-9.3-micro-aarch64.tar.xz",
                           "alpine-gliderlabs-3.4.tar.xz"}) {
    CollectingLayers layers;
    const auto path = *shared / "images" / name;
    EXPECT_TRUE(Value(LooksLikeArchive(path)));
    EXPECT_EQ(Value(MakeArchiveSource(path, name, {})->Pull(layers)).source.kind, "rootfs") << name;
  }
}

TEST(DockerArchive, RealOnesAreRead) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  for (const auto& [name, count] : std::vector<std::pair<std::string, std::size_t>>{{"alpine-39.tar.gz", 1},
                                                                                    {"centos-8-rpmdb.tar.gz", 1},
                                                                                    {"distroless-base.tar.gz", 2},
                                                                                    {"ubi-8.6-emptied.tar.gz", 2}}) {
    CollectingLayers layers;
    const auto description = Value(MakeArchiveSource(*shared / "images" / name, name, {})->Pull(layers));
    ASSERT_EQ(description.layers.size(), count) << name;
    for (const auto& layer : description.layers)
      EXPECT_EQ(Sha256Hex(layers.by_key.at(layer.key)), layer.diff_id->AsDigest().Hex()) << name;
  }
}

}  // namespace
}  // namespace holdfast::image
