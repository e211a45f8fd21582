// Policy bundles, and the vocabulary that they are written in.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> ListPolicies(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> AddPolicy(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetPolicy(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> UpdatePolicy(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeletePolicy(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetPolicySpec(Context& context, const Call& call);

}  // namespace holdfast::api
