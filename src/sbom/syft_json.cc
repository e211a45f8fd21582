#include "sbom/syft_json.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/format.h"
#include "base/text.h"
#include "io/json.h"
#include "sbom/distro_name.h"
#include "sbom/document_readers.h"
#include "sbom/gaps.h"
#include "sbom/syft_package.h"
#include "sbom/syft_types.h"

namespace holdfast::sbom {
namespace {

using io::JsonView;
using model::ImageAnalysis;
using model::RelationKind;

constexpr std::size_t kTagsMax = 1'000;
constexpr std::size_t kLabelsMax = 1'000;
constexpr std::size_t kIdLikeMax = 16;

std::string Clean(JsonView value) { return CleanText(value.StringOr("")); }

std::uint64_t Size(JsonView value) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(value.Integer().value_or(0), 0));
}

class SyftDocument {
 public:
  SyftDocument(JsonView root, const Limits& limits) : root_(root), limits_(limits) {}

  Result<ImageAnalysis> Read() {
    HF_CHECK_OK(CheckKind());
    CheckSchema();
    HF_CHECK_OK(ReadSource());
    ReadDistro();
    HF_CHECK_OK(ReadArtifacts());
    ReadRelations();
    return std::move(analysis_);
  }

  // What Read knows besides the analysis.
  [[nodiscard]] Assessed Facts() const;
  void ReportUnmatchable(ImageAnalysis& analysis) const;

 private:
  [[nodiscard]] Result<void> CheckKind() const;
  void CheckSchema();
  [[nodiscard]] Result<void> ReadSource();
  [[nodiscard]] Result<void> ReadImage(JsonView image);
  void ReadManifest(std::string_view base64);
  void ReadConfig(std::string_view base64);
  void ReadDistro();
  [[nodiscard]] Result<void> ReadArtifacts();
  void ReadRelations();

  void Report(ErrorKind kind, std::string message) { Report(analysis_, kind, std::move(message)); }
  void Report(ImageAnalysis& analysis, ErrorKind kind, std::string message) const {
    if (analysis.problems.size() < limits_.problems_max)
      analysis.problems.push_back({{}, kind, std::move(message)});
    else
      ++analysis.problems_dropped;
  }

  JsonView root_;
  const Limits& limits_;
  ImageAnalysis analysis_;
  SyftContext context_;
  std::unordered_map<std::string, std::uint32_t> by_id_;
  std::vector<bool> source_stated_;
  std::uint64_t bad_records_ = 0;
};

Result<void> SyftDocument::CheckKind() const {
  if (!root_.IsObject()) return Fail(ErrorKind::kInvalidInput, "not a Syft document: no JSON object");
  if (root_["bomFormat"].IsString()) return Fail(ErrorKind::kInvalidInput, "a CycloneDX document, not Syft's own JSON");
  if (root_["spdxVersion"].IsString()) return Fail(ErrorKind::kInvalidInput, "an SPDX document, not Syft's own JSON");
  if (!root_["artifacts"].IsArray())
    return Fail(ErrorKind::kInvalidInput, "not a Syft document: no list of \"artifacts\"");
  if (root_["artifacts"].Size() > limits_.packages_max)
    return Fail(ErrorKind::kLimit, Format("more than {} packages", limits_.packages_max));
  return {};
}

void SyftDocument::CheckSchema() {
  const std::string version = Clean(root_["schema"]["version"]);
  int major = 0;
  const auto parsed = std::from_chars(version.data(), version.data() + version.size(), major);
  if (!version.empty() && parsed.ec != std::errc())
    Report(ErrorKind::kCorrupt, Format("the schema version \"{}\" is no number", version));
  if (major > kSyftSchemaMajorMax)
    Report(ErrorKind::kUnsupported, Format("schema {} is newer than {}, the last one known: something may be missing",
                                           version, kSyftSchemaMajorMax));
}

// "debian:12" and "registry:5000/app@sha256:…" without tag and digest.
std::string NameOf(std::string_view reference) {
  reference = reference.substr(0, reference.find('@'));
  const std::size_t colon = reference.rfind(':');
  if (colon != std::string_view::npos && reference.find('/', colon) == std::string_view::npos)
    reference = reference.substr(0, colon);
  constexpr std::string_view kIndex = "index.";  // Docker Hub's host in repository digests
  if (reference.starts_with("index.docker.io/")) reference.remove_prefix(kIndex.size());
  return std::string(reference);
}

Result<void> SyftDocument::ReadSource() {
  const JsonView source = root_["source"];
  // Until schema 8 "target", a string for folders and files.
  const JsonView about = source["metadata"].IsNull() ? source["target"] : source["metadata"];
  const std::string type = LowerCase(Clean(source["type"]));
  model::ImageSource& into = analysis_.source;
  into.kind = type == "directory" || type == "dir" ? "dir" : type == "file" ? "file" : "sbom";
  into.reference = about.IsString() ? Clean(about) : Clean(about["userInput"]);
  if (into.reference.empty()) into.reference = Clean(about["path"]);
  if (into.reference.empty()) into.reference = Clean(source["name"]);
  if (about.IsObject()) HF_CHECK_OK(ReadImage(about));
  if (into.kind != "sbom") return {};
  const std::string repository = Clean(about["repoDigests"].At(0));
  into.name = NameOf(!repository.empty() ? repository : !into.tags.empty() ? into.tags.front() : into.reference);
  return {};
}

Result<void> SyftDocument::ReadImage(JsonView image) {
  model::ImageSource& into = analysis_.source;
  into.manifest_digest = Clean(image["manifestDigest"]);
  into.image_id = Clean(image["imageID"]);
  into.architecture = Clean(image["architecture"]);
  into.os = Clean(image["os"]);
  for (const JsonView tag : image["tags"])
    if (tag.IsString() && into.tags.size() < kTagsMax) into.tags.push_back(Clean(tag));
  const JsonView labels = image["labels"];
  for (std::size_t i = 0; labels.IsObject() && i < std::min(labels.Size(), kLabelsMax); ++i)
    into.labels.emplace_back(CleanText(labels.KeyAt(i)), Clean(labels.At(i)));
  const JsonView layers = image["layers"];
  if (layers.IsArray() && layers.Size() > limits_.layers_max)
    return Fail(ErrorKind::kLimit, Format("more than {} layers", limits_.layers_max));
  for (std::size_t i = 0; layers.IsArray() && i < layers.Size(); ++i) {
    model::LayerSummary layer;
    layer.diff_id = Clean(layers.At(i)["digest"]);
    layer.media_type = Clean(layers.At(i)["mediaType"]);
    layer.bytes = Size(layers.At(i)["size"]);
    context_.layers.emplace(layer.diff_id, static_cast<std::uint32_t>(i));
    analysis_.layers.push_back(std::move(layer));
  }
  ReadManifest(image["manifest"].StringOr(""));
  ReadConfig(image["config"].StringOr(""));
  return {};
}

// The parts in Base64 say more; a document without them, or with damaged ones, is complete without.
Result<io::JsonDocument> Decode(std::string_view base64) {
  const auto bytes = DecodeBase64(base64);
  if (!bytes) return Fail(ErrorKind::kCorrupt, "no Base64");
  return io::JsonDocument::Parse(AsText(*bytes));
}

void SyftDocument::ReadManifest(std::string_view base64) {
  if (base64.empty()) return;
  const auto manifest = Decode(base64);
  if (!manifest) return Report(ErrorKind::kCorrupt, "the image manifest: " + manifest.error().Message());
  const JsonView layers = manifest->Root()["layers"];
  if (layers.Size() != analysis_.layers.size()) return;
  for (std::size_t i = 0; i < analysis_.layers.size(); ++i) {
    model::LayerSummary& layer = analysis_.layers[i];
    layer.digest = Clean(layers.At(i)["digest"]);
    layer.compressed_bytes = Size(layers.At(i)["size"]);
    context_.layers.emplace(layer.digest, static_cast<std::uint32_t>(i));
  }
}

void SyftDocument::ReadConfig(std::string_view base64) {
  if (base64.empty()) return;
  const auto config = Decode(base64);
  if (!config) return Report(ErrorKind::kCorrupt, "the image configuration: " + config.error().Message());
  const JsonView root = config->Root();
  model::ImageSource& into = analysis_.source;
  into.created = Clean(root["created"]);
  into.variant = Clean(root["variant"]);
  if (into.architecture.empty()) into.architecture = Clean(root["architecture"]);
  if (into.os.empty()) into.os = Clean(root["os"]);
  const JsonView labels = root["config"]["Labels"];
  if (!into.labels.empty() || !labels.IsObject()) return;
  for (std::size_t i = 0; i < std::min(labels.Size(), kLabelsMax); ++i)
    into.labels.emplace_back(CleanText(labels.KeyAt(i)), Clean(labels.At(i)));
}

void SyftDocument::ReadDistro() {
  const JsonView from = root_["distro"];
  model::Distro& distro = analysis_.distro;
  distro.id = DistroId(Clean(from["id"]));
  // The first documents had names of Syft's own for some distributions.
  if (distro.id.empty()) distro.id = DistroId(Clean(from["name"]));
  if (!distro.Known()) return;
  distro.version_id = Clean(from["versionID"].IsNull() ? from["version"] : from["versionID"]);
  distro.version_codename = Clean(from["versionCodename"]);
  distro.pretty_name = Clean(from["prettyName"]);
  distro.cpe_name = Clean(from["cpeName"]);
  const auto add = [&](std::string_view ids) {
    while (!ids.empty() && distro.id_like.size() < kIdLikeMax)
      if (std::string id = LowerCase(CleanText(TakeUntil(ids, ' '))); !id.empty())
        distro.id_like.push_back(std::move(id));
  };
  const JsonView like = from["idLike"];
  if (like.IsString()) add(like.StringOr(""));
  if (like.IsArray())
    for (const JsonView one : like) add(one.StringOr(""));
}

Result<void> SyftDocument::ReadArtifacts() {
  const JsonView list = root_["artifacts"];
  std::vector<SyftArtifact> artifacts;
  for (std::size_t i = 0; i < list.Size(); ++i) {
    auto artifact = ReadSyftArtifact(list.At(i), context_);
    if (!artifact) {
      Report(artifact.error().Kind(), Format("artifact {}: {}", i, artifact.error().Message()));
      ++bad_records_;
      continue;
    }
    if (!artifact->bad_purl.empty())
      Report(ErrorKind::kCorrupt,
             Format("artifact {}: the package URL of \"{}\": {}", i, artifact->package.name, artifact->bad_purl));
    artifacts.push_back(*std::move(artifact));
  }
  if (context_.cut) Report(ErrorKind::kLimit, "more files or dependencies of packages than are kept");
  const auto key = [](const SyftArtifact& artifact) {
    const model::Package& p = artifact.package;
    return std::tie(p.type, p.name, p.version, p.architecture, p.locations, artifact.id);
  };
  std::ranges::sort(artifacts, [&](const auto& a, const auto& b) { return key(a) < key(b); });
  analysis_.packages.reserve(artifacts.size());
  for (SyftArtifact& artifact : artifacts) {
    const auto index = static_cast<std::uint32_t>(analysis_.packages.size());
    if (!artifact.id.empty() && !by_id_.emplace(std::move(artifact.id), index).second)
      Report(ErrorKind::kCorrupt, Format("two artifacts with one id, the second is \"{}\"", artifact.package.name));
    source_stated_.push_back(artifact.source_stated);
    analysis_.packages.push_back(std::move(artifact.package));
  }
  return {};
}

// Most relations are about files and the source, which have no place in an analysis.
void SyftDocument::ReadRelations() {
  const JsonView list = root_["artifactRelationships"];
  if (!list.IsArray()) return;
  for (const JsonView relation : list) {
    const std::string_view type = relation["type"].StringOr("");
    const auto parent = by_id_.find(Clean(relation["parent"]));
    const auto child = by_id_.find(Clean(relation["child"]));
    if (parent == by_id_.end() || child == by_id_.end() || parent->second == child->second) continue;
    if (type == "ownership-by-file-overlap")
      analysis_.relations.push_back({RelationKind::kOwns, parent->second, child->second});
    else if (type == "contains")
      analysis_.relations.push_back({RelationKind::kContains, parent->second, child->second});
    else if (type == "dependency-of")  // the parent is what the child needs
      analysis_.relations.push_back({RelationKind::kDependsOn, child->second, parent->second});
  }
  std::ranges::sort(analysis_.relations);
  const auto repeated = std::ranges::unique(analysis_.relations);
  analysis_.relations.erase(repeated.begin(), repeated.end());
}

void SyftDocument::ReportUnmatchable(ImageAnalysis& analysis) const {
  std::map<std::string_view, std::size_t> counts;
  for (const model::Package& package : analysis.packages)
    if (package.version_scheme.empty()) ++counts[package.type];
  for (const auto& [type, count] : counts)
    Report(analysis, ErrorKind::kNotFound,
           Format("{} packages of type \"{}\" are listed, but no advisories can be asked about them", count, type));
}

Assessed SyftDocument::Facts() const {
  constexpr std::size_t kTextBytesMax = 200;
  const JsonView descriptor = root_["descriptor"];
  Assessed facts;
  facts.format = Format("Syft {} JSON", CleanText(root_["schema"]["version"].StringOr("?"), kTextBytesMax));
  facts.tool =
      CleanText(Format("{} {}", descriptor["name"].StringOr(""), descriptor["version"].StringOr("")), kTextBytesMax);
  facts.source_stated = source_stated_;
  facts.other_distro.resize(source_stated_.size());
  facts.bad_records = bad_records_;
  return facts;
}

}  // namespace

Result<Document> ReadSyft(JsonView root, const Limits& limits) {
  SyftDocument syft(root, limits);
  Document document;
  HF_TRY(document.analysis, syft.Read());
  document.completeness = Assess(syft.Facts(), limits, document.analysis);
  return document;
}

Result<ImageAnalysis> ParseSyftJson(std::string_view text, const Limits& limits) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  HF_TRY_IN("Syft document", const auto document,
            io::JsonDocument::Parse(text, {.bytes_max = kSyftJsonBytesMax, .depth_max = limits.document_depth_max}));
  SyftDocument syft(document.Root(), limits);
  HF_TRY(auto analysis, syft.Read());
  syft.ReportUnmatchable(analysis);
  return analysis;
}

}  // namespace holdfast::sbom
