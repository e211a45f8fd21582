#include "api/event_handlers.h"

#include "api/call_account.h"
#include "api/error_response.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"
#include "service/events.h"
#include "service/platform.h"
#include "store/events.h"

namespace holdfast::api {
namespace {

using io::JsonWriter;

void WriteEvent(JsonWriter& writer, const store::Event& event, std::string_view account) {
  writer.BeginObject()
      .Field("generated_uuid", event.uuid)
      .Field("created_at", FormatTime(event.created_at))
      .Key("event");
  service::WriteEventRecord(writer, event, account);
  writer.EndObject();
}

// Of both operations that know since, before and level.
Result<store::EventFilter> SpanOf(const Call& call) {
  store::EventFilter filter;
  filter.level = call.params.Text("level");
  HF_TRY(filter.since, TimeOf(call, "since"));
  HF_TRY(filter.before, TimeOf(call, "before"));
  return filter;
}

Error NoEvent(std::string_view id) { return Error(ErrorKind::kNotFound, Format("no event has the id {}", id)); }

}  // namespace

Result<http::ServerResponse> ListEvents(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(store::EventFilter filter, SpanOf(call));
  filter.source_service = call.params.Text("source_servicename");
  filter.source_host = call.params.Text("source_hostid");
  filter.resource_type = call.params.Text("resource_type");
  filter.resource_id = call.params.Text("resource_id");
  filter.type = LowerCase(call.params.Text("event_type"));
  const std::int64_t page = call.params.Integer("page", 1), limit = call.params.Integer("limit", 100);
  HF_TRY(const auto found, context.Use().platform.database.Read([&](store::Session& session) {
    return store::ListEvents(session, account.id, filter, page, limit);
  }));
  JsonWriter writer;
  writer.BeginObject().Key("results").BeginArray();
  for (const store::Event& event : found.events) WriteEvent(writer, event, account.name);
  writer.EndArray().Key("item_count").Unsigned(found.events.size()).Key("page").Integer(page);
  writer.Key("next_page").Bool(found.more).EndObject();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> DeleteEvents(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const store::EventFilter filter, SpanOf(call));
  HF_TRY(const auto deleted, context.Use().platform.database.Write([&](store::Session& session) {
    return store::DeleteEvents(session, account.id, filter);
  }));
  JsonWriter writer;
  writer.BeginArray();
  for (const std::string& uuid : deleted) writer.String(uuid);
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> GetEvent(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  const std::string_view id = call.params.Text("eventId");
  HF_TRY(const auto event, context.Use().platform.database.Read(
                               [&](store::Session& session) { return store::FindEvent(session, account.id, id); }));
  if (!event) return std::unexpected(NoEvent(id));
  JsonWriter writer;
  WriteEvent(writer, *event, account.name);
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> DeleteEvent(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  const std::string_view id = call.params.Text("eventId");
  HF_TRY(const bool deleted, context.Use().platform.database.Write(
                                 [&](store::Session& session) { return store::DeleteEvent(session, account.id, id); }));
  if (!deleted) return std::unexpected(NoEvent(id));
  return EmptyResponse();
}

}  // namespace holdfast::api
