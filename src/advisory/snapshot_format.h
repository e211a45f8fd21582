// What writer and reader of a snapshot share: the keys, the meta record, and the page at the end.
//
// Keys are one letter and a name. They sort as written here, which is the order they are written in:
//   a<id>                                    cold record of an advisory
//   c<alias>                                 ids of the advisories called so, or about it
//   d<id>                                    details, plain text
//   p<ecosystem> NUL <release> NUL <name>    hot record of a package
//   q<SHA-256 of the above>                  the same, when the key would be too long for LMDB
//   z                                        meta record
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "advisory/snapshot.h"
#include "base/digest.h"
#include "base/result.h"

namespace holdfast::advisory {

inline constexpr std::size_t kKeyBytesMax = 500;  // LMDB is built for 511
inline constexpr std::string_view kMetaKey = "z";

// The last bytes of the file.
inline constexpr std::size_t kTrailerBytes = 4096;

struct SnapshotTrailer {
  std::uint32_t format = kSnapshotFormat;
  std::uint64_t database_bytes = 0;
  Sha256Value database_digest;
};

[[nodiscard]] std::string EncodeTrailer(const SnapshotTrailer& trailer);
// kCorrupt when it is none, kUnsupported for another format.
[[nodiscard]] Result<SnapshotTrailer> DecodeTrailer(std::string_view bytes);

[[nodiscard]] std::string EncodeMeta(const SnapshotInfo& info);
[[nodiscard]] Result<SnapshotInfo> DecodeMeta(std::string_view record);

// `name` must be normalised.
[[nodiscard]] std::string PackageKey(std::string_view ecosystem, std::string_view release, std::string_view name);

}  // namespace holdfast::advisory
