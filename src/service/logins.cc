#include "base/format.h"
#include "crypto/mac.h"
#include "crypto/random.h"
#include "service/accounts.h"

namespace holdfast::service {
namespace {

Error Refused() { return Error(ErrorKind::kDenied, "unknown user or wrong password"); }

class Permit {
 public:
  explicit Permit(std::counting_semaphore<>& permits) : permits_(permits) { permits_.acquire(); }
  ~Permit() { permits_.release(); }
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

 private:
  std::counting_semaphore<>& permits_;
};

crypto::Secret RandomKey() {
  const std::vector<std::uint8_t> bytes = crypto::RandomBytes(32);
  return crypto::Secret(AsText(bytes));
}

}  // namespace

Logins::Logins(const Platform& platform) : Logins(platform, Options{}) {}

Logins::Logins(const Platform& platform, const Options& options)
    : platform_(platform),
      options_(options),
      mac_key_(RandomKey()),
      decoy_(crypto::HashPassword(crypto::RandomToken(), options.cost).value_or("")) {}

Result<Identity> Logins::Check(std::string_view username, const crypto::Secret& password, std::string_view peer) {
  const Sha256Value mac = crypto::HmacSha256(mac_key_, password.Reveal());
  const Try one(username, peer);
  if (auto known = FindAnswer(one, mac)) return *std::move(known);
  const Permit permit(checking_);
  // Whoever went before may have found out.
  if (auto known = FindAnswer(one, mac)) return *std::move(known);
  auto identity = CheckStored(username, password);
  if (!identity) {
    if (identity.error().Kind() == ErrorKind::kDenied) CountFailure(one);
    return identity;
  }
  const std::scoped_lock lock(mutex_);
  failures_.erase(one);
  if (remembered_.size() >= options_.users_max) remembered_.clear();
  remembered_[std::string(username)] = {mac, *identity, platform_.Now() + options_.remember_ms};
  return identity;
}

std::optional<Result<Identity>> Logins::FindAnswer(const Try& one, const Sha256Value& mac) {
  if (auto identity = FindRemembered(one.first, mac)) return *std::move(identity);
  if (!IsBlocked(one)) return std::nullopt;
  return Fail(ErrorKind::kUnavailable, Format("too many wrong passwords for '{}': try again later", one.first));
}

std::optional<Identity> Logins::FindRemembered(std::string_view username, const Sha256Value& mac) {
  const std::scoped_lock lock(mutex_);
  const auto found = remembered_.find(username);
  if (found == remembered_.end()) return std::nullopt;
  if (found->second.until < platform_.Now()) {
    remembered_.erase(found);
    return std::nullopt;
  }
  if (!crypto::ConstantTimeEquals(AsText(Bytes(found->second.password_mac.bytes)), AsText(Bytes(mac.bytes))))
    return std::nullopt;
  return found->second.identity;
}

bool Logins::IsBlocked(const Try& one) {
  const std::scoped_lock lock(mutex_);
  const auto found = failures_.find(one);
  return found != failures_.end() && found->second.blocked_until > platform_.Now();
}

void Logins::CountFailure(const Try& one) {
  if (options_.failures_max == 0) return;
  const std::int64_t now = platform_.Now();
  const std::scoped_lock lock(mutex_);
  if (failures_.size() >= options_.users_max) failures_.clear();
  Failures& failures = failures_[one];
  if (now - failures.since > options_.failures_window_ms) failures = {.since = now};
  if (++failures.count >= options_.failures_max) failures.blocked_until = now + options_.pause_ms;
}

Result<Identity> Logins::CheckStored(std::string_view username, const crypto::Secret& password) {
  HF_TRY(const auto user,
         platform_.database.Read([&](store::Session& session) { return store::FindUser(session, username); }));
  // The same work for users that exist and users that do not.
  const bool may_log_in = user && user->password_hash;
  HF_TRY(const auto check,
         crypto::VerifyPassword(password, may_log_in ? std::string_view(*user->password_hash) : decoy_, options_.cost));
  if (!may_log_in || !check.matches) return std::unexpected(Refused());
  if (check.needs_rehash) StoreAnew(*user, password);
  HF_TRY(auto account, platform_.database.Read(
                           [&](store::Session& session) { return store::FindAccountById(session, user->account_id); }));
  if (!account) return std::unexpected(Refused());
  return Identity{*user, *std::move(account)};
}

// A login does not fail for it: the next one tries again.
void Logins::StoreAnew(const store::User& user, const crypto::Secret& password) {
  const auto stored = [&]() -> Result<void> {
    HF_TRY(const std::string hash, crypto::HashPassword(password, options_.cost));
    return platform_.database.Write(
        [&](store::Session& session) { return store::ReplaceHash(session, user.id, *user.password_hash, hash); });
  }();
  if (!stored) platform_.logger.Warning(Format("a password could not be stored anew: {}", stored.error().Message()));
}

Result<Identity> Logins::FindByUuid(std::string_view uuid) {
  return platform_.database.Read([&](store::Session& session) -> Result<Identity> {
    HF_TRY(auto user, store::FindUserByUuid(session, uuid));
    if (!user) return std::unexpected(Refused());
    HF_TRY(auto account, store::FindAccountById(session, user->account_id));
    if (!account) return std::unexpected(Refused());
    return Identity{*std::move(user), *std::move(account)};
  });
}

void Logins::Forget(std::string_view username) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = remembered_.find(username); found != remembered_.end()) remembered_.erase(found);
}

void Logins::ForgetAll() {
  const std::scoped_lock lock(mutex_);
  remembered_.clear();
}

}  // namespace holdfast::service
