// Subscriptions, and the repositories that are watched by them.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> ListSubscriptions(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> AddSubscription(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetSubscription(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> UpdateSubscription(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteSubscription(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> AddRepository(Context& context, const Call& call);

}  // namespace holdfast::api
