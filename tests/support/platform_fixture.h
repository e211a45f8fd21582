// A whole platform for one test: a new database with the newest schema, objects in memory, a clock that stands still,
// registries that are made up, an account of the administrator and whatever accounts the test asks for.
//
//   class WatchersTest : public test::PlatformFixture {};
//   TEST_F(WatchersTest, …) { const auto team = AddAccount("team"); … platform_.database … clock_.Advance(60'000); }
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "blob/memory_store.h"
#include "crypto/seal.h"
#include "service/accounts.h"
#include "service/platform.h"
#include "service/registries.h"
#include "support/test_database.h"
#include "support/test_support.h"

namespace holdfast::test {

inline constexpr std::int64_t kTestNow = 1'764'036'000'000;  // 2025-11-25T02:00:00Z
inline constexpr std::string_view kTestPassword = "correct horse";
// As cheap as Argon2id can be.
inline constexpr crypto::PasswordCost kTestPasswordCost = {.memory_bytes = 8 * kKiB, .passes = 1};

class HandClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t NowMs() const override { return now_; }
  void Advance(std::int64_t ms) { now_ += ms; }
  void Set(std::int64_t ms) { now_ = ms; }

 private:
  std::atomic<std::int64_t> now_ = kTestNow;
};

// Registries that know what a test told them: by "docker.io/library/debian:12" or "…@sha256:…" (Reference::Text).
// Everything else is kNotFound, or `failure` when that is set. Records what it was asked.
class FakeRegistries final : public service::Registries {
 public:
  std::map<std::string, service::RemoteImage> images;
  std::map<std::string, std::vector<std::string>> tags;  // by "docker.io/library/debian"
  std::map<std::string, image::Credential> hosts;        // that answer a ping, and the credential they want
  std::optional<Error> failure;
  std::int64_t paused_for_ms = 0;

  Result<service::RemoteImage> Inspect(const image::Reference& reference, const service::RegistryLogin& login) override;
  Result<Digest> ResolveTag(const image::Reference& reference, const service::RegistryLogin& login) override;
  Result<std::vector<std::string>> ListTags(const image::Reference& repository, const service::RegistryLogin& login,
                                            std::size_t count_max) override;
  Result<void> Ping(std::string_view host, const service::RegistryLogin& login) override;
  Result<std::int64_t> PausedForMs(std::string_view) override { return paused_for_ms; }

  struct Question {
    std::string what;  // "ping quay.io"
    service::RegistryLogin login;
  };
  [[nodiscard]] std::vector<Question> Asked() const;

 private:
  [[nodiscard]] Result<service::RemoteImage> Find(const image::Reference& reference);
  void Record(std::string what, const service::RegistryLogin& login);

  mutable std::mutex mutex_;
  std::vector<Question> asked_;
};

// An image that a registry could have: its manifest is `manifest`, everything else is made up from `seed`.
[[nodiscard]] service::RemoteImage MakeRemoteImage(std::string_view seed);

class PlatformFixture : public testing::Test {
 public:
  explicit PlatformFixture(Driver driver = Driver::kSqlite);

  // An account with a user of the same name, whose password is kTestPassword.
  store::Account AddAccount(std::string_view name);
  [[nodiscard]] store::Account AdminAccount();

  // All rows of the tables that say whose they are, of that account, as text; to see that nothing was changed.
  [[nodiscard]] std::string DumpAccount(std::int64_t account_id);

  HandClock clock_;
  NullLogger logger_;
  FakeRegistries registries_;
  crypto::Sealer sealer_;
  std::unique_ptr<blob::ObjectStore> objects_;
  TestDatabase test_database_;
  std::unique_ptr<store::Database> database_;
  service::Platform platform_;
};

}  // namespace holdfast::test
