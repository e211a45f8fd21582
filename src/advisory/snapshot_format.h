// What writer and reader of a snapshot share: the keys, the meta record, and the page at the end.
//
// Keys are one letter and a name. They sort as written here, which is the order they are written in:
//   a<id>                                    cold record of an advisory
//   c<alias>                                 ids of the advisories called so, or about it
//   d<id>                                    details, plain text
//   e<CVE>                                   EPSS score
//   f<CVE>                                   other facts of a vulnerability
//   g<CVE>                                   its description, plain text
//   l<distribution> NUL <release>            how long a release is looked after
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
inline constexpr std::string_view kColdKey = "a";
inline constexpr std::string_view kAliasKey = "c";
inline constexpr std::string_view kDetailsKey = "d";
inline constexpr std::string_view kEpssKey = "e";
inline constexpr std::string_view kFactsKey = "f";
inline constexpr std::string_view kDescriptionKey = "g";
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
// The parts of such a key that starts with 'p'; kCorrupt for another text.
struct PackageKeyParts {
  model::EcosystemRelease where;
  std::string_view name;
};
[[nodiscard]] Result<PackageKeyParts> SplitPackageKey(std::string_view key);

[[nodiscard]] std::string ReleaseLifeKey(std::string_view distro_id, std::string_view release);

}  // namespace holdfast::advisory
