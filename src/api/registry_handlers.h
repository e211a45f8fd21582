// Registries and the credentials for them.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> ListRegistries(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> AddRegistry(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetRegistry(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> UpdateRegistry(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteRegistry(Context& context, const Call& call);

}  // namespace holdfast::api
