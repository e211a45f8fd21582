// The two halves that know nothing of each other, put together: the matcher on a snapshot.
#pragma once

#include "advisory/snapshot.h"
#include "match/lookup.h"

namespace holdfast::test {

class SnapshotLookup final : public match::AdvisoryLookup {
 public:
  // `snapshot` outlives the lookup.
  explicit SnapshotLookup(const advisory::Snapshot& snapshot) : snapshot_(snapshot) {}

  bool Covers(std::string_view ecosystem, std::string_view release) const override {
    return snapshot_.Covers(ecosystem, release);
  }
  Result<void> Visit(std::string_view ecosystem, std::string_view release, std::string_view name,
                     const Visitor& visit) const override {
    return snapshot_.VisitAffected(ecosystem, release, name, visit);
  }
  Result<std::optional<model::Advisory>> FindAdvisory(std::string_view id) const override {
    return snapshot_.FindAdvisory(id);
  }

 private:
  const advisory::Snapshot& snapshot_;
};

}  // namespace holdfast::test
