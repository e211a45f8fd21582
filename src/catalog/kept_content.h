// What is held of an executable while it streams by: all of it up to 64 MiB; of a larger one its head, its tail, and
// what follows each place that looks like Go's build information.
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

  // Reads `content` to its end. `size_bytes` is what it probably has, for allocation only.
  [[nodiscard]] static Result<std::unique_ptr<KeptContent>> Read(io::ByteSource& content, std::uint64_t size_bytes);

  [[nodiscard]] std::uint64_t Size() const override { return size_bytes_; }
  [[nodiscard]] Result<void> ReadAt(std::uint64_t offset, MutableBytes into) const override;
  // Offsets of "\xff Go buildinf:" that are multiples of 16, ascending; the first kMarksMax of them.
  [[nodiscard]] const std::vector<std::uint64_t>& GoMarks() const { return marks_; }

 private:
  struct Block {
    std::unique_ptr<std::uint8_t[]> bytes;  // null: not held
    std::uint64_t room = 0;
    std::uint64_t used = 0;
    bool pinned = false;
  };

  void Append(Bytes bytes, std::uint64_t size_hint);
  void CloseBlock();
  void FindMarks(const Block& block, std::uint64_t offset);

  std::vector<Block> blocks_;  // by index: offset / kBlockBytes
  std::vector<std::uint64_t> marks_;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t pinned_ = 0;  // blocks behind the head
  bool pin_next_ = false;
};

}  // namespace holdfast::catalog
