// Finds the documents in a folder of advisory data: files of the notations below, and the same inside archives (.tar,
// .tar.gz, .tgz, .tar.zst, .tar.xz, .tar.bz2, .zip) or compressed (.json.gz and so on).
//
// A document is text in memory, but for databases, which are files: one that is packed is unpacked into a temporary
// file (in TMPDIR), and removed after it was read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"

namespace holdfast::advisory {

// A larger document is a problem of its own, not an error of the whole.
inline constexpr std::uint64_t kDocumentBytesMax = 512ULL << 20U;
inline constexpr std::uint64_t kDocumentsMax = 20'000'000;
inline constexpr std::uint64_t kArchiveBytesMax = 64ULL << 30U;
inline constexpr std::uint64_t kDatabaseBytesMax = 16ULL << 30U;  // of one that is unpacked
// Publishers pack once and as tightly as they can: xz -9 and zstd --ultra -22 need as much to be unpacked.
inline constexpr std::uint64_t kSourceWindowBytesMax = 128ULL << 20U;

enum class Notation : std::uint8_t {
  kJson,
  kYaml,  // .yaml, .yml
  kXml,
  kCsv,
  kToml,
  kHtml,
  kText,    // .txt, .list, .md, and names without an ending
  kSqlite,  // .db, .sqlite, .sqlite3, where the content is a database of SQLite; others of these names are no documents
};

struct SourceDocument {
  std::string name;    // path below the folder; of an archive's member "archive.tar.zst:path"
  std::string source;  // first part of that path, without archive endings: "almalinux-osv"
  Notation notation = Notation::kJson;
  std::string_view text;            // lives until the visitor returns; empty for kSqlite
  std::filesystem::path path = {};  // kSqlite: of the file, which is there until the visitor returns; else empty
};

struct SourceVisitor {
  std::function<void(const SourceDocument&)> document;
  // With a file or archive that cannot be read to its end, or a member of one ("archive:member").
  std::function<void(std::string_view name, const Error& error)> problem;
  std::function<void(std::string_view name)> other;  // a file that is neither document nor archive
};

// The source that a document or file of that name belongs to.
[[nodiscard]] std::string SourceOf(std::string_view name);

// Visits files sorted by path, archive members in archive order. Fails only when the folder itself cannot
// be listed (kNotFound, kDenied) or holds too many files (kLimit).
[[nodiscard]] Result<void> ReadSources(const std::filesystem::path& folder, const SourceVisitor& visitor);

}  // namespace holdfast::advisory
