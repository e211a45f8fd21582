// Images made in code: tars, documents, and a sink that remembers what it was given.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "image/source.h"
#include "image/tar_header.h"
#include "io/sha256.h"
#include "io/tar.h"
#include "support/test_support.h"

namespace holdfast::test {

inline std::string Sha256Hex(std::string_view bytes) {
  io::Sha256 sha256;
  sha256.Update(AsBytes(bytes));
  return sha256.Finish().Hex();
}

// Builds a tar, entry by entry.
class TarBuilder {
 public:
  TarBuilder& File(std::string path, std::string_view content) {
    text_ += image::TarHeader({.path = std::move(path), .mode = 0644, .size = content.size()});
    text_.append(content).append(image::TarPadding(content.size()), '\0');
    return *this;
  }
  TarBuilder& Folder(std::string path) {
    text_ += image::TarHeader({.path = std::move(path), .type = io::TarType::kDirectory, .mode = 0755});
    return *this;
  }
  TarBuilder& Link(std::string path, std::string target, io::TarType type = io::TarType::kSymlink) {
    text_ += image::TarHeader({.path = std::move(path), .link_target = std::move(target), .type = type});
    return *this;
  }
  [[nodiscard]] std::string Text() const { return text_ + image::TarEnd(); }

 private:
  std::string text_;
};

// A layer of one file, told apart by `name`.
inline std::string LayerTar(const std::string& name) { return TarBuilder().File(name, "content of " + name).Text(); }

// Layers, and the config and manifest that go with them.
struct FakeImage {
  explicit FakeImage(std::vector<std::string> layer_tars, const std::string& architecture = "amd64")
      : layers(std::move(layer_tars)) {
    std::string diff_ids, descriptors;
    for (const std::string& layer : layers) {
      const std::string hex = Sha256Hex(layer);
      diff_ids += Format("{}\"sha256:{}\"", diff_ids.empty() ? "" : ",", hex);
      descriptors +=
          Format(R"({}{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:{}","size":{}}})",
                 descriptors.empty() ? "" : ",", hex, layer.size());
    }
    config = Format(
        R"({{"architecture":"{}","os":"linux","created":"2024-01-02T03:04:05Z","config":{{"Labels":{{"b":"2","a":"1"}}}},)"
        R"("rootfs":{{"type":"layers","diff_ids":[{}]}}}})",
        architecture, diff_ids);
    manifest = Format(
        R"({{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)"
        R"({{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:{}","size":{}}},"layers":[{}]}})",
        Sha256Hex(config), config.size(), descriptors);
  }
  [[nodiscard]] std::string ManifestDescriptor(const std::string& more = "") const {
    return Format(R"({{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{}","size":{}{}}})",
                  Sha256Hex(manifest), manifest.size(), more);
  }
  // Path below an OCI layout → content, without index.json.
  [[nodiscard]] std::map<std::string, std::string> Blobs() const {
    std::map<std::string, std::string> blobs;
    for (const std::string& content : layers) blobs["blobs/sha256/" + Sha256Hex(content)] = content;
    blobs["blobs/sha256/" + Sha256Hex(config)] = config;
    blobs["blobs/sha256/" + Sha256Hex(manifest)] = manifest;
    return blobs;
  }

  std::vector<std::string> layers;
  std::string config, manifest;
};

inline std::string IndexOf(const std::string& descriptors) {
  return Format(R"({{"schemaVersion":2,"manifests":[{}]}})", descriptors);
}

class CollectingLayers final : public image::LayerSink {
 public:
  bool IsKnown(const image::LayerDescriptor& layer) override {
    asked.push_back(layer.key);
    return known.contains(layer.key) || (layer.digest && known.contains(layer.digest->Text()));
  }
  Result<void> Layer(const image::LayerDescriptor& layer, io::ByteSource& bytes) override {
    if (by_key.contains(layer.key)) return Fail(ErrorKind::kInternal, "a layer came twice");
    HF_TRY(by_key[layer.key], bytes.ReadText(1 << 30));
    order.push_back(layer.key);
    return {};
  }
  void ExpectBytes(std::uint64_t total) override { expected_bytes = total; }

  // The contents of the image's layers, base first.
  [[nodiscard]] std::vector<std::string> Of(const image::ImageDescription& description) const {
    std::vector<std::string> contents;
    for (const auto& layer : description.layers) contents.push_back(by_key.at(layer.key));
    return contents;
  }

  std::set<std::string> known;
  std::vector<std::string> asked, order;
  std::map<std::string, std::string> by_key;
  std::uint64_t expected_bytes = 0;
};

}  // namespace holdfast::test
