// A licence that is no SPDX expression becomes a LicenseRef, whose text stands once in
// hasExtractedLicensingInfos (SPDX 2.3, clause 10).

#include "sbom/spdx.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/format.h"
#include "io/json.h"
#include "sbom/identity.h"

namespace holdfast::sbom {
namespace {

using io::JsonWriter;
using model::ImageAnalysis;
using model::Package;

constexpr std::string_view kTargetId = "SPDXRef-Target";
constexpr std::string_view kNoAssertion = "NOASSERTION";

std::string IdOf(std::size_t index) { return Format("SPDXRef-Package-{}", index); }

// Ids of the licence texts that are not in the SPDX list, in order of appearance.
class ExtractedLicenses {
 public:
  std::string IdFor(const std::string& text) {
    const auto [found, added] = ids_.try_emplace(text, Format("LicenseRef-{}", ids_.size() + 1));
    return found->second;
  }
  void Write(JsonWriter& writer) const {
    writer.Key("hasExtractedLicensingInfos").BeginArray();
    for (const auto& [text, id] : ids_) {
      writer.BeginObject();
      writer.Field("licenseId", id).Field("extractedText", text).Field("name", text).EndObject();
    }
    writer.EndArray();
  }

 private:
  std::map<std::string, std::string> ids_;
};

std::string LicenseExpression(const Package& package, ExtractedLicenses& extracted) {
  std::string expression;
  for (const model::License& license : package.licenses) {
    if (license.value.empty()) continue;
    std::string one = license.spdx_expression.empty() ? extracted.IdFor(license.value) : license.spdx_expression;
    if (package.licenses.size() > 1 && one.find(' ') != std::string::npos) one = "(" + one + ")";
    if (!expression.empty()) expression += " AND ";
    expression += one;
  }
  return expression.empty() ? std::string(kNoAssertion) : expression;
}

// What has no field in SPDX, and findings depend on.
void WriteAnnotations(JsonWriter& writer, const Package& package, const WriteOptions& options) {
  if (package.advisory_names.empty()) return;
  writer.Key("annotations").BeginArray();
  for (const std::string& name : package.advisory_names) {
    writer.BeginObject();
    writer.Field("annotationDate", options.timestamp).Field("annotationType", "OTHER");
    writer.Field("annotator", Format("Tool: {}-{}", options.tool_name, options.tool_version));
    writer.Field("comment", "holdfast:advisory-name=" + name).EndObject();
  }
  writer.EndArray();
}

void WritePackage(JsonWriter& writer, const Package& package, std::size_t index, const WriteOptions& options,
                  ExtractedLicenses& extracted) {
  writer.BeginObject();
  writer.Field("name", package.name).Field("SPDXID", IdOf(index)).OptionalField("versionInfo", package.version);
  writer.Field("supplier", package.supplier.empty() ? std::string(kNoAssertion) : "Organization: " + package.supplier);
  writer.Field("downloadLocation", kNoAssertion).Key("filesAnalyzed").Bool(false);
  if (!package.homepage.empty() && package.homepage.find("://") != std::string::npos)
    writer.Field("homepage", package.homepage);
  std::string where;
  for (const auto& location : package.locations) where += (where.empty() ? "" : ", ") + location.path;
  writer.Field("sourceInfo", Format("found by {} in {}", package.cataloger, where));
  writer.Field("licenseConcluded", kNoAssertion).Field("licenseDeclared", LicenseExpression(package, extracted));
  writer.Field("copyrightText", kNoAssertion);
  WriteAnnotations(writer, package, options);
  if (!package.purl.type.empty()) {
    writer.Key("externalRefs").BeginArray().BeginObject();
    writer.Field("referenceCategory", "PACKAGE-MANAGER").Field("referenceType", "purl");
    writer.Field("referenceLocator", package.purl.Text()).EndObject().EndArray();
  }
  writer.EndObject();
}

void WriteTarget(JsonWriter& writer, const ImageAnalysis& analysis) {
  const bool is_files = analysis.source.kind == "dir" || analysis.source.kind == "file";
  writer.BeginObject();
  writer.Field("name", TargetName(analysis.source)).Field("SPDXID", kTargetId);
  writer.OptionalField("versionInfo", TargetDigest(analysis)).Field("supplier", kNoAssertion);
  writer.Field("downloadLocation", kNoAssertion).Key("filesAnalyzed").Bool(false);
  writer.Field("licenseConcluded", kNoAssertion)
      .Field("licenseDeclared", kNoAssertion)
      .Field("copyrightText", kNoAssertion);
  writer.Field("primaryPackagePurpose", is_files ? "FILE" : "CONTAINER").EndObject();
}

void WriteRelationship(JsonWriter& writer, std::string_view from, std::string_view type, std::string_view to,
                       std::string_view comment = {}) {
  writer.BeginObject();
  writer.Field("spdxElementId", from).Field("relationshipType", type).Field("relatedSpdxElement", to);
  writer.OptionalField("comment", comment).EndObject();
}

void WriteRelationships(JsonWriter& writer, const ImageAnalysis& analysis) {
  writer.Key("relationships").BeginArray();
  WriteRelationship(writer, "SPDXRef-DOCUMENT", "DESCRIBES", kTargetId);
  for (std::size_t i = 0; i < analysis.packages.size(); ++i) WriteRelationship(writer, kTargetId, "CONTAINS", IdOf(i));
  for (const auto& relation : analysis.relations) {
    switch (relation.kind) {
      case model::RelationKind::kDependsOn:
        WriteRelationship(writer, IdOf(relation.from), "DEPENDS_ON", IdOf(relation.to));
        break;
      case model::RelationKind::kContains:
        WriteRelationship(writer, IdOf(relation.from), "CONTAINS", IdOf(relation.to));
        break;
      case model::RelationKind::kOwns:
        WriteRelationship(writer, IdOf(relation.from), "OTHER", IdOf(relation.to),
                          "owns the files in which it was found");
        break;
    }
  }
  writer.EndArray();
}

}  // namespace

Result<void> WriteSpdx(const ImageAnalysis& analysis, const WriteOptions& options, io::ByteSink& sink) {
  JsonWriter writer(2);
  ExtractedLicenses extracted;
  const std::string name = TargetName(analysis.source);
  writer.BeginObject();
  writer.Field("spdxVersion", "SPDX-2.3").Field("dataLicense", "CC0-1.0").Field("SPDXID", "SPDXRef-DOCUMENT");
  writer.Field("name", name);
  writer.Field("documentNamespace", "urn:uuid:" + DocumentUuid(analysis, options.timestamp));
  writer.Key("creationInfo").BeginObject().Key("creators").BeginArray();
  writer.String(Format("Tool: {}-{}", options.tool_name, options.tool_version)).EndArray();
  writer.Field("created", options.timestamp);
  if (!std::none_of(analysis.problems.begin(), analysis.problems.end(), &MakesPartial))
    writer.Field("comment", "This document is incomplete: parts of the target could not be read.");
  writer.EndObject();
  writer.Key("packages").BeginArray();
  WriteTarget(writer, analysis);
  for (std::size_t i = 0; i < analysis.packages.size(); ++i) {
    WritePackage(writer, analysis.packages[i], i, options, extracted);
    if (i % 64 == 0) HF_CHECK_OK(sink.WriteText(writer.Take()));
  }
  writer.EndArray();
  extracted.Write(writer);
  WriteRelationships(writer, analysis);
  writer.EndObject();
  return sink.WriteText(writer.Take() + "\n");
}

}  // namespace holdfast::sbom
