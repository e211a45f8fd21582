// The JSON documents of an image: manifest, index and config, in their OCI (image-spec v1.1) and Docker
// (schema 2) forms, which differ in media types only.
//
// Whoever can serve two readings of one document can show a clean image to the scanner and another to
// the runtime. So what is ambiguous is refused (CVE-2021-41190): manifest and index in one document, a
// mediaType that disagrees with the content or with the Content-Type, duplicate keys, and keys that
// differ from the real ones in case only (Go's decoder takes them for the same).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/digest.h"
#include "base/limits.h"
#include "base/result.h"
#include "image/platform.h"

namespace holdfast::image {

inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kOciLayerTar = "application/vnd.oci.image.layer.v1.tar";

// A pointer to content.
struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size_bytes = 0;
  std::optional<Platform> platform;
  std::vector<std::string> urls;  // of foreign layers
  std::string reference_name;     // annotation org.opencontainers.image.ref.name
  std::string image_name;         // annotation io.containerd.image.name: the whole reference
  bool attestation = false;       // BuildKit's provenance and SBOM, which sit among the platforms

  // Layers that may not be distributed with the image; their bytes are elsewhere, if anywhere.
  [[nodiscard]] bool IsForeign() const;
};

struct Manifest {
  std::string media_type, artifact_type;
  Descriptor config;
  std::vector<Descriptor> layers;
};

struct Index {
  std::string media_type;
  std::vector<Descriptor> manifests;
};

struct Config {
  Platform platform;
  std::string created;
  std::vector<DiffId> diff_ids;  // base layer first
  std::vector<std::pair<std::string, std::string>> labels;
};

using Document = std::variant<Manifest, Index>;

// `stated_type`: the Content-Type or the mediaType of the descriptor that led here; may be empty.
// kUnsupported for schema 1 and unknown types, kCorrupt for ambiguous or malformed documents, kLimit.
[[nodiscard]] Result<Document> ParseDocument(std::string_view json, std::string_view stated_type, const Limits& limits);

[[nodiscard]] Result<Config> ParseConfig(std::string_view json, const Limits& limits);

// "application/json; charset=utf-8" → "application/json", in lower case.
[[nodiscard]] std::string BareMediaType(std::string_view content_type);

}  // namespace holdfast::image
