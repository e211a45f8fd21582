// Handlers whose answer depends on nothing but this build.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> Ping(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> HealthCheck(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetVersion(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetApiDocument(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListErrorCodes(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListEventTypes(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListVulnerabilityTypes(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListContentTypes(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListMetadataTypes(Context& context, const Call& call);

}  // namespace holdfast::api
