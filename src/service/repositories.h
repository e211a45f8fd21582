// Repositories that are watched for new tags: subscriptions of type repo_update, keyed "registry/repository", whose
// value is what is known of the repository.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "service/platform.h"
#include "service/registries.h"
#include "store/accounts.h"
#include "store/subscriptions.h"

namespace holdfast::service {

// More tags of one repository are not looked at.
inline constexpr std::size_t kRepositoryTagsMax = 100'000;

// The value of such a subscription: JSON {"autosubscribe":…, "lookuptag":…, "tagcount":…, "repotags":[…]}.
struct RepositoryWatch {
  bool autosubscribe = true;              // watch the tags that are found, too
  std::optional<std::string> lookup_tag;  // as the client gave it; kept for clients
  bool looked = false;                    // the registry was asked, and these are
  std::vector<std::string> tags;          // the tags that are known
};
[[nodiscard]] std::string WriteRepositoryWatch(const RepositoryWatch& watch);
// Of anything else, or none: a watch that has not looked yet.
[[nodiscard]] RepositoryWatch ReadRepositoryWatch(std::string_view value);

// Makes the tag_update subscription of a tag, or makes it active. Within the caller's transaction.
[[nodiscard]] Result<void> WatchTag(store::Session& session, const store::Account& account, std::string_view full_tag,
                                    std::int64_t now);

// Watches the repository from now on, also when it was watched before; with autosubscribe each tag of it too. The
// active subscription; with `dry_run` only what it would be.
[[nodiscard]] Result<store::Subscription> WatchRepository(const Platform& platform, const store::Account& account,
                                                          const ImageName& name, const RepositoryWatch& watch,
                                                          bool dry_run);

}  // namespace holdfast::service
