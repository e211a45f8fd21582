#include "service/repositories.h"

#include <utility>

#include "io/json.h"
#include "service/subscriptions.h"

namespace holdfast::service {
namespace {

constexpr std::string_view kRepositoryType = "repo_update";
constexpr std::string_view kTagType = "tag_update";
constexpr io::JsonLimits kValueLimits = {.bytes_max = 32 * kMiB};  // kRepositoryTagsMax of the longest tags

// There and active, with the value if there is one.
Result<void> PutActive(store::Session& session, const store::Subscription& wanted, std::int64_t now) {
  HF_TRY(const std::size_t inserted, store::InsertSubscriptions(session, {&wanted, 1}));
  if (inserted > 0) return {};
  HF_TRY(const auto stored, store::FindSubscription(session, wanted.account_id, wanted.subscription_id));
  if (!stored) return Fail(ErrorKind::kUnavailable, "a subscription vanished while it was made");
  return store::UpdateSubscription(session, stored->id, true, wanted.value ? wanted.value : stored->value, now);
}

}  // namespace

std::string WriteRepositoryWatch(const RepositoryWatch& watch) {
  io::JsonWriter writer;
  writer.BeginObject().Key("autosubscribe").Bool(watch.autosubscribe).FieldOrNull("lookuptag", watch.lookup_tag);
  writer.Key("tagcount").Unsigned(watch.tags.size()).Key("repotags").BeginArray();
  for (const std::string& tag : watch.tags) writer.String(tag);
  writer.EndArray().EndObject();
  return writer.Take();
}

RepositoryWatch ReadRepositoryWatch(std::string_view value) {
  RepositoryWatch watch;
  const auto document = io::JsonDocument::Parse(value, kValueLimits);
  if (!document) return watch;
  const io::JsonView root = document->Root();
  watch.autosubscribe = root["autosubscribe"].Bool().value_or(true);
  if (const auto tag = root["lookuptag"].String()) watch.lookup_tag = *tag;
  const io::JsonView tags = root["repotags"];
  watch.looked = tags.IsArray();
  for (std::size_t i = 0; i < tags.Size() && i < kRepositoryTagsMax; ++i)
    if (const auto tag = tags.At(i).String()) watch.tags.emplace_back(*tag);
  return watch;
}

Result<void> WatchTag(store::Session& session, const store::Account& account, std::string_view full_tag,
                      std::int64_t now) {
  return PutActive(session, NewSubscription(account, full_tag, kTagType, now), now);
}

Result<store::Subscription> WatchRepository(const Platform& platform, const store::Account& account,
                                            const ImageName& name, const RepositoryWatch& watch, bool dry_run) {
  const std::int64_t now = platform.Now();
  const std::string key = name.registry + "/" + name.repository;
  store::Subscription wanted = NewSubscription(account, key, kRepositoryType, now);
  wanted.value = WriteRepositoryWatch(watch);
  if (dry_run) return wanted;
  return platform.database.Write([&](store::Session& session) -> Result<store::Subscription> {
    if (watch.autosubscribe)
      for (const std::string& tag : watch.tags) HF_CHECK_OK(WatchTag(session, account, key + ":" + tag, now));
    HF_CHECK_OK(PutActive(session, wanted, now));
    return wanted;
  });
}

}  // namespace holdfast::service
