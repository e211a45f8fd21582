// Go's build information is a header of 32 bytes, aligned to 16, in writable data (Go: src/debug/buildinfo):
//
//   14 bytes  "\xff Go buildinf:"
//    1 byte   size of a pointer
//    1 byte   flags: 1 big endian pointers; 2 strings follow inline
//   16 bytes  flags & 2 == 0: pointers to two Go strings (pointer, length): Go version, module info
//   then      flags & 2: two strings, each after its length as varint
//
// The module info is framed by two sentinels of 16 bytes. cargo-auditable (PARSING.md): zlib data in its own section.
#include "catalog/executable.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "catalog/executable_image.h"
#include "catalog/field_reader.h"
#include "catalog/kept_content.h"
#include "io/decompress.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint64_t kHeaderBytes = 32;
constexpr std::uint64_t kStringBytesMax = 4 * kMiB;
constexpr std::uint64_t kAuditPackedBytesMax = 8 * kMiB;
constexpr std::uint64_t kAuditBytesMax = 16 * kMiB;
constexpr std::size_t kSentinelBytes = 16;
constexpr std::size_t kVarintBytesMax = 10;

enum class FileFormat : std::uint8_t { kNone, kElf, kPe, kMachO };

FileFormat FormatOf(Bytes head) {
  if (head.size() < 4) return FileFormat::kNone;
  const std::uint32_t magic = LoadBig<std::uint32_t>(head);
  switch (magic) {
    case 0x7f454c46U: return FileFormat::kElf;
    case 0xfeedfaceU:
    case 0xfeedfacfU:
    case 0xcefaedfeU:
    case 0xcffaedfeU: return FileFormat::kMachO;
    case 0xcafebabeU:
    case 0xcafebabfU:
      return head.size() < 8 || LoadBig<std::uint32_t>(head, 4) <= kMachOSlicesMax ? FileFormat::kMachO
                                                                                   : FileFormat::kNone;
    default: return magic >> 16 == 0x4d5aU ? FileFormat::kPe : FileFormat::kNone;
  }
}

bool Contains(const Mapping& mapping, std::uint64_t address) {
  return address >= mapping.address && address - mapping.address < mapping.size_bytes;
}

// Reads by address, within one mapping.
class Memory {
 public:
  Memory(const KeptContent& content, const ExecutableImage& image) : content_(content), image_(image) {}

  // File offset of an address, and how many bytes of its mapping follow.
  Result<ByteRange> Locate(std::uint64_t address) const {
    for (const Mapping& mapping : image_.mappings) {
      if (!Contains(mapping, address)) continue;
      const std::uint64_t within = address - mapping.address;
      return ByteRange{mapping.offset + within, mapping.size_bytes - within};
    }
    return Fail(ErrorKind::kCorrupt, "Go build information points outside of the file");
  }

  Result<std::string> Read(std::uint64_t address, std::uint64_t size) const {
    if (size == 0) return std::string();
    HF_TRY(const ByteRange range, Locate(address));
    if (size > range.size_bytes) return Fail(ErrorKind::kCorrupt, "Go build information points outside of the file");
    HF_TRY(const auto bytes, content_.ReadRange(range.start, size, kStringBytesMax));
    return std::string(AsText(bytes));
  }

  // As much as there is, at most `size`.
  Result<std::string> ReadUpTo(std::uint64_t address, std::uint64_t size) const {
    HF_TRY(const ByteRange range, Locate(address));
    const std::uint64_t in_file = content_.Size() > range.start ? content_.Size() - range.start : 0;
    return Read(address, std::min({size, range.size_bytes, in_file}));
  }

 private:
  const KeptContent& content_;
  const ExecutableImage& image_;
};

// Address of the first mark within the data that may hold it.
std::optional<std::uint64_t> FindMark(const KeptContent& content, const ExecutableImage& image) {
  if (!image.go_data) return std::nullopt;
  for (const std::uint64_t mark : content.GoMarks()) {
    for (const Mapping& mapping : image.mappings) {
      if (mark < mapping.offset || mark - mapping.offset >= mapping.size_bytes) continue;
      const std::uint64_t address = mapping.address + (mark - mapping.offset);
      const bool inside = address >= image.go_data->start && address - image.go_data->start < image.go_data->size_bytes;
      if (inside && image.go_data->size_bytes - (address - image.go_data->start) >= kHeaderBytes) return address;
    }
  }
  return std::nullopt;
}

// A string after its length (protobuf varint); moves `address` behind it.
Result<std::string> InlineString(const Memory& memory, std::uint64_t& address) {
  HF_TRY(const std::string head, memory.ReadUpTo(address, kVarintBytesMax));
  std::uint64_t size = 0;
  std::size_t used = 0;
  for (bool more = true; more; ++used) {
    if (used >= head.size() || used * 7 >= 63) return Fail(ErrorKind::kCorrupt, "a length in Go build information");
    const auto byte = static_cast<std::uint8_t>(head[used]);
    size |= std::uint64_t{byte & 0x7fU} << (7 * used);
    more = (byte & 0x80U) != 0;
  }
  address += used;
  HF_TRY(std::string text, memory.Read(address, size));
  address += size;
  return text;
}

Result<std::string> PointedString(const Memory& memory, std::uint64_t address, bool wide, bool big_endian) {
  if (address == 0) return std::string();
  HF_TRY(const std::string header, memory.Read(address, wide ? 16 : 8));
  const FieldReader field(AsBytes(header), big_endian);
  return memory.Read(field.Word(0, wide), field.Word(wide ? 8 : 4, wide));
}

Result<std::string> ReadGoBuildInfo(const Memory& memory, std::uint64_t address) {
  HF_TRY(const std::string header, memory.Read(address, kHeaderBytes));
  const auto pointer_bytes = static_cast<std::uint8_t>(header[14]);
  const auto flags = static_cast<std::uint8_t>(header[15]);
  std::string version, modules;
  if ((flags & 2U) != 0) {
    address += kHeaderBytes;
    HF_TRY(version, InlineString(memory, address));
    HF_TRY(modules, InlineString(memory, address));
  } else {
    if (pointer_bytes != 4 && pointer_bytes != 8)
      return Fail(ErrorKind::kCorrupt, "Go build information: pointer size");
    const bool wide = pointer_bytes == 8;
    const bool big_endian = (flags & 1U) != 0;
    const FieldReader field(AsBytes(header), big_endian);
    HF_TRY(version, PointedString(memory, field.Word(16, wide), wide, big_endian));
    HF_TRY(modules, PointedString(memory, field.Word(16U + pointer_bytes, wide), wide, big_endian));
  }
  if (version.empty()) return Fail(ErrorKind::kCorrupt, "Go build information without a Go version");
  const bool framed = modules.size() >= 2 * kSentinelBytes + 1 && modules[modules.size() - kSentinelBytes - 1] == '\n';
  const std::string_view inner =
      framed ? std::string_view(modules).substr(kSentinelBytes, modules.size() - 2 * kSentinelBytes) : "";
  return version + '\n' + std::string(inner);
}

Result<std::string> ReadAudit(const KeptContent& content, const ByteRange& section) {
  HF_TRY(const auto packed, content.ReadRange(section.start, section.size_bytes, kAuditPackedBytesMax));
  return io::InflateZlib(packed, kAuditBytesMax);
}

// Collects parts of all slices. One that is damaged does not hide the others.
class Collector {
 public:
  Collector(const KeptContent& content, std::uint64_t bytes_max) : content_(content), left_(bytes_max) {}

  void Add(const ExecutableImage& image) {
    if (const auto mark = FindMark(content_, image))
      Keep("go.", "buildinfo", ReadGoBuildInfo({content_, image}, *mark));
    if (image.audit) Keep("rust.", "audit", ReadAudit(content_, *image.audit));
  }

  Result<Parts> Take() {
    if (!any_good_ && first_error_) return std::unexpected(*std::move(first_error_));
    return std::move(parts_);
  }

 private:
  void Keep(std::string_view family, std::string_view name, Result<std::string> text) {
    if (text && text->size() > left_)
      text = Fail(ErrorKind::kLimit, Format("more than {} bytes in all architectures", left_));
    if (text) {
      left_ -= text->size();
      any_good_ = true;
      parts_.push_back({Format("{}{}", family, name), *std::move(text)});
      return;
    }
    const Error error = text.error().In(Format("{}{}", family, name));
    parts_.push_back({Format("{}problem", family), Format("{}:{}", ErrorKindName(error.Kind()), error.Message())});
    if (!first_error_) first_error_ = error;
  }

  const KeptContent& content_;
  std::uint64_t left_;
  Parts parts_;
  std::optional<Error> first_error_;
  bool any_good_ = false;
};

void CollectMachO(const KeptContent& content, Collector& collector) {
  const auto slices = ReadMachOSlices(content);
  if (!slices) return;
  for (const ByteRange& slice : *slices)
    if (const auto image = ReadMachO(content, slice)) collector.Add(*image);
}

}  // namespace

Error ErrorOfPart(std::string_view bytes) {
  const ErrorKind kind = bytes.starts_with("limit:") ? ErrorKind::kLimit : ErrorKind::kCorrupt;
  return Error(kind, std::string(bytes.substr(bytes.find(':') + 1)));
}

bool LooksExecutable(Bytes head) { return FormatOf(head) != FileFormat::kNone; }

Result<Parts> DistilExecutable(io::ByteSource& content, KeptContent& kept, const Limits& limits) {
  HF_CHECK_OK(kept.Load(content));
  std::array<std::uint8_t, 8> head{};
  if (!kept.ReadAt(0, head)) return Parts();
  Collector collector(kept, limits.evidence_file_bytes_max);
  // Headers that lie are those of no executable: nothing can be linked into it.
  switch (FormatOf(head)) {
    case FileFormat::kElf:
      if (const auto image = ReadElf(kept)) collector.Add(*image);
      break;
    case FileFormat::kPe:
      if (const auto image = ReadPe(kept)) collector.Add(*image);
      break;
    case FileFormat::kMachO: CollectMachO(kept, collector); break;
    case FileFormat::kNone: break;
  }
  return collector.Take();
}

}  // namespace holdfast::catalog
