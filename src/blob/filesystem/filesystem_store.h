// Objects as files below one folder, which several processes of one host may share.
//
//   objects/layer_records/1/3f/3f9a…,   a key's segments are folders, and a file's name ends with ',', which no key
//                                       has: "a" and "a/b" go side by side. A segment of more than 200 bytes is cut
//                                       into folders that end with '+'. Keys shard as their makers shard them.
//   temporary/                          what is being written; locked by its writer
//
// A value is written to a temporary file, flushed, renamed, and its folder flushed: it is there whole or not at all,
// also after a power failure. Files have mode 0600. Only these names are ever made from keys, so none leads elsewhere.
// Folders that become empty stay.
#pragma once

#include <filesystem>
#include <memory>

#include "blob/object_store.h"

namespace holdfast::blob {

// Makes the folder when it is absent, and removes what writers that are gone left in temporary/. kDenied, kUnavailable.
[[nodiscard]] Result<std::unique_ptr<ObjectStore>> OpenFilesystemStore(const std::filesystem::path& folder);

}  // namespace holdfast::blob
