#include "advisory/errata.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kPartBytesMax = 256;  // of a name, a version, a release

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Of a name, version or release: what rpm allows in them.
bool IsPart(std::string_view text) {
  return !text.empty() && text.size() <= kPartBytesMax && std::ranges::all_of(text, [](char c) {
    return IsDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || std::string_view("._+~^-").contains(c);
  });
}

bool IsDebuggingData(std::string_view name) {
  return name.ends_with("-debuginfo") || name.ends_with("-debugsource") || name.contains("-debuginfo-");
}

std::string_view Digits(std::string_view text) {
  return text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, IsDigit) - text.begin()));
}

}  // namespace

Result<void> Errata::Add(model::Advisory head, std::vector<ErratumBuild> builds) {
  if (builds.size() > kErrataBuildsMax - builds_)
    return Fail(ErrorKind::kLimit, Format("{}: more than {} builds in all", head.id, kErrataBuildsMax));
  builds_ += builds.size();
  const auto [entry, fresh] = errata_.try_emplace(head.id);
  Erratum& erratum = entry->second;
  for (std::string& cve : head.related)
    if (erratum.cves.size() < kErratumCvesMax) erratum.cves.insert(std::move(cve));
  if (fresh || head.modified > erratum.head.modified) erratum.head = std::move(head);
  for (ErratumBuild& build : builds) {
    if (IsDebuggingData(build.name)) continue;
    Key key{std::move(build.ecosystem), std::move(build.release), std::move(build.name), std::move(build.module_label),
            build.architecture == "src"};
    Version& version = erratum.packages[std::move(key)][std::move(build.evr)];
    version.architectures.insert(std::move(build.architecture));
    version.published = version.published || build.published;
  }
  return {};
}

void Errata::AddRows(const Key& key, const std::map<std::string, Version>& versions,
                     std::vector<model::Affected>& rows) {
  model::Affected row;
  row.ecosystem = key.ecosystem;
  row.release = key.release;
  row.package = key.name;
  row.version_scheme = "rpm";
  row.module_label = key.module_label;
  if (key.source) row.architecture = "src";
  for (const auto& [evr, version] : versions) {
    row.fix_state = version.published ? model::FixState::kFixed : model::FixState::kNotFixed;
    row.ranges = {{"0", evr, std::nullopt}};
    if (key.source || versions.size() == 1) {
      rows.push_back(row);
      continue;
    }
    for (const std::string& architecture : version.architectures) {
      row.architecture = architecture;
      rows.push_back(row);
    }
  }
}

std::vector<model::Affected> Errata::RowsOf(const Erratum& erratum) {
  std::set<std::pair<std::string_view, std::string_view>> with_binaries;
  for (const auto& [key, versions] : erratum.packages)
    if (!key.source) with_binaries.emplace(key.ecosystem, key.release);
  std::vector<model::Affected> rows;
  for (const auto& [key, versions] : erratum.packages)
    if (!key.source || !with_binaries.contains({key.ecosystem, key.release})) AddRows(key, versions, rows);
  return rows;
}

void Errata::Give(AdvisorySink& sink) {
  for (auto& [id, erratum] : std::exchange(errata_, {})) {
    model::Advisory& advisory = erratum.head;
    advisory.related.assign(erratum.cves.begin(), erratum.cves.end());
    advisory.affected = RowsOf(erratum);
    if (advisory.affected.size() > kErratumRowsMax)
      sink.Problem(Error(ErrorKind::kLimit, Format("{}: more than {} packages", id, kErratumRowsMax)));
    else if (advisory.affected.empty())
      sink.LeaveOut();
    else
      sink.Add(advisory);
  }
  builds_ = 0;
}

Result<void> Errata::Take(std::string_view source, model::Advisory head, std::vector<ErratumBuild> builds,
                          bool security, AdvisorySink& sink) {
  if (!security) {
    sink.LeaveOut();
    return {};
  }
  head.source = source;
  return Add(std::move(head), std::move(builds));
}

std::string MajorAfter(std::string_view beginning, std::string_view text) {
  if (!text.starts_with(beginning)) return {};
  text.remove_prefix(beginning.size());
  const auto end = std::ranges::find_if_not(text, [](char c) { return c >= '0' && c <= '9'; });
  return std::string(text.begin(), end);
}

Result<std::string> RpmVersionOf(std::string_view epoch, std::string_view version, std::string_view release) {
  if (!IsPart(version) || !IsPart(release) || epoch.size() > 10 || Digits(epoch).size() != epoch.size())
    return Fail(ErrorKind::kCorrupt,
                Format("\"{}\" is no version", CleanText(Format("{}:{}-{}", epoch, version, release), 200)));
  return epoch.empty() || epoch == "0" ? Format("{}-{}", version, release)
                                       : Format("{}:{}-{}", epoch, version, release);
}

bool IsRpmName(std::string_view text) { return IsPart(text); }

Result<RpmName> SplitNvr(std::string_view nvr) {
  const std::size_t release = nvr.rfind('-');
  const std::size_t version = release == std::string_view::npos || release == 0 ? release : nvr.rfind('-', release - 1);
  if (version == std::string_view::npos || version == 0)
    return Fail(ErrorKind::kCorrupt, Format("\"{}\" is not name-version-release", CleanText(nvr, 200)));
  RpmName parts{nvr.substr(0, version), nvr.substr(version + 1, release - version - 1), nvr.substr(release + 1)};
  if (!IsPart(parts.name)) return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no package", CleanText(nvr, 200)));
  return parts;
}

Result<RpmFile> ParseNevra(std::string_view nevra) {
  if (nevra.ends_with(".rpm")) nevra.remove_suffix(4);
  const std::size_t dot = nevra.rfind('.');
  if (dot == std::string_view::npos || !IsPart(nevra.substr(dot + 1)))
    return Fail(ErrorKind::kCorrupt, Format("\"{}\" names no architecture", CleanText(nevra, 200)));
  HF_TRY(const RpmName parts, SplitNvr(nevra.substr(0, dot)));
  const std::size_t colon = parts.version.find(':');
  const std::string_view epoch = colon == std::string_view::npos ? "" : parts.version.substr(0, colon);
  const std::string_view version = colon == std::string_view::npos ? parts.version : parts.version.substr(colon + 1);
  HF_TRY(std::string evr, RpmVersionOf(epoch, version, parts.release));
  return RpmFile{std::string(parts.name), std::move(evr), std::string(nevra.substr(dot + 1))};
}

void AddCvesOf(std::string_view text, std::vector<std::string>& cves) {
  constexpr std::string_view kPrefix = "CVE-";
  constexpr std::size_t kDigitsMax = 19;
  std::set<std::string_view> known(cves.begin(), cves.end());
  std::vector<std::string_view> found;
  for (std::size_t at = text.find(kPrefix); at != std::string_view::npos; at = text.find(kPrefix, at + 1)) {
    const std::string_view rest = text.substr(at + kPrefix.size());
    const std::size_t year = Digits(rest.substr(0, 5)).size();
    if (year != 4 || rest.size() < 6 || rest[4] != '-') continue;
    const std::size_t number = Digits(rest.substr(5, kDigitsMax + 1)).size();
    if (number < 4 || number > kDigitsMax) continue;
    if (cves.size() + found.size() >= kErratumCvesMax) break;
    const std::string_view cve = text.substr(at, kPrefix.size() + 5 + number);
    if (known.insert(cve).second) found.push_back(cve);
  }
  cves.insert(cves.end(), found.begin(), found.end());
}

std::string ErratumDate(std::string_view text) {
  text = Trim(text);
  if (text.size() == 10) return Format("{}T00:00:00Z", text);
  if (text.size() == 19 && text[10] == ' ') return Format("{}T{}Z", text.substr(0, 10), text.substr(11));
  return std::string(text.substr(0, kPartBytesMax));
}

model::Severity ErratumSeverity(std::string_view word) {
  if (EqualsIgnoreCase(word, "none")) return model::Severity::kUnknown;
  return model::ParseSeverity(word).value_or(model::Severity::kUnknown);
}

}  // namespace holdfast::advisory
