#include "advisory/snapshot_manifest.h"

#include <algorithm>

#include "advisory/snapshot_format.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/wire.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kMagic = "holdfast-manifest\n";
constexpr std::string_view kWhat = "manifest of an advisory snapshot";
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kChunkItemBytesMin = 2 + 2 * kDigestBytes + 2;

std::unexpected<Error> Lies(std::string_view why) { return Fail(ErrorKind::kCorrupt, Format("{}: {}", kWhat, why)); }

Sha256Value TakeDigest(WireReader& reader) {
  Sha256Value value;
  const Bytes bytes = reader.Raw(kDigestBytes);
  if (bytes.size() == kDigestBytes) std::ranges::copy(bytes, value.bytes.begin());
  return value;
}

Result<void> CheckChunks(const std::vector<Chunk>& chunks) {
  std::uint64_t bytes = 0;
  std::string_view before;
  for (const Chunk& chunk : chunks) {
    if (chunk.first_key.empty() || chunk.first_key.size() > kKeyBytesMax || chunk.first_key >= kMetaKey)
      return Lies("a key that is none");
    if (chunk.first_key <= before) return Lies("chunks are out of order");
    if (chunk.records_bytes == 0 || chunk.file_bytes == 0) return Lies("an empty chunk");
    if (chunk.records_bytes > kChunkBytesMax || chunk.file_bytes > kChunkFileBytesMax)
      return Fail(ErrorKind::kLimit, Format("{}: a chunk of more than {} bytes", kWhat, kChunkBytesMax));
    bytes += chunk.records_bytes;
    before = chunk.first_key;
  }
  if (bytes > kRecordsBytesMax)
    return Fail(ErrorKind::kLimit, Format("{}: more than {} bytes of records", kWhat, kRecordsBytesMax));
  return {};
}

}  // namespace

std::string EncodeManifest(const Manifest& manifest) {
  WireWriter writer;
  writer.Raw(AsBytes(kMagic)).Unsigned(kManifestFormat).Unsigned(kSnapshotFormat).Text(EncodeMeta(manifest.info));
  writer.Unsigned(manifest.chunks.size());
  for (const Chunk& chunk : manifest.chunks)
    writer.Text(chunk.first_key)
        .Raw(chunk.records.bytes)
        .Raw(chunk.file.bytes)
        .Unsigned(chunk.records_bytes)
        .Unsigned(chunk.file_bytes);
  return writer.Take();
}

Result<Manifest> DecodeManifest(std::string_view bytes) {
  if (bytes.size() > kManifestBytesMax)
    return Fail(ErrorKind::kLimit, Format("{}: more than {} bytes", kWhat, kManifestBytesMax));
  if (!bytes.starts_with(kMagic)) return Fail(ErrorKind::kCorrupt, Format("this is no {}", kWhat));
  WireReader reader(bytes.substr(kMagic.size()));
  const std::uint64_t format = reader.Unsigned();
  const std::uint64_t snapshot_format = reader.Unsigned();
  if (reader.Ok() && (format != kManifestFormat || snapshot_format != kSnapshotFormat))
    return Fail(ErrorKind::kUnsupported,
                Format("{} is of format {} for snapshots of format {}, this build reads {} and {}", kWhat, format,
                       snapshot_format, kManifestFormat, kSnapshotFormat));
  const std::string_view meta = reader.Text();
  Manifest manifest;
  const std::uint64_t count = reader.Count(kChunkItemBytesMin);
  if (count > kChunksMax) return Fail(ErrorKind::kLimit, Format("{}: more than {} chunks", kWhat, kChunksMax));
  manifest.chunks.resize(count);
  for (Chunk& chunk : manifest.chunks) {
    chunk.first_key = reader.Text();
    chunk.records = TakeDigest(reader);
    chunk.file = TakeDigest(reader);
    chunk.records_bytes = reader.Unsigned();
    chunk.file_bytes = reader.Unsigned();
  }
  HF_CHECK_OK(reader.Finish(kWhat));
  HF_TRY(manifest.info, DecodeMeta(meta));
  if (!ParseTime(manifest.info.built)) return Lies("the time at which it was built is none");
  HF_CHECK_OK(CheckChunks(manifest.chunks));
  return manifest;
}

}  // namespace holdfast::advisory
