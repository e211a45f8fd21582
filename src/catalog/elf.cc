// ELF: System V ABI, chapters "Object Files" (header, sections) and "Program Loading"; elf(5).
//
// Sections tell where things are by name; they may be stripped, or lie. Segments are what the loader uses and are
// always there. So damaged sections only mean that none is found.
//
// Extended numbering: the count of sections (e_shnum 0) stands in sh_size of section 0, the index of the name table
// (SHN_XINDEX) in its sh_link, the count of segments (PN_XNUM) in its sh_info.
#include <algorithm>
#include <array>

#include "catalog/executable_image.h"
#include "catalog/field_reader.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint64_t kSectionsMax = 200'000;
constexpr std::uint64_t kSegmentsMax = 100'000;
constexpr std::uint64_t kNamesBytesMax = 16 * 1024 * 1024;
constexpr std::uint16_t kXIndex = 0xffff;
constexpr std::uint32_t kLoad = 1;
constexpr std::uint32_t kNoBits = 8;

struct Header {
  bool wide = false;
  bool big_endian = false;
  std::uint64_t segments_offset = 0, sections_offset = 0;
  std::uint64_t segment_count = 0, section_count = 0, names_index = 0;
  std::uint64_t segment_bytes = 0, section_bytes = 0;  // of an entry
};

Result<Header> ReadHeader(const io::RandomSource& content) {
  std::array<std::uint8_t, 64> bytes{};
  const std::uint64_t size = std::min<std::uint64_t>(content.Size(), bytes.size());
  HF_CHECK_OK(content.ReadAt(0, MutableBytes(bytes).first(static_cast<std::size_t>(size))));
  if (AsText(bytes).substr(0, 4) !=
          "\x7f"
          "ELF" ||
      bytes[4] < 1 || bytes[4] > 2 || bytes[5] < 1 || bytes[5] > 2)
    return Fail(ErrorKind::kCorrupt, "not an ELF header");
  Header header{.wide = bytes[4] == 2, .big_endian = bytes[5] == 2};
  const bool wide = header.wide;
  const FieldReader field(bytes, header.big_endian);
  header.segments_offset = field.Word(wide ? 32 : 28, wide);
  header.sections_offset = field.Word(wide ? 40 : 32, wide);
  const std::size_t counts = wide ? 54 : 42;
  header.segment_bytes = field.U16(counts);
  header.segment_count = field.U16(counts + 2);
  header.section_bytes = field.U16(counts + 4);
  header.section_count = field.U16(counts + 6);
  header.names_index = field.U16(counts + 8);
  if (header.section_bytes < (wide ? 64U : 40U)) header.sections_offset = 0;
  if (header.sections_offset == 0) header.section_count = 0;
  return header;
}

struct Section {
  std::uint64_t name = 0, address = 0, offset = 0, size = 0;
  std::uint32_t type = 0, link = 0, info = 0;
};

Section ParseSection(const FieldReader& field, bool wide) {
  Section section{.name = field.U32(0), .type = field.U32(4)};
  section.address = field.Word(wide ? 16 : 12, wide);
  section.offset = field.Word(wide ? 24 : 16, wide);
  section.size = field.Word(wide ? 32 : 20, wide);
  section.link = field.U32(wide ? 40 : 24);
  section.info = field.U32(wide ? 44 : 28);
  return section;
}

Result<void> ApplyExtendedNumbering(const io::RandomSource& content, Header& header) {
  if (header.sections_offset == 0) return {};
  const bool extended = header.section_count == 0 || header.names_index == kXIndex || header.segment_count == kXIndex;
  if (!extended) return {};
  HF_TRY(const auto bytes, content.ReadRange(header.sections_offset, header.section_bytes, header.section_bytes));
  const Section first = ParseSection(FieldReader(bytes, header.big_endian), header.wide);
  if (header.section_count == 0) header.section_count = first.size;
  if (header.names_index == kXIndex) header.names_index = first.link;
  if (header.segment_count == kXIndex) header.segment_count = first.info;
  return {};
}

Result<void> ReadSections(const io::RandomSource& content, const Header& header, ExecutableImage& image) {
  if (header.section_count == 0) return {};
  if (header.section_count > kSectionsMax) return Fail(ErrorKind::kLimit, "more than 200000 sections");
  HF_TRY(const auto table,
         content.ReadRange(header.sections_offset, header.section_count * header.section_bytes, kSectionsMax * 256));
  const FieldReader field(table, header.big_endian);
  const auto section_at = [&](std::uint64_t index) {
    return ParseSection(field.Sub(static_cast<std::size_t>(index * header.section_bytes), 64), header.wide);
  };
  if (header.names_index >= header.section_count) return Fail(ErrorKind::kCorrupt, "no table of section names");
  const Section names_section = section_at(header.names_index);
  HF_TRY(const auto names, content.ReadRange(names_section.offset, names_section.size, kNamesBytesMax));
  const std::string_view names_text = AsText(names);
  for (std::uint64_t i = 0; i < header.section_count; ++i) {
    const Section section = section_at(i);
    if (section.name >= names_text.size() || section.type == kNoBits || section.type == 0) continue;
    const std::string_view rest = names_text.substr(static_cast<std::size_t>(section.name));
    if (!image.go_data && rest.starts_with(std::string_view(".go.buildinfo\0", 14)))
      image.go_data = ByteRange{section.address, section.size};
    if (!image.audit && rest.starts_with(std::string_view(".dep-v0\0", 8)))
      image.audit = ByteRange{section.offset, section.size};
  }
  return {};
}

Result<void> ReadSegments(const io::RandomSource& content, const Header& header, ExecutableImage& image) {
  const bool wide = header.wide;
  if (header.segments_offset == 0 || header.segment_count == 0) return {};
  if (header.segment_bytes < (wide ? 56U : 32U)) return Fail(ErrorKind::kCorrupt, "program headers are too small");
  if (header.segment_count > kSegmentsMax) return Fail(ErrorKind::kLimit, "more than 100000 program headers");
  HF_TRY(const auto table,
         content.ReadRange(header.segments_offset, header.segment_count * header.segment_bytes, kSegmentsMax * 256));
  for (std::uint64_t i = 0; i < header.segment_count; ++i) {
    const FieldReader field =
        FieldReader(table, header.big_endian).Sub(static_cast<std::size_t>(i * header.segment_bytes), 56);
    if (field.U32(0) != kLoad) continue;
    const std::uint32_t flags = field.U32(wide ? 4 : 24);
    const std::uint64_t address = field.Word(wide ? 16 : 8, wide);
    image.mappings.push_back({address, field.Word(wide ? 8 : 4, wide), field.Word(wide ? 32 : 16, wide)});
    const bool data = (flags & 3) == 2;  // PF_W without PF_X
    if (data && !image.go_data) image.go_data = ByteRange{address, field.Word(wide ? 40 : 20, wide)};
  }
  return {};
}

}  // namespace

Result<ExecutableImage> ReadElf(const io::RandomSource& content) {
  HF_TRY(Header header, ReadHeader(content));
  ExecutableImage image;
  // What sections say is only a hint: without them the segments have to do.
  if (ApplyExtendedNumbering(content, header)) {
    if (const auto sections = ReadSections(content, header, image); !sections) image = {};
  }
  if (const auto segments = ReadSegments(content, header, image); !segments && !image.audit)
    return std::unexpected(segments.error());
  return image;
}

}  // namespace holdfast::catalog
