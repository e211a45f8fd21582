#include "match/owner.h"

#include <utility>

#include "base/format.h"

namespace holdfast::match {

void OwnerStatements::Found(const model::Finding& finding) {
  const Statement statement{model::SilencedBy::kFoundInOwner, finding.advisory_id,
                            Format("{} has it: {}", finding.reason.looked_up, finding.reason.range)};
  by_name_.insert_or_assign(finding.id, statement);
  for (const std::string& alias : finding.aliases) by_name_.emplace(alias, statement);
}

void OwnerStatements::Denies(const Counter& counter) {
  const Denial& denial = *counter.denial;
  const auto by = denial.fixed.empty() ? model::SilencedBy::kNotAffected : model::SilencedBy::kFixedByOwner;
  const Statement statement{by, counter.advisory->id, DescribeDenial(denial)};
  for (std::string& name : VulnerabilitiesOf(*counter.advisory)) by_name_.emplace(std::move(name), statement);
}

std::optional<model::SilencedFinding> OwnerStatements::Silence(const model::Finding& finding) const {
  auto found = by_name_.find(finding.id);
  for (std::size_t i = 0; found == by_name_.end() && i < finding.aliases.size(); ++i)
    found = by_name_.find(finding.aliases[i]);
  if (found == by_name_.end()) return std::nullopt;
  const Statement& statement = found->second;
  return model::SilencedFinding{finding, statement.by, statement.source, statement.text, {}, {}, {}};
}

}  // namespace holdfast::match
