#include "blob/filesystem/filesystem_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <mutex>
#include <set>
#include <utility>

#include "base/descriptor.h"
#include "base/format.h"
#include "blob/filesystem/listing.h"
#include "crypto/random.h"
#include "io/file.h"

namespace holdfast::blob {
namespace {

constexpr std::size_t kFlushedFoldersMax = 100'000;
constexpr int kTemporaryTries = 8;

std::unexpected<Error> SystemError(const std::filesystem::path& path, int error) {
  const ErrorKind kind =
      error == EACCES || error == EPERM || error == EROFS ? ErrorKind::kDenied : ErrorKind::kUnavailable;
  return Fail(kind, Format("{}: {}", path.string(), std::strerror(error)));
}

Result<void> FlushFolder(const std::filesystem::path& folder) {
  const Descriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.Get() < 0 || fsync(descriptor.Get()) != 0) return SystemError(folder, errno);
  return {};
}

Result<void> MakeFolder(const std::filesystem::path& folder) {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return SystemError(folder, errno);
  return {};
}

// A file that is written and locked; removed unless it was renamed. The lock tells cleaners that its writer lives.
class TemporaryFile {
 public:
  static Result<std::unique_ptr<TemporaryFile>> Create(const std::filesystem::path& folder) {
    for (int i = 0; i < kTemporaryTries; ++i) {
      std::filesystem::path path = folder / crypto::Uuid4();
      Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
      if (file.Get() < 0) return SystemError(path, errno);
      struct stat status{};
      if (flock(file.Get(), LOCK_EX) != 0 || fstat(file.Get(), &status) != 0) return SystemError(path, errno);
      // A cleaner may have come before the lock; then it is gone.
      if (status.st_nlink > 0) return std::make_unique<TemporaryFile>(std::move(path), std::move(file));
    }
    return Fail(ErrorKind::kUnavailable, Format("{}: temporary files vanish", folder.string()));
  }

  TemporaryFile(std::filesystem::path path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  ~TemporaryFile() {
    if (!renamed_) unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  Result<void> Fill(io::ByteSource& value) {
    io::DescriptorSink sink(file_.Get());
    while (true) {
      HF_TRY(const Bytes view, value.Next());
      if (view.empty()) break;
      HF_CHECK_OK(sink.Write(view));
    }
    if (fsync(file_.Get()) != 0) return SystemError(path_, errno);
    return {};
  }

  Result<void> RenameTo(const std::filesystem::path& target) {
    if (rename(path_.c_str(), target.c_str()) != 0) return SystemError(target, errno);
    renamed_ = true;
    return {};
  }

 private:
  std::filesystem::path path_;
  Descriptor file_;
  bool renamed_ = false;
};

// Removes the files that nobody holds a lock on, and that were written last before `before_ms`; how many.
Result<std::uint64_t> RemoveUnlocked(const std::filesystem::path& folder, std::int64_t before_ms) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(folder.c_str()), &closedir);
  if (directory == nullptr) return SystemError(folder, errno);
  std::uint64_t removed = 0;
  while (const dirent* entry = readdir(directory.get())) {
    const std::filesystem::path path = folder / entry->d_name;
    const Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status{};
    if (file.Get() < 0 || fstat(file.Get(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (std::int64_t{status.st_mtim.tv_sec} * 1000 >= before_ms) continue;
    if (flock(file.Get(), LOCK_EX | LOCK_NB) == 0 && unlink(path.c_str()) == 0) ++removed;
  }
  return removed;
}

class FilesystemStore final : public ObjectStore {
 public:
  explicit FilesystemStore(const std::filesystem::path& folder)
      : objects_(folder / "objects"), temporary_(folder / "temporary") {}

  Result<void> Open(const std::filesystem::path& folder) {
    HF_CHECK_OK(MakeFolder(folder));
    HF_CHECK_OK(MakeFolder(objects_));
    HF_CHECK_OK(MakeFolder(temporary_));
    HF_CHECK_OK(FlushFolder(folder));
    HF_CHECK_OK(RemoveUnlocked(temporary_, std::numeric_limits<std::int64_t>::max()));
    return {};
  }

  Result<void> Put(std::string_view key, io::ByteSource& value) override {
    HF_CHECK_OK(CheckKey(key));
    HF_TRY(const auto file, TemporaryFile::Create(temporary_));
    HF_CHECK_OK(file->Fill(value));
    const std::filesystem::path relative = PathOfKey(key);
    HF_CHECK_OK(MakeFolders(relative.parent_path()));
    const std::filesystem::path target = objects_ / relative;
    if (!file->RenameTo(target)) {
      // Somebody tidied up an empty folder.
      Forget(relative.parent_path());
      HF_CHECK_OK(MakeFolders(relative.parent_path()));
      HF_CHECK_OK(file->RenameTo(target));
    }
    return FlushFolder(target.parent_path());
  }

  Result<std::unique_ptr<io::ByteSource>> Get(std::string_view key) override {
    HF_CHECK_OK(CheckKey(key));
    auto source = io::OpenFile(objects_ / PathOfKey(key));
    if (!source && source.error().Kind() == ErrorKind::kNotFound)
      return Fail(ErrorKind::kNotFound, Format("object {}: not there", key));
    return source;
  }

  Result<void> Delete(std::string_view key) override {
    HF_CHECK_OK(CheckKey(key));
    const std::filesystem::path path = objects_ / PathOfKey(key);
    if (unlink(path.c_str()) == 0) return FlushFolder(path.parent_path());
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return SystemError(path, errno);
  }

  Result<bool> Exists(std::string_view key) override {
    HF_CHECK_OK(CheckKey(key));
    const std::filesystem::path path = objects_ / PathOfKey(key);
    struct stat status{};
    if (stat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return SystemError(path, errno);
  }

  Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view after,
                                       std::size_t count_max) override {
    HF_CHECK_OK(CheckKeyPrefix(prefix));
    HF_CHECK_OK(CheckKeyPrefix(after));
    return ListFolder(objects_, prefix, after, count_max);
  }

  Result<std::uint64_t> RemoveAbandoned(std::int64_t before_ms) override {
    return RemoveUnlocked(temporary_, before_ms);
  }

 private:
  // Each folder of the path, made and flushed into the one that it is in; once for each in this process.
  Result<void> MakeFolders(const std::filesystem::path& relative) {
    {
      const std::lock_guard lock(mutex_);
      if (flushed_.contains(relative)) return {};
    }
    std::filesystem::path folder = objects_;
    for (const std::filesystem::path& part : relative) {
      const std::filesystem::path parent = folder;
      folder /= part;
      HF_CHECK_OK(MakeFolder(folder));
      HF_CHECK_OK(FlushFolder(parent));
    }
    const std::lock_guard lock(mutex_);
    if (flushed_.size() >= kFlushedFoldersMax) flushed_.clear();
    flushed_.insert(relative);
    return {};
  }

  void Forget(const std::filesystem::path& relative) {
    const std::lock_guard lock(mutex_);
    flushed_.erase(relative);
  }

  std::filesystem::path objects_, temporary_;
  std::mutex mutex_;
  std::set<std::filesystem::path> flushed_;
};

}  // namespace

Result<std::unique_ptr<ObjectStore>> OpenFilesystemStore(const std::filesystem::path& folder) {
  auto store = std::make_unique<FilesystemStore>(folder);
  HF_CHECK_OK(store->Open(folder));
  return store;
}

}  // namespace holdfast::blob
