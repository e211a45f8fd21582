// il and dl (numbers of entries and of data bytes), il entries of 16 bytes (tag, type, offset, count), dl data bytes.
//
// The entries that were signed form a region, whose own entry (tags 61 to 63) comes first; what the installation added
// ("dribbles") stands after it. Their offsets count from the same start, so the region needs no notice, except that a
// dribble replaces an entry of the region with the same tag (rpm 4.18, lib/header.c).
#include "catalog/rpm/header.h"

#include <algorithm>
#include <utility>

namespace holdfast::catalog {
namespace {

constexpr std::size_t kCountsBytes = 8;
constexpr std::size_t kEntryBytes = 16;
constexpr std::size_t kEntriesMax = 65'535;  // as rpm itself
constexpr std::uint32_t kRegionFirst = 61;
constexpr std::uint32_t kRegionLast = 63;

enum Type : std::uint32_t {
  kChar = 1,
  kInt8 = 2,
  kInt16 = 3,
  kInt32 = 4,
  kInt64 = 5,
  kString = 6,
  kBinary = 7,
  kStringArray = 8,
  kTranslations = 9,
};

// Bytes of one number or byte; 0 for strings and unknown types.
std::size_t ItemBytes(std::uint32_t type) {
  switch (type) {
    case kChar:
    case kInt8:
    case kBinary: return 1;
    case kInt16: return 2;
    case kInt32: return 4;
    case kInt64: return 8;
    default: return 0;
  }
}

bool IsText(std::uint32_t type) { return type == kString || type == kStringArray || type == kTranslations; }

}  // namespace

std::optional<std::string_view> RpmStrings::Next() {
  if (left_ == 0) return std::nullopt;
  const std::size_t end = rest_.find('\0');
  if (end == std::string_view::npos) {
    left_ = 0;
    return std::nullopt;
  }
  const std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  --left_;
  return text;
}

bool RpmHeader::IsInside(const Entry& entry, std::size_t data_bytes) {
  if (entry.count == 0 || entry.offset >= data_bytes) return false;
  // Every string has at least its NUL.
  const std::size_t item_bytes = IsText(entry.type) ? 1 : ItemBytes(entry.type);
  return item_bytes != 0 && entry.count <= (data_bytes - entry.offset) / item_bytes;
}

Result<RpmHeader> RpmHeader::Parse(Bytes bytes) {
  if (bytes.size() < kCountsBytes) return Fail(ErrorKind::kCorrupt, "truncated header");
  const std::size_t entries = LoadBig<std::uint32_t>(bytes);
  const std::size_t data_bytes = LoadBig<std::uint32_t>(bytes, 4);
  if (entries == 0 || entries > kEntriesMax) return Fail(ErrorKind::kCorrupt, "impossible number of tags in a header");
  if (bytes.size() - kCountsBytes < entries * kEntryBytes ||
      bytes.size() - kCountsBytes - entries * kEntryBytes < data_bytes)
    return Fail(ErrorKind::kCorrupt, "truncated header");

  RpmHeader header;
  header.data_ = bytes.subspan(kCountsBytes + entries * kEntryBytes, data_bytes);
  header.entries_.reserve(entries);
  for (std::size_t at = kCountsBytes; at < kCountsBytes + entries * kEntryBytes; at += kEntryBytes) {
    const Entry entry{LoadBig<std::uint32_t>(bytes, at), LoadBig<std::uint32_t>(bytes, at + 4),
                      LoadBig<std::uint32_t>(bytes, at + 8), LoadBig<std::uint32_t>(bytes, at + 12),
                      static_cast<std::uint32_t>(at)};
    if (entry.tag >= kRegionFirst && entry.tag <= kRegionLast) continue;
    if (IsInside(entry, data_bytes))
      header.entries_.push_back(entry);
    else
      ++header.bad_tags_;
  }
  std::ranges::sort(header.entries_, {}, [](const Entry& entry) { return std::pair(entry.tag, entry.order); });
  return header;
}

// The last one of its tag.
const RpmHeader::Entry* RpmHeader::Find(RpmTag tag) const {
  const auto after = std::ranges::upper_bound(entries_, static_cast<std::uint32_t>(tag), {}, &Entry::tag);
  if (after == entries_.begin() || std::prev(after)->tag != static_cast<std::uint32_t>(tag)) return nullptr;
  return &*std::prev(after);
}

std::string_view RpmHeader::Text(RpmTag tag) const { return Strings(tag).Next().value_or(std::string_view()); }

RpmStrings RpmHeader::Strings(RpmTag tag) const {
  const Entry* entry = Find(tag);
  if (entry == nullptr || !IsText(entry->type)) return {};
  return {data_.subspan(entry->offset), entry->count};
}

std::optional<std::uint64_t> RpmHeader::Number(RpmTag tag, std::size_t index) const {
  const Entry* entry = Find(tag);
  if (entry == nullptr || entry->type == kBinary || index >= entry->count) return std::nullopt;
  const std::size_t item_bytes = ItemBytes(entry->type);
  if (item_bytes == 0) return std::nullopt;
  std::uint64_t value = 0;
  for (const std::uint8_t byte : data_.subspan(entry->offset + index * item_bytes, item_bytes))
    value = value << 8 | byte;
  return value;
}

Bytes RpmHeader::Binary(RpmTag tag) const {
  const Entry* entry = Find(tag);
  if (entry == nullptr || entry->type != kBinary) return {};
  return data_.subspan(entry->offset, entry->count);
}

}  // namespace holdfast::catalog
