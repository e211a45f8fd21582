// A name says what to do with a file, the bytes say how it is compressed: "x.tar.gz" that is really zstd is
// read all the same. Nothing is unpacked to disk; one document is in memory at a time.

#include "advisory/source_reader.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "base/format.h"
#include "io/decompress.h"
#include "io/file.h"
#include "io/sqlite.h"
#include "io/tar.h"
#include "io/zip.h"

namespace holdfast::advisory {
namespace {

constexpr std::array<std::string_view, 4> kCompressed = {".gz", ".zst", ".xz", ".bz2"};
constexpr std::array<std::string_view, 2> kShortTar = {".tgz", ".txz"};

bool EndsWithAny(std::string_view name, const auto& endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
}

std::string_view WithoutCompression(std::string_view name) {
  return EndsWithAny(name, kCompressed) ? name.substr(0, name.rfind('.')) : name;
}

bool IsZip(std::string_view name) { return name.ends_with(".zip"); }

bool IsTar(std::string_view name) { return WithoutCompression(name).ends_with(".tar") || EndsWithAny(name, kShortTar); }

std::optional<Notation> NotationOf(std::string_view name) {
  struct Ending {
    std::string_view ending;
    Notation notation;
  };
  constexpr std::array kEndings = {
      Ending{".json", Notation::kJson},     Ending{".yaml", Notation::kYaml}, Ending{".yml", Notation::kYaml},
      Ending{".xml", Notation::kXml},       Ending{".csv", Notation::kCsv},   Ending{".toml", Notation::kToml},
      Ending{".html", Notation::kHtml},     Ending{".txt", Notation::kText},  Ending{".list", Notation::kText},
      Ending{".md", Notation::kText},       Ending{".db", Notation::kSqlite}, Ending{".sqlite", Notation::kSqlite},
      Ending{".sqlite3", Notation::kSqlite}};
  const std::string_view bare = WithoutCompression(name);
  for (const Ending& row : kEndings)
    if (bare.ends_with(row.ending)) return row.notation;
  const std::string_view file = bare.substr(bare.find_last_of("/:") + 1);
  if (!file.contains('.')) return Notation::kText;
  return std::nullopt;
}

Limits ArchiveLimits() {
  Limits limits;
  limits.layer_bytes_max = kArchiveBytesMax;
  limits.decoder_window_bytes_max = kSourceWindowBytesMax;
  limits.zip_entries_max = kDocumentsMax;
  limits.archive_inflated_floor_bytes = kArchiveBytesMax;
  return limits;
}

class Reader {
 public:
  Reader(const std::filesystem::path& folder, const SourceVisitor& visitor) : folder_(folder), visitor_(visitor) {}

  Result<void> File(const std::filesystem::path& path) {
    const std::string name = path.lexically_relative(folder_).generic_string();
    if (!IsTar(name) && !IsZip(name) && !NotationOf(name)) {
      visitor_.other(name);
      return {};
    }
    if (const auto read = Any(path, name); !read) {
      if (read.error().Kind() == ErrorKind::kLimit && documents_ > kDocumentsMax) return read;
      visitor_.problem(name, read.error());
    }
    return {};
  }

 private:
  Result<void> Any(const std::filesystem::path& path, const std::string& name) {
    if (IsTar(name)) return Archive(path, name);
    return IsZip(name) ? Zip(path, name) : Compressed(path, name);
  }

  Result<void> Compressed(const std::filesystem::path& path, const std::string& name) {
    HF_TRY(const auto file, io::OpenFile(path));
    HF_TRY(const auto content, io::OpenDecompressor(*file, limits_));
    const bool packed = content->Kind() != io::Compression::kNone;
    return Document(*content, name, SourceOf(name), packed ? std::filesystem::path() : path);
  }

  Result<void> Archive(const std::filesystem::path& path, const std::string& name) {
    HF_TRY(const auto file, io::OpenFile(path));
    HF_TRY(const auto content, io::OpenDecompressor(*file, limits_));
    io::TarReader tar(*content, limits_);
    const std::string source = SourceOf(name);
    while (true) {
      HF_TRY(const io::TarEntry* entry, tar.Next());
      if (entry == nullptr) break;
      if (entry->type != io::TarType::kRegular) continue;
      HF_CHECK_OK(Member(tar.Content(), Format("{}:{}", name, entry->path), source));
    }
    if (!tar.EndedCleanly()) return Fail(ErrorKind::kCorrupt, "the end of the archive is missing");
    return {};
  }

  // What the directory at its end does not list is read all the same, and told of.
  Result<void> Zip(const std::filesystem::path& path, const std::string& name) {
    HF_TRY(const auto file, io::OpenFile(path));
    io::ZipBudget budget;
    io::ZipReader zip(*file, budget, true, limits_);
    const std::string source = SourceOf(name);
    while (true) {
      HF_TRY(const io::ZipEntry* entry, zip.Next());
      if (entry == nullptr) break;
      if (!entry->name.ends_with('/')) HF_CHECK_OK(Member(zip.Content(), Format("{}:{}", name, entry->name), source));
    }
    HF_TRY(const io::ZipReader::Directory directory, zip.ReadDirectory());
    for (const std::string& complaint : directory.complaints)
      visitor_.problem(name, Error(ErrorKind::kCorrupt, complaint));
    return {};
  }

  // Fails only when there are too many documents.
  Result<void> Member(io::ByteSource& content, const std::string& member, const std::string& source) {
    if (!NotationOf(member)) {
      visitor_.other(member);
      return {};
    }
    const auto inner = io::OpenDecompressor(content, limits_);
    const auto read = inner ? Document(**inner, member, source) : std::unexpected(inner.error());
    if (!read && documents_ > kDocumentsMax) return read;
    if (!read) visitor_.problem(member, read.error());
    return {};
  }

  // `path` is the file with this very content; empty: there is none.
  Result<void> Document(io::ByteSource& content, const std::string& name, std::string source,
                        const std::filesystem::path& path = {}) {
    if (++documents_ > kDocumentsMax) return Fail(ErrorKind::kLimit, Format("more than {} documents", kDocumentsMax));
    SourceDocument document;
    document.name = name;
    document.source = std::move(source);
    document.notation = *NotationOf(name);
    if (document.notation == Notation::kSqlite) return Database(content, std::move(document), path);
    HF_TRY(const std::string text, content.ReadText(kDocumentBytesMax));
    document.text = text;
    visitor_.document(document);
    return {};
  }

  Result<void> Database(io::ByteSource& content, SourceDocument document, const std::filesystem::path& path) {
    std::array<std::uint8_t, io::kSqliteHeadBytes> head{};
    HF_TRY(const std::size_t size, content.ReadSome(head));
    if (!io::IsSqlite(Bytes(head).first(size))) {
      visitor_.other(document.name);
      return {};
    }
    if (!path.empty()) {
      document.path = path;
      visitor_.document(document);
      return {};
    }
    HF_TRY(const auto unpacked, io::TemporaryFile::Create());
    HF_CHECK_OK(unpacked->Write(head));
    for (std::uint64_t bytes = size;;) {
      HF_TRY(const Bytes chunk, content.Next());
      if (chunk.empty()) break;
      bytes += chunk.size();
      if (bytes > kDatabaseBytesMax)
        return Fail(ErrorKind::kLimit, Format("a database of over {} bytes", kDatabaseBytesMax));
      HF_CHECK_OK(unpacked->Write(chunk));
    }
    document.path = unpacked->Path();
    visitor_.document(document);
    return {};
  }

  const std::filesystem::path& folder_;
  const SourceVisitor& visitor_;
  const Limits limits_ = ArchiveLimits();
  std::uint64_t documents_ = 0;
};

Result<std::vector<std::filesystem::path>> ListFiles(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error))
    return Fail(ErrorKind::kNotFound, Format("no folder {}", folder.string()));
  std::vector<std::filesystem::path> files;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code gone;
    if (!entry->is_regular_file(gone)) continue;
    if (files.size() >= kDocumentsMax) return Fail(ErrorKind::kLimit, Format("more than {} files", kDocumentsMax));
    files.push_back(entry->path());
  }
  if (error) return Fail(ErrorKind::kDenied, Format("cannot list {}: {}", folder.string(), error.message()));
  std::ranges::sort(files);
  return files;
}

}  // namespace

std::string SourceOf(std::string_view name) { return std::string(name.substr(0, name.find_first_of("/."))); }

Result<void> ReadSources(const std::filesystem::path& folder, const SourceVisitor& visitor) {
  HF_TRY(const auto files, ListFiles(folder));
  Reader reader(folder, visitor);
  for (const std::filesystem::path& path : files) HF_CHECK_OK(reader.File(path));
  return {};
}

}  // namespace holdfast::advisory
