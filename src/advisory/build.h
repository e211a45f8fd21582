// From a folder of advisory data to a snapshot.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "advisory/provider.h"
#include "advisory/snapshot.h"
#include "base/problem.h"
#include "base/result.h"

namespace holdfast::advisory {

struct BuildOptions {
  std::string built;  // RFC 3339: the time that the snapshot says it was made
  std::uint64_t problems_max = 1000;
};

struct BuildReport {
  SnapshotInfo snapshot;
  std::uint64_t documents = 0;                   // read and understood as advisories of some form
  std::uint64_t rejected = 0;                    // each with a problem
  std::uint64_t bug_fixes = 0;                   // notices that are about no vulnerability: left out
  std::map<std::string, std::uint64_t> skipped;  // what else lay there, by kind: "other JSON", ".md"
  std::vector<Problem> problems;                 // path: SourceDocument::name
  std::uint64_t problems_dropped = 0;            // beyond problems_max
};

// Reads the documents below `folder` that one of the providers recognises, and replaces `out`. Problems with documents
// do not fail it; kInvalidInput when there was no advisory at all.
[[nodiscard]] Result<BuildReport> BuildSnapshot(Providers providers, const std::filesystem::path& folder,
                                                const std::filesystem::path& out, const BuildOptions& options);

}  // namespace holdfast::advisory
