// From what a user typed to a source: "debian:12", "./image.tar", "oci-dir:layout:tag", "docker:app", "-".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/result.h"
#include "http/client.h"
#include "image/environment.h"
#include "image/platform.h"
#include "image/registry_client.h"
#include "image/source.h"

namespace holdfast::image {

struct SourceOptions {
  std::optional<Platform> platform;
  std::vector<std::string> excludes;  // of folders, see DirectoryOptions
  RegistryOptions registry;
  http::ClientOptions http;
  Limits limits;
  Deadline deadline;  // for reading the source: kLimit when it passes
  Environment environment = ProcessEnvironment();
};

// The prefixes registry: docker: podman: oci-dir: oci-archive: docker-archive: dir: file: say what the target is;
// archives and layouts take ":NAME" after the path, to choose one of several images. "-" is an archive on
// standard input. Without prefix: an existing path (a layout, a folder, an archive, or any file), else an
// image that the Docker or Podman daemon has, else one in a registry.
//
// kNotFound and kInvalidInput name what was tried. `logger` outlives the source.
[[nodiscard]] Result<std::unique_ptr<Source>> OpenSource(std::string_view target, const SourceOptions& options,
                                                         Logger& logger);

}  // namespace holdfast::image
