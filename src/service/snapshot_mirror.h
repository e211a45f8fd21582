// A mirror: the folder that a site publishes its advisory snapshots in. Any web server can serve it, and it is written
// so that whoever reads it meanwhile finds one whole snapshot or another.
//
//   latest.json                      which manifest is the newest: {"format": 1, "built": RFC 3339, "manifest": digest,
//                                    "bytes": its length}. The only file that ever changes; it comes into place last
//   manifests/<hex>.manifest         advisory/snapshot_manifest.h, named by its SHA-256
//   manifests/<hex>.sig              who signed it (crypto/signature.h); absent when nobody did
//   chunks/<2 digits>/<hex>.zst      named by their SHA-256
//
// An exported file is the same in one tar (POSIX.1-2017, pax), with the newest manifest alone, in this order, for sites
// that are reached by no network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "advisory/snapshot_manifest.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/result.h"
#include "crypto/signature.h"
#include "http/client.h"
#include "http/retry.h"

namespace holdfast::service {

inline constexpr std::string_view kLatestName = "latest.json";
inline constexpr std::uint64_t kLatestBytesMax = 16 * kKiB;
inline constexpr std::uint64_t kSignaturesBytesMax = 16 * kKiB;

[[nodiscard]] std::string ManifestName(const Sha256Value& manifest);
[[nodiscard]] std::string SignatureName(const Sha256Value& manifest);
[[nodiscard]] std::string ChunkName(const Sha256Value& file);

struct Latest {
  Sha256Value manifest;
  std::uint64_t bytes = 0;
  std::string built;  // for people: the manifest is what counts
};
// kCorrupt, kLimit, kUnsupported (another format).
[[nodiscard]] Result<Latest> ParseLatest(std::string_view text);

struct ExportOptions {
  const crypto::SigningKey* key = nullptr;  // null: the manifest is not signed
  // How long what was replaced stays, for those who are in the middle of fetching it.
  std::int64_t keep_days = 7;
  std::int64_t now_ms = 0;
};
struct ExportReport {
  advisory::SnapshotInfo snapshot;
  std::uint64_t chunks = 0, bytes = 0;          // of the whole snapshot, with its manifest
  std::uint64_t chunks_new = 0, bytes_new = 0;  // of that, what was not there
  std::uint64_t removed = 0;                    // files that nobody needs any more
};
// Puts a snapshot into a mirror, which is made when it is not there. The snapshot is verified first. Only what is new
// is written. kConflict while somebody else writes there.
[[nodiscard]] Result<ExportReport> ExportToMirror(const std::filesystem::path& snapshot,
                                                  const std::filesystem::path& mirror, const ExportOptions& options);
// Into one file; needs room for as much again beside it while it is made.
[[nodiscard]] Result<ExportReport> ExportToFile(const std::filesystem::path& snapshot,
                                                const std::filesystem::path& file, const ExportOptions& options);

// What a server said of a file, to ask it only for a newer one (RFC 9110 section 13.1).
struct Validators {
  std::string etag, last_modified;
};

// A mirror as it is read: over HTTP or in a folder. Belongs to one thread.
class MirrorReader {
 public:
  virtual ~MirrorReader() = default;
  // A file of the mirror. kNotFound; kLimit beyond `bytes_max`; kUnavailable after several attempts; kDenied.
  [[nodiscard]] virtual Result<std::string> Read(std::string_view name, std::uint64_t bytes_max) = 0;
  // latest.json; nothing when it is as it was when `known` were its validators, which become those of what is read.
  [[nodiscard]] virtual Result<std::optional<std::string>> ReadLatest(Validators& known) = 0;
};

struct MirrorOptions {
  http::TlsOptions tls;
  std::int64_t connect_timeout_ms = 30'000;
  std::int64_t stall_timeout_s = 60;
  http::RetryPolicy retries;
  Logger* logger = nullptr;  // null: retries are not told
};
[[nodiscard]] bool IsMirrorUrl(std::string_view from);
// `from`: "https://…", "http://…" or a folder. kInvalidInput, kNotFound for a folder that is not there.
[[nodiscard]] Result<std::unique_ptr<MirrorReader>> OpenMirror(const std::string& from, const MirrorOptions& options);

}  // namespace holdfast::service
