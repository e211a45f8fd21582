// The key file of a Sealer. It appears by link(2), which does not replace: of several processes that start at once one
// makes the file, and the others load what it made.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/descriptor.h"
#include "base/format.h"
#include "crypto/internal/sodium.h"
#include "crypto/random.h"
#include "crypto/seal.h"

namespace holdfast::crypto {
namespace {

constexpr std::size_t kFileBytesMax = 16 * 1024;
constexpr std::string_view kComment =
    "# Keys that seal stored secrets; the last one seals, all of them open. Keep a copy: without it they are lost.\n";

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

// The text, which the caller wipes; nothing when there is no file.
Result<std::optional<std::string>> ReadKeyFile(const std::filesystem::path& path) {
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

Result<Sealer> ParseKeyFile(const std::filesystem::path& path, std::string_view text) {
  std::vector<Secret> keys;
  for (std::size_t line = 1; !text.empty(); ++line) {
    std::string_view rest = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), rest.size() + 1));
    while (rest.ends_with('\r') || rest.ends_with(' ')) rest.remove_suffix(1);
    if (rest.empty() || rest.starts_with('#')) continue;
    std::string bytes;
    if (!internal::DecodeUrlBase64(rest, bytes) || bytes.size() != Sealer::kKeyBytes) {
      WipeText(bytes);
      return Fail(ErrorKind::kCorrupt, Format("key file {}: line {} is not a key", path.string(), line));
    }
    keys.push_back(Secret::Take(bytes));
  }
  auto sealer = Sealer::FromKeys(keys);
  if (!sealer) return Fail(ErrorKind::kCorrupt, Format("key file {}: {}", path.string(), sealer.error().Message()));
  return sealer;
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

// Writes `text` under a temporary name and gives it its own: replacing what is there, or only when nothing is (and
// then succeeds too when something is).
Result<void> Install(const std::filesystem::path& path, std::string_view text, bool replace) {
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

}  // namespace

Result<Sealer> LoadOrCreateKeyFile(const std::filesystem::path& path) {
  HF_TRY(auto text, ReadKeyFile(path));
  if (!text) {
    std::string fresh(kComment);
    fresh += RandomToken(Sealer::kKeyBytes).Reveal();
    fresh += '\n';
    const auto done = Install(path, fresh, false);
    WipeText(fresh);
    if (!done) return std::unexpected(done.error());
    HF_TRY(text, ReadKeyFile(path));
    if (!text) return Fail(ErrorKind::kUnavailable, Format("key file {}: gone again", path.string()));
  }
  auto sealer = ParseKeyFile(path, *text);
  WipeText(*text);
  return sealer;
}

Result<void> AddKeyToFile(const std::filesystem::path& path) {
  HF_TRY(auto text, ReadKeyFile(path));
  if (!text) return Fail(ErrorKind::kNotFound, Format("key file {}: not there", path.string()));
  const Secret before = Secret::Take(*text);
  HF_TRY([[maybe_unused]] const Sealer checked, ParseKeyFile(path, before.Reveal()));
  std::string after(before.Reveal());
  if (!after.ends_with('\n')) after += '\n';
  after += RandomToken(Sealer::kKeyBytes).Reveal();
  after += '\n';
  auto done = Install(path, after, true);
  WipeText(after);
  return done;
}

}  // namespace holdfast::crypto
