// What happened, as clients list and delete it.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> ListEvents(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteEvents(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetEvent(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteEvent(Context& context, const Call& call);

}  // namespace holdfast::api
