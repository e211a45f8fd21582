// Accounts, their users, credentials and tokens.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> ListAccounts(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> CreateAccount(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetAccount(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteAccount(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> UpdateAccountState(Context& context, const Call& call);

[[nodiscard]] Result<http::ServerResponse> ListUsers(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> CreateUser(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetAccountUser(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteUser(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListUserCredentials(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> CreateUserCredential(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteUserCredential(Context& context, const Call& call);

[[nodiscard]] Result<http::ServerResponse> GetOwnAccount(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetOwnUser(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListOwnCredentials(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> CreateOwnCredential(Context& context, const Call& call);

}  // namespace holdfast::api
