// How a snapshot travels: its records in chunks, each a file of its own that is named by its content, and a manifest
// that lists them. Whoever has a snapshot of yesterday fetches only the chunks that are new.
//
// A chunk is a run of records in key order; each is the key and the value, in wire form (base/wire.h). Where chunks
// begin is decided by each record alone (a hash of its key, against its size), so that a change moves the chunk that it
// is in and no other. As a file it is one zstd frame (RFC 8878), named by the SHA-256 of the frame.
//
// The manifest is binary: a magic text, the format, the meta record (snapshot_format.h) and the chunks. Its bytes are
// what is signed (crypto/signature.h). Nothing here trusts it: all that it says is bounded, and what does not come out
// as it says is kCorrupt.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/snapshot.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/result.h"

namespace holdfast::advisory {

inline constexpr std::uint32_t kManifestFormat = 1;
inline constexpr std::uint64_t kManifestBytesMax = 128 * kMiB;
inline constexpr std::uint64_t kChunksMax = 1'000'000;
// Of the records of one chunk: on average; and at most, unless a single record is larger.
inline constexpr std::uint64_t kChunkBytesTarget = 32 * kKiB;
inline constexpr std::uint64_t kChunkBytesUsual = 8 * kChunkBytesTarget;
inline constexpr std::uint64_t kChunkBytesMax = 64 * kMiB;
// What zstd may add to what it cannot compress.
inline constexpr std::uint64_t kChunkFileBytesMax = kChunkBytesMax + kChunkBytesMax / 128 + kKiB;
inline constexpr std::uint64_t kRecordsBytesMax = 32 * kGiB;  // of all chunks together

struct Chunk {
  std::string first_key;
  Sha256Value records;  // of its records, as they are before compression
  Sha256Value file;     // of the zstd frame: its name
  std::uint64_t records_bytes = 0;
  std::uint64_t file_bytes = 0;

  friend bool operator==(const Chunk&, const Chunk&) = default;
};

struct Manifest {
  SnapshotInfo info;          // without file_bytes
  std::vector<Chunk> chunks;  // by first key; together they hold all records but the meta record

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

[[nodiscard]] std::string EncodeManifest(const Manifest& manifest);
// kCorrupt, kLimit (too much of something), kUnsupported (another format of manifest or snapshot).
[[nodiscard]] Result<Manifest> DecodeManifest(std::string_view bytes);

}  // namespace holdfast::advisory
