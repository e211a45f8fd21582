#include "sandbox/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/descriptor.h"
#include "base/format.h"

namespace holdfast::sandbox {
namespace {

constexpr unsigned kNoExecSeal = 8;  // MFD_NOEXEC_SEAL of linux/memfd.h since 6.3

std::unexpected<Error> Refused(std::string_view what) {
  return Fail(ErrorKind::kUnavailable,
              Format("cannot share memory with the worker process: {}: {}", what, std::strerror(errno)));
}

int MakeMemoryFile() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  // Some systems want it said that nothing is to be executed; older kernels do not know the word.
  const int descriptor = memfd_create("holdfast", kFlags | kNoExecSeal);
  return descriptor < 0 && errno == EINVAL ? memfd_create("holdfast", kFlags) : descriptor;
}

// Its pages exist from now on: a lack of memory is an error here, not SIGBUS later.
bool Allocate(int descriptor, std::size_t size_bytes) {
  int result = -1;
  do {
    result = fallocate(descriptor, 0, 0, static_cast<off_t>(size_bytes));
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

// The same file for reading only. Not 0, 1 or 2, which the child gets anew.
int OpenForReading(int descriptor) {
  const Descriptor readable(open(Format("/proc/self/fd/{}", descriptor).c_str(), O_RDONLY | O_CLOEXEC));
  return readable.Get() < 0 ? -1 : fcntl(readable.Get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

}  // namespace

Result<std::unique_ptr<SharedMemory>> SharedMemory::Make(std::size_t size_bytes) {
  const Descriptor file(MakeMemoryFile());
  if (file.Get() < 0) return Refused("memfd_create");
  if (!Allocate(file.Get(), size_bytes)) return Refused("fallocate");
  if (fcntl(file.Get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return Refused("sealing it");
  Descriptor readable(OpenForReading(file.Get()));
  if (readable.Get() < 0) return Refused("opening it for reading");
  void* const memory = mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.Get(), 0);
  if (memory == MAP_FAILED) return Refused("mmap");
  return std::unique_ptr<SharedMemory>(
      new SharedMemory(MutableBytes(static_cast<std::uint8_t*>(memory), size_bytes), std::move(readable)));
}

SharedMemory::~SharedMemory() { munmap(bytes_.data(), bytes_.size()); }

Result<Bytes> MapSharedMemory(std::size_t size_bytes) {
  const Descriptor file(kSharedMemoryDescriptor);
  struct stat status{};
  if (fstat(file.Get(), &status) != 0) return Refused("fstat");
  if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) != size_bytes)
    return Fail(ErrorKind::kUnavailable, "the memory shared with the worker process has another size");
  void* const memory = mmap(nullptr, size_bytes, PROT_READ, MAP_SHARED, file.Get(), 0);
  if (memory == MAP_FAILED) return Refused("mmap");
  return Bytes(static_cast<const std::uint8_t*>(memory), size_bytes);
}

}  // namespace holdfast::sandbox
