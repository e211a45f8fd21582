#include "service/events.h"

#include <algorithm>

#include "base/clock.h"
#include "base/format.h"
#include "base/request_scope.h"
#include "crypto/random.h"
#include "io/json.h"
#include "service/notifications.h"
#include "store/accounts.h"

namespace holdfast::service {
namespace {

bool IsNotified(const Platform& platform, const store::Event& event) {
  return std::ranges::find(platform.notified_event_levels, event.level) != platform.notified_event_levels.end();
}

}  // namespace

void WriteEventRecord(io::JsonWriter& writer, const store::Event& event, std::string_view account) {
  writer.BeginObject()
      .Key("source")
      .BeginObject()
      .Field("servicename", event.source_service)
      .Field("hostid", event.source_host)
      .Field("base_url", event.source_url)
      .Field("request_id", event.request_id)
      .EndObject();
  writer.Key("resource")
      .BeginObject()
      .Field("user_id", account)
      .Field("id", event.resource_id)
      .Field("type", event.resource_type)
      .EndObject();
  writer.Field("type", event.type).Field("level", event.level).Field("message", event.message).Key("details");
  const auto details = io::JsonDocument::Parse(event.details);
  if (details)
    writer.Copy(details->Root());
  else
    writer.String(event.details);
  writer.Field("timestamp", FormatTime(event.created_at)).EndObject();
}

store::Event MakeEvent(const Platform& platform, const NewEvent& event) {
  return {.account_id = event.account_id,
          .uuid = crypto::Uuid4(),
          .created_at = platform.Now(),
          .type = event.type,
          .level = event.level,
          .source_service = event.source,
          .source_host = platform.host_id,
          .source_url = platform.base_url,
          .request_id = std::string(RequestScope::Current()),
          .resource_type = event.resource_type,
          .resource_id = event.resource_id,
          .message = event.message,
          .details = event.details};
}

std::optional<NewNotification> NotificationOfEvent(const Platform& platform, const store::Event& event,
                                                   std::string_view account) {
  if (!IsNotified(platform, event)) return std::nullopt;
  io::JsonWriter writer;
  WriteEventRecord(writer, event, account);
  return NewNotification{.type = "event_log", .subject = event.type, .payload = Format("\"event\":{}", writer.Take())};
}

Result<void> RaiseEvent(const Platform& platform, store::Session& session, const NewEvent& event) {
  const store::Event raised = MakeEvent(platform, event);
  HF_CHECK_OK(store::InsertEvent(session, raised));
  if (!IsNotified(platform, raised)) return {};
  HF_TRY(const auto account, store::FindAccountById(session, raised.account_id));
  if (!account) return {};
  return Notify(platform, session, *account, *NotificationOfEvent(platform, raised, account->name));
}

}  // namespace holdfast::service
