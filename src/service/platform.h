// What every use case of the platform works with. Made once by the program; outlives them all; safe to share.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "blob/object_store.h"
#include "store/database.h"

namespace holdfast::crypto {
class Sealer;
}

namespace holdfast::service {

class PlatformObserver;
class ImageAdder;

struct Platform {
  store::Database& database;
  blob::ObjectStore& objects;
  const Clock& clock;
  Logger& logger;
  const crypto::Sealer& sealer;
  std::string host_id;   // of this process
  std::string base_url;  // where its services answer
  std::string version;   // of the program
  Limits limits;
  std::string api_url = {};  // where clients reach the API, for links; without a slash at the end
  // Policy bundles of new accounts, all valid: the first one active. None: the built-in one.
  std::vector<std::string> initial_policies = {};
  std::vector<std::string> notified_event_levels = {};  // events of these levels become notifications
  PlatformObserver* observer = nullptr;                 // may be null
  ImageAdder* adder = nullptr;  // images.h; none: each image is added in a transaction of its own

  [[nodiscard]] std::int64_t Now() const { return clock.NowMs(); }
};

}  // namespace holdfast::service
