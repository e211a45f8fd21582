// Content is held in blocks, whose index is their offset. A block that leaves the tail is dropped unless it belongs to
// the head or is pinned. Marks are looked for while a block is still in the processor's cache; being aligned, they
// never cross blocks.
#include "catalog/kept_content.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace holdfast::catalog {
namespace {

constexpr std::string_view kGoMark = "\xff Go buildinf:";
constexpr std::size_t kGoMarkAlignment = 16;

}  // namespace

Result<void> KeptContent::Load(io::ByteSource& content) {
  Clear();
  for (;;) {
    HF_TRY(const Bytes bytes, content.Next());
    if (bytes.empty()) break;
    Append(bytes);
  }
  if (!blocks_.empty() && blocks_.back().used != kBlockBytes) CloseBlock();
  return {};
}

void KeptContent::Clear() {
  for (Block& block : blocks_) GiveBack(std::move(block.bytes));
  blocks_.clear();
  marks_.clear();
  size_bytes_ = 0;
  pinned_ = 0;
  pin_next_ = false;
}

KeptContent::Memory KeptContent::TakeMemory() {
  if (spare_.empty()) return std::make_unique_for_overwrite<std::uint8_t[]>(kBlockBytes);
  Memory memory = std::move(spare_.back());
  spare_.pop_back();
  return memory;
}

void KeptContent::GiveBack(Memory memory) {
  if (memory && spare_.size() < kSpareMax) spare_.push_back(std::move(memory));
}

void KeptContent::Append(Bytes bytes) {
  while (!bytes.empty()) {
    if (blocks_.empty() || blocks_.back().used == kBlockBytes) blocks_.push_back({.bytes = TakeMemory()});
    Block& block = blocks_.back();
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), kBlockBytes - block.used));
    std::memcpy(block.bytes.get() + block.used, bytes.data(), part);
    block.used += part;
    size_bytes_ += part;
    bytes = bytes.subspan(part);
    if (block.used == kBlockBytes) CloseBlock();
  }
}

void KeptContent::CloseBlock() {
  const std::uint64_t index = blocks_.size() - 1;
  Block& block = blocks_.back();
  const std::size_t marks_before = marks_.size();
  FindMarks(block, index * kBlockBytes);
  const bool marked = marks_.size() != marks_before;
  // The build information may go on in the next block.
  if (index >= kHeadBlocks && (marked || pin_next_) && pinned_ < kPinnedBlocksMax) {
    block.pinned = true;
    ++pinned_;
  }
  pin_next_ = marked;
  if (index < kTailBlocks) return;
  Block& leaving = blocks_[static_cast<std::size_t>(index - kTailBlocks)];
  if (index - kTailBlocks >= kHeadBlocks && !leaving.pinned) GiveBack(std::move(leaving.bytes));
}

void KeptContent::FindMarks(const Block& block, std::uint64_t offset) {
  std::uint64_t first = 0;
  std::memcpy(&first, kGoMark.data(), sizeof first);
  for (std::uint64_t at = 0; at + kGoMarkAlignment <= block.used; at += kGoMarkAlignment) {
    std::uint64_t word = 0;
    std::memcpy(&word, block.bytes.get() + at, sizeof word);
    if (word != first) [[likely]]
      continue;
    if (std::memcmp(block.bytes.get() + at, kGoMark.data(), kGoMark.size()) == 0 && marks_.size() < kMarksMax)
      marks_.push_back(offset + at);
  }
}

Result<void> KeptContent::ReadAt(std::uint64_t offset, MutableBytes into) const {
  if (offset > size_bytes_ || into.size() > size_bytes_ - offset)
    return Fail(ErrorKind::kCorrupt, "points outside of the file");
  while (!into.empty()) {
    const Block& block = blocks_[static_cast<std::size_t>(offset / kBlockBytes)];
    if (!block.bytes) return Fail(ErrorKind::kLimit, "the executable is too large to hold this part of it");
    const std::uint64_t within = offset % kBlockBytes;
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), block.used - within));
    std::memcpy(into.data(), block.bytes.get() + within, part);
    into = into.subspan(part);
    offset += part;
  }
  return {};
}

}  // namespace holdfast::catalog
