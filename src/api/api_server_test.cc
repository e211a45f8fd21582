#include "api/api_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/format.h"

namespace holdfast::api {
namespace {

// Users are named after what they are: "admin" administers, "bob" belongs to account team, "gone" to a disabled one.
class FakeAuthenticator final : public Authenticator {
 public:
  Result<Identity> Authenticate(const Credentials& credentials) override {
    if (broken) return Fail(ErrorKind::kUnavailable, "the database does not answer");
    if (credentials.kind == CredentialKind::kBearer)
      return credentials.token == "good" ? Result<Identity>(Identity{.username = "bob", .account = "team"})
                                         : Fail(ErrorKind::kDenied, "wrong token");
    if (credentials.password != "p:w") return Fail(ErrorKind::kDenied, "wrong password");
    if (credentials.username == "admin") return Identity{.username = "admin", .account = "admin", .administers = true};
    return Identity{.username = credentials.username,
                    .account = credentials.username == "gone" ? "closed" : "team",
                    .account_enabled = credentials.username != "gone"};
  }
  bool broken = false;
};

class MemoryLogger final : public Logger {
 public:
  void Log(LogLevel, std::string_view message) override { text.append(message).append("\n"); }
  std::string text;
};

// Tells what it was called with.
Result<http::ServerResponse> Echo(Context&, const Call& call) {
  std::string text = Format("{} by {} for {}", call.operation.id, call.identity.username, call.account);
  for (const FormPart& part : call.parts) text += Format(" {}={}", part.name, part.content);
  if (call.body.IsObject()) text += Format(" {} members", call.body.Size());
  if (call.operation.id == "create_token") text += Format(" user {}", call.params.Text("username"));
  if (call.credentials && call.operation.open) text += Format(" as {}", call.credentials->username);
  return http::ServerResponse{.body = text};
}
Result<http::ServerResponse> FailInside(Context&, const Call&) { return Fail(ErrorKind::kInternal, "index 7 of 3"); }
Result<http::ServerResponse> FailMissing(Context&, const Call&) { return Fail(ErrorKind::kNotFound, "no such image"); }

constexpr std::array kTestHandlers = {
    HandlerEntry{"ping", &Echo},
    HandlerEntry{"list_images", &Echo},
    HandlerEntry{"add_image", &Echo},
    HandlerEntry{"list_accounts", &Echo},
    HandlerEntry{"list_users", &Echo},
    HandlerEntry{"get_own_user", &Echo},
    HandlerEntry{"create_token", &Echo},
    HandlerEntry{"import_image_archive", &Echo},
    HandlerEntry{"get_policy", &FailInside},
    HandlerEntry{"get_image", &FailMissing},
    HandlerEntry{"get_own_account", &Echo},
    HandlerEntry{"upload_import_manifest", &Echo},
};

class ApiServerTest : public testing::Test {
 protected:
  static http::ServerRequest Request(std::string method, std::vector<std::string> segments,
                                     std::string_view user = {}) {
    http::ServerRequest request;
    request.method = std::move(method);
    request.target = "/as/sent";
    request.segments = std::move(segments);
    request.request_id = "r1";
    if (!user.empty()) request.headers.Add("Authorization", "Basic " + EncodeBase64(std::string(user) + ":p:w"));
    return request;
  }
  static http::ServerRequest WithBody(http::ServerRequest request, std::string body,
                                      std::string type = "application/json") {
    request.body = std::move(body);
    if (!type.empty()) request.headers.Add("Content-Type", std::move(type));
    return request;
  }
  // "200 body"
  std::string Answer(const http::ServerRequest& request) {
    const auto response = server_.Handle(request);
    return Format("{} {}", response.status, response.body);
  }

  std::unique_ptr<Contract> contract_ = *Contract::Load();
  MemoryLogger logger_;
  Context context_{*contract_, logger_, "1.2.3", "7"};
  FakeAuthenticator authenticator_;
  std::unique_ptr<Authorizer> authorizer_ = MakeNativeAuthorizer();
  ApiServer server_{context_, authenticator_, *authorizer_, kTestHandlers};
};

TEST_F(ApiServerTest, OpenOperationsNeedNoCredentials) {
  EXPECT_EQ(Answer(Request("GET", {})), "200 ping by  for ");
  EXPECT_EQ(Answer(Request("GET", {}, "nobody")), "200 ping by  for  as nobody");
}

TEST_F(ApiServerTest, AllElseNeedsGoodOnes) {
  http::ServerRequest wrong = Request("GET", {"images"});
  wrong.headers.Add("Authorization", "Basic " + EncodeBase64("bob:wrong"));
  for (const auto& request : {Request("GET", {"images"}), wrong}) {
    const auto response = server_.Handle(request);
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(response.body, "Unauthorized");
    EXPECT_EQ(response.headers.Find("WWW-Authenticate"), R"(basic realm="Authentication required")");
  }
  EXPECT_EQ(Answer(Request("GET", {"images"}, "bob")), "200 list_images by bob for team");
}

TEST_F(ApiServerTest, BearerTokensAreCredentialsToo) {
  http::ServerRequest request = Request("GET", {"images"});
  request.headers.Add("Authorization", "bearer good");
  EXPECT_EQ(Answer(request), "200 list_images by bob for team");
  request.headers.Clear();
  request.headers.Add("Authorization", "Bearer bad");
  EXPECT_EQ(server_.Handle(request).status, 401);
}

TEST_F(ApiServerTest, AnAuthenticatorThatFailsIsNoRefusal) {
  authenticator_.broken = true;
  EXPECT_EQ(server_.Handle(Request("GET", {"images"}, "bob")).status, 503);
}

TEST_F(ApiServerTest, UsersOfDisabledAccountsMayNothing) {
  EXPECT_EQ(Answer(Request("GET", {"images"}, "gone")),
            R"(403 {"message":"account closed is disabled","httpcode":403,"detail":{"error_codes":[]}})");
  EXPECT_EQ(server_.Handle(Request("GET", {"user"}, "gone")).status, 403);
}

TEST_F(ApiServerTest, OnlyAdministratorsActForOtherAccounts) {
  const auto for_account = [](std::string_view user, std::string account, std::vector<std::string> segments) {
    http::ServerRequest request = Request("GET", std::move(segments), user);
    request.headers.Add("X-Anchore-Account", std::move(account));
    return request;
  };
  EXPECT_EQ(Answer(for_account("admin", "team", {"images"})), "200 list_images by admin for team");
  EXPECT_EQ(Answer(for_account("bob", "team", {"images"})), "200 list_images by bob for team");
  EXPECT_EQ(server_.Handle(for_account("bob", "other", {"images"})).status, 403);
  EXPECT_EQ(server_.Handle(for_account("admin", "no such name", {"images"})).status, 404);
  EXPECT_EQ(Answer(for_account("admin", "", {"images"})), "200 list_images by admin for admin");
  // Operations that do not honour the header act for the own account.
  EXPECT_EQ(Answer(for_account("bob", "other", {"account"})), "200 get_own_account by bob for team");
}

TEST_F(ApiServerTest, TheInstallationIsForAdministrators) {
  EXPECT_EQ(server_.Handle(Request("GET", {"accounts"}, "bob")).status, 403);
  EXPECT_EQ(Answer(Request("GET", {"accounts"}, "admin")), "200 list_accounts by admin for admin");
}

// No account can be made with this name; if there were one, it would be no key to the installation.
TEST_F(ApiServerTest, AnAccountThatIsCalledSystemIsNotTheInstallation) {
  class System final : public Authenticator {
    Result<Identity> Authenticate(const Credentials&) override {
      return Identity{.username = "eve", .account = "system"};
    }
  } authenticator;
  ApiServer server(context_, authenticator, *authorizer_, kTestHandlers);
  EXPECT_EQ(server.Handle(Request("GET", {"accounts"}, "eve")).status, 403);
  EXPECT_EQ(server.Handle(Request("POST", {"system", "webhooks", "general", "test"}, "eve")).status, 403);
}

TEST_F(ApiServerTest, UsersOfAnAccountAreItsOwnMatter) {
  EXPECT_EQ(Answer(Request("GET", {"accounts", "team", "users"}, "bob")), "200 list_users by bob for team");
  EXPECT_EQ(server_.Handle(Request("GET", {"accounts", "other", "users"}, "bob")).status, 403);
  EXPECT_EQ(Answer(Request("GET", {"accounts", "other", "users"}, "admin")), "200 list_users by admin for admin");
  EXPECT_EQ(server_.Handle(Request("GET", {"accounts", "system", "users"}, "bob")).status, 403);
}

// Says no to all, and remembers what it was asked.
class StrictAuthorizer final : public Authorizer {
 public:
  Result<void> Authorize(const Identity& identity, const Permission& permission) override {
    asked += Format("{} {} {}\n", identity.username, permission.domain, permission.action);
    return Fail(ErrorKind::kDenied, "no");
  }
  std::string asked;
};

TEST_F(ApiServerTest, AnotherAuthorityIsAskedWithDomainAndAction) {
  StrictAuthorizer strict;
  ApiServer server(context_, authenticator_, strict, kTestHandlers);
  EXPECT_EQ(server.Handle(Request("GET", {"images"}, "bob")).status, 403);
  EXPECT_EQ(server.Handle(Request("GET", {"accounts"}, "bob")).status, 403);
  EXPECT_EQ(server.Handle(Request("GET", {"accounts", "other", "users"}, "bob")).status, 403);
  EXPECT_EQ(server.Handle(Request("GET", {"user"}, "bob")).status, 200);  // any caller may
  EXPECT_EQ(strict.asked, "bob team listImages\nbob system listAccounts\nbob other listUsers\n");
}

TEST_F(ApiServerTest, UnknownPathsAndMethods) {
  EXPECT_EQ(Answer(Request("GET", {"v1", "imagez"}, "bob")),
            R"(404 {"message":"there is nothing at this path","httpcode":404,"detail":{"error_codes":[]}})");
  const auto response = server_.Handle(Request("PATCH", {"v1", "images"}));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.Find("Allow"), "POST, GET, HEAD, DELETE");
}

TEST_F(ApiServerTest, WrongParametersAreProblems) {
  http::ServerRequest request = Request("GET", {"images"}, "bob");
  request.query = {{"history", "perhaps"}};
  const auto response = server_.Handle(request);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.Find("Content-Type"), "application/problem+json");
  EXPECT_THAT(response.body, testing::HasSubstr("history is neither true nor false"));
  EXPECT_THAT(Answer(Request("GET", {"images", "sha256:1", "vuln", "strange"}, "bob")),
              testing::StartsWith(R"(404 {"message")"));
}

TEST_F(ApiServerTest, BodiesAreChecked) {
  const auto post = [](std::string body, std::string type = "application/json") {
    return WithBody(Request("POST", {"images"}, "bob"), std::move(body), std::move(type));
  };
  EXPECT_EQ(Answer(post(R"({"tag":"a:b"})")), "200 add_image by bob for team 1 members");
  EXPECT_EQ(Answer(post(R"({"tag":"a:b"})", "")), "200 add_image by bob for team 1 members");
  EXPECT_EQ(Answer(post(R"({"tag":"a:b"})", "application/json; charset=utf-8")),
            "200 add_image by bob for team 1 members");
  EXPECT_EQ(Answer(post(R"({"tag":7})")),
            R"(400 {"detail":"tag is not a string","status":400,"title":"Bad Request","type":"about:blank"})");
  EXPECT_THAT(Answer(post("")), testing::StartsWith(R"(400 {"detail":"body is required")"));
  EXPECT_THAT(Answer(post("{")), testing::StartsWith(R"(400 {"detail":"body: )"));
  EXPECT_THAT(Answer(post(std::string(1000, '['))), testing::StartsWith(R"(400 {"detail":"body: )"));
  EXPECT_THAT(Answer(post(R"({"tag":"a:b"})", "text/plain")), testing::StartsWith("415 "));
}

TEST_F(ApiServerTest, FormsAndFiles) {
  EXPECT_EQ(Answer(WithBody(Request("POST", {"oauth", "token"}), "username=bob&password=x",
                            "application/x-www-form-urlencoded")),
            "200 create_token by  for  user bob");
  EXPECT_EQ(Answer(Request("POST", {"oauth", "token"}, "bob")), "200 create_token by  for  user  as bob");
  EXPECT_THAT(Answer(WithBody(Request("POST", {"oauth", "token"}), "{}")), testing::StartsWith("415 "));

  const auto upload = [](std::string_view field) {
    return WithBody(Request("POST", {"import", "images"}, "bob"),
                    Format("--b\r\nContent-Disposition: form-data; name={}\r\n\r\ntar\r\n--b--", field),
                    "multipart/form-data; boundary=b");
  };
  EXPECT_EQ(Answer(upload("archive_file")), "200 import_image_archive by bob for team archive_file=tar");
  EXPECT_THAT(Answer(upload("other")), testing::StartsWith(R"(400 {"detail":"archive_file is required")"));
  EXPECT_THAT(Answer(WithBody(Request("POST", {"import", "images"}, "bob"), "tar", "application/x-tar")),
              testing::StartsWith("415 "));
}

TEST_F(ApiServerTest, UploadsMustStateTheirLength) {
  http::ServerRequest request =
      WithBody(Request("POST", {"imports", "images", "1", "manifest"}, "bob"), "not even JSON", "");
  EXPECT_THAT(Answer(request), testing::StartsWith(R"(400 {"detail":"Content-Length is required")"));
  request.headers.Add("Content-Length", "13");
  EXPECT_EQ(Answer(request), "200 upload_import_manifest by bob for team");
}

TEST_F(ApiServerTest, LongBodiesAreForThoseWithCredentials) {
  EXPECT_EQ(server_.BodyBytesMax(Request("POST", {"images"}, "bob")), kMiB);
  EXPECT_EQ(server_.BodyBytesMax(Request("POST", {"v1", "import", "images"}, "bob")), 100 * kMiB);
  EXPECT_EQ(server_.BodyBytesMax(Request("POST", {"v1", "import", "images"})), kMiB);
  EXPECT_EQ(server_.BodyBytesMax(Request("POST", {"nowhere"}, "bob")), kMiB);
}

TEST_F(ApiServerTest, ErrorsOfHandlersBecomeResponses) {
  EXPECT_EQ(Answer(Request("GET", {"images", "sha256:1"}, "bob")),
            R"(404 {"message":"no such image","httpcode":404,"detail":{"error_codes":[]}})");
  EXPECT_EQ(logger_.text, "");
  const std::string answer = Answer(Request("GET", {"policies", "p"}, "bob"));
  EXPECT_THAT(answer, testing::StartsWith("500 "));
  EXPECT_THAT(answer, testing::Not(testing::HasSubstr("index 7")));
  EXPECT_EQ(logger_.text, "request r1 (GET /as/sent): index 7 of 3\n");
}

TEST_F(ApiServerTest, AnOperationWithoutHandlerIsNotImplemented) {
  EXPECT_THAT(Answer(Request("GET", {"status"}, "bob")), testing::StartsWith("501 "));
}

TEST(ParseAuthorization, TakesBasicAndBearer) {
  const auto basic = ParseAuthorization("Basic " + EncodeBase64("a:b:c"));
  ASSERT_TRUE(basic);
  EXPECT_EQ(basic->username, "a");
  EXPECT_EQ(basic->password, "b:c");
  EXPECT_EQ(ParseAuthorization("BASIC  " + EncodeBase64(":"))->username, "");
  EXPECT_EQ(ParseAuthorization("Bearer a.b.c ")->token, "a.b.c");
  for (const std::string& bad :
       {std::string(), std::string("Basic"), std::string("Basic "), std::string("Basic !!"),
        "Basic " + EncodeBase64("no colon"), "Basic " + EncodeBase64(std::string_view("a:\0b", 4)),
        std::string("Digest a"), std::string("Bearer   ")})
    EXPECT_FALSE(ParseAuthorization(bad)) << bad;
}

}  // namespace
}  // namespace holdfast::api
