// A snapshot into chunks and chunks into a snapshot: see snapshot_manifest.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "advisory/record_cursor.h"
#include "advisory/snapshot.h"
#include "advisory/snapshot_file.h"
#include "advisory/snapshot_manifest.h"
#include "base/result.h"

namespace holdfast::advisory {

// Cuts the records of a snapshot into chunks.
class ChunkCutter {
 public:
  // Borrows the snapshot. `target`: bytes of a chunk's records on average.
  [[nodiscard]] static Result<ChunkCutter> Open(const Snapshot& snapshot, std::uint64_t target = kChunkBytesTarget);

  struct Cut {
    std::string first_key;
    std::string records;
  };
  // Nothing at the end. kLimit for a record larger than kChunkBytesMax.
  [[nodiscard]] Result<std::optional<Cut>> Next();

 private:
  ChunkCutter(RecordCursor cursor, std::uint64_t target) : cursor_(std::move(cursor)), target_(target) {}
  [[nodiscard]] bool BeginsHere(std::size_t chunk_bytes) const;

  RecordCursor cursor_;
  std::uint64_t target_;
  bool standing_ = false;  // the cursor is on a record that is in no chunk yet
};

// The file of a chunk. The same records give the same bytes.
[[nodiscard]] std::string PackChunk(std::string_view records);
// The records of a chunk's file. kCorrupt when it is not the file that the manifest lists, or not what it lists of it.
[[nodiscard]] Result<std::string> UnpackChunk(const Chunk& chunk, std::string_view file);

using RecordVisitor = std::function<Result<void>(std::string_view key, std::string_view value)>;
// Calls `visit` for the records of the chunk of that number, in order. kCorrupt for records that are damaged, out of
// order or in a wrong chunk, after those in front of them were visited; or what the visitor fails with.
[[nodiscard]] Result<void> VisitRecords(const Manifest& manifest, std::size_t number, std::string_view records,
                                        const RecordVisitor& visit);

// Finds, chunk after chunk, the records that a snapshot has already: those of its records that lie where a chunk does,
// when they are what the manifest says.
class ChunkFinder {
 public:
  // Borrows the snapshot and the manifest.
  [[nodiscard]] static Result<ChunkFinder> Open(const Snapshot& snapshot, const Manifest& manifest);
  // The records of the next chunk of the manifest, or nothing when the snapshot has others there. kCorrupt when the
  // snapshot is damaged. Requires: there is a next chunk.
  [[nodiscard]] Result<std::optional<std::string>> Next();

 private:
  ChunkFinder(RecordCursor cursor, const Manifest& manifest) : cursor_(std::move(cursor)), manifest_(&manifest) {}
  Result<void> Step();

  RecordCursor cursor_;
  const Manifest* manifest_;
  std::size_t next_ = 0;
  bool standing_ = false;
};

// Makes the snapshot that a manifest describes out of its chunks, byte for byte as it was.
class SnapshotAssembler {
 public:
  // Borrows the manifest. `path` appears, or is replaced, when Finish succeeds.
  SnapshotAssembler(const Manifest& manifest, std::filesystem::path path);

  // kUnavailable: the file cannot be written.
  [[nodiscard]] Result<void> Begin() { return file_.Create(); }
  // The records of the chunks, in order. kCorrupt as of VisitRecords, or when there are more than the manifest lists.
  [[nodiscard]] Result<void> Append(std::string_view records);
  // kCorrupt when chunks are missing, or when the content is not the one that the manifest names.
  [[nodiscard]] Result<SnapshotInfo> Finish();

 private:
  const Manifest& manifest_;
  SnapshotFile file_;
  std::size_t next_ = 0;
};

}  // namespace holdfast::advisory
