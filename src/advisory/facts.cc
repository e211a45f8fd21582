#include "advisory/facts.h"

#include <algorithm>
#include <utility>

#include "advisory/record.h"

namespace holdfast::advisory {
namespace {

template <typename T>
void AddMissing(std::vector<T>& into, const std::vector<T>& items) {
  for (const T& item : items)
    if (std::ranges::find(into, item) == into.end()) into.push_back(item);
}

void MergeInto(model::VulnerabilityFacts& into, const model::VulnerabilityFacts& from) {
  into.source += into.source.empty() ? from.source : "," + from.source;
  into.rejected = into.rejected || from.rejected;
  if (into.published.empty() || (!from.published.empty() && from.published < into.published))
    into.published = from.published;
  // Else it is the date of a catalogue, which says nothing of this vulnerability.
  if (!from.known_exploited || !from.published.empty()) into.modified = std::max(into.modified, from.modified);
  AddMissing(into.cvss, from.cvss);
  AddMissing(into.cwes, from.cwes);
  // The catalogue says more than those who quote it.
  if (!into.known_exploited || (from.known_exploited && into.known_exploited->due.empty()))
    into.known_exploited = from.known_exploited;
  if (from.ssvc && (!into.ssvc || into.ssvc->decided < from.ssvc->decided)) into.ssvc = from.ssvc;
}

}  // namespace

void FactsGatherer::Add(const model::VulnerabilityFacts& facts) {
  if (facts.epss) {
    Score score{facts.modified, EncodeEpss(*facts.epss)};
    Score& kept = epss_[facts.id];
    if (kept < score) kept = std::move(score);
    model::VulnerabilityFacts nothing;
    nothing.id = facts.id;
    nothing.source = facts.source;
    nothing.modified = facts.modified;
    nothing.epss = facts.epss;
    if (facts == nothing) return;
  }
  Statement statement{facts.modified, EncodeFacts(facts), facts.description};
  Statement& kept = statements_[facts.id][facts.source];
  if (kept < statement) kept = std::move(statement);
}

void FactsGatherer::Merge(FactsGatherer&& other) {
  const auto keep_newer = [](auto& mine, auto& theirs) {
    if (mine < theirs) mine = std::move(theirs);
  };
  for (auto& [id, score] : other.epss_) keep_newer(epss_[id], score);
  for (auto& [id, sources] : other.statements_)
    for (auto& [source, statement] : sources) keep_newer(statements_[id][source], statement);
  other = {};
}

Result<void> FactsGatherer::VisitEpss(const Visitor& visit) const {
  for (const auto& [id, score] : epss_) HF_CHECK_OK(visit(id, score.record));
  return {};
}

Result<void> FactsGatherer::VisitFacts(const Visitor& visit) const {
  for (const auto& [id, sources] : statements_) {
    model::VulnerabilityFacts merged;
    for (const auto& [source, statement] : sources) {
      // Decoding what was encoded here cannot fail.
      if (const auto facts = DecodeFacts(id, statement.record)) MergeInto(merged, *facts);
    }
    HF_CHECK_OK(visit(id, EncodeFacts(merged)));
  }
  return {};
}

Result<void> FactsGatherer::VisitDescriptions(const Visitor& visit) const {
  for (const auto& [id, sources] : statements_)
    for (const auto& [source, statement] : sources) {
      if (statement.description.empty()) continue;
      HF_CHECK_OK(visit(id, statement.description));
      break;
    }
  return {};
}

std::uint64_t FactsGatherer::Size() const {
  const auto alone = std::ranges::count_if(epss_, [this](const auto& row) { return !statements_.contains(row.first); });
  return statements_.size() + static_cast<std::uint64_t>(alone);
}

}  // namespace holdfast::advisory
