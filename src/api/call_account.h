// The account that a call acts for, and what handlers do with registries' errors.
#pragma once

#include "api/handler_table.h"
#include "store/accounts.h"

namespace holdfast::api {

// kNotFound when an administrator names an account that is not there.
[[nodiscard]] Result<store::Account> AccountOf(const Context& context, const Call& call);

// The answer to a question that a registry did not answer well, with Anchore's error codes.
[[nodiscard]] http::ServerResponse RegistryErrorResponse(const Error& error);

}  // namespace holdfast::api
