// Two choices to know: a package's bom-ref is its package URL with the index of the package, since one
// package may be found in several places; what has no field of its own is a property "holdfast:…".

#include "sbom/cyclonedx.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/format.h"
#include "io/json.h"
#include "model/license.h"
#include "sbom/identity.h"

namespace holdfast::sbom {
namespace {

using io::JsonWriter;
using model::Finding;
using model::ImageAnalysis;
using model::Package;

constexpr std::string_view kTargetRef = "target";

std::string RefOf(const Package& package, std::size_t index) {
  return Format("{}#{}", package.purl.type.empty() ? package.type + "/" + package.name : package.purl.Text(), index);
}

void WriteProperty(JsonWriter& writer, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  writer.BeginObject();
  writer.Field("name", Format("holdfast:{}", name)).Field("value", value).EndObject();
}

// One compound expression stands alone; several licences are listed one by one (the schema allows no mix).
void WriteLicenses(JsonWriter& writer, const Package& package) {
  if (package.licenses.empty()) return;
  writer.Key("licenses").BeginArray();
  if (package.licenses.size() == 1 && !package.licenses[0].spdx_expression.empty() &&
      !model::IsSpdxLicenseId(package.licenses[0].spdx_expression)) {
    writer.BeginObject();
    writer.Field("expression", package.licenses[0].spdx_expression).EndObject();
  } else {
    for (const model::License& license : package.licenses) {
      writer.BeginObject().Key("license").BeginObject();
      if (model::IsSpdxLicenseId(license.spdx_expression))
        writer.Field("id", license.spdx_expression);
      else
        writer.Field("name", license.value.empty() ? "unknown" : license.value);
      writer.EndObject().EndObject();
    }
  }
  writer.EndArray();
}

// `owner`: the package that owns its files.
void WriteComponent(JsonWriter& writer, const ImageAnalysis& analysis, std::size_t index,
                    std::optional<std::uint32_t> owner) {
  const Package& package = analysis.packages[index];
  writer.BeginObject();
  writer.Field("type", "library").Field("bom-ref", RefOf(package, index));
  if (!package.supplier.empty()) {
    writer.Key("supplier").BeginObject();
    writer.Field("name", package.supplier).EndObject();
  }
  const bool grouped = package.purl.type == "maven" || package.purl.type == "npm" || package.purl.type == "golang";
  if (grouped) writer.OptionalField("group", package.purl.name_space);
  writer.Field("name", package.name).Field("version", package.version);
  WriteLicenses(writer, package);
  if (!package.purl.type.empty()) writer.Field("purl", package.purl.Text());
  writer.Key("properties").BeginArray();
  WriteProperty(writer, "type", package.type);
  WriteProperty(writer, "cataloger", package.cataloger);
  WriteProperty(writer, "architecture", package.architecture);
  WriteProperty(writer, "module", package.module_label);
  for (const auto& upstream : package.upstreams)
    WriteProperty(writer, "upstream",
                  upstream.version.empty() ? upstream.name : upstream.name + "@" + upstream.version);
  for (const std::string& name : package.advisory_names) WriteProperty(writer, "advisory-name", name);
  WriteProperty(writer, "homepage", package.homepage);
  if (owner) WriteProperty(writer, "owned-by", RefOf(analysis.packages[*owner], *owner));
  for (const auto& location : package.locations) {
    WriteProperty(writer, "location", location.path);
    if (location.layer < analysis.layers.size())
      WriteProperty(writer, "layer", analysis.layers[location.layer].diff_id);
  }
  for (const auto& [name, value] : package.attributes) WriteProperty(writer, name, value);
  writer.EndArray().EndObject();
}

void WriteMetadata(JsonWriter& writer, const ImageAnalysis& analysis, const WriteOptions& options) {
  writer.Key("metadata").BeginObject();
  if (!options.timestamp.empty()) writer.Field("timestamp", options.timestamp);
  writer.Key("tools").BeginObject().Key("components").BeginArray().BeginObject();
  writer.Field("type", "application").Field("name", options.tool_name).Field("version", options.tool_version);
  writer.EndObject().EndArray().EndObject();
  writer.Key("component").BeginObject();
  const bool is_files = analysis.source.kind == "dir" || analysis.source.kind == "file";
  writer.Field("type", is_files ? "file" : "container").Field("bom-ref", kTargetRef);
  writer.Field("name", TargetName(analysis.source)).OptionalField("version", TargetDigest(analysis)).EndObject();
  const bool complete =
      analysis.problems_dropped == 0 && std::none_of(analysis.problems.begin(), analysis.problems.end(), &MakesPartial);
  writer.Key("properties").BeginArray();
  WriteProperty(writer, "complete", complete ? "true" : "false");
  for (const Problem& problem : analysis.problems)
    WriteProperty(writer, "problem", problem.path.empty() ? problem.message : problem.path + ": " + problem.message);
  writer.EndArray().EndObject();
}

void WriteOperatingSystem(JsonWriter& writer, const model::Distro& distro) {
  if (!distro.Known()) return;
  writer.BeginObject();
  writer.Field("type", "operating-system").Field("bom-ref", "os:" + distro.id + "@" + distro.version_id);
  writer.Field("name", distro.id).OptionalField("version", distro.version_id);
  writer.OptionalField("description", distro.pretty_name).EndObject();
}

// Each component that needs another; CycloneDX wants every ref at most once.
void WriteDependencies(JsonWriter& writer, const ImageAnalysis& analysis) {
  std::map<std::uint32_t, std::vector<std::uint32_t>> needs;
  for (const auto& relation : analysis.relations)
    if (relation.kind == model::RelationKind::kDependsOn) needs[relation.from].push_back(relation.to);
  writer.Key("dependencies").BeginArray();
  for (const auto& [from, targets] : needs) {
    writer.BeginObject();
    writer.Field("ref", RefOf(analysis.packages[from], from)).Key("dependsOn").BeginArray();
    for (const std::uint32_t to : targets) writer.String(RefOf(analysis.packages[to], to));
    writer.EndArray().EndObject();
  }
  writer.EndArray();
}

std::string_view RatingSeverity(model::Severity severity) {
  switch (severity) {
    case model::Severity::kCritical: return "critical";
    case model::Severity::kHigh: return "high";
    case model::Severity::kMedium: return "medium";
    case model::Severity::kLow: return "low";
    case model::Severity::kNegligible: return "info";
    case model::Severity::kUnknown: break;
  }
  return "unknown";
}

std::string_view RatingMethod(std::string_view cvss_version) {
  if (cvss_version == "2.0") return "CVSSv2";
  if (cvss_version == "3.0") return "CVSSv3";
  if (cvss_version == "3.1") return "CVSSv31";
  if (cvss_version == "4.0") return "CVSSv4";
  return "other";
}

void WriteVulnerability(JsonWriter& writer, const ImageAnalysis& analysis, const Finding& finding) {
  writer.BeginObject();
  writer.Field("bom-ref", Format("{}#{}", finding.id, finding.package)).Field("id", finding.id);
  writer.Key("source").BeginObject();
  writer.Field("name", finding.source).EndObject();
  writer.Key("references").BeginArray();
  for (const std::string& alias : finding.aliases) {
    if (alias == finding.id) continue;
    writer.BeginObject();
    writer.Field("id", alias).Key("source").BeginObject();
    writer.Field("name", finding.source).EndObject().EndObject();
  }
  writer.EndArray().Key("ratings").BeginArray().BeginObject();
  writer.Field("severity", RatingSeverity(finding.severity)).EndObject();
  for (const auto& cvss : finding.cvss) {
    writer.BeginObject();
    writer.Field("method", RatingMethod(cvss.version)).Field("vector", cvss.vector).EndObject();
  }
  writer.EndArray();
  writer.OptionalField("description", finding.summary).OptionalField("published", finding.published);
  if (!finding.fixed_versions.empty())
    writer.Field("recommendation",
                 Format("upgrade {} to {}", analysis.packages[finding.package].name, finding.fixed_versions.front()));
  writer.Key("affects").BeginArray().BeginObject();
  writer.Field("ref", RefOf(analysis.packages[finding.package], finding.package)).EndObject().EndArray();
  writer.EndObject();
}

}  // namespace

Result<void> WriteCycloneDx(const ImageAnalysis& analysis, std::span<const Finding> findings,
                            const WriteOptions& options, io::ByteSink& sink) {
  JsonWriter writer(2);
  writer.BeginObject();
  writer.Field("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
  writer.Field("bomFormat", "CycloneDX").Field("specVersion", "1.6");
  writer.Field("serialNumber", "urn:uuid:" + DocumentUuid(analysis, options.timestamp)).Key("version").Integer(1);
  WriteMetadata(writer, analysis, options);
  writer.Key("components").BeginArray();
  std::vector<std::optional<std::uint32_t>> owners(analysis.packages.size());
  for (const model::Relation& relation : analysis.relations)
    if (relation.kind == model::RelationKind::kOwns) owners[relation.to] = relation.from;
  for (std::size_t i = 0; i < analysis.packages.size(); ++i) {
    WriteComponent(writer, analysis, i, owners[i]);
    if (i % 64 == 0) HF_CHECK_OK(sink.WriteText(writer.Take()));
  }
  WriteOperatingSystem(writer, analysis.distro);
  writer.EndArray();
  WriteDependencies(writer, analysis);
  if (options.with_findings) {
    writer.Key("vulnerabilities").BeginArray();
    for (const Finding& finding : findings) WriteVulnerability(writer, analysis, finding);
    writer.EndArray();
  }
  writer.EndObject();
  return sink.WriteText(writer.Take() + "\n");
}

}  // namespace holdfast::sbom
