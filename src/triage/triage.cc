#include "triage/triage.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "base/format.h"
#include "triage/product.h"

namespace holdfast::triage {
namespace {

using model::Finding;
using model::SilencedFinding;

struct Said {
  const VexDocument* document = nullptr;
  const VexStatement* statement = nullptr;
  std::size_t place = 0;  // among all, as they were given
  bool exactly = false;
};

bool Silences(VexStatus status) { return status == VexStatus::kNotAffected || status == VexStatus::kFixed; }

std::string SourceOf(const VexDocument& document) {
  const std::string& id = document.id.empty() ? document.name : document.id;
  return Format("{} ({})", id, VexLevelName(document.level));
}

std::string TextOf(const VexStatement& statement) {
  std::string text(VexStatusName(statement.status));
  if (!statement.justification.empty()) text += Format(", {}", statement.justification);
  if (!statement.text.empty()) text += Format(": {}", statement.text);
  return text;
}

// All statements by the vulnerabilities they are about.
class Statements {
 public:
  Statements(const std::vector<VexDocument>& documents, const model::ImageAnalysis& analysis) : identity_(analysis) {
    for (const VexDocument& document : documents)
      for (const VexStatement& statement : document.statements) Index(document, statement);
  }

  // Those about the finding, the one that counts first.
  [[nodiscard]] std::vector<Said> About(const Finding& finding) const {
    std::vector<Said> all;
    Gather(finding.id, finding.package, all);
    for (const std::string& alias : finding.aliases)
      if (NamesVulnerability(alias)) Gather(alias, finding.package, all);
    std::ranges::sort(all, [](const Said& a, const Said& b) {
      const auto rank = [](const Said& said) {
        return std::tuple(said.document->level, said.exactly, std::string_view(said.statement->timestamp));
      };
      return rank(a) != rank(b) ? rank(a) > rank(b) : a.place < b.place;
    });
    return all;
  }

 private:
  void Index(const VexDocument& document, const VexStatement& statement) {
    const Said said{.document = &document, .statement = &statement, .place = by_name_.size()};
    for (const std::string& name : statement.vulnerabilities) by_name_.emplace(name, said);
  }

  void Gather(const std::string& name, std::uint32_t package, std::vector<Said>& all) const {
    const auto [begin, end] = by_name_.equal_range(name);
    for (auto row = begin; row != end; ++row) {
      Said said = row->second;
      const auto known = [&said](const Said& other) { return other.statement == said.statement; };
      if (std::ranges::any_of(all, known)) continue;
      bool covers = false;
      for (const VexProduct& product : said.statement->products) {
        const auto covered = identity_.Covers(product, package);
        covers = covers || covered.covers;
        said.exactly = said.exactly || (covered.covers && covered.exactly);
      }
      if (covers) all.push_back(said);
    }
  }

  ImageIdentity identity_;
  std::multimap<std::string_view, Said> by_name_;
};

// Those that say otherwise than the first.
std::vector<std::string> Overruled(const std::vector<Said>& all) {
  std::vector<std::string> texts;
  for (const Said& said : all)
    if (Silences(said.statement->status) != Silences(all.front().statement->status))
      texts.push_back(Format("{}: {}", SourceOf(*said.document), TextOf(*said.statement)));
  return texts;
}

model::VexMark MarkOf(const std::vector<Said>& all) {
  const Said& first = all.front();
  return {std::string(VexStatusName(first.statement->status)), SourceOf(*first.document), TextOf(*first.statement),
          Overruled(all)};
}

SilencedFinding SilencedByVex(Finding finding, const std::vector<Said>& all) {
  const Said& first = all.front();
  SilencedFinding silenced;
  silenced.finding = std::move(finding);
  silenced.by = model::SilencedBy::kVex;
  silenced.source = SourceOf(*first.document);
  silenced.statement = TextOf(*first.statement);
  silenced.justification = first.statement->justification;
  silenced.overruled = Overruled(all);
  return silenced;
}

// A finding that the matcher silenced, when somebody whose word counts for more says that it holds.
bool BroughtBack(SilencedFinding& silenced, const std::vector<Said>& all) {
  if (all.empty() || Silences(all.front().statement->status)) return false;
  if (all.front().document->level <= VexLevel::kDistro) return false;
  model::VexMark mark = MarkOf(all);
  mark.overruled.push_back(Format("{}: {}", silenced.source, silenced.statement));
  silenced.finding.vex = std::move(mark);
  return true;
}

}  // namespace

void ApplyVex(const std::vector<VexDocument>& documents, const model::ImageAnalysis& analysis,
              match::MatchResult& matched) {
  if (documents.empty()) return;
  const Statements statements(documents, analysis);
  std::vector<SilencedFinding> still;
  std::vector<Finding> back;
  for (SilencedFinding& silenced : std::exchange(matched.silenced, {})) {
    if (BroughtBack(silenced, statements.About(silenced.finding)))
      back.push_back(std::move(silenced.finding));
    else
      still.push_back(std::move(silenced));
  }
  matched.silenced = std::move(still);
  match::MoveSilenced(matched, [&](Finding& finding) -> std::optional<SilencedFinding> {
    const std::vector<Said> all = statements.About(finding);
    if (all.empty()) return std::nullopt;
    if (Silences(all.front().statement->status)) return SilencedByVex(std::move(finding), all);
    finding.vex = MarkOf(all);
    return std::nullopt;
  });
  std::ranges::move(back, std::back_inserter(matched.findings));
  match::SortFindings(analysis, matched);
}

void ApplyIgnoreRules(const std::vector<IgnoreRule>& rules, const model::ImageAnalysis& analysis,
                      const std::string& today, match::MatchResult& matched) {
  std::vector<const IgnoreRule*> standing;
  for (const IgnoreRule& rule : rules) {
    if (rule.Expired(today))
      matched.problems.push_back({{}, ErrorKind::kNotFound, Format("{} expired on {}", rule.name, rule.expires)});
    else
      standing.push_back(&rule);
  }
  match::MoveSilenced(matched, [&](Finding& finding) -> std::optional<SilencedFinding> {
    const auto rule = std::ranges::find_if(standing, [&](const auto* each) { return each->Covers(finding, analysis); });
    if (rule == standing.end()) return std::nullopt;
    SilencedFinding silenced;
    silenced.finding = std::move(finding);
    silenced.by = model::SilencedBy::kIgnoreRule;
    silenced.source = (*rule)->name;
    silenced.statement = (*rule)->Text();
    silenced.expires = (*rule)->expires;
    return silenced;
  });
  match::SortFindings(analysis, matched);
}

void ApplyPreferences(const Preferences& preferences, match::MatchResult& matched) {
  match::MoveSilenced(matched, [&](Finding& finding) -> std::optional<SilencedFinding> {
    SilencedFinding silenced;
    silenced.by = model::SilencedBy::kIgnoreRule;
    if (preferences.only_fixed && finding.fixed_versions.empty()) {
      silenced.source = "--only-fixed";
      silenced.statement = "there is no fix";
    } else if (preferences.hide_owned && finding.owned_by >= 0) {
      silenced.source = "--hide-owned";
      silenced.statement = "a distribution package owns it";
    } else {
      return std::nullopt;
    }
    silenced.finding = std::move(finding);
    return silenced;
  });
}

}  // namespace holdfast::triage
