#include "io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "base/format.h"

namespace holdfast::io {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

std::unexpected<Error> SystemError(const std::filesystem::path& path, int error) {
  const ErrorKind kind = error == ENOENT || error == ENOTDIR                   ? ErrorKind::kNotFound
                         : error == EACCES || error == EPERM || error == EROFS ? ErrorKind::kDenied
                                                                               : ErrorKind::kUnavailable;
  return Fail(kind, Format("{}: {}", path.string(), std::strerror(error)));
}

// Closes its descriptor.
class FileSource final : public ByteSource {
 public:
  FileSource(int descriptor, const Deadline& deadline) : descriptor_(descriptor), source_(descriptor, deadline) {}
  ~FileSource() override { close(descriptor_); }
  Result<Bytes> Next(std::size_t max) override { return source_.Next(max); }

 private:
  int descriptor_;
  DescriptorSource source_;
};

class RandomFile final : public RandomSource {
 public:
  RandomFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  ~RandomFile() override { close(descriptor_); }
  std::uint64_t Size() const override { return size_; }
  Result<void> ReadAt(std::uint64_t offset, MutableBytes into) const override {
    while (!into.empty()) {
      const ssize_t count = pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return Fail(ErrorKind::kUnavailable, Format("read: {}", std::strerror(errno)));
      if (count == 0) return Fail(ErrorKind::kCorrupt, "points outside of the file");
      into = into.subspan(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
    return {};
  }

 private:
  int descriptor_;
  std::uint64_t size_;
};

class RangeSource final : public ByteSource {
 public:
  RangeSource(const RandomSource& file, std::uint64_t offset, std::uint64_t size)
      : file_(file),
        offset_(offset),
        left_(size),
        buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kBufferBytes)) {}
  Result<Bytes> Next(std::size_t max) override {
    if (rest_.empty() && left_ > 0) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kBufferBytes));
      HF_CHECK_OK(file_.ReadAt(offset_, {buffer_.get(), size}));
      rest_ = Bytes(buffer_.get(), size);
      offset_ += size;
      left_ -= size;
    }
    const Bytes view = rest_.first(std::min(max, rest_.size()));
    rest_ = rest_.subspan(view.size());
    return view;
  }

 private:
  const RandomSource& file_;
  std::uint64_t offset_, left_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  Bytes rest_;
};

Result<void> WriteAll(int descriptor, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Fail(ErrorKind::kUnavailable, Format("write: {}", std::strerror(errno)));
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

DescriptorSource::DescriptorSource(int descriptor, const Deadline& deadline)
    : descriptor_(descriptor),
      deadline_(deadline),
      buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kBufferBytes)) {}
DescriptorSource::~DescriptorSource() = default;

Result<Bytes> DescriptorSource::Next(std::size_t max) {
  while (rest_.empty()) {
    // A named pipe that had no writer yet reads as ended; waiting knows the difference.
    HF_CHECK_OK(deadline_.AwaitReadable(descriptor_));
    const ssize_t count = read(descriptor_, buffer_.get(), kBufferBytes);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return Fail(ErrorKind::kUnavailable, Format("read: {}", std::strerror(errno)));
    if (count == 0) return Bytes{};
    rest_ = Bytes(buffer_.get(), static_cast<std::size_t>(count));
  }
  const Bytes view = rest_.first(std::min(max, rest_.size()));
  rest_ = rest_.subspan(view.size());
  return view;
}

Result<std::unique_ptr<ByteSource>> OpenFile(const std::filesystem::path& path, const Deadline& deadline) {
  // Not blocking: opening a named pipe would wait for its writer, whatever the deadline.
  const int descriptor = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return SystemError(path, errno);
  posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::make_unique<FileSource>(descriptor, deadline);
}

Result<std::unique_ptr<RandomSource>> OpenRandomFile(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return SystemError(path, errno);
  struct stat status{};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor);
    return Fail(ErrorKind::kInvalidInput, Format("{}: not a regular file", path.string()));
  }
  return std::make_unique<RandomFile>(descriptor, static_cast<std::uint64_t>(status.st_size));
}

std::unique_ptr<ByteSource> ReadFrom(const RandomSource& file, std::uint64_t offset, std::uint64_t size) {
  return std::make_unique<RangeSource>(file, offset, size);
}

Result<void> DescriptorSink::Write(Bytes bytes) { return WriteAll(descriptor_, bytes); }

Result<std::unique_ptr<FileWriter>> FileWriter::Create(const std::filesystem::path& name) {
  std::error_code ignored;
  std::filesystem::path path = name;
  if (std::filesystem::is_symlink(name, ignored)) path = std::filesystem::weakly_canonical(name, ignored);
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) {
    const int existing = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (existing < 0) return SystemError(path, errno);
    return std::unique_ptr<FileWriter>(new FileWriter(path, {}, existing));
  }
  std::string temporary = path.string() + ".XXXXXX";
  const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return SystemError(path, errno);
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(descriptor, 0666 & ~mask);
  return std::unique_ptr<FileWriter>(new FileWriter(path, temporary, descriptor));
}

FileWriter::~FileWriter() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Result<void> FileWriter::Write(Bytes bytes) {
  auto written = WriteAll(descriptor_, bytes);
  if (!written) return std::unexpected(std::move(written).error().In(path_.string()));
  return {};
}

Result<void> FileWriter::Commit() {
  if (!temporary_.empty() && (fsync(descriptor_) != 0 || rename(temporary_.c_str(), path_.c_str()) != 0))
    return SystemError(path_, errno);
  close(descriptor_);
  descriptor_ = -1;
  return {};
}

Result<std::unique_ptr<TemporaryFile>> TemporaryFile::Create() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error) return Fail(ErrorKind::kUnavailable, Format("folder for temporary files: {}", error.message()));
  std::string path = (folder / "holdfast.XXXXXX").string();
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return SystemError(path, errno);
  return std::unique_ptr<TemporaryFile>(new TemporaryFile(path, descriptor));
}

TemporaryFile::~TemporaryFile() {
  close(descriptor_);
  unlink(path_.c_str());
}

Result<void> TemporaryFile::Write(Bytes bytes) {
  auto written = WriteAll(descriptor_, bytes);
  if (!written) return std::unexpected(std::move(written).error().In(path_.string()));
  return {};
}

}  // namespace holdfast::io
