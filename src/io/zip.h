// Zip reader for streams (PKWARE APPNOTE 6.3.10; the sections are named in zip.cc).
//
// A zip is meant to be read from its end, where the central directory is. This one is read from its
// beginning, entry by entry, so that a jar inside a jar inside a layer is looked into while it streams by. The
// central directory, when it comes at last, is compared with what was seen: what it does not list does
// not count, and any disagreement is told.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "io/byte_source.h"

namespace holdfast::io {

struct ZipEntry {
  std::string name;         // as recorded
  std::uint32_t index = 0;  // counts from 0
};

// What all archives nested in one outermost archive may inflate together.
struct ZipBudget {
  std::uint64_t inflated_bytes = 0;
  std::uint64_t outer_bytes = 0;  // of the outermost archive, read so far
};

class ZipReader {
 public:
  // `source` and `budget` outlive the reader; the outermost reader of a budget counts its input there.
  ZipReader(ByteSource& source, ZipBudget& budget, bool outermost, const Limits& limits);
  ~ZipReader();

  // The next entry, valid until the next call; nullptr when the central directory begins. Content that was
  // not read is skipped. kCorrupt for damage after which entries cannot be found any more, kLimit.
  [[nodiscard]] Result<const ZipEntry*> Next();
  // Uncompressed content of the entry given last. kUnsupported for encryption and unknown methods,
  // kCorrupt when it does not inflate or its CRC-32 is another: the archive can still be read on.
  [[nodiscard]] ByteSource& Content();

  struct Directory {
    std::vector<bool> listed;             // by ZipEntry::index: does the central directory have it?
    std::vector<std::string> complaints;  // where it and the entries disagree
  };
  // Reads the central directory. After Next returned nullptr.
  [[nodiscard]] Result<Directory> ReadDirectory();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast::io
