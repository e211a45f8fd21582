#include "catalog/python/record.h"

#include <array>
#include <string>

#include "base/base64.h"
#include "base/bytes.h"
#include "catalog/control_text.h"

namespace holdfast::catalog {
namespace {

struct Algorithm {
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array kAlgorithms = {Algorithm{"sha256", 32}, Algorithm{"sha384", 48}, Algorithm{"sha512", 64},
                                    Algorithm{"sha1", 20}, Algorithm{"md5", 16}};

// Takes one CSV field off `text` into `field` (RFC 4180, but a lone quote within a bare field stands for itself).
// True when another field of the same row follows.
bool TakeCsvField(std::string_view& text, std::string& field) {
  field.clear();
  if (text.starts_with('"')) {
    text.remove_prefix(1);
    while (!text.empty()) {
      const std::size_t quote = text.find('"');
      field += text.substr(0, quote);
      text.remove_prefix(quote == std::string_view::npos ? text.size() : quote + 1);
      if (!text.starts_with('"')) break;
      field += '"';
      text.remove_prefix(1);
    }
  }
  const std::size_t end = text.find_first_of(",\n");
  std::string_view bare = text.substr(0, end);
  if (bare.ends_with('\r')) bare.remove_suffix(1);
  field += bare;
  const bool more = end != std::string_view::npos && text[end] == ',';
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return more;
}

void SetDigest(std::string_view text, model::OwnedFile& file) {
  const std::string algorithm = LowerCase(TakeUntil(text, '='));
  for (const Algorithm& known : kAlgorithms) {
    if (algorithm != known.name) continue;
    const auto bytes = DecodeBase64(text);
    if (!bytes || bytes->size() != known.bytes) return;
    file.algorithm = algorithm;
    file.digest = ToHex(*bytes);
  }
}

std::string Resolve(std::string_view base, std::string_view path) {
  return ResolvePath(path.starts_with('/') ? std::string_view() : base, path);
}

}  // namespace

std::vector<model::OwnedFile> ParseRecord(std::string_view text, std::string_view site_packages,
                                          std::size_t files_max) {
  std::vector<model::OwnedFile> files;
  std::string path, digest, ignored;
  while (!text.empty() && files.size() < files_max) {
    digest.clear();
    bool more = TakeCsvField(text, path);
    if (more) more = TakeCsvField(text, digest);
    while (more) more = TakeCsvField(text, ignored);
    if (path.empty()) continue;
    model::OwnedFile file{Resolve(site_packages, path), "", ""};
    if (file.path.empty()) continue;
    SetDigest(digest, file);
    files.push_back(std::move(file));
  }
  return files;
}

std::vector<model::OwnedFile> ParseInstalledFiles(std::string_view text, std::string_view egg_info,
                                                  std::size_t files_max) {
  std::vector<model::OwnedFile> files;
  while (!text.empty() && files.size() < files_max) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) continue;
    // The folder itself is "./".
    std::string path = Resolve(egg_info, line);
    if (!path.empty() && path != egg_info) files.push_back({std::move(path), "", ""});
  }
  return files;
}

}  // namespace holdfast::catalog
