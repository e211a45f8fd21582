#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <deque>
#include <string>
#include <vector>

#include "http/challenge.h"
#include "http/redirect.h"
#include "http/retry.h"
#include "http/url.h"
#include "support/test_support.h"

namespace holdfast::http {
namespace {

using test::ExpectError;
using test::Value;

TEST(Url, IsTakenApart) {
  const Url url = Value(Url::Parse("HTTPS://Registry.Example.com/v2/a?b=c"));
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.host, "registry.example.com");
  EXPECT_EQ(url.port, 443);
  EXPECT_EQ(url.path, "/v2/a?b=c");
  EXPECT_EQ(url.Origin(), "https://registry.example.com:443");
  EXPECT_EQ(Value(Url::Parse("http://[::1]:5000")).Origin(), "http://[::1]:5000");
}

TEST(Url, OtherSchemesAndUsersAreRefused) {
  for (const char* text : {"ftp://a/b", "file:///etc/passwd", "https://user:secret@a/", "a/b", "", "https://", "//a/b"})
    EXPECT_FALSE(Url::Parse(text)) << text;
  EXPECT_FALSE(Url::Parse(std::string_view("https://a\0b/", 12)));
}

TEST(Url, ResolvesLocations) {
  const Url base = Value(Url::Parse("https://a.example:8443/v2/x/blobs/1?q=1"));
  EXPECT_EQ(Value(base.Resolve("/other")).Text(), "https://a.example:8443/other");
  EXPECT_EQ(Value(base.Resolve("2")).Text(), "https://a.example:8443/v2/x/blobs/2");
  EXPECT_EQ(Value(base.Resolve("http://b/c")).Text(), "http://b:80/c");
  EXPECT_FALSE(base.Resolve("file:///etc/passwd"));
  EXPECT_FALSE(base.Resolve("https://u:p@b/c"));
}

TEST(Url, KnowsWhichHostsAreLocal) {
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "[::1]", "LOCALHOST", "[::ffff:127.0.0.1]"})
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  for (const char* host : {"localhost.example.com", "128.0.0.1", "127.example.com", "[::2]", "example.com"})
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
}

TEST(Url, EncodesQueryValues) {
  EXPECT_EQ(EncodeQueryValue("repository:a/b:pull x&y"), "repository%3Aa%2Fb%3Apull%20x%26y");
}

TEST(Challenge, ReadsWhatRegistriesSend) {
  const auto bearer = ParseChallenges(
      R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push")");
  ASSERT_EQ(bearer.size(), 1U);
  EXPECT_EQ(bearer[0].scheme, "bearer");
  EXPECT_EQ(bearer[0].Parameter("realm"), "https://auth.docker.io/token");
  EXPECT_EQ(bearer[0].Parameter("scope"), "repository:a/b:pull,push");
  EXPECT_EQ(bearer[0].Parameter("error"), "");
}

TEST(Challenge, SeveralInOneHeaderAreToldApart) {
  const auto all = ParseChallenges(
      R"(Negotiate, Basic realm="a \"b\", c" , charset=UTF-8,bearer Realm = https://t/x?y ,service=s, Digest)");
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0], (Challenge{.scheme = "negotiate"}));
  EXPECT_EQ(all[1].Parameter("realm"), "a \"b\", c");
  EXPECT_EQ(all[1].Parameter("charset"), "UTF-8");
  EXPECT_EQ(all[2].scheme, "bearer");
  EXPECT_EQ(all[2].Parameter("realm"), "https://t/x?y");
  EXPECT_EQ(all[2].Parameter("service"), "s");
  EXPECT_EQ(all[3].scheme, "digest");
}

TEST(Challenge, SurvivesNonsense) {
  EXPECT_TRUE(ParseChallenges("").empty());
  EXPECT_TRUE(ParseChallenges(",,, ,").empty());
  EXPECT_TRUE(ParseChallenges("\"x\"").empty());
  EXPECT_EQ(ParseChallenges("Negotiate dG9rZW4=")[0].token68, "dG9rZW4=");
  EXPECT_EQ(ParseChallenges("Bearer realm=\"unterminated")[0].Parameter("realm"), "unterminated");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "Basic realm=a, ";
  EXPECT_EQ(ParseChallenges(many).size(), 16U);
}

// A pacer whose time passes only by sleeping.
class FakePacer final : public Pacer {
 public:
  std::int64_t NowMs() override { return now_ms; }
  std::int64_t UnixSeconds() override { return 1'700'000'000 + now_ms / 1000; }
  void SleepMs(std::int64_t ms) override {
    sleeps.push_back(ms);
    now_ms += ms;
  }
  double Random() override { return random; }

  std::int64_t now_ms = 0;
  double random = 0.5;
  std::vector<std::int64_t> sleeps;
};

TEST(Retries, BackOffExponentiallyWithJitter) {
  FakePacer pacer;
  Retries retries({.attempts_max = 6, .base_ms = 100, .pause_ms_max = 500}, pacer);
  while (retries.Wait()) {
  }
  EXPECT_EQ(pacer.sleeps, (std::vector<std::int64_t>{50, 100, 200, 250, 250}));
}

TEST(Retries, TotalTimeIsBoundedEvenWithProgress) {
  FakePacer pacer;
  Retries retries({.attempts_max = 3, .base_ms = 1000, .pause_ms_max = 1000, .total_ms_max = 2'100}, pacer);
  int attempts = 0;
  while (retries.Wait()) {
    retries.Progress();
    ++attempts;
  }
  EXPECT_EQ(attempts, 4);
}

TEST(Retries, TheServerMayAskForMoreTimeUpToABound) {
  FakePacer pacer;
  Retries retries({.base_ms = 100, .retry_after_ms_max = 5000}, pacer);
  EXPECT_TRUE(retries.Wait(3000));
  EXPECT_EQ(pacer.sleeps, (std::vector<std::int64_t>{3000}));
  EXPECT_FALSE(retries.Wait(6000));
}

TEST(RetryAfter, IsSecondsOrADate) {
  EXPECT_EQ(ParseRetryAfterMs("0", 0), 0);
  EXPECT_EQ(ParseRetryAfterMs("120", 0), 120'000);
  EXPECT_EQ(ParseRetryAfterMs("-5", 0), 0);
  EXPECT_EQ(ParseRetryAfterMs("Tue, 14 Nov 2023 22:13:30 GMT", 1'700'000'000), 10'000);
  EXPECT_EQ(ParseRetryAfterMs("Tue, 14 Nov 2023 22:13:00 GMT", 1'700'000'000), 0);
  EXPECT_EQ(ParseRetryAfterMs("soon", 0), std::nullopt);
  EXPECT_EQ(ParseRetryAfterMs("", 0), std::nullopt);
  EXPECT_EQ(ParseRetryAfterMs("99999999999999999999", 0), 365LL * 24 * 3600 * 1000);
}

// Answers from a list, and remembers what it was asked.
class FakeClient final : public Client {
 public:
  Result<Response> Send(const Request& request) override {
    requests.push_back(request);
    Response response;
    response.status = answers.at(requests.size() - 1).first;
    if (requests.size() <= peers.size()) response.peer = peers[requests.size() - 1];
    if (const std::string& to = answers.at(requests.size() - 1).second; !to.empty())
      response.headers.Add("location", to);
    response.body = std::make_unique<io::MemorySource>("");
    return response;
  }
  std::vector<std::pair<int, std::string>> answers;
  std::vector<AddressClass> peers;
  std::vector<Request> requests;
};

Request Authorised(const std::string& url) {
  Request request{.url = url};
  request.headers.Add("Authorization", "Bearer secret");
  request.headers.Add("Accept", "x");
  request.tls.client_key_file = "key";
  return request;
}

TEST(Redirects, CredentialsStayOnTheirOrigin) {
  for (const char* elsewhere : {"https://b.example/", "https://a.example:444/"}) {
    FakeClient client;
    client.answers = {{307, "/moved"}, {302, elsewhere}, {302, "https://a.example/back"}, {200, ""}};
    const Response response = Value(SendFollowing(client, Authorised("https://a.example/")));
    EXPECT_EQ(response.url, "https://a.example:443/back");
    EXPECT_TRUE(client.requests[1].headers.Find("authorization"));
    for (const std::size_t after : {2U, 3U}) {
      EXPECT_FALSE(client.requests[after].headers.Find("authorization"));
      EXPECT_TRUE(client.requests[after].headers.Find("accept"));
      EXPECT_EQ(client.requests[after].tls.client_key_file, "");
    }
  }
}

TEST(Redirects, UnsafeHopsAreRefused) {
  for (const char* to :
       {"http://b.example/", "https://169.254.169.254/", "https://127.0.0.1/", "file:///etc/passwd", ""}) {
    FakeClient client;
    client.answers = {{302, to}, {200, ""}};
    EXPECT_FALSE(SendFollowing(client, Authorised("https://a.example/"))) << to;
    EXPECT_EQ(client.requests.size(), 1U);
  }
}

TEST(Redirects, LeadToNothingMorePrivateThanAnyBefore) {
  const auto follow = [](AddressClass first, const std::string& to, AddressClass second = AddressClass::kPublic) {
    FakeClient client;
    client.peers = {first, second};
    client.answers = {{302, to}, {302, "https://b.example/end"}, {200, ""}};
    const auto response = SendFollowing(client, Authorised("https://a.example/"));
    return std::pair(response.has_value(), client.requests.back().addresses.most_private);
  };
  using enum AddressClass;
  EXPECT_EQ(follow(kPublic, "https://10.0.0.1/"), std::pair(false, kLoopback));
  EXPECT_EQ(follow(kPrivate, "https://127.0.0.1/"), std::pair(false, kLoopback));
  EXPECT_EQ(follow(kLoopback, "https://[fe80::1]/"), std::pair(false, kLoopback));
  EXPECT_EQ(follow(kLoopback, "https://metadata.google.internal/"), std::pair(false, kLoopback));
  // Names are for the client to judge, by the address it connects to.
  EXPECT_EQ(follow(kPublic, "https://inside.example/"), std::pair(true, kPublic));
  EXPECT_EQ(follow(kPrivate, "https://192.168.0.1/", kPrivate), std::pair(true, kPrivate));
  EXPECT_EQ(follow(kPrivate, "https://cdn.example/", kPublic), std::pair(true, kPublic));
}

TEST(Redirects, EndAfterAFewHops) {
  FakeClient client;
  client.answers.assign(20, {302, "/again"});
  ExpectError(SendFollowing(client, Authorised("https://a.example/"), {.hops_max = 3}), ErrorKind::kCorrupt,
              "more than 3");
  EXPECT_EQ(client.requests.size(), 4U);
}

TEST(Redirects, APostIsNotFollowed) {
  FakeClient client;
  client.answers = {{307, "https://b.example/"}};
  Request request = Authorised("https://a.example/");
  request.method = "POST";
  EXPECT_EQ(Value(SendFollowing(client, request)).status, 307);
}

TEST(CurlClient, SaysWhatIsWrong) {
  auto client = Value(MakeCurlClient());
  ExpectError(client->Send({.url = "ftp://a/"}), ErrorKind::kInvalidInput);
  ExpectError(client->Send({.url = "http://127.0.0.1:1/"}), ErrorKind::kUnavailable, "cannot connect");
  ExpectError(client->Send({.url = "http://localhost/", .unix_socket = "/nonexistent/socket"}),
              ErrorKind::kUnavailable);
  Request injected{.url = "http://127.0.0.1:1/"};
  injected.headers.Add("X", "a\r\nY: b");
  ExpectError(client->Send(injected), ErrorKind::kInvalidInput, "line break");
}

TEST(CurlClient, AServerThatNeverAnswersIsLeftAtTheDeadline) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ASSERT_EQ(listen(listener, 8), 0);  // the kernel takes the connection, and nobody answers
  ClientOptions options;
  options.deadline = Deadline::After(50);
  auto client = Value(MakeCurlClient(options));
  const Request request{.url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/"};
  ExpectError(client->Send(request), ErrorKind::kLimit, "50 ms");
  ExpectError(client->Send(request), ErrorKind::kLimit);  // the deadline is of all exchanges
  close(listener);
}

TEST(Pacer, SleepsNoLongerThanTheDeadline) {
  // A year, were it not for the deadline.
  MakeSystemPacer(Deadline::After(10))->SleepMs(366LL * 24 * 3600 * 1000);
}

}  // namespace
}  // namespace holdfast::http
