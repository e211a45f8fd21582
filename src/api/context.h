// Context: what handlers work with. Made once, by main; used from many threads.
#pragma once

#include <string>

#include <cstdint>
#include <optional>

#include "api/contract.h"
#include "base/log.h"
#include "crypto/secret.h"

namespace holdfast::service {
struct Platform;
class LocalSnapshot;
class Logins;
class Registries;
class FeedSource;
class Webhooks;
}  // namespace holdfast::service

namespace holdfast::api {

// What the configuration says about the API.
struct Settings {
  std::int64_t compressed_bytes_max = -1;  // of an image; -1: no limit
  bool oauth = false;
  crypto::Secret token_key;  // signs tokens
  std::int64_t token_life_s = 3600;
};

// The use cases. All outlive the context.
struct Services {
  const service::Platform& platform;
  service::Logins& logins;
  service::Registries& registries;
  Settings settings;
  service::FeedSource* feed_source = nullptr;  // null: no source of advisories is configured
  service::LocalSnapshot* snapshot = nullptr;  // null: nothing is known of vulnerabilities
  service::Webhooks* webhooks = nullptr;       // null: none is configured
};

struct Context {
  const Contract& contract;
  Logger& logger;
  std::string service_version;   // "1.2.3"
  std::string database_version;  // of the schema
  Services* services = nullptr;  // null only where no operation that needs them is called

  [[nodiscard]] Services& Use() const;
};

}  // namespace holdfast::api
