#include "sandbox/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/format.h"

namespace holdfast::sandbox {
namespace {

constexpr unsigned kNoExecSeal = 8;  // MFD_NOEXEC_SEAL of linux/memfd.h since 6.3

class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int number) : number_(number) {}
  ~OwnedDescriptor() {
    if (number_ >= 0) close(number_);
  }
  OwnedDescriptor(const OwnedDescriptor&) = delete;
  OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;
  [[nodiscard]] int Number() const { return number_; }

 private:
  int number_;
};

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
  const OwnedDescriptor readable(open(Format("/proc/self/fd/{}", descriptor).c_str(), O_RDONLY | O_CLOEXEC));
  return readable.Number() < 0 ? -1 : fcntl(readable.Number(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

}  // namespace

Result<std::unique_ptr<SharedMemory>> SharedMemory::Make(std::size_t size_bytes) {
  const OwnedDescriptor file(MakeMemoryFile());
  if (file.Number() < 0) return Refused("memfd_create");
  if (!Allocate(file.Number(), size_bytes)) return Refused("fallocate");
  if (fcntl(file.Number(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return Refused("sealing it");
  const int readable = OpenForReading(file.Number());
  if (readable < 0) return Refused("opening it for reading");
  void* const memory = mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.Number(), 0);
  if (memory == MAP_FAILED) {
    const auto refused = Refused("mmap");
    close(readable);
    return refused;
  }
  return std::unique_ptr<SharedMemory>(
      new SharedMemory(MutableBytes(static_cast<std::uint8_t*>(memory), size_bytes), readable));
}

SharedMemory::~SharedMemory() {
  munmap(bytes_.data(), bytes_.size());
  close(descriptor_);
}

Result<Bytes> MapSharedMemory(std::size_t size_bytes) {
  const OwnedDescriptor file(kSharedMemoryDescriptor);
  struct stat status{};
  if (fstat(file.Number(), &status) != 0) return Refused("fstat");
  if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) != size_bytes)
    return Fail(ErrorKind::kUnavailable, "the memory shared with the worker process has another size");
  void* const memory = mmap(nullptr, size_bytes, PROT_READ, MAP_SHARED, file.Number(), 0);
  if (memory == MAP_FAILED) return Refused("mmap");
  return Bytes(static_cast<const std::uint8_t*>(memory), size_bytes);
}

}  // namespace holdfast::sandbox
