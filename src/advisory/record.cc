#include "advisory/record.h"

#include "base/wire.h"

namespace holdfast::advisory {
namespace {

void PutTexts(WireWriter& writer, const std::vector<std::string>& texts) {
  writer.Unsigned(texts.size());
  for (const std::string& text : texts) writer.Text(text);
}

std::vector<std::string> TakeTexts(WireReader& reader) {
  std::vector<std::string> texts(reader.Count(1));
  for (std::string& text : texts) text = reader.Text();
  return texts;
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
  return writer.Take();
}

std::string EncodeAffectedRecord(const std::vector<std::string_view>& rows) {
  WireWriter writer;
  writer.Unsigned(rows.size());
  for (const std::string_view row : rows) writer.Raw(AsBytes(row));
  return writer.Take();
}

Result<void> VisitAffectedRecord(std::string_view record, const AffectedVisitor& visit) {
  WireReader reader(record);
  const std::uint64_t rows = reader.Count(8);
  std::vector<model::RangeView> ranges;
  std::vector<std::string_view> versions;
  for (std::uint64_t row = 0; row < rows; ++row) {
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
    if (!reader.Ok()) break;
    view.ranges = ranges;
    view.versions = versions;
    visit(view);
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
  writer.Unsigned(advisory.cvss.size());
  for (const auto& score : advisory.cvss) writer.Text(score.version).Text(score.vector).Text(score.source);
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
  advisory.cvss.resize(reader.Count(3));
  for (auto& score : advisory.cvss) {
    score.version = reader.Text();
    score.vector = reader.Text();
    score.source = reader.Text();
  }
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
