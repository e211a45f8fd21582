// Fields that the schema requires are written also when nothing is known: as empty strings and lists.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/format.h"
#include "io/json.h"
#include "io/sha256.h"
#include "sbom/cpe.h"
#include "sbom/identity.h"
#include "sbom/syft_json.h"
#include "sbom/syft_types.h"

namespace holdfast::sbom {
namespace {

using io::JsonWriter;
using model::ImageAnalysis;
using model::Package;

constexpr std::size_t kFlushBytes = 256 * 1024;

std::string LayerIdOf(const ImageAnalysis& analysis, std::uint32_t layer) {
  return layer < analysis.layers.size() ? analysis.layers[layer].diff_id : std::string();
}

// Equal packages get a number, so that every id is given once.
std::vector<std::string> IdsOf(const ImageAnalysis& analysis) {
  std::vector<std::string> ids;
  std::unordered_map<std::string, std::size_t> seen;
  ids.reserve(analysis.packages.size());
  for (const Package& package : analysis.packages) {
    std::string identity =
        Format("{}\n{}\n{}\n{}\n", package.type, package.name, package.version, package.architecture);
    for (const model::Location& location : package.locations)
      identity += Format("{}\n{}\n", location.path, LayerIdOf(analysis, location.layer));
    const std::size_t number = seen[identity]++;
    if (number > 0) identity += Format("{}", number);
    ids.push_back(io::Sha256Of(identity).Hex().substr(0, 16));
  }
  return ids;
}

std::string SourceIdOf(const ImageAnalysis& analysis) {
  std::string digest = TargetDigest(analysis);
  if (digest.starts_with("sha256:")) return digest.substr(7);
  return io::Sha256Of(TargetName(analysis.source)).Hex();
}

std::string_view Attribute(const Package& package, std::string_view key) {
  const auto found = std::ranges::find(package.attributes, key, &std::pair<std::string, std::string>::first);
  return found == package.attributes.end() ? std::string_view() : std::string_view(found->second);
}

// A number kept as text, or 0.
std::uint64_t NumberAttribute(const Package& package, std::string_view key) {
  const std::string_view text = Attribute(package, key);
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void WriteStrings(JsonWriter& writer, std::string_view key, const std::vector<std::string>& values) {
  writer.Key(key).BeginArray();
  for (const std::string& value : values) writer.String(value);
  writer.EndArray();
}

// `base`: the folder that paths are written from; "" for the root.
void WriteFiles(JsonWriter& writer, const Package& package, std::string_view base = {}) {
  writer.Key("files").BeginArray();
  for (const model::OwnedFile& file : package.files) {
    writer.BeginObject();
    const bool inside = !base.empty() && file.path.starts_with(base) && file.path.substr(base.size()).starts_with('/');
    writer.Field("path", inside ? file.path.substr(base.size() + 1) : "/" + file.path);
    if (!file.digest.empty()) {
      writer.Key("digest").BeginObject();
      writer.Field("algorithm", file.algorithm).Field("value", file.digest).EndObject();
    }
    writer.EndObject();
  }
  writer.EndArray();
}

void WriteRpm(JsonWriter& writer, const Package& package) {
  std::string_view version = package.version;
  const std::size_t colon = version.find(':');
  writer.Field("name", package.name);
  writer.Key("epoch");
  std::int64_t epoch = 0;
  if (colon != std::string_view::npos &&
      std::from_chars(version.data(), version.data() + colon, epoch).ptr == version.data() + colon)
    writer.Integer(epoch);
  else
    writer.Null();
  if (colon != std::string_view::npos) version.remove_prefix(colon + 1);
  const std::size_t dash = version.rfind('-');
  writer.Field("version", version.substr(0, dash)).Field("architecture", package.architecture);
  writer.Field("release", dash == std::string_view::npos ? std::string_view() : version.substr(dash + 1));
  writer.Field("sourceRpm", Attribute(package, "rpm:source-rpm"));
  writer.Key("size").Unsigned(NumberAttribute(package, "rpm:size"));
  writer.Field("vendor", package.supplier).Field("modularityLabel", package.module_label);
  WriteStrings(writer, "provides", package.provides);
  WriteStrings(writer, "requires", package.depends);
  WriteFiles(writer, package);
}

void WriteDpkg(JsonWriter& writer, const Package& package) {
  const bool has_source = !package.upstreams.empty();
  writer.Field("package", package.name).Field("source", has_source ? package.upstreams.front().name : "");
  writer.Field("version", package.version);
  writer.Field("sourceVersion", has_source ? package.upstreams.front().version : "");
  writer.Field("architecture", package.architecture).Field("maintainer", package.supplier);
  writer.Key("installedSize").Unsigned(NumberAttribute(package, "dpkg:installed-size"));
  WriteStrings(writer, "provides", package.provides);
  WriteStrings(writer, "depends", package.depends);
  WriteFiles(writer, package);
}

void WriteApk(JsonWriter& writer, const Package& package) {
  writer.Field("package", package.name);
  writer.Field("originPackage", package.upstreams.empty() ? package.name : package.upstreams.front().name);
  writer.Field("maintainer", package.supplier).Field("version", package.version);
  writer.Field("architecture", package.architecture).Field("url", package.homepage);
  writer.Field("description", Attribute(package, "apk:description")).Key("size").Unsigned(0);
  writer.Key("installedSize").Unsigned(NumberAttribute(package, "apk:installed-size"));
  WriteStrings(writer, "pullDependencies", package.depends);
  WriteStrings(writer, "provides", package.provides);
  writer.Field("pullChecksum", Attribute(package, "apk:checksum"));
  writer.Field("gitCommitOfApkPort", Attribute(package, "apk:commit"));
  WriteFiles(writer, package);
}

void WritePython(JsonWriter& writer, const Package& package) {
  const std::string_view home = Attribute(package, "python:site-packages");
  writer.Field("name", package.name).Field("version", package.version).Field("author", package.supplier);
  writer.Field("authorEmail", "").Field("platform", "");
  WriteFiles(writer, package, home);
  writer.Field("sitePackagesRootPath", home.empty() ? std::string() : "/" + std::string(home));
  writer.Key("topLevelPackages").BeginArray();
  std::string_view names = Attribute(package, "python:top-level");
  while (!names.empty()) {
    const std::size_t end = names.find(' ');
    writer.String(names.substr(0, end));
    names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
  }
  writer.EndArray().OptionalField("requiresPython", Attribute(package, "python:requires-python"));
}

void WriteNpm(JsonWriter& writer, const Package& package) {
  writer.Field("name", package.name).Field("version", package.version).Field("author", package.supplier);
  writer.Field("homepage", package.homepage).Field("description", Attribute(package, "npm:description"));
  writer.Field("url", "").Key("private").Bool(false);
}

void WriteGem(JsonWriter& writer, const Package& package) {
  writer.Field("name", package.name).Field("version", package.version);
  WriteStrings(writer, "authors",
               package.supplier.empty() ? std::vector<std::string>() : std::vector{package.supplier});
  writer.OptionalField("homepage", package.homepage);
}

void WriteJava(JsonWriter& writer, const Package& package) {
  writer.Field("virtualPath", package.locations.empty() ? std::string() : "/" + package.locations.front().path);
  if (!package.purl.name_space.empty()) {
    writer.Key("pomProperties").BeginObject();
    writer.Field("path", "").Field("name", "").Field("groupId", package.purl.name_space);
    writer.Field("artifactId", package.name).Field("version", package.version).EndObject();
  }
  const std::string_view sha1 = Attribute(package, "java:sha1");
  if (sha1.empty()) return;
  writer.Key("digest").BeginArray().BeginObject();
  writer.Field("algorithm", "sha1").Field("value", sha1).EndObject().EndArray();
}

void WriteGo(JsonWriter& writer, const Package& package) {
  constexpr std::string_view kSetting = "go:build:";
  writer.Key("goBuildSettings").BeginArray();
  for (const auto& [key, value] : package.attributes) {
    if (!key.starts_with(kSetting)) continue;
    writer.BeginObject();
    writer.Field("key", std::string_view(key).substr(kSetting.size())).Field("value", value).EndObject();
  }
  writer.EndArray();
  writer.Field("goCompiledVersion", Attribute(package, "go:version")).Field("architecture", package.architecture);
  writer.OptionalField("h1Digest", Attribute(package, "go:h1"));
}

void WriteRust(JsonWriter& writer, const Package& package) {
  writer.Field("name", package.name).Field("version", package.version);
  writer.Field("source", Attribute(package, "rust:source"));
}

using MetadataWriter = void (*)(JsonWriter&, const Package&);
struct WriterOfType {
  std::string_view type;
  MetadataWriter write;
};
constexpr std::array kWriters = {
    WriterOfType{"deb", &WriteDpkg},          WriterOfType{"apk", &WriteApk},
    WriterOfType{"rpm", &WriteRpm},           WriterOfType{"python", &WritePython},
    WriterOfType{"npm", &WriteNpm},           WriterOfType{"gem", &WriteGem},
    WriterOfType{"java-archive", &WriteJava}, WriterOfType{"jenkins-plugin", &WriteJava},
    WriterOfType{"go-module", &WriteGo},      WriterOfType{"rust-crate", &WriteRust},
};

void WriteMetadata(JsonWriter& writer, const Package& package) {
  const SyftType* type = FindSyftType(package.type, {});
  const auto found = std::ranges::find(kWriters, std::string_view(package.type), &WriterOfType::type);
  if (type == nullptr || found == kWriters.end()) return;
  writer.Field("metadataType", type->metadata_type).Key("metadata").BeginObject();
  found->write(writer, package);
  writer.EndObject();
}

void WriteLocations(JsonWriter& writer, const ImageAnalysis& analysis, const Package& package) {
  writer.Key("locations").BeginArray();
  for (const model::Location& location : package.locations) {
    // Of archives in archives Syft names the outer one here; the way inside stands in the virtual path.
    const bool nested = package.language == "java" && location.path.find(':') != std::string::npos;
    const std::string path = "/" + (nested ? location.path.substr(0, location.path.find(':')) : location.path);
    writer.BeginObject();
    writer.Field("path", path).OptionalField("layerID", LayerIdOf(analysis, location.layer));
    writer.Field("accessPath", path).Key("annotations").BeginObject();
    writer.Field("evidence", location.primary ? "primary" : "supporting").EndObject().EndObject();
  }
  writer.EndArray();
}

void WriteArtifact(JsonWriter& writer, const ImageAnalysis& analysis, const Package& package, const std::string& id) {
  writer.BeginObject();
  writer.Field("id", id).Field("name", package.name).Field("version", package.version).Field("type", package.type);
  writer.Field("foundBy", package.cataloger);
  WriteLocations(writer, analysis, package);
  writer.Key("licenses").BeginArray();
  for (const model::License& license : package.licenses) {
    writer.BeginObject();
    writer.Field("value", license.value).Field("spdxExpression", license.spdx_expression).Field("type", "declared");
    writer.Key("urls").BeginArray().EndArray().Key("locations").BeginArray().EndArray().EndObject();
  }
  writer.EndArray().Field("language", package.language).Key("cpes").BeginArray();
  const bool stated = !Attribute(package, kCpesAttribute).empty();
  for (const std::string& cpe : CpesOf(package)) {
    writer.BeginObject();
    writer.Field("cpe", cpe).Field("source", stated ? std::string_view("declared") : kGeneratedCpeSource).EndObject();
  }
  writer.EndArray().Field("purl", package.purl.type.empty() ? std::string() : package.purl.Text());
  WriteMetadata(writer, package);
  writer.EndObject();
}

void WriteRelationship(JsonWriter& writer, const std::string& parent, const std::string& child, std::string_view type) {
  writer.BeginObject();
  writer.Field("parent", parent).Field("child", child).Field("type", type).EndObject();
}

Result<void> WriteRelationships(JsonWriter& writer, const ImageAnalysis& analysis, const std::vector<std::string>& ids,
                                io::ByteSink& sink) {
  const std::string source = SourceIdOf(analysis);
  writer.Key("artifactRelationships").BeginArray();
  for (const std::string& id : ids) WriteRelationship(writer, source, id, "contains");
  for (const model::Relation& relation : analysis.relations) {
    switch (relation.kind) {
      case model::RelationKind::kDependsOn:
        WriteRelationship(writer, ids[relation.to], ids[relation.from], "dependency-of");
        break;
      case model::RelationKind::kOwns:
        WriteRelationship(writer, ids[relation.from], ids[relation.to], "ownership-by-file-overlap");
        break;
      case model::RelationKind::kContains:
        WriteRelationship(writer, ids[relation.from], ids[relation.to], "contains");
        break;
    }
    if (writer.Text().size() >= kFlushBytes) HF_CHECK_OK(sink.WriteText(writer.Take()));
  }
  writer.EndArray();
  return {};
}

void WriteImage(JsonWriter& writer, const ImageAnalysis& analysis) {
  const model::ImageSource& source = analysis.source;
  std::uint64_t bytes = 0;
  for (const model::LayerSummary& layer : analysis.layers) bytes += layer.bytes;
  writer.Field("userInput", source.reference).Field("imageID", source.image_id);
  writer.Field("manifestDigest", source.manifest_digest).Field("mediaType", "");
  WriteStrings(writer, "tags", source.tags);
  writer.Key("imageSize").Unsigned(bytes).Key("layers").BeginArray();
  for (const model::LayerSummary& layer : analysis.layers) {
    writer.BeginObject();
    writer.Field("mediaType", layer.media_type).Field("digest", layer.diff_id).Key("size").Unsigned(layer.bytes);
    writer.EndObject();
  }
  writer.EndArray().Key("manifest").Null().Key("config").Null().Key("repoDigests").BeginArray();
  if (!source.name.empty() && !source.manifest_digest.empty())
    writer.String(source.name + "@" + source.manifest_digest);
  writer.EndArray().Field("architecture", source.architecture).Field("os", source.os);
  writer.Key("labels").BeginObject();
  for (const auto& [name, value] : source.labels) writer.Field(name, value);
  writer.EndObject();
}

void WriteSource(JsonWriter& writer, const ImageAnalysis& analysis) {
  const model::ImageSource& source = analysis.source;
  const bool folder = source.kind == "dir", file = source.kind == "file";
  writer.Key("source").BeginObject();
  writer.Field("id", SourceIdOf(analysis)).Field("name", TargetName(source)).Field("version", TargetDigest(analysis));
  writer.Field("type", folder ? "directory" : file ? "file" : "image").Key("metadata").BeginObject();
  if (folder || file)
    writer.Field("path", source.reference);
  else
    WriteImage(writer, analysis);
  writer.EndObject().EndObject();
}

// Name and version are also what documents of schema 1 had there, ids.
void WriteDistro(JsonWriter& writer, const model::Distro& distro) {
  writer.Key("distro").BeginObject();
  if (distro.Known()) {
    writer.OptionalField("prettyName", distro.pretty_name).Field("name", distro.id).Field("id", distro.id);
    WriteStrings(writer, "idLike", distro.id_like);
    writer.Field("version", distro.version_id).Field("versionID", distro.version_id);
    writer.OptionalField("versionCodename", distro.version_codename).OptionalField("cpeName", distro.cpe_name);
  }
  writer.EndObject();
}

}  // namespace

Result<void> WriteSyftJson(const ImageAnalysis& analysis, const WriteOptions& options, io::ByteSink& sink) {
  JsonWriter writer(2);
  const std::vector<std::string> ids = IdsOf(analysis);
  writer.BeginObject().Key("artifacts").BeginArray();
  for (std::size_t i = 0; i < analysis.packages.size(); ++i) {
    WriteArtifact(writer, analysis, analysis.packages[i], ids[i]);
    if (writer.Text().size() >= kFlushBytes) HF_CHECK_OK(sink.WriteText(writer.Take()));
  }
  writer.EndArray();
  HF_CHECK_OK(WriteRelationships(writer, analysis, ids, sink));
  WriteSource(writer, analysis);
  WriteDistro(writer, analysis.distro);
  writer.Key("descriptor").BeginObject();
  writer.Field("name", options.tool_name).Field("version", options.tool_version).EndObject();
  writer.Key("schema").BeginObject();
  writer.Field("version", kSyftSchemaVersion);
  writer.Field("url", Format("https://raw.githubusercontent.com/anchore/syft/main/schema/json/schema-{}.json",
                             kSyftSchemaVersion));
  writer.EndObject().EndObject();
  return sink.WriteText(writer.Take() + "\n");
}

}  // namespace holdfast::sbom
