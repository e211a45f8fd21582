// Bearer tokens for a name and a password: the password grant of RFC 6749, section 4.3.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> CreateToken(Context& context, const Call& call);

}  // namespace holdfast::api
