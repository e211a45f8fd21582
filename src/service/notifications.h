// Notifications: what subscribers are told. They are jobs of kind "notify", written in the transaction that makes
// them true, and kept until a webhook has taken them (webhooks.h).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "service/platform.h"
#include "store/accounts.h"
#include "store/images.h"

namespace holdfast::io {
class JsonWriter;
}

namespace holdfast::service {

struct NewNotification {
  std::string type;     // policy_eval, tag_update, vuln_update, analysis_update, event_log
  std::string subject;  // subscription key: a full tag
  std::string payload;  // JSON members beside the common ones: "\"curr_eval\":{…},\"last_eval\":{…}"
};

// The whole document that a webhook is sent.
[[nodiscard]] std::string NotificationJson(const store::Account& account, const NewNotification& notification,
                                           std::string_view id, std::int64_t now);

// The job's key is "TYPE:ID".
[[nodiscard]] Result<void> Notify(const Platform& platform, store::Session& session, const store::Account& account,
                                  const NewNotification& notification);

// Of images, by their rows: the requests that asked for them.
using RequestsOfImages = std::map<std::int64_t, std::string>;

// Images are analyzed, or their analysis has failed for good: an event for each of their tags, and a notification for
// each active analysis_update subscription of them. An image whose request is not given is told of on behalf of the
// request that the calling thread acts for.
[[nodiscard]] Result<void> TellAnalysesEnded(const Platform& platform, store::Session& session,
                                             std::span<const store::Image> images, store::AnalysisStatus status,
                                             std::string_view failure, const RequestsOfImages& requests = {});

}  // namespace holdfast::service
