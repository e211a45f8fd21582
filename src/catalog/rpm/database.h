// The three database formats of RPM, read without their libraries: each hands out package headers (header.h).
//
// Databases may be hundreds of MB and held compressed, so they are read page by page; the only memory that grows with
// the database is one bit a page, one entry for each page in a write-ahead log, and one header at a time. No page is
// used twice, so time is linear in the size of the database whatever its links say.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "io/byte_source.h"

namespace holdfast::catalog {

// A larger header is reported and passed over. The largest real ones, of packages with 100,000 files, have some 20 MB.
inline constexpr std::uint64_t kRpmHeaderBytesMax = 64 * kMiB;

class RpmHeaderSink {
 public:
  virtual ~RpmHeaderSink() = default;
  // `header` is valid during the call. False ends the reading.
  virtual bool Add(Bytes header) = 0;
  // Something is damaged; the rest is read.
  virtual void Problem(const Error& error) = 0;
};

enum class RpmDatabaseFormat : std::uint8_t { kUnknown, kSqlite, kNdb, kBerkeley };

// By magic number, whatever the file is called.
[[nodiscard]] RpmDatabaseFormat DetectRpmDatabase(const io::RandomSource& database);

// SQLite 3: column `blob` of table `Packages`. `wal`, the write-ahead log beside it, may be null. Format:
// https://www.sqlite.org/fileformat2.html. kCorrupt when the schema cannot be read, kNotFound without that table.
[[nodiscard]] Result<void> ReadRpmSqlite(const io::RandomSource& database, const io::RandomSource* wal,
                                         RpmHeaderSink& sink);

// NDB, RPM's own format on SUSE. Format: rpm 4.18, lib/backend/ndb/rpmpkg.c. kCorrupt, kUnsupported (version).
[[nodiscard]] Result<void> ReadRpmNdb(const io::RandomSource& database, RpmHeaderSink& sink);

// Berkeley DB hash file of either byte order, versions 7 to 10. Format: Berkeley DB, dbinc/db_page.h; rpm 4.18,
// lib/backend/bdb_ro.c. kCorrupt, kUnsupported (encrypted, checksums, another version).
[[nodiscard]] Result<void> ReadRpmBerkeley(const io::RandomSource& database, RpmHeaderSink& sink);

}  // namespace holdfast::catalog
