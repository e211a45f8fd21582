// Events: what happened, for people and for programs that poll.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace holdfast::store {

struct Event {
  std::int64_t id = 0, account_id = 0;
  std::string uuid;
  std::int64_t created_at = 0;
  std::string type;   // "user.image.analysis.completed"
  std::string level;  // info, error
  std::string source_service, source_host, source_url, request_id;
  std::string resource_type, resource_id;
  std::string message;
  std::string details = "{}";  // JSON object
};

struct EventFilter {
  std::string source_service, source_host, resource_type, resource_id, level;  // exact; empty: any
  std::string type;                                                            // '*' stands for any run of characters
  std::optional<std::int64_t> since, before;
};

[[nodiscard]] Result<void> InsertEvents(Session& session, std::span<const Event> events);
[[nodiscard]] inline Result<void> InsertEvent(Session& session, const Event& event) {
  return InsertEvents(session, {&event, 1});
}
struct EventPage {
  std::vector<Event> events;  // newest first
  bool more = false;
};
// Pages count from 1.
[[nodiscard]] Result<EventPage> ListEvents(Session& session, std::int64_t account_id, const EventFilter& filter,
                                           std::int64_t page, std::int64_t limit);
[[nodiscard]] Result<std::optional<Event>> FindEvent(Session& session, std::int64_t account_id, std::string_view uuid);
// By since, before and level of the filter; the uuids of what was deleted.
[[nodiscard]] Result<std::vector<std::string>> DeleteEvents(Session& session, std::int64_t account_id,
                                                            const EventFilter& filter);
[[nodiscard]] Result<bool> DeleteEvent(Session& session, std::int64_t account_id, std::string_view uuid);
// The account's oldest from before `before`, at most `count`; how many it was.
[[nodiscard]] Result<std::int64_t> TrimEvents(Session& session, std::int64_t account_id, std::int64_t before,
                                              std::int64_t count);
[[nodiscard]] Result<void> DeleteEventsOf(Session& session, std::int64_t account_id);

}  // namespace holdfast::store
