// A Berkeley DB file is an array of pages in the byte order of the machine that wrote it. Page 0 describes the file;
// hash pages hold pairs of items, key and value; a value that is too long for a page is an item that names the first
// of a chain of overflow pages. Packages has no order worth keeping, so the hash pages are read as they come, without
// the hash function. Key 0 holds the number of the last package instead of a header (rpm 4.18, lib/backend/bdb_ro.c).
#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "base/format.h"
#include "catalog/rpm/database.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint32_t kHashMagic = 0x00061561;
constexpr std::uint32_t kVersionMin = 7;
constexpr std::uint32_t kVersionMax = 10;
constexpr std::size_t kMetaBytes = 72;
constexpr std::size_t kPageHeaderBytes = 26;
constexpr std::uint8_t kChecksumFlag = 0x01;

enum PageType : std::uint8_t { kFree = 0, kHashUnsorted = 2, kOverflow = 7, kHashMeta = 8, kHash = 13 };
enum ItemType : std::uint8_t { kKeyData = 1, kDuplicate = 2, kOffPage = 3, kOffDuplicate = 4 };

class HashFile {
 public:
  static Result<HashFile> Open(const io::RandomSource& database, RpmHeaderSink& sink) {
    std::array<std::uint8_t, kMetaBytes> meta;
    HF_CHECK_OK(database.ReadAt(0, meta));
    HashFile file(database, sink);
    file.big_endian_ = LoadBig<std::uint32_t>(meta, 12) == kHashMagic;
    if (file.Load32(meta, 12) != kHashMagic) return Fail(ErrorKind::kCorrupt, "Berkeley DB: not a hash file");
    if (const std::uint32_t version = file.Load32(meta, 16); version < kVersionMin || version > kVersionMax)
      return Fail(ErrorKind::kUnsupported, Format("Berkeley DB: hash version {}", version));
    file.page_bytes_ = file.Load32(meta, 20);
    if (file.page_bytes_ < 512 || file.page_bytes_ > 65536 || (file.page_bytes_ & (file.page_bytes_ - 1)) != 0)
      return Fail(ErrorKind::kCorrupt, "Berkeley DB: impossible page size");
    if (meta[24] != 0) return Fail(ErrorKind::kUnsupported, "Berkeley DB: encrypted");
    if (meta[25] != kHashMeta) return Fail(ErrorKind::kCorrupt, "Berkeley DB: not a hash file");
    if ((meta[26] & kChecksumFlag) != 0) return Fail(ErrorKind::kUnsupported, "Berkeley DB: pages with checksums");
    const std::uint64_t pages_there = database.Size() / file.page_bytes_;
    const std::uint64_t pages = std::uint64_t{file.Load32(meta, 32)} + 1;
    file.page_count_ = static_cast<std::uint32_t>(
        std::min<std::uint64_t>({pages, pages_there, std::numeric_limits<std::uint32_t>::max()}));
    if (pages_there < pages)
      sink.Problem(Error(ErrorKind::kCorrupt, Format("Berkeley DB: {} pages of {}", pages_there, pages)));
    file.taken_.resize(file.page_count_);
    file.page_.resize(file.page_bytes_);
    file.overflow_page_.resize(file.page_bytes_);
    return file;
  }

  void Read() {
    for (std::uint32_t page = 1; page < page_count_; ++page) {
      auto more = ReadPage(page);
      if (!more)
        sink_->Problem(std::move(more).error().In(Format("Berkeley DB: page {}", page)));
      else if (!*more)
        return;
    }
  }

 private:
  HashFile(const io::RandomSource& database, RpmHeaderSink& sink) : database_(&database), sink_(&sink) {}

  [[nodiscard]] std::uint32_t Load32(Bytes bytes, std::size_t at) const {
    return big_endian_ ? LoadBig<std::uint32_t>(bytes, at) : LoadLittle<std::uint32_t>(bytes, at);
  }
  [[nodiscard]] std::uint16_t Load16(Bytes bytes, std::size_t at) const {
    return big_endian_ ? LoadBig<std::uint16_t>(bytes, at) : LoadLittle<std::uint16_t>(bytes, at);
  }

  Result<bool> ReadPage(std::uint32_t page);
  Result<Bytes> ReadValue(Bytes item);
  Result<void> ReadOverflow(std::uint32_t page, std::uint64_t size);

  const io::RandomSource* database_;
  RpmHeaderSink* sink_;
  bool big_endian_ = false;
  std::uint32_t page_bytes_ = 0;
  std::uint32_t page_count_ = 0;
  std::vector<bool> taken_;  // overflow pages
  std::vector<std::uint8_t> page_, overflow_page_, value_;
};

// After the header, the offsets of the items; the items themselves stand from the end of the page downwards, so that
// each ends where the one before it begins.
Result<bool> HashFile::ReadPage(std::uint32_t page) {
  const std::uint64_t offset = std::uint64_t{page} * page_bytes_;
  std::array<std::uint8_t, kPageHeaderBytes> header;
  HF_CHECK_OK(database_->ReadAt(offset, header));
  const std::uint8_t type = header[25];
  if (type == kFree || type == kOverflow) return true;
  // What else a database may have, a hash file has not: this was a page of packages.
  if (type != kHash && type != kHashUnsorted) return Fail(ErrorKind::kCorrupt, Format("an impossible type, {}", type));
  HF_CHECK_OK(database_->ReadAt(offset, page_));
  const std::size_t items = Load16(page_, 20);
  const std::size_t items_at = kPageHeaderBytes + 2 * items;
  if (items_at > page_bytes_) return Fail(ErrorKind::kCorrupt, "too many items");
  const auto item = [&](std::size_t index) -> Bytes {
    const std::size_t begin = Load16(page_, kPageHeaderBytes + 2 * index);
    const std::size_t end = index == 0 ? page_bytes_ : Load16(page_, kPageHeaderBytes + 2 * (index - 1));
    if (begin < items_at || end > page_bytes_ || begin >= end) return {};
    return Bytes(page_).subspan(begin, end - begin);
  };
  // What items on one page may hold together, whatever their offsets say.
  std::size_t bytes_left = page_bytes_;
  for (std::size_t index = 0; index + 1 < items; index += 2) {
    const Bytes key = item(index);
    const Bytes value = item(index + 1);
    if (key.empty() || value.empty() || value.size() > bytes_left) return Fail(ErrorKind::kCorrupt, "damaged item");
    bytes_left -= value.size();
    if (key[0] == kKeyData && key.size() == 5 && Load32(key, 1) == 0) continue;
    auto blob = ReadValue(value);
    if (!blob)
      sink_->Problem(std::move(blob).error().In(Format("Berkeley DB: page {}: item {}", page, index + 1)));
    else if (!sink_->Add(*blob))
      return false;
  }
  return true;
}

Result<Bytes> HashFile::ReadValue(Bytes item) {
  if (item[0] == kKeyData) return item.subspan(1);
  if (item[0] == kDuplicate || item[0] == kOffDuplicate)
    return Fail(ErrorKind::kUnsupported, "several packages of one number");
  if (item[0] != kOffPage || item.size() < 12) return Fail(ErrorKind::kCorrupt, "damaged item");
  const std::uint64_t size = Load32(item, 8);
  if (size > kRpmHeaderBytesMax) return Fail(ErrorKind::kLimit, Format("longer than {} bytes", kRpmHeaderBytesMax));
  if (size > database_->Size()) return Fail(ErrorKind::kCorrupt, "longer than the database");
  HF_CHECK_OK(ReadOverflow(Load32(item, 4), size));
  return Bytes(value_);
}

Result<void> HashFile::ReadOverflow(std::uint32_t page, std::uint64_t size) {
  value_.clear();
  while (value_.size() < size) {
    if (page == 0 || page >= page_count_) return Fail(ErrorKind::kCorrupt, Format("link to page {}", page));
    if (taken_[page]) return Fail(ErrorKind::kCorrupt, Format("two links to page {}", page));
    taken_[page] = true;
    HF_CHECK_OK(database_->ReadAt(std::uint64_t{page} * page_bytes_, overflow_page_));
    const std::size_t part = Load16(overflow_page_, 22);
    if (overflow_page_[25] != kOverflow || part == 0 || part > page_bytes_ - kPageHeaderBytes ||
        part > size - value_.size())
      return Fail(ErrorKind::kCorrupt, Format("damaged overflow page {}", page));
    const auto begin = overflow_page_.begin() + kPageHeaderBytes;
    value_.insert(value_.end(), begin, begin + static_cast<std::ptrdiff_t>(part));
    page = Load32(overflow_page_, 16);
  }
  return {};
}

}  // namespace

Result<void> ReadRpmBerkeley(const io::RandomSource& database, RpmHeaderSink& sink) {
  HF_TRY(HashFile file, HashFile::Open(database, sink));
  file.Read();
  return {};
}

RpmDatabaseFormat DetectRpmDatabase(const io::RandomSource& database) {
  std::array<std::uint8_t, 16> start;
  if (database.Size() < start.size() || !database.ReadAt(0, start)) return RpmDatabaseFormat::kUnknown;
  if (AsText(start) == std::string_view("SQLite format 3\0", 16)) return RpmDatabaseFormat::kSqlite;
  if (AsText(start).starts_with("RpmP")) return RpmDatabaseFormat::kNdb;
  if (LoadLittle<std::uint32_t>(start, 12) == kHashMagic || LoadBig<std::uint32_t>(start, 12) == kHashMagic)
    return RpmDatabaseFormat::kBerkeley;
  return RpmDatabaseFormat::kUnknown;
}

}  // namespace holdfast::catalog
