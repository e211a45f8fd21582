// The advisory snapshot as the matcher wants it: the two modules know nothing of each other.
#pragma once

#include "advisory/snapshot.h"
#include "match/lookup.h"

namespace holdfast::service {

// Borrows the snapshot.
class SnapshotLookup final : public match::AdvisoryLookup {
 public:
  explicit SnapshotLookup(const advisory::Snapshot& snapshot) : snapshot_(snapshot) {}

  [[nodiscard]] bool Covers(std::string_view ecosystem, std::string_view release) const override {
    return snapshot_.Covers(ecosystem, release);
  }
  [[nodiscard]] Result<void> Visit(std::string_view ecosystem, std::string_view release, std::string_view name,
                                   const Visitor& visit) const override {
    return snapshot_.VisitAffected(ecosystem, release, name, visit);
  }
  [[nodiscard]] Result<std::optional<model::Advisory>> FindAdvisory(std::string_view id) const override {
    return snapshot_.FindAdvisory(id);
  }
  [[nodiscard]] Result<std::vector<std::string>> FindByAlias(std::string_view alias) const override {
    return snapshot_.FindByAlias(alias);
  }
  [[nodiscard]] Result<std::optional<model::VulnerabilityFacts>> FindFacts(std::string_view cve) const override {
    return snapshot_.FindFacts(cve);
  }
  [[nodiscard]] Result<std::optional<model::ReleaseLife>> FindReleaseLife(std::string_view distro_id,
                                                                          std::string_view release) const override {
    return snapshot_.FindReleaseLife(distro_id, release);
  }

 private:
  const advisory::Snapshot& snapshot_;
};

}  // namespace holdfast::service
