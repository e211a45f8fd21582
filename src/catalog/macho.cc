// Mach-O: Apple, <mach-o/loader.h> and <mach-o/fat.h>. A universal binary is a table of slices, always big endian,
// each of them a Mach-O file of its own; offsets within a slice count from its start.
#include <algorithm>
#include <array>

#include "catalog/executable_image.h"
#include "catalog/field_reader.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint64_t kCommandsBytesMax = 16 * 1024 * 1024;
constexpr std::uint32_t kReadWrite = 3;

// Offsets of the fields of LC_SEGMENT and LC_SEGMENT_64, and of the sections that follow it.
struct Layout {
  std::size_t vm_size, file_offset, file_size, max_protection, protection, section_count, sections;
  std::size_t section_bytes, section_size, section_offset;
};
constexpr Layout kNarrow{28, 32, 36, 40, 44, 48, 56, 68, 36, 40};
constexpr Layout kWide{32, 40, 48, 56, 60, 64, 72, 80, 40, 48};

void ReadSegment(const FieldReader& command, bool wide, std::uint64_t base, ExecutableImage& image,
                 std::optional<ByteRange>& writable) {
  const Layout& at = wide ? kWide : kNarrow;
  const std::uint64_t address = command.Word(24, wide);
  const std::uint64_t file_size = command.Word(at.file_size, wide);
  if (command.Name(8, 16) != "__PAGEZERO" && file_size != 0)
    image.mappings.push_back({address, base + command.Word(at.file_offset, wide), file_size});
  const bool read_write = command.U32(at.protection) == kReadWrite && command.U32(at.max_protection) == kReadWrite;
  if (!writable && read_write && address != 0 && file_size != 0)
    writable = ByteRange{address, command.Word(at.vm_size, wide)};

  const std::size_t size = command.Content().size();
  const std::size_t room = size > at.sections ? (size - at.sections) / at.section_bytes : 0;
  const std::size_t count = std::min<std::size_t>(command.U32(at.section_count), room);
  for (std::size_t i = 0; i < count; ++i) {
    const FieldReader section = command.Sub(at.sections + i * at.section_bytes, at.section_bytes);
    const std::uint64_t section_size = section.Word(at.section_size, wide);
    if (!image.go_data && section.Name(0, 16) == "__go_buildinfo")
      image.go_data = ByteRange{section.Word(32, wide), section_size};
    if (!image.audit && section.Name(0, 16) == ".dep-v0")
      image.audit = ByteRange{base + section.U32(at.section_offset), section_size};
  }
}

}  // namespace

Result<std::vector<ByteRange>> ReadMachOSlices(const io::RandomSource& content) {
  std::array<std::uint8_t, 8> head{};
  HF_CHECK_OK(content.ReadAt(0, head));
  const std::uint32_t magic = LoadBig<std::uint32_t>(head);
  if (magic != 0xcafebabeU && magic != 0xcafebabfU) return std::vector{ByteRange{0, content.Size()}};
  const bool wide = magic == 0xcafebabfU;
  const std::uint32_t count = LoadBig<std::uint32_t>(head, 4);
  if (count > kMachOSlicesMax) return Fail(ErrorKind::kCorrupt, "too many architectures for a universal binary");
  const std::size_t entry = wide ? 32 : 20;
  HF_TRY(const auto table, content.ReadRange(head.size(), count * entry, kMachOSlicesMax * entry));
  std::vector<ByteRange> slices;
  for (std::size_t i = 0; i < count; ++i) {
    const FieldReader field = FieldReader(table, true).Sub(i * entry, entry);
    slices.push_back({field.Word(8, wide), field.Word(wide ? 16 : 12, wide)});
  }
  return slices;
}

Result<ExecutableImage> ReadMachO(const io::RandomSource& content, ByteRange slice) {
  std::array<std::uint8_t, 28> head{};
  HF_CHECK_OK(content.ReadAt(slice.start, head));
  const std::uint32_t magic = LoadBig<std::uint32_t>(head);
  const bool big_endian = magic == 0xfeedfaceU || magic == 0xfeedfacfU;
  const bool wide = magic == 0xfeedfacfU || magic == 0xcffaedfeU;
  if (!big_endian && magic != 0xcefaedfeU && magic != 0xcffaedfeU)
    return Fail(ErrorKind::kCorrupt, "not a Mach-O header");
  const FieldReader header(head, big_endian);
  HF_TRY(const auto commands, content.ReadRange(slice.start + (wide ? 32 : 28), header.U32(20), kCommandsBytesMax));
  ExecutableImage image;
  std::optional<ByteRange> writable;
  FieldReader rest(commands, big_endian);
  for (std::uint32_t left = header.U32(16); left > 0 && rest.Content().size() >= 8; --left) {
    const std::size_t size = rest.U32(4);
    if (size < 8 || size > rest.Content().size()) return Fail(ErrorKind::kCorrupt, "a Mach-O load command lies");
    const std::uint32_t kind = rest.U32(0);
    if (kind == (wide ? 0x19U : 1U)) ReadSegment(rest.Sub(0, size), wide, slice.start, image, writable);
    rest = rest.Sub(size, commands.size());
  }
  if (!image.go_data) image.go_data = writable;
  return image;
}

}  // namespace holdfast::catalog
