// Everything is opened relative to the folder above it and without following links, so that a tree that
// changes while it is read cannot lead out of itself.

#include "image/directory_tar.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <utility>

#include "base/format.h"
#include "image/tar_header.h"

namespace holdfast::image {
namespace {

constexpr std::size_t kFolderDepthMax = 200;  // each holds a descriptor
constexpr std::size_t kProblemsMax = 10'000;

// The magic numbers of statfs(2) whose files are not content.
bool IsPseudoFileSystem(int descriptor) {
  constexpr std::array<std::uint32_t, 18> kMagic = {
      0x9fa0,      // proc
      0x62656572,  // sysfs
      0x27e0eb,    // cgroup
      0x63677270,  // cgroup2
      0x64626720,  // debugfs
      0x74726163,  // tracefs
      0x73636673,  // securityfs
      0xcafe4a11,  // bpf
      0x1cd1,      // devpts
      0x19800202,  // mqueue
      0x6165676c,  // pstore
      0x62656570,  // configfs
      0x42494e4d,  // binfmt_misc
      0x65735543,  // fusectl
      0xde5e81e4,  // efivarfs
      0x958458f6,  // hugetlbfs
      0x0187,      // autofs: looking inside would mount
      0xf97cff8c,  // selinuxfs
  };
  struct statfs status{};
  if (fstatfs(descriptor, &status) != 0) return false;
  return std::ranges::find(kMagic, static_cast<std::uint32_t>(status.f_type)) != kMagic.end();
}

ErrorKind KindOf(int error) {
  if (error == ENOENT || error == ENOTDIR) return ErrorKind::kNotFound;
  if (error == EACCES || error == EPERM) return ErrorKind::kDenied;
  return ErrorKind::kUnavailable;
}

io::TarType TypeOf(mode_t mode) {
  if (S_ISDIR(mode)) return io::TarType::kDirectory;
  if (S_ISLNK(mode)) return io::TarType::kSymlink;
  if (S_ISCHR(mode)) return io::TarType::kCharDevice;
  if (S_ISBLK(mode)) return io::TarType::kBlockDevice;
  if (S_ISFIFO(mode)) return io::TarType::kFifo;
  return io::TarType::kRegular;
}

std::vector<std::string> NamesIn(int descriptor) {
  std::vector<std::string> names;
  // The stream closes its own descriptor.
  DIR* stream = fdopendir(dup(descriptor));
  if (stream == nullptr) return names;
  while (const dirent* entry = readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(stream);
  std::ranges::sort(names, std::greater<>{});
  return names;
}

}  // namespace

DirectoryTar::~DirectoryTar() {
  if (file_ >= 0) close(file_);
  for (const Folder& folder : open_) close(folder.descriptor);
}

void DirectoryTar::Report(const std::string& path, ErrorKind kind, std::string message) {
  if (problems_.size() < kProblemsMax) problems_.push_back({path, kind, std::move(message)});
}

void DirectoryTar::ReportErrno(const std::string& path, int error) {
  Report(path, KindOf(error), Format("cannot be read: {}", std::strerror(error)));
}

bool DirectoryTar::IsExcluded(std::string_view path) const {
  return std::ranges::any_of(options_.excludes,
                             [&](const std::string& pattern) { return ExcludeMatches(pattern, path); });
}

Result<void> DirectoryTar::BeginFolder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return Fail(KindOf(errno), Format("{}: {}", folder.string(), std::strerror(errno)));
  struct stat status{};
  if (fstat(descriptor, &status) != 0) status.st_dev = 0;
  open_.push_back({descriptor, status.st_dev, "", NamesIn(descriptor)});
  return {};
}

Result<void> DirectoryTar::BeginFile(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return Fail(KindOf(errno), Format("{}: {}", file.string(), std::strerror(errno)));
  struct stat status{};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor);
    return Fail(ErrorKind::kInvalidInput, Format("{}: not a regular file", file.string()));
  }
  TakeFile(descriptor, file.filename().string(), status);
  return {};
}

void DirectoryTar::PutHeader(const std::string& path, const struct stat& status, std::string link_target,
                             std::uint64_t size_bytes) {
  io::TarEntry entry{.path = path, .link_target = std::move(link_target), .type = TypeOf(status.st_mode)};
  entry.mode = status.st_mode & 07777U;
  entry.uid = status.st_uid;
  entry.gid = status.st_gid;
  entry.size = size_bytes;
  entry.mtime = status.st_mtime;
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
    entry.device_major = major(status.st_rdev);
    entry.device_minor = minor(status.st_rdev);
  }
  pending_ += TarHeader(entry);
}

void DirectoryTar::TakeFile(int descriptor, const std::string& path, const struct stat& status) {
  file_ = descriptor;
  file_path_ = path;
  file_size_ = file_left_ = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
  file_short_ = false;
  PutHeader(path, status, "", file_size_);
}

void DirectoryTar::TakeFolder(const Folder& parent, const std::string& name, const std::string& path) {
  const dev_t parent_device = parent.device;
  const int descriptor = openat(parent.descriptor, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return ReportErrno(path, errno);
  struct stat status{};
  const bool known = fstat(descriptor, &status) == 0;
  if (!known || (status.st_dev != parent_device && IsPseudoFileSystem(descriptor))) {
    close(descriptor);
    return;
  }
  if (open_.size() >= kFolderDepthMax) {
    close(descriptor);
    return Report(path, ErrorKind::kLimit, Format("more than {} folders in each other", kFolderDepthMax));
  }
  open_.push_back({descriptor, status.st_dev, path + "/", NamesIn(descriptor)});
}

void DirectoryTar::TakeEntry(const Folder& folder, const std::string& name) {
  const std::string path = folder.path + name;
  if (IsExcluded(path)) return;
  if (path.size() > options_.limits.path_bytes_max)
    return Report(path.substr(0, 256), ErrorKind::kLimit, "the path is too long");
  struct stat status{};
  if (fstatat(folder.descriptor, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return ReportErrno(path, errno);
  if (S_ISSOCK(status.st_mode)) return;
  if (S_ISLNK(status.st_mode)) {
    std::string target(4096, '\0');
    const ssize_t size = readlinkat(folder.descriptor, name.c_str(), target.data(), target.size());
    if (size < 0) return ReportErrno(path, errno);
    target.resize(static_cast<std::size_t>(size));
    return PutHeader(path, status, std::move(target), 0);
  }
  if (S_ISDIR(status.st_mode)) {
    PutHeader(path + "/", status, "", 0);
    return TakeFolder(folder, name, path);
  }
  if (!S_ISREG(status.st_mode)) return PutHeader(path, status, "", 0);
  // Not blocking: it may have become a pipe since.
  const int descriptor = openat(folder.descriptor, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) {
    ReportErrno(path, errno);
    return PutHeader(path, status, "", 0);
  }
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) return TakeFile(descriptor, path, status);
  close(descriptor);
  Report(path, ErrorKind::kUnavailable, "changed while it was read");
}

// One step: content of the open file, its end, the next entry, or the end of all.
Result<void> DirectoryTar::Advance() {
  pending_.clear();
  pending_at_ = 0;
  if (file_ >= 0) {
    ReadContent();
    return {};
  }
  if (open_.empty()) {
    pending_ = TarEnd();
    ended_ = true;
    return {};
  }
  if (open_.back().names.empty()) {
    close(open_.back().descriptor);
    open_.pop_back();
    return {};
  }
  const std::string name = std::move(open_.back().names.back());
  open_.back().names.pop_back();
  // A copy of what is needed: taking a folder grows open_.
  const Folder here{open_.back().descriptor, open_.back().device, open_.back().path, {}};
  TakeEntry(here, name);
  return {};
}

void DirectoryTar::ReadContent() {
  if (file_left_ > 0) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(file_left_, buffer_.size()));
    ssize_t count = 0;
    if (!file_short_) {
      do count = read(file_, buffer_.data(), want);
      while (count < 0 && errno == EINTR);
    }
    if (count <= 0 && !file_short_) {
      // The header has promised more: zeros keep the tar whole.
      Report(file_path_, ErrorKind::kCorrupt,
             count < 0 ? Format("cannot be read: {}", std::strerror(errno)) : "shrank while it was read");
      file_short_ = true;
    }
    if (file_short_) {
      std::fill_n(buffer_.begin(), want, std::uint8_t{0});
      count = static_cast<ssize_t>(want);
    }
    content_ = Bytes(buffer_).first(static_cast<std::size_t>(count));
    file_left_ -= static_cast<std::uint64_t>(count);
    return;
  }
  std::uint8_t more = 0;
  if (!file_short_ && read(file_, &more, 1) == 1) Report(file_path_, ErrorKind::kCorrupt, "grew while it was read");
  close(file_);
  file_ = -1;
  pending_.assign(TarPadding(file_size_), '\0');
}

Result<Bytes> DirectoryTar::Next(std::size_t max) {
  while (true) {
    if (pending_at_ < pending_.size()) {
      const std::string_view view = std::string_view(pending_).substr(pending_at_, max);
      pending_at_ += view.size();
      return AsBytes(view);
    }
    if (!content_.empty()) {
      const Bytes view = content_.first(std::min(max, content_.size()));
      content_ = content_.subspan(view.size());
      return view;
    }
    if (ended_) return Bytes{};
    HF_CHECK_OK(Advance());
  }
}

}  // namespace holdfast::image
