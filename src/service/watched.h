// What watchers of subscriptions (watchers.h) share: taking those that are due, finding their images, remembering.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "service/platform.h"
#include "store/accounts.h"
#include "store/images.h"
#include "store/subscriptions.h"

namespace holdfast::service {

// A subscription that was taken by a process that then was lost comes back after this.
inline constexpr std::int64_t kTakenMs = 600'000;

// Looks at one subscription, and stores its new state and due time.
using Check = std::function<Result<void>(const store::Account&, const store::Subscription&)>;

// One batch of due subscriptions of that type. A check that fails is logged; its subscription keeps its state and
// comes again a period later.
[[nodiscard]] Result<bool> CheckDue(const Platform& platform, std::string_view type, std::int64_t period,
                                    const Check& check);

// Remembers `state` until the next look.
[[nodiscard]] Result<void> Settle(const Platform& platform, const store::Subscription& subscription,
                                  const std::optional<std::string>& state, std::int64_t period);
[[nodiscard]] Result<void> Settle(const Platform& platform, store::Session& session,
                                  const store::Subscription& subscription, const std::optional<std::string>& state,
                                  std::int64_t period);

// The image that has the tag now.
[[nodiscard]] Result<std::optional<store::Image>> FindTagged(const Platform& platform, const store::Account& account,
                                                             std::string_view full_tag);

// What a subscription to answers about images looks at.
struct WatchedImage {
  std::string key;  // "tag": the newest of the tag; else the digest that the subscription lists
  store::Image image;
};
// Analysed images only.
[[nodiscard]] Result<std::vector<WatchedImage>> FindWatchedImages(const Platform& platform,
                                                                  const store::Account& account,
                                                                  const store::Subscription& subscription);

}  // namespace holdfast::service
