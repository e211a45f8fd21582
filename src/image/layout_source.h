// An OCI layout in a folder (OCI image-spec v1.1, image-layout.md), as skopeo, buildah, umoci and crane write it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "image/plan.h"
#include "image/source.h"

namespace holdfast::image {

// `reference` is how the user named it. The folder is read at Pull.
[[nodiscard]] std::unique_ptr<Source> MakeLayoutSource(std::filesystem::path folder, std::string reference,
                                                       PlanOptions options);

// Is there an oci-layout file, or index.json beside blobs?
[[nodiscard]] bool IsLayout(const std::filesystem::path& folder);

}  // namespace holdfast::image
