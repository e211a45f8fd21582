// Order within the document: the rules come before the results, so findings are walked twice. A rule is a vulnerability
// of a package by name; results of several such packages share it.
#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "cvss/score.h"
#include "io/json.h"
#include "io/sha256.h"
#include "report/quote.h"
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
constexpr std::size_t kShortTextBytesMax = 1024;  // what code scanning shows of a description
constexpr std::string_view kBaseId = "IMAGE";

Result<void> Flush(JsonWriter& writer, io::ByteSink& sink) {
  if (writer.Text().size() < kFlushBytes) return {};
  return sink.WriteText(writer.Take());
}

std::string RuleId(const Finding& finding, const Package& package) { return finding.id + "-" + package.name; }

std::string_view LevelOf(Severity severity) {
  if (severity >= Severity::kHigh) return "error";
  return severity == Severity::kMedium ? "warning" : "note";
}

// Code scanning makes its own severity of this number. So it is the CVSS score where that says the same as the
// finding's severity, which may be the distribution's judgement, and else a number that does.
double SecuritySeverity(const Finding& finding) {
  const auto score = sbom::BestScore(finding);
  if (score && cvss::SeverityOf(cvss::RatingOf(score->version, score->value)) == finding.severity) return score->value;
  switch (finding.severity) {
    case Severity::kCritical: return 9.0;
    case Severity::kHigh: return 7.0;
    case Severity::kMedium: return 4.0;
    case Severity::kLow: return 1.0;
    case Severity::kNegligible:
    case Severity::kUnknown: break;
  }
  return 0.0;
}

void WriteText(JsonWriter& writer, std::string_view key, std::string_view text) {
  writer.Key(key).BeginObject();
  writer.Field("text", text).EndObject();
}

// The rule's property bag: where facts about the vulnerability go that SARIF has no word for.
void WriteRuleProperties(JsonWriter& writer, const Finding& finding, const Package& package) {
  writer.Key("properties").BeginObject();
  writer.Field("security-severity", Format("{:.1f}", SecuritySeverity(finding)));
  writer.Field("severity", model::SeverityName(finding.severity)).Field("precision", "high");
  writer.Field("advisory", finding.advisory_id).OptionalField("published", finding.published);
  writer.OptionalField("epss", sbom::EpssText(finding));
  writer.OptionalField("knownExploited", sbom::KnownExploitedText(finding));
  writer.Key("aliases").BeginArray();
  for (const std::string& alias : finding.aliases) writer.String(alias);
  writer.EndArray().Key("cvss").BeginArray();
  for (const auto& cvss : sbom::CvssOf(finding)) writer.String(cvss.vector);
  writer.EndArray().Key("tags").BeginArray();
  writer.String("security").String("vulnerability").String("package-" + package.type);
  // Code scanning's own form of weaknesses.
  for (const std::uint32_t cwe : sbom::CweNumbers(finding)) writer.String(Format("external/cwe/cwe-{}", cwe));
  writer.EndArray().EndObject();
}

void WriteRule(JsonWriter& writer, const Finding& finding, const Package& package) {
  const std::string title = Format("{}: {} severity vulnerability of {}", finding.id,
                                   model::SeverityName(finding.severity), CleanText(package.name, kShortTextBytesMax));
  const std::string page = sbom::PageOf(finding.id);
  const std::string summary = sbom::SummaryOf(finding).empty() ? title : std::string(sbom::SummaryOf(finding));
  writer.BeginObject();
  writer.Field("id", RuleId(finding, package)).Field("name", "VulnerablePackage");
  WriteText(writer, "shortDescription", CleanText(title, kShortTextBytesMax));
  WriteText(writer, "fullDescription", CleanText(summary, kShortTextBytesMax));
  writer.OptionalField("helpUri", page);
  std::string help = summary + "\n";
  std::string markdown = QuoteMarkdown(summary) + "\n";
  const auto link = [&](std::string_view url) {
    if (!sbom::IsWebUrl(url)) return;
    help.append("\n").append(url);
    markdown.append("\n* <").append(url).append(">");
  };
  link(page);
  for (const auto& reference : finding.references)
    if (reference.url != page) link(reference.url);
  writer.Key("help").BeginObject();
  writer.Field("text", help).Field("markdown", markdown).EndObject();
  writer.Key("defaultConfiguration").BeginObject();
  writer.Field("level", LevelOf(finding.severity)).EndObject();
  WriteRuleProperties(writer, finding, package);
  writer.EndObject();
}

void WriteNotifications(JsonWriter& writer, const model::ImageAnalysis& analysis) {
  writer.Key("toolExecutionNotifications").BeginArray();
  for (const Problem& problem : analysis.problems) {
    writer.BeginObject();
    writer.Field("level", MakesPartial(problem) ? "error" : "note");
    writer.Key("descriptor").BeginObject().Field("id", ErrorKindName(problem.kind)).EndObject();
    WriteText(writer, "message", sbom::ProblemText(problem));
    writer.EndObject();
  }
  if (analysis.problems_dropped > 0) {
    writer.BeginObject().Field("level", "error");
    WriteText(writer, "message", Format("{} more problems are not listed", analysis.problems_dropped));
    writer.EndObject();
  }
  writer.EndArray();
}

void WriteRun(JsonWriter& writer, const Report& report) {
  const model::ImageAnalysis& analysis = report.analysis;
  const std::string target = sbom::TargetName(analysis.source);
  writer.Key("automationDetails").BeginObject().Field("id", "holdfast/" + QuotePath(target) + "/").EndObject();
  writer.Key("originalUriBaseIds").BeginObject().Key(kBaseId).BeginObject();
  WriteText(writer, "description", "the root folder of " + target);
  writer.EndObject().EndObject();
  writer.Key("invocations").BeginArray().BeginObject();
  writer.Key("executionSuccessful").Bool(sbom::IsComplete(analysis));
  writer.OptionalField("endTimeUtc", report.options.timestamp);
  WriteNotifications(writer, analysis);
  writer.EndObject().EndArray().Key("properties").BeginObject();
  writer.Field("target", target).OptionalField("digest", sbom::TargetDigest(analysis));
  writer.OptionalField("imageId", analysis.source.image_id).OptionalField("database", report.options.database);
  writer.Key("silenced").Unsigned(report.silenced).EndObject();
}

void WriteLocation(JsonWriter& writer, const Report& report, const Package& package) {
  const std::string_view path = sbom::PathOf(package);
  const std::string_view layer = sbom::LayerOf(report.analysis, package);
  writer.Key("locations").BeginArray().BeginObject().Key("physicalLocation").BeginObject();
  writer.Key("artifactLocation").BeginObject();
  writer.Field("uri", path.empty() ? std::string(".") : QuotePath(path)).Field("uriBaseId", kBaseId).EndObject();
  // Code scanning demands a line, and packages have none.
  writer.Key("region").BeginObject().Key("startLine").Unsigned(1).EndObject().EndObject();
  writer.Key("logicalLocations").BeginArray().BeginObject();
  writer.Field("name", package.name)
      .Field("fullyQualifiedName", Format("{}:/{}", layer, path))
      .Field("kind", "package");
  writer.EndObject().EndArray().EndObject().EndArray();
}

void WriteResultProperties(JsonWriter& writer, const Report& report, const Finding& finding, const Package& package) {
  writer.Key("properties").BeginObject();
  writer.Field("package", package.name).Field("version", package.version).Field("type", package.type);
  if (!package.purl.type.empty()) writer.Field("purl", package.purl.Text());
  writer.OptionalField("layer", sbom::LayerOf(report.analysis, package));
  writer.OptionalField("risk", sbom::RiskText(finding));
  writer.Field("fixState", model::FixStateName(finding.fix_state)).Key("fixedVersions").BeginArray();
  for (const std::string& version : finding.fixed_versions) writer.String(version);
  writer.EndArray().Field("matcher", finding.reason.matcher).Field("range", finding.reason.range).EndObject();
}

// What makes a finding the same one in another scan. The ordinal tells apart what is alike, such as two kernels.
using Fingerprints = std::unordered_map<std::string, std::size_t>;
std::string Fingerprint(Fingerprints& seen, const Report& report, const Finding& finding, const Package& package) {
  std::string text;
  for (const std::string_view part : std::to_array<std::string_view>(
           {report.analysis.source.name, finding.id, package.type, package.name, sbom::PathOf(package)}))
    text.append(part).push_back('\n');
  const std::string key = io::Sha256Of(text).Hex();
  const std::size_t ordinal = seen[key]++;
  return ordinal == 0 ? key : io::Sha256Of(Format("{}\n{}", text, ordinal)).Hex();
}

using RuleIndexes = std::map<std::string, std::size_t, std::less<>>;

Result<RuleIndexes> WriteTool(JsonWriter& writer, const Report& report, io::ByteSink& sink) {
  RuleIndexes indexes;
  writer.Key("tool").BeginObject().Key("driver").BeginObject();
  writer.Field("name", report.options.tool_name).OptionalField("version", report.options.tool_version);
  writer.Key("rules").BeginArray();
  for (const Finding& finding : report.findings) {
    const Package& package = report.analysis.packages[finding.package];
    if (!indexes.emplace(RuleId(finding, package), indexes.size()).second) continue;
    WriteRule(writer, finding, package);
    HF_CHECK_OK(Flush(writer, sink));
  }
  writer.EndArray().EndObject().EndObject();
  return indexes;
}

Result<void> WriteResults(JsonWriter& writer, const Report& report, const RuleIndexes& rules, io::ByteSink& sink) {
  Fingerprints fingerprints;
  writer.Key("results").BeginArray();
  for (const Finding& finding : report.findings) {
    const Package& package = report.analysis.packages[finding.package];
    const std::string rule = RuleId(finding, package);
    writer.BeginObject().Field("ruleId", rule).Key("ruleIndex").Unsigned(rules.at(rule));
    writer.Field("level", LevelOf(finding.severity));
    WriteText(writer, "message",
              Format("{} {} ({}) is affected by {}: {}", package.name, package.version, package.type, finding.id,
                     sbom::Recommendation(finding, package)));
    WriteLocation(writer, report, package);
    writer.Key("partialFingerprints").BeginObject();
    writer.Field("holdfastFinding/v1", Fingerprint(fingerprints, report, finding, package)).EndObject();
    WriteResultProperties(writer, report, finding, package);
    writer.EndObject();
    HF_CHECK_OK(Flush(writer, sink));
  }
  writer.EndArray();
  return {};
}

}  // namespace

Result<void> WriteSarif(const Report& report, io::ByteSink& sink) {
  JsonWriter writer(2);
  writer.BeginObject();
  writer.Field("$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
  writer.Field("version", "2.1.0").Key("runs").BeginArray().BeginObject();
  HF_TRY(const RuleIndexes rules, WriteTool(writer, report, sink));
  WriteRun(writer, report);
  HF_CHECK_OK(WriteResults(writer, report, rules, sink));
  writer.EndObject().EndArray().EndObject();
  return sink.WriteText(writer.Take() + "\n");
}

}  // namespace holdfast::report
