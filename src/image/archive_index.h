// The index of an uncompressed tar in a file: which member begins where.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "image/members.h"
#include "io/byte_source.h"

namespace holdfast::image {

inline constexpr std::size_t kMembersMax = 200'000;

class ArchiveIndex final : public Members {
 public:
  // Reads the headers only. `file` and `limits` outlive the index. `found_foreign` (may be null) is set, and
  // reading stops, at the first member that cannot belong to an image archive, unless a document came before.
  [[nodiscard]] static Result<std::unique_ptr<ArchiveIndex>> Read(const io::RandomSource& file, const Limits& limits,
                                                                  bool* found_foreign);

  std::optional<std::string> Resolve(std::string_view path) override;
  std::uint64_t SizeBytes(const std::string& path) override;
  Result<std::string> ReadDocument(const std::string& path) override;
  // Requires: `path` is resolved. The result must not outlive the index.
  [[nodiscard]] Result<std::unique_ptr<io::ByteSource>> Open(const std::string& path) const;

 private:
  struct Member {
    std::uint64_t header_at = 0, size_bytes = 0;
  };
  ArchiveIndex(const io::RandomSource& file, const Limits& limits) : file_(file), limits_(limits) {}
  Result<void> ReadHeaders(bool* found_foreign);

  const io::RandomSource& file_;
  const Limits& limits_;
  std::map<std::string, Member, std::less<>> members_;
  LinkTable links_;
};

}  // namespace holdfast::image
