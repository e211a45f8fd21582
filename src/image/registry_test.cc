#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/url.h"
#include "image/registry_source.h"
#include "support/image_fixtures.h"
#include "support/test_support.h"

namespace holdfast::image {
namespace {

using test::CollectingLayers;
using test::ExpectError;
using test::FakeImage;
using test::LayerTar;
using test::Sha256Hex;
using test::Value;

// A body that ends in an error after its bytes, as a broken connection does.
class FakeBody final : public io::ByteSource {
 public:
  FakeBody(std::string bytes, bool breaks) : bytes_(std::move(bytes)), source_(bytes_, 1000), breaks_(breaks) {}
  Result<Bytes> Next(std::size_t max) override {
    auto view = source_.Next(max);
    if (view && view->empty() && breaks_) return Fail(ErrorKind::kUnavailable, "connection reset");
    return view;
  }

 private:
  std::string bytes_;
  io::MemorySource source_;
  bool breaks_;
};

struct Answer {
  int status = 200;
  http::Headers headers;
  std::string body;
  bool breaks = false;
};

// A network of hosts in one function, which remembers what it was asked.
class FakeNetwork final : public http::Client {
 public:
  using Handler = std::function<Result<Answer>(const http::Request&, const http::Url&)>;
  explicit FakeNetwork(Handler handler) : handler_(std::move(handler)) {}
  Result<http::Response> Send(const http::Request& request) override {
    requests.push_back(request);
    HF_TRY(const http::Url url, http::Url::Parse(request.url));
    HF_TRY(Answer answer, handler_(request, url));
    http::Response response{.status = answer.status, .headers = answer.headers, .url = request.url};
    response.peer = peers.contains(url.host) ? peers.at(url.host)
                                             : http::ClassOfHost(url.host).value_or(http::AddressClass::kPublic);
    response.body = std::make_unique<FakeBody>(answer.body, answer.breaks);
    return response;
  }
  [[nodiscard]] std::vector<std::string> Urls() const {
    std::vector<std::string> urls;
    for (const auto& request : requests) urls.push_back(request.url);
    return urls;
  }
  std::vector<http::Request> requests;
  std::map<std::string, http::AddressClass> peers;  // what hosts resolve to, if not to the world

 private:
  Handler handler_;
};

class FakePacer final : public http::Pacer {
 public:
  std::int64_t NowMs() override { return now_ms; }
  std::int64_t UnixSeconds() override { return 1'700'000'000; }
  void SleepMs(std::int64_t ms) override {
    sleeps.push_back(ms);
    now_ms += ms;
  }
  double Random() override { return 0; }
  std::int64_t now_ms = 0;
  std::vector<std::int64_t> sleeps;
};

std::string AuthorizationOf(const http::Request& request) {
  return std::string(request.headers.Find("Authorization").value_or(""));
}

// Serves one image as registry.example/team/app:1; tests change what they want.
struct Fixture {
  FakeImage image{{LayerTar("base"), LayerTar(std::string(90, 't'))}};
  std::shared_ptr<FakePacer> pacer = std::make_shared<FakePacer>();
  std::shared_ptr<FakeNetwork> network;
  RegistryOptions options;
  std::vector<AuthFile> auth_files;
  std::optional<Platform> platform;
  Limits limits;
  CollectingLayers layers;
  std::map<std::string, http::AddressClass> peers;

  Answer Serve(const http::Url& url) const {
    const std::string prefix = "/v2/team/app/";
    if (!url.path.starts_with(prefix)) return {.status = 404, .body = R"({"errors":[{"code":"NAME_UNKNOWN"}]})"};
    const std::string what = url.path.substr(prefix.size());
    const std::string digest = "sha256:" + Sha256Hex(image.manifest);
    if (what == "manifests/1" || what == "manifests/" + digest)
      return {.headers = {{"Content-Type", "application/vnd.oci.image.manifest.v1+json"}}, .body = image.manifest};
    for (const auto& [path, content] : image.Blobs())
      if (what == "blobs/sha256:" + path.substr(13)) return {.body = content};
    return {.status = 404, .body = R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]})"};
  }

  Result<ImageDescription> Pull(FakeNetwork::Handler handler,
                                const std::string& reference = "registry.example/team/app:1") {
    network = std::make_shared<FakeNetwork>(std::move(handler));
    network->peers = peers;
    NullLogger logger;
    const auto no_helper = [](const std::string&, const std::string&) -> Result<std::string> { return std::string(); };
    RegistryAccess access{.client = network,
                          .pacer = pacer,
                          .keychain = std::make_shared<const Keychain>(auth_files, no_helper),
                          .options = options,
                          .platform = platform,
                          .limits = limits};
    return MakeRegistrySource(Value(Reference::Parse(reference)), std::move(access), logger)->Pull(layers);
  }
  FakeNetwork::Handler Plain() {
    return [this](const http::Request&, const http::Url& url) -> Result<Answer> { return Serve(url); };
  }
  // A registry that wants a token from https://auth.example/token, whose tokens are "token-1", "token-2", ...
  FakeNetwork::Handler WithTokens(std::string challenge, int uses_per_token = 1000) {
    auto state = std::make_shared<std::pair<int, int>>(0, 0);  // tokens given, uses of the last
    return
        [this, challenge, uses_per_token, state](const http::Request& request, const http::Url& url) -> Result<Answer> {
          if (url.host != "registry.example") {
            state->second = 0;
            return Answer{.body = Format(R"({{"token":"token-{}"}})", ++state->first)};
          }
          const bool valid =
              AuthorizationOf(request) == Format("Bearer token-{}", state->first) && state->second++ < uses_per_token;
          if (state->first == 0 || !valid) return Answer{.status = 401, .headers = {{"WWW-Authenticate", challenge}}};
          return Serve(url);
        };
  }
};

constexpr const char* kChallenge =
    R"(Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/app:pull")";

TEST(Registry, PullsAnImage) {
  Fixture f;
  const ImageDescription description = Value(f.Pull(f.Plain()));
  EXPECT_EQ(f.layers.Of(description), f.image.layers);
  EXPECT_EQ(description.source.kind, "registry");
  EXPECT_EQ(description.source.name, "registry.example/team/app");
  EXPECT_EQ(description.source.tags, (std::vector<std::string>{"registry.example/team/app:1"}));
  EXPECT_EQ(description.source.manifest_digest, "sha256:" + Sha256Hex(f.image.manifest));
  EXPECT_EQ(description.source.image_id, "sha256:" + Sha256Hex(f.image.config));
  EXPECT_EQ(f.layers.expected_bytes, f.image.layers[0].size() + f.image.layers[1].size());
  EXPECT_EQ(f.network->requests.size(), 4U);
  for (const auto& request : f.network->requests)
    EXPECT_TRUE(request.url.starts_with("https://registry.example/")) << request.url;
}

TEST(Registry, DockerHubHasAHostOfItsOwn) {
  Fixture f;
  ExpectError(f.Pull(f.Plain(), "debian"), ErrorKind::kNotFound);
  EXPECT_EQ(f.network->requests[0].url, "https://registry-1.docker.io/v2/library/debian/manifests/latest");
}

TEST(Registry, KnownLayersAreNotFetched) {
  Fixture f;
  f.layers.known.insert("sha256:" + Sha256Hex(f.image.layers[0]));
  EXPECT_TRUE(f.Pull(f.Plain()));
  EXPECT_EQ(f.network->requests.size(), 3U);
}

TEST(RegistryAuth, GetsATokenOnceAndUsesIt) {
  Fixture f;
  f.options.credential = {.username = "me", .password = "secret"};
  EXPECT_TRUE(f.Pull(f.WithTokens(kChallenge)));
  const auto& requests = f.network->requests;
  ASSERT_EQ(requests.size(), 6U);
  EXPECT_EQ(AuthorizationOf(requests[0]), "");
  EXPECT_EQ(requests[1].url,
            "https://auth.example:443/token?service=registry.example&scope=repository%3Ateam%2Fapp%3Apull");
  EXPECT_EQ(AuthorizationOf(requests[1]), "Basic bWU6c2VjcmV0");
  for (std::size_t i = 2; i < requests.size(); ++i) EXPECT_EQ(AuthorizationOf(requests[i]), "Bearer token-1");
}

TEST(RegistryAuth, AnonymousPullsGetATokenToo) {
  Fixture f;
  EXPECT_TRUE(f.Pull(f.WithTokens(R"(Bearer realm="https://auth.example/token?x=1")")));
  EXPECT_EQ(f.network->requests[1].url, "https://auth.example:443/token?x=1&scope=repository%3Ateam%2Fapp%3Apull");
  EXPECT_EQ(AuthorizationOf(f.network->requests[1]), "");
}

TEST(RegistryAuth, AnIdentityTokenIsPosted) {
  Fixture f;
  f.options.credential = {.identity_token = "refresh/me"};
  EXPECT_TRUE(f.Pull(f.WithTokens(kChallenge)));
  const http::Request& token = f.network->requests[1];
  EXPECT_EQ(token.method, "POST");
  EXPECT_EQ(token.body,
            "grant_type=refresh_token&client_id=holdfast&service=registry.example&scope=repository%3Ateam%2Fapp%3Apull"
            "&refresh_token=refresh%2Fme");
}

TEST(RegistryAuth, ATokenThatRunsOutIsRenewed) {
  Fixture f;
  EXPECT_TRUE(f.Pull(f.WithTokens(kChallenge, 2)));
  EXPECT_EQ(AuthorizationOf(f.network->requests.back()), "Bearer token-2");
}

TEST(RegistryAuth, EndlessChallengesEnd) {
  Fixture f;
  const auto always = [](const http::Request&, const http::Url& url) -> Result<Answer> {
    if (url.host == "auth.example") return Answer{.body = R"({"access_token":"x"})"};
    return Answer{.status = 401, .headers = {{"WWW-Authenticate", kChallenge}}};
  };
  ExpectError(f.Pull(always), ErrorKind::kDenied, "refuses the credentials");
  EXPECT_LE(f.network->requests.size(), 5U);
}

TEST(RegistryAuth, BasicIsSentToTheRegistryOnly) {
  Fixture f;
  f.options.credential = {.username = "me", .password = "secret"};
  const auto handler = [&](const http::Request& request, const http::Url& url) -> Result<Answer> {
    if (url.host == "cdn.example")
      return f.Serve(Value(http::Url::Parse("https://registry.example/v2/team/app" + url.path)));
    if (AuthorizationOf(request) != "Basic bWU6c2VjcmV0")
      return Answer{.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=\"x\""}}};
    if (const auto blob = url.path.find("/blobs/"); blob != std::string::npos)
      return Answer{.status = 307, .headers = {{"Location", "https://cdn.example" + url.path.substr(blob)}}};
    return f.Serve(url);
  };
  EXPECT_EQ(f.layers.Of(Value(f.Pull(handler))), f.image.layers);
  for (const auto& request : f.network->requests)
    EXPECT_TRUE(request.url.find("cdn.example") == std::string::npos || AuthorizationOf(request).empty())
        << request.url;
  f.options.credential.password = "wrong";
  ExpectError(f.Pull(handler), ErrorKind::kDenied, "refuses");
  f.options.credential = {};
  ExpectError(f.Pull(handler), ErrorKind::kDenied, "needs a user name");
}

TEST(RegistryAuth, DangerousTokenServicesAreRefused) {
  for (const char* realm :
       {"http://auth.example/token", "https://169.254.169.254/token", "https://metadata.google.internal/x",
        "https://127.0.0.1/token", "https://user:pass@auth.example/", "file:///etc/passwd", ""}) {
    Fixture f;
    f.options.credential = {.username = "me", .password = "secret"};
    EXPECT_FALSE(f.Pull(f.WithTokens(Format(R"(Bearer realm="{}",service="x")", realm)))) << realm;
    EXPECT_EQ(f.network->requests.size(), 1U) << realm;
  }
}

TEST(RegistryAuth, TokenServicesAreNoMorePrivateThanTheRegistry) {
  using enum http::AddressClass;
  const auto pull = [](http::AddressClass registry, const std::string& realm) {
    Fixture f;
    f.peers["registry.example"] = registry;
    const auto pulled = f.Pull(f.WithTokens(Format(R"(Bearer realm="{}")", realm)));
    if (!pulled) {
      EXPECT_EQ(f.network->requests.size(), 1U) << realm;
      ExpectError(pulled, ErrorKind::kDenied, "the token service that registry.example names");
      return std::optional<http::AddressClass>();
    }
    return std::optional(f.network->requests[1].addresses.most_private);
  };
  EXPECT_EQ(pull(kPublic, "https://10.0.0.1/"), std::nullopt);
  EXPECT_EQ(pull(kPrivate, "https://10.0.0.1/"), kPrivate);
  EXPECT_EQ(pull(kPrivate, "https://[::1]/"), std::nullopt);
  EXPECT_EQ(pull(kLoopback, "https://[::1]/"), kLoopback);
  EXPECT_EQ(pull(kLoopback, "https://169.254.1.1/"), std::nullopt);
  // A name is judged by the client, by what it resolves to.
  EXPECT_EQ(pull(kPublic, "https://auth.example/"), kPublic);
}

TEST(RegistryAuth, OverPlainHttpCredentialsStayOnTheHost) {
  Fixture f;
  f.options.credential = {.username = "me", .password = "secret"};
  f.options.insecure_hosts = {"registry.example"};
  const auto tokens = f.WithTokens(R"(Bearer realm="http://auth.example/token")");
  const auto plain_only = [&](const http::Request& request, const http::Url& url) -> Result<Answer> {
    if (url.scheme == "https") return Fail(ErrorKind::kUnsupported, "no TLS");
    return tokens(request, url);
  };
  EXPECT_TRUE(f.Pull(plain_only));
  for (const auto& request : f.network->requests)
    EXPECT_TRUE(request.url.find("auth.example") == std::string::npos || AuthorizationOf(request).empty());
}

TEST(Registry, PlainHttpIsForInsecureHostsAndLoopbackOnly) {
  const auto plain_only = [](Fixture& f) {
    return [&f](const http::Request& request, const http::Url& url) -> Result<Answer> {
      if (url.scheme == "https") return Fail(ErrorKind::kUnsupported, "no TLS connection can be made");
      EXPECT_TRUE(request.url.starts_with("http://"));
      return f.Serve(url);
    };
  };
  Fixture strict;
  ExpectError(strict.Pull(plain_only(strict)), ErrorKind::kUnsupported, "TLS");
  Fixture insecure;
  insecure.options.insecure_hosts = {"registry.example"};
  EXPECT_TRUE(insecure.Pull(plain_only(insecure)));
  EXPECT_FALSE(insecure.network->requests[0].tls.verify);
  for (const char* loopback : {"localhost:5000/team/app:1", "127.1.2.3:5000/team/app:1", "[::1]:5000/team/app:1"}) {
    Fixture local;
    EXPECT_TRUE(local.Pull(plain_only(local), loopback)) << loopback;
    EXPECT_TRUE(local.network->requests[0].tls.verify);
    EXPECT_EQ(local.network->requests.size(), 5U);
  }
  // A certificate that is not trusted is no reason to talk without TLS.
  Fixture untrusted;
  const auto refused = [](const http::Request&, const http::Url&) -> Result<Answer> {
    return Fail(ErrorKind::kDenied, "not trusted");
  };
  ExpectError(untrusted.Pull(refused, "localhost:5000/team/app:1"), ErrorKind::kDenied, "not trusted");
  EXPECT_EQ(untrusted.network->requests.size(), 1U);
}

// Answers for the last layer only.
FakeNetwork::Handler ForBlob(Fixture& f, std::function<Result<Answer>(const http::Request&, int)> blob) {
  auto count = std::make_shared<int>(0);
  const std::string wanted = "blobs/sha256:" + Sha256Hex(f.image.layers[1]);
  return [&f, blob, count, wanted](const http::Request& request, const http::Url& url) -> Result<Answer> {
    return url.path.ends_with(wanted) ? blob(request, (*count)++) : f.Serve(url);
  };
}

TEST(Registry, LyingBlobsAreCorrupt) {
  const std::vector<std::function<Answer(const std::string&)>> lies = {
      [](const std::string& blob) { return Answer{.body = std::string(blob.size(), 'x')}; },
      [](const std::string& blob) { return Answer{.body = blob + "x"}; },
      [](const std::string& blob) { return Answer{.body = blob + std::string(100'000, 'x')}; },
  };
  for (const auto& lie : lies) {
    Fixture f;
    const auto result =
        f.Pull(ForBlob(f, [&](const http::Request&, int) -> Result<Answer> { return lie(f.image.layers[1]); }));
    ExpectError(result, ErrorKind::kCorrupt, "sha256:");
  }
  Fixture f;
  f.options.retry.attempts_max = 3;
  const auto cut = ForBlob(
      f, [&](const http::Request&, int) -> Result<Answer> { return Answer{.body = f.image.layers[1].substr(1)}; });
  ExpectError(f.Pull(cut), ErrorKind::kUnavailable, "are stated");
}

TEST(Registry, ABrokenBlobGoesOnFromWhereItStopped) {
  Fixture f;
  const std::string& blob = f.image.layers[1];
  const auto handler = ForBlob(f, [&](const http::Request& request, int attempt) -> Result<Answer> {
    const std::string range(request.headers.Find("Range").value_or(""));
    if (attempt == 0) {
      EXPECT_EQ(range, "");
      return Answer{.body = blob.substr(0, 1100), .breaks = true};
    }
    if (attempt == 1) {
      EXPECT_EQ(range, "bytes=1100-");
      return Answer{.status = 206,
                    .headers = {{"Content-Range", Format("bytes 1100-{}/{}", blob.size() - 1, blob.size())}},
                    .body = blob.substr(1100, 100),
                    .breaks = true};
    }
    EXPECT_EQ(range, "bytes=1200-");
    return Answer{.body = blob};  // knows no ranges
  });
  EXPECT_EQ(f.layers.Of(Value(f.Pull(handler))), f.image.layers);
}

TEST(Registry, AnotherRangeThanAskedForIsRefused) {
  Fixture f;
  const auto handler = ForBlob(f, [&](const http::Request&, int attempt) -> Result<Answer> {
    if (attempt == 0) return Answer{.body = f.image.layers[1].substr(0, 100), .breaks = true};
    return Answer{.status = 206, .headers = {{"Content-Range", "bytes 0-5/6"}}, .body = f.image.layers[1]};
  });
  ExpectError(f.Pull(handler), ErrorKind::kCorrupt, "another range");
}

TEST(Registry, WaitsAsLongAsItIsAskedTo) {
  Fixture f;
  int asked = 0;
  const auto handler = [&](const http::Request&, const http::Url& url) -> Result<Answer> {
    ++asked;
    if (asked == 1) return Answer{.status = 429, .headers = {{"Retry-After", "7"}}};
    if (asked == 2) return Answer{.status = 503, .headers = {{"Retry-After", "Tue, 14 Nov 2023 22:13:29 GMT"}}};
    if (asked == 3) return Fail(ErrorKind::kUnavailable, "reset");
    return f.Serve(url);
  };
  EXPECT_TRUE(f.Pull(handler));
  EXPECT_EQ(f.pacer->sleeps, (std::vector<std::int64_t>{7000, 9000, 0}));
}

TEST(Registry, GivesUpAfterAWhile) {
  Fixture f;
  const auto busy = [](const http::Request&, const http::Url&) -> Result<Answer> { return Answer{.status = 503}; };
  ExpectError(f.Pull(busy), ErrorKind::kUnavailable, "503");
  EXPECT_EQ(f.network->requests.size(), 5U);
  const auto too_long = [](const http::Request&, const http::Url&) -> Result<Answer> {
    return Answer{.status = 429, .headers = {{"Retry-After", "86400"}}};
  };
  ExpectError(f.Pull(too_long), ErrorKind::kUnavailable, "slow down");
  EXPECT_EQ(f.network->requests.size(), 1U);
}

TEST(Registry, SaysWhatIsWrong) {
  const auto with = [](int status, const std::string& body) {
    Fixture f;
    return f.Pull([&](const http::Request&, const http::Url&) -> Result<Answer> {
      return Answer{.status = status, .body = body};
    });
  };
  ExpectError(
      with(404, R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]})"), ErrorKind::kNotFound,
      "registry.example/team/app:1: registry.example/team/app has no manifests/1 (MANIFEST_UNKNOWN: manifest unknown)");
  ExpectError(with(403, ""), ErrorKind::kDenied, "no permission");
  ExpectError(with(401, ""), ErrorKind::kDenied, "does not say");
  ExpectError(with(302, ""), ErrorKind::kCorrupt, "redirects to nowhere");
  ExpectError(with(200, "<html>"), ErrorKind::kCorrupt);
  ExpectError(with(200, R"({"schemaVersion":1,"fsLayers":[]})"), ErrorKind::kUnsupported, "schema 1");
}

TEST(Registry, AManifestThatIsNotTheOneAskedForIsCorrupt) {
  Fixture f;
  const std::string other(64, '1');
  const auto handler = [&](const http::Request&, const http::Url&) -> Result<Answer> {
    return Answer{.body = f.image.manifest};
  };
  ExpectError(f.Pull(handler, "registry.example/team/app@sha256:" + other), ErrorKind::kCorrupt, "digest");
}

TEST(Registry, AnEndlessManifestIsCut) {
  Fixture f;
  f.limits.document_bytes_max = 1000;
  const auto handler = [](const http::Request&, const http::Url&) -> Result<Answer> {
    return Answer{.body = std::string(5000, ' ')};
  };
  ExpectError(f.Pull(handler), ErrorKind::kLimit, "1000");
}

TEST(Registry, MirrorsComeFirst) {
  Fixture f;
  f.options.mirrors["registry.example"] = {"down.example", "mirror.example/cache"};
  f.options.credential = {.username = "me", .password = "secret"};
  const auto handler = [&](const http::Request& request, const http::Url& url) -> Result<Answer> {
    EXPECT_EQ(AuthorizationOf(request), "");
    if (url.host == "mirror.example") {
      EXPECT_TRUE(url.path.starts_with("/v2/cache/team/app/"));
      return f.Serve(Value(http::Url::Parse("https://registry.example/v2/" + url.path.substr(10))));
    }
    if (url.host == "down.example") return Answer{.status = 404};
    return f.Serve(url);
  };
  EXPECT_EQ(f.layers.Of(Value(f.Pull(handler))), f.image.layers);
  for (const std::string& url : f.network->Urls()) EXPECT_EQ(url.find("registry.example"), std::string::npos) << url;
  Fixture fallback;
  fallback.options.mirrors["registry.example"] = {"down.example"};
  const auto down = [&](const http::Request&, const http::Url& url) -> Result<Answer> {
    if (url.host == "down.example") return Answer{.status = 404};
    return fallback.Serve(url);
  };
  EXPECT_EQ(fallback.layers.Of(Value(fallback.Pull(down))), fallback.image.layers);
}

// Serves registry.example with two mirrors; `mirror` may change what those say of the last layer or the config.
struct MirroredFixture : Fixture {
  using Change = std::function<std::optional<Answer>(const std::string& host, const http::Request&)>;
  MirroredFixture() {
    options.mirrors["registry.example"] = {"one.example", "two.example"};
    options.retry.attempts_max = 3;
  }
  Result<ImageDescription> PullChanged(const std::string& digest, Change change) {
    return Pull([this, digest, change](const http::Request& request, const http::Url& url) -> Result<Answer> {
      if (url.path.ends_with("blobs/sha256:" + digest))
        if (auto changed = change(url.host, request)) return *std::move(changed);
      return Serve(url);
    });
  }
  std::string LastLayer() const { return Sha256Hex(image.layers[1]); }
  // Hosts asked for it, one letter each: "oot", "r".
  std::string Asked(const std::string& digest) const {
    std::string asked;
    for (const std::string& url : network->Urls())
      if (url.ends_with(digest)) asked += url[std::string_view("https://").size()];
    return asked;
  }
};

TEST(RegistryMirrors, AreLeftForABlobTheyLackOrDamage) {
  const std::map<std::string, Answer> failures = {
      {"404", {.status = 404}},
      {"403", {.status = 403}},
      {"500", {.status = 500}},
      {"shorter", {.body = "x"}},
      {"longer", {.body = std::string(100'000, 'x')}},
  };
  for (const auto& [name, failure] : failures) {
    MirroredFixture f;
    const auto change = [&](const std::string& host, const http::Request&) -> std::optional<Answer> {
      if (host == "one.example") return failure;
      return std::nullopt;
    };
    EXPECT_EQ(f.layers.Of(Value(f.PullChanged(f.LastLayer(), change))), f.image.layers) << name;
    const std::string asked = f.Asked(f.LastLayer());
    EXPECT_TRUE(asked.starts_with("o") && asked.ends_with("t")) << name << " " << asked;
    EXPECT_EQ(f.Asked(Sha256Hex(f.image.layers[0])), "o") << name;
    MirroredFixture config;
    EXPECT_TRUE(config.PullChanged(Sha256Hex(config.image.config), change)) << name;
    EXPECT_TRUE(config.Asked(Sha256Hex(config.image.config)).ends_with("ot")) << name;
  }
}

TEST(RegistryMirrors, GoOnFromTheSameByteAtTheNextHost) {
  MirroredFixture f;
  const std::string& blob = f.image.layers[1];
  const auto change = [&](const std::string& host, const http::Request& request) -> std::optional<Answer> {
    const std::string range(request.headers.Find("Range").value_or(""));
    if (host == "one.example" && range.empty()) return Answer{.body = blob.substr(0, 700), .breaks = true};
    if (host == "one.example") return Answer{.status = 503};
    EXPECT_EQ(host, "two.example");
    EXPECT_EQ(range, "bytes=700-");
    return Answer{.status = 206,
                  .headers = {{"Content-Range", Format("bytes 700-{}/{}", blob.size() - 1, blob.size())}},
                  .body = blob.substr(700)};
  };
  EXPECT_EQ(f.layers.Of(Value(f.PullChanged(f.LastLayer(), change))), f.image.layers);
  EXPECT_EQ(f.Asked(f.LastLayer()), "ooot");
}

TEST(RegistryMirrors, OtherBytesAreReadAnewElsewhere) {
  const auto lie = [](const std::string& blob) { return Answer{.body = std::string(blob.size(), 'x')}; };
  MirroredFixture f;
  const auto one = [&](const std::string& host, const http::Request& request) -> std::optional<Answer> {
    EXPECT_FALSE(request.headers.Find("Range"));
    if (host == "one.example") return lie(f.image.layers[1]);
    return std::nullopt;
  };
  EXPECT_EQ(f.layers.Of(Value(f.PullChanged(f.LastLayer(), one))), f.image.layers);
  EXPECT_EQ(f.Asked(f.LastLayer()), "ot");
  // A wrong beginning is not cured by a right end: the host of the beginning is left out.
  MirroredFixture spliced;
  const std::string& blob = spliced.image.layers[1];
  const auto splice = [&](const std::string& host, const http::Request& request) -> std::optional<Answer> {
    if (host != "one.example") return std::nullopt;
    if (request.headers.Find("Range")) return Answer{.status = 404};
    return Answer{.body = "y" + blob.substr(1, 99), .breaks = true};
  };
  EXPECT_EQ(spliced.layers.Of(Value(spliced.PullChanged(spliced.LastLayer(), splice))), spliced.image.layers);
  EXPECT_EQ(spliced.Asked(spliced.LastLayer()), "oott");
  // When everybody lies, that is what is said.
  MirroredFixture liars;
  const auto all = [&](const std::string&, const http::Request&) -> std::optional<Answer> {
    return lie(liars.image.layers[1]);
  };
  ExpectError(liars.PullChanged(liars.LastLayer(), all), ErrorKind::kCorrupt, "digest");
  EXPECT_EQ(liars.Asked(liars.LastLayer()), "otr");
}

TEST(RegistryMirrors, ThatKeepFailingAreNotAskedAgain) {
  MirroredFixture f;
  const auto busy = [](const std::string& host, const http::Request&) -> std::optional<Answer> {
    if (host == "one.example") return Answer{.status = 503};
    return std::nullopt;
  };
  EXPECT_TRUE(f.PullChanged(Sha256Hex(f.image.layers[0]), busy));
  EXPECT_EQ(f.Asked(Sha256Hex(f.image.layers[0])), "ooot");
  EXPECT_EQ(f.Asked(f.LastLayer()), "t");
}

// The error is of the sink, and the bytes are the layer's own: nobody else has better ones.
TEST(RegistryMirrors, AreNotBlamedForWhatTheSinkRefuses) {
  class Refusing final : public LayerSink {
   public:
    bool IsKnown(const LayerDescriptor&) override { return false; }
    Result<void> Layer(const LayerDescriptor&, io::ByteSource&) override {
      ++layers;
      return Fail(ErrorKind::kLimit, "too much");
    }
    int layers = 0;
  } sink;
  MirroredFixture f;
  f.network = std::make_shared<FakeNetwork>(f.Plain());
  NullLogger logger;
  const auto no_helper = [](const std::string&, const std::string&) -> Result<std::string> { return std::string(); };
  RegistryAccess access{.client = f.network,
                        .pacer = f.pacer,
                        .keychain = std::make_shared<const Keychain>(f.auth_files, no_helper),
                        .options = f.options};
  const auto source = MakeRegistrySource(Value(Reference::Parse("registry.example/team/app:1")), access, logger);
  ExpectError(source->Pull(sink), ErrorKind::kLimit, "too much");
  EXPECT_EQ(sink.layers, 1);
  EXPECT_EQ(f.Asked(Sha256Hex(f.image.layers[0])), "o");
}

TEST(Registry, AnIndexLeadsToThePlatform) {
  Fixture f;
  const std::string index =
      test::IndexOf(f.image.ManifestDescriptor(R"(,"platform":{"os":"linux","architecture":"amd64"})"));
  const auto handler = [&](const http::Request&, const http::Url& url) -> Result<Answer> {
    if (url.path.ends_with("manifests/1"))
      return Answer{.headers = {{"Content-Type", "application/vnd.oci.image.index.v1+json"}}, .body = index};
    return f.Serve(url);
  };
  f.platform = Value(Platform::Parse("linux/amd64"));
  EXPECT_EQ(Value(f.Pull(handler)).source.manifest_digest, "sha256:" + Sha256Hex(f.image.manifest));
  f.platform = Value(Platform::Parse("linux/s390x"));
  ExpectError(f.Pull(handler), ErrorKind::kNotFound, "there are: linux/amd64");
}

}  // namespace
}  // namespace holdfast::image
