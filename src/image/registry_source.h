// An image in a registry (OCI distribution-spec v1.1, "Pull"): Docker Hub, GHCR, Quay, ECR, GCR, ACR, Harbor,
// docker-registry and all others that speak it.
#pragma once

#include <memory>
#include <optional>

#include "base/limits.h"
#include "base/log.h"
#include "http/client.h"
#include "http/retry.h"
#include "image/credentials.h"
#include "image/platform.h"
#include "image/reference.h"
#include "image/registry_client.h"
#include "image/source.h"

namespace holdfast::image {

// All of it is kept by the source; `logger` outlives it.
struct RegistryAccess {
  std::shared_ptr<http::Client> client;
  std::shared_ptr<http::Pacer> pacer;
  std::shared_ptr<const Keychain> keychain;
  RegistryOptions options;
  std::optional<Platform> platform;
  Limits limits;
};

[[nodiscard]] std::unique_ptr<Source> MakeRegistrySource(Reference reference, RegistryAccess access, Logger& logger);

}  // namespace holdfast::image
