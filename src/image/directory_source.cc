#include "image/directory_source.h"

#include <utility>

#include "image/directory_tar.h"
#include "image/manifest.h"
#include "image/verify.h"

namespace holdfast::image {
namespace {

class DirectorySource final : public Source {
 public:
  DirectorySource(std::filesystem::path path, std::string reference, DirectoryOptions options, bool single)
      : path_(std::move(path)), reference_(std::move(reference)), options_(std::move(options)), single_(single) {}

  Result<ImageDescription> Pull(LayerSink& sink) override {
    ImageDescription description;
    description.source.kind = single_ ? "file" : "dir";
    description.source.reference = reference_;
    description.layers.push_back({.key = "files", .media_type = std::string(kOciLayerTar)});
    DirectoryTar tar(options_, description.problems);
    HF_CHECK_OK(single_ ? tar.BeginFile(path_) : tar.BeginFolder(path_));
    HF_CHECK_OK(DeliverLayer(sink, description.layers[0], tar));
    return description;
  }

 private:
  std::filesystem::path path_;
  std::string reference_;
  DirectoryOptions options_;
  bool single_;
};

std::string_view WithoutAnchor(std::string_view pattern) {
  while (pattern.starts_with("./") || pattern.starts_with('/')) pattern.remove_prefix(pattern.starts_with('/') ? 1 : 2);
  while (pattern.ends_with('/')) pattern.remove_suffix(1);
  return pattern;
}

}  // namespace

bool ExcludeMatches(std::string_view pattern, std::string_view path) {
  constexpr std::size_t kNone = std::string_view::npos;
  pattern = WithoutAnchor(pattern);
  // "a/**/b" also means "a/b", and "**/x" also "x" at the top.
  if (const std::size_t inner = pattern.find("/**/"); inner != kNone) {
    const std::string shorter = std::string(pattern.substr(0, inner)).append(pattern.substr(inner + 3));
    if (ExcludeMatches(shorter, path)) return true;
  }
  if (pattern.starts_with("**/") && ExcludeMatches(pattern.substr(3), path)) return true;
  std::size_t p = 0, t = 0;
  std::size_t star = kNone, star_at = 0, wide = kNone, wide_at = 0;  // where to go on after the last '*' and "**"
  while (t < path.size()) {
    if (pattern.substr(p).starts_with("**")) {
      wide = p += 2;
      wide_at = t;
      star = kNone;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_at = t;
    } else if (p < pattern.size() && (pattern[p] == path[t] || (pattern[p] == '?' && path[t] != '/'))) {
      ++p;
      ++t;
    } else if (star != kNone && path[star_at] != '/') {
      p = star;
      t = ++star_at;
    } else if (wide != kNone) {
      p = wide;
      t = ++wide_at;
      star = kNone;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == kNone;
}

std::unique_ptr<Source> MakeDirectorySource(std::filesystem::path folder, std::string reference,
                                            DirectoryOptions options) {
  return std::make_unique<DirectorySource>(std::move(folder), std::move(reference), std::move(options), false);
}

std::unique_ptr<Source> MakeFileSource(std::filesystem::path file, std::string reference, DirectoryOptions options) {
  return std::make_unique<DirectorySource>(std::move(file), std::move(reference), std::move(options), true);
}

}  // namespace holdfast::image
