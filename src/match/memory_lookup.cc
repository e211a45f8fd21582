#include "match/memory_lookup.h"

#include <algorithm>

#include "model/ecosystem.h"

namespace holdfast::match {

MemoryAdvisories::MemoryAdvisories(std::vector<model::Advisory> advisories,
                                   std::vector<model::VulnerabilityFacts> facts, std::vector<model::ReleaseLife> lives)
    : advisories_(std::move(advisories)), facts_(std::move(facts)), lives_(std::move(lives)) {
  for (const model::Advisory& advisory : advisories_) {
    if (!advisory.withdrawn.empty()) continue;
    for (const model::Affected& affected : advisory.affected)
      by_package_.emplace(
          Key(affected.ecosystem, affected.release, model::NormalisePackageName(affected.ecosystem, affected.package)),
          std::pair(&advisory, &affected));
  }
}

bool MemoryAdvisories::Covers(std::string_view ecosystem, std::string_view release) const {
  const auto found = by_package_.lower_bound(Key(ecosystem, release, ""));
  return found != by_package_.end() && std::get<0>(found->first) == ecosystem && std::get<1>(found->first) == release;
}

Result<void> MemoryAdvisories::Visit(std::string_view ecosystem, std::string_view release, std::string_view name,
                                     const Visitor& visit) const {
  const auto [begin, end] = by_package_.equal_range(Key(ecosystem, release, name));
  for (auto row = begin; row != end; ++row) {
    const auto& [advisory, affected] = row->second;
    std::vector<model::RangeView> ranges;
    for (const model::VersionRange& range : affected->ranges) {
      if (range.fixed) {
        ranges.push_back({range.introduced, model::RangeEnd::kFixed, *range.fixed});
      } else if (range.last_affected) {
        ranges.push_back({range.introduced, model::RangeEnd::kLastAffected, *range.last_affected});
      } else {
        ranges.push_back({range.introduced, model::RangeEnd::kOpen, {}});
      }
    }
    const std::vector<std::string_view> versions(affected->versions.begin(), affected->versions.end());
    const std::vector<std::string_view> platforms(affected->platforms.begin(), affected->platforms.end());
    model::AffectedView view;
    view.advisory_id = advisory->id;
    view.version_scheme = affected->version_scheme;
    view.module_label = affected->module_label;
    view.architecture = affected->architecture;
    view.target_software = affected->target_software;
    view.platforms = platforms;
    view.fix_state = affected->fix_state;
    view.severity = affected->severity.value_or(advisory->severity);
    view.ranges = ranges;
    view.versions = versions;
    visit(view);
  }
  return {};
}

Result<std::optional<model::Advisory>> MemoryAdvisories::FindAdvisory(std::string_view id) const {
  const auto found = std::ranges::find(advisories_, id, &model::Advisory::id);
  return found == advisories_.end() ? std::nullopt : std::optional(*found);
}

Result<std::vector<std::string>> MemoryAdvisories::FindByAlias(std::string_view alias) const {
  std::vector<std::string> ids;
  for (const model::Advisory& advisory : advisories_) {
    const bool named = std::ranges::find(advisory.aliases, alias) != advisory.aliases.end() ||
                       std::ranges::find(advisory.related, alias) != advisory.related.end();
    if (named || advisory.id == alias) ids.push_back(advisory.id);
  }
  std::ranges::sort(ids);
  return ids;
}

Result<std::optional<model::VulnerabilityFacts>> MemoryAdvisories::FindFacts(std::string_view cve) const {
  const auto found = std::ranges::find(facts_, cve, &model::VulnerabilityFacts::id);
  return found == facts_.end() ? std::nullopt : std::optional(*found);
}

Result<std::optional<model::ReleaseLife>> MemoryAdvisories::FindReleaseLife(std::string_view distro_id,
                                                                            std::string_view release) const {
  const auto found = std::ranges::find_if(
      lives_, [&](const auto& life) { return life.distro_id == distro_id && life.release == release; });
  return found == lives_.end() ? std::nullopt : std::optional(*found);
}

}  // namespace holdfast::match
