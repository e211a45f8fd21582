#include "advisory/nvd/nvd.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "advisory/cve.h"
#include "advisory/json_list.h"
#include "advisory/nvd/nvd_rows.h"
#include "base/format.h"
#include "base/text.h"
#include "cvss/score.h"
#include "cvss/vector.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kSource = "nvd";
constexpr std::string_view kOverrideSource = "nvd-overrides";
constexpr std::size_t kSourceBytesMax = 128;
constexpr std::size_t kActionBytesMax = 4096;
constexpr std::size_t kWordBytesMax = 32;
constexpr std::size_t kDateBytes = 10;
constexpr std::array<std::string_view, 4> kMetrics = {"cvssMetricV2", "cvssMetricV30", "cvssMetricV31",
                                                      "cvssMetricV40"};
constexpr std::string_view kDecisions = "ssvcV203";

// Sources are addresses, or identifiers of organisations; these two have names that others use.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kNamedSources = {{
    {"nvd@nist.gov", kSource},
    {"134c704f-9b21-4f2e-91b3-4a467353bcc0", "CISA-ADP"},
}};

std::string_view SourceName(std::string_view source) {
  const auto* row = std::ranges::find(kNamedSources, source, &std::pair<std::string_view, std::string_view>::first);
  return row != kNamedSources.end() ? row->second : source.substr(0, kSourceBytesMax);
}

std::string_view English(io::JsonView texts) {
  if (!texts.IsArray()) return {};
  for (const io::JsonView text : texts)
    if (text["lang"].StringOr("").starts_with("en")) return text["value"].StringOr("");
  return {};
}

// The elements of a list, as far as the bound.
template <typename Visit>
void ForEach(io::JsonView list, NvdFacts& into, std::string_view what, const Visit& visit) {
  if (!list.IsArray()) return;
  if (list.Size() > kNvdListMax) into.problems.push_back(Format("{} of {} {} read", kNvdListMax, list.Size(), what));
  for (std::size_t i = 0; i < std::min(list.Size(), kNvdListMax); ++i) visit(list.At(i));
}

void ReadScores(io::JsonView metrics, NvdFacts& into) {
  for (const std::string_view key : kMetrics)
    ForEach(metrics[key], into, "scores", [&](io::JsonView metric) {
      const std::string_view source = SourceName(metric["source"].StringOr(""));
      const std::string_view text = metric["cvssData"]["vectorString"].StringOr("");
      const auto vector = cvss::Vector::Parse(text);
      if (!vector) {
        into.problems.push_back(Format("a CVSS vector of {}: {}", source, vector.error().Message()));
        return;
      }
      into.facts.cvss.push_back(
          {std::string(cvss::VersionName(vector->Version())), std::string(text), std::string(source)});
    });
}

void ReadDecisions(io::JsonView metrics, NvdFacts& into) {
  ForEach(metrics[kDecisions], into, "decisions", [&](io::JsonView metric) {
    const io::JsonView data = metric["ssvcData"];
    model::Ssvc ssvc;
    ForEach(data["options"], into, "options", [&](io::JsonView option) {
      const auto take = [&](std::string_view key, std::string& word) {
        if (const auto text = option[key].String()) word = LowerCase(text->substr(0, kWordBytesMax));
      };
      take("exploitation", ssvc.exploitation);
      take("automatable", ssvc.automatable);
      take("technicalImpact", ssvc.technical_impact);
    });
    ssvc.decided = UtcTime(data["timestamp"].StringOr(""));
    auto& kept = into.facts.ssvc;
    if (!ssvc.exploitation.empty() && (!kept || kept->decided < ssvc.decided)) kept = std::move(ssvc);
  });
}

void ReadWeaknesses(io::JsonView weaknesses, NvdFacts& into) {
  ForEach(weaknesses, into, "weaknesses", [&](io::JsonView weakness) {
    ForEach(weakness["description"], into, "weaknesses", [&](io::JsonView text) {
      const std::string_view cwe = CweOf(text["value"].StringOr(""));
      auto& cwes = into.facts.cwes;
      if (!cwe.empty() && std::ranges::find(cwes, cwe) == cwes.end() && cwes.size() < kNvdListMax)
        cwes.emplace_back(cwe);
    });
  });
}

void ReadKnown(io::JsonView cve, model::VulnerabilityFacts& facts) {
  const std::string_view added = cve["cisaExploitAdd"].StringOr(""), due = cve["cisaActionDue"].StringOr("");
  if (added.size() != kDateBytes || UtcTime(added).empty()) return;
  auto& known = facts.known_exploited.emplace();
  known.added = added;
  if (due.size() == kDateBytes && !UtcTime(due).empty()) known.due = due;
  known.required_action = CleanText(cve["cisaRequiredAction"].StringOr(""), kActionBytesMax);
}

// NVD's own score of the highest version, else anybody's.
model::Severity SeverityOf(const model::VulnerabilityFacts& facts) {
  std::optional<std::pair<bool, cvss::Vector>> best;
  for (const model::CvssVector& score : facts.cvss) {
    const auto vector = cvss::Vector::Parse(score.vector);
    const bool own = score.source == kSource;
    if (!vector || (best && std::pair(best->first, best->second.Version()) >= std::pair(own, vector->Version())))
      continue;
    best.emplace(own, *vector);
  }
  return best ? cvss::SeverityOf(best->second) : model::Severity::kUnknown;
}

class NvdProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return kSource; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    return LooksLikeNvdPage(document.root) || LooksLikeNvdOverride(document.root) || IsLargePage(document);
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    if (document.root.IsNull()) return ReadLargePage(document.text, sink);
    return LooksLikeNvdOverride(document.root) ? ReadOverride(document.root, sink) : ReadPage(document.root, sink);
  }
  void Finish(AdvisorySink& sink) override { collector_.Give(sink); }

 private:
  static bool IsLargePage(const Document& document) {
    return document.notation == Notation::kJson && document.root.IsNull() &&
           document.text.substr(0, kNvdHeadBytes).contains("\"NVD_CVE\"");
  }

  static Result<void> CheckSize(io::JsonView root, std::size_t size) {
    const auto stated = root["resultsPerPage"].Integer();
    if (!stated || std::cmp_less_equal(*stated, size)) return {};
    return Fail(ErrorKind::kCorrupt, Format("page with {} of {} vulnerabilities", size, *stated));
  }

  Result<void> ReadLargePage(std::string_view text, AdvisorySink& sink) {
    HF_TRY(const JsonList list, SplitJsonList(text, "vulnerabilities", kNvdPageMax));
    HF_TRY(const auto page, io::JsonDocument::Parse(list.rest));
    HF_CHECK_OK(CheckSize(page.Root(), list.elements.size()));
    for (std::size_t i = 0; i < list.elements.size(); ++i) {
      const auto item = io::JsonDocument::Parse(list.elements[i]);
      const auto read = item ? ReadOne(item->Root()["cve"], sink) : std::unexpected(item.error());
      if (!read) sink.Problem(Error(read.error().Kind(), Format("vulnerability {}: {}", i, read.error().Message())));
    }
    return {};
  }

  Result<void> ReadPage(io::JsonView root, AdvisorySink& sink) {
    const io::JsonView list = root["vulnerabilities"];
    if (!list.IsArray()) return Fail(ErrorKind::kCorrupt, "page without vulnerabilities");
    if (list.Size() > kNvdPageMax)
      return Fail(ErrorKind::kLimit, Format("page of {} vulnerabilities, limit {}", list.Size(), kNvdPageMax));
    HF_CHECK_OK(CheckSize(root, list.Size()));
    for (const io::JsonView item : list)
      if (const auto read = ReadOne(item["cve"], sink); !read) sink.Problem(read.error());
    return {};
  }

  Result<void> ReadOne(io::JsonView cve, AdvisorySink& sink) {
    HF_TRY(const NvdFacts parsed, ParseNvdFacts(cve));
    for (const std::string& problem : parsed.problems)
      sink.Problem(Error(ErrorKind::kCorrupt, Format("{}: {}", parsed.facts.id, problem)));
    sink.AddFacts(parsed.facts);
    HF_TRY(const auto rows, RowsOf(cve["configurations"], parsed.facts.id, sink));
    collector_.Add(parsed.facts, rows);
    return {};
  }

  Result<void> ReadOverride(io::JsonView root, AdvisorySink& sink) {
    const io::JsonView annotation = root["_annotation"], configurations = root["cve"]["configurations"];
    model::VulnerabilityFacts facts;
    HF_TRY(facts.id, CveIdOf(annotation["cve_id"].StringOr("")));
    facts.source = kOverrideSource;
    facts.description = CutText(annotation["description"].StringOr(""), kDescriptionBytesMax);
    if (!facts.description.empty()) sink.AddFacts(facts);
    if (!configurations.IsArray()) return {};  // it adds references only
    HF_TRY(const auto rows, RowsOf(configurations, facts.id, sink));
    collector_.Override(facts.id, rows);
    return {};
  }

  static Result<std::vector<model::Affected>> RowsOf(io::JsonView configurations, std::string_view cve,
                                                     AdvisorySink& sink) {
    auto parsed = ParseNvdRows(configurations);
    if (!parsed) return std::unexpected(Error(parsed.error().Kind(), Format("{}: {}", cve, parsed.error().Message())));
    if (parsed->bad > 0)
      sink.Problem(Error(ErrorKind::kCorrupt, Format("{}: {} parts of its configurations left out: {}", cve,
                                                     parsed->bad, parsed->first_bad)));
    return std::move(parsed->rows);
  }

  NvdCollector collector_;
};

}  // namespace

Result<NvdFacts> ParseNvdFacts(io::JsonView cve) {
  NvdFacts parsed;
  model::VulnerabilityFacts& facts = parsed.facts;
  HF_TRY(facts.id, CveIdOf(cve["id"].StringOr("")));
  facts.source = kSource;
  facts.rejected = cve["vulnStatus"].StringOr("") == "Rejected";
  facts.published = UtcTime(cve["published"].StringOr(""));
  facts.modified = UtcTime(cve["lastModified"].StringOr(""));
  facts.description = CutText(English(cve["descriptions"]), kDescriptionBytesMax);
  ReadScores(cve["metrics"], parsed);
  ReadDecisions(cve["metrics"], parsed);
  ReadWeaknesses(cve["weaknesses"], parsed);
  ReadKnown(cve, facts);
  return parsed;
}

bool LooksLikeNvdPage(io::JsonView root) {
  return root["format"].StringOr("") == "NVD_CVE" && root["vulnerabilities"].IsArray();
}

bool LooksLikeNvdOverride(io::JsonView root) {
  return root["_annotation"]["cve_id"].IsString() && root["cve"].IsObject();
}

void NvdCollector::Add(const model::VulnerabilityFacts& facts, const std::vector<model::Affected>& rows) {
  Entry& entry = entries_[facts.id];
  std::string encoded = EncodeNvdRows(rows);
  // Whichever order they come in.
  if (std::tie(facts.modified, encoded) < std::tie(entry.modified, entry.rows)) return;
  entry.published = facts.published;
  entry.modified = facts.modified;
  entry.rows = std::move(encoded);
  entry.severity = SeverityOf(facts);
  entry.rejected = facts.rejected;
}

void NvdCollector::Override(const std::string& cve, const std::vector<model::Affected>& rows) {
  Entry& entry = entries_[cve];
  entry.override_rows = std::max(std::move(entry.override_rows), EncodeNvdRows(rows));
}

void NvdCollector::GiveOne(const std::string& cve, const Entry& entry, AdvisorySink& sink) {
  if (entry.rejected) return;
  auto rows = DecodeNvdRows(entry.override_rows.empty() ? entry.rows : entry.override_rows);
  if (!rows) return sink.Problem(rows.error());
  if (rows->empty()) return;
  model::Advisory advisory;
  advisory.id = Format("NVD-{}", cve);
  advisory.aliases = {cve};
  advisory.source = kSource;
  advisory.severity = entry.severity;
  advisory.published = entry.published;
  advisory.modified = entry.modified;
  advisory.references = {{"ADVISORY", Format("https://nvd.nist.gov/vuln/detail/{}", cve)}};
  advisory.affected = *std::move(rows);
  sink.Add(advisory);
}

void NvdCollector::Give(AdvisorySink& sink) {
  while (!entries_.empty()) {
    const auto first = entries_.begin();
    GiveOne(first->first, first->second, sink);
    entries_.erase(first);
  }
}

std::unique_ptr<Provider> MakeNvdProvider() { return std::make_unique<NvdProvider>(); }

}  // namespace holdfast::advisory
