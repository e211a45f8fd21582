// Tar reader: v7, ustar and PAX (POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header"), and the
// GNU extensions that images hold (GNU tar manual, "Basic Tar Format", "Sparse Formats"): long names, sparse
// files in all four forms, base-256 numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "io/byte_source.h"

namespace holdfast::io {

enum class TarType : std::uint8_t {
  kRegular,
  kHardLink,
  kSymlink,
  kCharDevice,
  kBlockDevice,
  kDirectory,
  kFifo,
  kUnknown,
};

struct TarEntry {
  std::string path;         // as recorded
  std::string link_target;  // as recorded
  TarType type = TarType::kRegular;
  std::uint32_t mode = 0;
  std::uint64_t uid = 0, gid = 0;
  std::uint64_t size = 0;        // of the content that Content() yields; holes of sparse files count
  std::uint64_t hole_bytes = 0;  // of that, what the archive does not hold: an archive of 2 KiB can claim 8 EiB
  std::int64_t mtime = 0;        // seconds since 1970
  std::uint32_t device_major = 0, device_minor = 0;
  std::vector<std::pair<std::string, std::string>> xattrs;  // values are bytes
};

class TarReader {
 public:
  // `source` outlives the reader.
  TarReader(ByteSource& source, const Limits& limits);
  ~TarReader();

  // The next entry, valid until the next call; nullptr at the end. Content that was not read is skipped.
  // kCorrupt with the offset for a damaged or truncated archive, kLimit for headers beyond the limits;
  // after an error the archive cannot be read on.
  [[nodiscard]] Result<const TarEntry*> Next();
  // Of the entry given last; empty for all but regular files.
  [[nodiscard]] ByteSource& Content();
  // Was the mark of the end seen (two blocks of zeros, or one and the end of the source)?
  [[nodiscard]] bool EndedCleanly() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// `raw` as containerd and Docker place it below the root: Go's filepath.Clean("/" + raw) without the
// leading slash, so ".." never climbs out. Into `clean`, to reuse its memory; "" is the root itself.
// kLimit: longer than path_bytes_max; kCorrupt: a NUL inside.
[[nodiscard]] Result<void> CleanPath(std::string_view raw, std::string& clean, const Limits& limits = {});

}  // namespace holdfast::io
