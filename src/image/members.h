// Members: the files of an image archive or layout, by path. Archives link: newer `docker save` writes each layer
// once and "<id>/layer.tar" as a symlink to it, so paths are resolved before use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast::image {

class Members {
 public:
  virtual ~Members() = default;
  // The path of the regular file that `path` leads to; nothing when there is none.
  [[nodiscard]] virtual std::optional<std::string> Resolve(std::string_view path) = 0;
  // Requires: `path` is resolved.
  [[nodiscard]] virtual std::uint64_t SizeBytes(const std::string& path) = 0;
  // Requires: `path` is resolved. kLimit beyond document_bytes_max.
  [[nodiscard]] virtual Result<std::string> ReadDocument(const std::string& path) = 0;
};

// The links of an archive. Paths are clean (io::CleanPath).
class LinkTable {
 public:
  static constexpr std::size_t kHopsMax = 16;

  // `target` as recorded: a symlink's is relative to the folder of `path`, a hard link's to the root.
  void AddSymlink(const std::string& path, std::string_view target);
  void AddHardLink(const std::string& path, std::string_view target);
  // Follows links until none is left; nothing for a circle.
  [[nodiscard]] std::optional<std::string> Follow(std::string_view path) const;

 private:
  std::map<std::string, std::string, std::less<>> links_;
};

enum class MemberKind {
  kForeign,   // cannot belong to an image archive: this is a root file system
  kIgnored,   // belongs, but holds nothing of use: folders, "VERSION"
  kDocument,  // JSON by its name
  kLayer,     // a layer by its name
  kBlob,      // "blobs/sha256/…", "sha256:…": only the content tells
};

// By name alone. `path` is clean.
[[nodiscard]] MemberKind KindOfMember(std::string_view path, bool is_folder);

// The first 512 bytes or all of a shorter file: JSON, or a tar, plain or compressed?
[[nodiscard]] bool LooksLikeJson(std::string_view head);
[[nodiscard]] bool LooksLikeLayer(std::string_view head);

}  // namespace holdfast::image
