#include "sbom/native_json.h"

#include <string>
#include <vector>

#include "io/json.h"
#include "sbom/finding_text.h"

namespace holdfast::sbom {
namespace {

using io::JsonWriter;
using model::Finding;
using model::ImageAnalysis;
using model::Package;

// The writer's text goes to the sink whenever this much has gathered.
constexpr std::size_t kFlushBytes = 256 * 1024;

Result<void> Flush(JsonWriter& writer, io::ByteSink& sink, std::size_t least) {
  if (writer.Text().size() < least) return {};
  return sink.WriteText(writer.Take());
}

void WriteStrings(JsonWriter& writer, std::string_view key, const std::vector<std::string>& values) {
  writer.Key(key).BeginArray();
  for (const std::string& value : values) writer.String(value);
  writer.EndArray();
}

void WritePairs(JsonWriter& writer, std::string_view key,
                const std::vector<std::pair<std::string, std::string>>& pairs) {
  writer.Key(key).BeginObject();
  for (const auto& [name, value] : pairs) writer.Field(name, value);
  writer.EndObject();
}

void WriteDescriptor(JsonWriter& writer, const WriteOptions& options) {
  writer.Key("schema").BeginObject();
  writer.Field("version", kNativeSchemaVersion);
  writer.EndObject();
  writer.Key("descriptor").BeginObject();
  writer.Field("name", options.tool_name).Field("version", options.tool_version).Field("timestamp", options.timestamp);
  writer.OptionalField("database", options.database);
  writer.EndObject();
}

void WriteSource(JsonWriter& writer, const ImageAnalysis& analysis) {
  const model::ImageSource& source = analysis.source;
  writer.Key("source").BeginObject();
  writer.Field("kind", source.kind).Field("reference", source.reference).OptionalField("name", source.name);
  WriteStrings(writer, "tags", source.tags);
  writer.OptionalField("manifestDigest", source.manifest_digest).OptionalField("imageId", source.image_id);
  writer.OptionalField("os", source.os).OptionalField("architecture", source.architecture);
  writer.OptionalField("variant", source.variant).OptionalField("created", source.created);
  WritePairs(writer, "labels", source.labels);
  writer.Key("layers").BeginArray();
  for (const auto& layer : analysis.layers) {
    writer.BeginObject();
    writer.OptionalField("digest", layer.digest)
        .Field("diffId", layer.diff_id)
        .OptionalField("mediaType", layer.media_type);
    writer.Key("compressedBytes").Unsigned(layer.compressed_bytes).Key("bytes").Unsigned(layer.bytes);
    writer.Key("entries").Unsigned(layer.entries).EndObject();
  }
  writer.EndArray().Key("files").Unsigned(analysis.files).EndObject();
}

void WriteDistro(JsonWriter& writer, const model::Distro& distro) {
  writer.Key("distro").BeginObject();
  writer.Field("id", distro.id);
  WriteStrings(writer, "idLike", distro.id_like);
  writer.Field("versionId", distro.version_id).OptionalField("versionCodename", distro.version_codename);
  writer.OptionalField("prettyName", distro.pretty_name).OptionalField("cpeName", distro.cpe_name).EndObject();
}

// Whether anything is missing from the result, and what.
void WriteCompleteness(JsonWriter& writer, const ImageAnalysis& analysis) {
  writer.Key("complete").Bool(IsComplete(analysis)).Key("problems").BeginArray();
  for (const Problem& problem : analysis.problems) {
    writer.BeginObject();
    writer.OptionalField("path", problem.path)
        .Field("kind", ErrorKindName(problem.kind))
        .Field("message", problem.message);
    writer.EndObject();
  }
  writer.EndArray().Key("problemsNotListed").Unsigned(analysis.problems_dropped);
}

// What the analysis was read from, and what that does not say.
void WriteDocument(JsonWriter& writer, const Completeness& completeness) {
  writer.Key("document").BeginObject();
  writer.Field("format", completeness.format).OptionalField("tool", completeness.tool);
  writer.Field("grade", GradeName(completeness.grade)).Key("gaps").BeginArray();
  for (const Gap& gap : completeness.gaps) {
    writer.BeginObject();
    writer.Field("id", gap.id).Key("packages").Unsigned(gap.packages).Field("message", gap.message).EndObject();
  }
  writer.EndArray().EndObject();
}

void WriteIdentity(JsonWriter& writer, const Package& package) {
  writer.Field("name", package.name).Field("version", package.version).Field("type", package.type);
  writer.OptionalField("language", package.language).OptionalField("ecosystem", package.ecosystem);
  writer.OptionalField("versionScheme", package.version_scheme);
  if (!package.purl.type.empty()) writer.Field("purl", package.purl.Text());
  writer.OptionalField("architecture", package.architecture).OptionalField("module", package.module_label);
  writer.OptionalField("supplier", package.supplier).OptionalField("homepage", package.homepage);
  writer.Field("cataloger", package.cataloger);
}

void WritePackage(JsonWriter& writer, const Package& package, std::size_t index) {
  writer.BeginObject();
  writer.Key("id").Unsigned(index);
  WriteIdentity(writer, package);
  writer.Key("upstreams").BeginArray();
  for (const auto& upstream : package.upstreams) {
    writer.BeginObject();
    writer.Field("name", upstream.name).OptionalField("version", upstream.version).EndObject();
  }
  writer.EndArray();
  if (!package.advisory_names.empty()) WriteStrings(writer, "advisoryNames", package.advisory_names);
  writer.Key("licenses").BeginArray();
  for (const auto& license : package.licenses) {
    writer.BeginObject();
    writer.Field("value", license.value).OptionalField("spdxExpression", license.spdx_expression).EndObject();
  }
  writer.EndArray().Key("locations").BeginArray();
  for (const auto& location : package.locations) {
    writer.BeginObject();
    writer.Field("path", location.path)
        .Key("layer")
        .Unsigned(location.layer)
        .Key("primary")
        .Bool(location.primary)
        .EndObject();
  }
  writer.EndArray();
  WritePairs(writer, "attributes", package.attributes);
  writer.Key("files").BeginArray();
  for (const auto& file : package.files) {
    writer.BeginObject();
    writer.Field("path", file.path);
    if (!file.digest.empty()) writer.Field("algorithm", file.algorithm).Field("digest", file.digest);
    writer.EndObject();
  }
  writer.EndArray().EndObject();
}

// Only when files were searched: an empty list says that there is nothing.
Result<void> WriteSecrets(JsonWriter& writer, const ImageAnalysis& analysis, io::ByteSink& sink) {
  if (analysis.search_id.empty()) return {};
  writer.Key("secrets").BeginArray();
  for (const model::SearchHit& hit : analysis.search_hits) {
    const model::SearchPattern& pattern = analysis.search_patterns[hit.pattern];
    if (pattern.kind != model::SearchKind::kSecret) continue;
    writer.BeginObject();
    writer.Field("path", hit.path).Key("layer").Unsigned(hit.layer);
    writer.Field("name", pattern.name).Field("regex", pattern.regex).Key("lines").BeginArray();
    for (const std::uint64_t line : hit.lines) writer.Unsigned(line);
    writer.EndArray().EndObject();
    HF_CHECK_OK(Flush(writer, sink, kFlushBytes));
  }
  writer.EndArray();
  return {};
}

std::string_view RelationName(model::RelationKind kind) {
  switch (kind) {
    case model::RelationKind::kDependsOn: return "depends-on";
    case model::RelationKind::kOwns: return "owns";
    case model::RelationKind::kContains: return "contains";
  }
  return "";
}

// What is known of the vulnerability besides advisories; what is not known is absent.
void WriteFacts(JsonWriter& writer, const Finding& finding) {
  const model::VulnerabilityFacts& facts = finding.facts;
  writer.Key("risk").Double(finding.risk);
  WriteStrings(writer, "cwes", facts.cwes);
  if (facts.epss) {
    writer.Key("epss").BeginObject().Key("probability").Double(facts.epss->probability);
    writer.Key("percentile").Double(facts.epss->percentile).EndObject();
  }
  if (facts.known_exploited) {
    writer.Key("knownExploited").BeginObject();
    writer.Field("added", facts.known_exploited->added).OptionalField("due", facts.known_exploited->due);
    writer.OptionalField("requiredAction", facts.known_exploited->required_action);
    writer.Key("ransomware").Bool(facts.known_exploited->ransomware).EndObject();
  }
  if (facts.ssvc) {
    writer.Key("ssvc").BeginObject();
    writer.Field("exploitation", facts.ssvc->exploitation).Field("automatable", facts.ssvc->automatable);
    writer.Field("technicalImpact", facts.ssvc->technical_impact).OptionalField("decided", facts.ssvc->decided);
    writer.EndObject();
  }
  if (finding.vex) {
    writer.Key("vex").BeginObject();
    writer.Field("status", finding.vex->status).Field("source", finding.vex->source);
    writer.OptionalField("statement", finding.vex->statement);
    WriteStrings(writer, "overruled", finding.vex->overruled);
    writer.EndObject();
  }
}

void WriteFinding(JsonWriter& writer, const Finding& finding) {
  writer.BeginObject();
  writer.Field("id", finding.id).Field("advisory", finding.advisory_id);
  WriteStrings(writer, "aliases", finding.aliases);
  writer.Key("package").Unsigned(finding.package);
  writer.Field("severity", model::SeverityName(finding.severity)).OptionalField("summary", SummaryOf(finding));
  writer.Field("source", finding.source).OptionalField("published", finding.published);
  writer.Key("fix").BeginObject();
  writer.Field("state", model::FixStateName(finding.fix_state));
  WriteStrings(writer, "versions", finding.fixed_versions);
  writer.EndObject().Key("cvss").BeginArray();
  for (const auto& cvss : CvssOf(finding)) {
    writer.BeginObject();
    writer.Field("version", cvss.version).Field("vector", cvss.vector).OptionalField("source", cvss.source).EndObject();
  }
  writer.EndArray().Key("references").BeginArray();
  for (const auto& reference : finding.references) {
    writer.BeginObject();
    writer.OptionalField("type", reference.type).Field("url", reference.url).EndObject();
  }
  writer.EndArray().Key("reason").BeginObject();
  writer.Field("matcher", finding.reason.matcher).Field("lookedUp", finding.reason.looked_up);
  writer.Field("comparedVersion", finding.reason.compared_version)
      .Field("versionScheme", finding.reason.version_scheme);
  writer.Field("range", finding.reason.range).EndObject();
  if (finding.owned_by >= 0) writer.Key("ownedBy").Integer(finding.owned_by);
  WriteFacts(writer, finding);
  writer.EndObject();
}

// With who says so, and who says otherwise.
void WriteSilenced(JsonWriter& writer, const model::SilencedFinding& silenced) {
  writer.BeginObject();
  writer.Field("by", model::SilencedByName(silenced.by)).Field("source", silenced.source);
  writer.Field("statement", silenced.statement).OptionalField("justification", silenced.justification);
  writer.OptionalField("expires", silenced.expires);
  WriteStrings(writer, "overruled", silenced.overruled);
  WriteFinding(writer.Key("finding"), silenced.finding);
  writer.EndObject();
}

Result<void> WriteFindings(JsonWriter& writer, std::span<const Finding> findings, const WriteOptions& options,
                           io::ByteSink& sink) {
  if (!options.with_findings) return {};
  writer.Key("findings").BeginArray();
  for (const Finding& finding : findings) {
    WriteFinding(writer, finding);
    HF_CHECK_OK(Flush(writer, sink, kFlushBytes));
  }
  writer.EndArray().Key("silenced").BeginArray();
  for (const model::SilencedFinding& silenced : options.silenced) {
    WriteSilenced(writer, silenced);
    HF_CHECK_OK(Flush(writer, sink, kFlushBytes));
  }
  writer.EndArray();
  return {};
}

}  // namespace

Result<void> WriteNativeJson(const ImageAnalysis& analysis, std::span<const Finding> findings,
                             const WriteOptions& options, io::ByteSink& sink) {
  JsonWriter writer(2);
  writer.BeginObject();
  WriteDescriptor(writer, options);
  WriteSource(writer, analysis);
  WriteDistro(writer, analysis.distro);
  WriteCompleteness(writer, analysis);
  if (options.completeness != nullptr) WriteDocument(writer, *options.completeness);
  writer.Key("packages").BeginArray();
  for (std::size_t i = 0; i < analysis.packages.size(); ++i) {
    WritePackage(writer, analysis.packages[i], i);
    HF_CHECK_OK(Flush(writer, sink, kFlushBytes));
  }
  writer.EndArray().Key("relations").BeginArray();
  for (const auto& relation : analysis.relations) {
    writer.BeginObject();
    writer.Field("kind", RelationName(relation.kind))
        .Key("from")
        .Unsigned(relation.from)
        .Key("to")
        .Unsigned(relation.to)
        .EndObject();
    HF_CHECK_OK(Flush(writer, sink, kFlushBytes));
  }
  writer.EndArray();
  HF_CHECK_OK(WriteFindings(writer, findings, options, sink));
  HF_CHECK_OK(WriteSecrets(writer, analysis, sink));
  writer.EndObject();
  HF_CHECK_OK(Flush(writer, sink, 0));
  return sink.WriteText("\n");
}

}  // namespace holdfast::sbom
