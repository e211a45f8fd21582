#include "image/credentials.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::image {
namespace {

using test::ExpectError;
using test::Value;

std::string Auth(const std::string& text) { return Format(R"({{"auth":"{}"}})", EncodeBase64(text)); }

// Remembers what it was asked; answers "<helper>-user".
struct FakeHelpers {
  std::vector<std::pair<std::string, std::string>> asked;
  HelperRunner Runner() {
    return [this](const std::string& helper, const std::string& server) -> Result<std::string> {
      asked.emplace_back(helper, server);
      if (helper == "none") return std::string();
      if (helper == "token") return std::string(R"({"Username":"<token>","Secret":"refresh"})");
      return Format(R"({{"ServerURL":"x","Username":"{}-user","Secret":"s"}})", helper);
    };
  }
};

std::string UserFor(const std::string& json, const std::string& host, const std::string& path = "a/b") {
  FakeHelpers helpers;
  const Keychain keychain({Value(AuthFile::Parse(json))}, helpers.Runner());
  return Value(keychain.Find(host, path)).username;
}

TEST(Credentials, KeysAreWrittenInManyWays) {
  for (const char* key :
       {"https://index.docker.io/v1/", "index.docker.io", "docker.io", "https://registry-1.docker.io/v2/"})
    EXPECT_EQ(UserFor(Format(R"({{"auths":{{"{}":{}}}}})", key, Auth("me:pw")), "docker.io"), "me") << key;
  for (const char* key : {"r.example:5000", "https://r.example:5000", "http://r.example:5000/v2/", "r.example:5000/"})
    EXPECT_EQ(UserFor(Format(R"({{"auths":{{"{}":{}}}}})", key, Auth("me:pw")), "r.example:5000"), "me") << key;
  EXPECT_EQ(UserFor(R"({"auths":{"r.example":)" + Auth("me:pw") + "}}", "r.example:5000"), "");
  EXPECT_EQ(UserFor(R"({"auths":{"r.example":)" + Auth("me:pw") + "}}", "evil-r.example"), "");
}

TEST(Credentials, TheLongestPathWins) {
  const std::string json =
      Format(R"({{"auths":{{"r.example":{},"r.example/a":{},"r.example/a/b":{},"r.example/x":{}}}}})", Auth("host:1"),
             Auth("one:2"), Auth("two:3"), Auth("other:4"));
  EXPECT_EQ(UserFor(json, "r.example", "a/b"), "two");
  EXPECT_EQ(UserFor(json, "r.example", "a/c"), "one");
  EXPECT_EQ(UserFor(json, "r.example", "ab/c"), "host");
}

TEST(Credentials, PasswordsMayHoldColonsAndZerosEnd) {
  const AuthFile file = Value(AuthFile::Parse(R"({"auths":{"r":)" + Auth(std::string("me:a:b\0\0", 8)) + "}}"));
  EXPECT_EQ(file.auths.at("r"), (Credential{.username = "me", .password = "a:b"}));
}

TEST(Credentials, IdentityTokensAreKept) {
  const AuthFile file = Value(AuthFile::Parse(R"({"auths":{"r":{"auth":"","identitytoken":"t"},"s":{}}})"));
  EXPECT_EQ(file.auths.at("r").identity_token, "t");
  EXPECT_FALSE(file.auths.contains("s"));
}

TEST(Credentials, HelpersAreAsked) {
  FakeHelpers helpers;
  const Keychain keychain(
      {Value(AuthFile::Parse(
          R"({"credsStore":"desktop","credHelpers":{"g.example":"gcloud","n.example":"none","t.example":"token"}})"))},
      helpers.Runner());
  EXPECT_EQ(Value(keychain.Find("g.example", "a")).username, "gcloud-user");
  EXPECT_EQ(Value(keychain.Find("docker.io", "library/a")).username, "desktop-user");
  EXPECT_TRUE(Value(keychain.Find("n.example", "a")).Empty());
  EXPECT_EQ(Value(keychain.Find("t.example", "a")), (Credential{.identity_token = "refresh"}));
  EXPECT_EQ(helpers.asked[0], (std::pair<std::string, std::string>("gcloud", "g.example")));
  EXPECT_EQ(helpers.asked[1], (std::pair<std::string, std::string>("desktop", "https://index.docker.io/v1/")));
}

TEST(Credentials, AHelperCannotBeAPath) {
  FakeHelpers helpers;
  const Keychain keychain({Value(AuthFile::Parse(R"({"credsStore":"../../bin/sh"})"))}, helpers.Runner());
  ExpectError(keychain.Find("r", "a"), ErrorKind::kInvalidInput, "malformed");
  EXPECT_TRUE(helpers.asked.empty());
}

TEST(Credentials, FilesAreFoundWhereTheToolsKeepThem) {
  const test::TemporaryFolder folder;
  const auto write = [&](const std::string& path, const std::string& user) {
    std::filesystem::create_directories((folder.Path() / path).parent_path());
    test::WriteFile(folder.Path() / path, R"({"auths":{"r.example":)" + Auth(user + ":x") + "}}");
  };
  std::map<std::string, std::string> variables = {{"HOME", (folder.Path() / "home").string()}};
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  FakeHelpers helpers;
  const auto user = [&] {
    return Value(Value(Keychain::Load(environment, helpers.Runner())).Find("r.example", "a")).username;
  };
  EXPECT_EQ(user(), "");
  write("home/.docker/config.json", "docker-home");
  EXPECT_EQ(user(), "docker-home");
  write("run/containers/auth.json", "podman-run");
  variables["XDG_RUNTIME_DIR"] = (folder.Path() / "run").string();
  EXPECT_EQ(user(), "podman-run");
  write("config/config.json", "docker-config");
  variables["DOCKER_CONFIG"] = (folder.Path() / "config").string();
  EXPECT_EQ(user(), "docker-config");
  write("file", "registry-auth-file");
  variables["REGISTRY_AUTH_FILE"] = (folder.Path() / "file").string();
  EXPECT_EQ(user(), "registry-auth-file");
  test::WriteFile(folder.Path() / "file", "{");
  ExpectError(Keychain::Load(environment, helpers.Runner()), ErrorKind::kCorrupt, "file");
}

TEST(Credentials, ARealHelperIsRun) {
  const test::TemporaryFolder folder;
  const auto helper = [&](const std::string& name, const std::string& script) {
    test::WriteFile(folder.Path() / ("docker-credential-" + name), "#!/bin/sh\n" + script);
    chmod((folder.Path() / ("docker-credential-" + name)).c_str(), 0755);
  };
  helper("echo", "read server; echo \"{\\\"Username\\\":\\\"$1\\\",\\\"Secret\\\":\\\"$server\\\"}\"");
  helper("absent", "echo credentials not found in native keychain; exit 1");
  helper("broken", "exit 3");
  helper("endless", "exec cat /dev/zero");
  const std::string path = std::getenv("PATH");
  setenv("PATH", (folder.Path().string() + ":" + path).c_str(), 1);
  const HelperRunner run = MakeHelperRunner();
  EXPECT_EQ(Value(run("echo", "r.example")), "{\"Username\":\"get\",\"Secret\":\"r.example\"}\n");
  EXPECT_EQ(Value(run("absent", "r")), "");
  ExpectError(run("broken", "r"), ErrorKind::kUnavailable, "docker-credential-broken failed");
  ExpectError(run("endless", "r"), ErrorKind::kLimit, "too much output");
  ExpectError(run("no-such-helper", "r"), ErrorKind::kNotFound, "docker-credential-no-such-helper");
  setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace holdfast::image
