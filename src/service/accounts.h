// Accounts, users and who may act as whom.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "crypto/password.h"
#include "crypto/secret.h"
#include "service/platform.h"
#include "store/accounts.h"

namespace holdfast::service {

inline constexpr std::string_view kAdminAccount = "admin";
inline constexpr std::string_view kSystemAccount = "anchore-system";

// Who is asking.
struct Identity {
  store::User user;
  store::Account account;

  // May act for other accounts and for the system as a whole.
  [[nodiscard]] bool IsAdmin() const { return account.type == "admin" || account.type == "service"; }
};

// Names of accounts and users: 3 to 128 characters of a small set, begun and ended by a letter or digit.
[[nodiscard]] Result<void> CheckName(std::string_view what, std::string_view name);
// 6 to 128 characters.
[[nodiscard]] Result<void> CheckPassword(const crypto::Secret& password);

// Accounts admin and anchore-system with their users, when they are not there. The admin's password is `password`, or
// made up and returned when that is empty. Nothing is returned, and no password changed, when there is an admin.
struct Bootstrap {
  std::string email;
  crypto::Secret password;
  crypto::PasswordCost cost;
};
[[nodiscard]] Result<std::optional<crypto::Secret>> BootstrapAccounts(const Platform& platform,
                                                                      const Bootstrap& bootstrap);

// Checks passwords. A right one is remembered for a minute (as a keyed hash), since Argon2id costs what it costs by
// design, in memory too: few are checked at once, and the others wait. Wrong ones slow down whoever tries them: after
// `failures_max` for one user from one address within `failures_window_ms`, each further try from there is refused for
// a while, even with the right password. So nobody locks out a user who is elsewhere. What counts is counted by each
// process for itself. A password that was stored at another cost is stored anew when it is used. Safe to share.
class Logins {
 public:
  struct Options {
    std::int64_t remember_ms = 60'000;
    std::int64_t failures_max = 10;  // 0: nobody is slowed down
    std::int64_t failures_window_ms = 300'000;
    std::int64_t pause_ms = 30'000;
    std::size_t users_max = 10'000;  // remembered at once
    crypto::PasswordCost cost;
  };
  explicit Logins(const Platform& platform);
  Logins(const Platform& platform, const Options& options);

  // kDenied for an unknown user, a wrong password, a user who may not log in (all the same to the caller: nobody learns
  // which users exist); kUnavailable while the user is slowed down. The account need not be enabled. `peer`: the
  // address that the try comes from.
  [[nodiscard]] Result<Identity> Check(std::string_view username, const crypto::Secret& password,
                                       std::string_view peer = {});
  // The user behind a token that was verified; kDenied when the user is gone.
  [[nodiscard]] Result<Identity> FindByUuid(std::string_view uuid);
  // Forgets what is remembered of the user, after a change of password or state.
  void Forget(std::string_view username);
  void ForgetAll();
  [[nodiscard]] const crypto::PasswordCost& Cost() const { return options_.cost; }

 private:
  // When what is remembered of a user expires, all requests under way ask at the same moment.
  static constexpr std::ptrdiff_t kChecksAtOnce = 2;

  struct Remembered {
    Sha256Value password_mac;
    Identity identity;
    std::int64_t until = 0;
  };
  struct Failures {
    std::int64_t count = 0, since = 0;
    std::int64_t blocked_until = 0;
  };
  using Try = std::pair<std::string, std::string>;  // user, address
  // What is known without checking.
  [[nodiscard]] std::optional<Result<Identity>> FindAnswer(const Try& one, const Sha256Value& mac);
  [[nodiscard]] std::optional<Identity> FindRemembered(std::string_view username, const Sha256Value& mac);
  [[nodiscard]] bool IsBlocked(const Try& one);
  void CountFailure(const Try& one);
  [[nodiscard]] Result<Identity> CheckStored(std::string_view username, const crypto::Secret& password);
  void StoreAnew(const store::User& user, const crypto::Secret& password);

  const Platform& platform_;
  Options options_;
  std::counting_semaphore<> checking_{kChecksAtOnce};
  crypto::Secret mac_key_;
  std::string decoy_;  // a hash that no password has: unknown users cost as much as known ones
  std::mutex mutex_;
  std::map<std::string, Remembered, std::less<>> remembered_;
  std::map<Try, Failures> failures_;
};

// kInvalidInput for a bad or reserved name, kConflict when it is taken. With the platform's initial policy bundles.
[[nodiscard]] Result<store::Account> CreateAccount(const Platform& platform, std::string_view name,
                                                   const std::optional<std::string>& email);
// kNotFound.
[[nodiscard]] Result<store::Account> GetAccount(const Platform& platform, std::string_view name);
[[nodiscard]] Result<std::vector<store::Account>> ListAccounts(const Platform& platform, std::string_view state);
// enabled and disabled; kInvalidInput for anything else, for admin, and while deleting.
[[nodiscard]] Result<store::Account> ChangeAccountState(const Platform& platform, std::string_view name,
                                                        std::string_view state);
// kInvalidInput unless it is disabled. Users go at once, everything else in the background.
[[nodiscard]] Result<store::Account> StartAccountDeletion(const Platform& platform, std::string_view name);

[[nodiscard]] Result<store::User> CreateUser(const Platform& platform, std::string_view account,
                                             std::string_view username, const crypto::Secret& password,
                                             const crypto::PasswordCost& cost);
// kNotFound when there is none, or it is another account's.
[[nodiscard]] Result<store::User> GetUser(const Platform& platform, std::string_view account,
                                          std::string_view username);
[[nodiscard]] Result<std::vector<store::User>> ListUsers(const Platform& platform, std::string_view account);
// kInvalidInput for the user that asks, `caller`, and those that the system needs.
[[nodiscard]] Result<void> RemoveUser(const Platform& platform, std::string_view account, std::string_view username,
                                      std::string_view caller);
[[nodiscard]] Result<store::User> ChangePassword(const Platform& platform, std::string_view account,
                                                 std::string_view username, const crypto::Secret& password,
                                                 const crypto::PasswordCost& cost);
[[nodiscard]] Result<void> RemovePassword(const Platform& platform, std::string_view account, std::string_view username,
                                          std::string_view caller);

}  // namespace holdfast::service
