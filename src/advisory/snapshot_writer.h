// Writes a Snapshot. The same advisories give the same bytes, in whatever order they were added.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/snapshot.h"
#include "base/result.h"
#include "model/advisory.h"

namespace holdfast::advisory {

class SnapshotWriter {
 public:
  // Of advisories with the same id the one with the newest `modified` is kept. `source` is the name under
  // which it is counted. Withdrawn ones can be looked up but match nothing.
  void Add(const model::Advisory& advisory, std::string_view source);

  // Writes to a temporary file beside `path`, then renames it: readers see the old snapshot or the new
  // one. `built` is RFC 3339. The writer is empty afterwards.
  [[nodiscard]] Result<SnapshotInfo> Write(const std::filesystem::path& path, std::string_view built);

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
  };
  using PackageRows = std::map<std::string_view, std::vector<std::string_view>>;

  Result<SnapshotInfo> WriteDatabase(const std::filesystem::path& path, std::string_view built) const;
  [[nodiscard]] PackageRows GatherRows() const;
  [[nodiscard]] SnapshotInfo Summarise(const PackageRows& rows) const;

  std::map<std::string, Pending> advisories_;
};

}  // namespace holdfast::advisory
