#include "service/webhooks.h"

#include <climits>
#include <functional>
#include <map>

#include "base/format.h"
#include "base/request_scope.h"
#include "crypto/mac.h"
#include "io/json.h"
#include "service/notifications.h"
#include "support/losable_database.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using test::ExpectError;
using test::Value;

// What the world answers, by URL: a status, or an error. Everything else is 200.
struct World {
  std::map<std::string, int> statuses;
  std::map<std::string, Error> errors;
  std::vector<http::Request> requests;
  std::function<void()> on_request = [] {};
};

class FakeClient final : public http::Client {
 public:
  explicit FakeClient(World& world) : world_(world) {}
  Result<http::Response> Send(const http::Request& request) override {
    world_.requests.push_back(request);
    world_.on_request();
    if (const auto error = world_.errors.find(request.url); error != world_.errors.end())
      return std::unexpected(error->second);
    const auto status = world_.statuses.find(request.url);
    http::Response response;
    response.status = status == world_.statuses.end() ? 200 : status->second;
    return response;
  }

 private:
  World& world_;
};

class WebhooksTest : public test::PlatformFixture {
 protected:
  std::unique_ptr<Webhooks> Make(WebhookOptions options) {
    return std::make_unique<Webhooks>(platform_, std::move(options), [this] {
      return Result<std::unique_ptr<http::Client>>(std::make_unique<FakeClient>(world_));
    });
  }
  void Tell(const store::Account& account, std::string_view type) {
    Value(database_->Write([&](store::Session& session) {
      return Notify(
          platform_, session, account,
          {.type = std::string(type), .subject = "docker.io/a:1", .payload = "\"curr_eval\":[],\"last_eval\":[]"});
    }));
  }
  std::int64_t Living() {
    std::int64_t count = 0;
    for (const store::LaneDepth& depth :
         Value(database_->Read([](store::Session& session) { return store::CountJobs(session); })))
      count += depth.queued + depth.leased;
    return count;
  }
  std::vector<std::string> Urls() const {
    std::vector<std::string> urls;
    for (const http::Request& request : world_.requests) urls.push_back(request.url);
    return urls;
  }

  World world_;
  store::Account team_ = AddAccount("team");
};

using Texts = std::vector<std::string>;

TEST_F(WebhooksTest, GeneralAndSpecificAreBothCalledWithPlaceholdersFilledIn) {
  const auto hooks = Make({.targets = {{.name = "general", .url = "http://hook/g/<notification_type>/<userId>"},
                                       {.name = "tag_update", .url = "http://hook/t"},
                                       {.name = "policy_eval", .url = "http://hook/p"}}});
  Tell(team_, "tag_update");
  EXPECT_FALSE(Value(hooks->Distribute()));
  for (const char* name : {"general", "tag_update", "policy_eval"}) EXPECT_FALSE(Value(hooks->Deliver(name)));
  EXPECT_EQ(Urls(), (Texts{"http://hook/g/tag_update/team", "http://hook/t"}));
  EXPECT_EQ(Living(), 0);
  const auto body = Value(io::JsonDocument::Parse(world_.requests[0].body));
  EXPECT_EQ(body.Root()["data"]["notification_payload"]["subscription_key"].StringOr(""), "docker.io/a:1");
  EXPECT_EQ(body.Root()["data"]["notification_type"].StringOr(""), "tag_update");
  EXPECT_EQ(body.Root()["userId"].StringOr(""), "team");
}

TEST_F(WebhooksTest, ADeliveryNamesTheRequestThatItCameOf) {
  const auto hooks = Make({.targets = {{.name = "general", .url = "http://hook/"}}});
  {
    const RequestScope scope("request-9");
    Tell(team_, "tag_update");
  }
  Tell(team_, "tag_update");
  EXPECT_FALSE(Value(hooks->Distribute()));
  EXPECT_FALSE(Value(hooks->Deliver("general")));
  ASSERT_EQ(world_.requests.size(), 2U);
  EXPECT_EQ(world_.requests[0].headers.Find("X-Request-Id"), "request-9");
  EXPECT_FALSE(world_.requests[1].headers.Find("X-Request-Id"));
}

TEST_F(WebhooksTest, WithoutAWebhookANotificationIsDone) {
  const auto hooks = Make({});
  Tell(team_, "tag_update");
  EXPECT_FALSE(Value(hooks->Distribute()));
  EXPECT_EQ(Living(), 0);
  EXPECT_TRUE(world_.requests.empty());
}

TEST_F(WebhooksTest, SignsAndAuthenticatesAndKeepsToPublicAddresses) {
  const auto hooks = Make({.targets = {{.name = "general", .url = "http://hook/"}},
                           .username = "anna",
                           .password = crypto::Secret("pass"),
                           .verify = false,
                           .signing_secret = crypto::Secret("key")});
  Tell(team_, "tag_update");
  Value(hooks->Distribute());
  Value(hooks->Deliver("general"));
  ASSERT_EQ(world_.requests.size(), 1U);
  const http::Request& request = world_.requests[0];
  EXPECT_EQ(request.headers.Find("Authorization"), "Basic YW5uYTpwYXNz");
  EXPECT_FALSE(request.tls.verify);
  EXPECT_FALSE(request.addresses.Allows(http::AddressClass::kPrivate));
  const std::string timestamp(*request.headers.Find("X-Holdfast-Timestamp"));
  EXPECT_EQ(timestamp, std::to_string(clock_.NowMs() / 1000));
  EXPECT_EQ(request.headers.Find("X-Holdfast-Signature"),
            "sha256=" + crypto::HmacSha256(crypto::Secret("key"), timestamp + "." + request.body).Hex());
}

TEST_F(WebhooksTest, AFailureIsTriedAgainWithGrowingPausesAndNotAtTheOtherWebhook) {
  const auto hooks =
      Make({.targets = {{.name = "general", .url = "http://good/"}, {.name = "tag_update", .url = "http://bad/"}}});
  world_.statuses["http://bad/"] = 503;
  Tell(team_, "tag_update");
  Value(hooks->Distribute());
  const auto try_both = [&] {
    world_.requests.clear();
    Value(hooks->Deliver("general"));
    Value(hooks->Deliver("tag_update"));
    return Urls();
  };
  EXPECT_EQ(try_both(), (Texts{"http://good/", "http://bad/"}));
  EXPECT_EQ(try_both(), Texts{});
  clock_.Advance(5'000);
  EXPECT_EQ(try_both(), Texts{"http://bad/"});
  clock_.Advance(5'000);
  EXPECT_EQ(try_both(), Texts{});
  clock_.Advance(5'000);
  world_.statuses.clear();
  EXPECT_EQ(try_both(), Texts{"http://bad/"});
  EXPECT_EQ(Living(), 0);
}

TEST_F(WebhooksTest, WhatWaitsBehindAFailureKeepsItsAttempts) {
  const auto hooks = Make({.targets = {{.name = "general", .url = "http://bad/"}}});
  world_.errors.emplace("http://bad/", Error(ErrorKind::kUnavailable, "timed out"));
  for (int i = 0; i < 5; ++i) Tell(team_, "tag_update");
  Value(hooks->Distribute());
  Value(hooks->Deliver("general"));
  EXPECT_EQ(world_.requests.size(), 1U);
  world_.errors.clear();
  clock_.Advance(1'000);
  Value(hooks->Deliver("general"));
  EXPECT_EQ(world_.requests.size(), 5U);
  clock_.Advance(5'000);
  Value(hooks->Deliver("general"));
  EXPECT_EQ(world_.requests.size(), 6U);
  EXPECT_EQ(Living(), 0);
}

TEST_F(WebhooksTest, WhatWasTakenIsNotSentAgainWhenTheDatabaseWasLostMeanwhile) {
  test::LosableDatabase losing(*database_);
  const Platform platform{.database = losing,
                          .objects = *objects_,
                          .clock = clock_,
                          .logger = logger_,
                          .sealer = sealer_,
                          .host_id = "host"};
  world_.on_request = [&] { losing.away_for = INT_MAX; };
  Webhooks hooks(platform, {.targets = {{.name = "general", .url = "http://hook/"}}},
                 [this] { return Result<std::unique_ptr<http::Client>>(std::make_unique<FakeClient>(world_)); });
  Tell(team_, "tag_update");
  Value(hooks.Distribute());
  ExpectError(hooks.Deliver("general"), ErrorKind::kUnavailable, "away");
  EXPECT_EQ(Living(), 1);
  losing.away_for = 0;
  Value(hooks.Deliver("general"));
  EXPECT_EQ(Living(), 0);
  EXPECT_EQ(world_.requests.size(), 1U);
  // The same when the lease has run out before.
  Tell(team_, "tag_update");
  Value(hooks.Distribute());
  ExpectError(hooks.Deliver("general"), ErrorKind::kUnavailable, "away");
  losing.away_for = 0;
  clock_.Advance(31'000);
  Value(database_->Write([&](store::Session& session) { return store::ReapJobs(session, clock_.NowMs(), 10); }));
  Value(hooks.Deliver("general"));
  EXPECT_EQ(Living(), 0);
  EXPECT_EQ(world_.requests.size(), 2U);
}

TEST_F(WebhooksTest, LeasesAreShortAndProlongedWhileABatchGoesOn) {
  const auto hooks = Make({.targets = {{.name = "general", .url = "http://hook/"}}});
  for (int i = 0; i < 5; ++i) Tell(team_, "tag_update");
  Value(hooks->Distribute());
  std::size_t reaped = 0;
  world_.on_request = [&] {
    clock_.Advance(12'000);
    Value(database_->Write([&](store::Session& session) { return store::ReapJobs(session, clock_.NowMs(), 10); }));
    const auto others = Value(database_->Write([&](store::Session& session) {
      return store::ClaimJobs(session, "hook_general", 10, "other", clock_.NowMs(), clock_.NowMs() + 1);
    }));
    reaped += others.size();
  };
  Value(hooks->Deliver("general"));
  EXPECT_EQ(reaped, 0U);
  EXPECT_EQ(world_.requests.size(), 5U);
  EXPECT_EQ(Living(), 0);
}

TEST_F(WebhooksTest, WhatWaitsForARemovedWebhookIsDropped) {
  const auto before = Make({.targets = {{.name = "tag_update", .url = "http://hook/"}}});
  Tell(team_, "tag_update");
  Value(before->Distribute());
  EXPECT_EQ(Living(), 1);
  const auto after = Make({.targets = {{.name = "general", .url = "http://hook/"}}});
  EXPECT_FALSE(Value(after->DropUnwanted()));
  EXPECT_EQ(Living(), 0);
}

TEST_F(WebhooksTest, TestsOnlyWhatIsConfigured) {
  const auto hooks = Make({.targets = {{.name = "general", .url = "http://hook/"}, {.name = "event_log"}}});
  Value(hooks->SendTestNotification(team_, "general", "vuln_update"));
  EXPECT_EQ(Urls(), Texts{"http://hook/"});
  EXPECT_TRUE(io::JsonDocument::Parse(world_.requests[0].body));
  ExpectError(hooks->SendTestNotification(team_, "event_log", "tag_update"), ErrorKind::kInvalidInput,
              "not configured");
  ExpectError(hooks->SendTestNotification(team_, "nonsense", "tag_update"), ErrorKind::kInvalidInput, "not configured");
  world_.statuses["http://hook/"] = 401;
  ExpectError(hooks->SendTestNotification(team_, "general", "tag_update"), ErrorKind::kUnavailable, "status 401");
}

TEST_F(WebhooksTest, InsideAddressesAreRefusedUnlessARangeAllowsThem) {
  Webhooks closed(platform_, {.targets = {{.name = "general", .url = "http://127.0.0.1:1/"}}});
  ExpectError(closed.SendTestNotification(team_, "general", "tag_update"), ErrorKind::kDenied, "loopback");
  Webhooks open(platform_,
                {.targets = {{.name = "general", .url = "http://127.0.0.1:1/"}},
                 .addresses = {http::AddressClass::kPublic, {Value(http::AddressRange::Parse("127.0.0.0/8"))}}});
  ExpectError(open.SendTestNotification(team_, "general", "tag_update"), ErrorKind::kUnavailable, "connect");
}

}  // namespace
}  // namespace holdfast::service
