#include "catalog/dpkg/file_list.h"

#include <string>
#include <unordered_map>
#include <unordered_set>

#include "catalog/control_text.h"

namespace holdfast::catalog {
namespace {

constexpr std::size_t kMd5Digits = 32;

using Digests = std::unordered_map<std::string_view, std::string_view>;  // path without leading '/' → hex

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

  bool Full() const { return files_.size() >= files_max_; }

  void Add(std::string_view path, std::string_view digest) {
    if (Full()) return;
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
    if (folder == last) continue;  // lists are in the order of a walk: siblings follow each other
    last = folder;
    while (!folder.empty() && folders.insert(folder).second) folder = FolderOf(folder);
  }
  return folders;
}

}  // namespace

std::vector<model::OwnedFile> ParseFileLists(const FileLists& lists, std::string_view root, std::size_t files_max) {
  Collector files(root, files_max);
  Digests digests;
  digests.reserve(lists.md5sums.size() / 80);  // a typical line
  const bool listed = !lists.list.empty();
  const auto take = [&](std::string_view path, std::string_view digest) {
    if (digests.size() < files_max && digests.emplace(path, digest).second && !listed) files.Add(path, digest);
  };
  ForEachSum(lists.md5sums, take);
  ForEachConffile(lists.conffile_digests, take);
  for (std::string_view rest = lists.conffiles; !rest.empty();) {
    const std::string_view line = Trim(TakeLine(rest));
    if (line.starts_with('/')) take(WithoutRoot(line), {});
  }
  if (!listed) return files.Take();

  const auto folders = Folders(lists.list);
  for (std::string_view rest = lists.list; !rest.empty() && !files.Full();) {
    const std::string_view path = TakeEntry(rest);
    if (path.empty() || path == "." || folders.contains(path)) continue;
    const auto digest = digests.find(path);
    files.Add(path, digest == digests.end() ? std::string_view() : digest->second);
  }
  return files.Take();
}

}  // namespace holdfast::catalog
