// A record on the wire: "HFLR", the version and the length of the index as 32-bit numbers, the index
// (one zstd frame of varints), then the store of evidence, whose chunks are compressed already.

#include "catalog/layer_record.h"

#include <algorithm>
#include <tuple>

#include "base/format.h"
#include "base/wire.h"
#include "io/decompress.h"

namespace holdfast::catalog {
namespace {

constexpr std::string_view kMagic = "HFLR";
constexpr std::size_t kHeaderBytes = 12;

auto KeyOf(const EvidenceItem& item) { return std::tuple(item.entry, item.form); }

void WriteProblems(WireWriter& writer, const LayerRecord& record) {
  writer.Unsigned(record.problems.size());
  for (const Problem& problem : record.problems)
    writer.Text(problem.path).Unsigned(static_cast<std::uint64_t>(problem.kind)).Text(problem.message);
  writer.Unsigned(record.problems_dropped);
}

void ReadProblems(WireReader& reader, LayerRecord& record) {
  for (std::uint64_t left = reader.Count(3); left > 0 && reader.Ok(); --left) {
    Problem problem;
    problem.path = reader.Text();
    problem.kind = reader.Enumerator(ErrorKind::kInternal);
    problem.message = reader.Text();
    record.problems.push_back(std::move(problem));
  }
  record.problems_dropped = reader.Unsigned();
}

Result<void> ReadEvidence(WireReader& reader, LayerRecord& record) {
  const std::uint64_t stored = record.store->Size();
  for (std::uint64_t left = reader.Count(4); left > 0 && reader.Ok(); --left) {
    EvidenceItem item;
    item.entry = static_cast<std::uint32_t>(reader.Unsigned());
    item.form = reader.Enumerator(EvidenceForm::kArchive);
    item.offset = reader.Unsigned();
    item.size_bytes = reader.Unsigned();
    const bool in_order = record.evidence.empty() || KeyOf(record.evidence.back()) < KeyOf(item);
    if (!in_order || item.entry >= record.inventory.Size() || item.offset > stored ||
        item.size_bytes > stored - item.offset)
      return Fail(ErrorKind::kCorrupt, "damaged layer record: evidence of nothing");
    record.evidence.push_back(item);
  }
  return {};
}

void WriteSearches(WireWriter& writer, const LayerRecord& record) {
  writer.Text(record.search_id).Unsigned(record.hits.size());
  for (const SearchItem& hit : record.hits) {
    writer.Unsigned(hit.entry).Unsigned(hit.pattern).Unsigned(hit.lines.size());
    std::uint64_t before = 0;
    for (const std::uint64_t line : hit.lines) {
      writer.Unsigned(line - before);
      before = line;
    }
  }
  writer.Unsigned(record.retrieved.size());
  for (const RetrievedItem& item : record.retrieved)
    writer.Unsigned(item.entry).Unsigned(item.offset).Unsigned(item.size_bytes);
}

Result<void> ReadHits(WireReader& reader, LayerRecord& record) {
  record.search_id = reader.Text();
  for (std::uint64_t left = reader.Count(3); left > 0 && reader.Ok(); --left) {
    SearchItem hit;
    hit.entry = static_cast<std::uint32_t>(reader.Unsigned());
    hit.pattern = static_cast<std::uint32_t>(reader.Unsigned());
    std::uint64_t line = 0;
    bool ascending = true;
    for (std::uint64_t lines = reader.Count(1); lines > 0 && reader.Ok(); --lines) {
      const std::uint64_t step = reader.Unsigned();
      ascending = ascending && (step > 0 || hit.lines.empty()) && line + step >= line;
      line += step;
      hit.lines.push_back(line);
    }
    const bool in_order = record.hits.empty() || std::tie(record.hits.back().entry, record.hits.back().pattern) <
                                                     std::tie(hit.entry, hit.pattern);
    if (!in_order || !ascending || hit.entry >= record.inventory.Size())
      return Fail(ErrorKind::kCorrupt, "damaged layer record: a hit in nothing");
    record.hits.push_back(std::move(hit));
  }
  return {};
}

Result<void> ReadRetrieved(WireReader& reader, LayerRecord& record) {
  const std::uint64_t stored = record.store->Size();
  for (std::uint64_t left = reader.Count(3); left > 0 && reader.Ok(); --left) {
    RetrievedItem item;
    item.entry = static_cast<std::uint32_t>(reader.Unsigned());
    item.offset = reader.Unsigned();
    item.size_bytes = reader.Unsigned();
    const bool in_order = record.retrieved.empty() || record.retrieved.back().entry < item.entry;
    if (!in_order || item.entry >= record.inventory.Size() || item.offset > stored ||
        item.size_bytes > stored - item.offset)
      return Fail(ErrorKind::kCorrupt, "damaged layer record: a retrieved file of nothing");
    record.retrieved.push_back(item);
  }
  return {};
}

void AppendNumber(std::string& bytes, std::uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(number >> shift));
}

}  // namespace

const EvidenceItem* LayerRecord::Find(std::uint32_t entry, EvidenceForm form) const {
  const auto found = std::lower_bound(evidence.begin(), evidence.end(), std::tuple(entry, form),
                                      [](const EvidenceItem& item, const auto& key) { return KeyOf(item) < key; });
  return found != evidence.end() && KeyOf(*found) == std::tuple(entry, form) ? &*found : nullptr;
}

Result<std::string> LayerRecord::Encode() const {
  WireWriter writer;
  writer.Raw(diff_id.AsDigest().Value().bytes).Unsigned(bytes);
  inventory.Write(writer);
  writer.Unsigned(evidence.size());
  for (const EvidenceItem& item : evidence)
    writer.Unsigned(item.entry)
        .Unsigned(static_cast<std::uint64_t>(item.form))
        .Unsigned(item.offset)
        .Unsigned(item.size_bytes);
  WriteProblems(writer, *this);
  WriteSearches(writer, *this);
  const std::string index = io::CompressZstd(AsBytes(writer.Take()));
  if (index.size() > 0xffffffffU) return Fail(ErrorKind::kLimit, "a layer record with an index of more than 4 GiB");
  std::string encoded(kMagic);
  AppendNumber(encoded, kLayerRecordVersion);
  AppendNumber(encoded, static_cast<std::uint32_t>(index.size()));
  return encoded.append(index).append(store->Encode());
}

Result<LayerRecord> LayerRecord::Decode(std::string_view bytes, const Limits& limits) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) return Fail(ErrorKind::kCorrupt, "not a layer record");
  const auto version = LoadLittle<std::uint32_t>(AsBytes(bytes), 4);
  if (version != kLayerRecordVersion) return Fail(ErrorKind::kUnsupported, Format("layer record version {}", version));
  const auto index_size = LoadLittle<std::uint32_t>(AsBytes(bytes), 8);
  if (index_size > bytes.size() - kHeaderBytes) return Fail(ErrorKind::kCorrupt, "truncated layer record");
  HF_TRY(const std::string index,
         io::DecompressZstd(AsBytes(bytes.substr(kHeaderBytes, index_size)), 2 * limits.inventory_bytes_max));
  LayerRecord record;
  HF_TRY(record.store, io::ChunkedBlob::Decode(bytes.substr(kHeaderBytes + index_size)));
  WireReader reader(index);
  Sha256Value diff_id;
  const Bytes digest = reader.Raw(diff_id.bytes.size());
  std::copy(digest.begin(), digest.end(), diff_id.bytes.begin());
  record.diff_id = DiffId(Digest(diff_id));
  record.bytes = reader.Unsigned();
  HF_TRY(record.inventory, vfs::Inventory::Read(reader, limits));
  HF_CHECK_OK(ReadEvidence(reader, record));
  ReadProblems(reader, record);
  HF_CHECK_OK(ReadHits(reader, record));
  HF_CHECK_OK(ReadRetrieved(reader, record));
  HF_CHECK_OK(reader.Finish("layer record"));
  return record;
}

}  // namespace holdfast::catalog
