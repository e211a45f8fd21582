// Listing is a best-first walk: what waits is ordered by the smallest key that it can hold. A folder waits under the
// beginning that its keys share, a file under its key. Whatever comes out next as a file is the smallest key that is
// left, since all that a folder can give is not smaller than the folder's beginning. Folders out of the wanted range
// are not opened, so that a page costs the folders it touches.

#include "blob/filesystem/listing.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <queue>

#include "base/format.h"

namespace holdfast::blob {
namespace {

struct Waiting {
  std::string key;  // of a file; of a folder, the beginning of its keys
  std::filesystem::path path;
  bool is_file;
};
struct Later {
  bool operator()(const Waiting& a, const Waiting& b) const { return a.key > b.key; }
};
using Queue = std::priority_queue<Waiting, std::vector<Waiting>, Later>;

// Can a key that begins so be in the range?
bool MayHoldKeys(std::string_view beginning, std::string_view prefix, std::string_view after) {
  const std::size_t common = std::min(beginning.size(), prefix.size());
  if (beginning.substr(0, common) != prefix.substr(0, common)) return false;
  return after.starts_with(beginning) || beginning > after;
}

Result<void> Expand(const Waiting& folder, std::string_view prefix, std::string_view after, Queue& queue) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(folder.path.c_str()), &closedir);
  if (directory == nullptr && (errno == ENOENT || errno == ENOTDIR)) return {};  // gone, or no folder of ours
  if (directory == nullptr)
    return Fail(ErrorKind::kUnavailable, Format("{}: {}", folder.path.string(), std::strerror(errno)));
  while (const dirent* entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    const bool is_file = name.ends_with(kFileMark);
    const bool continued = name.ends_with(kContinuedMark);
    std::string key = folder.key;
    key += name.substr(0, name.size() - (is_file || continued ? 1 : 0));
    if (!is_file && !continued) key += '/';
    if (is_file ? key > after && key.starts_with(prefix) : MayHoldKeys(key, prefix, after))
      queue.push({std::move(key), folder.path / name, is_file});
  }
  return {};
}

}  // namespace

std::filesystem::path PathOfKey(std::string_view key) {
  std::string path;
  while (true) {
    const std::size_t slash = key.find('/');
    std::string_view segment = key.substr(0, slash);
    for (; segment.size() > kSegmentBytesMax; segment.remove_prefix(kSegmentBytesMax)) {
      path += segment.substr(0, kSegmentBytesMax);
      path += kContinuedMark;
      path += '/';
    }
    path += segment;
    if (slash == std::string_view::npos) return path + kFileMark;
    path += '/';
    key.remove_prefix(slash + 1);
  }
}

Result<std::vector<ObjectInfo>> ListFolder(const std::filesystem::path& objects, std::string_view prefix,
                                           std::string_view after, std::size_t count_max) {
  std::vector<ObjectInfo> infos;
  Queue queue;
  queue.push({"", objects, false});
  while (!queue.empty() && infos.size() < count_max) {
    Waiting next = queue.top();
    queue.pop();
    if (!next.is_file) {
      HF_CHECK_OK(Expand(next, prefix, after, queue));
      continue;
    }
    struct stat status{};
    if (lstat(next.path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;  // deleted in the meantime
    infos.push_back({std::move(next.key), static_cast<std::uint64_t>(status.st_size),
                     std::int64_t{status.st_mtim.tv_sec} * 1000 + status.st_mtim.tv_nsec / 1'000'000});
  }
  return infos;
}

}  // namespace holdfast::blob
