// Events as use cases raise them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "service/platform.h"
#include "store/events.h"

namespace holdfast::service {

struct NewEvent {
  std::int64_t account_id = 0;
  std::string type;  // "user.image.analysis.completed"
  std::string level = "info";
  std::string source;  // servicename: "catalog", "analyzer", …
  std::string resource_type, resource_id;
  std::string message;
  std::string details = "{}";  // JSON object
};

// As it is stored.
[[nodiscard]] store::Event MakeEvent(const Platform& platform, const NewEvent& event);
// Within the caller's transaction: the event is there exactly when what it tells of is.
[[nodiscard]] Result<void> RaiseEvent(const Platform& platform, store::Session& session, const NewEvent& event);

}  // namespace holdfast::service
