// A tar is a row of 512-byte blocks: for each file a header, then its content padded to whole blocks.
// What does not fit into a header stands in front of it as an entry of its own: PAX records ('x') or GNU
// long names ('L', 'K').
//
// Where tars are ambiguous this reader does what Go's archive/tar does, since that is what containerd,
// Docker and Podman unpack layers with: global PAX headers are skipped, links and folders have no content
// whatever their size says, a lone block of zeros in the middle is damage.

#include "io/tar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "base/format.h"

namespace holdfast::io {
namespace {

constexpr std::size_t kBlock = 512;
using Block = std::array<std::uint8_t, kBlock>;

// Positions and lengths of the fields of a header.
struct Field {
  std::size_t at, size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kMtime{136, 12};
constexpr Field kChecksum{148, 8}, kLinkName{157, 100}, kMagic{257, 8}, kDeviceMajor{329, 8}, kDeviceMinor{337, 8};
constexpr Field kPrefix{345, 155};
constexpr std::size_t kTypeFlag = 156;
constexpr Field kGnuRealSize{483, 12};

constexpr std::array<std::uint8_t, 64 * 1024> kZeros{};

struct Extent {
  std::uint64_t offset = 0, size = 0;
};

std::string_view TextOf(const Block& block, Field field) {
  std::string_view text = AsText(Bytes(block).subspan(field.at, field.size));
  return text.substr(0, text.find('\0'));
}

// Octal digits, or base-256 when the first bit is set (GNU tar manual, "Extensions").
std::optional<std::int64_t> NumberOf(const Block& block, std::size_t at, std::size_t size) {
  const Bytes bytes = Bytes(block).subspan(at, size);
  if ((bytes[0] & 0x80U) != 0) {
    const bool negative = (bytes[0] & 0x40U) != 0;
    std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint8_t byte =
          i == 0 ? static_cast<std::uint8_t>(negative ? bytes[0] | 0x80U : bytes[0] & 0x7fU) : bytes[i];
      // What is shifted out must be sign, not value.
      if (i > 0 && (value >> 56) != (negative ? 0xffU : 0U)) return std::nullopt;
      value = value << 8 | byte;
    }
    const auto number = static_cast<std::int64_t>(value);
    if ((number < 0) != negative) return std::nullopt;
    return number;
  }
  std::string_view text = AsText(bytes);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\0')) text.remove_prefix(1);
  text = text.substr(0, std::min(text.find('\0'), text.find(' ')));
  if (text.empty()) return 0;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 8);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}
std::optional<std::int64_t> NumberOf(const Block& block, Field field) { return NumberOf(block, field.at, field.size); }

// The sum of all bytes with the field itself as blanks; some old tars summed signed characters.
bool ChecksumMatches(const Block& block) {
  const auto stated = NumberOf(block, kChecksum);
  if (!stated) return false;
  std::int64_t plain = 0, with_sign = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool own = i >= kChecksum.at && i < kChecksum.at + kChecksum.size;
    const std::uint8_t byte = own ? std::uint8_t{' '} : block[i];
    plain += byte;
    with_sign += static_cast<std::int8_t>(byte);
  }
  return *stated == plain || *stated == with_sign;
}

bool IsZero(const Block& block) {
  return std::all_of(block.begin(), block.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::optional<std::uint64_t> Decimal(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::uint64_t Padding(std::uint64_t size) { return (kBlock - size % kBlock) % kBlock; }

// What stands in front of an entry and belongs to it.
struct Extra {
  std::optional<std::string> path, link_target, sparse_name;
  std::optional<std::uint64_t> size, uid, gid, sparse_size;
  std::optional<std::int64_t> mtime;
  std::vector<std::pair<std::string, std::string>> xattrs;
  std::vector<Extent> sparse_map;
  bool is_sparse = false;       // PAX 0.0 or 0.1
  bool map_in_content = false;  // PAX 1.0
  std::optional<std::uint64_t> pending_offset;
  std::uint64_t bytes = 0;  // of all headers so far
};

}  // namespace

class TarReader::Impl {
 public:
  Impl(ByteSource& source, const Limits& limits) : source_(source), limits_(limits), content_(*this) {}

  Result<const TarEntry*> Next() {
    if (error_) return std::unexpected(*error_);
    if (ended_) return nullptr;
    auto entry = ReadEntry();
    if (!entry) error_ = entry.error();
    return entry;
  }
  ByteSource& Content() { return content_; }
  [[nodiscard]] bool EndedCleanly() const { return ended_cleanly_; }

 private:
  // The content of the current entry, holes filled with zeros.
  class ContentSource final : public ByteSource {
   public:
    explicit ContentSource(Impl& reader) : reader_(reader) {}
    Result<Bytes> Next(std::size_t max) override { return reader_.NextContent(max); }

   private:
    Impl& reader_;
  };

  std::unexpected<Error> Corrupt(std::string_view what) const {
    return Fail(ErrorKind::kCorrupt, Format("tar: {} at offset {}", what, offset_));
  }

  // A block; nothing at the end of the source.
  Result<bool> ReadBlock(Block& block) {
    HF_TRY(const std::size_t size, source_.ReadSome(block));
    offset_ += size;
    if (size == 0) return false;
    if (size != kBlock) return Corrupt("truncated header");
    return true;
  }

  Result<void> SkipRest() {
    const std::uint64_t rest = stored_left_ + padding_;
    stored_left_ = padding_ = 0;
    HF_TRY(const std::uint64_t skipped, source_.Skip(rest));
    offset_ += skipped;
    // Some writers leave the padding of the very last file out.
    if (skipped < rest) return Corrupt("truncated content");
    return {};
  }

  Result<const TarEntry*> ReadEntry() {
    HF_CHECK_OK(SkipRest());
    Extra extra;
    while (true) {
      Block block;
      HF_TRY(const bool more, ReadBlock(block));
      if (!more) {
        ended_ = true;
        return nullptr;
      }
      if (IsZero(block)) return ReadEndMark();
      if (!ChecksumMatches(block)) return Corrupt("the checksum of a header does not match");
      const char type = static_cast<char>(block[kTypeFlag]);
      if (type != 'x' && type != 'X' && type != 'g' && type != 'L' && type != 'K') return Finish(block, extra);
      HF_CHECK_OK(ReadExtra(block, type, extra));
    }
  }

  Result<const TarEntry*> ReadEndMark() {
    Block block;
    HF_TRY(const bool more, ReadBlock(block));
    if (more && !IsZero(block)) return Corrupt("a lone block of zeros");
    ended_ = ended_cleanly_ = true;
    return nullptr;
  }

  Result<void> ReadExtra(const Block& block, char type, Extra& extra) {
    const auto size = NumberOf(block, kSize);
    if (!size || *size < 0) return Corrupt("an invalid size");
    const auto bytes = static_cast<std::uint64_t>(*size);
    // One entry may have any number of headers in front of it: their sum is what takes memory.
    if (bytes > limits_.tar_header_bytes_max - extra.bytes)
      return Fail(ErrorKind::kLimit,
                  Format("tar: a header of {} bytes, limit {}", extra.bytes + bytes, limits_.tar_header_bytes_max));
    std::string payload(static_cast<std::size_t>(bytes), '\0');
    HF_TRY(const std::size_t filled,
           source_.ReadSome({reinterpret_cast<std::uint8_t*>(payload.data()), payload.size()}));
    offset_ += filled;
    if (filled != payload.size()) return Corrupt("truncated header");
    padding_ = Padding(bytes);
    HF_CHECK_OK(SkipRest());
    if (type == 'g') return {};
    extra.bytes += bytes;
    if (type == 'x' || type == 'X') return ReadPax(payload, extra);
    payload.resize(std::min(payload.find('\0'), payload.size()));
    (type == 'L' ? extra.path : extra.link_target) = std::move(payload);
    return {};
  }

  // "LENGTH KEY=VALUE\n", LENGTH counting itself and the newline.
  Result<void> ReadPax(std::string_view records, Extra& extra) {
    while (!records.empty()) {
      const std::size_t blank = records.substr(0, 20).find(' ');
      const auto length = blank == std::string_view::npos ? std::nullopt : Decimal(records.substr(0, blank));
      if (!length || *length > records.size() || *length < blank + 3 || records[*length - 1] != '\n')
        return Corrupt("a damaged PAX record");
      const std::string_view record = records.substr(blank + 1, *length - blank - 2);
      const std::size_t equals = record.find('=');
      if (equals == std::string_view::npos || equals == 0) return Corrupt("a damaged PAX record");
      HF_CHECK_OK(ApplyPax(record.substr(0, equals), record.substr(equals + 1), extra));
      records.remove_prefix(static_cast<std::size_t>(*length));
    }
    return {};
  }

  Result<void> ApplyPax(std::string_view key, std::string_view value, Extra& extra) {
    static constexpr std::string_view kXattr = "SCHILY.xattr.";
    const bool is_text = key == "path" || key == "linkpath";
    if (is_text && value.find('\0') != std::string_view::npos) return Corrupt("a NUL in a PAX path");
    if (key == "path") {
      extra.path = value;
    } else if (key == "linkpath") {
      extra.link_target = value;
    } else if (key == "size" || key == "uid" || key == "gid") {
      // An empty value takes the record back (POSIX pax, "pax Extended Header").
      const auto number = value.empty() ? std::nullopt : Decimal(value);
      if (!value.empty() && !number) return Corrupt("an invalid number in a PAX record");
      (key == "size" ? extra.size : key == "uid" ? extra.uid : extra.gid) = number;
    } else if (key == "mtime") {
      const bool negative = value.starts_with('-');
      const auto seconds = Decimal(value.substr(
          negative ? 1 : 0, value.find('.') - (negative && value.find('.') != std::string_view::npos ? 1 : 0)));
      if (seconds && *seconds <= std::uint64_t{1} << 62)
        extra.mtime = negative ? -static_cast<std::int64_t>(*seconds) : static_cast<std::int64_t>(*seconds);
    } else if (key.starts_with(kXattr)) {
      extra.xattrs.emplace_back(key.substr(kXattr.size()), value);
    } else if (key.starts_with("GNU.sparse.")) {
      return ApplySparse(key.substr(11), value, extra);
    }
    return {};
  }

  Result<void> ApplySparse(std::string_view key, std::string_view value, Extra& extra) {
    if (key == "name") {
      extra.sparse_name = value;
      return {};
    }
    if (key == "map") return ReadSparseMap(value, extra);
    const auto number = Decimal(value);
    if (!number) return Corrupt("an invalid number in a PAX record");
    if (key == "major") {
      extra.map_in_content = *number == 1;
    } else if (key == "size" || key == "realsize") {
      extra.sparse_size = number;
      extra.is_sparse = true;
    } else if (key == "offset") {
      extra.pending_offset = number;
    } else if (key == "numbytes") {
      if (!extra.pending_offset) return Corrupt("a sparse map out of order");
      HF_CHECK_OK(AddExtent({*extra.pending_offset, *number}, extra.sparse_map));
      extra.pending_offset.reset();
      extra.is_sparse = true;
    }
    return {};
  }

  Result<void> ReadSparseMap(std::string_view map, Extra& extra) {
    extra.is_sparse = true;
    while (!map.empty()) {
      std::array<std::uint64_t, 2> pair{};
      for (std::uint64_t& number : pair) {
        const auto parsed = Decimal(map.substr(0, map.find(',')));
        if (!parsed) return Corrupt("a damaged sparse map");
        number = *parsed;
        map.remove_prefix(
            std::min(map.size(), map.find(',') == std::string_view::npos ? map.size() : map.find(',') + 1));
      }
      HF_CHECK_OK(AddExtent({pair[0], pair[1]}, extra.sparse_map));
    }
    return {};
  }

  Result<void> AddExtent(Extent extent, std::vector<Extent>& map) const {
    if (map.size() >= limits_.tar_sparse_extents_max)
      return Fail(ErrorKind::kLimit,
                  Format("tar: a sparse file of more than {} parts", limits_.tar_sparse_extents_max));
    const std::uint64_t before = map.empty() ? 0 : map.back().offset + map.back().size;
    if (extent.offset < before || extent.size > std::numeric_limits<std::int64_t>::max() - extent.offset ||
        extent.offset > std::numeric_limits<std::int64_t>::max())
      return Corrupt("a sparse map out of order");
    map.push_back(extent);
    return {};
  }

  Result<const TarEntry*> Finish(const Block& block, Extra& extra) {
    HF_CHECK_OK(ReadHeader(block, extra));
    const char type = static_cast<char>(block[kTypeFlag]);
    entry_.type = TypeOf(type);
    stored_left_ = HasContent(type) ? entry_.size : 0;
    padding_ = Padding(stored_left_);
    entry_.hole_bytes = 0;
    extents_.clear();
    extent_ = 0;
    position_ = 0;
    sparse_ = false;
    if (entry_.type == TarType::kRegular) {
      if (type == 'S') HF_CHECK_OK(ReadGnuMap(block, extra));
      if (extra.map_in_content) HF_CHECK_OK(ReadMapInContent(extra));
      if (extra.is_sparse) HF_CHECK_OK(UseSparseMap(extra));
      // Before POSIX, a folder was a file whose name ends with a slash.
      if ((type == '0' || type == '\0') && entry_.path.ends_with('/')) entry_.type = TarType::kDirectory;
    }
    if (entry_.type != TarType::kRegular) entry_.size = 0;
    return &entry_;
  }

  static TarType TypeOf(char type) {
    switch (type) {
      case '0':
      case '\0':
      case '7':
      case 'S': return TarType::kRegular;
      case '1': return TarType::kHardLink;
      case '2': return TarType::kSymlink;
      case '3': return TarType::kCharDevice;
      case '4': return TarType::kBlockDevice;
      case '5':
      case 'D': return TarType::kDirectory;
      case '6': return TarType::kFifo;
      default: return TarType::kUnknown;
    }
  }
  static bool HasContent(char type) { return type == '\0' || type < '1' || type > '6'; }

  Result<void> ReadHeader(const Block& block, Extra& extra) {
    const auto mode = NumberOf(block, kMode), uid = NumberOf(block, kUid), gid = NumberOf(block, kGid);
    const auto size = NumberOf(block, kSize), mtime = NumberOf(block, kMtime);
    if (!mode || !uid || !gid || !mtime || !size) return Corrupt("an invalid number in a header");
    if (!extra.size && *size < 0) return Corrupt("a negative size");
    entry_.mode = static_cast<std::uint32_t>(*mode);
    entry_.uid = extra.uid.value_or(static_cast<std::uint64_t>(*uid));
    entry_.gid = extra.gid.value_or(static_cast<std::uint64_t>(*gid));
    entry_.size = extra.size.value_or(static_cast<std::uint64_t>(*size));
    if (entry_.size > std::numeric_limits<std::int64_t>::max() - kBlock) return Corrupt("an impossible size");
    entry_.mtime = extra.mtime.value_or(*mtime);
    entry_.device_major = static_cast<std::uint32_t>(NumberOf(block, kDeviceMajor).value_or(0));
    entry_.device_minor = static_cast<std::uint32_t>(NumberOf(block, kDeviceMinor).value_or(0));
    entry_.xattrs = std::move(extra.xattrs);
    if (extra.path) {
      entry_.path = *std::move(extra.path);
    } else {
      entry_.path.clear();
      // "ustar\0" has a prefix; GNU's "ustar  " has other things there.
      if (AsText(Bytes(block).subspan(kMagic.at, 6)) == std::string_view("ustar\0", 6))
        if (const std::string_view prefix = TextOf(block, kPrefix); !prefix.empty())
          entry_.path.append(prefix).push_back('/');
      entry_.path.append(TextOf(block, kName));
    }
    if (extra.sparse_name) entry_.path = *std::move(extra.sparse_name);
    entry_.link_target = extra.link_target ? *std::move(extra.link_target) : std::string(TextOf(block, kLinkName));
    return {};
  }

  // Old GNU: four parts in the header, 21 in each further block.
  Result<void> ReadGnuMap(const Block& header, Extra& extra) {
    const auto real_size = NumberOf(header, kGnuRealSize);
    if (!real_size || *real_size < 0) return Corrupt("an invalid size of a sparse file");
    extra.sparse_size = static_cast<std::uint64_t>(*real_size);
    extra.is_sparse = true;
    HF_CHECK_OK(ReadGnuExtents(header, 386, 4, extra));
    bool extended = header[482] != 0;
    while (extended) {
      Block block;
      HF_TRY(const bool more, ReadBlock(block));
      if (!more) return Corrupt("truncated sparse map");
      HF_CHECK_OK(ReadGnuExtents(block, 0, 21, extra));
      extended = block[504] != 0;
    }
    return {};
  }

  Result<void> ReadGnuExtents(const Block& block, std::size_t at, std::size_t count, Extra& extra) {
    for (std::size_t i = 0; i < count; ++i, at += 24) {
      if (block[at] == 0) return {};
      const auto offset = NumberOf(block, at, 12), size = NumberOf(block, at + 12, 12);
      if (!offset || !size || *offset < 0 || *size < 0) return Corrupt("a damaged sparse map");
      HF_CHECK_OK(
          AddExtent({static_cast<std::uint64_t>(*offset), static_cast<std::uint64_t>(*size)}, extra.sparse_map));
    }
    return {};
  }

  // PAX 1.0: the content begins with the map as lines of decimal numbers, padded to whole blocks.
  Result<void> ReadMapInContent(Extra& extra) {
    extra.is_sparse = true;
    extra.sparse_map.clear();
    std::string text;
    std::size_t at = 0;
    const auto next_number = [&]() -> Result<std::uint64_t> {
      std::size_t end = 0;
      while ((end = text.find('\n', at)) == std::string::npos) {
        Block block;
        if (stored_left_ < kBlock) return Corrupt("truncated sparse map");
        HF_TRY(const bool more, ReadBlock(block));
        if (!more) return Corrupt("truncated sparse map");
        stored_left_ -= kBlock;
        text.erase(0, at);
        at = 0;
        text.append(AsText(block));
        if (text.size() > 4 * kBlock) return Corrupt("a damaged sparse map");
      }
      const auto number = Decimal(std::string_view(text).substr(at, end - at));
      if (!number) return Corrupt("a damaged sparse map");
      at = end + 1;
      return *number;
    };
    HF_TRY(const std::uint64_t count, next_number());
    for (std::uint64_t i = 0; i < count; ++i) {
      HF_TRY(const std::uint64_t offset, next_number());
      HF_TRY(const std::uint64_t size, next_number());
      HF_CHECK_OK(AddExtent({offset, size}, extra.sparse_map));
    }
    return {};
  }

  Result<void> UseSparseMap(Extra& extra) {
    sparse_ = true;
    extents_ = std::move(extra.sparse_map);
    entry_.size = extra.sparse_size.value_or(stored_left_);
    std::uint64_t stored = 0;
    for (const Extent& extent : extents_) stored += extent.size;
    const std::uint64_t end = extents_.empty() ? 0 : extents_.back().offset + extents_.back().size;
    if (stored != stored_left_ || end > entry_.size) return Corrupt("a sparse map that does not fit its file");
    if (entry_.size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return Corrupt("an impossible size");
    entry_.hole_bytes = entry_.size - stored;
    return {};
  }

  Result<Bytes> NextContent(std::size_t max) {
    if (error_) return std::unexpected(*error_);
    if (entry_.type != TarType::kRegular) return Bytes{};
    if (!sparse_) return NextStored(max, stored_left_);
    if (position_ >= entry_.size) return Bytes{};
    while (extent_ < extents_.size() && position_ >= extents_[extent_].offset + extents_[extent_].size) ++extent_;
    const std::uint64_t hole_end = extent_ < extents_.size() ? extents_[extent_].offset : entry_.size;
    if (position_ < hole_end) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>({max, hole_end - position_, kZeros.size()}));
      position_ += size;
      return Bytes(kZeros).first(size);
    }
    HF_TRY(const Bytes view, NextStored(max, extents_[extent_].offset + extents_[extent_].size - position_));
    position_ += view.size();
    return view;
  }

  Result<Bytes> NextStored(std::size_t max, std::uint64_t left) {
    left = std::min(left, stored_left_);
    if (left == 0) return Bytes{};
    auto view = source_.Next(static_cast<std::size_t>(std::min<std::uint64_t>(max, left)));
    if (view && view->empty()) view = Corrupt("truncated content");
    if (!view) {
      error_ = view.error();
      return view;
    }
    stored_left_ -= view->size();
    offset_ += view->size();
    return view;
  }

  ByteSource& source_;
  const Limits limits_;
  ContentSource content_;
  TarEntry entry_;
  std::uint64_t offset_ = 0;       // in the archive
  std::uint64_t stored_left_ = 0;  // of the current entry, and the padding after it
  std::uint64_t padding_ = 0;
  bool sparse_ = false;
  std::vector<Extent> extents_;
  std::size_t extent_ = 0;
  std::uint64_t position_ = 0;  // in the expanded content
  bool ended_ = false, ended_cleanly_ = false;
  std::optional<Error> error_;
};

TarReader::TarReader(ByteSource& source, const Limits& limits) : impl_(std::make_unique<Impl>(source, limits)) {}
TarReader::~TarReader() = default;
Result<const TarEntry*> TarReader::Next() { return impl_->Next(); }
ByteSource& TarReader::Content() { return impl_->Content(); }
bool TarReader::EndedCleanly() const { return impl_->EndedCleanly(); }

Result<void> CleanPath(std::string_view raw, std::string& clean, const Limits& limits) {
  if (raw.size() > limits.path_bytes_max)
    return Fail(ErrorKind::kLimit, Format("a path of {} bytes, limit {}", raw.size(), limits.path_bytes_max));
  if (raw.find('\0') != std::string_view::npos) return Fail(ErrorKind::kCorrupt, "a NUL in a path");
  clean.clear();
  while (!raw.empty()) {
    const std::size_t slash = raw.find('/');
    const std::string_view segment = raw.substr(0, slash);
    raw.remove_prefix(slash == std::string_view::npos ? raw.size() : slash + 1);
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      clean.resize(clean.rfind('/') == std::string::npos ? 0 : clean.rfind('/'));
      continue;
    }
    if (!clean.empty()) clean.push_back('/');
    clean.append(segment);
  }
  return {};
}

}  // namespace holdfast::io
