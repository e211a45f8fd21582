// Watchers that ask registries: tags and repositories.

#include <algorithm>
#include <set>
#include <utility>

#include "base/format.h"
#include "io/json.h"
#include "service/events.h"
#include "service/images.h"
#include "service/notifications.h"
#include "service/repositories.h"
#include "service/subscriptions.h"
#include "service/watched.h"
#include "service/watchers.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kBackOffMaxMs = 86'400'000;
// Images that one look at a repository adds; the next look goes on soon.
constexpr std::size_t kNewTagsPerLook = 20;
constexpr std::int64_t kSoonMs = 1'000;

// Who is asked, by whom and why.
struct Question {
  const store::Account& account;
  const store::Subscription& subscription;
  ImageName name;
  RegistryLogin login;
};

Result<Question> Ask(const Platform& platform, const store::Account& account, const store::Subscription& subscription) {
  HF_TRY(auto name, ParseImageName(subscription.key));
  HF_TRY(auto login, FindLogin(platform, account.id, name.registry, name.repository));
  return Question{account, subscription, std::move(name), std::move(login)};
}

std::int64_t FailuresOf(const store::Subscription& subscription) {
  const auto state = io::JsonDocument::Parse(subscription.state.value_or("{}"));
  return state ? state->Root()["failures"].Integer().value_or(0) : 0;
}

// The registry did not answer well. Told once, until it does again. One that asked to be left alone is no failure.
Result<void> Failed(const Platform& platform, Registries& registries, const Question& question,
                    const WatcherOptions& options, const Error& error) {
  HF_TRY(const std::int64_t paused_ms, registries.PausedForMs(question.name.registry));
  // What waits comes back spread over a time, and not before the end.
  if (paused_ms > 0)
    return Settle(platform, question.subscription, question.subscription.state, paused_ms + paused_ms / 8 + 1'000);
  const bool tag = question.subscription.type == "tag_update";
  const std::int64_t period = tag ? options.periods.tag_update : options.periods.repo_update;
  const std::int64_t failures = FailuresOf(question.subscription);
  const std::int64_t pause =
      std::max(period, std::min(kBackOffMaxMs, period << std::clamp<std::int64_t>(failures, 0, 10)));
  return platform.database.Write([&](store::Session& session) -> Result<void> {
    if (failures == 0) {
      io::JsonWriter details;
      details.BeginObject().Field("error", error.Message()).EndObject();
      HF_CHECK_OK(
          RaiseEvent(platform, session,
                     {.account_id = question.account.id,
                      .type = tag ? "system.image_analysis.registry_lookup_failed" : "system.repository.list_tags_fail",
                      .level = "error",
                      .source = "catalog",
                      .resource_type = tag ? "image_reference" : "repository",
                      .resource_id = question.subscription.key,
                      .message = tag ? "The registry did not tell about the image"
                                     : "The registry did not list the tags of the repository",
                      .details = details.Take()}));
    }
    return Settle(platform, session, question.subscription, Format("{{\"failures\":{}}}", failures + 1), pause);
  });
}

bool PointsAt(const Digest& digest, const store::Image& image) {
  return image.digest == digest || image.parent_digest == digest;
}

Result<void> TellTagUpdate(const Platform& platform, store::Session& session, const Question& question,
                           const std::optional<store::Image>& before, const store::Image& after) {
  if (!before || before->digest == after.digest) return {};
  return Notify(platform, session, question.account,
                {.type = "tag_update",
                 .subject = question.subscription.key,
                 .payload = Format("\"curr_eval\":[\"{}\"],\"last_eval\":[\"{}\"],\"annotations\":{}",
                                   after.digest.Text(), before->digest.Text(), after.annotations.value_or("{}"))});
}

Result<void> CheckTag(const Platform& platform, Registries& registries, const WatcherOptions& options,
                      const Question& question) {
  const auto resolved = registries.ResolveTag(question.name.reference, question.login);
  if (!resolved) return Failed(platform, registries, question, options, resolved.error());
  HF_TRY(const auto newest, FindTagged(platform, question.account, question.subscription.key));
  const auto unchanged = [&] {
    return Settle(platform, question.subscription, std::nullopt, options.periods.tag_update);
  };
  if (newest && PointsAt(*resolved, *newest)) return unchanged();
  const auto remote = registries.Inspect(question.name.reference, question.login);
  if (!remote) return Failed(platform, registries, question, options, remote.error());
  // The same image behind a registry that is not of one mind about its digest.
  if (newest && newest->digest == remote->digest &&
      (!remote->index_digest || remote->index_digest == newest->parent_digest))
    return unchanged();
  const auto settle = [&](store::Session& session, const store::Image& image) -> Result<void> {
    HF_CHECK_OK(TellTagUpdate(platform, session, question, newest, image));
    return Settle(platform, session, question.subscription, std::nullopt, options.periods.tag_update);
  };
  const auto added = AddImage(platform, question.account, question.name, *remote,
                              {.watch_tag = true,
                               .compressed_bytes_max = options.compressed_bytes_max,
                               .lane = store::Lane::kPush,
                               .also = settle});
  if (!added && added.error().Kind() == ErrorKind::kLimit)
    return Failed(platform, registries, question, options, added.error());
  HF_CHECK_OK(added);
  return {};
}

// What a look at a repository has come to.
struct Look {
  std::vector<std::string> tags;  // to be remembered as known
  bool more = false;
  std::optional<Error> failure;  // of the registry, worth another try
};

// Whether the same question may be answered another time. What is no image (a signature, a chart) never is one.
bool IsPassing(const Error& error) {
  return error.Kind() == ErrorKind::kUnavailable || error.Kind() == ErrorKind::kDenied ||
         error.Kind() == ErrorKind::kInternal;
}

Result<Look> AddNewTags(const Platform& platform, Registries& registries, const WatcherOptions& options,
                        const Question& question, const RepositoryWatch& watched,
                        const std::vector<std::string>& listed) {
  const std::set<std::string_view> known(watched.tags.begin(), watched.tags.end());
  Look look;
  std::size_t added = 0;
  for (const std::string& tag : listed) {
    if (known.contains(tag)) {
      look.tags.push_back(tag);
      continue;
    }
    if (look.failure || look.more || !image::IsTag(tag)) continue;
    if (added++ >= kNewTagsPerLook) {
      look.more = true;
      continue;
    }
    ImageName name = question.name;
    name.tag = name.reference.tag = tag;
    const auto remote = registries.Inspect(name.reference, question.login);
    if (!remote && IsPassing(remote.error())) {
      look.failure = remote.error();
      continue;
    }
    look.tags.push_back(tag);
    const auto image = remote ? AddImage(platform, question.account, name, *remote,
                                         {.watch_tag = watched.autosubscribe,
                                          .compressed_bytes_max = options.compressed_bytes_max,
                                          .lane = store::Lane::kPush})
                              : Result<store::Image>(std::unexpected(remote.error()));
    if (!image && image.error().Kind() == ErrorKind::kUnavailable) return std::unexpected(image.error());
    if (!image) platform.logger.Info(Format("{}: {}", name.FullTag(), image.error().Message()));
  }
  return look;
}

// Whoever changed the value since it was read had a reason; the next look is by that one.
Result<void> Remember(const Platform& platform, store::Session& session, const store::Subscription& read,
                      const RepositoryWatch& watched) {
  HF_TRY(const auto now, store::FindSubscriptionByRow(session, read.id));
  if (!now || now->value != read.value) return {};
  return store::UpdateSubscription(session, now->id, now->active, WriteRepositoryWatch(watched), platform.Now());
}

Result<void> CheckRepository(const Platform& platform, Registries& registries, const WatcherOptions& options,
                             const Question& question) {
  const auto listed = registries.ListTags(question.name.reference, question.login, kRepositoryTagsMax);
  if (!listed) return Failed(platform, registries, question, options, listed.error());
  RepositoryWatch watched = ReadRepositoryWatch(question.subscription.value.value_or(""));
  Look look{.tags = *listed};
  if (watched.looked) {
    HF_TRY(look, AddNewTags(platform, registries, options, question, watched, *listed));
  }
  const bool changed = !watched.looked || look.tags != watched.tags;
  watched.tags = std::move(look.tags);
  const std::int64_t period = look.more ? kSoonMs : options.periods.repo_update;
  HF_CHECK_OK(platform.database.Write([&](store::Session& session) -> Result<void> {
    if (changed) HF_CHECK_OK(Remember(platform, session, question.subscription, watched));
    return Settle(platform, session, question.subscription, std::nullopt, period);
  }));
  if (look.failure) return Failed(platform, registries, question, options, *look.failure);
  return {};
}

}  // namespace

Result<bool> WatchTags(const Platform& platform, Registries& registries, const WatcherOptions& options) {
  return CheckDue(platform, "tag_update", options.periods.tag_update,
                  [&](const store::Account& account, const store::Subscription& subscription) -> Result<void> {
                    HF_TRY(const auto question, Ask(platform, account, subscription));
                    return CheckTag(platform, registries, options, question);
                  });
}

Result<bool> WatchRepositories(const Platform& platform, Registries& registries, const WatcherOptions& options) {
  return CheckDue(platform, "repo_update", options.periods.repo_update,
                  [&](const store::Account& account, const store::Subscription& subscription) -> Result<void> {
                    HF_TRY(const auto question, Ask(platform, account, subscription));
                    return CheckRepository(platform, registries, options, question);
                  });
}

}  // namespace holdfast::service
