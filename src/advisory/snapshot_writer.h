// Writes a Snapshot. The same advisories give the same bytes, in whatever order they were added.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/facts.h"
#include "advisory/snapshot.h"
#include "base/result.h"
#include "model/advisory.h"
#include "model/vulnerability_facts.h"

namespace holdfast::advisory {

class SnapshotFile;

class SnapshotWriter {
 public:
  // Of advisories with the same id one without a date (`modified`) is kept, else the newest. `source` is the name
  // under which it is counted. Withdrawn ones can be looked up but match nothing.
  void Add(const model::Advisory& advisory, std::string_view source);
  // See advisory/facts.h.
  void AddFacts(const model::VulnerabilityFacts& facts, std::string_view source);
  void AddReleaseLife(const model::ReleaseLife& life, std::string_view source);

  // All that another writer has; it is empty afterwards.
  void Merge(SnapshotWriter&& other);
  // All that a snapshot of one source has. kCorrupt when it is damaged; kInvalidInput when it has another number of
  // sources.
  [[nodiscard]] Result<void> AddSnapshot(const Snapshot& snapshot);
  // For its source, why nothing newer was taken.
  void SetFailure(std::string_view source, std::string failure);
  // Advisories and facts.
  [[nodiscard]] std::uint64_t Size() const;

  // Writes to a temporary file beside `path`, then renames it: readers see the old snapshot or the new
  // one. `built` is RFC 3339.
  [[nodiscard]] Result<SnapshotInfo> Write(const std::filesystem::path& path, std::string_view built) const;

 private:
  // An advisory, encoded: a thousand of these take far less memory than a thousand trees.
  struct Pending {
    std::string modified;
    std::string source;
    std::string cold;
    std::string details;
    std::set<std::string> names;
    std::set<model::EcosystemRelease> releases;
    std::vector<std::pair<std::string, std::string>> rows;  // package key, row
    bool withdrawn = false;

    [[nodiscard]] bool LosesTo(const Pending& other) const;
  };
  using PackageRows = std::map<std::string_view, std::vector<std::string_view>>;

  void Keep(std::string id, Pending pending);
  void KeepLife(std::string key, std::string record);
  // What that source gave, beside what is counted of it already.
  void CountSource(const std::string& name, const SnapshotSource& theirs);
  static Result<Pending> PendingOf(std::string_view id, std::string_view cold, std::string_view source);
  Result<void> AddRecord(std::string_view key, std::string_view value, const SnapshotSource& source,
                         std::map<std::string, Pending>& advisories);
  Result<void> AppendAll(SnapshotFile& file, const PackageRows& packages) const;
  [[nodiscard]] PackageRows GatherRows() const;
  [[nodiscard]] SnapshotInfo Summarise(const PackageRows& rows) const;

  std::map<std::string, Pending> advisories_;
  FactsGatherer facts_;
  std::map<std::string, std::string> lives_;       // by key
  std::map<std::string, SnapshotSource> sources_;  // `advisories` is counted at the end
};

}  // namespace holdfast::advisory
