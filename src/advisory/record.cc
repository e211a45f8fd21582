#include "advisory/record.h"

#include <algorithm>
#include <cmath>

#include "base/wire.h"

namespace holdfast::advisory {
namespace {

constexpr double kEpssUnits = 100'000;  // EPSS is published to five decimals

void PutTexts(WireWriter& writer, const std::vector<std::string>& texts) {
  writer.Unsigned(texts.size());
  for (const std::string& text : texts) writer.Text(text);
}

std::vector<std::string> TakeTexts(WireReader& reader) {
  std::vector<std::string> texts(reader.Count(1));
  for (std::string& text : texts) text = reader.Text();
  return texts;
}

void PutCvss(WireWriter& writer, const std::vector<model::CvssVector>& scores) {
  writer.Unsigned(scores.size());
  for (const auto& score : scores) writer.Text(score.version).Text(score.vector).Text(score.source);
}

std::vector<model::CvssVector> TakeCvss(WireReader& reader) {
  std::vector<model::CvssVector> scores(reader.Count(3));
  for (auto& score : scores) {
    score.version = reader.Text();
    score.vector = reader.Text();
    score.source = reader.Text();
  }
  return scores;
}

void PutRange(WireWriter& writer, const model::VersionRange& range) {
  writer.Text(range.introduced);
  if (range.fixed) {
    writer.Unsigned(static_cast<std::uint64_t>(model::RangeEnd::kFixed)).Text(*range.fixed);
  } else if (range.last_affected) {
    writer.Unsigned(static_cast<std::uint64_t>(model::RangeEnd::kLastAffected)).Text(*range.last_affected);
  } else {
    writer.Unsigned(static_cast<std::uint64_t>(model::RangeEnd::kOpen));
  }
}

model::RangeView TakeRange(WireReader& reader) {
  model::RangeView range;
  range.introduced = reader.Text();
  range.end_kind = reader.Enumerator(model::RangeEnd::kLastAffected);
  if (range.end_kind != model::RangeEnd::kOpen) range.end = reader.Text();
  return range;
}

}  // namespace

std::string EncodeAffectedRow(const model::Advisory& advisory, const model::Affected& affected) {
  WireWriter writer;
  writer.Text(advisory.id).Text(affected.version_scheme).Text(affected.module_label).Text(affected.architecture);
  writer.Unsigned(static_cast<std::uint64_t>(affected.fix_state));
  writer.Unsigned(static_cast<std::uint64_t>(affected.severity.value_or(advisory.severity)));
  writer.Unsigned(affected.ranges.size());
  for (const model::VersionRange& range : affected.ranges) PutRange(writer, range);
  PutTexts(writer, affected.versions);
  writer.Text(affected.target_software);
  PutTexts(writer, affected.platforms);
  return writer.Take();
}

std::string EncodeAffectedRecord(const std::vector<std::string_view>& rows) {
  WireWriter writer;
  writer.Unsigned(rows.size());
  for (const std::string_view row : rows) writer.Raw(AsBytes(row));
  return writer.Take();
}

Result<void> VisitAffectedRecord(std::string_view record, const AffectedVisitor& visit) {
  return VisitAffectedRows(record, [&visit](const model::AffectedView& view, std::string_view) { visit(view); });
}

Result<void> VisitAffectedRows(std::string_view record, const AffectedRowVisitor& visit) {
  WireReader reader(record);
  const std::uint64_t rows = reader.Count(10);
  std::vector<model::RangeView> ranges;
  std::vector<std::string_view> versions, platforms;
  for (std::uint64_t row = 0; row < rows; ++row) {
    const std::string_view begin = reader.Rest();
    model::AffectedView view;
    view.advisory_id = reader.Text();
    view.version_scheme = reader.Text();
    view.module_label = reader.Text();
    view.architecture = reader.Text();
    view.fix_state = reader.Enumerator(model::FixState::kUnderInvestigation);
    view.severity = reader.Enumerator(model::Severity::kCritical);
    ranges.resize(reader.Count(2));
    for (model::RangeView& range : ranges) range = TakeRange(reader);
    versions.resize(reader.Count(1));
    for (std::string_view& version : versions) version = reader.Text();
    view.target_software = reader.Text();
    platforms.resize(reader.Count(1));
    for (std::string_view& platform : platforms) platform = reader.Text();
    if (!reader.Ok()) break;
    view.ranges = ranges;
    view.versions = versions;
    view.platforms = platforms;
    visit(view, begin.substr(0, begin.size() - reader.Rest().size()));
  }
  return reader.Finish("advisory record of a package");
}

std::string EncodeAdvisory(const model::Advisory& advisory) {
  WireWriter writer;
  writer.Text(advisory.id).Text(advisory.source).Text(advisory.summary);
  writer.Text(advisory.published).Text(advisory.modified).Text(advisory.withdrawn);
  writer.Unsigned(static_cast<std::uint64_t>(advisory.severity));
  PutTexts(writer, advisory.aliases);
  PutTexts(writer, advisory.related);
  PutTexts(writer, advisory.cwes);
  PutCvss(writer, advisory.cvss);
  writer.Unsigned(advisory.references.size());
  for (const auto& reference : advisory.references) writer.Text(reference.type).Text(reference.url);
  writer.Unsigned(advisory.affected.size());
  for (const auto& affected : advisory.affected) {
    writer.Text(affected.ecosystem).Text(affected.release).Text(affected.package);
    PutTexts(writer, affected.symbols);
  }
  return writer.Take();
}

Result<model::Advisory> DecodeAdvisory(std::string_view record) {
  WireReader reader(record);
  model::Advisory advisory;
  for (std::string* text : {&advisory.id, &advisory.source, &advisory.summary, &advisory.published, &advisory.modified,
                            &advisory.withdrawn})
    *text = reader.Text();
  advisory.severity = reader.Enumerator(model::Severity::kCritical);
  advisory.aliases = TakeTexts(reader);
  advisory.related = TakeTexts(reader);
  advisory.cwes = TakeTexts(reader);
  advisory.cvss = TakeCvss(reader);
  advisory.references.resize(reader.Count(2));
  for (auto& reference : advisory.references) {
    reference.type = reader.Text();
    reference.url = reader.Text();
  }
  advisory.affected.resize(reader.Count(4));
  for (auto& affected : advisory.affected) {
    affected.ecosystem = reader.Text();
    affected.release = reader.Text();
    affected.package = reader.Text();
    affected.symbols = TakeTexts(reader);
  }
  HF_CHECK_OK(reader.Finish("advisory record"));
  return advisory;
}

std::string EncodeFacts(const model::VulnerabilityFacts& facts) {
  WireWriter writer;
  writer.Text(facts.source).Bool(facts.rejected).Text(facts.published).Text(facts.modified);
  PutCvss(writer, facts.cvss);
  PutTexts(writer, facts.cwes);
  writer.Bool(facts.known_exploited.has_value());
  if (facts.known_exploited) {
    const model::KnownExploited& known = *facts.known_exploited;
    writer.Text(known.added).Text(known.due).Text(known.required_action).Bool(known.ransomware);
  }
  writer.Bool(facts.ssvc.has_value());
  if (facts.ssvc) {
    const model::Ssvc& ssvc = *facts.ssvc;
    writer.Text(ssvc.exploitation).Text(ssvc.automatable).Text(ssvc.technical_impact).Text(ssvc.decided);
  }
  return writer.Take();
}

Result<model::VulnerabilityFacts> DecodeFacts(std::string_view id, std::string_view record) {
  WireReader reader(record);
  model::VulnerabilityFacts facts;
  facts.id = id;
  facts.source = reader.Text();
  facts.rejected = reader.Bool();
  facts.published = reader.Text();
  facts.modified = reader.Text();
  facts.cvss = TakeCvss(reader);
  facts.cwes = TakeTexts(reader);
  if (reader.Bool()) {
    model::KnownExploited& known = facts.known_exploited.emplace();
    known.added = reader.Text();
    known.due = reader.Text();
    known.required_action = reader.Text();
    known.ransomware = reader.Bool();
  }
  if (reader.Bool()) {
    model::Ssvc& ssvc = facts.ssvc.emplace();
    for (std::string* text : {&ssvc.exploitation, &ssvc.automatable, &ssvc.technical_impact, &ssvc.decided})
      *text = reader.Text();
  }
  HF_CHECK_OK(reader.Finish("record of a vulnerability"));
  return facts;
}

std::string EncodeEpss(const model::Epss& epss) {
  WireWriter writer;
  for (const double share : {epss.probability, epss.percentile})
    writer.Unsigned(static_cast<std::uint64_t>(std::lround(std::clamp(share, 0.0, 1.0) * kEpssUnits)));
  return writer.Take();
}

Result<model::Epss> DecodeEpss(std::string_view record) {
  WireReader reader(record);
  model::Epss epss;
  for (double* share : {&epss.probability, &epss.percentile})
    *share = std::min(static_cast<double>(reader.Unsigned()) / kEpssUnits, 1.0);
  HF_CHECK_OK(reader.Finish("EPSS record"));
  return epss;
}

std::string EncodeReleaseLife(const model::ReleaseLife& life) {
  WireWriter writer;
  writer.Text(life.codename).Text(life.active_end).Text(life.security_end).Text(life.extended_end);
  return writer.Take();
}

Result<model::ReleaseLife> DecodeReleaseLife(std::string_view record) {
  WireReader reader(record);
  model::ReleaseLife life;
  for (std::string* text : {&life.codename, &life.active_end, &life.security_end, &life.extended_end})
    *text = reader.Text();
  HF_CHECK_OK(reader.Finish("record of a release"));
  return life;
}

std::string EncodeTexts(const std::vector<std::string>& texts) {
  WireWriter writer;
  PutTexts(writer, texts);
  return writer.Take();
}

Result<std::vector<std::string>> DecodeTexts(std::string_view record) {
  WireReader reader(record);
  auto texts = TakeTexts(reader);
  HF_CHECK_OK(reader.Finish("list of texts"));
  return texts;
}

}  // namespace holdfast::advisory
