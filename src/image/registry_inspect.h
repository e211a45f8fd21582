// Questions to a registry that need no layer: what an image is, what a tag points at, which tags there are.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/result.h"
#include "http/client.h"
#include "http/retry.h"
#include "image/platform.h"
#include "image/reference.h"
#include "image/registry_client.h"

namespace holdfast::image {

// The documents of an image as they came, verified.
struct InspectedImage {
  Digest manifest_digest;
  std::string manifest;
  std::optional<Digest> index_digest;  // of the index that the name leads to
  std::string index;
  Digest config_digest;
  std::string config;
  std::uint64_t compressed_bytes = 0;  // all layers, as stated
};

// For one repository: shares its connection and its token between questions. One thread at a time.
class RegistryInspector {
 public:
  // All of it outlives the inspector. The credential is options.credential, and no other.
  RegistryInspector(const RegistryContext& context, const Reference& repository, const Limits& limits);

  // kNotFound: no such image, or none for the platform (absent: linux on this host's processor, else linux/amd64).
  [[nodiscard]] Result<InspectedImage> Inspect(const Reference& reference, const std::optional<Platform>& platform);
  // By a HEAD request; by a GET where the registry does not state the digest then.
  [[nodiscard]] Result<Digest> ResolveTag(const Reference& reference);
  // At most `count_max`, by pages. kLimit when there are more pages than a registry can have.
  [[nodiscard]] Result<std::vector<std::string>> ListTags(std::size_t count_max);

 private:
  Limits limits_;
  RegistryClient client_;
};

// Whether the registry at that host ("docker.io", "host:port") takes options.credential: GET /v2/ (distribution-spec,
// "Determining Support"). kDenied, kUnavailable, kUnsupported when it is no registry.
[[nodiscard]] Result<void> PingRegistry(const RegistryContext& context, const std::string& host);

}  // namespace holdfast::image
