// The processes of the installation and how they fare.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> GetStatus(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetSystemStatus(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListServices(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetServicesByName(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetService(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteService(Context& context, const Call& call);

}  // namespace holdfast::api
