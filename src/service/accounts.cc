#include "service/accounts.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "crypto/random.h"
#include "service/policies.h"

namespace holdfast::service {
namespace {

constexpr std::string_view kNameSigns = "@.!#$+-=^_`~;";

bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool IsReserved(std::string_view name) { return name == "system" || name == kSystemAccount || name == kAdminAccount; }

Result<store::Account> Need(store::Session& session, std::string_view name) {
  HF_TRY(auto account, store::FindAccount(session, name));
  if (!account) return Fail(ErrorKind::kNotFound, Format("there is no account '{}'", name));
  return *std::move(account);
}

Result<store::User> NeedUser(store::Session& session, std::string_view account, std::string_view username) {
  HF_TRY(const auto owner, Need(session, account));
  HF_TRY(auto user, store::FindUser(session, username));
  if (!user || user->account_id != owner.id)
    return Fail(ErrorKind::kNotFound, Format("account '{}' has no user '{}'", account, username));
  return *std::move(user);
}

struct NewAccount {
  std::string_view name, type;
  std::optional<std::string> email;
  std::optional<std::string> password_hash;  // of its user of the same name; none: no such user
};

Result<void> MakeSystemAccount(const Platform& platform, store::Session& session, const NewAccount& wanted) {
  const std::int64_t now = platform.Now();
  HF_TRY(const auto account, store::InsertAccount(session, {.name = std::string(wanted.name),
                                                            .type = std::string(wanted.type),
                                                            .state = "enabled",
                                                            .email = wanted.email,
                                                            .created_at = now,
                                                            .updated_at = now}));
  HF_CHECK_OK(InstallInitialPolicies(platform, session, account.id));
  HF_CHECK_OK(store::InsertUser(session, {.account_id = account.id,
                                          .username = std::string(wanted.name),
                                          .uuid = crypto::Uuid4(),
                                          .type = wanted.password_hash ? "native" : "internal",
                                          .password_hash = wanted.password_hash,
                                          .password_at = now,
                                          .created_at = now,
                                          .updated_at = now}));
  return {};
}

}  // namespace

Result<void> CheckName(std::string_view what, std::string_view name) {
  const bool fits = name.size() >= 3 && name.size() <= 128 && IsLetterOrDigit(name.front()) &&
                    IsLetterOrDigit(name.back()) &&
                    std::ranges::all_of(name, [](char c) { return IsLetterOrDigit(c) || kNameSigns.contains(c); });
  if (fits) return {};
  return Fail(ErrorKind::kInvalidInput,
              Format("{}: 3 to 128 characters, letters, digits and any of {}, begun and ended by a letter or digit",
                     what, kNameSigns));
}

Result<void> CheckPassword(const crypto::Secret& password) {
  if (password.Size() >= 6 && password.Size() <= 128) return {};
  return Fail(ErrorKind::kInvalidInput, "a password has 6 to 128 characters");
}

Result<std::optional<crypto::Secret>> BootstrapAccounts(const Platform& platform, const Bootstrap& bootstrap) {
  HF_TRY(const auto present,
         platform.database.Read([](store::Session& session) { return store::FindAccount(session, kAdminAccount); }));
  if (present) return std::nullopt;
  const bool made_up = bootstrap.password.Empty();
  crypto::Secret password = made_up ? crypto::RandomToken(18) : bootstrap.password;
  HF_CHECK_OK(CheckPassword(password));
  HF_TRY(const std::string hash, crypto::HashPassword(password, bootstrap.cost));
  const auto made = platform.database.Write([&](store::Session& session) -> Result<void> {
    HF_CHECK_OK(MakeSystemAccount(platform, session, {kAdminAccount, "admin", bootstrap.email, hash}));
    return MakeSystemAccount(platform, session, {kSystemAccount, "service", std::nullopt, std::nullopt});
  });
  // Another replica was faster: its password holds.
  if (!made && made.error().Kind() == ErrorKind::kConflict) return std::nullopt;
  HF_CHECK_OK(made);
  if (!made_up) return std::nullopt;
  return password;
}

Result<store::Account> CreateAccount(const Platform& platform, std::string_view name,
                                     const std::optional<std::string>& email) {
  HF_CHECK_OK(CheckName("account name", name));
  if (IsReserved(name)) return Fail(ErrorKind::kInvalidInput, Format("account name '{}' is reserved", name));
  auto made = platform.database.Write([&](store::Session& session) -> Result<store::Account> {
    const std::int64_t now = platform.Now();
    HF_TRY(auto account, store::InsertAccount(session, {.name = std::string(name),
                                                        .type = "user",
                                                        .state = "enabled",
                                                        .email = email,
                                                        .created_at = now,
                                                        .updated_at = now}));
    HF_CHECK_OK(InstallInitialPolicies(platform, session, account.id));
    return account;
  });
  if (!made && made.error().Kind() == ErrorKind::kConflict)
    return Fail(ErrorKind::kConflict, Format("account '{}' already exists", name));
  return made;
}

Result<store::Account> GetAccount(const Platform& platform, std::string_view name) {
  return platform.database.Read([&](store::Session& session) { return Need(session, name); });
}

Result<std::vector<store::Account>> ListAccounts(const Platform& platform, std::string_view state) {
  return platform.database.Read([&](store::Session& session) { return store::ListAccounts(session, state); });
}

Result<store::Account> ChangeAccountState(const Platform& platform, std::string_view name, std::string_view state) {
  if (state != "enabled" && state != "disabled")
    return Fail(ErrorKind::kInvalidInput, Format("an account is enabled or disabled, not '{}'", state));
  if (IsReserved(name)) return Fail(ErrorKind::kInvalidInput, Format("account '{}' is always enabled", name));
  return platform.database.Write([&](store::Session& session) -> Result<store::Account> {
    HF_TRY(auto account, Need(session, name));
    if (account.state == "deleting")
      return Fail(ErrorKind::kInvalidInput, Format("account '{}' is being deleted", name));
    HF_CHECK_OK(store::SetAccountState(session, account.id, state, platform.Now()));
    return Need(session, name);
  });
}

Result<store::Account> StartAccountDeletion(const Platform& platform, std::string_view name) {
  if (IsReserved(name)) return Fail(ErrorKind::kInvalidInput, Format("account '{}' cannot be deleted", name));
  return platform.database.Write([&](store::Session& session) -> Result<store::Account> {
    HF_TRY(auto account, Need(session, name));
    if (account.state == "enabled")
      return Fail(ErrorKind::kInvalidInput, Format("account '{}' must be disabled before it is deleted", name));
    HF_CHECK_OK(store::SetAccountState(session, account.id, "deleting", platform.Now()));
    HF_CHECK_OK(store::DeleteUsersOf(session, account.id));
    HF_CHECK_OK(session.Notify("accounts"));
    return Need(session, name);
  });
}

Result<store::User> CreateUser(const Platform& platform, std::string_view account, std::string_view username,
                               const crypto::Secret& password, const crypto::PasswordCost& cost) {
  HF_CHECK_OK(CheckName("user name", username));
  HF_CHECK_OK(CheckPassword(password));
  if (IsReserved(username)) return Fail(ErrorKind::kInvalidInput, Format("user name '{}' is reserved", username));
  HF_TRY(const std::string hash, crypto::HashPassword(password, cost));
  auto made = platform.database.Write([&](store::Session& session) -> Result<store::User> {
    HF_TRY(const auto owner, Need(session, account));
    if (owner.state != "enabled")
      return Fail(ErrorKind::kInvalidInput, Format("account '{}' is {}", account, owner.state));
    const std::int64_t now = platform.Now();
    return store::InsertUser(session, {.account_id = owner.id,
                                       .username = std::string(username),
                                       .uuid = crypto::Uuid4(),
                                       .password_hash = hash,
                                       .password_at = now,
                                       .created_at = now,
                                       .updated_at = now});
  });
  if (!made && made.error().Kind() == ErrorKind::kConflict)
    return Fail(ErrorKind::kConflict, Format("user '{}' already exists", username));
  return made;
}

Result<store::User> GetUser(const Platform& platform, std::string_view account, std::string_view username) {
  return platform.database.Read([&](store::Session& session) { return NeedUser(session, account, username); });
}

Result<std::vector<store::User>> ListUsers(const Platform& platform, std::string_view account) {
  return platform.database.Read([&](store::Session& session) -> Result<std::vector<store::User>> {
    HF_TRY(const auto owner, Need(session, account));
    return store::ListUsers(session, owner.id);
  });
}

Result<void> RemoveUser(const Platform& platform, std::string_view account, std::string_view username,
                        std::string_view caller) {
  if (username == caller) return Fail(ErrorKind::kInvalidInput, "nobody may delete the user that asks");
  if (IsReserved(username)) return Fail(ErrorKind::kInvalidInput, Format("user '{}' cannot be deleted", username));
  return platform.database.Write([&](store::Session& session) -> Result<void> {
    HF_TRY(const auto user, NeedUser(session, account, username));
    return store::DeleteUser(session, user.id);
  });
}

Result<store::User> ChangePassword(const Platform& platform, std::string_view account, std::string_view username,
                                   const crypto::Secret& password, const crypto::PasswordCost& cost) {
  HF_CHECK_OK(CheckPassword(password));
  if (username == kSystemAccount) return Fail(ErrorKind::kInvalidInput, "this user has no password");
  HF_TRY(const std::string hash, crypto::HashPassword(password, cost));
  return platform.database.Write([&](store::Session& session) -> Result<store::User> {
    HF_TRY(const auto user, NeedUser(session, account, username));
    HF_CHECK_OK(store::SetPassword(session, user.id, hash, platform.Now()));
    return NeedUser(session, account, username);
  });
}

Result<void> RemovePassword(const Platform& platform, std::string_view account, std::string_view username,
                            std::string_view caller) {
  if (username == caller || IsReserved(username))
    return Fail(ErrorKind::kInvalidInput, Format("the password of '{}' cannot be deleted", username));
  return platform.database.Write([&](store::Session& session) -> Result<void> {
    HF_TRY(const auto user, NeedUser(session, account, username));
    return store::SetPassword(session, user.id, std::nullopt, platform.Now());
  });
}

}  // namespace holdfast::service
