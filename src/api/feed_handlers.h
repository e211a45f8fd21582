// Vulnerability feeds: one feed, whose groups are the namespaces of the snapshot in force.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> ListFeeds(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> SyncFeeds(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ToggleFeed(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteFeed(Context& context, const Call& call);
// Both: 501, since a snapshot is one whole.
[[nodiscard]] Result<http::ServerResponse> ToggleFeedGroup(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteFeedGroup(Context& context, const Call& call);

}  // namespace holdfast::api
