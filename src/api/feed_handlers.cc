#include "api/feed_handlers.h"

#include "api/error_response.h"
#include "base/clock.h"
#include "base/format.h"
#include "service/feeds.h"

namespace holdfast::api {
namespace {

using io::JsonWriter;

void TimeOrNull(JsonWriter& writer, std::string_view key, const std::optional<std::int64_t>& ms) {
  writer.Key(key);
  if (ms)
    writer.String(FormatTime(*ms));
  else
    writer.Null();
}

void WriteFeed(JsonWriter& writer, const service::FeedRecord& record) {
  const store::Feed& feed = record.feed;
  writer.BeginObject()
      .Field("name", feed.name)
      .Field("created_at", FormatTime(feed.created_at))
      .Field("updated_at", FormatTime(feed.updated_at))
      .Key("enabled")
      .Bool(feed.enabled);
  TimeOrNull(writer, "last_full_sync", feed.synced_at);
  writer.Key("groups").BeginArray();
  for (const service::FeedGroup& group : record.groups) {
    writer.BeginObject()
        .Field("name", group.name)
        .Field("created_at", FormatTime(feed.created_at))
        .Field("updated_at", FormatTime(feed.updated_at))
        .Key("enabled")
        .Bool(true)
        .Key("record_count")
        .Integer(group.records);
    TimeOrNull(writer, "last_sync", feed.synced_at);
    writer.EndObject();
  }
  writer.EndArray().EndObject();
}

http::ServerResponse FeedResponse(const service::FeedRecord& record) {
  JsonWriter writer;
  WriteFeed(writer, record);
  return JsonResponse(writer.Take());
}

std::string SyncJson(const service::FeedSync& sync) {
  const bool done = sync.failure.empty();
  const std::string_view status = done ? "success" : "failure";
  const double seconds = static_cast<double>(sync.duration_ms) / 1000;
  JsonWriter writer;
  writer.BeginArray();
  if (!sync.skipped) {
    writer.BeginObject().Field("feed", service::kVulnerabilityFeed).Field("status", status);
    writer.OptionalField("message", sync.failure).Key("total_time_seconds").Double(seconds).Key("groups").BeginArray();
    for (const service::FeedGroup& group : sync.groups) {
      writer.BeginObject().Field("group", group.name).Field("status", status);
      // Images are matched afterwards, in the background.
      writer.Key("updated_image_count").Integer(0).Key("updated_record_count").Integer(done ? group.records : 0);
      writer.Key("total_time_seconds").Double(seconds).EndObject();
    }
    writer.EndArray().EndObject();
  }
  writer.EndArray();
  return writer.Take();
}

Result<void> NeedFeed(const Call& call) {
  const std::string_view name = call.params.Text("feed");
  if (name == service::kVulnerabilityFeed) return {};
  return Fail(ErrorKind::kNotFound, Format("there is no feed '{}'", name));
}

Result<http::ServerResponse> NoGroups(const Call& call) {
  HF_CHECK_OK(NeedFeed(call));
  return Fail(ErrorKind::kUnsupported, "the groups of a feed come and go together: use the feed itself");
}

}  // namespace

Result<http::ServerResponse> ListFeeds(Context& context, const Call&) {
  HF_TRY(const auto record, service::GetVulnerabilityFeed(context.Use().platform));
  JsonWriter writer;
  writer.BeginArray();
  WriteFeed(writer, record);
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> SyncFeeds(Context& context, const Call&) {
  const Services& services = context.Use();
  if (services.feed_source == nullptr)
    return Fail(ErrorKind::kUnsupported, "no source of vulnerability data is configured");
  const auto sync = service::SyncFeeds(services.platform, *services.feed_source);
  if (sync) return JsonResponse(SyncJson(*sync));
  if (sync.error().Kind() == ErrorKind::kConflict)
    return ErrorResponse({.status = 409,
                          .message = "a feed sync is under way already",
                          .error_codes = {"FEED_SYNC_ALREADY_IN_PROGRESS"}});
  return std::unexpected(sync.error());
}

Result<http::ServerResponse> ToggleFeed(Context& context, const Call& call) {
  HF_CHECK_OK(NeedFeed(call));
  HF_TRY(const auto record, service::SetVulnerabilityFeedEnabled(context.Use().platform, call.params.Bool("enabled")));
  return FeedResponse(record);
}

Result<http::ServerResponse> DeleteFeed(Context& context, const Call& call) {
  HF_CHECK_OK(NeedFeed(call));
  HF_TRY(const auto record, service::RemoveVulnerabilityFeed(context.Use().platform));
  return FeedResponse(record);
}

Result<http::ServerResponse> ToggleFeedGroup(Context&, const Call& call) { return NoGroups(call); }

Result<http::ServerResponse> DeleteFeedGroup(Context&, const Call& call) { return NoGroups(call); }

}  // namespace holdfast::api
