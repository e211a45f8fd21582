// A site's copy of an advisory snapshot that is published elsewhere: in a mirror, or in an exported file
// (snapshot_mirror.h).
//
// Only chunks that are not at hand are fetched: not those whose records the present snapshot has, and not those that an
// earlier attempt fetched before it failed, which are kept beside the snapshot. What is published is not trusted: the
// manifest's signature is verified before anything in it is read, each chunk before it is used, and the whole before it
// takes the present snapshot's place. A failure leaves that as it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "advisory/snapshot.h"
#include "base/log.h"
#include "base/result.h"
#include "crypto/signature.h"
#include "service/snapshot_mirror.h"

namespace holdfast::service {

inline constexpr unsigned kConnectionsDefault = 4;
// A snapshot that was built that much later than now is not taken: nothing that is right would be newer for long.
inline constexpr std::int64_t kClockSkewMaxMs = 24LL * 3600 * 1000;

struct UpdateOptions {
  std::filesystem::path snapshot;  // the file to make or to replace
  crypto::TrustedKeys keys;
  bool allow_unsigned = false;  // whoever signed it, or nobody
  bool allow_older = false;     // than the present one
  unsigned connections = kConnectionsDefault;
  std::int64_t now_ms = 0;
};

struct UpdateReport {
  bool unchanged = false;           // what is published is here already
  std::string signed_by;            // key id; empty: it was not verified
  std::string built_before;         // RFC 3339; empty: there was no snapshot
  advisory::SnapshotInfo snapshot;  // that is here now
  std::uint64_t chunks = 0, chunks_fetched = 0;
  std::uint64_t bytes = 0;        // of all chunks and the manifest, as they are published
  std::uint64_t bytes_moved = 0;  // of that, what came over now
};

// Errors: kDenied (not signed by a trusted key), kConflict (older than the present one), kCorrupt (what is published is
// not what it says), kUnavailable (somebody else is updating it), kLimit, kUnsupported (another format), and those of
// MirrorReader.
[[nodiscard]] Result<UpdateReport> UpdateFromMirror(const std::string& mirror, const MirrorOptions& reading,
                                                    const UpdateOptions& options, Logger& logger);
[[nodiscard]] Result<UpdateReport> ImportFromFile(const std::filesystem::path& file, const UpdateOptions& options,
                                                  Logger& logger);

}  // namespace holdfast::service
