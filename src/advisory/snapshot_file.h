// SnapshotFile: the file of a snapshot in the making. Whoever has the records of one in key order (the writer, which
// made them, or an import) puts them in here, and gets the same bytes for the same records.
//
// Everything goes into one transaction in key order, with LMDB's append mode: pages are filled one after the other,
// which makes the file compact and its bytes a function of the content.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "advisory/snapshot.h"
#include "base/limits.h"
#include "base/result.h"
#include "io/sha256.h"

struct MDB_env;
struct MDB_txn;

namespace holdfast::advisory {

// Addresses that are reserved while it is written, not memory or disk. It is the same for all, since it stands in the
// file.
inline constexpr std::uint64_t kSnapshotBytesMax = 64 * kGiB;

class SnapshotFile {
 public:
  // `path` appears, or is replaced, when Finish succeeds: readers see the old snapshot or the new one.
  explicit SnapshotFile(std::filesystem::path path);
  ~SnapshotFile();
  SnapshotFile(const SnapshotFile&) = delete;
  SnapshotFile& operator=(const SnapshotFile&) = delete;

  [[nodiscard]] Result<void> Create();
  // Keys must come in ascending order: kInvalidInput. kLimit beyond kSnapshotBytesMax.
  [[nodiscard]] Result<void> Append(std::string_view key, std::string_view value);
  // Of all records so far.
  [[nodiscard]] Sha256Value ContentDigest() { return hash_.Finish(); }
  // Writes the meta record and the file's end, waits for the disk, and puts the file in its place. Sets
  // info.file_bytes.
  [[nodiscard]] Result<void> Finish(SnapshotInfo& info);

 private:
  void Close();

  std::filesystem::path path_, temporary_;
  MDB_env* env_ = nullptr;
  MDB_txn* transaction_ = nullptr;
  unsigned database_ = 0;
  io::Sha256 hash_;
};

}  // namespace holdfast::advisory
