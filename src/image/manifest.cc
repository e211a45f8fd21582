#include "image/manifest.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "image/strict_json.h"
#include "io/json.h"

namespace holdfast::image {
namespace {

// A digest that a document states: one that makes no sense is the document's damage, not the user's mistake.
Result<Digest> ReadDigest(std::string_view text) {
  auto digest = Digest::Parse(text);
  if (!digest && digest.error().Kind() == ErrorKind::kInvalidInput)
    return Fail(ErrorKind::kCorrupt, digest.error().Message());
  return digest;
}

constexpr std::string_view kDockerSchema1 = "application/vnd.docker.distribution.manifest.v1+json";
constexpr std::string_view kDockerSchema1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws";
constexpr std::string_view kEmptyConfig = "application/vnd.oci.empty.v1+json";
constexpr std::size_t kUrlsMax = 64;
constexpr std::size_t kLabelsMax = 10'000;

constexpr std::array<std::string_view, 12> kDocumentKeys = {"schemaVersion", "mediaType", "artifactType", "config",
                                                            "layers",        "manifests", "subject",      "annotations",
                                                            "fsLayers",      "history",   "signatures",   "name"};
constexpr std::array<std::string_view, 9> kConfigKeys = {
    "architecture", "os", "os.version", "variant", "created", "rootfs", "config", "history", "os.features"};

bool IsManifestType(std::string_view type) { return type == kOciManifest || type == kDockerManifest; }
bool IsIndexType(std::string_view type) { return type == kOciIndex || type == kDockerManifestList; }
bool IsSchema1Type(std::string_view type) { return type == kDockerSchema1 || type == kDockerSchema1Signed; }

std::unexpected<Error> Ambiguous(std::string why) { return Fail(ErrorKind::kCorrupt, "ambiguous document: " + why); }

Platform ParsePlatform(io::JsonView view) {
  return {.os = std::string(view["os"].StringOr("")),
          .architecture = std::string(view["architecture"].StringOr("")),
          .variant = std::string(view["variant"].StringOr("")),
          .os_version = std::string(view["os.version"].StringOr(""))};
}

Result<Descriptor> ParseDescriptor(io::JsonView view) {
  if (!view.IsObject()) return Fail(ErrorKind::kCorrupt, "a descriptor is missing");
  Descriptor descriptor;
  descriptor.media_type = view["mediaType"].StringOr("");
  const auto digest = view["digest"].String();
  if (!digest) return Fail(ErrorKind::kCorrupt, "a descriptor has no digest");
  HF_TRY(descriptor.digest, ReadDigest(*digest));
  const auto size = view["size"].Integer();
  if (!size || *size < 0) return Fail(ErrorKind::kCorrupt, Format("the descriptor of {} has no valid size", *digest));
  descriptor.size_bytes = static_cast<std::uint64_t>(*size);
  if (view["platform"].IsObject()) descriptor.platform = ParsePlatform(view["platform"]);
  for (const io::JsonView url : view["urls"]) {
    if (descriptor.urls.size() >= kUrlsMax) return Fail(ErrorKind::kLimit, Format("more than {} URLs", kUrlsMax));
    if (url.IsString()) descriptor.urls.emplace_back(url.StringOr(""));
  }
  const io::JsonView annotations = view["annotations"];
  descriptor.reference_name = annotations["org.opencontainers.image.ref.name"].StringOr("");
  descriptor.image_name = annotations["io.containerd.image.name"].StringOr("");
  descriptor.attestation = annotations["vnd.docker.reference.type"].StringOr("") == "attestation-manifest";
  return descriptor;
}

Result<std::vector<Descriptor>> ParseDescriptors(io::JsonView array, const Limits& limits) {
  if (!array.IsArray()) return Fail(ErrorKind::kCorrupt, "the list of descriptors is missing");
  if (array.Size() > limits.layers_max)
    return Fail(ErrorKind::kLimit, Format("{} descriptors, limit {}", array.Size(), limits.layers_max));
  std::vector<Descriptor> descriptors;
  for (const io::JsonView item : array) {
    HF_TRY(Descriptor descriptor, ParseDescriptor(item));
    descriptors.push_back(std::move(descriptor));
  }
  return descriptors;
}

enum class Shape { kManifest, kIndex };

// What the document is by its content alone.
Result<Shape> ShapeOf(io::JsonView root) {
  const bool as_manifest = !root["layers"].IsNull() || !root["config"].IsNull();
  const bool as_index = !root["manifests"].IsNull();
  if (!root["fsLayers"].IsNull()) {
    if (as_manifest || as_index) return Ambiguous("schema 1 and schema 2 in one");
    return Fail(ErrorKind::kUnsupported, "Docker image manifest schema 1 is not supported: push the image again");
  }
  if (as_manifest && as_index) return Ambiguous("both a manifest and an index");
  if (as_index) return Shape::kIndex;
  if (as_manifest) return Shape::kManifest;
  return Fail(ErrorKind::kUnsupported, "neither an image manifest nor an index");
}

// Each statement of a type must agree with the content. Registries that know no better say
// application/json or text/plain or octet-stream: that states nothing.
Result<void> CheckType(std::string_view type, Shape shape, std::string_view who) {
  const bool says_nothing =
      type.empty() || type == "application/json" || type == "text/plain" || type == "application/octet-stream";
  if (says_nothing) return {};
  if (IsManifestType(type) || IsIndexType(type)) {
    if (IsManifestType(type) == (shape == Shape::kManifest)) return {};
    return Ambiguous(
        Format("{} '{}', but the content is {}", who, type, shape == Shape::kManifest ? "a manifest" : "an index"));
  }
  if (IsSchema1Type(type)) return Fail(ErrorKind::kUnsupported, "Docker image manifest schema 1 is not supported");
  return Fail(ErrorKind::kUnsupported, Format("{} '{}', which is no image", who, type.substr(0, 200)));
}

}  // namespace

bool Descriptor::IsForeign() const {
  return media_type.find(".foreign.") != std::string::npos ||
         media_type.find(".nondistributable.") != std::string::npos;
}

std::string BareMediaType(std::string_view content_type) {
  std::string_view bare = content_type.substr(0, content_type.find(';'));
  while (!bare.empty() && bare.back() == ' ') bare.remove_suffix(1);
  while (!bare.empty() && bare.front() == ' ') bare.remove_prefix(1);
  std::string lower(bare);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lower;
}

Result<Document> ParseDocument(std::string_view json, std::string_view stated_type, const Limits& limits) {
  HF_TRY(const io::JsonDocument document, ParseStrictJson(json, kDocumentKeys, limits));
  const io::JsonView root = document.Root();
  const std::string stated = BareMediaType(stated_type);
  const std::string_view own = root["mediaType"].StringOr("");
  if (root["schemaVersion"].Integer() == 1 && root["layers"].IsNull() && root["manifests"].IsNull())
    return Fail(ErrorKind::kUnsupported, "Docker image manifest schema 1 is not supported: push the image again");
  HF_TRY(const Shape shape, ShapeOf(root));
  HF_CHECK_OK(CheckType(stated, shape, "announced as"));
  HF_CHECK_OK(CheckType(own, shape, "mediaType is"));
  if (root["schemaVersion"].Integer() != 2) return Fail(ErrorKind::kCorrupt, "schemaVersion is not 2");
  const std::string_view type = own.empty() ? std::string_view(stated) : own;

  if (shape == Shape::kIndex) {
    Index index{.media_type = std::string(type.empty() ? kOciIndex : type)};
    HF_TRY(index.manifests, ParseDescriptors(root["manifests"], limits));
    return index;
  }
  Manifest manifest{.media_type = std::string(IsManifestType(type) ? type : kOciManifest)};
  manifest.artifact_type = root["artifactType"].StringOr("");
  HF_TRY_IN("config", manifest.config, ParseDescriptor(root["config"]));
  HF_TRY_IN("layers", manifest.layers, ParseDescriptors(root["layers"], limits));
  if (!manifest.artifact_type.empty() || manifest.config.media_type == kEmptyConfig)
    return Fail(ErrorKind::kUnsupported,
                Format("not a container image but an artifact of type '{}'", manifest.artifact_type.substr(0, 200)));
  return manifest;
}

Result<Config> ParseConfig(std::string_view json, const Limits& limits) {
  HF_TRY(const io::JsonDocument document, ParseStrictJson(json, kConfigKeys, limits));
  const io::JsonView root = document.Root();
  Config config{.platform = ParsePlatform(root), .created = std::string(root["created"].StringOr(""))};
  const io::JsonView diff_ids = root["rootfs"]["diff_ids"];
  if (diff_ids.Size() > limits.layers_max)
    return Fail(ErrorKind::kLimit, Format("{} layers, limit {}", diff_ids.Size(), limits.layers_max));
  for (const io::JsonView item : diff_ids) {
    HF_TRY_IN("diff_ids", const Digest digest, ReadDigest(item.StringOr("")));
    config.diff_ids.emplace_back(digest);
  }
  const io::JsonView labels = root["config"]["Labels"];
  for (std::size_t i = 0; i < std::min(labels.Size(), kLabelsMax); ++i)
    config.labels.emplace_back(std::string(labels.KeyAt(i)), std::string(labels.At(i).StringOr("")));
  std::ranges::sort(config.labels);
  return config;
}

}  // namespace holdfast::image
