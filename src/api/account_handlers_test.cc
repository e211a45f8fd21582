#include "api/account_handlers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::Answer;
using test::BasicAuthorization;
using test::ExpectApiError;
using test::ExpectRefusedBySchema;
using test::kTestPassword;

constexpr std::string_view kTime = "2025-11-25T02:00:00Z";

std::vector<std::string> Names(const Answer& answer, std::string_view member) {
  const auto document = answer.Json();
  std::vector<std::string> names;
  for (const io::JsonView item : document.Root()) names.emplace_back(item[member].StringOr(""));
  return names;
}

class AccountHandlersTest : public test::ApiFixture {
 protected:
  // May `user` come in with that password?
  int StatusOf(std::string_view user, std::string_view password) {
    return Send({.target = "/user", .authorization = BasicAuthorization(user, password)}).status;
  }
};

TEST_F(AccountHandlersTest, MakesAnAccountOfTypeUser) {
  const Answer made = Post("admin", "/accounts", R"({"name":"team-a","email":"a@example.org"})");
  EXPECT_EQ(made.status, 200);
  const std::string wanted = Format(
      R"({{"name":"team-a","type":"user","state":"enabled","email":"a@example.org","created_at":"{}","last_updated":"{}"}})",
      kTime, kTime);
  EXPECT_EQ(made.body, wanted);
  EXPECT_EQ(Get("admin", "/accounts/team-a").body, wanted);
  EXPECT_THAT(Names(Get("admin", "/accounts"), "name"), testing::ElementsAre("admin", "anchore-system", "team-a"));
  EXPECT_THAT(Names(Get("admin", "/accounts?state=disabled"), "name"), testing::IsEmpty());
}

TEST_F(AccountHandlersTest, RefusesNamesThatAreTakenReservedOrNone) {
  AddAccount("team-a");
  ExpectApiError(Post("admin", "/accounts", R"({"name":"team-a"})"), 400, "already exists");
  ExpectApiError(Post("admin", "/accounts", R"({"name":"admin"})"), 400, "reserved");
  ExpectApiError(Post("admin", "/accounts", R"({"name":"system"})"), 400, "reserved");
  ExpectRefusedBySchema(Post("admin", "/accounts", R"({"name":"-a"})"));
  ExpectRefusedBySchema(Post("admin", "/accounts", R"({"email":"a@example.org"})"));
  ExpectRefusedBySchema(Get("admin", "/accounts?state=gone"));
}

TEST_F(AccountHandlersTest, AccountsAreTheAdministratorsBusiness) {
  AddAccount("team-a");
  AddAccount("team-b");
  ExpectApiError(Get("team-a", "/accounts"), 403);
  ExpectApiError(Post("team-a", "/accounts", R"({"name":"team-c"})"), 403);
  ExpectApiError(Get("team-a", "/accounts/team-b"), 403);
  ExpectApiError(Put("team-a", "/accounts/team-a/state", R"({"state":"disabled"})"), 403);
  ExpectApiError(Delete("team-a", "/accounts/team-a"), 403);
  EXPECT_EQ(Get("team-a", "/accounts/team-a").status, 200);
  ExpectApiError(Get("admin", "/accounts/nobody"), 404);
  EXPECT_EQ(Get("", "/accounts").status, 401);
}

TEST_F(AccountHandlersTest, ADisabledAccountsUsersMayNothing) {
  AddAccount("team-a");
  EXPECT_EQ(Get("team-a", "/user").status, 200);
  const Answer disabled = Put("admin", "/accounts/team-a/state", R"({"state":"disabled"})");
  EXPECT_EQ(disabled.status, 200);
  EXPECT_EQ(disabled.body, R"({"state":"disabled"})");
  ExpectApiError(Get("team-a", "/user"), 403, "disabled");  // at once, though the password was remembered
  ExpectApiError(Post("admin", "/accounts/team-a/users", R"({"username":"somebody","password":"secret-1"})"), 400);
  EXPECT_EQ(Put("admin", "/accounts/team-a/state", R"({"state":"enabled"})").body, R"({"state":"enabled"})");
  EXPECT_EQ(Get("team-a", "/user").status, 200);
}

TEST_F(AccountHandlersTest, SomeAccountsStayEnabled) {
  ExpectApiError(Put("admin", "/accounts/admin/state", R"({"state":"disabled"})"), 400, "always enabled");
  ExpectApiError(Put("admin", "/accounts/anchore-system/state", R"({"state":"disabled"})"), 400);
  ExpectApiError(Put("admin", "/accounts/nobody/state", R"({"state":"disabled"})"), 404);
  ExpectRefusedBySchema(Put("admin", "/accounts/admin/state", R"({"state":"deleting"})"));
  ExpectApiError(Delete("admin", "/accounts/admin"), 400);
}

TEST_F(AccountHandlersTest, DeletesADisabledAccountInTheBackground) {
  AddAccount("team-a");
  ExpectApiError(Delete("admin", "/accounts/team-a"), 400, "disabled");
  EXPECT_EQ(Put("admin", "/accounts/team-a/state", R"({"state":"disabled"})").status, 200);
  const Answer deleted = Delete("admin", "/accounts/team-a");
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.body, R"({"state":"deleting"})");
  EXPECT_EQ(Get("team-a", "/user").status, 401);  // users are gone at once
  const Answer still_there = Get("admin", "/accounts/team-a");
  EXPECT_EQ(still_there.status, 200);
  EXPECT_EQ(still_there.Json().Root()["state"].StringOr(""), "deleting");
  ExpectApiError(Put("admin", "/accounts/team-a/state", R"({"state":"enabled"})"), 400);
  ExpectApiError(Delete("admin", "/accounts/nobody"), 404);
}

TEST_F(AccountHandlersTest, MakesAndRemovesUsers) {
  AddAccount("team-a");
  const Answer made = Post("team-a", "/accounts/team-a/users", R"({"username":"alice","password":"secret-1"})");
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.body,
            Format(R"({{"username":"alice","type":"native","source":null,"created_at":"{}","last_updated":"{}"}})",
                   kTime, kTime));
  EXPECT_EQ(Get("team-a", "/accounts/team-a/users/alice").body, made.body);
  EXPECT_THAT(Names(Get("admin", "/accounts/team-a/users"), "username"), testing::ElementsAre("alice", "team-a"));
  EXPECT_EQ(StatusOf("alice", "secret-1"), 200);
  const Answer removed = Delete("team-a", "/accounts/team-a/users/alice");
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(removed.body, "");
  EXPECT_EQ(StatusOf("alice", "secret-1"), 401);
  ExpectApiError(Get("team-a", "/accounts/team-a/users/alice"), 404);
  ExpectApiError(Delete("team-a", "/accounts/team-a/users/alice"), 404);
}

TEST_F(AccountHandlersTest, UserNamesAreUniqueInTheInstallation) {
  AddAccount("team-a");
  AddAccount("team-b");
  const std::string_view body = R"({"username":"team-b","password":"secret-1"})";
  ExpectApiError(Post("admin", "/accounts/team-a/users", body), 400, "already exists");
  ExpectApiError(Post("admin", "/accounts/team-a/users", R"({"username":"admin","password":"secret-1"})"), 400);
  ExpectApiError(Post("admin", "/accounts/nobody/users", R"({"username":"alice","password":"secret-1"})"), 404);
  ExpectRefusedBySchema(Post("admin", "/accounts/team-a/users", R"({"username":"alice","password":"short"})"));
}

TEST_F(AccountHandlersTest, SomeUsersStay) {
  AddAccount("team-a");
  ExpectApiError(Delete("team-a", "/accounts/team-a/users/team-a"), 400);
  ExpectApiError(Delete("admin", "/accounts/admin/users/admin"), 400);
  ExpectApiError(Delete("admin", "/accounts/anchore-system/users/anchore-system"), 400);
}

TEST_F(AccountHandlersTest, AUserOfAnotherAccountIsNotThere) {
  AddAccount("team-a");
  AddAccount("team-b");
  ExpectApiError(Get("team-a", "/accounts/team-a/users/team-b"), 404);
  ExpectApiError(Delete("team-a", "/accounts/team-a/users/team-b"), 404);
  ExpectApiError(
      Post("team-a", "/accounts/team-a/users/team-b/credentials", R"({"type":"password","value":"secret-1"})"), 404);
  ExpectApiError(Get("team-a", "/accounts/team-b/users"), 403);
  EXPECT_EQ(StatusOf("team-b", kTestPassword), 200);
}

TEST_F(AccountHandlersTest, CredentialsAreMasked) {
  AddAccount("team-a");
  const std::string wanted = Format(R"([{{"type":"password","value":"**********","created_at":"{}"}}])", kTime);
  EXPECT_EQ(Get("admin", "/accounts/team-a/users/team-a/credentials").body, wanted);
  EXPECT_EQ(Get("team-a", "/user/credentials").body, wanted);
  EXPECT_EQ(Get("admin", "/accounts/anchore-system/users/anchore-system/credentials").body, "[]");
}

TEST_F(AccountHandlersTest, ANewPasswordHoldsAtOnce) {
  AddAccount("team-a");
  EXPECT_EQ(StatusOf("team-a", kTestPassword), 200);
  const Answer changed =
      Post("admin", "/accounts/team-a/users/team-a/credentials", R"({"type":"password","value":"another-1"})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.Json().Root()["username"].StringOr(""), "team-a");
  EXPECT_EQ(StatusOf("team-a", kTestPassword), 401);
  EXPECT_EQ(StatusOf("team-a", "another-1"), 200);
  ExpectRefusedBySchema(
      Post("admin", "/accounts/team-a/users/team-a/credentials", R"({"type":"password","value":"x"})"));
  ExpectRefusedBySchema(
      Post("admin", "/accounts/team-a/users/team-a/credentials", R"({"type":"key","value":"another-1"})"));
}

TEST_F(AccountHandlersTest, EverybodyChangesTheirOwnPassword) {
  AddAccount("team-a");
  EXPECT_EQ(Post("team-a", "/user/credentials", R"({"type":"password","value":"another-1"})").status, 200);
  EXPECT_EQ(StatusOf("team-a", kTestPassword), 401);
  EXPECT_EQ(StatusOf("team-a", "another-1"), 200);
}

TEST_F(AccountHandlersTest, WithoutAPasswordNobodyComesIn) {
  AddAccount("team-a");
  Post("admin", "/accounts/team-a/users", R"({"username":"alice","password":"secret-1"})");
  EXPECT_EQ(StatusOf("alice", "secret-1"), 200);
  const std::string path = "/accounts/team-a/users/alice/credentials";
  ExpectRefusedBySchema(Delete("admin", path));
  EXPECT_EQ(Delete("admin", path + "?credential_type=password").status, 204);
  EXPECT_EQ(StatusOf("alice", "secret-1"), 401);
  EXPECT_EQ(Get("admin", path).body, "[]");
  ExpectApiError(Delete("team-a", "/accounts/team-a/users/team-a/credentials?credential_type=password"), 400);
}

TEST_F(AccountHandlersTest, TellsTheCallerWhoTheyAre) {
  AddAccount("team-a");
  EXPECT_EQ(Get("team-a", "/account").Json().Root()["name"].StringOr(""), "team-a");
  EXPECT_EQ(Get("team-a", "/user").Json().Root()["username"].StringOr(""), "team-a");
  EXPECT_EQ(Get("admin", "/account").Json().Root()["type"].StringOr(""), "admin");
}

}  // namespace
}  // namespace holdfast::api
