// A folder, or a single file, as an image of one layer: written as a tar on the fly, in sorted order, so
// that the same files give the same layer.
//
// Symlinks stay links and are never followed. Folders of pseudo file systems (/proc, /sys, ...) are
// listed empty. What cannot be read is listed too, and reported.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "image/source.h"

namespace holdfast::image {

struct DirectoryOptions {
  // Paths below the folder that are left out, with all that is in them: '*' and '?' within one segment,
  // "**" across segments. "./" or "/" in front is dropped.
  std::vector<std::string> excludes;
  Limits limits;
};

[[nodiscard]] std::unique_ptr<Source> MakeDirectorySource(std::filesystem::path folder, std::string reference,
                                                          DirectoryOptions options);
[[nodiscard]] std::unique_ptr<Source> MakeFileSource(std::filesystem::path file, std::string reference,
                                                     DirectoryOptions options);

// Linear in the path for each star.
[[nodiscard]] bool ExcludeMatches(std::string_view pattern, std::string_view path);

}  // namespace holdfast::image
