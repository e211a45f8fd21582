#include "service/notifications.h"

#include <map>
#include <set>
#include <vector>

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

store::NewJob JobOf(const store::Account& account, const NewNotification& notification, std::int64_t now) {
  const std::string id = crypto::Uuid4();
  return {.kind = "notify",
          .account_id = account.id,
          .key = Format("{}:{}", notification.type, id),
          .payload = NotificationJson(account, notification, id, now),
          .attempts_max = kAttemptsMax};
}

// Tags whose subscribers want to know when an analysis ends.
Result<std::set<store::SubscriptionKey>> FindInterest(store::Session& session, std::span<const store::Image> images) {
  std::set<store::SubscriptionKey> tags;
  for (const store::Image& image : images)
    for (const store::ImageTag& tag : image.tags) tags.insert({image.account_id, tag.FullTag()});
  const std::vector<store::SubscriptionKey> keys(tags.begin(), tags.end());
  HF_TRY(const auto subscriptions, store::ListSubscriptionsOfKeys(session, keys));
  std::set<store::SubscriptionKey> wanted;
  for (const store::Subscription& one : subscriptions)
    if (one.active && one.type == "analysis_update") wanted.insert({one.account_id, one.key});
  return wanted;
}

Result<std::map<std::int64_t, store::Account>> FindAccountsOf(store::Session& session,
                                                              std::span<const store::Image> images) {
  std::set<std::int64_t> wanted;
  for (const store::Image& image : images) wanted.insert(image.account_id);
  HF_TRY(const auto accounts, store::ListAccountsById(session, std::vector(wanted.begin(), wanted.end())));
  std::map<std::int64_t, store::Account> by_id;
  for (const store::Account& account : accounts) by_id.emplace(account.id, account);
  return by_id;
}

// How an analysis ended, for all whom it concerns.
struct Ending {
  store::AnalysisStatus status;
  std::string_view failure;
};

store::Event EventOf(const Platform& platform, const store::Image& image, const std::string& full_tag,
                     const Ending& ending) {
  const bool failed = ending.status == store::AnalysisStatus::kFailed;
  io::JsonWriter details;
  details.BeginObject().Field("image_digest", image.digest.Text()).OptionalField("error", ending.failure).EndObject();
  return MakeEvent(platform, {.account_id = image.account_id,
                              .type = failed ? "user.image.analysis.failed" : "user.image.analysis.completed",
                              .level = failed ? "error" : "info",
                              .source = "analyzer",
                              .resource_type = "image_tag",
                              .resource_id = full_tag,
                              .message = failed ? "Analysis of the image failed" : "The image was analyzed",
                              .details = details.Take()});
}

NewNotification NotificationOf(const store::Image& image, const std::string& full_tag, const Ending& ending) {
  return {.type = "analysis_update",
          .subject = full_tag,
          .payload = Format("\"curr_eval\":{},\"last_eval\":{},\"annotations\":{}", StatusMember(image, ending.status),
                            StatusMember(image, store::AnalysisStatus::kAnalyzing), image.annotations.value_or("{}"))};
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
  HF_CHECK_OK(store::EnqueueJob(session, JobOf(account, notification, now), now));
  return {};
}

Result<void> TellAnalysesEnded(const Platform& platform, store::Session& session, std::span<const store::Image> images,
                               store::AnalysisStatus status, std::string_view failure,
                               const RequestsOfImages& requests) {
  if (images.empty()) return {};
  const std::int64_t now = platform.Now();
  const Ending ending{status, failure};
  HF_TRY(const auto accounts, FindAccountsOf(session, images));
  HF_TRY(const auto interest, FindInterest(session, images));
  std::vector<store::Event> events;
  std::vector<store::NewJob> notifications;
  for (const store::Image& image : images) {
    const auto account = accounts.find(image.account_id);
    if (account == accounts.end()) continue;
    const auto request = requests.find(image.row);
    const RequestScope scope(request == requests.end() ? std::string(RequestScope::Current()) : request->second);
    for (const store::ImageTag& tag : image.tags) {
      const std::string full_tag = tag.FullTag();
      events.push_back(EventOf(platform, image, full_tag, ending));
      if (const auto told = NotificationOfEvent(platform, events.back(), account->second.name))
        notifications.push_back(JobOf(account->second, *told, now));
      if (interest.contains({image.account_id, full_tag}))
        notifications.push_back(JobOf(account->second, NotificationOf(image, full_tag, ending), now));
    }
  }
  HF_CHECK_OK(store::InsertEvents(session, events));
  HF_CHECK_OK(store::EnqueueJobs(session, notifications, now));
  return {};
}

}  // namespace holdfast::service
