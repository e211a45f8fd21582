// From a folder of advisory data to a snapshot.
//
// Feeds fail: a file is cut, a publisher serves an empty list. So what each source gave when it was last good can be
// kept, as a snapshot of that source alone, and takes the place of what is worse. That is a folder of small snapshots
// and not a part of the large one, because there the facts of several sources are merged and cannot be told apart; and
// it outlives a change of the snapshot in force.
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

// A source that gives less than this share of what it gave before is not believed.
inline constexpr double kShareMinDefault = 0.5;
inline constexpr std::size_t kSourcesKeptMax = 1000;

struct BuildOptions {
  std::string built;  // RFC 3339: the time that the snapshot says it was made
  std::uint64_t problems_max = 1000;
  // Where the last good data of each source is kept, "<source>.hfdb"; made when it is not there. Empty: nothing is
  // kept. Kept data is used when its source is gone, gives less than `share_min` of it (advisories and facts together),
  // or gives less than it while a file of it cannot be read to its end. Removing the file forgets the source. With more
  // than kSourcesKeptMax sources nothing is kept, which is a problem of the report.
  std::filesystem::path sources_folder = {};
  double share_min = kShareMinDefault;
};

// A source whose older data is in the snapshot.
struct KeptSource {
  std::string name;
  std::string read;     // RFC 3339: of when its data is
  std::string failure;  // with the file and record that it began with, where there is one
};

struct BuildReport {
  SnapshotInfo snapshot;
  std::uint64_t documents = 0;                   // read and understood as advisories of some form
  std::uint64_t rejected = 0;                    // each with a problem
  std::uint64_t bug_fixes = 0;                   // notices that are about no vulnerability: left out
  std::map<std::string, std::uint64_t> skipped;  // what else lay there, by kind: "other JSON", ".md"
  std::vector<Problem> problems;                 // path: SourceDocument::name
  std::uint64_t problems_dropped = 0;            // beyond problems_max
  std::vector<KeptSource> kept;                  // by name
};

// Reads the documents below `folder` that one of the providers recognises, and replaces `out`. Problems with documents
// do not fail it; kInvalidInput when there was no advisory at all.
[[nodiscard]] Result<BuildReport> BuildSnapshot(Providers providers, const std::filesystem::path& folder,
                                                const std::filesystem::path& out, const BuildOptions& options);

}  // namespace holdfast::advisory
