// The repositories of what accounts own, and of the installation: round trips, rules, order, isolation.
#include "store/accounts.h"

#include <latch>
#include <set>
#include <thread>

#include "conformance/repository_fixture.h"
#include "store/events.h"
#include "store/imports.h"
#include "store/policies.h"
#include "store/registries.h"
#include "store/services.h"
#include "store/subscriptions.h"

namespace holdfast::store {
namespace {

using test::Driver;
using test::ExpectError;

class StoreAccountsTest : public RepositoryTest {
 protected:
  User AddUser(std::int64_t account, std::string_view name) {
    return Do([&](Session& session) {
      return InsertUser(session, {.account_id = account,
                                  .username = std::string(name),
                                  .uuid = "uuid of " + std::string(name),
                                  .created_at = kNow,
                                  .updated_at = kNow});
    });
  }
  Subscription MakeSubscription(std::int64_t account, std::string_view key, std::string_view type,
                                std::int64_t due_at = 0, bool active = true) {
    Subscription made{.account_id = account,
                      .subscription_id = std::string(key) + " " + std::string(type),
                      .key = std::string(key),
                      .type = std::string(type),
                      .active = active,
                      .due_at = due_at,
                      .created_at = kNow,
                      .updated_at = kNow};
    EXPECT_EQ(Do([&](Session& session) { return InsertSubscriptions(session, {&made, 1}); }), 1U);
    return made;
  }
  std::string TakeDue(std::int64_t count, std::int64_t now = kNow) {
    std::string keys;
    for (const Subscription& taken :
         Do([&](Session& session) { return TakeDueSubscriptions(session, "tag_update", now, now + 1000, count); }))
      keys += taken.key + " ";
    return keys;
  }
};

INSTANTIATE_TEST_SUITE_P(Drivers, StoreAccountsTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

TEST_P(StoreAccountsTest, Accounts) {
  const Account made = Do([](Session& session) {
    return InsertAccount(session, {.name = "team",
                                   .type = "user",
                                   .state = "enabled",
                                   .email = "team@example.org",
                                   .created_at = kNow,
                                   .updated_at = kNow + 1});
  });
  const auto other = AddAccount("another", "disabled");
  ExpectError(Try([](Session& session) { return InsertAccount(session, {.name = "team", .type = "user"}); }),
              ErrorKind::kConflict);
  for (const auto& found : {Do([](Session& session) { return FindAccount(session, "team"); }),
                            Do([&](Session& session) { return FindAccountById(session, made.id); })}) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, made.id);
    EXPECT_EQ(found->name, "team");
    EXPECT_EQ(found->type, "user");
    EXPECT_EQ(found->state, "enabled");
    EXPECT_EQ(found->email, "team@example.org");
    EXPECT_EQ(found->created_at, kNow);
    EXPECT_EQ(found->updated_at, kNow + 1);
  }
  EXPECT_FALSE(Do([](Session& session) { return FindAccount(session, "Team"); }));
  EXPECT_FALSE(Do([](Session& session) { return FindAccountById(session, 999); }));
  EXPECT_FALSE(Do([&](Session& session) { return FindAccountById(session, other); })->email);
  const auto all = Do([](Session& session) { return ListAccounts(session, ""); });
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "another");
  EXPECT_EQ(Do([](Session& session) { return ListAccounts(session, "disabled"); }).size(), 1U);
  Do([&](Session& session) { return SetAccountState(session, made.id, "disabled", kNow + 9); });
  EXPECT_EQ(Do([](Session& session) { return ListAccounts(session, "disabled"); }).size(), 2U);
  EXPECT_EQ(Do([&](Session& session) { return FindAccountById(session, made.id); })->updated_at, kNow + 9);
  Do([&](Session& session) { return DeleteAccount(session, made.id); });
  Do([&](Session& session) { return DeleteAccount(session, made.id); });
  EXPECT_FALSE(Do([](Session& session) { return FindAccount(session, "team"); }));
}

TEST_P(StoreAccountsTest, Users) {
  const auto team = AddAccount("team");
  const auto other = AddAccount("other");
  const User zoe = AddUser(team, "zoe");
  const User adam = AddUser(team, "adam");
  AddUser(other, "eve");
  ExpectError(Try([&](Session& session) {
                return InsertUser(session, {.account_id = other, .username = "zoe", .uuid = "new"});
              }),
              ErrorKind::kConflict);
  ExpectError(Try([&](Session& session) {
                return InsertUser(session, {.account_id = other, .username = "new", .uuid = zoe.uuid});
              }),
              ErrorKind::kConflict);
  ExpectError(
      Try([&](Session& session) { return InsertUser(session, {.account_id = 999, .username = "x", .uuid = "x"}); }),
      ErrorKind::kConflict);
  const auto find = [&](std::string_view name) {
    return Do([&](Session& session) { return FindUser(session, name); });
  };
  ASSERT_TRUE(find("zoe"));
  EXPECT_EQ(find("zoe")->id, zoe.id);
  EXPECT_EQ(find("zoe")->type, "native");
  EXPECT_FALSE(find("zoe")->password_hash);
  EXPECT_FALSE(find("zoe")->source);
  EXPECT_FALSE(find("nobody"));
  EXPECT_EQ(Do([&](Session& session) { return FindUserByUuid(session, "uuid of adam"); })->id, adam.id);
  EXPECT_FALSE(Do([&](Session& session) { return FindUserByUuid(session, "?"); }));
  const auto users = Do([&](Session& session) { return ListUsers(session, team); });
  ASSERT_EQ(users.size(), 2U);
  EXPECT_EQ(users[0].username, "adam");
  Do([&](Session& session) { return SetPassword(session, zoe.id, "hash", kNow + 1); });
  EXPECT_EQ(find("zoe")->password_hash, "hash");
  EXPECT_EQ(find("zoe")->password_at, kNow + 1);
  Do([&](Session& session) { return SetPassword(session, zoe.id, std::nullopt, kNow + 2); });
  EXPECT_FALSE(find("zoe")->password_hash);
  EXPECT_FALSE(find("zoe")->password_at);
  ExpectError(Try([&](Session& session) { return DeleteAccount(session, team); }), ErrorKind::kConflict);
  Do([&](Session& session) { return DeleteUser(session, zoe.id); });
  EXPECT_FALSE(find("zoe"));
  Do([&](Session& session) { return DeleteUsersOf(session, team); });
  Do([&](Session& session) { return DeleteAccount(session, team); });
  EXPECT_TRUE(find("eve"));
}

TEST_P(StoreAccountsTest, ASettingIsMadeOnce) {
  const std::string key("\0\xff key", 6);
  EXPECT_FALSE(Do([](Session& session) { return FindSetting(session, "seal"); }));
  std::vector<std::string> got(6);
  {
    std::latch ready(6);
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < got.size(); ++i) {
      threads.emplace_back([&, i] {
        ready.arrive_and_wait();
        got[i] = Do([&](Session& session) { return GetOrMakeSetting(session, "seal", key + std::to_string(i)); });
      });
    }
  }
  EXPECT_EQ(std::set<std::string>(got.begin(), got.end()).size(), 1U);
  EXPECT_TRUE(got[0].starts_with(key));
  EXPECT_EQ(Do([](Session& session) { return FindSetting(session, "seal"); }), got[0]);
}

TEST_P(StoreAccountsTest, Registries) {
  const auto team = AddAccount("team");
  const auto other = AddAccount("other");
  Registry quay{.account_id = team,
                .registry = "quay.io",
                .name = "Quay",
                .username = "robot",
                .secret = std::string("\0sealed\xff", 8),
                .verify = false,
                .created_at = kNow,
                .updated_at = kNow};
  Do([&](Session& session) { return InsertRegistry(session, quay); });
  ExpectError(Try([&](Session& session) { return InsertRegistry(session, quay); }), ErrorKind::kConflict);
  Registry elsewhere = quay;
  elsewhere.account_id = other;
  Do([&](Session& session) { return InsertRegistry(session, elsewhere); });
  Registry docker = quay;
  docker.registry = "docker.io";
  Do([&](Session& session) { return InsertRegistry(session, docker); });
  const auto find = [&](std::int64_t account, std::string_view name) {
    return Do([&](Session& session) { return FindRegistry(session, account, name); });
  };
  ASSERT_TRUE(find(team, "quay.io"));
  EXPECT_EQ(find(team, "quay.io")->secret, quay.secret);
  EXPECT_EQ(find(team, "quay.io")->type, "docker_v2");
  EXPECT_FALSE(find(team, "quay.io")->verify);
  EXPECT_FALSE(find(team, "ghcr.io"));
  quay.username = "new";
  quay.verify = true;
  EXPECT_TRUE(Do([&](Session& session) { return UpdateRegistry(session, quay); }));
  EXPECT_EQ(find(team, "quay.io")->username, "new");
  EXPECT_TRUE(find(team, "quay.io")->verify);
  EXPECT_EQ(find(other, "quay.io")->username, "robot");
  quay.registry = "ghcr.io";
  EXPECT_FALSE(Do([&](Session& session) { return UpdateRegistry(session, quay); }));
  const auto list = Do([&](Session& session) { return ListRegistries(session, team); });
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].registry, "docker.io");
  Do([&](Session& session) { return DeleteRegistry(session, team, "quay.io"); });
  Do([&](Session& session) { return DeleteRegistry(session, team, "quay.io"); });
  EXPECT_FALSE(find(team, "quay.io"));
  EXPECT_TRUE(find(other, "quay.io"));
  Do([&](Session& session) { return DeleteRegistriesOf(session, team); });
  EXPECT_TRUE(Do([&](Session& session) { return ListRegistries(session, team); }).empty());
  EXPECT_TRUE(find(other, "quay.io"));
}

TEST_P(StoreAccountsTest, AHostsBudgetIsShared) {
  const HostBudget budget{.capacity = 3, .refill_per_second = 2};
  const auto take = [&](std::int64_t now, std::string_view host = "quay.io") {
    return Do([&](Session& session) { return TakeHostToken(session, host, budget, now); });
  };
  {
    std::vector<std::jthread> threads;
    std::atomic<int> granted = 0;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { granted += take(kNow) == 0 ? 1 : 0; });
    threads.clear();
    EXPECT_EQ(granted, 3);
  }
  EXPECT_EQ(take(kNow), 500);
  EXPECT_EQ(take(kNow, "docker.io"), 0);
  EXPECT_EQ(take(kNow + 499), 1);
  EXPECT_EQ(take(kNow + 500), 0);
  EXPECT_EQ(take(kNow + 500), 500);
  EXPECT_EQ(take(kNow + 1'000'000), 0);  // no more than the capacity is saved up
  EXPECT_EQ(take(kNow + 1'000'000), 0);
  EXPECT_EQ(take(kNow + 1'000'000), 0);
  EXPECT_GT(take(kNow + 1'000'000), 0);
  EXPECT_GT(take(kNow), 0);  // a clock that goes back
}

TEST_P(StoreAccountsTest, RequestsThatWereNotAskedForAreCountedToo) {
  const HostBudget budget{.capacity = 3, .refill_per_second = 2};
  const auto take = [&](std::int64_t now) {
    return Do([&](Session& session) { return TakeHostToken(session, "quay.io", budget, now); });
  };
  const auto charge = [&](std::int64_t requests, std::int64_t now) {
    return Do([&](Session& session) { return ChargeHost(session, "quay.io", budget, requests, now); });
  };
  EXPECT_EQ(charge(2, kNow), 0);  // never asked before
  EXPECT_EQ(take(kNow), 0);
  EXPECT_EQ(take(kNow), 500);
  EXPECT_EQ(charge(1'000, kNow), 0);  // a debt as deep as the capacity, and no deeper
  EXPECT_EQ(take(kNow), 2000);
  EXPECT_EQ(take(kNow + 2000), 0);
  // What was saved up long ago is no more than the capacity.
  EXPECT_EQ(charge(3, kNow + 1'000'000), 0);
  EXPECT_EQ(take(kNow + 1'000'000), 500);
  Do([&](Session& session) { return PauseHost(session, "quay.io", kNow + 1'005'000); });
  EXPECT_EQ(charge(0, kNow + 1'004'999), kNow + 1'005'000);
  EXPECT_EQ(charge(0, kNow + 1'005'000), 0);
  EXPECT_EQ(take(kNow + 1'005'000), 500);
}

TEST_P(StoreAccountsTest, AHostThatAskedForItIsLeftAlone) {
  const auto take = [&](std::string_view host, std::int64_t now) {
    return Do([&](Session& session) { return TakeHostToken(session, host, {.capacity = 9}, now); });
  };
  const auto pause = [&](std::string_view host, std::int64_t until) {
    Do([&](Session& session) { return PauseHost(session, host, until); });
  };
  pause("new", kNow + 1000);  // never asked before
  EXPECT_EQ(take("new", kNow + 1), 999);
  EXPECT_EQ(take("known", kNow), 0);
  pause("known", kNow + 5000);
  pause("known", kNow + 1000);  // does not shorten it
  EXPECT_EQ(take("known", kNow), 5000);
  const auto until = [&](std::string_view host) {
    return Do([&](Session& session) { return FindHostPause(session, host); });
  };
  EXPECT_EQ(until("known"), kNow + 5000);
  EXPECT_EQ(until("never asked"), 0);
  // Afterwards it begins slowly: nothing was saved up meanwhile.
  EXPECT_EQ(take("known", kNow + 5000), 200);
  EXPECT_EQ(take("known", kNow + 5200), 0);
  EXPECT_GT(take("known", kNow + 5200), 0);
}

TEST_P(StoreAccountsTest, Policies) {
  const auto team = AddAccount("team");
  const auto other = AddAccount("other");
  const auto put = [&](std::int64_t account, std::string_view id, std::string_view document, std::int64_t now) {
    return Do([&](Session& session) {
      return PutPolicy(session,
                       {.account_id = account,
                        .policy_id = std::string(id),
                        .active = true,  // has no say
                        .document = std::string(document),
                        .digest = DigestOf(document.size()).Value()},
                       now);
    });
  };
  const auto active = [&](std::int64_t account) {
    const auto found = Do([&](Session& session) { return FindActivePolicy(session, account); });
    return found ? found->policy_id : "none";
  };
  const Policy made = put(team, "a", "{}", kNow);
  EXPECT_FALSE(made.active);
  EXPECT_EQ(made.source, "local");
  EXPECT_EQ(made.document, "{}");
  EXPECT_EQ(made.digest, DigestOf(2).Value());
  EXPECT_EQ(made.created_at, kNow);
  put(team, "b", "{ }", kNow + 1);
  put(other, "a", "{  }", kNow);
  EXPECT_EQ(active(team), "none");
  const auto activate = [&](std::int64_t account, std::string_view id) {
    return Try([&](Session& session) { return ActivatePolicy(session, account, id, kNow + 2); });
  };
  test::Value(activate(team, "a"));
  test::Value(activate(team, "a"));
  test::Value(activate(other, "a"));
  EXPECT_EQ(active(team), "a");
  test::Value(activate(team, "b"));
  EXPECT_EQ(active(team), "b");
  ExpectError(activate(team, "c"), ErrorKind::kNotFound);
  EXPECT_EQ(active(team), "b");
  EXPECT_EQ(active(other), "a");
  const Policy again = put(team, "b", "{   }", kNow + 3);
  EXPECT_TRUE(again.active);  // stays as it is
  EXPECT_EQ(again.created_at, kNow + 1);
  EXPECT_EQ(again.updated_at, kNow + 3);
  EXPECT_EQ(Do([&](Session& session) { return FindPolicy(session, team, "b"); })->document, "{   }");
  EXPECT_FALSE(Do([&](Session& session) { return FindPolicy(session, other, "b"); }));
  const auto list = Do([&](Session& session) { return ListPolicies(session, team); });
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].policy_id, "a");
  Do([&](Session& session) { return DeletePolicy(session, team, "b"); });
  EXPECT_EQ(active(team), "none");
  EXPECT_EQ(active(other), "a");
}

TEST_P(StoreAccountsTest, OnePolicyIsActiveWhoeverActivatesOne) {
  const auto team = AddAccount("team");
  for (int i = 0; i < 4; ++i)
    Do([&](Session& session) {
      return PutPolicy(session, {.account_id = team, .policy_id = std::to_string(i), .document = "{}"}, kNow);
    });
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round)
        Do([&](Session& session) { return ActivatePolicy(session, team, std::to_string(i), kNow); });
    });
  }
  threads.clear();
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM policies WHERE active = 1"), 1);
}

TEST_P(StoreAccountsTest, Evaluations) {
  const auto team = AddAccount("team");
  const auto image = AddImage(team, 1);
  Do([&](Session& session) { return PutPolicy(session, {.account_id = team, .policy_id = "p"}, kNow); });
  const auto add = [&](std::string_view tag, std::string_view action, std::int64_t at) {
    return Do([&](Session& session) {
      return InsertEvaluation(session, {.account_id = team,
                                        .image_row = image.row,
                                        .tag = std::string(tag),
                                        .policy_id = "p",
                                        .final_action = std::string(action),
                                        .key = DigestOf(7).Value(),
                                        .document = std::string("\0\x1f\xff", 3),
                                        .created_at = at});
    });
  };
  const auto list = [&](std::string_view tag, std::int64_t count) {
    return Do([&](Session& session) { return ListEvaluations(session, image.row, tag, "p", count); });
  };
  add("a:1", "go", kNow);
  const Evaluation newest = add("a:1", "stop", kNow + 1);
  add("a:1", "warn", kNow);
  add("a:2", "go", kNow + 2);
  const auto found = list("a:1", 2);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].id, newest.id);
  EXPECT_EQ(found[0].final_action, "stop");
  EXPECT_EQ(found[0].document, std::string("\0\x1f\xff", 3));
  EXPECT_EQ(found[0].key, DigestOf(7).Value());
  EXPECT_EQ(found[1].final_action, "warn");  // of one time, the later
  EXPECT_TRUE(list("a:3", 9).empty());
  Do([&](Session& session) { return DeletePolicy(session, team, "p"); });
  EXPECT_TRUE(list("a:1", 9).empty());
  add("a:1", "go", kNow);
  Do([&](Session& session) { return DeletePoliciesOf(session, team); });
  EXPECT_TRUE(list("a:1", 9).empty());
}

TEST_P(StoreAccountsTest, Subscriptions) {
  const auto team = AddAccount("team");
  const auto other = AddAccount("other");
  const Subscription tag = MakeSubscription(team, "docker.io/a:1", "tag_update", 5, false);
  EXPECT_EQ(Do([&](Session& session) { return InsertSubscriptions(session, {&tag, 1}); }), 0U);
  MakeSubscription(team, "docker.io/a:1", "analysis_update");
  MakeSubscription(team, "docker.io/b:1", "tag_update");
  MakeSubscription(other, "docker.io/a:1", "tag_update");
  const auto list = [&](std::string_view key, std::string_view type) {
    std::string text;
    for (const auto& found : Do([&](Session& session) { return ListSubscriptions(session, team, key, type); }))
      text += found.key.substr(10) + " " + found.type.substr(0, 3) + ", ";
    return text;
  };
  EXPECT_EQ(list("", ""), "a:1 ana, a:1 tag, b:1 tag, ");
  EXPECT_EQ(list("docker.io/a:1", ""), "a:1 ana, a:1 tag, ");
  EXPECT_EQ(list("", "tag_update"), "a:1 tag, b:1 tag, ");
  EXPECT_EQ(list("docker.io/b:1", "analysis_update"), "");
  const auto find = [&](std::int64_t account) {
    return Do([&](Session& session) { return FindSubscription(session, account, tag.subscription_id); });
  };
  auto found = find(team);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->due_at, 5);
  EXPECT_FALSE(found->active || found->value || found->state);
  EXPECT_NE(find(other)->id, found->id);
  EXPECT_EQ(Do([&](Session& session) { return FindSubscriptionByRow(session, found->id); })->key, tag.key);
  EXPECT_FALSE(Do([](Session& session) { return FindSubscriptionByRow(session, 999); }));
  const auto update = [&](bool active, const std::optional<std::string>& value, std::int64_t now) {
    Do([&](Session& session) { return UpdateSubscription(session, found->id, active, value, now); });
    found = find(team);
  };
  update(true, "v", kNow + 1);
  EXPECT_EQ(found->due_at, kNow + 1);  // at once
  EXPECT_EQ(found->value, "v");
  update(true, std::nullopt, kNow + 2);
  EXPECT_EQ(found->due_at, kNow + 1);  // was active before
  EXPECT_FALSE(found->value);
  Do([&](Session& session) { return SetSubscriptionState(session, found->id, "seen", kNow + 9); });
  EXPECT_EQ(find(team)->state, "seen");
  EXPECT_EQ(find(team)->due_at, kNow + 9);
  Do([&](Session& session) { return DeleteSubscription(session, team, tag.subscription_id); });
  EXPECT_FALSE(find(team));
  EXPECT_TRUE(find(other));
  Do([&](Session& session) { return DeleteSubscriptionsOf(session, team); });
  EXPECT_EQ(list("", ""), "");
  EXPECT_TRUE(find(other));
}

TEST_P(StoreAccountsTest, DueSubscriptionsAreTakenOnce) {
  const auto team = AddAccount("team");
  const auto off = AddAccount("off", "disabled");
  MakeSubscription(team, "late", "tag_update", kNow - 1);
  MakeSubscription(team, "early", "tag_update", kNow - 5);
  MakeSubscription(team, "now", "tag_update", kNow);
  MakeSubscription(team, "future", "tag_update", kNow + 1);
  MakeSubscription(team, "inactive", "tag_update", 0, false);
  MakeSubscription(team, "other", "repo_update", 0);
  MakeSubscription(off, "off", "tag_update", 0);
  const std::string two = TakeDue(2);
  EXPECT_TRUE(two == "early late " || two == "late early ") << two;
  EXPECT_EQ(TakeDue(2), "now ");
  EXPECT_EQ(TakeDue(2), "");
  EXPECT_EQ(TakeDue(1, kNow + 1), "future ");
  EXPECT_EQ(TakeDue(9, kNow + 999), "");
  EXPECT_NE(TakeDue(9, kNow + 1000), "");
}

TEST_P(StoreAccountsTest, ManyWatchersTakeEachSubscriptionOnce) {
  const auto team = AddAccount("team");
  for (int i = 0; i < 100; ++i) MakeSubscription(team, std::to_string(i), "tag_update", i);
  std::mutex mutex;
  std::multiset<std::int64_t> taken;
  std::size_t most = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (;;) {
        const auto some =
            Do([](Session& session) { return TakeDueSubscriptions(session, "tag_update", kNow, kNow + 1000, 7); });
        if (some.empty()) return;
        const std::scoped_lock lock(mutex);
        most = std::max(most, some.size());
        for (const Subscription& one : some) taken.insert(one.id);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(most, 7U);
  EXPECT_EQ(taken.size(), 100U);
  EXPECT_EQ(std::set<std::int64_t>(taken.begin(), taken.end()).size(), 100U);
}

TEST_P(StoreAccountsTest, SubscriptionsAreNotScanned) {
  const auto team = AddAccount("team");
  Do([&](Session& session) {
    return session.RunScript(
        {"test.fill",
         "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO subscriptions "
         "(account_id, subscription_id, key, type, active, due_at, created_at, updated_at) SELECT 1, 's' || i, "
         "'k' || (i / 4), CASE WHEN i % 4 = 0 THEN 'tag_update' ELSE 'vuln_update' END, i % 2, i, 0, 0 FROM n"});
  });
  ExpectNoScan({"subscriptions"}, [&](Session& session) -> Result<void> {
    HF_CHECK_OK(TakeDueSubscriptions(session, "tag_update", 100, 200, 5));
    HF_CHECK_OK(ListSubscriptions(session, team, "k5", "tag_update"));
    HF_CHECK_OK(ListSubscriptions(session, team, "k5", ""));
    HF_CHECK_OK(FindSubscription(session, team, "s77"));
    return {};
  });
}

TEST_P(StoreAccountsTest, Events) {
  const auto team = AddAccount("team");
  const auto other = AddAccount("other");
  const auto add = [&](std::int64_t account, std::string_view uuid, std::int64_t at, std::string_view type,
                       std::string_view level = "info") {
    Do([&](Session& session) {
      return InsertEvent(session, {.account_id = account,
                                   .uuid = std::string(uuid),
                                   .created_at = at,
                                   .type = std::string(type),
                                   .level = std::string(level),
                                   .source_service = "catalog",
                                   .source_host = "host",
                                   .source_url = "http://host",
                                   .request_id = "r",
                                   .resource_type = "image_tag",
                                   .resource_id = "docker.io/a:" + std::string(uuid),
                                   .message = "m",
                                   .details = "{\"a\":1}"});
    });
  };
  add(team, "1", kNow, "user.image.analysis.completed");
  add(team, "2", kNow + 1, "user.image.analysis.failed", "error");
  add(team, "3", kNow + 2, "system.feeds.sync_done");
  add(other, "4", kNow, "user.image.analysis.failed", "error");
  ExpectError(Try([&](Session& session) { return InsertEvent(session, {.account_id = team, .uuid = "1"}); }),
              ErrorKind::kConflict);
  const auto list = [&](const EventFilter& filter, std::int64_t page = 1, std::int64_t limit = 10) {
    const auto found = Do([&](Session& session) { return ListEvents(session, team, filter, page, limit); });
    std::string uuids;
    for (const Event& event : found.events) uuids += event.uuid;
    return uuids + (found.more ? "+" : "");
  };
  EXPECT_EQ(list({}), "321");
  EXPECT_EQ(list({}, 1, 2), "32+");
  EXPECT_EQ(list({}, 2, 2), "1");
  EXPECT_EQ(list({}, 1, 3), "321");
  EXPECT_EQ(list({}, 9, 3), "");
  EXPECT_EQ(list({}, 0, 2), "32+");
  EXPECT_EQ(list({.level = "error"}), "2");
  EXPECT_EQ(list({.source_service = "catalog"}), "321");
  EXPECT_EQ(list({.source_service = "api"}), "");
  EXPECT_EQ(list({.source_host = "host", .resource_type = "image_tag", .resource_id = "docker.io/a:3"}), "3");
  EXPECT_EQ(list({.since = kNow + 1}), "32");
  EXPECT_EQ(list({.before = kNow + 1}), "1");
  // '*' is any run of characters, nothing else is special, and case counts.
  EXPECT_EQ(list({.type = "user.*"}), "21");
  EXPECT_EQ(list({.type = "*.failed"}), "2");
  EXPECT_EQ(list({.type = "user.image.analysis.failed"}), "2");
  EXPECT_EQ(list({.type = "User.*"}), "");
  EXPECT_EQ(list({.type = "system.feeds.sync_done"}), "3");
  EXPECT_EQ(list({.type = "system.feeds.sync?done"}), "");
  EXPECT_EQ(list({.type = "system.feeds_sync_done"}), "");
  EXPECT_EQ(list({.type = "%"}), "");
  EXPECT_EQ(list({.type = "[s]*"}), "");
  EXPECT_EQ(list({.type = "[s!]*"}), "");

  const auto one = Do([&](Session& session) { return FindEvent(session, team, "2"); });
  ASSERT_TRUE(one);
  EXPECT_EQ(one->created_at, kNow + 1);
  EXPECT_EQ(one->level, "error");
  EXPECT_EQ(one->source_url, "http://host");
  EXPECT_EQ(one->request_id, "r");
  EXPECT_EQ(one->message, "m");
  EXPECT_EQ(one->details, "{\"a\":1}");
  EXPECT_FALSE(Do([&](Session& session) { return FindEvent(session, team, "4"); }));
  EXPECT_FALSE(Do([&](Session& session) { return DeleteEvent(session, team, "4"); }));
  EXPECT_TRUE(Do([&](Session& session) { return DeleteEvent(session, team, "3"); }));
  EXPECT_FALSE(Do([&](Session& session) { return DeleteEvent(session, team, "3"); }));
  const auto remove = [&](const EventFilter& filter) {
    return Do([&](Session& session) { return DeleteEvents(session, team, filter); });
  };
  EXPECT_TRUE(remove({.level = "error", .since = kNow + 2}).empty());
  EXPECT_EQ(remove({.level = "error"}), std::vector<std::string>{"2"});
  EXPECT_EQ(remove({.since = kNow, .before = kNow + 1}), std::vector<std::string>{"1"});
  Do([&](Session& session) { return DeleteEventsOf(session, team); });
  EXPECT_TRUE(Do([&](Session& session) { return FindEvent(session, other, "4"); }));
}

TEST_P(StoreAccountsTest, LongKeysOfEventsAndJobsFit) {
  const auto team = AddAccount("team");
  const std::string longest(10'000, 'x');
  Do([&](Session& session) {
    return InsertEvent(session, {.account_id = team, .uuid = "1", .resource_id = longest, .message = longest});
  });
  const auto found = Do([&](Session& session) { return ListEvents(session, team, {.resource_id = longest}, 1, 10); });
  ASSERT_EQ(found.events.size(), 1U);
  EXPECT_LT(found.events[0].resource_id.size(), 1000U);
  EXPECT_EQ(found.events[0].message, longest);
  EXPECT_TRUE(Do([&](Session& session) {
                return ListEvents(session, team, {.resource_id = longest + "x"}, 1, 10);
              }).events.empty());
}

TEST_P(StoreAccountsTest, ServicesComeAndFallSilent) {
  const auto put = [&](std::string_view name, std::string_view host, std::int64_t at) {
    Do([&](Session& session) {
      return PutService(session, {.name = std::string(name),
                                  .host_id = std::string(host),
                                  .base_url = "http://h",
                                  .version = "1",
                                  .heartbeat_at = at});
    });
  };
  const auto list = [&](std::string_view name, std::string_view host) {
    std::string text;
    for (const Service& service : Do([&](Session& session) { return ListServices(session, name, host); }))
      text += service.name + "@" + service.host_id + "=" + service.state + (service.up ? "+ " : "- ");
    return text;
  };
  put("catalog", "b", kNow);
  put("catalog", "a", kNow - 100);
  put("analyzer", "a", kNow);
  EXPECT_EQ(list("", ""), "analyzer@a=up+ catalog@a=up+ catalog@b=up+ ");
  EXPECT_EQ(list("catalog", ""), "catalog@a=up+ catalog@b=up+ ");
  EXPECT_EQ(list("", "a"), "analyzer@a=up+ catalog@a=up+ ");
  EXPECT_EQ(list("feeds", "a"), "");
  const auto move = [&](std::string_view from, std::string_view to, std::int64_t before) {
    return Do([&](Session& session) { return MoveSilentServices(session, from, to, before); });
  };
  EXPECT_TRUE(move("up", "down", kNow - 100).empty());
  const auto moved = move("up", "down", kNow - 99);
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].state, "down");
  EXPECT_EQ(list("catalog", "a"), "catalog@a=down- ");
  EXPECT_EQ(move("down", "orphaned", kNow).size(), 1U);
  put("catalog", "a", kNow + 1);  // and comes back
  EXPECT_EQ(list("catalog", "a"), "catalog@a=up+ ");
  EXPECT_TRUE(Do([](Session& session) { return DeleteService(session, "catalog", "a"); }));
  EXPECT_FALSE(Do([](Session& session) { return DeleteService(session, "catalog", "a"); }));
}

TEST_P(StoreAccountsTest, SnapshotsAndFeeds) {
  EXPECT_FALSE(Do([](Session& session) { return FindNewestSnapshot(session); }));
  std::vector<std::int64_t> generations;
  for (std::uint64_t i = 0; i < 4; ++i)
    generations.push_back(Do([&](Session& session) {
                            return InsertSnapshot(session, {.digest = DigestOf(i).Value(),
                                                            .object_key = "snapshots/" + std::to_string(i),
                                                            .info = "{}",
                                                            .created_at = kNow});
                          }).generation);
  EXPECT_TRUE(std::ranges::is_sorted(generations));
  const auto newest = Do([](Session& session) { return FindNewestSnapshot(session); });
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->generation, generations[3]);
  EXPECT_EQ(newest->digest, DigestOf(3).Value());
  EXPECT_EQ(newest->object_key, "snapshots/3");
  const auto old = Do([](Session& session) { return ListOldSnapshots(session, 2); });
  ASSERT_EQ(old.size(), 2U);
  EXPECT_EQ(old[0].generation, generations[0]);
  Do([&](Session& session) { return DeleteSnapshot(session, generations[3]); });
  // A generation is never used again: contexts remember it.
  const auto next = Do([](Session& session) { return InsertSnapshot(session, {.object_key = "x", .info = "{}"}); });
  EXPECT_GT(next.generation, generations[3]);

  const auto feed = [&] { return Do([](Session& session) { return GetFeed(session, "vulnerabilities", kNow); }); };
  EXPECT_TRUE(feed().enabled);
  EXPECT_FALSE(feed().synced_at);
  Do([](Session& session) { return SetFeedEnabled(session, "vulnerabilities", false, kNow + 1); });
  Do([](Session& session) { return SetFeedSynced(session, "vulnerabilities", kNow + 2, kNow + 3); });
  EXPECT_FALSE(feed().enabled);
  EXPECT_EQ(feed().synced_at, kNow + 2);
  EXPECT_EQ(feed().updated_at, kNow + 3);
  EXPECT_EQ(feed().created_at, kNow);
}

TEST_P(StoreAccountsTest, Imports) {
  const auto team = AddAccount("team");
  const auto other = AddAccount("other");
  const auto add = [&](std::int64_t account, std::string_view uuid, std::string_view status, std::int64_t at) {
    Do([&](Session& session) {
      return InsertImport(session, {.uuid = std::string(uuid),
                                    .account_id = account,
                                    .status = std::string(status),
                                    .created_at = at,
                                    .expires_at = at + 100});
    });
  };
  add(team, "a", "pending", kNow);
  add(team, "b", "pending", kNow + 50);
  add(other, "c", "complete", kNow);
  ExpectError(Try([&](Session& session) { return InsertImport(session, {.uuid = "a", .account_id = other}); }),
              ErrorKind::kConflict);
  const auto status = [&](std::int64_t account, std::string_view uuid) {
    const auto found = Do([&](Session& session) { return FindImport(session, account, uuid); });
    return found ? found->status : "none";
  };
  EXPECT_EQ(status(team, "a"), "pending");
  EXPECT_EQ(status(other, "a"), "none");
  const auto list = Do([&](Session& session) { return ListImports(session, team); });
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].uuid, "b");
  EXPECT_EQ(list[0].expires_at, kNow + 150);
  const auto put = [&](std::string_view kind, std::uint64_t digest) {
    Do([&](Session& session) {
      return PutImportContent(session, {.import_uuid = "a",
                                        .kind = std::string(kind),
                                        .digest = DigestOf(digest),
                                        .object_key = "k",
                                        .created_at = kNow});
    });
  };
  put("packages", 1);
  put("packages", 1);
  put("packages", 2);
  put("manifest", 1);
  EXPECT_EQ(Do([](Session& session) { return ListImportContents(session, "a", "packages"); }).size(), 2U);
  const auto contents = Do([](Session& session) { return ListImportContents(session, "a", ""); });
  ASSERT_EQ(contents.size(), 3U);
  EXPECT_EQ(contents[0].kind, "manifest");
  EXPECT_EQ(contents[0].digest, DigestOf(1));
  const auto move = [&](std::string_view from, std::string_view to) {
    return Do([&](Session& session) { return MoveImport(session, "a", from, to); });
  };
  EXPECT_TRUE(move("pending", "queued"));
  EXPECT_FALSE(move("pending", "queued"));
  Do([](Session& session) { return ExpireImports(session, kNow + 1000); });
  EXPECT_EQ(status(team, "a"), "queued");
  EXPECT_EQ(status(team, "b"), "expired");
  const auto ended = [&](std::int64_t before, std::int64_t count) {
    return Do([&](Session& session) { return ListEndedImports(session, before, count); });
  };
  ASSERT_EQ(ended(kNow + 1000, 9).size(), 2U);
  EXPECT_EQ(ended(kNow + 1000, 1)[0].uuid, "c");
  EXPECT_EQ(ended(kNow + 50, 9).size(), 1U);
  Do([](Session& session) { return DeleteImport(session, "a"); });
  Do([](Session& session) { return DeleteImport(session, "a"); });
  EXPECT_EQ(status(team, "a"), "none");
  add(team, "a", "pending", kNow);
  put("packages", 1);
  Do([&](Session& session) { return DeleteImportsOf(session, team); });
  EXPECT_TRUE(Do([&](Session& session) { return ListImports(session, team); }).empty());
  EXPECT_EQ(status(other, "c"), "complete");
}

}  // namespace
}  // namespace holdfast::store
