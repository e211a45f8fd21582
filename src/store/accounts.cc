#include "store/accounts.h"

#include <string>

#include "store/codec.h"

namespace holdfast::store {
namespace {

Account ToAccount(const Row& row) {
  return {.id = row[0].Integer(),
          .name = row[1].Text(),
          .type = row[2].Text(),
          .state = row[3].Text(),
          .email = row[4].OptionalText(),
          .created_at = row[5].Integer(),
          .updated_at = row[6].Integer()};
}

User ToUser(const Row& row) {
  return {.id = row[0].Integer(),
          .account_id = row[1].Integer(),
          .username = row[2].Text(),
          .uuid = row[3].Text(),
          .type = row[4].Text(),
          .source = row[5].OptionalText(),
          .password_hash = row[6].OptionalText(),
          .password_at = row[7].OptionalInteger(),
          .created_at = row[8].Integer(),
          .updated_at = row[9].Integer()};
}

Result<std::optional<Account>> FindOneAccount(Session& session, const Statement& statement, Value key) {
  HF_TRY(const auto rows, session.Run(statement, {std::move(key)}));
  if (rows.Empty()) return std::nullopt;
  return ToAccount(rows.rows.front());
}

Result<std::optional<User>> FindOneUser(Session& session, const Statement& statement, std::string_view key) {
  HF_TRY(const auto rows, session.Run(statement, {std::string(key)}));
  if (rows.Empty()) return std::nullopt;
  return ToUser(rows.rows.front());
}

}  // namespace

Result<Account> InsertAccount(Session& session, Account account) {
  static constexpr Statement kInsert{"account.insert",
                                     "INSERT INTO accounts (name, type, state, email, created_at, updated_at) "
                                     "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"};
  HF_TRY(const auto rows, session.Run(kInsert, {account.name, account.type, account.state, FromOptional(account.email),
                                                account.created_at, account.updated_at}));
  account.id = rows.rows.front()[0].Integer();
  return account;
}

Result<std::optional<Account>> FindAccount(Session& session, std::string_view name) {
  static constexpr Statement kFind{
      "account.find", "SELECT id, name, type, state, email, created_at, updated_at FROM accounts WHERE name = $1"};
  return FindOneAccount(session, kFind, std::string(name));
}

Result<std::optional<Account>> FindAccountById(Session& session, std::int64_t id) {
  static constexpr Statement kFind{
      "account.find_by_id", "SELECT id, name, type, state, email, created_at, updated_at FROM accounts WHERE id = $1"};
  return FindOneAccount(session, kFind, id);
}

Result<std::vector<Account>> ListAccountsById(Session& session, std::span<const std::int64_t> ids) {
  static constexpr Statement kList{
      "account.list_by_id",
      "SELECT id, name, type, state, email, created_at, updated_at FROM accounts WHERE id IN (@INTS($1))"};
  HF_TRY(const auto rows, session.Run(kList, {std::vector<std::int64_t>(ids.begin(), ids.end())}));
  std::vector<Account> accounts;
  for (const Row& row : rows) accounts.push_back(ToAccount(row));
  return accounts;
}

Result<std::vector<Account>> ListAccounts(Session& session, std::string_view state) {
  static constexpr Statement kList{"account.list",
                                   "SELECT id, name, type, state, email, created_at, updated_at FROM accounts "
                                   "WHERE $1 = '' OR state = $1 ORDER BY name"};
  HF_TRY(const auto rows, session.Run(kList, {std::string(state)}));
  std::vector<Account> accounts;
  for (const Row& row : rows) accounts.push_back(ToAccount(row));
  return accounts;
}

Result<void> SetAccountState(Session& session, std::int64_t id, std::string_view state, std::int64_t now) {
  static constexpr Statement kSet{"account.set_state", "UPDATE accounts SET state = $2, updated_at = $3 WHERE id = $1"};
  HF_CHECK_OK(session.Run(kSet, {id, std::string(state), now}));
  return {};
}

Result<void> DeleteAccount(Session& session, std::int64_t id) {
  static constexpr Statement kDelete{"account.delete", "DELETE FROM accounts WHERE id = $1"};
  HF_CHECK_OK(session.Run(kDelete, {id}));
  return {};
}

Result<User> InsertUser(Session& session, User user) {
  static constexpr Statement kInsert{
      "user.insert",
      "INSERT INTO users (account_id, username, uuid, type, source, password_hash, password_at, created_at, "
      "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id"};
  HF_TRY(const auto rows, session.Run(kInsert, {user.account_id, user.username, user.uuid, user.type,
                                                FromOptional(user.source), FromOptional(user.password_hash),
                                                FromOptional(user.password_at), user.created_at, user.updated_at}));
  user.id = rows.rows.front()[0].Integer();
  return user;
}

Result<std::optional<User>> FindUser(Session& session, std::string_view username) {
  static constexpr Statement kFind{"user.find",
                                   "SELECT id, account_id, username, uuid, type, source, password_hash, password_at, "
                                   "created_at, updated_at FROM users WHERE username = $1"};
  return FindOneUser(session, kFind, username);
}

Result<std::optional<User>> FindUserByUuid(Session& session, std::string_view uuid) {
  static constexpr Statement kFind{"user.find_by_uuid",
                                   "SELECT id, account_id, username, uuid, type, source, password_hash, password_at, "
                                   "created_at, updated_at FROM users WHERE uuid = $1"};
  return FindOneUser(session, kFind, uuid);
}

Result<std::vector<User>> ListUsers(Session& session, std::int64_t account_id) {
  static constexpr Statement kList{"user.list",
                                   "SELECT id, account_id, username, uuid, type, source, password_hash, password_at, "
                                   "created_at, updated_at FROM users WHERE account_id = $1 ORDER BY username"};
  HF_TRY(const auto rows, session.Run(kList, {account_id}));
  std::vector<User> users;
  for (const Row& row : rows) users.push_back(ToUser(row));
  return users;
}

Result<void> SetPassword(Session& session, std::int64_t user_id, const std::optional<std::string>& hash,
                         std::int64_t now) {
  static constexpr Statement kSet{
      "user.set_password", "UPDATE users SET password_hash = $2, password_at = $3, updated_at = $4 WHERE id = $1"};
  HF_CHECK_OK(session.Run(kSet, {user_id, FromOptional(hash), hash ? Value{now} : Value{}, now}));
  return {};
}

Result<void> ReplaceHash(Session& session, std::int64_t user_id, std::string_view old_hash, std::string_view new_hash) {
  static constexpr Statement kReplace{"user.replace_hash",
                                      "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2"};
  HF_CHECK_OK(session.Run(kReplace, {user_id, std::string(old_hash), std::string(new_hash)}));
  return {};
}

Result<void> DeleteUser(Session& session, std::int64_t user_id) {
  static constexpr Statement kDelete{"user.delete", "DELETE FROM users WHERE id = $1"};
  HF_CHECK_OK(session.Run(kDelete, {user_id}));
  return {};
}

Result<void> DeleteUsersOf(Session& session, std::int64_t account_id) {
  static constexpr Statement kDelete{"user.delete_of_account", "DELETE FROM users WHERE account_id = $1"};
  HF_CHECK_OK(session.Run(kDelete, {account_id}));
  return {};
}

Result<std::optional<std::string>> FindSetting(Session& session, std::string_view name) {
  static constexpr Statement kFind{"setting.find", "SELECT value FROM settings WHERE name = $1"};
  HF_TRY(const auto rows, session.Run(kFind, {std::string(name)}));
  if (rows.Empty()) return std::nullopt;
  return rows.rows.front()[0].Bytes();
}

Result<std::string> GetOrMakeSetting(Session& session, std::string_view name, std::string_view value) {
  static constexpr Statement kInsert{"setting.insert",
                                     "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING"};
  HF_CHECK_OK(session.Run(kInsert, {std::string(name), Blob{std::string(value)}}));
  HF_TRY(auto stored, FindSetting(session, name));
  if (!stored) return Fail(ErrorKind::kUnavailable, "a setting vanished while it was made");
  return *std::move(stored);
}

}  // namespace holdfast::store
