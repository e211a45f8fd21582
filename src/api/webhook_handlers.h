// Webhooks.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

// 400 for a webhook that is not configured, 500 when it does not take the notification.
[[nodiscard]] Result<http::ServerResponse> TestWebhook(Context& context, const Call& call);

}  // namespace holdfast::api
