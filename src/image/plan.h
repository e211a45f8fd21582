// Plan: what the documents of an archive or layout say the image is: which members are its layers, in
// which order, and what is known of it. Made from
//   index.json               an OCI layout (image-spec, image-layout.md)
//   manifest.json            `docker save` since 1.10, skopeo, podman, kaniko, Bazel, Nix, crane
//   repositories             `docker save` before: each layer names its parent
// `docker save` since 25 writes the first two. They must then speak of the same image.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/limits.h"
#include "base/result.h"
#include "image/members.h"
#include "image/platform.h"
#include "image/source.h"

namespace holdfast::image {

enum class ArchiveFormat : std::uint8_t { kAny, kDocker, kOci };

struct PlanOptions {
  ArchiveFormat format = ArchiveFormat::kAny;
  std::string image;  // which of several: a reference, a tag (OCI) or an image id; empty: the only one
  std::optional<Platform> platform;
  Limits limits;
  Deadline deadline;  // for reading the archive itself
};

struct Plan {
  ArchiveFormat format = ArchiveFormat::kDocker;  // what it was made from
  model::ImageSource source;                      // without kind and reference
  std::vector<LayerDescriptor> layers;            // the key is the resolved path of the member
  std::vector<Problem> problems;
};

// kNotFound: no such image, platform or member. kInvalidInput: several images, and none was named.
[[nodiscard]] Result<Plan> MakePlan(Members& members, const PlanOptions& options);

}  // namespace holdfast::image
