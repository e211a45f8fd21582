// The account that a call acts for, the time that it asks about, and what handlers do with registries' errors.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/handler_table.h"
#include "store/accounts.h"

namespace holdfast::api {

// kNotFound when an administrator names an account that is not there.
[[nodiscard]] Result<store::Account> AccountOf(const Context& context, const Call& call);

// A parameter that is a time, in milliseconds, when it was given.
[[nodiscard]] Result<std::optional<std::int64_t>> TimeOf(const Call& call, std::string_view name);

// The answer to a question that a registry did not answer well, with Anchore's error codes.
[[nodiscard]] http::ServerResponse RegistryErrorResponse(const Error& error);

}  // namespace holdfast::api
