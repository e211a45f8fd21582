#include <map>
#include <utility>

#include "base/format.h"
#include "io/json.h"
#include "service/events.h"
#include "service/notifications.h"
#include "service/policies.h"
#include "service/watched.h"
#include "service/watchers.h"

namespace holdfast::service {
namespace {

struct Verdict {
  std::string digest, action, policy_id;

  [[nodiscard]] std::string Json() const {
    io::JsonWriter writer;
    writer.BeginObject()
        .Field("image_digest", digest)
        .Field("status", action == "stop" ? "fail" : "pass")
        .Field("final_action", action)
        .Field("policy_id", policy_id)
        .EndObject();
    return writer.Take();
  }
};

// What was seen last, by the key of WatchedImage.
using Verdicts = std::map<std::string, Verdict, std::less<>>;

Verdicts ReadState(const store::Subscription& subscription) {
  Verdicts verdicts;
  const auto state = io::JsonDocument::Parse(subscription.state.value_or("{}"));
  if (!state) return verdicts;
  const io::JsonView root = state->Root();
  for (std::size_t i = 0; i < root.Size(); ++i) {
    const io::JsonView one = root.At(i);
    verdicts.emplace(root.KeyAt(i), Verdict{std::string(one["image_digest"].StringOr("")),
                                            std::string(one["final_action"].StringOr("")),
                                            std::string(one["policy_id"].StringOr(""))});
  }
  return verdicts;
}

std::string WriteState(const Verdicts& verdicts) {
  io::JsonWriter writer;
  writer.BeginObject();
  for (const auto& [key, verdict] : verdicts) writer.Key(key).Raw(verdict.Json());
  writer.EndObject();
  return writer.Take();
}

struct Change {
  Verdict before, after;
  std::string annotations;
};

Result<void> Tell(const Platform& platform, store::Session& session, const store::Account& account,
                  const store::Subscription& subscription, const Change& change) {
  const std::string evaluations =
      Format("\"curr_eval\":{},\"last_eval\":{}", change.after.Json(), change.before.Json());
  HF_CHECK_OK(Notify(platform, session, account,
                     {.type = "policy_eval",
                      .subject = subscription.key,
                      .payload = Format("{},\"annotations\":{}", evaluations, change.annotations)}));
  return RaiseEvent(platform, session,
                    {.account_id = account.id,
                     .type = "user.checks.tag.policy_evaluation.update",
                     .source = "catalog",
                     .resource_type = "image_tag",
                     .resource_id = subscription.key,
                     .message = "The tag is judged differently now",
                     .details = Format("{{{}}}", evaluations)});
}

Result<void> CheckVerdicts(const Platform& platform, const WatcherOptions& options, const store::Account& account,
                           const store::Subscription& subscription) {
  Verdicts known = ReadState(subscription);
  std::vector<Change> changes;
  HF_TRY(const auto images, FindWatchedImages(platform, account, subscription));
  for (const WatchedImage& watched : images) {
    HF_TRY(const auto verdict, EvaluateImage(platform, account, watched.image, {.tag = subscription.key}));
    Verdict after{watched.image.digest.Text(), verdict.final_action, verdict.policy_id};
    const auto before = known.find(watched.key);
    if (before != known.end() && before->second.action != after.action)
      changes.push_back({before->second, after, watched.image.annotations.value_or("{}")});
    known.insert_or_assign(watched.key, std::move(after));
  }
  return platform.database.Write([&](store::Session& session) -> Result<void> {
    for (const Change& change : changes) HF_CHECK_OK(Tell(platform, session, account, subscription, change));
    return Settle(platform, session, subscription, WriteState(known), options.periods.policy_eval);
  });
}

}  // namespace

Result<bool> WatchVerdicts(const Platform& platform, const WatcherOptions& options) {
  return CheckDue(platform, "policy_eval", options.periods.policy_eval,
                  [&](const store::Account& account, const store::Subscription& subscription) {
                    return CheckVerdicts(platform, options, account, subscription);
                  });
}

}  // namespace holdfast::service
