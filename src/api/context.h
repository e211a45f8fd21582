// Context: what handlers work with. Made once, by main; used from many threads.
#pragma once

#include <string>

#include "api/contract.h"
#include "base/log.h"

namespace holdfast::api {

struct Context {
  const Contract& contract;
  Logger& logger;
  std::string service_version;   // "1.2.3"
  std::string database_version;  // of the schema
};

}  // namespace holdfast::api
