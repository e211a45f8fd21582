#include "advisory/source_reader.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <vector>

#include "base/format.h"

namespace holdfast::advisory {
namespace {

std::optional<Notation> NotationOf(std::string_view name) {
  if (name.ends_with(".json")) return Notation::kJson;
  if (name.ends_with(".yaml") || name.ends_with(".yml")) return Notation::kYaml;
  return std::nullopt;
}

std::string SourceOf(std::string_view name) { return std::string(name.substr(0, name.find_first_of("/."))); }

Result<std::string> ReadFile(const std::filesystem::path& path) {
  std::error_code error;
  const std::uint64_t bytes = std::filesystem::file_size(path, error);
  if (!error && bytes > kDocumentBytesMax)
    return Fail(ErrorKind::kLimit, Format("document of {} bytes, limit {}", bytes, kDocumentBytesMax));
  std::string text(error ? 0 : bytes, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (error || !file) return Fail(ErrorKind::kUnavailable, "cannot read the file");
  return text;
}

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

Result<void> ReadSources(const std::filesystem::path& folder, const SourceVisitor& visitor) {
  HF_TRY(const auto files, ListFiles(folder));
  for (const std::filesystem::path& path : files) {
    SourceDocument document;
    document.name = path.lexically_relative(folder).generic_string();
    document.source = SourceOf(document.name);
    const auto notation = NotationOf(document.name);
    if (!notation) {
      visitor.other(document.name);
      continue;
    }
    document.notation = *notation;
    const auto text = ReadFile(path);
    if (!text) {
      visitor.problem(document.name, text.error());
      continue;
    }
    document.text = *text;
    visitor.document(document);
  }
  return {};
}

}  // namespace holdfast::advisory
