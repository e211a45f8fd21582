// Two choices to know: a package's bom-ref is its package URL with the index of the package, since one
// package may be found in several places; what has no field of its own is a property "holdfast:…".

#include "sbom/cyclonedx.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "cvss/score.h"
#include "io/json.h"
#include "model/license.h"
#include "sbom/finding_text.h"
#include "sbom/identity.h"

namespace holdfast::sbom {
namespace {

using io::JsonWriter;
using model::Finding;
using model::ImageAnalysis;
using model::Package;

constexpr std::string_view kTargetRef = "target";
constexpr std::size_t kFlushBytes = 256 * 1024;

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
  writer.Key("properties").BeginArray();
  WriteProperty(writer, "complete", IsComplete(analysis) ? "true" : "false");
  for (const Problem& problem : analysis.problems) WriteProperty(writer, "problem", ProblemText(problem));
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

std::string_view RatingMethod(cvss::Version version) {
  switch (version) {
    case cvss::Version::k20: return "CVSSv2";
    case cvss::Version::k30: return "CVSSv3";
    case cvss::Version::k31: return "CVSSv31";
    case cvss::Version::k40: return "CVSSv4";
  }
  return "other";
}

void WriteNamed(JsonWriter& writer, std::string_view key, std::string_view name) {
  writer.Key(key).BeginObject();
  writer.Field("name", name.empty() ? "unknown" : name).EndObject();
}

// The severity as it was judged, then each CVSS vector with what it comes to.
void WriteRatings(JsonWriter& writer, const Finding& finding) {
  writer.Key("ratings").BeginArray().BeginObject();
  WriteNamed(writer, "source", finding.source);
  writer.Field("severity", RatingSeverity(finding.severity)).EndObject();
  for (const auto& stated : CvssOf(finding)) {
    const auto vector = cvss::Vector::Parse(stated.vector);
    writer.BeginObject();
    WriteNamed(writer, "source", stated.source.empty() ? finding.source : stated.source);
    if (vector) {
      writer.Key("score").Double(cvss::OverallScore(*vector));
      writer.Field("severity", RatingSeverity(cvss::SeverityOf(*vector)))
          .Field("method", RatingMethod(vector->Version()));
    } else {
      writer.Field("method", "other");
    }
    writer.Field("vector", stated.vector).EndObject();
  }
  writer.EndArray();
}

std::string QuoteVersion(std::string_view version) {
  std::string quoted;
  for (const char c : version) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~:").find(c) != std::string_view::npos;
    quoted.append(plain ? std::string(1, c) : Format("%{:02X}", static_cast<std::uint8_t>(c)));
  }
  return quoted;
}

// The range that held (">= 1.0, < 1.2") in the words of vers (package-url.github.io/vers-spec): "vers:deb/>=1.0|<1.2".
// Nothing where the versions of the source package were compared: the range is not one of this package's versions.
std::string VersRange(const Finding& finding, const Package& package) {
  if (package.purl.type.empty() || finding.reason.compared_version != package.version) return {};
  std::string constraints;
  for (std::string_view rest = finding.reason.range; !rest.empty();) {
    const std::string_view part = Trim(TakeUntil(rest, ','));
    const std::size_t blank = part.find(' ');
    const std::string_view comparator = part.substr(0, blank);
    if (blank == std::string_view::npos || (comparator != ">=" && comparator != "<" && comparator != "<=")) return {};
    const std::string_view version = Trim(part.substr(blank));
    if (comparator == ">=" && version == "0") continue;
    constraints.append(constraints.empty() ? "" : "|").append(comparator).append(QuoteVersion(version));
  }
  if (finding.reason.range.empty()) return {};
  return Format("vers:{}/{}", package.purl.type, constraints.empty() ? "*" : constraints);
}

void WriteAffects(JsonWriter& writer, const Finding& finding, const Package& package) {
  writer.Key("affects").BeginArray().BeginObject();
  writer.Field("ref", RefOf(package, finding.package)).Key("versions").BeginArray();
  const auto version = [&](std::string_view key, std::string_view value, std::string_view status) {
    if (!value.empty()) writer.BeginObject().Field(key, value).Field("status", status).EndObject();
  };
  version("version", package.version, "affected");
  version("range", VersRange(finding, package), "affected");
  for (const std::string& fixed : finding.fixed_versions) version("version", fixed, "unaffected");
  writer.EndArray().EndObject().EndArray();
}

// What the vendor said beyond versions. "exploitable" is the specification's word for "may be": it knows no weaker one.
void WriteAnalysis(JsonWriter& writer, const Finding& finding, const Package& package) {
  const bool will_not_fix = finding.fix_state == model::FixState::kWontFix;
  if (!will_not_fix && finding.fix_state != model::FixState::kUnderInvestigation) return;
  writer.Key("analysis").BeginObject().Field("state", will_not_fix ? "exploitable" : "in_triage");
  if (will_not_fix) writer.Key("response").BeginArray().String("will_not_fix").EndArray();
  writer.Field("detail", Recommendation(finding, package)).EndObject();
}

void WriteOtherNames(JsonWriter& writer, const Finding& finding) {
  writer.Key("references").BeginArray();
  for (const std::string& alias : finding.aliases) {
    if (alias == finding.id) continue;
    writer.BeginObject().Field("id", alias);
    WriteNamed(writer, "source", finding.source);
    writer.EndObject();
  }
  writer.EndArray();
}

void WriteAdvisories(JsonWriter& writer, const Finding& finding) {
  const std::string page = PageOf(finding.id);
  writer.Key("advisories").BeginArray();
  if (!page.empty()) writer.BeginObject().Field("title", finding.id).Field("url", page).EndObject();
  for (const auto& reference : finding.references)
    if (IsWebUrl(reference.url) && reference.url != page)
      writer.BeginObject().OptionalField("title", reference.type).Field("url", reference.url).EndObject();
  writer.EndArray();
}

// date-time of RFC 3339, as the schema wants it; advisories may state only the day.
std::string DateTime(std::string_view stated) {
  constexpr std::size_t kDayBytes = 10;
  return std::string(stated) + (stated.size() == kDayBytes ? "T00:00:00Z" : "");
}

// What silenced a finding, in the words of the specification's impact analysis.
void WriteSilencedAnalysis(JsonWriter& writer, const model::SilencedFinding& silenced) {
  using enum model::SilencedBy;
  std::string_view state = "not_affected";
  if (silenced.by == kFixedByOwner) state = "resolved";
  // What a user ignores is still there.
  if (silenced.by == kIgnoreRule || silenced.by == kFoundInOwner) state = "exploitable";
  writer.Key("analysis").BeginObject().Field("state", state);
  if (silenced.by == kNoCode) writer.Field("justification", "code_not_present");
  if (silenced.by == kIgnoreRule) writer.Key("response").BeginArray().String("will_not_fix").EndArray();
  writer.Field("detail",
               Format("{} ({}): {}", silenced.source, model::SilencedByName(silenced.by), silenced.statement));
  writer.EndObject();
}

void WriteVulnerability(JsonWriter& writer, const ImageAnalysis& analysis, const Finding& finding,
                        const model::SilencedFinding* silenced = nullptr) {
  const Package& package = analysis.packages[finding.package];
  writer.BeginObject();
  writer.Field("bom-ref", Format("{}#{}", finding.id, finding.package)).Field("id", finding.id);
  WriteNamed(writer, "source", finding.source);
  WriteOtherNames(writer, finding);
  WriteRatings(writer, finding);
  if (const auto cwes = CweNumbers(finding); !cwes.empty()) {
    writer.Key("cwes").BeginArray();
    for (const std::uint32_t cwe : cwes) writer.Unsigned(cwe);
    writer.EndArray();
  }
  writer.OptionalField("description", SummaryOf(finding));
  if (!finding.fixed_versions.empty()) writer.Field("recommendation", Recommendation(finding, package));
  WriteAdvisories(writer, finding);
  writer.OptionalField("published", DateTime(finding.published));
  if (silenced != nullptr)
    WriteSilencedAnalysis(writer, *silenced);
  else
    WriteAnalysis(writer, finding, package);
  WriteAffects(writer, finding, package);
  writer.Key("properties").BeginArray();
  WriteProperty(writer, "advisory", finding.advisory_id);
  WriteProperty(writer, "fix-state", model::FixStateName(finding.fix_state));
  WriteProperty(writer, "risk", RiskText(finding));
  WriteProperty(writer, "epss", EpssText(finding));
  WriteProperty(writer, "known-exploited", KnownExploitedText(finding));
  if (finding.owned_by >= 0) {
    const auto owner = static_cast<std::size_t>(finding.owned_by);
    WriteProperty(writer, "owned-by", RefOf(analysis.packages[owner], owner));
  }
  writer.EndArray().EndObject();
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
    if (writer.Text().size() >= kFlushBytes) HF_CHECK_OK(sink.WriteText(writer.Take()));
  }
  WriteOperatingSystem(writer, analysis.distro);
  writer.EndArray();
  WriteDependencies(writer, analysis);
  if (options.with_findings) {
    writer.Key("vulnerabilities").BeginArray();
    for (const Finding& finding : findings) {
      WriteVulnerability(writer, analysis, finding);
      if (writer.Text().size() >= kFlushBytes) HF_CHECK_OK(sink.WriteText(writer.Take()));
    }
    for (const model::SilencedFinding& silenced : options.silenced) {
      WriteVulnerability(writer, analysis, silenced.finding, &silenced);
      if (writer.Text().size() >= kFlushBytes) HF_CHECK_OK(sink.WriteText(writer.Take()));
    }
    writer.EndArray();
  }
  writer.EndObject();
  return sink.WriteText(writer.Take() + "\n");
}

}  // namespace holdfast::sbom
