// What is held of an executable while it streams by: all of it up to 64 MiB; of a larger one its head, its tail, and
// what follows each place that looks like Go's build information.
//
// One object serves many executables one after another, since memory that comes fresh from the kernel for each of them
// costs more than copying into it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "io/byte_source.h"

namespace holdfast::catalog {

class KeptContent final : public io::RandomSource {
 public:
  static constexpr std::uint64_t kBlockBytes = 1 * kMiB;
  static constexpr std::uint64_t kHeadBlocks = 48;
  static constexpr std::uint64_t kTailBlocks = 16;
  static constexpr std::uint64_t kPinnedBlocksMax = 16;  // between head and tail
  static constexpr std::size_t kMarksMax = 1024;

  // Forgets what it holds, and reads `content` to its end.
  [[nodiscard]] Result<void> Load(io::ByteSource& content);

  [[nodiscard]] std::uint64_t Size() const override { return size_bytes_; }
  [[nodiscard]] Result<void> ReadAt(std::uint64_t offset, MutableBytes into) const override;
  // Offsets of "\xff Go buildinf:" that are multiples of 16, ascending; the first kMarksMax of them.
  [[nodiscard]] const std::vector<std::uint64_t>& GoMarks() const { return marks_; }

 private:
  using Memory = std::unique_ptr<std::uint8_t[]>;
  static constexpr std::size_t kSpareMax = 8;
  struct Block {
    Memory bytes;  // of kBlockBytes; null: not held
    std::uint64_t used = 0;
    bool pinned = false;
  };

  void Clear();
  void Append(Bytes bytes);
  void CloseBlock();
  [[nodiscard]] Memory TakeMemory();
  void GiveBack(Memory memory);
  void FindMarks(const Block& block, std::uint64_t offset);

  std::vector<Block> blocks_;  // by index: offset / kBlockBytes
  std::vector<std::uint64_t> marks_;
  std::vector<Memory> spare_;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t pinned_ = 0;  // blocks behind the head
  bool pin_next_ = false;
};

}  // namespace holdfast::catalog
