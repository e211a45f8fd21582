#include "advisory/snapshot_chunks.h"

#include <utility>

#include "advisory/snapshot_format.h"
#include "base/format.h"
#include "base/wire.h"
#include "io/decompress.h"
#include "io/sha256.h"

namespace holdfast::advisory {
namespace {

// It is fixed: another level would give each chunk another name.
constexpr int kCompressionLevel = 15;

// FNV-1a (draft-eastlake-fnv), and a last mix for the upper bits, which are the ones that decide.
std::uint32_t HashOfKey(std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : key) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53;
  return static_cast<std::uint32_t>(hash >> 32U);
}

// With keys and lengths, about: what a record takes in a chunk.
std::size_t RecordBytes(std::string_view key, std::string_view value) { return key.size() + value.size() + 4; }

// Before which key the records of a chunk end.
std::string_view EndOfChunk(const Manifest& manifest, std::size_t number) {
  return number + 1 < manifest.chunks.size() ? std::string_view(manifest.chunks[number + 1].first_key) : kMetaKey;
}

void AppendRecord(std::string& records, std::string_view key, std::string_view value) {
  WireWriter writer;
  records += writer.Text(key).Text(value).Take();
}

}  // namespace

Result<ChunkCutter> ChunkCutter::Open(const Snapshot& snapshot, std::uint64_t target) {
  HF_TRY(RecordCursor cursor, RecordCursor::Open(snapshot));
  ChunkCutter cutter(std::move(cursor), target);
  HF_TRY(cutter.standing_, cutter.cursor_.Next());
  return cutter;
}

// A record begins a chunk with the probability of its size against the target, whatever stands before it; so all chunks
// are of one size on average, those of many small records and those of few large ones. The end of a run of small hashes
// is the exception.
bool ChunkCutter::BeginsHere(std::size_t chunk_bytes) const {
  const std::uint64_t bytes = RecordBytes(cursor_.Key(), cursor_.Value());
  if (chunk_bytes + bytes > target_ * (kChunkBytesUsual / kChunkBytesTarget)) return true;
  return HashOfKey(cursor_.Key()) * target_ < bytes << 32U;
}

Result<std::optional<ChunkCutter::Cut>> ChunkCutter::Next() {
  if (!standing_) return std::nullopt;
  Cut cut{.first_key = std::string(cursor_.Key()), .records = {}};
  do {
    if (RecordBytes(cursor_.Key(), cursor_.Value()) > kChunkBytesMax / 2)
      return Fail(ErrorKind::kLimit, Format("an advisory record of more than {} bytes", kChunkBytesMax / 2));
    AppendRecord(cut.records, cursor_.Key(), cursor_.Value());
    HF_TRY(standing_, cursor_.Next());
  } while (standing_ && !BeginsHere(cut.records.size()));
  return cut;
}

std::string PackChunk(std::string_view records) { return io::CompressZstd(AsBytes(records), kCompressionLevel); }

Result<std::string> UnpackChunk(const Chunk& chunk, std::string_view file) {
  const std::string name = Format("chunk {}", Digest(chunk.file).Short());
  if (file.size() != chunk.file_bytes || io::Sha256Of(file) != chunk.file)
    return Fail(ErrorKind::kCorrupt, Format("{}: its content is not what its name says", name));
  auto records = io::DecompressZstd(AsBytes(file), chunk.records_bytes);
  if (!records) return std::unexpected(std::move(records).error().In(name));
  if (records->size() != chunk.records_bytes || io::Sha256Of(*records) != chunk.records)
    return Fail(ErrorKind::kCorrupt, Format("{}: its records are not those that the manifest lists", name));
  return records;
}

Result<void> VisitRecords(const Manifest& manifest, std::size_t number, std::string_view records,
                          const RecordVisitor& visit) {
  const auto lies = [number](std::string_view why) -> std::unexpected<Error> {
    return Fail(ErrorKind::kCorrupt, Format("chunk {} of the advisory snapshot: {}", number, why));
  };
  const std::string_view first = manifest.chunks[number].first_key;
  const std::string_view end = EndOfChunk(manifest, number);
  WireReader reader(records);
  std::string_view before;
  while (!reader.Rest().empty()) {
    const std::string_view key = reader.Text();
    const std::string_view value = reader.Text();
    if (!reader.Ok()) return lies("a damaged record");
    if (key.size() > kKeyBytesMax || key >= end || (before.empty() ? key != first : key <= before))
      return lies("a record that does not belong there");
    HF_CHECK_OK(visit(key, value));
    before = key;
  }
  return {};
}

Result<ChunkFinder> ChunkFinder::Open(const Snapshot& snapshot, const Manifest& manifest) {
  HF_TRY(RecordCursor cursor, RecordCursor::Open(snapshot));
  ChunkFinder finder(std::move(cursor), manifest);
  HF_CHECK_OK(finder.Step());
  return finder;
}

Result<void> ChunkFinder::Step() {
  HF_TRY(standing_, cursor_.Next());
  return {};
}

Result<std::optional<std::string>> ChunkFinder::Next() {
  const Chunk& chunk = manifest_->chunks[next_];
  const std::string_view end = EndOfChunk(*manifest_, next_++);
  while (standing_ && cursor_.Key() < chunk.first_key) HF_CHECK_OK(Step());
  std::string records;
  bool fits = true;
  while (standing_ && cursor_.Key() < end) {
    fits = fits && records.size() + RecordBytes(cursor_.Key(), cursor_.Value()) <= chunk.records_bytes + kKiB;
    if (fits) AppendRecord(records, cursor_.Key(), cursor_.Value());
    HF_CHECK_OK(Step());
  }
  if (!fits || records.size() != chunk.records_bytes || io::Sha256Of(records) != chunk.records) return std::nullopt;
  return records;
}

SnapshotAssembler::SnapshotAssembler(const Manifest& manifest, std::filesystem::path path)
    : manifest_(manifest), file_(std::move(path)) {}

Result<void> SnapshotAssembler::Append(std::string_view records) {
  if (next_ >= manifest_.chunks.size())
    return Fail(ErrorKind::kCorrupt, "more chunks of the advisory snapshot than its manifest lists");
  return VisitRecords(manifest_, next_++, records,
                      [this](std::string_view key, std::string_view value) { return file_.Append(key, value); });
}

Result<SnapshotInfo> SnapshotAssembler::Finish() {
  if (next_ != manifest_.chunks.size()) return Fail(ErrorKind::kCorrupt, "chunks of the advisory snapshot are missing");
  SnapshotInfo info = manifest_.info;
  if (Digest(file_.ContentDigest()) != info.content)
    return Fail(ErrorKind::kCorrupt, "the chunks are not the advisory snapshot that their manifest names");
  HF_CHECK_OK(file_.Finish(info));
  return info;
}

}  // namespace holdfast::advisory
