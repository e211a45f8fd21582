// PE and PE32+: Microsoft, "PE Format", sections "File Headers", "Optional Header", "Section Table".
#include <array>

#include "catalog/executable_image.h"
#include "catalog/field_reader.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint32_t kAlignmentBits = 0x600000;    // Go's linker states 32 bytes here
constexpr std::uint32_t kWritableData = 0xc0000040U;  // initialised data, readable, writable
constexpr std::size_t kSectionBytes = 40;

}  // namespace

Result<ExecutableImage> ReadPe(const io::RandomSource& content) {
  std::array<std::uint8_t, 64> dos{};
  HF_CHECK_OK(content.ReadAt(0, dos));
  const std::uint64_t start = LoadLittle<std::uint32_t>(dos, 60);
  std::array<std::uint8_t, 24> coff{};
  HF_CHECK_OK(content.ReadAt(start, coff));
  if (AsText(dos).substr(0, 2) != "MZ" || AsText(coff).substr(0, 4) != std::string_view("PE\0\0", 4))
    return Fail(ErrorKind::kCorrupt, "not a PE header");
  const std::size_t section_count = LoadLittle<std::uint16_t>(coff, 6);
  const std::size_t optional_bytes = LoadLittle<std::uint16_t>(coff, 20);
  HF_TRY(const auto headers, content.ReadRange(start + coff.size(), optional_bytes + section_count * kSectionBytes,
                                               0x10000 * (kSectionBytes + 1)));
  const FieldReader field(headers, false);
  const bool wide = field.U16(0) == 0x20b;
  if (!wide && field.U16(0) != 0x10b) return Fail(ErrorKind::kCorrupt, "a PE optional header of unknown kind");
  const std::uint64_t base = field.Word(wide ? 24 : 28, wide);

  ExecutableImage image;
  for (std::size_t i = 0; i < section_count; ++i) {
    const FieldReader section = field.Sub(optional_bytes + i * kSectionBytes, kSectionBytes);
    const std::uint64_t virtual_size = section.U32(8);
    const std::uint64_t address = section.U32(12);
    const std::uint64_t raw_size = section.U32(16);
    const std::uint64_t offset = section.U32(20);
    if (raw_size == 0) continue;
    image.mappings.push_back({base + address, offset, raw_size});
    const bool data = address != 0 && (section.U32(36) & ~kAlignmentBits) == kWritableData;
    if (data && !image.go_data) image.go_data = ByteRange{base + address, virtual_size};
    // Raw sizes are padded to the alignment of the file; the virtual size is the true one when smaller.
    if (!image.audit && section.Name(0, 8) == ".dep-v0")
      image.audit = ByteRange{offset, virtual_size != 0 && virtual_size < raw_size ? virtual_size : raw_size};
  }
  return image;
}

}  // namespace holdfast::catalog
