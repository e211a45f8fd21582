// An AdvisoryLookup over a list of advisories in memory: for tests, and for a handful of advisories that
// need no snapshot.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "match/lookup.h"

namespace holdfast::match {

class MemoryAdvisories final : public AdvisoryLookup {
 public:
  explicit MemoryAdvisories(std::vector<model::Advisory> advisories, std::vector<model::VulnerabilityFacts> facts = {},
                            std::vector<model::ReleaseLife> lives = {});

  [[nodiscard]] bool Covers(std::string_view ecosystem, std::string_view release) const override;
  [[nodiscard]] Result<void> Visit(std::string_view ecosystem, std::string_view release, std::string_view name,
                                   const Visitor& visit) const override;
  [[nodiscard]] Result<std::optional<model::Advisory>> FindAdvisory(std::string_view id) const override;
  [[nodiscard]] Result<std::vector<std::string>> FindByAlias(std::string_view alias) const override;
  [[nodiscard]] Result<std::optional<model::VulnerabilityFacts>> FindFacts(std::string_view cve) const override;
  [[nodiscard]] Result<std::optional<model::ReleaseLife>> FindReleaseLife(std::string_view distro_id,
                                                                          std::string_view release) const override;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;

  std::vector<model::Advisory> advisories_;
  std::vector<model::VulnerabilityFacts> facts_;
  std::vector<model::ReleaseLife> lives_;
  std::multimap<Key, std::pair<const model::Advisory*, const model::Affected*>> by_package_;
};

}  // namespace holdfast::match
