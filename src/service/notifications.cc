#include "service/notifications.h"

#include <algorithm>

#include "base/format.h"
#include "base/request_scope.h"
#include "crypto/random.h"
#include "io/json.h"
#include "service/events.h"
#include "store/jobs.h"
#include "store/subscriptions.h"

namespace holdfast::service {
namespace {

// Turning a notification into deliveries (webhooks.h) fails only with the database.
constexpr std::int64_t kAttemptsMax = 1'000;
// How long deliveries are tried.
constexpr std::int64_t kLifeSeconds = 7 * 86'400;

std::string StatusMember(const store::Image& image, store::AnalysisStatus status) {
  io::JsonWriter writer;
  writer.BeginObject()
      .Field("analysis_status", store::AnalysisStatusName(status))
      .Field("image_digest", image.digest.Text())
      .Key("annotations")
      .Raw(image.annotations.value_or("{}"))
      .EndObject();
  return writer.Take();
}

bool Wants(const std::vector<store::Subscription>& subscriptions, std::string_view type) {
  return std::ranges::any_of(
      subscriptions, [&](const auto& subscription) { return subscription.active && subscription.type == type; });
}

}  // namespace

std::string NotificationJson(const store::Account& account, const NewNotification& notification, std::string_view id,
                             std::int64_t now) {
  const std::int64_t seconds = now / 1000;
  io::JsonWriter writer;
  writer.BeginObject()
      .Field("queueId", id)
      .Field("userId", account.name)
      .Field("dataId", id)
      .Key("created_at")
      .Integer(seconds)
      .Key("last_updated")
      .Integer(seconds)
      .Field("record_state_key", "active")
      .Key("record_state_val")
      .Null()
      .Key("tries")
      .Integer(seconds)
      .Key("max_tries")
      .Integer(seconds + kLifeSeconds);
  // Not one of Anchore's fields.
  if (const auto request = RequestScope::Current(); !request.empty()) writer.Field("request_id", request);
  writer.Key("data")
      .BeginObject()
      .Field("notification_user", account.name)
      .Field("notification_user_email", account.email.value_or(""))
      .Field("notification_type", notification.type);
  writer.Key("notification_payload")
      .BeginObject()
      .Field("userId", account.name)
      .Field("notificationId", id)
      .Field("subscription_key", notification.subject)
      .Field("subscription_type", notification.type);
  return Format("{}{}{}}}}}}}", writer.Take(), notification.payload.empty() ? "" : ",", notification.payload);
}

Result<void> Notify(const Platform& platform, store::Session& session, const store::Account& account,
                    const NewNotification& notification) {
  const std::int64_t now = platform.Now();
  const std::string id = crypto::Uuid4();
  HF_CHECK_OK(store::EnqueueJob(session,
                                {.kind = "notify",
                                 .account_id = account.id,
                                 .key = Format("{}:{}", notification.type, id),
                                 .payload = NotificationJson(account, notification, id, now),
                                 .attempts_max = kAttemptsMax},
                                now));
  return {};
}

Result<void> TellAnalysisEnded(const Platform& platform, store::Session& session, const store::Image& image,
                               store::AnalysisStatus status, std::string_view failure) {
  HF_TRY(const auto account, store::FindAccountById(session, image.account_id));
  if (!account) return {};
  const bool failed = status == store::AnalysisStatus::kFailed;
  for (const store::ImageTag& tag : image.tags) {
    const std::string full_tag = tag.FullTag();
    io::JsonWriter details;
    details.BeginObject().Field("image_digest", image.digest.Text()).OptionalField("error", failure).EndObject();
    HF_CHECK_OK(RaiseEvent(platform, session,
                           {.account_id = account->id,
                            .type = failed ? "user.image.analysis.failed" : "user.image.analysis.completed",
                            .level = failed ? "error" : "info",
                            .source = "analyzer",
                            .resource_type = "image_tag",
                            .resource_id = full_tag,
                            .message = failed ? "Analysis of the image failed" : "The image was analyzed",
                            .details = details.Take()}));
    HF_TRY(const auto subscriptions, store::ListSubscriptions(session, account->id, full_tag, "analysis_update"));
    if (!Wants(subscriptions, "analysis_update")) continue;
    HF_CHECK_OK(Notify(
        platform, session, *account,
        {.type = "analysis_update",
         .subject = full_tag,
         .payload = Format("\"curr_eval\":{},\"last_eval\":{},\"annotations\":{}", StatusMember(image, status),
                           StatusMember(image, store::AnalysisStatus::kAnalyzing), image.annotations.value_or("{}"))}));
  }
  return {};
}

}  // namespace holdfast::service
