#include "match/why_json.h"

#include <string_view>
#include <vector>

#include "base/format.h"
#include "io/json.h"

namespace holdfast::match {
namespace {

using io::JsonWriter;
using model::ImageAnalysis;

void WriteTexts(JsonWriter& writer, std::string_view key, const std::vector<std::string>& texts) {
  writer.Key(key).BeginArray();
  for (const std::string& text : texts) writer.String(text);
  writer.EndArray();
}

void WriteRows(JsonWriter& writer, const WhyAnswer& answer, const ImageAnalysis& analysis) {
  writer.Key("rows").BeginArray();
  for (const ExaminedRow& row : answer.rows) {
    writer.BeginObject().Field("package", analysis.packages[row.package].name);
    writer.Field("version", analysis.packages[row.package].version).Field("location", PlaceOf(analysis, row.package));
    writer.Field("advisory", row.advisory_id).Field("lookedUp", row.looked_up);
    writer.Field("comparedVersion", row.compared_version).Field("versionScheme", row.version_scheme);
    writer.Field("ranges", row.ranges).Field("fixState", row.fix_state);
    writer.Field("outcome", RowOutcomeName(row.outcome)).Field("explanation", row.explanation).EndObject();
  }
  writer.EndArray();
}

void WriteSilenced(JsonWriter& writer, const WhyAnswer& answer, const ImageAnalysis& analysis) {
  writer.Key("silenced").BeginArray();
  for (const model::SilencedFinding& silenced : answer.silenced) {
    writer.BeginObject().Field("id", silenced.finding.id);
    writer.Field("package", analysis.packages[silenced.finding.package].name);
    writer.Field("by", model::SilencedByName(silenced.by)).Field("source", silenced.source);
    writer.Field("statement", silenced.statement).OptionalField("expires", silenced.expires);
    WriteTexts(writer, "overruled", silenced.overruled);
    writer.EndObject();
  }
  writer.EndArray();
}

}  // namespace

std::string PlaceOf(const ImageAnalysis& analysis, std::uint32_t package) {
  const auto& locations = analysis.packages[package].locations;
  if (locations.empty()) return {};
  const model::Location& first = locations.front();
  return first.layer < analysis.layers.size()
             ? Format("/{} of layer {} ({})", first.path, first.layer, analysis.layers[first.layer].diff_id)
             : Format("/{}", first.path);
}

std::string WhyJson(const WhyAnswer& answer, const ImageAnalysis& analysis) {
  JsonWriter writer(2);
  writer.BeginObject().Field("vulnerability", answer.vulnerability).Field("conclusion", answer.conclusion);
  WriteTexts(writer, "names", answer.names);
  writer.Key("present").Bool(!answer.findings.empty()).Key("findings").BeginArray();
  for (const model::Finding& finding : answer.findings) {
    writer.BeginObject().Field("id", finding.id).Field("advisory", finding.advisory_id);
    writer.Field("package", analysis.packages[finding.package].name);
    writer.Field("version", analysis.packages[finding.package].version);
    writer.Field("location", PlaceOf(analysis, finding.package)).EndObject();
  }
  writer.EndArray();
  WriteSilenced(writer, answer, analysis);
  writer.Key("advisories").BeginArray();
  for (const KnownAdvisory& known : answer.advisories) {
    writer.BeginObject()
        .Field("id", known.id)
        .Field("source", known.source)
        .OptionalField("withdrawn", known.withdrawn);
    WriteTexts(writer, "here", known.here);
    WriteTexts(writer, "elsewhere", known.elsewhere);
    writer.EndObject();
  }
  writer.EndArray();
  WriteRows(writer, answer, analysis);
  writer.Key("packagesExamined").Unsigned(answer.packages_examined).Key("leftOut").Unsigned(answer.left_out);
  return writer.EndObject().Take();
}

}  // namespace holdfast::match
