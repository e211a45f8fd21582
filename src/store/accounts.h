// Accounts, their users, and the settings of the whole installation.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace holdfast::store {

struct Account {
  std::int64_t id = 0;
  std::string name;
  std::string type;   // user, admin, service
  std::string state;  // enabled, disabled, deleting
  std::optional<std::string> email;
  std::int64_t created_at = 0, updated_at = 0;
};

struct User {
  std::int64_t id = 0, account_id = 0;
  std::string username, uuid;
  std::string type = "native";
  std::optional<std::string> source;
  std::optional<std::string> password_hash;
  std::optional<std::int64_t> password_at;
  std::int64_t created_at = 0, updated_at = 0;
};

// The id is the database's. kConflict when there is one of that name.
[[nodiscard]] Result<Account> InsertAccount(Session& session, Account account);
[[nodiscard]] Result<std::optional<Account>> FindAccount(Session& session, std::string_view name);
[[nodiscard]] Result<std::optional<Account>> FindAccountById(Session& session, std::int64_t id);
// Those that are there, in no order.
[[nodiscard]] Result<std::vector<Account>> ListAccountsById(Session& session, std::span<const std::int64_t> ids);
// By name; all states when `state` is empty.
[[nodiscard]] Result<std::vector<Account>> ListAccounts(Session& session, std::string_view state);
[[nodiscard]] Result<void> SetAccountState(Session& session, std::int64_t id, std::string_view state, std::int64_t now);
// Requires: nothing else refers to the account.
[[nodiscard]] Result<void> DeleteAccount(Session& session, std::int64_t id);

[[nodiscard]] Result<User> InsertUser(Session& session, User user);
[[nodiscard]] Result<std::optional<User>> FindUser(Session& session, std::string_view username);
[[nodiscard]] Result<std::optional<User>> FindUserByUuid(Session& session, std::string_view uuid);
[[nodiscard]] Result<std::vector<User>> ListUsers(Session& session, std::int64_t account_id);
// No hash: the user cannot log in.
[[nodiscard]] Result<void> SetPassword(Session& session, std::int64_t user_id, const std::optional<std::string>& hash,
                                       std::int64_t now);
// The same password hashed in another way; nothing happens when another one was set meanwhile.
[[nodiscard]] Result<void> ReplaceHash(Session& session, std::int64_t user_id, std::string_view old_hash,
                                       std::string_view new_hash);
[[nodiscard]] Result<void> DeleteUser(Session& session, std::int64_t user_id);
[[nodiscard]] Result<void> DeleteUsersOf(Session& session, std::int64_t account_id);

[[nodiscard]] Result<std::optional<std::string>> FindSetting(Session& session, std::string_view name);
// The setting, after storing `value` if there was none: all replicas end up with the same one.
[[nodiscard]] Result<std::string> GetOrMakeSetting(Session& session, std::string_view name, std::string_view value);

}  // namespace holdfast::store
