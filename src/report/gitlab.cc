// Lengths and patterns are the schema's: a report that breaks one of them is refused whole.
#include <array>
#include <optional>
#include <string>

#include "base/format.h"
#include "base/text.h"
#include "cvss/vector.h"
#include "io/json.h"
#include "io/sha256.h"
#include "report/report.h"
#include "sbom/finding_text.h"
#include "sbom/identity.h"

namespace holdfast::report {
namespace {

using io::JsonWriter;
using model::Finding;
using model::Package;
using model::Severity;

constexpr std::size_t kFlushBytes = 256 * 1024;
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kSolutionBytesMax = 7000;
constexpr std::size_t kDescriptionBytesMax = 64 * 1024;  // of a mebibyte that is allowed
constexpr std::size_t kVectorsMax = 10;
constexpr std::size_t kVectorBytesMax = 128;
constexpr std::string_view kUnknown = "unknown";

std::string_view SeverityWord(Severity severity) {
  return severity == Severity::kNegligible ? "Info" : model::SeverityName(severity);
}

// "2026-09-21T14:13:20Z" without its zone, which the schema does not want.
std::string TimeOf(std::string_view timestamp) {
  constexpr std::string_view kNoTime = "1970-01-01T00:00:00";
  return std::string(timestamp.size() < kNoTime.size() ? kNoTime : timestamp.substr(0, kNoTime.size()));
}

void WriteTool(JsonWriter& writer, std::string_view key, const sbom::WriteOptions& options) {
  writer.Key(key).BeginObject();
  writer.Field("id", options.tool_name).Field("name", options.tool_name);
  writer.Field("version", options.tool_version.empty() ? kUnknown : options.tool_version);
  writer.Key("vendor").BeginObject().Field("name", options.tool_name).EndObject().EndObject();
}

void WriteMessage(JsonWriter& writer, std::string_view level, std::string_view value) {
  writer.BeginObject().Field("level", level).Field("value", value.empty() ? kUnknown : value).EndObject();
}

void WriteScan(JsonWriter& writer, const Report& report) {
  writer.Key("scan").BeginObject();
  WriteTool(writer, "analyzer", report.options);
  WriteTool(writer, "scanner", report.options);
  writer.Field("type", "container_scanning");
  writer.Field("start_time", TimeOf(report.options.timestamp)).Field("end_time", TimeOf(report.options.timestamp));
  // A partial result is a result: GitLab drops the findings of a scan that failed.
  writer.Field("status", "success").Key("messages").BeginArray();
  for (const Problem& problem : report.analysis.problems)
    WriteMessage(writer, MakesPartial(problem) ? "warn" : "info", sbom::ProblemText(problem));
  if (report.analysis.problems_dropped > 0)
    WriteMessage(writer, "warn", Format("{} more problems are not listed", report.analysis.problems_dropped));
  if (report.silenced > 0) WriteMessage(writer, "info", Format("{} findings are silenced", report.silenced));
  writer.EndArray().EndObject();
}

void WriteIdentifier(JsonWriter& writer, std::string_view id) {
  const std::string_view prefix = id.substr(0, id.find('-'));
  writer.BeginObject();
  writer.Field("type", prefix.empty() ? std::string(kUnknown) : LowerCase(prefix)).Field("name", id).Field("value", id);
  writer.OptionalField("url", sbom::PageOf(id)).EndObject();
}

void WriteIdentifiers(JsonWriter& writer, const Finding& finding) {
  writer.Key("identifiers").BeginArray();
  WriteIdentifier(writer, finding.id);
  for (const std::string& alias : finding.aliases)
    if (!alias.empty() && alias != finding.id) WriteIdentifier(writer, alias);
  for (const std::uint32_t cwe : sbom::CweNumbers(finding)) {
    writer.BeginObject().Field("type", "cwe").Field("name", Format("CWE-{}", cwe)).Field("value", Format("{}", cwe));
    writer.Field("url", Format("https://cwe.mitre.org/data/definitions/{}.html", cwe)).EndObject();
  }
  writer.EndArray();
}

// As our own reader writes it, which is within the schema's pattern; nothing for what it has no pattern for.
std::optional<std::string> VectorText(const model::CvssVector& stated) {
  const auto vector = cvss::Vector::Parse(stated.vector);
  if (!vector || vector->Version() == cvss::Version::k40) return std::nullopt;
  std::string text = vector->Text();
  if (text.size() > kVectorBytesMax) return std::nullopt;
  return text;
}

// An empty list is not allowed, so the key comes with its first vector; version 3 goes before 2, as the first one
// counts.
void WriteVectors(JsonWriter& writer, const Finding& finding) {
  std::size_t written = 0;
  for (const bool newer : {true, false})
    for (const model::CvssVector& stated : sbom::CvssOf(finding)) {
      const auto text = VectorText(stated);
      if (!text || text->starts_with("CVSS:3") != newer || written == kVectorsMax) continue;
      if (written++ == 0) writer.Key("cvss_vectors").BeginArray();
      const std::string& vendor = stated.source.empty() ? finding.source : stated.source;
      writer.BeginObject().Field("vendor", vendor.empty() ? kUnknown : vendor).Field("vector", *text).EndObject();
    }
  if (written > 0) writer.EndArray();
}

void WriteLinks(JsonWriter& writer, const Finding& finding) {
  writer.Key("links").BeginArray();
  for (const auto& reference : finding.references)
    if (sbom::IsWebUrl(reference.url))
      writer.BeginObject().Field("url", reference.url).OptionalField("name", reference.type).EndObject();
  writer.EndArray();
}

void WriteDetail(JsonWriter& writer, std::string_view key, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  writer.Key(key).BeginObject();
  writer.Field("type", "text").Field("name", name).Field("value", value).EndObject();
}

// What GitLab shows besides, under names of our own.
void WriteDetails(JsonWriter& writer, const Report& report, const Finding& finding, const Package& package) {
  writer.Key("details").BeginObject();
  WriteDetail(writer, "path", "Path", sbom::PathOf(package));
  WriteDetail(writer, "layer", "Layer", sbom::LayerOf(report.analysis, package));
  WriteDetail(writer, "advisory", "Advisory", finding.advisory_id);
  WriteDetail(writer, "range", "Vulnerable range", finding.reason.range);
  WriteDetail(writer, "fix", "Fix", sbom::FixText(finding));
  WriteDetail(writer, "risk", "Risk", sbom::RiskText(finding));
  WriteDetail(writer, "epss", "EPSS", sbom::EpssText(finding));
  WriteDetail(writer, "known_exploited", "Known exploited", sbom::KnownExploitedText(finding));
  writer.EndObject();
}

std::string ImageName(const model::ImageAnalysis& analysis) {
  const model::ImageSource& source = analysis.source;
  if (!source.tags.empty() && !source.name.empty()) return source.name + ":" + source.tags.front();
  const std::string name = sbom::TargetName(source);
  return name.empty() ? std::string(kUnknown) : name;
}

void WriteLocation(JsonWriter& writer, const model::ImageAnalysis& analysis, const Package& package) {
  const model::Distro& distro = analysis.distro;
  writer.Key("location").BeginObject().Key("dependency").BeginObject();
  writer.Key("package").BeginObject().Field("name", package.name).EndObject();
  writer.Field("version", package.version).EndObject();
  writer.Field("operating_system",
               distro.Known() ? std::string(Trim(distro.id + " " + distro.version_id)) : std::string(kUnknown));
  writer.Field("image", ImageName(analysis)).EndObject();
}

void WriteVulnerability(JsonWriter& writer, const Report& report, std::size_t index) {
  const Finding& finding = report.findings[index];
  const std::string_view summary = sbom::SummaryOf(finding);
  const Package& package = report.analysis.packages[finding.package];
  writer.BeginObject();
  // The index makes it unique in the report, the rest is what it is about: the same input gives the same id.
  writer.Field("id", sbom::ContentUuid(
                         Format("{}\n{}\n{}\n{}\n{}", index, finding.id, package.type, package.name, package.version)));
  writer.Field("name", CleanText(finding.id, kNameBytesMax));
  writer.Field("description", CleanText(summary.empty() ? finding.id : summary, kDescriptionBytesMax));
  writer.Field("severity", SeverityWord(finding.severity));
  writer.Field("solution", CleanText(sbom::Recommendation(finding, package), kSolutionBytesMax));
  WriteIdentifiers(writer, finding);
  WriteVectors(writer, finding);
  WriteLinks(writer, finding);
  WriteDetails(writer, report, finding, package);
  WriteLocation(writer, report.analysis, package);
  writer.EndObject();
}

}  // namespace

Result<void> WriteGitLab(const Report& report, io::ByteSink& sink) {
  JsonWriter writer(2);
  writer.BeginObject();
  writer.Field("version", "15.0.7");
  WriteScan(writer, report);
  writer.Key("vulnerabilities").BeginArray();
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    WriteVulnerability(writer, report, i);
    if (writer.Text().size() >= kFlushBytes) HF_CHECK_OK(sink.WriteText(writer.Take()));
  }
  writer.EndArray().Key("remediations").BeginArray().EndArray().EndObject();
  return sink.WriteText(writer.Take() + "\n");
}

}  // namespace holdfast::report
