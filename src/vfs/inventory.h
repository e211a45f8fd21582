// Inventory: every entry of one layer, in the order of its tar, held compactly: about 100 bytes a file,
// so that an image of three million files fits in memory.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/wire.h"

namespace holdfast::vfs {

// Values are written into layer records: never renumber.
enum class FileType : std::uint8_t {
  kRegular = 0,
  kDirectory = 1,
  kSymlink = 2,
  kHardLink = 3,  // to a path of this or a lower layer, in `link_target`
  kCharDevice = 4,
  kBlockDevice = 5,
  kFifo = 6,
};

// One entry. The views live as long as the inventory that gave it.
struct Entry {
  std::string_view path;  // clean: no leading or trailing '/', no "." or ".." segments; "" is the root
  FileType type = FileType::kRegular;
  std::uint32_t mode = 0;  // permission bits with setuid, setgid, sticky
  std::uint32_t uid = 0, gid = 0;
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_s = 0;
  Sha256Value digest;            // of the content; only regular files
  std::string_view link_target;  // as recorded for symlinks; clean for hard links
};

class Inventory {
 public:
  Inventory() = default;

  // Copies the entry in. kLimit when the inventory would exceed `bytes_max`.
  [[nodiscard]] Result<std::uint32_t> Add(const Entry& entry, std::uint64_t bytes_max);

  [[nodiscard]] std::uint32_t Size() const { return static_cast<std::uint32_t>(rows_.size()); }
  // Requires: index < Size().
  [[nodiscard]] Entry At(std::uint32_t index) const;
  [[nodiscard]] std::string_view PathAt(std::uint32_t index) const;
  [[nodiscard]] std::uint64_t MemoryBytes() const;

  void Write(WireWriter& writer) const;
  // kCorrupt for anything that Write cannot have made; paths are checked to be clean.
  [[nodiscard]] static Result<Inventory> Read(WireReader& reader, const Limits& limits);

 private:
  static constexpr std::uint32_t kNoDigest = std::numeric_limits<std::uint32_t>::max();

  struct Row {
    std::uint64_t text_at = 0;  // in text_: the path, then the link target
    std::uint64_t size_bytes = 0;
    std::int64_t mtime_s = 0;
    std::uint32_t mode = 0, uid = 0, gid = 0;
    std::uint32_t digest = kNoDigest;  // in digests_; absent for empty files too, whose digest is known
    std::uint16_t path_size = 0, link_size = 0;
    FileType type = FileType::kRegular;
  };

  std::vector<Row> rows_;
  std::string text_;
  std::vector<Sha256Value> digests_;
};

// Is `path` in the form that Entry::path promises?
[[nodiscard]] bool IsCleanPath(std::string_view path);

}  // namespace holdfast::vfs
