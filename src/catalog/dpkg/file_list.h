// The files of a Debian package, from the lists that dpkg keeps beside its status file.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "model/package.h"

namespace holdfast::catalog {

// Texts of what there is; any of them may be empty.
struct FileLists {
  std::string_view list;              // info/NAME.list: every path, folders too, with '/' in front
  std::string_view md5sums;           // info/NAME.md5sums: "digest  path" of regular files that are not conffiles
  std::string_view conffiles;         // info/NAME.conffiles: paths
  std::string_view conffile_digests;  // Conffiles field of the status file: " path digest [obsolete]" lines
};

// The owned files, with "md5" digests where recorded, in the order of `list`, or sorted when that is empty; at most
// `files_max`. Paths are in the image: under `root`, the folder that this database calls '/' ("" for the image's own).
// Of `list`, entries that are folders of other entries are left out; an empty folder cannot be told from a file.
[[nodiscard]] std::vector<model::OwnedFile> ParseFileLists(const FileLists& lists, std::string_view root,
                                                           std::size_t files_max);

}  // namespace holdfast::catalog
