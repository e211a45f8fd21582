#include "advisory/grype/blob.h"

#include <algorithm>
#include <array>
#include <utility>

#include "advisory/grype/constraint.h"
#include "base/format.h"
#include "base/text.h"
#include "cvss/score.h"
#include "cvss/vector.h"
#include "io/json.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kWordBytesMax = 512;
constexpr std::size_t kUrlBytesMax = 4096;
constexpr std::size_t kDateBytes = 10;
constexpr std::int64_t kNoRank = 1'000'000;

Result<io::JsonDocument> Parse(std::string_view json) {
  return io::JsonDocument::Parse(json, {.bytes_max = kGrypeBlobBytesMax, .depth_max = 16});
}

bool IsWord(std::string_view text) {
  return !text.empty() && text.size() <= kWordBytesMax &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

template <typename Visit>
Result<void> ForEach(io::JsonView list, const Visit& visit) {
  if (!list.IsArray()) return {};
  if (list.Size() > kGrypeListMax)
    return Fail(ErrorKind::kLimit, Format("a list of {} items, limit {}", list.Size(), kGrypeListMax));
  for (std::size_t i = 0; i < list.Size(); ++i) HF_CHECK_OK(visit(list.At(i)));
  return {};
}

Result<std::vector<std::string>> Words(io::JsonView list) {
  std::vector<std::string> words;
  HF_CHECK_OK(ForEach(list, [&](io::JsonView item) -> Result<void> {
    if (const auto word = item.String(); word && IsWord(*word)) words.emplace_back(*word);
    return {};
  }));
  return words;
}

model::FixState StateOf(std::string_view word) {
  constexpr auto kStates = std::to_array<std::pair<std::string_view, model::FixState>>({
      {"fixed", model::FixState::kFixed},
      {"not-fixed", model::FixState::kNotFixed},
      {"wont-fix", model::FixState::kWontFix},
      {"not-affected", model::FixState::kNotAffected},
  });
  for (const auto& [name, state] : kStates)
    if (name == word) return state;
  return model::FixState::kUnknown;
}

Result<GrypeRange> ParseRange(io::JsonView item, const version::Scheme& scheme) {
  GrypeRange range;
  HF_TRY(range.intervals, ParseGrypeConstraint(item["version"]["constraint"].StringOr(""), scheme));
  range.state = StateOf(item["fix"]["state"].StringOr(""));
  const std::string_view fix = Trim(item["fix"]["version"].StringOr(""));
  if (range.state != model::FixState::kFixed || fix.empty() || fix.size() > kVersionBytesMax) return range;
  // Which of several alternatives a fix belongs to is not said.
  auto& end = range.intervals.back().to;
  if (range.intervals.size() != 1 || !end || !end->inclusive) return range;
  const auto order = version::Compare(scheme, end->version, fix);
  const auto& from = range.intervals.back().from;
  const bool single = from && from->version == end->version;
  if (order && *order < 0 && !single) end = Bound{std::string(fix), false};
  return range;
}

// "microsoft:windows" of "cpe:2.3:o:microsoft:windows:*:…"; empty for another text. Quoted colons are part of a name.
std::string PlatformOf(std::string_view cpe) {
  constexpr std::size_t kVendor = 3, kProduct = 4;
  std::array<std::string, kProduct + 1> parts;
  std::size_t part = 0;
  for (std::size_t i = 0; i < cpe.size() && part <= kProduct; ++i) {
    if (cpe[i] == ':') {
      ++part;
    } else {
      if (cpe[i] == '\\' && i + 1 < cpe.size()) ++i;
      parts[part] += cpe[i];
    }
  }
  if (parts[0] != "cpe" || parts[kVendor].empty() || parts[kProduct].empty()) return {};
  return LowerCase(Format("{}:{}", parts[kVendor], parts[kProduct]));
}

Result<void> ReadQualifiers(io::JsonView qualifiers, GrypePackage& package) {
  package.module_label = qualifiers["rpm_modularity"].StringOr("").substr(0, kWordBytesMax);
  package.architecture = qualifiers["architecture"].StringOr("").substr(0, kWordBytesMax);
  package.rootio = qualifiers["rootio"].Bool().value_or(false);
  HF_CHECK_OK(ForEach(qualifiers["platform_cpes"], [&](io::JsonView item) -> Result<void> {
    const auto cpe = item.String();
    if (std::string name = cpe && IsWord(*cpe) ? PlatformOf(*cpe) : std::string(); !name.empty())
      package.platforms.push_back(std::move(name));
    return {};
  }));
  std::ranges::sort(package.platforms);
  const auto repeated = std::ranges::unique(package.platforms);
  package.platforms.erase(repeated.begin(), repeated.end());
  return ForEach(qualifiers["go_imports"], [&](io::JsonView import) -> Result<void> {
    const std::string_view path = import["path"].StringOr("");
    if (!IsWord(path)) return {};
    HF_TRY(const auto names, Words(import["symbols"]));
    if (names.empty()) package.symbols.emplace_back(path);
    for (const std::string& name : names) package.symbols.push_back(Format("{}.{}", path, name));
    if (package.symbols.size() > kGrypeListMax) return Fail(ErrorKind::kLimit, "too many symbols");
    return {};
  });
}

struct Rated {
  std::int64_t rank = kNoRank;
  std::size_t position = 0;
  std::optional<model::Severity> severity;
  std::optional<model::CvssVector> cvss;
};

std::string SourceOf(std::string_view source) {
  return source == "nvd@nist.gov" ? "nvd" : std::string(IsWord(source) ? source : "");
}

Rated ParseSeverityEntry(io::JsonView item) {
  Rated rated;
  rated.rank = item["rank"].Integer().value_or(kNoRank);
  const io::JsonView value = item["value"];
  const std::string_view text = value.IsObject() ? value["vector"].StringOr("") : value.StringOr("");
  if (const auto vector = cvss::Vector::Parse(text)) {
    rated.severity = cvss::SeverityOf(*vector);
    rated.cvss = {std::string(cvss::VersionName(vector->Version())), std::string(text),
                  SourceOf(item["source"].StringOr(""))};
  } else {
    rated.severity = model::ParseSeverity(text);
  }
  return rated;
}

bool IsDate(std::string_view text) {
  return text.size() == kDateBytes && text[4] == '-' && text[7] == '-' &&
         std::ranges::all_of(text, [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
}

}  // namespace

Result<GrypePackage> ParseGrypePackage(std::string_view json, const version::Scheme& scheme) {
  HF_TRY(const auto document, Parse(json));
  const io::JsonView root = document.Root();
  if (!root.IsObject()) return Fail(ErrorKind::kCorrupt, "what is said of a package is no object");
  GrypePackage package;
  HF_TRY(package.cves, Words(root["cves"]));
  HF_CHECK_OK(ReadQualifiers(root["qualifiers"], package));
  std::size_t intervals = 0;
  HF_CHECK_OK(ForEach(root["ranges"], [&](io::JsonView item) -> Result<void> {
    HF_TRY(GrypeRange range, ParseRange(item, scheme));
    intervals += range.intervals.size();
    if (intervals > kGrypeListMax) return Fail(ErrorKind::kLimit, Format("more than {} ranges", kGrypeListMax));
    package.ranges.push_back(std::move(range));
    return {};
  }));
  // A path is repeated with each of its symbols.
  for (const std::string& symbol : package.symbols) package.bytes += symbol.size() + sizeof(symbol);
  package.bytes += json.size() + intervals * (sizeof(Interval) + sizeof(GrypeRange));
  return package;
}

Result<GrypeVulnerability> ParseGrypeVulnerability(std::string_view json) {
  HF_TRY(const auto document, Parse(json));
  const io::JsonView root = document.Root();
  if (!root.IsObject()) return Fail(ErrorKind::kCorrupt, "what is said of a vulnerability is no object");
  GrypeVulnerability vulnerability;
  const std::string_view description = root["description"].StringOr("");
  vulnerability.description = description.size() <= kGrypeTextBytesMax
                                  ? std::string(description)
                                  : io::RepairUtf8(description.substr(0, kGrypeTextBytesMax));
  HF_CHECK_OK(ForEach(root["refs"], [&](io::JsonView item) -> Result<void> {
    const std::string_view url = item["url"].StringOr("");
    if (!url.empty() && url.size() <= kUrlBytesMax)
      vulnerability.references.push_back({vulnerability.references.empty() ? "ADVISORY" : "WEB", std::string(url)});
    return {};
  }));
  HF_TRY(vulnerability.aliases, Words(root["aliases"]));
  std::vector<Rated> rated;  // by rank, then as they come
  HF_CHECK_OK(ForEach(root["severities"], [&](io::JsonView item) -> Result<void> {
    rated.push_back(ParseSeverityEntry(item));
    rated.back().position = rated.size();
    return {};
  }));
  std::ranges::sort(rated, {}, [](const Rated& one) { return std::pair(one.rank, one.position); });
  for (Rated& one : rated) {
    if (one.severity && vulnerability.severity == model::Severity::kUnknown) vulnerability.severity = *one.severity;
    if (one.cvss) vulnerability.cvss.push_back(*std::move(one.cvss));
  }
  return vulnerability;
}

Result<model::VulnerabilityFacts> ParseGrypeKnownExploited(std::string_view json) {
  HF_TRY(const auto document, Parse(json));
  const io::JsonView root = document.Root();
  model::VulnerabilityFacts facts;
  facts.id = root["cve"].StringOr("").substr(0, kWordBytesMax);
  auto& known = facts.known_exploited.emplace();
  // Days, or times of day 0.
  known.added = root["date_added"].StringOr("").substr(0, kDateBytes);
  if (!IsGrypeCve(facts.id) || !IsDate(known.added))
    return Fail(ErrorKind::kCorrupt, "a known exploited vulnerability without a CVE or a day");
  known.due = root["due_date"].StringOr("").substr(0, kDateBytes);
  if (!IsDate(known.due)) known.due.clear();
  known.required_action = CleanText(root["required_action"].StringOr(""), kUrlBytesMax);
  known.ransomware = EqualsIgnoreCase(root["known_ransomware_campaign_use"].StringOr(""), "known");
  HF_CHECK_OK(ForEach(root["cwes"], [&](io::JsonView item) -> Result<void> {
    if (const std::string_view cwe = item.StringOr(""); IsWord(cwe) && cwe.starts_with("CWE-"))
      facts.cwes.emplace_back(cwe);
    return {};
  }));
  return facts;
}

bool IsGrypeCve(std::string_view id) {
  constexpr std::string_view kPrefix = "CVE-";
  constexpr std::size_t kBytesMax = 28, kYear = 4;
  if (!id.starts_with(kPrefix) || id.size() > kBytesMax) return false;
  id.remove_prefix(kPrefix.size());
  return id.size() > kYear + 4 && id[kYear] == '-' &&
         std::ranges::all_of(id.substr(0, kYear), [](char c) { return c >= '0' && c <= '9'; }) &&
         std::ranges::all_of(id.substr(kYear + 1), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace holdfast::advisory
