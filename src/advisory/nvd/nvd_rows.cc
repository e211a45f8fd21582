#include "advisory/nvd/nvd_rows.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "base/wire.h"
#include "model/affected_view.h"
#include "model/cpe.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kEcosystem = "CPE";
constexpr std::string_view kScheme = "calver";

// Ranges with a fix, ranges without, and single versions do not mix: the first have another state, and the last are
// often many.
enum class Kind : std::uint8_t { kFixed, kOpen, kExact };
using RowKey = std::tuple<std::string, std::string, std::vector<std::string>, Kind>;

class RowBuilder {
 public:
  Result<void> Add(io::JsonView configuration) {
    const io::JsonView nodes = configuration["nodes"];
    if (!nodes.IsArray()) return {};
    nodes_ += nodes.Size();
    if (nodes_ > kNvdNodesMax) return Fail(ErrorKind::kLimit, Format("configurations of over {} nodes", kNvdNodesMax));
    if (configuration["negate"].Bool().value_or(false)) return Leave("a negated configuration");
    std::vector<std::string> platforms;
    if (EqualsIgnoreCase(configuration["operator"].StringOr(""), "AND")) platforms = PlatformsOf(nodes);
    for (const io::JsonView node : nodes) HF_CHECK_OK(AddNode(node, platforms));
    return {};
  }

  NvdRows Take() {
    for (auto& [key, row] : rows_)
      if (!row.ranges.empty() || !row.versions.empty()) result_.rows.push_back(std::move(row));
    return std::move(result_);
  }

 private:
  Result<void> Leave(std::string what) {
    if (result_.bad++ == 0) result_.first_bad = std::move(what);
    return {};
  }

  struct Platforms {
    std::vector<std::string> names;
    bool systems = true;  // operating systems, all of them
  };

  // Nothing where one of the names is vulnerable itself.
  static std::optional<Platforms> NamesOfNode(io::JsonView node) {
    Platforms platforms;
    const io::JsonView matches = node["cpeMatch"];
    if (!matches.IsArray() || matches.Size() > kNvdMatchesMax) return std::nullopt;
    for (const io::JsonView match : matches) {
      if (match["vulnerable"].Bool().value_or(false)) return std::nullopt;
      const auto cpe = model::ParseCpe(match["criteria"].StringOr(""));
      if (!cpe) continue;
      platforms.names.push_back(model::ProductName(*cpe));
      platforms.systems = platforms.systems && cpe->part == "o";
    }
    if (platforms.names.empty()) return std::nullopt;
    std::ranges::sort(platforms.names);
    const auto repeated = std::ranges::unique(platforms.names);
    platforms.names.erase(repeated.begin(), repeated.end());
    return platforms;
  }

  static std::vector<std::string> PlatformsOf(io::JsonView nodes) {
    std::optional<Platforms> kept;
    for (const io::JsonView node : nodes) {
      if (node["negate"].Bool().value_or(false)) continue;
      auto platforms = NamesOfNode(node);
      if (!platforms || (kept && (kept->systems || !platforms->systems))) continue;
      kept = std::move(platforms);
    }
    if (!kept || kept->names.size() > kNvdPlatformsMax) return {};
    return std::move(kept->names);
  }

  Result<void> AddNode(io::JsonView node, const std::vector<std::string>& platforms) {
    const io::JsonView matches = node["cpeMatch"];
    if (!matches.IsArray()) return {};
    matches_ += matches.Size();
    if (matches_ > kNvdMatchesMax)
      return Fail(ErrorKind::kLimit, Format("configurations of over {} CPE names", kNvdMatchesMax));
    if (node["negate"].Bool().value_or(false)) return Leave("a negated node");
    for (const io::JsonView match : matches)
      if (match["vulnerable"].Bool().value_or(false)) HF_CHECK_OK(AddMatch(match, platforms));
    return {};
  }

  Result<void> AddMatch(io::JsonView match, const std::vector<std::string>& platforms) {
    const auto cpe = model::ParseCpe(match["criteria"].StringOr(""));
    if (!cpe) return Leave(cpe.error().Message());
    if (cpe->part == "h" || cpe->version == "-") return {};
    if (!model::IsStated(cpe->vendor) || !model::IsStated(cpe->product)) return Leave("a CPE name without a product");
    const std::string_view end = Trim(match["versionEndExcluding"].StringOr(""));
    const bool exact = cpe->version != "*";
    model::Affected& row = RowOf(*cpe, platforms, exact ? Kind::kExact : !end.empty() ? Kind::kFixed : Kind::kOpen);
    if (exact) {
      row.versions.push_back(model::VersionWithUpdate(*cpe));
      return row.versions.back().size() > kNvdVersionBytesMax ? LeaveVersion(row) : Result<void>();
    }
    return AddRange(match, end, row);
  }

  Result<void> LeaveVersion(model::Affected& row) {
    row.versions.pop_back();
    return Leave("a version that is too long");
  }

  Result<void> AddRange(io::JsonView match, std::string_view end_excluding, model::Affected& row) {
    const std::string_view from = Trim(match["versionStartIncluding"].StringOr(""));
    const std::string_view behind = Trim(match["versionStartExcluding"].StringOr(""));
    const std::string_view last = Trim(match["versionEndIncluding"].StringOr(""));
    for (const std::string_view version : {from, behind, last, end_excluding})
      if (version.size() > kNvdVersionBytesMax) return Leave("a version that is too long");
    model::VersionRange range;
    if (!from.empty())
      range.introduced = from;
    else if (!behind.empty())
      range.introduced = Format("{}+", behind);
    if (!end_excluding.empty())
      range.fixed = end_excluding;
    else if (!last.empty())
      range.last_affected = last;
    row.ranges.push_back(std::move(range));
    return {};
  }

  model::Affected& RowOf(const model::Cpe& cpe, const std::vector<std::string>& platforms, Kind kind) {
    const std::string target = model::IsStated(cpe.target_software) ? cpe.target_software : std::string();
    model::Affected& row = rows_[RowKey{model::ProductName(cpe), target, platforms, kind}];
    if (!row.package.empty()) return row;
    row.ecosystem = kEcosystem;
    row.version_scheme = kScheme;
    row.package = model::ProductName(cpe);
    row.target_software = target;
    row.platforms = platforms;
    row.fix_state = kind == Kind::kFixed ? model::FixState::kFixed : model::FixState::kUnknown;
    return row;
  }

  std::size_t nodes_ = 0, matches_ = 0;
  std::map<RowKey, model::Affected> rows_;
  NvdRows result_;
};

void PutTexts(WireWriter& writer, const std::vector<std::string>& texts) {
  writer.Unsigned(texts.size());
  for (const std::string& text : texts) writer.Text(text);
}

std::vector<std::string> TakeTexts(WireReader& reader) {
  std::vector<std::string> texts(reader.Count(1));
  for (std::string& text : texts) text = reader.Text();
  return texts;
}

model::VersionRange TakeRange(WireReader& reader) {
  model::VersionRange range;
  range.introduced = reader.Text();
  const auto end = reader.Enumerator(model::RangeEnd::kLastAffected);
  if (end == model::RangeEnd::kFixed) range.fixed = reader.Text();
  if (end == model::RangeEnd::kLastAffected) range.last_affected = reader.Text();
  return range;
}

void PutRange(WireWriter& writer, const model::VersionRange& range) {
  using enum model::RangeEnd;
  const model::RangeEnd end = range.fixed ? kFixed : range.last_affected ? kLastAffected : kOpen;
  writer.Text(range.introduced).Unsigned(static_cast<std::uint64_t>(end));
  if (end == kFixed) writer.Text(*range.fixed);
  if (end == kLastAffected) writer.Text(*range.last_affected);
}

}  // namespace

Result<NvdRows> ParseNvdRows(io::JsonView configurations) {
  RowBuilder builder;
  if (configurations.Size() > kNvdNodesMax)
    return Fail(ErrorKind::kLimit, Format("{} configurations, limit {}", configurations.Size(), kNvdNodesMax));
  for (std::size_t i = 0; configurations.IsArray() && i < configurations.Size(); ++i)
    HF_CHECK_OK(builder.Add(configurations.At(i)));
  return builder.Take();
}

std::string EncodeNvdRows(const std::vector<model::Affected>& rows) {
  WireWriter writer;
  writer.Unsigned(rows.size());
  for (const model::Affected& row : rows) {
    writer.Text(row.package).Text(row.target_software);
    PutTexts(writer, row.platforms);
    PutTexts(writer, row.versions);
    writer.Unsigned(row.ranges.size());
    for (const model::VersionRange& range : row.ranges) PutRange(writer, range);
    writer.Unsigned(static_cast<std::uint64_t>(row.fix_state));
  }
  return writer.Take();
}

Result<std::vector<model::Affected>> DecodeNvdRows(std::string_view record) {
  WireReader reader(record);
  std::vector<model::Affected> rows(reader.Count(1));
  for (model::Affected& row : rows) {
    row.ecosystem = kEcosystem;
    row.version_scheme = kScheme;
    row.package = reader.Text();
    row.target_software = reader.Text();
    row.platforms = TakeTexts(reader);
    row.versions = TakeTexts(reader);
    row.ranges.resize(reader.Count(2));
    for (model::VersionRange& range : row.ranges) range = TakeRange(reader);
    row.fix_state = reader.Enumerator(model::FixState::kUnderInvestigation);
  }
  HF_CHECK_OK(reader.Finish("rows of the NVD"));
  return rows;
}

}  // namespace holdfast::advisory
