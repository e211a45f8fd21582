// Where an executable keeps what executable.cc looks for: the common result of the readers of ELF, PE and Mach-O.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "io/byte_source.h"

namespace holdfast::catalog {

struct ByteRange {
  std::uint64_t start = 0;
  std::uint64_t size_bytes = 0;
};

// `size_bytes` of the file from `offset` are loaded at `address`.
struct Mapping {
  std::uint64_t address = 0;
  std::uint64_t offset = 0;
  std::uint64_t size_bytes = 0;
};

// All numbers are as the file states them, unchecked.
struct ExecutableImage {
  std::vector<Mapping> mappings;
  std::optional<ByteRange> go_data;  // addresses among which Go's linker puts its build information
  std::optional<ByteRange> audit;    // file offsets of the section ".dep-v0"
};

// Each fails with kCorrupt when the file is not of that format or its headers lie, kLimit when they are not held or
// are larger than any linker makes them.
[[nodiscard]] Result<ExecutableImage> ReadElf(const io::RandomSource& content);
[[nodiscard]] Result<ExecutableImage> ReadPe(const io::RandomSource& content);
// `slice`: where in the content the file lies; its whole, or one architecture of a universal binary.
[[nodiscard]] Result<ExecutableImage> ReadMachO(const io::RandomSource& content, ByteRange slice);
// The architectures of a universal binary, or the whole content when it is for one only.
[[nodiscard]] Result<std::vector<ByteRange>> ReadMachOSlices(const io::RandomSource& content);

// More than this many architectures is a Java class file, which has the same magic number: the number of
// architectures stands where a class file has its version, 45 or more.
inline constexpr std::uint32_t kMachOSlicesMax = 40;

}  // namespace holdfast::catalog
