#include "advisory/grype/database.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

using Columns = io::SqliteFile::Columns;
constexpr std::int64_t kModel = 6;
constexpr std::size_t kReportedMax = 100;

template <typename Visit>
Result<void> ForEachRow(io::SqliteFile& file, std::string_view table, Columns columns, std::size_t max,
                        const Visit& visit) {
  HF_TRY_IN(table, io::SqliteRows rows, file.Rows(table, columns));
  for (std::size_t count = 0;; ++count) {
    HF_TRY_IN(table, const bool more, rows.Next());
    if (!more) return {};
    if (count == max) return Fail(ErrorKind::kLimit, Format("{}: more than {} rows", table, max));
    HF_CHECK_OK(visit(std::as_const(rows)));
  }
}

// Numbers of releases are texts, "04" among them; a number is one too.
std::string Word(const io::SqliteRows& row, int column) {
  if (const auto number = row.Integer(column)) return Format("{}", *number);
  const std::string_view text = row.Text(column);
  return text.size() > kGrypeNameBytesMax ? std::string() : std::string(text);
}

std::string Unquoted(std::string_view value) {
  std::string text = LowerCase(value);
  std::erase(text, '\\');
  return text;
}

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kGrypeNameBytesMax &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool IsStated(std::string_view value) { return !value.empty() && value != "*" && value != "-"; }

}  // namespace

std::string GrypeTime(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00 00:00:00";
  constexpr std::size_t kDay = 10;
  std::string time(text.substr(0, kShape.size()));
  if (time.size() == kDay) time += " 00:00:00";
  if (time.size() != kShape.size()) return {};
  if (time[kDay] == 'T') time[kDay] = ' ';
  for (std::size_t i = 0; i < time.size(); ++i) {
    const bool digit = time[i] >= '0' && time[i] <= '9';
    if (digit != (kShape[i] == '0') || (!digit && time[i] != kShape[i])) return {};
  }
  time[kDay] = 'T';
  std::string_view zone = text.substr(std::min(text.size(), kShape.size()));
  if (zone.starts_with('.')) zone.remove_prefix(std::min(zone.size(), zone.find_first_not_of("0123456789", 1)));
  if (zone.empty() || zone == "Z" || zone == "+00:00" || zone == "-00:00") return time + "Z";
  const bool offset = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':' &&
                      zone.find_first_not_of("0123456789:", 1) == std::string_view::npos;
  return offset ? time.append(zone) : std::string();
}

bool LooksLikeGrype(const std::filesystem::path& path) {
  const auto file = io::SqliteFile::Open(path);
  if (!file) return false;
  const bool current = (*file)->HasTable("db_metadata").value_or(false);
  const bool fifth = (*file)->HasTable("vulnerability_match_exclusion").value_or(false);
  return current || fifth;
}

struct GrypeDatabase::Handles {
  std::string_view table, subject_column;
  GrypeRowKind kind;
};

Result<GrypeDatabase> GrypeDatabase::Read(const std::filesystem::path& path) {
  GrypeDatabase database;
  HF_TRY(database.file, io::SqliteFile::Open(path));
  HF_CHECK_OK(database.CheckModel());
  HF_CHECK_OK(database.ReadProviders());
  HF_CHECK_OK(database.ReadSystems());
  HF_CHECK_OK(database.ReadPackages());
  HF_CHECK_OK(database.ReadCpes());
  HF_CHECK_OK(database.ReadRecords());
  HF_CHECK_OK(database.ReadRows());
  return database;
}

Result<void> GrypeDatabase::CheckModel() {
  HF_TRY(const bool current, file->HasTable("db_metadata"));
  if (!current)
    return Fail(ErrorKind::kUnsupported, "a Grype database of a model before 6, which are no longer published");
  constexpr std::array<std::string_view, 1> kColumns = {"model"};
  HF_TRY(io::SqliteRows metadata, file->Rows("db_metadata", kColumns));
  HF_TRY(const bool found, metadata.Next());
  const std::int64_t model = found ? metadata.Integer(0).value_or(0) : 0;
  if (model == kModel) return {};
  return Fail(ErrorKind::kUnsupported, Format("a Grype database of model {}; model {} is read", model, kModel));
}

Result<void> GrypeDatabase::CountName(std::size_t bytes) {
  names_bytes_ += bytes;
  if (names_bytes_ <= kGrypeNamesBytesMax) return {};
  return Fail(ErrorKind::kLimit, Format("names of over {} bytes", kGrypeNamesBytesMax));
}

Result<void> GrypeDatabase::ReadProviders() {
  constexpr std::array<std::string_view, 2> kColumns = {"id", "date_captured"};
  return ForEachRow(*file, "providers", kColumns, kGrypeSystemsMax, [&](const io::SqliteRows& row) -> Result<void> {
    const std::string id = LowerCase(row.Text(0));
    if (!IsName(id)) return Fail(ErrorKind::kCorrupt, "a provider without a name");
    if (provider_positions_.emplace(id, static_cast<std::uint32_t>(providers.size())).second) {
      providers.push_back(id);
      captured.push_back(GrypeTime(row.Text(1)));
    }
    return CountName(2 * id.size());
  });
}

Result<void> GrypeDatabase::ReadSystems() {
  constexpr std::array<std::string_view, 10> kColumns = {
      "id",       "name",    "release_id", "major_version", "minor_version", "label_version",
      "codename", "channel", "eol_date",   "eoas_date"};
  constexpr std::size_t kDay = 10;
  return ForEachRow(
      *file, "operating_systems", kColumns, kGrypeSystemsMax, [&](const io::SqliteRows& row) -> Result<void> {
        GrypeSystem system;
        system.name = LowerCase(Word(row, 1));
        system.release_id = LowerCase(Word(row, 2));
        system.major = Word(row, 3);
        system.minor = Word(row, 4);
        system.label = LowerCase(Word(row, 5));
        system.codename = LowerCase(Word(row, 6));
        system.channel = LowerCase(Word(row, 7));
        system.end_of_life = GrypeTime(row.Text(8)).substr(0, kDay);
        system.end_of_active_support = GrypeTime(row.Text(9)).substr(0, kDay);
        system_positions_.emplace(row.Integer(0).value_or(-1), static_cast<std::uint32_t>(systems.size()));
        std::size_t bytes = 0;
        for (const std::string* word : {&system.name, &system.release_id, &system.major, &system.minor, &system.label,
                                        &system.codename, &system.channel})
          bytes += 2 * word->size();  // in its place too
        places.push_back(PlaceOf(system));
        systems.push_back(std::move(system));
        return CountName(bytes);
      });
}

Result<void> GrypeDatabase::ReadPackages() {
  constexpr std::array<std::string_view, 3> kColumns = {"id", "ecosystem", "name"};
  return ForEachRow(*file, "packages", kColumns, kGrypeNamesMax, [&](const io::SqliteRows& row) -> Result<void> {
    const std::string ecosystem = Word(row, 1);
    GrypeSubject subject{std::string(EcosystemOfGrype(ecosystem)), Word(row, 2), {}};
    // Told of when a row needs it.
    if (subject.ecosystem.empty()) subject.target_software = ecosystem;
    package_positions_.emplace(row.Integer(0).value_or(-1), static_cast<std::uint32_t>(packages.size()));
    packages.push_back(std::move(subject));
    return CountName(ecosystem.size() + packages.back().name.size());
  });
}

Result<void> GrypeDatabase::ReadCpes() {
  constexpr std::array<std::string_view, 5> kColumns = {"id", "part", "vendor", "product", "target_software"};
  return ForEachRow(*file, "cpes", kColumns, kGrypeNamesMax, [&](const io::SqliteRows& row) -> Result<void> {
    const std::string vendor = Unquoted(Word(row, 2)), product = Unquoted(Word(row, 3));
    GrypeSubject subject{std::string(kGrypeCpeEcosystem), {}, {}};
    // Hardware is in no image.
    if (row.Text(1) != "h" && IsStated(vendor) && IsStated(product)) subject.name = Format("{}:{}", vendor, product);
    if (std::string target = Unquoted(Word(row, 4)); IsStated(target)) subject.target_software = std::move(target);
    cpe_positions_.emplace(row.Integer(0).value_or(-1), static_cast<std::uint32_t>(cpes.size()));
    cpes.push_back(std::move(subject));
    return CountName(cpes.back().name.size() + cpes.back().target_software.size());
  });
}

// Names are kept only until the records are in order.
Result<void> GrypeDatabase::ReadRecords() {
  struct Named {
    std::string name;
    std::int64_t id;
    std::uint32_t provider;
  };
  std::vector<Named> named;
  constexpr std::array<std::string_view, 3> kColumns = {"id", "name", "provider_id"};
  HF_CHECK_OK(ForEachRow(*file, "vulnerability_handles", kColumns, kGrypeVulnerabilitiesMax,
                         [&](const io::SqliteRows& row) -> Result<void> {
                           const auto id = row.Integer(0);
                           const auto provider = provider_positions_.find(LowerCase(row.Text(2)));
                           if (!id || provider == provider_positions_.end() || !IsName(row.Text(1))) {
                             ++dangling_;
                             return {};
                           }
                           named.push_back({std::string(row.Text(1)), *id, provider->second});
                           return CountName(named.back().name.size());
                         }));
  std::ranges::sort(named, {}, [](const Named& one) { return std::tie(one.provider, one.name, one.id); });
  records.reserve(named.size());
  groups_by_id_.reserve(named.size());
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (i > 0 && (named[i].provider != named[i - 1].provider || named[i].name != named[i - 1].name)) ++group;
    records.push_back({named[i].id, group, named[i].provider});
    groups_by_id_.emplace_back(named[i].id, group);
  }
  std::ranges::sort(groups_by_id_);
  return {};
}

Result<void> GrypeDatabase::ReadTable(const Handles& handles) {
  const bool cpe = handles.kind == GrypeRowKind::kAffectedCpe || handles.kind == GrypeRowKind::kUnaffectedCpe;
  const Positions& subjects = cpe ? cpe_positions_ : package_positions_;
  const std::array<std::string_view, 4> columns = {"vulnerability_id", handles.subject_column, "blob_id",
                                                   "operating_system_id"};
  const std::size_t left = kGrypeRowsMax - rows.size();
  return ForEachRow(*file, handles.table, columns, left, [&](const io::SqliteRows& row) -> Result<void> {
    const std::int64_t vulnerability = row.Integer(0).value_or(-1), blob = row.Integer(2).value_or(0);
    const auto group =
        std::ranges::lower_bound(groups_by_id_, vulnerability, {}, &std::pair<std::int64_t, std::uint32_t>::first);
    const auto subject = subjects.find(row.Integer(1).value_or(-1));
    const auto system_id = row.Integer(3);
    const auto system = system_id ? system_positions_.find(*system_id) : system_positions_.end();
    if (group == groups_by_id_.end() || group->first != vulnerability || subject == subjects.end() ||
        (system_id && system == system_positions_.end()) || !std::in_range<std::uint32_t>(blob)) {
      ++dangling_;
      return {};
    }
    GrypeRow kept{.group = group->second, .blob = static_cast<std::uint32_t>(blob), .subject = subject->second};
    kept.kind = static_cast<std::uint32_t>(handles.kind) & 3U;
    if (system_id) {
      kept.system = (system->second + 1) & ((1U << 30U) - 1);
      const GrypeSystem& of = systems[system->second];
      if (!places[system->second]) ++unknown_[Format("{} {} {}", of.name, of.major, of.channel)];
      if (places[system->second]) rows.push_back(kept);
    } else if (!cpe && packages[subject->second].ecosystem.empty()) {
      ++unknown_[packages[subject->second].target_software];
    } else if (!cpe || !cpes[subject->second].name.empty()) {
      rows.push_back(kept);
    }
    return {};
  });
}

Result<void> GrypeDatabase::ReadRows() {
  for (const Handles& handles : {Handles{"affected_package_handles", "package_id", GrypeRowKind::kAffected},
                                 Handles{"unaffected_package_handles", "package_id", GrypeRowKind::kUnaffected},
                                 Handles{"affected_cpe_handles", "cpe_id", GrypeRowKind::kAffectedCpe},
                                 Handles{"unaffected_cpe_handles", "cpe_id", GrypeRowKind::kUnaffectedCpe}})
    HF_CHECK_OK(ReadTable(handles));
  groups_by_id_ = {};
  std::ranges::sort(rows, [](const GrypeRow& a, const GrypeRow& b) {
    const auto key = [](const GrypeRow& row) {
      return std::tuple(row.group, std::uint32_t{row.system}, row.subject, std::uint32_t{row.kind}, row.blob);
    };
    return key(a) < key(b);
  });
  const std::map<std::string, std::uint64_t> unknown(unknown_.begin(), unknown_.end());
  for (const auto& [name, count] : unknown) {
    if (problems.size() == kReportedMax) break;
    problems.emplace_back(ErrorKind::kUnsupported, Format("\"{}\": no ecosystem stands for it; rows: {}",
                                                          CleanText(name, kGrypeNameBytesMax), count));
  }
  if (dangling_ > 0)
    problems.emplace_back(ErrorKind::kCorrupt, Format("rows that refer to what is not there: {}", dangling_));
  return {};
}

}  // namespace holdfast::advisory
