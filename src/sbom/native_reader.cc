// Holdfast's own JSON (docs/schema/holdfast-1.json): each field back to where the writer took it from.

#include <algorithm>
#include <array>
#include <string>

#include "base/format.h"
#include "base/text.h"
#include "io/json.h"
#include "sbom/document_builder.h"
#include "sbom/document_readers.h"

namespace holdfast::sbom {
namespace {

using io::JsonView;
using model::Package;

constexpr std::size_t kItemsMax = 1'000'000;  // of each list of one package

std::string Clean(JsonView value) { return CleanText(value.StringOr("")); }

std::uint64_t Number(JsonView value) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(value.Integer().value_or(0), 0));
}

template <typename Each>
void ForEach(JsonView list, Each each) {
  for (std::size_t i = 0; list.IsArray() && i < std::min(list.Size(), kItemsMax); ++i) each(list.At(i));
}

std::vector<std::pair<std::string, std::string>> Pairs(JsonView object) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; object.IsObject() && i < std::min(object.Size(), kItemsMax); ++i)
    pairs.emplace_back(CleanText(object.KeyAt(i)), Clean(object.At(i)));
  std::ranges::sort(pairs);
  return pairs;
}

void ReadLists(JsonView from, Package& package) {
  ForEach(from["upstreams"], [&](JsonView one) {
    if (!Clean(one["name"]).empty()) package.upstreams.push_back({Clean(one["name"]), Clean(one["version"])});
  });
  ForEach(from["advisoryNames"], [&](JsonView one) { package.advisory_names.push_back(Clean(one)); });
  ForEach(from["licenses"],
          [&](JsonView one) { package.licenses.push_back({Clean(one["value"]), Clean(one["spdxExpression"])}); });
  ForEach(from["locations"], [&](JsonView one) {
    const auto layer = static_cast<std::uint32_t>(std::min<std::uint64_t>(Number(one["layer"]), Limits{}.layers_max));
    package.locations.push_back({ResolvePath({}, Clean(one["path"])), layer, one["primary"].Bool().value_or(true)});
  });
  ForEach(from["files"], [&](JsonView one) {
    package.files.push_back({ResolvePath({}, Clean(one["path"])), Clean(one["algorithm"]), Clean(one["digest"])});
  });
  package.attributes = Pairs(from["attributes"]);
}

Result<Package> ReadPackage(JsonView from) {
  Package package;
  package.name = Clean(from["name"]);
  if (package.name.empty()) return Fail(ErrorKind::kCorrupt, "without a name");
  package.version = Clean(from["version"]);
  package.type = Clean(from["type"]);
  if (package.type.empty()) package.type = kUnknownType;
  package.language = Clean(from["language"]);
  package.ecosystem = Clean(from["ecosystem"]);
  package.version_scheme = Clean(from["versionScheme"]);
  if (const std::string_view text = from["purl"].StringOr(""); !text.empty()) {
    HF_TRY(package.purl, model::Purl::Parse(text));
  }
  package.architecture = Clean(from["architecture"]);
  package.module_label = Clean(from["module"]);
  package.supplier = Clean(from["supplier"]);
  package.homepage = Clean(from["homepage"]);
  package.cataloger = Clean(from["cataloger"]);
  ReadLists(from, package);
  return package;
}

void ReadSource(JsonView from, DocumentBuilder& builder, const Limits& limits) {
  model::ImageSource& source = builder.Analysis().source;
  if (const std::string kind = Clean(from["kind"]); kind == "dir" || kind == "file") source.kind = kind;
  source.reference = Clean(from["reference"]);
  source.name = Clean(from["name"]);
  ForEach(from["tags"], [&](JsonView one) { source.tags.push_back(Clean(one)); });
  source.manifest_digest = Clean(from["manifestDigest"]);
  source.image_id = Clean(from["imageId"]);
  source.os = Clean(from["os"]);
  source.architecture = Clean(from["architecture"]);
  source.variant = Clean(from["variant"]);
  source.created = Clean(from["created"]);
  source.labels = Pairs(from["labels"]);
  ForEach(from["layers"], [&](JsonView one) {
    if (builder.Analysis().layers.size() >= limits.layers_max) return;
    builder.Analysis().layers.push_back({.digest = Clean(one["digest"]),
                                         .diff_id = Clean(one["diffId"]),
                                         .media_type = Clean(one["mediaType"]),
                                         .compressed_bytes = Number(one["compressedBytes"]),
                                         .bytes = Number(one["bytes"]),
                                         .entries = Number(one["entries"])});
  });
  builder.Analysis().files = Number(from["files"]);
}

void ReadDistro(JsonView from, DocumentBuilder& builder) {
  model::Distro distro{.id = LowerCase(Clean(from["id"])),
                       .version_id = Clean(from["versionId"]),
                       .version_codename = Clean(from["versionCodename"]),
                       .pretty_name = Clean(from["prettyName"]),
                       .cpe_name = Clean(from["cpeName"])};
  ForEach(from["idLike"], [&](JsonView one) { distro.id_like.push_back(Clean(one)); });
  builder.SetDistro(std::move(distro));
}

// What was wrong with the image is wrong with the list.
void ReadProblems(JsonView root, DocumentBuilder& builder) {
  ForEach(root["problems"], [&](JsonView one) {
    ErrorKind kind = ErrorKind::kNotFound;
    for (const ErrorKind known : {ErrorKind::kCorrupt, ErrorKind::kLimit, ErrorKind::kUnsupported})
      if (one["kind"].StringOr("") == ErrorKindName(known)) kind = known;
    const std::string path = Clean(one["path"]);
    builder.Report(kind, path.empty() ? Clean(one["message"]) : path + ": " + Clean(one["message"]));
  });
  if (!root["complete"].Bool().value_or(true)) builder.SaysIncomplete();
}

// Ids are positions. Texts of them name packages here as in other documents.
std::string IdOf(JsonView value) { return Format("{}", value.Integer().value_or(-1)); }

void ReadRelations(JsonView list, DocumentBuilder& builder) {
  using enum model::RelationKind;
  constexpr std::array<std::pair<std::string_view, model::RelationKind>, 3> kKinds = {
      {{"depends-on", kDependsOn}, {"owns", kOwns}, {"contains", kContains}}};
  if (!list.IsArray()) return;
  for (const JsonView one : list)
    for (const auto& [name, kind] : kKinds)
      if (one["kind"].StringOr("") == name) builder.Relate(kind, IdOf(one["from"]), IdOf(one["to"]));
}

}  // namespace

Result<Document> ReadNative(JsonView root, const Limits& limits) {
  DocumentBuilder builder(Format("Holdfast {} JSON", CleanText(root["schema"]["version"].StringOr("?"), 20)), limits);
  builder.SetTool(Format("{} {}", root["descriptor"]["name"].StringOr(""), root["descriptor"]["version"].StringOr("")));
  ReadSource(root["source"], builder, limits);
  ReadDistro(root["distro"], builder);
  ReadProblems(root, builder);
  std::size_t number = 0;
  for (const JsonView one : root["packages"]) {
    const std::string which = Format("package {}", number++);
    auto package = ReadPackage(one);
    if (package)
      HF_CHECK_OK(builder.Add(IdOf(one["id"]), *std::move(package), true));
    else
      builder.BadRecord(which, package.error());
  }
  ReadRelations(root["relations"], builder);
  return builder.Finish();
}

}  // namespace holdfast::sbom
