#include "api/registry_handlers.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::Answer;
using test::ExpectApiError;
using test::ExpectRefusedBySchema;

constexpr std::string_view kQuay =
    R"({"registry":"quay.io","registry_user":"robot","registry_pass":"s3cret-word","registry_type":"docker_v2"})";

class RegistryHandlersTest : public test::ApiFixture {
 protected:
  RegistryHandlersTest() {
    account_ = AddAccount("team-a");
    registries_.hosts["quay.io"] = {.username = "robot", .password = "s3cret-word", .identity_token = {}};
  }

  store::Account account_;
};

TEST_F(RegistryHandlersTest, StoresWhatTheRegistryTakes) {
  const Answer added = Post("team-a", "/registries", kQuay);
  const std::string wanted =
      R"([{"registry":"quay.io","registry_name":"quay.io","registry_type":"docker_v2","registry_user":"robot",)"
      R"("registry_verify":true,"userId":"team-a","created_at":"2025-11-25T02:00:00Z",)"
      R"("last_updated":"2025-11-25T02:00:00Z"}])";
  EXPECT_EQ(added.status, 200);
  EXPECT_EQ(added.body, wanted);
  EXPECT_EQ(Get("team-a", "/registries").body, wanted);
  EXPECT_EQ(Get("team-a", "/registries/quay.io").body, wanted);
  ASSERT_EQ(registries_.Asked().size(), 1U);
  EXPECT_EQ(registries_.Asked().front().what, "ping quay.io");
  EXPECT_TRUE(registries_.Asked().front().login.verify);
  const auto login = test::Value(service::FindLogin(platform_, account_.id, "quay.io", "team/app"));
  EXPECT_EQ(login.credential.password, "s3cret-word");
}

TEST_F(RegistryHandlersTest, ThePasswordIsToldToNobody) {
  Post("team-a", "/registries", kQuay);
  for (const char* path : {"/registries", "/registries/quay.io"})
    EXPECT_EQ(Get("team-a", path).body.find("s3cret"), std::string::npos);
  EXPECT_EQ(DumpAccount(account_.id).find("s3cret"), std::string::npos);
}

TEST_F(RegistryHandlersTest, AnswersNotAcceptableWhenTheRegistryRefuses) {
  ExpectApiError(
      Post("team-a", "/registries", R"({"registry":"quay.io","registry_user":"robot","registry_pass":"wrong"})"), 406,
      "refuses");
  ExpectApiError(Post("team-a", "/registries", R"({"registry":"nowhere.example"})"), 406, "does not answer");
  EXPECT_EQ(Get("team-a", "/registries").body, "[]");
}

TEST_F(RegistryHandlersTest, ChecksNothingWhenToldSo) {
  const std::string_view body = R"({"registry":"nowhere.example:5000","registry_verify":false,"registry_name":"own"})";
  const Answer added = Post("team-a", "/registries?validate=false", body);
  EXPECT_EQ(added.status, 200);
  EXPECT_EQ(added.Json().Root().At(0)["registry_verify"].Bool(), false);
  EXPECT_EQ(added.Json().Root().At(0)["registry_name"].StringOr(""), "own");
  EXPECT_TRUE(registries_.Asked().empty());
}

TEST_F(RegistryHandlersTest, RefusesWhatIsNoNameOfARegistry) {
  ExpectApiError(Post("team-a", "/registries", R"({"registry":"https://quay.io"})"), 409, "scheme");
  ExpectApiError(Post("team-a", "/registries", R"({"registry":"quay.io/"})"), 409, "slash");
  ExpectApiError(Post("team-a", "/registries", R"({"registry_user":"robot"})"), 400, "no name");
  ExpectRefusedBySchema(Post("team-a", "/registries", R"({"registry":"quay.io","registry_type":"ftp"})"));
}

TEST_F(RegistryHandlersTest, CloudCredentialsAreNotAcceptable) {
  ExpectApiError(Post("team-a", "/registries", R"({"registry":"1.ecr.example","registry_type":"awsecr"})"), 406);
  ExpectApiError(Post("team-a", "/registries", R"({"registry":"1.ecr.example","registry_user":"awsauto"})"), 406,
                 "not supported");
  ExpectApiError(
      Post("team-a", "/registries?validate=false", R"({"registry":"1.ecr.example","registry_user":"_iam_role"})"), 406);
}

TEST_F(RegistryHandlersTest, ExistingIsAServerErrorToClients) {
  EXPECT_EQ(Post("team-a", "/registries", kQuay).status, 200);
  ExpectApiError(Post("team-a", "/registries", kQuay), 500, "already exists");
}

TEST_F(RegistryHandlersTest, ReplacesTheCredentialWhole) {
  EXPECT_EQ(Post("team-a", "/registries", kQuay).status, 200);
  registries_.hosts["quay.io"] = {.username = "other", .password = "next-word", .identity_token = {}};
  clock_.Advance(60'000);
  const Answer refused = Put("team-a", "/registries/quay.io", kQuay);
  ExpectApiError(refused, 406);
  const Answer replaced = Put("team-a", "/registries/quay.io",
                              R"({"registry":"quay.io","registry_user":"other","registry_pass":"next-word"})");
  EXPECT_EQ(replaced.status, 200);
  const auto document = replaced.Json();
  EXPECT_EQ(document.Root().At(0)["registry_user"].StringOr(""), "other");
  EXPECT_EQ(document.Root().At(0)["created_at"].StringOr(""), "2025-11-25T02:00:00Z");
  EXPECT_EQ(document.Root().At(0)["last_updated"].StringOr(""), "2025-11-25T02:01:00Z");
  const auto login = test::Value(service::FindLogin(platform_, account_.id, "quay.io", "team/app"));
  EXPECT_EQ(login.credential.password, "next-word");
  ExpectApiError(Put("team-a", "/registries/gcr.io", R"({"registry_user":"x"})"), 404);
  ExpectApiError(Put("team-a", "/registries/quay.io", R"({"registry":"gcr.io"})"), 400);
  ExpectApiError(Put("team-a", "/registries/quay.io", R"({"registry_user":"awsauto"})"), 406);
}

TEST_F(RegistryHandlersTest, NamesMayHaveAPathAndAStar) {
  const std::string_view body = R"({"registry":"quay.io/team*","registry_user":"robot","registry_pass":"s3cret-word"})";
  EXPECT_EQ(Post("team-a", "/registries", body).status, 200);
  EXPECT_EQ(registries_.Asked().back().what, "ping quay.io");
  EXPECT_EQ(Get("team-a", "/registries/quay.io%2Fteam*").Json().Root().Size(), 1U);
  ExpectApiError(Post("team-a", "/registries", R"({"registry":"quay*"})"), 406, "validate=false");
  EXPECT_EQ(Post("team-a", "/registries?validate=false", R"({"registry":"quay*"})").status, 200);
}

TEST_F(RegistryHandlersTest, ForgetsARegistry) {
  EXPECT_EQ(Post("team-a", "/registries", kQuay).status, 200);
  const Answer removed = Delete("team-a", "/registries/quay.io");
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(removed.body, "");
  ExpectApiError(Get("team-a", "/registries/quay.io"), 404);
  EXPECT_EQ(Delete("team-a", "/registries/quay.io").status, 200);
}

TEST_F(RegistryHandlersTest, AnAdministratorActsForTheAccountOfTheHeader) {
  const Answer added = Send(
      {.user = "admin", .method = "POST", .target = "/registries", .body = std::string(kQuay), .account = "team-a"});
  EXPECT_EQ(added.status, 200);
  EXPECT_EQ(Get("admin", "/registries").body, "[]");
  EXPECT_EQ(Get("team-a", "/registries").body, added.body);
  ExpectApiError(Send({.user = "admin", .target = "/registries", .account = "nobody"}), 404);
  ExpectApiError(Send({.user = "team-a", .target = "/registries", .account = "admin"}), 403);
}

}  // namespace
}  // namespace holdfast::api
