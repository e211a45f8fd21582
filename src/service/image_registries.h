// Registries (registries.h) over the registries of the world.
#pragma once

#include <memory>

#include "http/client.h"
#include "image/registry_client.h"
#include "service/registries.h"
#include "store/registries.h"

namespace holdfast::service {

struct ImageRegistriesOptions {
  image::RegistryOptions registry;  // certificates, mirrors, insecure hosts; no credential
  http::ClientOptions http;
  store::HostBudget budget;                // requests a host may be sent, by all replicas together
  std::int64_t budget_wait_ms = 10'000;    // for a turn, before kUnavailable
  std::int64_t question_ms_max = 180'000;  // for its answer, all attempts together, before kUnavailable
};

[[nodiscard]] std::unique_ptr<Registries> MakeImageRegistries(const Platform& platform,
                                                              const ImageRegistriesOptions& options);

}  // namespace holdfast::service
