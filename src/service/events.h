// Events as use cases raise them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "service/platform.h"
#include "store/events.h"

namespace holdfast::io {
class JsonWriter;
}

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

// The record that clients read: {"source": {…}, "resource": {…}, "type": …, …}. `account`: its name.
void WriteEventRecord(io::JsonWriter& writer, const store::Event& event, std::string_view account);

// As it is stored, of the request that the calling thread acts for.
[[nodiscard]] store::Event MakeEvent(const Platform& platform, const NewEvent& event);
// What is told of it, when its level is one that the platform tells of. `account`: its name.
struct NewNotification;
[[nodiscard]] std::optional<NewNotification> NotificationOfEvent(const Platform& platform, const store::Event& event,
                                                                 std::string_view account);

// Within the caller's transaction: the event is there exactly when what it tells of is. An event of a level
// that the platform tells of becomes a notification of type "event_log" too.
[[nodiscard]] Result<void> RaiseEvent(const Platform& platform, store::Session& session, const NewEvent& event);

}  // namespace holdfast::service
