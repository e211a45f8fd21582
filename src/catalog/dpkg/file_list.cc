#include "catalog/dpkg/file_list.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <unordered_set>

#include "base/limits.h"
#include "catalog/control_text.h"

namespace holdfast::catalog {
namespace {

constexpr std::size_t kMd5Digits = 32;
// What is longer or deeper is no path of an installed file; a line of slashes must not cost the square of its length.
constexpr std::size_t kPathBytesMax = Limits{}.path_bytes_max;
constexpr int kFoldersAboveMax = 64;

std::string_view WithoutRoot(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

bool IsMd5(std::string_view text) { return text.size() == kMd5Digits && IsHex(text); }

// Calls `each(path, digest)` for every well-formed line of an md5sums file.
template <typename Each>
void ForEachSum(std::string_view md5sums, Each each) {
  while (!md5sums.empty()) {
    const std::string_view line = TakeLine(md5sums);
    if (line.size() < kMd5Digits + 2 || !IsMd5(line.substr(0, kMd5Digits)) || line[kMd5Digits] != ' ') continue;
    // The second blank is '*' for "binary" in md5sum(1).
    each(WithoutRoot(line.substr(kMd5Digits + 2)), line.substr(0, kMd5Digits));
  }
}

// The same for a Conffiles field; a digest may be "newconffile".
template <typename Each>
void ForEachConffile(std::string_view field, Each each) {
  while (!field.empty()) {
    std::string_view line = Trim(TakeLine(field));
    for (const std::string_view flag : {" remove-on-upgrade", " obsolete"})
      if (line.ends_with(flag)) line.remove_suffix(flag.size());
    const std::size_t blank = line.rfind(' ');
    if (blank == std::string_view::npos || !line.starts_with('/')) continue;
    const std::string_view digest = line.substr(blank + 1);
    each(WithoutRoot(line.substr(0, blank)), IsMd5(digest) ? digest : std::string_view());
  }
}

class Collector {
 public:
  Collector(std::string_view root, std::size_t files_max) : root_(root), files_max_(files_max) {}

  void Reserve(std::size_t count) { files_.reserve(std::min(count, files_max_)); }
  bool Full() const { return files_.size() >= files_max_; }

  void Add(std::string_view path, std::string_view digest) {
    if (Full() || path.size() > kPathBytesMax) return;
    // Some databases that are not at the top of the image record the whole path all the same.
    const bool has_root = !root_.empty() && path.starts_with(root_) && path.substr(root_.size()).starts_with('/');
    std::string resolved = ResolvePath(has_root ? std::string_view() : root_, path);
    if (resolved.size() <= root_.size()) return;
    files_.push_back({std::move(resolved), digest.empty() ? "" : "md5", LowerCase(digest)});
  }

  std::vector<model::OwnedFile> Take() { return std::move(files_); }

 private:
  std::string_view root_;
  std::size_t files_max_;
  std::vector<model::OwnedFile> files_;
};

// opkg writes the mode and the target of links behind a tab.
std::string_view TakeEntry(std::string_view& list) {
  std::string_view line = TakeLine(list);
  return WithoutRoot(TakeUntil(line, '\t'));
}

// Every folder that some entry of the list lies in.
std::unordered_set<std::string_view> Folders(std::string_view list) {
  std::unordered_set<std::string_view> folders;
  std::string_view last;
  while (!list.empty()) {
    std::string_view folder = FolderOf(TakeEntry(list));
    if (folder == last || folder.size() > kPathBytesMax)
      continue;  // lists are in the order of a walk: siblings follow each other
    last = folder;
    for (int i = 0; i < kFoldersAboveMax && !folder.empty() && folders.insert(folder).second; ++i)
      folder = FolderOf(folder);
  }
  return folders;
}

// What md5sums and conffiles say of paths, sorted by path, each path once, with its digest if any knows it.
class Digests {
 public:
  Digests(const FileLists& lists, std::size_t files_max) {
    const auto add = [&](std::string_view path, std::string_view digest) {
      if (sums_.size() < files_max) sums_.push_back({path, digest});
    };
    sums_.reserve(std::min(files_max, lists.md5sums.size() / 64));  // shorter than a typical line
    ForEachSum(lists.md5sums, add);
    ForEachConffile(lists.conffile_digests, add);
    for (std::string_view rest = lists.conffiles; !rest.empty();)
      if (const std::string_view line = Trim(TakeLine(rest)); line.starts_with('/')) add(WithoutRoot(line), {});
    std::ranges::sort(sums_, {}, [](const Sum& sum) { return std::tuple(sum.path, sum.digest.empty(), sum.digest); });
    sums_.erase(std::ranges::unique(sums_, {}, &Sum::path).begin(), sums_.end());
  }

  struct Sum {
    std::string_view path;    // without leading '/'
    std::string_view digest;  // hexadecimal, or empty
  };
  [[nodiscard]] const std::vector<Sum>& All() const { return sums_; }

  // Lists are nearly in the order of their digests, so the next one is tried before any search.
  [[nodiscard]] std::string_view Find(std::string_view path) {
    if (next_ >= sums_.size() || sums_[next_].path != path) {
      const auto found = std::ranges::lower_bound(sums_, path, {}, &Sum::path);
      if (found == sums_.end() || found->path != path) return {};
      next_ = static_cast<std::size_t>(found - sums_.begin());
    }
    return sums_[next_++].digest;
  }

 private:
  std::vector<Sum> sums_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<model::OwnedFile> ParseFileLists(const FileLists& lists, std::string_view root, std::size_t files_max) {
  Collector files(root, files_max);
  Digests digests(lists, files_max);
  files.Reserve(digests.All().size());
  if (lists.list.empty()) {
    for (const auto& sum : digests.All()) files.Add(sum.path, sum.digest);
    return files.Take();
  }
  const auto folders = Folders(lists.list);
  for (std::string_view rest = lists.list; !rest.empty() && !files.Full();) {
    const std::string_view path = TakeEntry(rest);
    if (!path.empty() && path != "." && !folders.contains(path)) files.Add(path, digests.Find(path));
  }
  return files.Take();
}

}  // namespace holdfast::catalog
