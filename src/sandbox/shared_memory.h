// Memory that a parent writes and its child reads. The parent makes it and hands it to ChildProcess::Start; the child
// maps it before it is confined.
//
// The kernel holds both sides to it: the memory can be neither cut nor grown, so that no access ends in SIGBUS; and
// what the child gets opens for reading only, so that it can never be mapped for writing.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/result.h"

namespace holdfast::sandbox {

// The descriptor under which the child finds the memory.
inline constexpr int kSharedMemoryDescriptor = 3;

// The parent's side.
class SharedMemory {
 public:
  // kUnavailable when the kernel refuses.
  [[nodiscard]] static Result<std::unique_ptr<SharedMemory>> Make(std::size_t size_bytes);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  // For writing only: what is in there is for the child.
  [[nodiscard]] MutableBytes Writable() const { return bytes_; }
  // The descriptor for the child; this object closes it.
  [[nodiscard]] int ForChild() const { return readable_.Get(); }

 private:
  SharedMemory(MutableBytes bytes, Descriptor readable) : bytes_(bytes), readable_(std::move(readable)) {}

  MutableBytes bytes_;
  Descriptor readable_;
};

// The child's side: what lies under kSharedMemoryDescriptor, which is closed, for the rest of this process.
// kUnavailable when it is not memory of this size.
[[nodiscard]] Result<Bytes> MapSharedMemory(std::size_t size_bytes);

}  // namespace holdfast::sandbox
