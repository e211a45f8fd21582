#include "api/token_handlers.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::Answer;
using test::BasicAuthorization;
using test::ExpectApiError;
using test::kTestPassword;

class TokenHandlersTest : public test::ApiFixture {
 protected:
  TokenHandlersTest() { AddAccount("team-a"); }

  Answer AskByForm(std::string_view form) {
    return Send({.method = "POST",
                 .target = "/oauth/token",
                 .body = std::string(form),
                 .content_type = "application/x-www-form-urlencoded"});
  }
  Answer GetWithToken(std::string_view token) {
    return Send({.target = "/user", .authorization = Format("Bearer {}", token)});
  }
};

constexpr std::string_view kForm = "grant_type=password&username=team-a&password=correct+horse&client_id=anonymous";

TEST_F(TokenHandlersTest, GivesATokenForAPassword) {
  const Answer answer = AskByForm(kForm);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.Find("Cache-Control").value_or(""), "no-store");
  const auto document = answer.Json();
  const std::string token(document.Root()["access_token"].StringOr(""));
  EXPECT_EQ(document.Root()["token"].StringOr(""), token);
  EXPECT_EQ(document.Root()["token_type"].StringOr(""), "Bearer");
  EXPECT_EQ(document.Root()["expires_in"].Integer(), 3600);
  EXPECT_EQ(GetWithToken(token).Json().Root()["username"].StringOr(""), "team-a");
  clock_.Advance(3'700'000);
  EXPECT_EQ(GetWithToken(token).status, 401);
}

TEST_F(TokenHandlersTest, TakesBasicCredentialsInsteadOfAForm) {
  const Answer answer = Send({.method = "POST",  //
                              .target = "/oauth/token",
                              .authorization = BasicAuthorization("team-a", kTestPassword)});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(GetWithToken(answer.Json().Root()["access_token"].StringOr("")).status, 200);
  const Answer wrong = Send({.method = "POST",  //
                             .target = "/oauth/token",
                             .authorization = BasicAuthorization("team-a", "guess")});
  ExpectApiError(wrong, 401);
  EXPECT_TRUE(wrong.headers.Find("WWW-Authenticate").has_value());
}

TEST_F(TokenHandlersTest, RefusesAsOAuthDoes) {
  const Answer wrong = AskByForm("username=team-a&password=guess");
  ExpectApiError(wrong, 400);
  EXPECT_EQ(wrong.Json().Root()["error"].StringOr(""), "invalid_grant");
  const Answer unknown = AskByForm("username=nobody&password=guess");
  EXPECT_EQ(unknown.body, wrong.body);  // nobody learns which users exist
  EXPECT_EQ(AskByForm("username=team-a").Json().Root()["error"].StringOr(""), "invalid_request");
  EXPECT_EQ(AskByForm("grant_type=client_credentials").Json().Root()["error"].StringOr(""), "unsupported_grant_type");
  EXPECT_EQ(Send({.method = "POST", .target = "/oauth/token"}).status, 400);
  EXPECT_EQ(Send({.method = "POST", .target = "/oauth/token", .body = "{}"}).status, 415);
}

TEST_F(TokenHandlersTest, WithoutOAuthThereAreNoTokens) {
  services_.settings.oauth = false;
  ExpectApiError(AskByForm(kForm), 403);
}

TEST_F(TokenHandlersTest, NotForUsersOfADisabledAccount) {
  const std::string token(AskByForm(kForm).Json().Root()["access_token"].StringOr(""));
  EXPECT_EQ(Put("admin", "/accounts/team-a/state", R"({"state":"disabled"})").status, 200);
  ExpectApiError(AskByForm(kForm), 403);
  ExpectApiError(GetWithToken(token), 403);
}

}  // namespace
}  // namespace holdfast::api
