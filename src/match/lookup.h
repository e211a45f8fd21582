// What the matcher needs to know about advisories, whoever keeps them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/advisory.h"
#include "model/affected_view.h"
#include "model/vulnerability_facts.h"

namespace holdfast::match {

class AdvisoryLookup {
 public:
  AdvisoryLookup() = default;
  AdvisoryLookup(const AdvisoryLookup&) = delete;
  AdvisoryLookup& operator=(const AdvisoryLookup&) = delete;
  virtual ~AdvisoryLookup() = default;

  using Visitor = std::function<void(const model::AffectedView&)>;

  // Whether there are advisories for that release of that ecosystem (both as in model/ecosystem.h).
  [[nodiscard]] virtual bool Covers(std::string_view ecosystem, std::string_view release) const = 0;
  // Calls `visit` with all that is said about the package of that (normalised) name. Withdrawn advisories
  // are not among it.
  [[nodiscard]] virtual Result<void> Visit(std::string_view ecosystem, std::string_view release, std::string_view name,
                                           const Visitor& visit) const = 0;
  // The advisory that a visited row names, with texts, ids and references.
  [[nodiscard]] virtual Result<std::optional<model::Advisory>> FindAdvisory(std::string_view id) const = 0;
  // Ids of the advisories that are called, or are about, `alias`, sorted. Withdrawn ones too.
  [[nodiscard]] virtual Result<std::vector<std::string>> FindByAlias(std::string_view alias) const = 0;
  // What is known of a vulnerability by its CVE. Without its description.
  [[nodiscard]] virtual Result<std::optional<model::VulnerabilityFacts>> FindFacts(std::string_view cve) const = 0;
  [[nodiscard]] virtual Result<std::optional<model::ReleaseLife>> FindReleaseLife(std::string_view distro_id,
                                                                                  std::string_view release) const = 0;
};

}  // namespace holdfast::match
