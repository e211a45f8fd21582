#include "match/why.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "base/format.h"
#include "match/decide.h"
#include "match/distro.h"
#include "match/search.h"

namespace holdfast::match {
namespace {

constexpr std::size_t kVersionsBytesMax = 400;  // of what a row says: PyPI's list hundreds of versions

std::string Shorten(std::string text) {
  if (text.size() > kVersionsBytesMax) text = text.substr(0, kVersionsBytesMax) + "…";
  return text;
}

std::string PlaceOf(const model::EcosystemRelease& where) {
  return where.release.empty() ? where.ecosystem : Format("{}:{}", where.ecosystem, where.release);
}

// Ids are written in capitals but for GHSA's, whose parts are lower case.
std::string Spelled(std::string_view id) {
  std::string text(id);
  const auto lower = [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); };
  const auto upper = [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); };
  std::ranges::transform(text, text.begin(), upper);
  if (text.starts_with("GHSA-")) std::transform(text.begin() + 5, text.end(), text.begin() + 5, lower);
  return text;
}

class Explainer {
 public:
  Explainer(const WhyQuestion& question, const model::ImageAnalysis& analysis, const AdvisoryLookup& advisories,
            const MatchResult& matched)
      : question_(question),
        analysis_(analysis),
        advisories_(advisories),
        matched_(matched),
        distro_(EcosystemsOf(analysis.distro)) {
    answer_.vulnerability = question.vulnerability;
    for (const auto& where : distro_) places_.insert(PlaceOf(where));
    for (const model::Package& package : analysis.packages)
      if (!package.ecosystem.empty()) places_.insert(package.ecosystem);
  }

  Result<WhyAnswer> Answer() {
    HF_CHECK_OK(GatherAdvisories());
    for (std::uint32_t i = 0; i < analysis_.packages.size(); ++i)
      if (Asked(analysis_.packages[i])) HF_CHECK_OK(Examine(i));
    TakeFindings();
    answer_.names.assign(names_.begin(), names_.end());
    answer_.conclusion = Conclude();
    return std::move(answer_);
  }

 private:
  [[nodiscard]] bool Asked(const model::Package& package) const {
    if (question_.package.empty() || package.name == question_.package) return true;
    return std::ranges::find(package.upstreams, question_.package, &model::Upstream::name) != package.upstreams.end() ||
           std::ranges::find(package.advisory_names, question_.package) != package.advisory_names.end();
  }

  // Its names, and the names of what it is called by: a GHSA's CVE is what distributions know it by. Two steps reach
  // all that matching would join.
  Result<void> GatherAdvisories() {
    names_ = {question_.vulnerability, Spelled(question_.vulnerability)};
    for (int step = 0; step < 2; ++step) {
      const std::set<std::string> asked = names_;
      for (const std::string& name : asked) HF_CHECK_OK(GatherNamed(name));
    }
    return {};
  }

  Result<void> GatherNamed(const std::string& name) {
    HF_TRY(const auto ids, advisories_.FindByAlias(name));
    for (const std::string& id : ids) {
      if (known_.contains(id)) continue;
      if (known_.size() >= kAdvisoriesMax) {
        ++answer_.left_out;
        continue;
      }
      HF_TRY(const auto advisory, advisories_.FindAdvisory(id));
      if (!advisory) continue;
      known_.insert(id);
      answer_.advisories.push_back(Describe(*advisory));
      // A notice about several vulnerabilities is not another name of one of them.
      if (std::ranges::find(advisory->related, name) != advisory->related.end() && advisory->related.size() > 1)
        continue;
      names_.insert(advisory->id);
      names_.insert(advisory->aliases.begin(), advisory->aliases.end());
      if (advisory->aliases.empty() && advisory->related.size() == 1) names_.insert(advisory->related.front());
    }
    return {};
  }

  [[nodiscard]] KnownAdvisory Describe(const model::Advisory& advisory) const {
    KnownAdvisory known{advisory.id, advisory.source, advisory.withdrawn, {}, {}};
    std::set<std::string> here, elsewhere;
    for (const model::Affected& affected : advisory.affected) {
      const std::string place = PlaceOf({affected.ecosystem, affected.release});
      if (places_.contains(place))
        here.insert(Format("{} {}", place, affected.package));
      else
        elsewhere.insert(place);
    }
    const auto take = [](const std::set<std::string>& from, std::vector<std::string>& into) {
      for (const std::string& text : from)
        if (into.size() < kPlacesMax) into.push_back(text);
    };
    take(here, known.here);
    take(elsewhere, known.elsewhere);
    return known;
  }

  Result<void> Examine(std::uint32_t index) {
    ++answer_.packages_examined;
    for (const Query& query : QueriesOf(analysis_.packages[index], distro_)) {
      HF_CHECK_OK(advisories_.Visit(query.where.ecosystem, query.where.release, query.name,
                                    [&](const model::AffectedView& row) {
                                      if (!known_.contains(std::string(row.advisory_id))) return;
                                      if (answer_.rows.size() < kRowsMax)
                                        answer_.rows.push_back(ExamineRow(index, query, row));
                                      else
                                        ++answer_.left_out;
                                    }));
    }
    return {};
  }

  [[nodiscard]] ExaminedRow ExamineRow(std::uint32_t index, const Query& query, const model::AffectedView& row) const {
    ExaminedRow examined;
    examined.package = index;
    examined.advisory_id = row.advisory_id;
    examined.looked_up = query.Text();
    examined.compared_version = query.candidate.version;
    examined.version_scheme = query.candidate.scheme_id;
    examined.ranges = Shorten(DescribeVersions(row));
    examined.fix_state = model::FixStateName(row.fix_state);
    Judge(query.candidate, row, examined);
    return examined;
  }

  static void Judge(const Candidate& candidate, const model::AffectedView& row, ExaminedRow& examined) {
    const auto say = [&](RowOutcome outcome, std::string text) {
      examined.outcome = outcome;
      examined.explanation = std::move(text);
    };
    const Condition condition = ConditionOf(row, candidate);
    if (condition == Condition::kOtherArchitecture)
      return say(RowOutcome::kOtherArchitecture, Format("it speaks of architecture {}, the package is of {}",
                                                        row.architecture, candidate.architecture));
    if (condition == Condition::kOtherModule)
      return say(RowOutcome::kOtherModule, Format("it speaks of module \"{}\", the package is of \"{}\"",
                                                  row.module_label, candidate.module_label));
    if (row.fix_state == model::FixState::kNotAffected) {
      if (Denies(row, candidate)) return say(RowOutcome::kNotAffected, "it says that the package is not affected");
      return say(RowOutcome::kOutsideRanges, "the versions that it calls not affected are others");
    }
    const Decision decision = Decide(row, candidate);
    if (decision.outcome == Outcome::kHolds)
      return say(RowOutcome::kHolds, Format("{} is affected: {}", candidate.version, decision.range));
    if (decision.outcome == Outcome::kUndecided) return say(RowOutcome::kUndecided, decision.problem);
    if (const std::string fixed = FixPassed(row, candidate); !fixed.empty())
      return say(RowOutcome::kFixed, Format("{} has the fix of {}", candidate.version, fixed));
    say(RowOutcome::kOutsideRanges, Format("{} is not among {}", candidate.version, examined.ranges));
  }

  void TakeFindings() {
    const auto is_it = [this](const model::Finding& finding) {
      if (!Asked(analysis_.packages[finding.package])) return false;
      return names_.contains(finding.id) ||
             std::ranges::any_of(finding.aliases, [this](const auto& name) { return names_.contains(name); });
    };
    for (const model::Finding& finding : matched_.findings)
      if (is_it(finding)) answer_.findings.push_back(finding);
    for (const model::SilencedFinding& silenced : matched_.silenced)
      if (is_it(silenced.finding)) answer_.silenced.push_back(silenced);
  }

  [[nodiscard]] std::string NameOf(std::uint32_t package) const {
    return Format("{} {}", analysis_.packages[package].name, analysis_.packages[package].version);
  }

  [[nodiscard]] std::string Conclude() const {
    if (!answer_.findings.empty()) {
      const model::Finding& first = answer_.findings.front();
      return Format("{} has it: {} ({}){}", NameOf(first.package), first.reason.looked_up, first.reason.range,
                    Others(answer_.findings.size()));
    }
    if (!answer_.silenced.empty()) {
      const model::SilencedFinding& first = answer_.silenced.front();
      return Format("{} would have it, but {} ({}): {}{}", NameOf(first.finding.package), first.source,
                    model::SilencedByName(first.by), first.statement, Others(answer_.silenced.size()));
    }
    if (!question_.package.empty() && answer_.packages_examined == 0)
      return Format("the image has no package {}", question_.package);
    if (answer_.advisories.empty()) return Format("no advisory about {} is known", question_.vulnerability);
    return answer_.rows.empty() ? ConcludeWithoutRows() : ConcludeFromRows();
  }

  [[nodiscard]] std::string ConcludeFromRows() const {
    // The outcome that says most: what could not be decided is worth more than a fix.
    const auto weight = [](const ExaminedRow& row) {
      constexpr std::array kOrder = {RowOutcome::kHolds, RowOutcome::kUndecided, RowOutcome::kNotAffected,
                                     RowOutcome::kFixed};
      return std::ranges::find(kOrder, row.outcome) - kOrder.begin();
    };
    const auto first = std::ranges::min_element(answer_.rows, {}, weight);
    return Format("{} does not have it. {} of {}: {}{}", NameOf(first->package), first->advisory_id, first->looked_up,
                  first->explanation, Others(answer_.rows.size()));
  }

  [[nodiscard]] std::string ConcludeWithoutRows() const {
    for (const KnownAdvisory& known : answer_.advisories)
      if (!known.here.empty())
        return Format("{} is about {}, which the image does not have", known.id, known.here.front());
    const KnownAdvisory& first = answer_.advisories.front();
    if (!first.withdrawn.empty()) return Format("{} was withdrawn on {}", first.id, first.withdrawn);
    std::string where;
    for (const KnownAdvisory& known : answer_.advisories)
      for (const std::string& place : known.elsewhere)
        if (where.size() < kVersionsBytesMax && !where.contains(place)) where += (where.empty() ? "" : ", ") + place;
    return Format("its advisories are about other places ({}) than this image's ({})", where.empty() ? "none" : where,
                  places_.empty() ? "none" : Joined());
  }

  [[nodiscard]] std::string Joined() const {
    std::string text;
    for (const std::string& place : places_) text += (text.empty() ? "" : ", ") + place;
    return Shorten(std::move(text));
  }

  static std::string Others(std::size_t count) { return count > 1 ? Format("; {} more", count - 1) : std::string(); }

  const WhyQuestion& question_;
  const model::ImageAnalysis& analysis_;
  const AdvisoryLookup& advisories_;
  const MatchResult& matched_;
  std::vector<model::EcosystemRelease> distro_;
  std::set<std::string> places_;  // of the image
  std::set<std::string> names_;   // of the vulnerability
  std::set<std::string> known_;   // ids of advisories about it
  WhyAnswer answer_;
};

}  // namespace

std::string_view RowOutcomeName(RowOutcome outcome) {
  switch (outcome) {
    case RowOutcome::kHolds: return "holds";
    case RowOutcome::kFixed: return "fixed";
    case RowOutcome::kOutsideRanges: return "outside-ranges";
    case RowOutcome::kNotAffected: return "not-affected";
    case RowOutcome::kOtherArchitecture: return "other-architecture";
    case RowOutcome::kOtherModule: return "other-module";
    case RowOutcome::kUndecided: return "undecided";
  }
  return {};
}

Result<WhyAnswer> Explain(const WhyQuestion& question, const model::ImageAnalysis& analysis,
                          const AdvisoryLookup& advisories, const MatchResult& matched) {
  return Explainer(question, analysis, advisories, matched).Answer();
}

}  // namespace holdfast::match
