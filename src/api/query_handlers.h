// Questions over all images of an account, and over what advisories say.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> QueryImagesByVulnerability(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> QueryImagesByPackage(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> QueryVulnerabilities(Context& context, const Call& call);

}  // namespace holdfast::api
