// Image archives: `docker save` of any age, OCI layouts in a tar, what podman, skopeo, kaniko, Bazel, Nix
// and crane write; plain or compressed as a whole; and, where the format is not given, root file systems
// in a tar, which are told by the first entry that no image archive can hold.
//
// An uncompressed file is indexed by its tar headers, and only the layers wanted are read. Everything else
// is read once from front to back, and delivers each tar in it as it comes.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "image/plan.h"
#include "image/source.h"
#include "io/byte_source.h"

namespace holdfast::image {

// `reference` is how the user named it. With ArchiveFormat::kAny a root file system is taken too.
[[nodiscard]] std::unique_ptr<Source> MakeArchiveSource(std::filesystem::path file, std::string reference,
                                                        PlanOptions options);

// From a pipe, standard input or a daemon. `kind`: what the description says, empty: the format found.
[[nodiscard]] std::unique_ptr<Source> MakeArchiveStreamSource(std::unique_ptr<io::ByteSource> bytes, std::string kind,
                                                              std::string reference, PlanOptions options);

// Does this file begin like a tar, plain or compressed?
[[nodiscard]] Result<bool> LooksLikeArchive(const std::filesystem::path& file);

}  // namespace holdfast::image
