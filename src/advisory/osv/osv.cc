// A document is read field by field through null-safe views: what is absent or of the wrong type is
// skipped, except the id and the names of packages, without which nothing could be matched or cited.
//
// Severity is the first that is stated: database_specific.severity (or a distribution's word in the
// summary or in severity[]), then the rating of the CVSS vector of the highest version; of several of that version,
// of the one with the highest rating.

#include "advisory/osv/osv.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "advisory/osv/osv_ranges.h"
#include "base/format.h"
#include "cvss/score.h"
#include "model/ecosystem.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kIdBytesMax = 256;
constexpr std::size_t kNameBytesMax = 4096;
constexpr std::string_view kRockyOfInterestGroups = "RXSA-";

bool IsPlainWord(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result<void> CheckCount(io::JsonView list, std::size_t max, std::string_view what) {
  if (list.Size() > max)
    return Fail(ErrorKind::kLimit, Format("OSV document with {} {}, limit {}", list.Size(), what, max));
  return {};
}

Result<std::vector<std::string>> Texts(io::JsonView list, std::string_view what) {
  HF_CHECK_OK(CheckCount(list, kOsvTextsMax, what));
  std::vector<std::string> texts;
  if (!list.IsArray()) return texts;
  for (const io::JsonView item : list)
    if (const auto text = item.String(); text && !text->empty()) texts.emplace_back(*text);
  return texts;
}

// Severity words and scores, of the whole advisory or of one package.
struct Severities {
  std::vector<model::CvssVector> cvss;
  std::optional<model::Severity> stated;
  std::optional<model::Severity> scored;
  cvss::Version scored_by{};

  // A vector that cannot be read is kept as it is, but gives no severity.
  void Rate(std::string_view text) {
    const auto vector = cvss::Vector::Parse(text);
    if (!vector || (scored && vector->Version() < scored_by)) return;
    const model::Severity severity = cvss::SeverityOf(*vector);
    scored = scored && vector->Version() == scored_by ? std::max(*scored, severity) : severity;
    scored_by = vector->Version();
  }

  std::optional<model::Severity> Best() const { return stated ? stated : scored; }
};

std::string CvssVersion(std::string_view type, std::string_view vector) {
  if (type == "CVSS_V2") return "2.0";
  if (vector.starts_with("CVSS:") && vector.size() > 8) return std::string(vector.substr(5, 3));
  return {};
}

Result<Severities> ReadSeverities(io::JsonView holder) {
  Severities result;
  const io::JsonView list = holder["severity"];
  HF_CHECK_OK(CheckCount(list, kOsvTextsMax, "severities"));
  for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i) {
    const io::JsonView item = list.At(i);
    const std::string_view type = item["type"].StringOr("");
    const std::string_view score = item["score"].StringOr("");
    if (!type.starts_with("CVSS_V")) {
      if (const auto word = model::ParseSeverity(score)) result.stated = word;
      continue;
    }
    std::string version = CvssVersion(type, score);
    if (version.empty()) continue;
    result.Rate(score);
    result.cvss.push_back({std::move(version), std::string(score), std::string(item["source"].StringOr(""))});
  }
  if (const auto word = model::ParseSeverity(holder["database_specific"]["severity"].StringOr("")))
    result.stated = word;
  return result;
}

// "Important: nodejs:18 and nodejs-x:18 security update": severity before the first ": ", then words
// with a colon inside, which name module streams.
struct DistroSummary {
  std::optional<model::Severity> severity;
  std::string modules;  // joined by ','
};

bool IsModuleStream(std::string_view word) {
  const std::size_t colon = word.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == word.size()) return false;
  return std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("+-._:").contains(c);
  });
}

DistroSummary ReadDistroSummary(std::string_view summary) {
  DistroSummary result;
  if (const std::size_t end = summary.find(": "); end != std::string_view::npos) {
    result.severity = model::ParseSeverity(summary.substr(0, end));
    if (result.severity) summary.remove_prefix(end + 2);
  }
  std::size_t words = 0;
  while (!summary.empty() && ++words <= 64) {
    const std::string_view word = summary.substr(0, summary.find(' '));
    summary.remove_prefix(std::min(summary.size(), word.size() + 1));
    if (!IsModuleStream(word)) continue;
    if (!result.modules.empty()) result.modules.push_back(',');
    result.modules.append(word);
  }
  return result;
}

// GHSA states the last affected version beside an open range: "<= 1.2.3" or "< 1.2.3".
void ApplyLastKnown(std::vector<model::VersionRange>& ranges, std::string_view expression) {
  if (ranges.size() != 1 || ranges.front().fixed || ranges.front().last_affected) return;
  if (!expression.starts_with('<')) return;
  const bool inclusive = expression.starts_with("<=");
  expression.remove_prefix(inclusive ? 2 : 1);
  expression.remove_prefix(std::min(expression.size(), expression.find_first_not_of(' ')));
  if (expression.empty() || expression.find_first_of(" ,<>=") != std::string_view::npos) return;
  (inclusive ? ranges.front().last_affected : ranges.front().fixed) = expression;
}

std::string_view SchemeOf(const model::EcosystemInfo* ecosystem, std::string_view range_type) {
  if (ecosystem != nullptr) return ecosystem->version_scheme;
  return range_type == "SEMVER" ? "semver" : "";
}

Result<void> ReadRange(io::JsonView range, const model::EcosystemInfo* ecosystem, model::Affected& affected) {
  const std::string_view type = range["type"].StringOr("");
  if (type != "ECOSYSTEM" && type != "SEMVER") return {};
  const io::JsonView list = range["events"];
  HF_CHECK_OK(CheckCount(list, kOsvEventsMax, "events"));
  constexpr std::array<std::pair<std::string_view, OsvEventKind>, 4> kKinds = {{
      {"introduced", OsvEventKind::kIntroduced},
      {"fixed", OsvEventKind::kFixed},
      {"last_affected", OsvEventKind::kLastAffected},
      {"limit", OsvEventKind::kLimit},
  }};
  std::vector<OsvEvent> events;
  bool fixed = false;
  for (const io::JsonView item : list)
    for (const auto& [key, kind] : kKinds)
      if (const auto version = item[key].String(); version && IsPlainWord(*version, kNameBytesMax)) {
        events.push_back({kind, std::string(*version)});
        fixed = fixed || kind == OsvEventKind::kFixed;
      }
  const std::string_view scheme = SchemeOf(ecosystem, type);
  if (affected.version_scheme.empty()) affected.version_scheme = scheme;
  const auto ranges = IntervalsOf(std::move(events), scheme);
  affected.ranges.insert(affected.ranges.end(), ranges.begin(), ranges.end());
  if (fixed) affected.fix_state = model::FixState::kFixed;
  return {};
}

Result<std::vector<std::string>> ReadSymbols(io::JsonView specific) {
  HF_TRY(auto symbols, Texts(specific["affected_functions"], "functions"));
  const io::JsonView imports = specific["imports"];
  HF_CHECK_OK(CheckCount(imports, kOsvTextsMax, "imports"));
  for (std::size_t i = 0; imports.IsArray() && i < imports.Size(); ++i) {
    const io::JsonView import = imports.At(i);
    const std::string_view path = import["path"].StringOr("");
    if (path.empty()) continue;
    HF_TRY(const auto names, Texts(import["symbols"], "symbols"));
    if (names.empty()) symbols.emplace_back(path);
    for (const std::string& name : names) symbols.push_back(Format("{}.{}", path, name));
    if (symbols.size() > kOsvTextsMax) return Fail(ErrorKind::kLimit, "OSV document with too many symbols");
  }
  return symbols;
}

Result<void> ReadVersions(io::JsonView list, model::Affected& affected) {
  HF_CHECK_OK(CheckCount(list, kOsvVersionsMax, "versions"));
  for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i)
    if (const auto version = list.At(i).String(); version && IsPlainWord(*version, kNameBytesMax))
      affected.versions.emplace_back(*version);
  return {};
}

Result<model::Affected> ReadAffected(io::JsonView item, const std::string& module_label) {
  const io::JsonView package = item["package"];
  const std::string_view ecosystem = package["ecosystem"].StringOr("");
  const std::string_view name = package["name"].StringOr("");
  if (!IsPlainWord(ecosystem, kIdBytesMax) || !IsPlainWord(name, kNameBytesMax))
    return Fail(ErrorKind::kCorrupt, "affected package without ecosystem or name");
  model::Affected affected;
  auto [bare, release] = model::SplitEcosystem(ecosystem);
  const model::EcosystemInfo* info = model::FindEcosystem(bare);
  affected.package = model::NormalisePackageName(bare, name);
  affected.ecosystem = std::move(bare);
  affected.release = std::move(release);
  if (info != nullptr) affected.version_scheme = info->version_scheme;
  if (const std::string_view kind = item["database_specific"]["informational"].StringOr("");
      affected.ecosystem == "crates.io" && (kind == "unmaintained" || kind == "notice"))
    affected.release = kind;
  const io::JsonView ranges = item["ranges"];
  HF_CHECK_OK(CheckCount(ranges, kOsvEventsMax, "ranges"));
  for (std::size_t i = 0; ranges.IsArray() && i < ranges.Size(); ++i)
    HF_CHECK_OK(ReadRange(ranges.At(i), info, affected));
  ApplyLastKnown(affected.ranges, item["database_specific"]["last_known_affected_version_range"].StringOr(""));
  HF_CHECK_OK(ReadVersions(item["versions"], affected));
  if (affected.fix_state == model::FixState::kUnknown &&
      std::ranges::any_of(affected.ranges, [](const auto& range) { return !range.fixed && !range.last_affected; }))
    affected.fix_state = model::FixState::kNotFixed;
  HF_TRY(affected.symbols, ReadSymbols(item["ecosystem_specific"]));
  HF_TRY(const Severities severities, ReadSeverities(item));
  affected.severity = severities.Best();
  if (info != nullptr && info->version_scheme == "rpm") affected.module_label = module_label;
  return affected;
}

bool IsDistribution(const model::Affected& affected) {
  const model::EcosystemInfo* info = model::FindEcosystem(affected.ecosystem);
  return info != nullptr && info->advisory_names != model::AdvisoryNames::kNotADistribution;
}

void AddUnique(std::vector<std::string>& into, const std::vector<std::string>& texts) {
  std::set<std::string_view> known(into.begin(), into.end());
  std::vector<std::string> fresh;
  for (const std::string& text : texts)
    if (known.insert(text).second) fresh.push_back(text);
  into.insert(into.end(), fresh.begin(), fresh.end());
}

Result<void> ReadReferences(io::JsonView list, model::Advisory& advisory) {
  HF_CHECK_OK(CheckCount(list, kOsvTextsMax, "references"));
  for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i) {
    const io::JsonView item = list.At(i);
    if (const auto url = item["url"].String(); url && !url->empty())
      advisory.references.push_back({std::string(item["type"].StringOr("")), std::string(*url)});
  }
  return {};
}

}  // namespace

bool LooksLikeOsv(io::JsonView root) {
  return root.IsObject() && root["id"].IsString() &&
         (root["affected"].IsArray() ||
          (root["modified"].IsString() && (root["schema_version"].IsString() || root["withdrawn"].IsString() ||
                                           root["details"].IsString() || root["summary"].IsString())));
}

Result<model::Advisory> ParseOsv(io::JsonView root) {
  model::Advisory advisory;
  advisory.id = root["id"].StringOr("");
  if (!IsPlainWord(advisory.id, kIdBytesMax)) return Fail(ErrorKind::kCorrupt, "OSV document without a usable id");
  advisory.source = "osv";
  advisory.summary = root["summary"].StringOr("");
  advisory.details = root["details"].StringOr("");
  advisory.published = root["published"].StringOr("");
  advisory.modified = root["modified"].StringOr("");
  advisory.withdrawn = root["withdrawn"].StringOr("");
  HF_TRY(advisory.aliases, Texts(root["aliases"], "aliases"));
  HF_TRY(advisory.cwes, Texts(root["database_specific"]["cwe_ids"], "CWEs"));
  HF_CHECK_OK(ReadReferences(root["references"], advisory));

  const DistroSummary summary = ReadDistroSummary(advisory.summary);
  const io::JsonView affected = root["affected"];
  HF_CHECK_OK(CheckCount(affected, kOsvAffectedMax, "affected packages"));
  for (std::size_t i = 0; affected.IsArray() && i < affected.Size(); ++i) {
    const io::JsonView package = affected.At(i)["package"];
    // Only a repository is affected: nothing to match by.
    if (package["ecosystem"].StringOr("").empty() && package["name"].StringOr("").empty()) continue;
    HF_TRY(auto one, ReadAffected(affected.At(i), summary.modules));
    if (advisory.id.starts_with(kRockyOfInterestGroups)) one.release += " SIG";
    advisory.affected.push_back(std::move(one));
  }
  const bool distribution = std::ranges::any_of(advisory.affected, IsDistribution);

  // "upstream" are the vulnerabilities that a distribution's advisory is about; before that field there was
  // only "related", which language databases use for merely similar ones.
  HF_TRY(advisory.related, Texts(root["upstream"], "upstream ids"));
  if (distribution) {
    HF_TRY(const auto related, Texts(root["related"], "related ids"));
    AddUnique(advisory.related, related);
  }

  HF_TRY(Severities severities, ReadSeverities(root));
  if (distribution && !severities.stated) severities.stated = summary.severity;
  advisory.severity = severities.Best().value_or(model::Severity::kUnknown);
  advisory.cvss = std::move(severities.cvss);
  return advisory;
}

bool IsVulnerability(const model::Advisory& advisory) {
  constexpr std::array<std::string_view, 6> kNotices = {"ALBA-", "ALEA-", "RLBA-", "RLEA-", "RHBA-", "RHEA-"};
  const bool notice = std::ranges::any_of(kNotices, [&](auto prefix) { return advisory.id.starts_with(prefix); });
  const auto is_cve = [](const std::string& id) { return id.starts_with("CVE-"); };
  return !notice || std::ranges::any_of(advisory.related, is_cve) || std::ranges::any_of(advisory.aliases, is_cve);
}

namespace {

class OsvProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "osv"; }
  [[nodiscard]] bool Recognises(const Document& document) const override { return LooksLikeOsv(document.root); }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    HF_TRY(const auto advisory, ParseOsv(document.root));
    if (IsVulnerability(advisory))
      sink.Add(advisory);
    else
      sink.LeaveOut();
    return {};
  }
};

}  // namespace

std::unique_ptr<Provider> MakeOsvProvider() { return std::make_unique<OsvProvider>(); }

}  // namespace holdfast::advisory
