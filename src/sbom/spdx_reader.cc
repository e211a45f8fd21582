// SPDX 2.2 and 2.3 in JSON (spdx-spec/v2.3, annex F), and 3.0 in JSON-LD (spdx-spec/v3.0.1), where packages, licences
// and relations are elements of one list that name each other.

#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/format.h"
#include "base/text.h"
#include "sbom/document_readers.h"
#include "sbom/spdx_document.h"

namespace holdfast::sbom {
namespace {

using io::JsonView;

// External references and annotations of one package.
constexpr std::size_t kItemsMax = 10'000;

std::string Text(JsonView value) { return std::string(value.StringOr("")); }

std::string FormatOf(std::string_view version, std::string_view form) {
  constexpr std::size_t kVersionBytesMax = 20;
  return Format("SPDX {} {}", CleanText(version, kVersionBytesMax), form);
}

SpdxPackage ReadPackage2(JsonView from) {
  SpdxPackage package{.id = Text(from["SPDXID"]),
                      .name = Text(from["name"]),
                      .version = Text(from["versionInfo"]),
                      .supplier = Text(from["supplier"]),
                      .originator = Text(from["originator"]),
                      .homepage = Text(from["homepage"]),
                      .source_info = Text(from["sourceInfo"]),
                      .purpose = Text(from["primaryPackagePurpose"]),
                      .file_name = Text(from["packageFileName"]),
                      .license_declared = Text(from["licenseDeclared"]),
                      .license_concluded = Text(from["licenseConcluded"])};
  if (from["externalRefs"].IsArray())
    for (const JsonView ref : from["externalRefs"])
      if (package.refs.size() < kItemsMax)
        package.refs.push_back({Text(ref["referenceType"]), Text(ref["referenceLocator"])});
  if (from["annotations"].IsArray())
    for (const JsonView one : from["annotations"])
      if (package.comments.size() < kItemsMax) package.comments.push_back(Text(one["comment"]));
  return package;
}

using Elements = std::unordered_map<std::string_view, JsonView>;

// Elements stand in place, or are named.
JsonView Resolve(JsonView value, const Elements& elements) {
  if (!value.IsString()) return value;
  const auto found = elements.find(value.StringOr(""));
  return found == elements.end() ? JsonView() : found->second;
}

std::string_view TypeOf(JsonView element) {
  return element["type"].IsNull() ? element["@type"].StringOr("") : element["type"].StringOr("");
}

std::string_view IdOf(JsonView element) {
  return element["spdxId"].IsNull() ? element["@id"].StringOr("") : element["spdxId"].StringOr("");
}

SpdxPackage ReadPackage3(JsonView from, const Elements& elements) {
  SpdxPackage package{.id = std::string(IdOf(from)),
                      .name = Text(from["name"]),
                      .version = Text(from["software_packageVersion"]),
                      .supplier = Text(Resolve(from["suppliedBy"], elements)["name"]),
                      .homepage = Text(from["software_homePage"]),
                      .source_info = Text(from["software_sourceInfo"]),
                      .purpose = Text(from["software_primaryPurpose"])};
  if (const std::string purl = Text(from["software_packageUrl"]); !purl.empty()) package.refs.push_back({"purl", purl});
  if (from["externalIdentifier"].IsArray())
    for (const JsonView ref : from["externalIdentifier"]) {
      const std::string_view type = ref["externalIdentifierType"].StringOr("");
      if (package.refs.size() < kItemsMax)
        package.refs.push_back({type == "packageUrl" ? "purl" : std::string(type), Text(ref["identifier"])});
    }
  return package;
}

// The names of SPDX 2 for the same.
std::string_view RelationOf(std::string_view type) {
  if (type == "dependsOn") return "DEPENDS_ON";
  if (type == "contains") return "CONTAINS";
  return {};
}

class Spdx3Reader {
 public:
  Spdx3Reader(JsonView root, const Limits& limits)
      : graph_(root["@graph"]), document_(FormatOf("3.0", "JSON"), limits) {}

  Result<Document> Read() {
    for (const JsonView element : graph_)
      if (const std::string_view id = IdOf(element); !id.empty()) elements_.emplace(id, element);
    for (const JsonView element : graph_) ReadRelation(element);
    for (const JsonView element : graph_) {
      const std::string_view type = TypeOf(element);
      if (type == "software_Package") HF_CHECK_OK(Add(element));
      if (type == "CreationInfo") ReadTools(element);
      if (type == "SpdxDocument") ReadRoots(element);
    }
    return document_.Finish();
  }

 private:
  void ReadRelation(JsonView element);
  void ReadTools(JsonView creation);
  void ReadRoots(JsonView document);

  Result<void> Add(JsonView element) {
    SpdxPackage package = ReadPackage3(element, elements_);
    const auto declared = declared_.find(package.id);
    if (declared != declared_.end()) package.license_declared = declared->second;
    return document_.Add(std::move(package));
  }

  JsonView graph_;
  SpdxDocument document_;
  Elements elements_;
  std::unordered_map<std::string_view, std::string> declared_;  // licence by package
  std::unordered_set<std::string_view> roots_;                  // that were read
};

void Spdx3Reader::ReadRelation(JsonView element) {
  const std::string_view kind = TypeOf(element);
  if (kind != "Relationship" && kind != "LifecycleScopedRelationship") return;
  const std::string_view from = element["from"].StringOr(""), type = element["relationshipType"].StringOr("");
  const JsonView targets = element["to"];
  if (!targets.IsArray()) return;
  if (type == "hasDeclaredLicense") {
    const JsonView license = Resolve(targets.At(0), elements_);
    declared_.emplace(from, Text(license["simplelicensing_licenseExpression"]));
    return;
  }
  const std::string_view relation = RelationOf(type);
  if (relation.empty()) return;
  for (const JsonView to : targets) document_.AddRelationship(from, relation, to.StringOr(""), {});
}

void Spdx3Reader::ReadTools(JsonView creation) {
  if (!creation["createdUsing"].IsArray()) return;
  for (const JsonView one : creation["createdUsing"])
    if (const std::string_view name = Resolve(one, elements_)["name"].StringOr(""); !name.empty())
      document_.AddCreator(Format("Tool: {}", name));
}

// The root of a document is a list of elements, or a "software_Sbom" that has its own.
void Spdx3Reader::ReadRoots(JsonView document) {
  document_.SetName(document["name"].StringOr(""));
  if (!document["rootElement"].IsArray()) return;
  for (const JsonView root : document["rootElement"]) {
    const JsonView element = Resolve(root, elements_);
    // Each once: a list that is named a million times would cost its length as often.
    if (!roots_.insert(IdOf(element)).second) continue;
    const bool list = TypeOf(element) == "software_Sbom" && element["rootElement"].IsArray();
    if (!list) document_.AddRelationship("SPDXRef-DOCUMENT", "DESCRIBES", IdOf(element), {});
    if (list)
      for (const JsonView inner : element["rootElement"])
        document_.AddRelationship("SPDXRef-DOCUMENT", "DESCRIBES", inner.StringOr(""), {});
  }
}

}  // namespace

Result<Document> ReadSpdx2(JsonView root, const Limits& limits) {
  std::string_view version = root["spdxVersion"].StringOr("");
  if (version.starts_with("SPDX-")) version.remove_prefix(5);
  SpdxDocument document(FormatOf(version, "JSON"), limits);
  document.SetName(root["name"].StringOr(""));
  document.SetComment(root["creationInfo"]["comment"].StringOr(""));
  if (root["creationInfo"]["creators"].IsArray())
    for (const JsonView creator : root["creationInfo"]["creators"]) document.AddCreator(creator.StringOr(""));
  if (root["hasExtractedLicensingInfos"].IsArray())
    for (const JsonView license : root["hasExtractedLicensingInfos"])
      document.AddLicenseText(Text(license["licenseId"]), license["name"].StringOr(""),
                              license["extractedText"].StringOr(""));
  if (root["documentDescribes"].IsArray())
    for (const JsonView id : root["documentDescribes"])
      document.AddRelationship("SPDXRef-DOCUMENT", "DESCRIBES", id.StringOr(""), {});
  if (root["packages"].IsArray())
    for (const JsonView package : root["packages"]) HF_CHECK_OK(document.Add(ReadPackage2(package)));
  if (root["relationships"].IsArray())
    for (const JsonView one : root["relationships"])
      document.AddRelationship(one["spdxElementId"].StringOr(""), one["relationshipType"].StringOr(""),
                               one["relatedSpdxElement"].StringOr(""), one["comment"].StringOr(""));
  return document.Finish();
}

Result<Document> ReadSpdx3(JsonView root, const Limits& limits) { return Spdx3Reader(root, limits).Read(); }

}  // namespace holdfast::sbom
