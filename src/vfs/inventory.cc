// An inventory on the wire: the number of rows, then each row with its path front-coded against the one
// before (tars list folder by folder, so most of a path repeats), numbers as varints.

#include "vfs/inventory.h"

#include <algorithm>

#include "base/format.h"

namespace holdfast::vfs {
namespace {

// SHA-256 of no bytes.
constexpr Sha256Value kEmptyDigest = {{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                                       0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                                       0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}};

constexpr std::size_t kTextSizeMax = std::numeric_limits<std::uint16_t>::max();

bool HasDigest(FileType type, std::uint64_t size_bytes) { return type == FileType::kRegular && size_bytes > 0; }

}  // namespace

bool IsCleanPath(std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (segment.find('\0') != std::string_view::npos) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
    if (path.empty()) return false;
  }
  return true;
}

std::uint64_t Inventory::MemoryBytes() const {
  return rows_.size() * sizeof(Row) + text_.size() + digests_.size() * sizeof(Sha256Value);
}

Result<std::uint32_t> Inventory::Add(const Entry& entry, std::uint64_t bytes_max) {
  if (entry.path.size() > kTextSizeMax || entry.link_target.size() > kTextSizeMax)
    return Fail(ErrorKind::kLimit, Format("a path of more than {} bytes", kTextSizeMax));
  if (MemoryBytes() > bytes_max || rows_.size() >= kNoDigest)
    return Fail(ErrorKind::kLimit, Format("the list of files takes more than {} bytes", bytes_max));
  Row row;
  row.text_at = text_.size();
  row.size_bytes = entry.size_bytes;
  row.mtime_s = entry.mtime_s;
  row.mode = entry.mode;
  row.uid = entry.uid;
  row.gid = entry.gid;
  row.path_size = static_cast<std::uint16_t>(entry.path.size());
  row.link_size = static_cast<std::uint16_t>(entry.link_target.size());
  row.type = entry.type;
  if (HasDigest(entry.type, entry.size_bytes)) {
    row.digest = static_cast<std::uint32_t>(digests_.size());
    digests_.push_back(entry.digest);
  }
  text_.append(entry.path).append(entry.link_target);
  rows_.push_back(row);
  return static_cast<std::uint32_t>(rows_.size() - 1);
}

std::string_view Inventory::PathAt(std::uint32_t index) const {
  const Row& row = rows_[index];
  return std::string_view(text_).substr(row.text_at, row.path_size);
}

Entry Inventory::At(std::uint32_t index) const {
  const Row& row = rows_[index];
  const std::string_view text = text_;
  return {.path = text.substr(row.text_at, row.path_size),
          .type = row.type,
          .mode = row.mode,
          .uid = row.uid,
          .gid = row.gid,
          .size_bytes = row.size_bytes,
          .mtime_s = row.mtime_s,
          .digest = row.digest != kNoDigest          ? digests_[row.digest]
                    : row.type == FileType::kRegular ? kEmptyDigest
                                                     : Sha256Value{},
          .link_target = text.substr(row.text_at + row.path_size, row.link_size)};
}

void Inventory::Write(WireWriter& writer) const {
  writer.Unsigned(rows_.size());
  std::string_view before;
  for (std::uint32_t i = 0; i < Size(); ++i) {
    const Entry entry = At(i);
    const auto split = std::mismatch(before.begin(), before.end(), entry.path.begin(), entry.path.end());
    const auto shared = static_cast<std::size_t>(split.first - before.begin());
    writer.Unsigned(static_cast<std::uint64_t>(entry.type));
    writer.Unsigned(shared).Text(entry.path.substr(shared)).Text(entry.link_target);
    writer.Unsigned(entry.mode).Unsigned(entry.uid).Unsigned(entry.gid);
    writer.Unsigned(entry.size_bytes).Signed(entry.mtime_s);
    if (HasDigest(entry.type, entry.size_bytes)) writer.Raw(entry.digest.bytes);
    before = entry.path;
  }
}

Result<Inventory> Inventory::Read(WireReader& reader, const Limits& limits) {
  Inventory inventory;
  const std::uint64_t count = reader.Count(9);
  if (count > limits.layer_entries_max) return Fail(ErrorKind::kLimit, "more entries than a layer may have");
  inventory.rows_.reserve(static_cast<std::size_t>(count));
  std::string path;
  for (std::uint64_t i = 0; i < count && reader.Ok(); ++i) {
    Entry entry;
    entry.type = reader.Enumerator(FileType::kFifo);
    const std::uint64_t shared = reader.Unsigned();
    const std::string_view tail = reader.Text();
    if (shared > path.size()) return Fail(ErrorKind::kCorrupt, "damaged list of files");
    path.resize(static_cast<std::size_t>(shared));
    path.append(tail);
    if (!IsCleanPath(path)) return Fail(ErrorKind::kCorrupt, "damaged list of files: a path that is not clean");
    entry.path = path;
    entry.link_target = reader.Text();
    entry.mode = static_cast<std::uint32_t>(reader.Unsigned());
    entry.uid = static_cast<std::uint32_t>(reader.Unsigned());
    entry.gid = static_cast<std::uint32_t>(reader.Unsigned());
    entry.size_bytes = reader.Unsigned();
    entry.mtime_s = reader.Signed();
    if (HasDigest(entry.type, entry.size_bytes)) {
      const Bytes digest = reader.Raw(entry.digest.bytes.size());
      std::copy(digest.begin(), digest.end(), entry.digest.bytes.begin());
    }
    HF_TRY([[maybe_unused]] const std::uint32_t index, inventory.Add(entry, limits.inventory_bytes_max));
  }
  if (!reader.Ok()) return Fail(ErrorKind::kCorrupt, "damaged list of files");
  return inventory;
}

}  // namespace holdfast::vfs
