// A SQLite file is an array of pages, counted from 1. A table is a b-tree of them: interior pages (0x05) hold child
// pages, leaves (0x0d) hold rows. A row that is too long for its page goes on in a chain of overflow pages. Page 1
// begins with the header of the file and is the root of the table sqlite_schema, which tells the root page of every
// other table (file format, sections 1.3, 1.6, 2.6).
//
// A write-ahead log beside the file holds newer versions of pages: frames that count up to the last one that commits,
// each protected by a checksum over all before it and by the salts of this log (section 4). Frames left over from an
// earlier use of the log fail one or the other.
#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/format.h"
#include "catalog/rpm/database.h"

namespace holdfast::catalog {
namespace {

constexpr std::size_t kFileHeaderBytes = 100;
constexpr std::size_t kWalHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::uint32_t kPageBytesMin = 512;
constexpr std::uint32_t kPageBytesMax = 65536;
constexpr std::uint32_t kUsableBytesMin = 480;
constexpr std::uint8_t kInteriorPage = 0x05;
constexpr std::uint8_t kLeafPage = 0x0d;

bool IsPageSize(std::uint32_t size) {
  return size >= kPageBytesMin && size <= kPageBytesMax && (size & (size - 1)) == 0;
}

// Takes a varint (section 1.6) off `bytes`.
std::optional<std::uint64_t> TakeVarint(Bytes& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 9 && i < bytes.size(); ++i) {
    const std::uint8_t byte = bytes[i];
    if (i == 8) {
      bytes = bytes.subspan(9);
      return value << 8 | byte;
    }
    value = value << 7 | (byte & 0x7fU);
    if ((byte & 0x80U) == 0) {
      bytes = bytes.subspan(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

// The pages of a write-ahead log that are newer than those of the file.
struct Wal {
  const io::RandomSource* source = nullptr;
  std::uint32_t page_bytes = 0;
  std::uint32_t page_count = 0;                            // of the database after the last commit; 0: no commit
  std::unordered_map<std::uint32_t, std::uint64_t> pages;  // page → offset of its content in the log
};

// Section 4.2. `words` has a multiple of 8 bytes.
void AddChecksum(Bytes words, bool big_endian, std::pair<std::uint32_t, std::uint32_t>& sum) {
  for (std::size_t at = 0; at + 8 <= words.size(); at += 8) {
    const auto word = [&](std::size_t offset) {
      return big_endian ? LoadBig<std::uint32_t>(words, offset) : LoadLittle<std::uint32_t>(words, offset);
    };
    sum.first += word(at) + sum.second;
    sum.second += word(at + 4) + sum.first;
  }
}

Result<Wal> ReadWal(const io::RandomSource& source) {
  Wal wal;
  wal.source = &source;
  if (source.Size() < kWalHeaderBytes) return wal;
  std::uint8_t header[kWalHeaderBytes];
  HF_CHECK_OK(source.ReadAt(0, header));
  const auto magic = LoadBig<std::uint32_t>(header);
  wal.page_bytes = LoadBig<std::uint32_t>(header, 8);
  if ((magic & ~1U) != 0x377f0682 || !IsPageSize(wal.page_bytes)) return wal;
  const bool big_endian = (magic & 1U) != 0;
  std::pair<std::uint32_t, std::uint32_t> sum{0, 0};
  AddChecksum(Bytes(header).first(24), big_endian, sum);
  if (sum != std::pair(LoadBig<std::uint32_t>(header, 24), LoadBig<std::uint32_t>(header, 28))) return wal;

  std::vector<std::uint8_t> frame(kFrameHeaderBytes + wal.page_bytes);
  std::vector<std::pair<std::uint32_t, std::uint64_t>> uncommitted;
  for (std::uint64_t at = kWalHeaderBytes; source.Size() - at >= frame.size(); at += frame.size()) {
    HF_CHECK_OK(source.ReadAt(at, frame));
    if (!std::equal(frame.begin() + 8, frame.begin() + 16, header + 16)) break;
    AddChecksum(Bytes(frame).first(8), big_endian, sum);
    AddChecksum(Bytes(frame).subspan(kFrameHeaderBytes), big_endian, sum);
    if (sum != std::pair(LoadBig<std::uint32_t>(frame, 16), LoadBig<std::uint32_t>(frame, 20))) break;
    uncommitted.emplace_back(LoadBig<std::uint32_t>(frame), at + kFrameHeaderBytes);
    const auto page_count = LoadBig<std::uint32_t>(frame, 4);
    if (page_count == 0) continue;
    wal.page_count = page_count;
    for (const auto& [page, offset] : uncommitted) wal.pages[page] = offset;
    uncommitted.clear();
  }
  return wal;
}

// The pages of a database, each of which can be taken once.
class Pages {
 public:
  static Result<Pages> Open(const io::RandomSource& database, const io::RandomSource* log) {
    Pages pages(database);
    if (log != nullptr) {
      HF_TRY(pages.wal_, ReadWal(*log));
    }
    std::uint8_t header[kFileHeaderBytes];
    std::uint64_t bytes = database.Size();
    if (pages.wal_.page_count > 0) {
      pages.page_bytes_ = pages.wal_.page_bytes;
      bytes += log->Size();
    } else {
      HF_CHECK_OK(database.ReadAt(0, header));
      const std::uint32_t size = LoadBig<std::uint16_t>(header, 16);
      pages.page_bytes_ = size == 1 ? kPageBytesMax : size;
    }
    if (!IsPageSize(pages.page_bytes_)) return Fail(ErrorKind::kCorrupt, "SQLite: impossible page size");
    pages.page_count_ = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(bytes / pages.page_bytes_, std::numeric_limits<std::uint32_t>::max()));
    if (pages.wal_.page_count > 0) pages.page_count_ = std::min(pages.page_count_, pages.wal_.page_count);
    pages.taken_.resize(std::size_t{pages.page_count_} + 1);
    HF_CHECK_OK(pages.ReadAt(1, header));
    if (AsText(Bytes(header).first(16)) != std::string_view("SQLite format 3\0", 16))
      return Fail(ErrorKind::kCorrupt, "SQLite: no such header");
    pages.usable_bytes_ = pages.page_bytes_ - header[20];
    pages.encoding_ = LoadBig<std::uint32_t>(header, 56);
    if (pages.usable_bytes_ < kUsableBytesMin) return Fail(ErrorKind::kCorrupt, "SQLite: impossible reserved space");
    return pages;
  }

  [[nodiscard]] std::uint32_t PageBytes() const { return page_bytes_; }
  [[nodiscard]] std::uint32_t UsableBytes() const { return usable_bytes_; }
  [[nodiscard]] std::uint64_t TotalBytes() const { return std::uint64_t{page_count_} * page_bytes_; }
  [[nodiscard]] std::uint32_t Encoding() const { return encoding_; }

  // Claims a page that something links to.
  Result<void> Take(std::uint32_t page) {
    if (page == 0 || page > page_count_)
      return Fail(ErrorKind::kCorrupt, Format("SQLite: link to page {} of {}", page, page_count_));
    if (taken_[page]) return Fail(ErrorKind::kCorrupt, Format("SQLite: two links to page {}", page));
    taken_[page] = true;
    return {};
  }

  // From the start of a page that exists.
  Result<void> ReadAt(std::uint32_t page, MutableBytes into) const {
    if (const auto newer = wal_.pages.find(page); wal_.page_count > 0 && newer != wal_.pages.end())
      return wal_.source->ReadAt(newer->second, into);
    return database_->ReadAt((std::uint64_t{page} - 1) * page_bytes_, into);
  }

 private:
  explicit Pages(const io::RandomSource& database) : database_(&database) {}

  const io::RandomSource* database_;
  Wal wal_;
  std::uint32_t page_bytes_ = 0;
  std::uint32_t usable_bytes_ = 0;
  std::uint32_t page_count_ = 0;
  std::uint32_t encoding_ = 0;
  std::vector<bool> taken_;
};

using RowFn = std::function<bool(Bytes record)>;  // false: no more

// The rows of one table, in order.
class TableReader {
 public:
  TableReader(Pages& pages, RpmHeaderSink& sink) : pages_(pages), sink_(sink), page_(pages.PageBytes()) {}

  void Read(std::uint32_t root, const RowFn& row) {
    Push(root);
    while (!stack_.empty()) {
      const std::uint32_t page = stack_.back();
      stack_.pop_back();
      auto more = ReadPage(page, row);
      if (!more)
        sink_.Problem(std::move(more).error().In(Format("SQLite: page {}", page)));
      else if (!*more)
        return;
    }
  }

 private:
  void Push(std::uint32_t page) {
    if (auto taken = pages_.Take(page); taken)
      stack_.push_back(page);
    else
      sink_.Problem(taken.error());
  }

  Result<bool> ReadPage(std::uint32_t page, const RowFn& row);
  Result<void> ReadChildren(Bytes header, Bytes pointers);
  Result<bool> ReadRows(Bytes pointers, const RowFn& row);
  Result<Bytes> ReadPayload(Bytes cell, std::size_t& local_left);
  Result<void> ReadOverflow(std::uint32_t page, std::uint64_t size);

  Pages& pages_;
  RpmHeaderSink& sink_;
  std::vector<std::uint32_t> stack_;
  std::vector<std::uint8_t> page_;
  std::vector<std::uint8_t> overflow_page_;
  std::vector<std::uint8_t> payload_;
};

// Section 1.6, "B-tree Page Header Format".
Result<bool> TableReader::ReadPage(std::uint32_t page, const RowFn& row) {
  HF_CHECK_OK(pages_.ReadAt(page, page_));
  const std::size_t start = page == 1 ? kFileHeaderBytes : 0;
  const Bytes header = Bytes(page_).first(pages_.UsableBytes()).subspan(start);
  const std::uint8_t type = header[0];
  if (type != kInteriorPage && type != kLeafPage)
    return Fail(ErrorKind::kCorrupt, Format("not part of a table (type {})", type));
  const std::size_t header_bytes = type == kInteriorPage ? 12 : 8;
  const std::size_t cells = LoadBig<std::uint16_t>(header, 3);
  if (header.size() < header_bytes + 2 * cells) return Fail(ErrorKind::kCorrupt, "too many cells");
  const Bytes pointers = header.subspan(header_bytes, 2 * cells);
  if (type == kLeafPage) return ReadRows(pointers, row);
  HF_CHECK_OK(ReadChildren(header, pointers));
  return true;
}

Result<void> TableReader::ReadChildren(Bytes header, Bytes pointers) {
  Push(LoadBig<std::uint32_t>(header, 8));
  // The last one pushed is read first.
  for (std::size_t at = pointers.size(); at > 0; at -= 2) {
    const std::size_t cell = LoadBig<std::uint16_t>(pointers, at - 2);
    if (cell + 4 > pages_.UsableBytes()) return Fail(ErrorKind::kCorrupt, "cell outside the page");
    Push(LoadBig<std::uint32_t>(page_, cell));
  }
  return {};
}

Result<bool> TableReader::ReadRows(Bytes pointers, const RowFn& row) {
  std::size_t local_left = pages_.UsableBytes();
  for (std::size_t at = 0; at < pointers.size(); at += 2) {
    const std::size_t cell = LoadBig<std::uint16_t>(pointers, at);
    if (cell >= pages_.UsableBytes()) return Fail(ErrorKind::kCorrupt, "cell outside the page");
    auto payload = ReadPayload(Bytes(page_).first(pages_.UsableBytes()).subspan(cell), local_left);
    if (!payload)
      sink_.Problem(std::move(payload).error().In("SQLite: row"));
    else if (!row(*payload))
      return false;
  }
  return true;
}

// Section 1.6, "Cell Format": what of a payload is on the page follows from its length alone. `local_left` bounds the
// bytes that the cells of one page share, as they would if they overlapped.
Result<Bytes> TableReader::ReadPayload(Bytes cell, std::size_t& local_left) {
  const auto size = TakeVarint(cell);
  if (!size || !TakeVarint(cell)) return Fail(ErrorKind::kCorrupt, "truncated cell");
  if (*size > kRpmHeaderBytesMax) return Fail(ErrorKind::kLimit, Format("longer than {} bytes", kRpmHeaderBytesMax));
  if (*size > pages_.TotalBytes()) return Fail(ErrorKind::kCorrupt, "longer than the database");
  const std::uint64_t usable = pages_.UsableBytes();
  std::uint64_t local = *size;
  if (const std::uint64_t local_max = usable - 35; *size > local_max) {
    const std::uint64_t local_min = (usable - 12) * 32 / 255 - 23;
    local = local_min + (*size - local_min) % (usable - 4);
    if (local > local_max) local = local_min;
  }
  const bool overflows = local < *size;
  if (cell.size() < local + (overflows ? 4 : 0)) return Fail(ErrorKind::kCorrupt, "truncated cell");
  if (local > local_left) return Fail(ErrorKind::kCorrupt, "cells overlap");
  local_left -= local;
  payload_.assign(cell.begin(), cell.begin() + static_cast<std::ptrdiff_t>(local));
  if (overflows) HF_CHECK_OK(ReadOverflow(LoadBig<std::uint32_t>(cell, local), *size));
  return Bytes(payload_);
}

Result<void> TableReader::ReadOverflow(std::uint32_t page, std::uint64_t size) {
  overflow_page_.resize(pages_.UsableBytes());
  while (payload_.size() < size) {
    HF_CHECK_OK(pages_.Take(page));
    HF_CHECK_OK(pages_.ReadAt(page, overflow_page_));
    const std::size_t part = std::min<std::size_t>(size - payload_.size(), overflow_page_.size() - 4);
    payload_.insert(payload_.end(), overflow_page_.begin() + 4,
                    overflow_page_.begin() + 4 + static_cast<std::ptrdiff_t>(part));
    page = LoadBig<std::uint32_t>(overflow_page_);
  }
  return {};
}

struct Column {
  std::uint64_t serial_type = 0;
  Bytes bytes;

  [[nodiscard]] bool IsBlob() const { return serial_type >= 12 && serial_type % 2 == 0; }
  [[nodiscard]] bool IsText() const { return serial_type >= 13 && serial_type % 2 == 1; }
};

// Section 2.1. The first columns, at most `columns_max`; fewer when the record is damaged.
std::vector<Column> ParseRecord(Bytes record, std::size_t columns_max) {
  constexpr std::uint8_t kFixedBytes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
  std::vector<Column> columns;
  Bytes header = record;
  const auto header_bytes = TakeVarint(header);
  const std::size_t length_bytes = record.size() - header.size();
  if (!header_bytes || *header_bytes < length_bytes || *header_bytes > record.size()) return columns;
  Bytes body = record.subspan(*header_bytes);
  header = record.subspan(length_bytes, *header_bytes - length_bytes);
  while (!header.empty() && columns.size() < columns_max) {
    const auto type = TakeVarint(header);
    if (!type) break;
    const std::uint64_t size = *type < 12 ? kFixedBytes[*type] : (*type - 12) / 2;
    if (size > body.size()) break;
    columns.push_back({*type, body.first(size)});
    body = body.subspan(size);
  }
  return columns;
}

// ASCII text in the encoding of the database: 1 UTF-8, 2 UTF-16 little endian, 3 UTF-16 big endian.
bool EqualsAscii(Bytes text, std::uint32_t encoding, std::string_view expected) {
  if (encoding != 2 && encoding != 3) return AsText(text) == expected;
  if (text.size() != 2 * expected.size()) return false;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto unit = encoding == 2 ? LoadLittle<std::uint16_t>(text, 2 * i) : LoadBig<std::uint16_t>(text, 2 * i);
    if (unit != static_cast<std::uint8_t>(expected[i])) return false;
  }
  return true;
}

// Section 2.6: type, name, tbl_name, rootpage, sql.
std::optional<std::uint32_t> PackagesRoot(Bytes schema_row, std::uint32_t encoding) {
  const std::vector<Column> columns = ParseRecord(schema_row, 4);
  if (columns.size() < 4 || !columns[0].IsText() || !EqualsAscii(columns[0].bytes, encoding, "table") ||
      !EqualsAscii(columns[1].bytes, encoding, "Packages"))
    return std::nullopt;
  if (columns[3].serial_type == 9) return 1;
  if (columns[3].serial_type == 0 || columns[3].serial_type > 4) return std::nullopt;
  std::uint32_t root = 0;
  for (const std::uint8_t byte : columns[3].bytes) root = root << 8 | byte;
  return root;
}

}  // namespace

Result<void> ReadRpmSqlite(const io::RandomSource& database, const io::RandomSource* wal, RpmHeaderSink& sink) {
  HF_TRY(Pages pages, Pages::Open(database, wal));
  TableReader reader(pages, sink);
  std::optional<std::uint32_t> root;
  reader.Read(1, [&](Bytes row) {
    root = PackagesRoot(row, pages.Encoding());
    return !root.has_value();
  });
  if (!root) return Fail(ErrorKind::kNotFound, "SQLite: no table named Packages");
  TableReader rows(pages, sink);
  // create table Packages (hnum integer primary key, blob blob): the first column is the row id and stored as null.
  rows.Read(*root, [&](Bytes row) {
    const std::vector<Column> columns = ParseRecord(row, 2);
    if (columns.size() == 2 && columns[1].IsBlob()) return sink.Add(columns[1].bytes);
    sink.Problem(Error(ErrorKind::kCorrupt, "SQLite: row without a header"));
    return true;
  });
  return {};
}

}  // namespace holdfast::catalog
