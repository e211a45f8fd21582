// The file appears by link(2), which does not replace, or by rename(2), which does.

#include "crypto/internal/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "base/format.h"

namespace holdfast::crypto::internal {
namespace {

constexpr std::size_t kFileBytesMax = 16 * 1024;

std::unexpected<Error> SystemError(const std::filesystem::path& path, int error) {
  const ErrorKind kind = error == ENOENT || error == ENOTDIR                   ? ErrorKind::kNotFound
                         : error == EACCES || error == EPERM || error == EROFS ? ErrorKind::kDenied
                                                                               : ErrorKind::kUnavailable;
  return Fail(kind, Format("key file {}: {}", path.string(), std::strerror(error)));
}

Result<void> CheckPermissions(const std::filesystem::path& path, int descriptor) {
  struct stat status{};
  if (fstat(descriptor, &status) != 0) return SystemError(path, errno);
  if (!S_ISREG(status.st_mode))
    return Fail(ErrorKind::kDenied, Format("key file {}: not a regular file", path.string()));
  if ((status.st_mode & 077U) != 0)
    return Fail(ErrorKind::kDenied, Format("key file {}: mode {:04o} lets others read or write it; chmod 600",
                                           path.string(), static_cast<unsigned>(status.st_mode & 07777U)));
  if (status.st_uid != geteuid() && status.st_uid != 0)
    return Fail(ErrorKind::kDenied, Format("key file {}: it belongs to user {}", path.string(), status.st_uid));
  return {};
}

Result<void> WriteAll(const std::filesystem::path& path, int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(path, errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (fsync(descriptor) != 0) return SystemError(path, errno);
  return {};
}

Result<void> SyncFolder(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const Descriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.Get() < 0 || fsync(descriptor.Get()) != 0) return SystemError(folder, errno);
  return {};
}

}  // namespace

Result<std::optional<std::string>> ReadPrivateFile(const std::filesystem::path& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.Get() < 0 && errno == ENOENT) return std::nullopt;
  if (file.Get() < 0) return SystemError(path, errno);
  HF_CHECK_OK(CheckPermissions(path, file.Get()));
  std::string text(kFileBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(file.Get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > kFileBytesMax) return Fail(ErrorKind::kCorrupt, Format("key file {}: too long", path.string()));
  text.resize(size);
  return text;
}

Result<void> InstallPrivateFile(const std::filesystem::path& path, std::string_view text, bool replace) {
  std::string temporary = path.string() + ".XXXXXX";
  const Descriptor file(mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
  if (file.Get() < 0) return SystemError(path, errno);
  auto done = WriteAll(path, file.Get(), text);
  if (done && replace && rename(temporary.c_str(), path.c_str()) != 0) done = SystemError(path, errno);
  if (done && !replace && link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST)
    done = SystemError(path, errno);
  if (!done || !replace) unlink(temporary.c_str());
  if (!done) return done;
  return SyncFolder(path);
}

}  // namespace holdfast::crypto::internal
