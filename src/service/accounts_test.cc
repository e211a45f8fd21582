#include "service/accounts.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "service/policies.h"
#include "store/policies.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using test::ExpectError;
using test::Value;

crypto::Secret Password(std::string_view text) { return crypto::Secret(text); }

class AccountsTest : public test::PlatformFixture, public testing::WithParamInterface<test::Driver> {
 public:
  AccountsTest() : PlatformFixture(GetParam()) {}
};

INSTANTIATE_TEST_SUITE_P(Drivers, AccountsTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

TEST_P(AccountsTest, TheBootstrapHappensOnce) {
  // The fixture did it.
  const auto again = Value(BootstrapAccounts(
      platform_, {.email = "x", .password = Password("another password"), .cost = test::kTestPasswordCost}));
  EXPECT_FALSE(again);
  Logins logins(platform_, Logins::Options{.cost = test::kTestPasswordCost});
  EXPECT_EQ(Value(logins.Check("admin", Password(test::kTestPassword))).account.type, "admin");
  ExpectError(logins.Check("admin", Password("another password")), ErrorKind::kDenied);
  ExpectError(logins.Check("anchore-system", Password(test::kTestPassword)), ErrorKind::kDenied);
  const auto accounts = Value(ListAccounts(platform_, ""));
  ASSERT_EQ(accounts.size(), 2U);
  EXPECT_EQ(accounts[0].email, "admin@example.org");
  for (const store::Account& account : accounts)
    EXPECT_TRUE(
        Value(database_->Read([&](store::Session& session) { return store::FindActivePolicy(session, account.id); })));
}

TEST_P(AccountsTest, OfManyReplicasOneBootstraps) {
  const test::TestDatabase empty(GetParam());
  const auto database = empty.OpenUpgraded();
  const Platform platform{.database = *database,
                          .objects = *objects_,
                          .clock = clock_,
                          .logger = logger_,
                          .sealer = sealer_,
                          .host_id = "h",
                          .base_url = "u",
                          .version = "1",
                          .limits = {}};
  std::atomic<int> made = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const auto password =
          Value(BootstrapAccounts(platform, {.email = "a", .password = {}, .cost = test::kTestPasswordCost}));
      if (password) {
        ++made;
        Logins logins(platform, Logins::Options{.cost = test::kTestPasswordCost});
        Value(logins.Check("admin", *password));
      }
    });
  }
  threads.clear();
  EXPECT_EQ(made, 1);
}

TEST_P(AccountsTest, NobodyLearnsWhichUsersExist) {
  AddAccount("team");
  Value(RemovePassword(platform_, "team", "team", "admin"));
  Value(CreateUser(platform_, "team", "alice", Password("right password"), test::kTestPasswordCost));
  Logins logins(platform_, Logins::Options{.cost = test::kTestPasswordCost});
  const auto unknown = logins.Check("nobody", Password("right password"));
  const auto wrong = logins.Check("alice", Password("wrong password"));
  const auto without = logins.Check("team", Password(""));
  ExpectError(unknown, ErrorKind::kDenied);
  ExpectError(wrong, ErrorKind::kDenied);
  ExpectError(without, ErrorKind::kDenied);
  EXPECT_EQ(unknown.error().Message(), wrong.error().Message());
  EXPECT_EQ(unknown.error().Message(), without.error().Message());
  const Identity alice = Value(logins.Check("alice", Password("right password")));
  EXPECT_EQ(alice.account.name, "team");
  EXPECT_FALSE(alice.IsAdmin());
  EXPECT_EQ(Value(logins.FindByUuid(alice.user.uuid)).user.username, "alice");
  ExpectError(logins.FindByUuid("?"), ErrorKind::kDenied);
}

TEST_P(AccountsTest, WrongPasswordsSlowTheirUserDown) {
  AddAccount("team");
  AddAccount("other");
  const Logins::Options options{.failures_max = 3, .pause_ms = 1000, .cost = test::kTestPasswordCost};
  Logins logins(platform_, options);
  const auto right = Password(test::kTestPassword);
  for (int i = 0; i < 2; ++i) ExpectError(logins.Check("team", Password("wrong one")), ErrorKind::kDenied);
  Value(logins.Check("team", right));  // counts anew
  for (int i = 0; i < 3; ++i) {
    ExpectError(logins.Check("team", Password("wrong one")), ErrorKind::kDenied);
    ExpectError(logins.Check("nobody", Password("wrong one")), ErrorKind::kDenied);
  }
  logins.Forget("team");
  ExpectError(logins.Check("team", right), ErrorKind::kUnavailable);
  ExpectError(logins.Check("nobody", right), ErrorKind::kUnavailable);  // known or not
  Value(logins.Check("other", right));
  clock_.Advance(1001);
  Value(logins.Check("team", right));
}

TEST_P(AccountsTest, GuessesSlowDownTheAddressTheyComeFrom) {
  AddAccount("team");
  const Logins::Options options{
      .failures_max = 2, .failures_window_ms = 500, .pause_ms = 1000, .cost = test::kTestPasswordCost};
  Logins logins(platform_, options);
  const auto wrong = Password("wrong one"), right = Password(test::kTestPassword);
  for (int i = 0; i < 2; ++i) ExpectError(logins.Check("team", wrong, "192.0.2.1"), ErrorKind::kDenied);
  ExpectError(logins.Check("team", right, "192.0.2.1"), ErrorKind::kUnavailable);
  Value(logins.Check("team", right, "192.0.2.2"));
  // Failures far apart are no guessing.
  for (int i = 0; i < 4; ++i) {
    ExpectError(logins.Check("team", wrong, "192.0.2.3"), ErrorKind::kDenied);
    clock_.Advance(501);
  }
  Logins patient(platform_, Logins::Options{.failures_max = 0, .cost = test::kTestPasswordCost});
  for (int i = 0; i < 30; ++i) ExpectError(patient.Check("team", wrong), ErrorKind::kDenied);
}

TEST_P(AccountsTest, APasswordOfAnotherCostIsStoredAnewWhenItIsUsed) {
  AddAccount("team");
  const auto hash = [&] {
    return *Value(database_->Read([&](store::Session& session) {
              return store::FindUser(session, "team");
            }))->password_hash;
  };
  const std::string before = hash();
  const crypto::PasswordCost dearer{.memory_bytes = 16 * kKiB, .passes = 1};
  Logins logins(platform_, Logins::Options{.cost = dearer});
  ExpectError(logins.Check("team", Password("wrong one")), ErrorKind::kDenied);
  EXPECT_EQ(hash(), before);
  Value(logins.Check("team", Password(test::kTestPassword)));
  const std::string after = hash();
  EXPECT_NE(after, before);
  EXPECT_FALSE(Value(crypto::VerifyPassword(Password(test::kTestPassword), after, dearer)).needs_rehash);
  // Of two logins at once, the slower one does not undo what was done since.
  Value(database_->Write([&](store::Session& session) { return store::ReplaceHash(session, 1, before, "lost"); }));
  EXPECT_EQ(hash(), after);
}

TEST_P(AccountsTest, GuessesSideBySideAreNoMoreThanOneAfterTheOther) {
  AddAccount("team");
  const Logins::Options options{.failures_max = 3, .pause_ms = 1000, .cost = {.memory_bytes = 16 * kMiB, .passes = 3}};
  Logins logins(platform_, options);
  std::atomic<int> checked = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&] {
      // An unknown user costs what the options say.
      const auto guess = logins.Check("nobody", Password("wrong one"));
      checked += !guess && guess.error().Kind() == ErrorKind::kDenied ? 1 : 0;
    });
  threads.clear();
  EXPECT_GE(checked, options.failures_max);
  EXPECT_LE(checked, options.failures_max + 1);  // two are checked at once
}

TEST_P(AccountsTest, ARightPasswordIsRememberedForAWhile) {
  AddAccount("team");
  const Logins::Options options{.remember_ms = 1000, .users_max = 2, .cost = test::kTestPasswordCost};
  Logins logins(platform_, options);
  const auto old = Password(test::kTestPassword);
  Value(logins.Check("team", old));
  Value(ChangePassword(platform_, "team", "team", Password("a new password"), test::kTestPasswordCost));
  EXPECT_TRUE(logins.Check("team", old).has_value());  // remembered
  EXPECT_TRUE(logins.Check("team", Password("a new password")).has_value());
  ExpectError(logins.Check("team", old), ErrorKind::kDenied);  // the new one is remembered now
  Value(logins.Check("team", Password("a new password")));
  Value(ChangePassword(platform_, "team", "team", old, test::kTestPasswordCost));
  clock_.Advance(1001);
  ExpectError(logins.Check("team", Password("a new password")), ErrorKind::kDenied);
  Value(logins.Check("team", old));
  Value(ChangePassword(platform_, "team", "team", Password("third password"), test::kTestPasswordCost));
  logins.Forget("team");
  ExpectError(logins.Check("team", old), ErrorKind::kDenied);
}

TEST_P(AccountsTest, AccountsAreMadeDisabledAndDeleted) {
  const auto team = AddAccount("team");
  EXPECT_TRUE(
      Value(database_->Read([&](store::Session& session) { return store::FindActivePolicy(session, team.id); })));
  ExpectError(CreateAccount(platform_, "team", std::nullopt), ErrorKind::kConflict, "'team' already exists");
  ExpectError(CreateAccount(platform_, "admin", std::nullopt), ErrorKind::kInvalidInput);
  ExpectError(CreateAccount(platform_, "x", std::nullopt), ErrorKind::kInvalidInput);
  ExpectError(GetAccount(platform_, "nobody"), ErrorKind::kNotFound);
  ExpectError(StartAccountDeletion(platform_, "team"), ErrorKind::kInvalidInput, "disabled before");
  ExpectError(StartAccountDeletion(platform_, "admin"), ErrorKind::kInvalidInput);
  ExpectError(ChangeAccountState(platform_, "team", "deleting"), ErrorKind::kInvalidInput);
  ExpectError(ChangeAccountState(platform_, "admin", "disabled"), ErrorKind::kInvalidInput);
  EXPECT_EQ(Value(ChangeAccountState(platform_, "team", "disabled")).state, "disabled");
  ExpectError(CreateUser(platform_, "team", "late", Password("password"), test::kTestPasswordCost),
              ErrorKind::kInvalidInput);
  EXPECT_EQ(Value(StartAccountDeletion(platform_, "team")).state, "deleting");
  EXPECT_TRUE(Value(ListUsers(platform_, "team")).empty());
  ExpectError(ChangeAccountState(platform_, "team", "enabled"), ErrorKind::kInvalidInput);
}

TEST_P(AccountsTest, NewAccountsGetThePlatformsBundles) {
  platform_.initial_policies = {R"({"id":"strict","version":"1_0"})", R"({"id":"lax","version":"1_0"})"};
  const auto team = AddAccount("team");
  std::vector<std::pair<std::string, bool>> bundles;
  for (const store::Policy& policy : Value(ListPolicies(platform_, team)))
    bundles.emplace_back(policy.policy_id, policy.active);
  std::ranges::sort(bundles);
  EXPECT_EQ(bundles, (std::vector<std::pair<std::string, bool>>{{"lax", false}, {"strict", true}}));
}

TEST_P(AccountsTest, UsersBelongToTheirAccount) {
  AddAccount("team");
  AddAccount("other");
  Value(CreateUser(platform_, "team", "alice", Password("password"), test::kTestPasswordCost));
  ExpectError(CreateUser(platform_, "other", "alice", Password("password"), test::kTestPasswordCost),
              ErrorKind::kConflict);
  ExpectError(CreateUser(platform_, "team", "bob", Password("short"), test::kTestPasswordCost),
              ErrorKind::kInvalidInput);
  ExpectError(CreateUser(platform_, "team", "admin", Password("password"), test::kTestPasswordCost),
              ErrorKind::kInvalidInput);
  ExpectError(GetUser(platform_, "other", "alice"), ErrorKind::kNotFound);
  ExpectError(RemoveUser(platform_, "team", "team", "team"), ErrorKind::kInvalidInput);
  ExpectError(RemoveUser(platform_, "other", "alice", "team"), ErrorKind::kNotFound);
  Value(RemoveUser(platform_, "team", "alice", "team"));
  ExpectError(GetUser(platform_, "team", "alice"), ErrorKind::kNotFound);
  EXPECT_EQ(Value(ListUsers(platform_, "team")).size(), 1U);
}

}  // namespace
}  // namespace holdfast::service
