// The lists of files beside installed Python packages.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "model/package.h"

namespace holdfast::catalog {

// RECORD of a dist-info folder (packaging.python.org, "Recording installed projects", "The RECORD file"): CSV lines
// "path,algorithm=digest,size", where the digest is URL-safe Base64 without padding. Paths are relative to
// `site_packages`, the folder that holds the dist-info folder, or absolute; they cannot leave the image. At most
// `files_max`; rows without a path are skipped, digests that make no sense are left out.
[[nodiscard]] std::vector<model::OwnedFile> ParseRecord(std::string_view text, std::string_view site_packages,
                                                        std::size_t files_max);

// installed-files.txt of an egg-info folder: a path a line, relative to that folder.
[[nodiscard]] std::vector<model::OwnedFile> ParseInstalledFiles(std::string_view text, std::string_view egg_info,
                                                                std::size_t files_max);

}  // namespace holdfast::catalog
