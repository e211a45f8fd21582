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
  into.modified = std::max(into.modified, from.modified);
  AddMissing(into.cvss, from.cvss);
  AddMissing(into.cwes, from.cwes);
  if (!into.known_exploited) into.known_exploited = from.known_exploited;
  if (from.ssvc && (!into.ssvc || into.ssvc->decided < from.ssvc->decided)) into.ssvc = from.ssvc;
}

}  // namespace

void FactsGatherer::Add(const model::VulnerabilityFacts& facts) {
  if (facts.epss) {
    Score score{facts.modified, EncodeEpss(*facts.epss)};
    Score& kept = epss_[facts.id];
    kept = std::max(std::move(kept), std::move(score));
    model::VulnerabilityFacts nothing;
    nothing.id = facts.id;
    nothing.source = facts.source;
    nothing.modified = facts.modified;
    nothing.epss = facts.epss;
    if (facts == nothing) return;
  }
  Statement statement{facts.modified, EncodeFacts(facts), facts.description};
  Statement& kept = statements_[facts.id][facts.source];
  kept = std::max(std::move(kept), std::move(statement));
}

void FactsGatherer::Merge(FactsGatherer&& other) {
  const auto keep_newer = [](auto& mine, auto& theirs) { mine = std::max(std::move(mine), std::move(theirs)); };
  for (auto& [id, score] : other.epss_) keep_newer(epss_[id], score);
  for (auto& [id, sources] : other.statements_)
    for (auto& [source, statement] : sources) keep_newer(statements_[id][source], statement);
  other = {};
}

FactsGatherer::Encoded FactsGatherer::Encode() const {
  Encoded encoded;
  encoded.epss.reserve(epss_.size());
  for (const auto& [id, score] : epss_) encoded.epss.emplace_back(id, score.record);
  encoded.facts.reserve(statements_.size());
  for (const auto& [id, sources] : statements_) {
    model::VulnerabilityFacts merged;
    std::string_view description;
    for (const auto& [source, statement] : sources) {
      // Decoding what was encoded here cannot fail.
      if (const auto facts = DecodeFacts(id, statement.record)) MergeInto(merged, *facts);
      if (description.empty()) description = statement.description;
    }
    encoded.facts.emplace_back(id, EncodeFacts(merged));
    if (!description.empty()) encoded.descriptions.emplace_back(id, description);
  }
  return encoded;
}

std::uint64_t FactsGatherer::Size() const {
  const auto alone = std::ranges::count_if(epss_, [this](const auto& row) { return !statements_.contains(row.first); });
  return statements_.size() + static_cast<std::uint64_t>(alone);
}

}  // namespace holdfast::advisory
