#include "service/image_registries.h"

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <mutex>

#include "base/format.h"
#include "http/server.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using test::ExpectError;
using test::Value;

// A registry that says the same to everybody.
class FakeRegistry final : public http::Handler {
 public:
  std::uint64_t BodyBytesMax(const http::ServerRequest&) override { return 0; }
  http::ServerResponse Handle(const http::ServerRequest& request) override {
    ++asked;
    const std::lock_guard held(door_);
    const std::lock_guard lock(mutex_);
    if (!challenge_.empty() && request.segments.front() == "token")
      return {.status = 429, .headers = {{"Retry-After", "30"}}};
    if (!challenge_.empty()) return {.status = 401, .headers = {{"WWW-Authenticate", challenge_}}};
    http::ServerResponse response{.status = status_};
    if (!retry_after_.empty()) response.headers.Add("Retry-After", retry_after_);
    return response;
  }
  void Answer(int status, std::string retry_after) {
    const std::lock_guard lock(mutex_);
    status_ = status;
    retry_after_ = std::move(retry_after);
  }

  // Wants a token, and gives none now.
  void Challenge(std::string challenge) {
    const std::lock_guard lock(mutex_);
    challenge_ = std::move(challenge);
  }
  void Hold() { door_.lock(); }
  void LetGo() { door_.unlock(); }

  std::atomic<int> asked = 0;

 private:
  std::mutex door_, mutex_;
  int status_ = 200;
  std::string retry_after_, challenge_;
};

class ImageRegistriesTest : public test::PlatformFixture {
 protected:
  ImageRegistriesTest()
      : server_(Value(http::StartServer({.io_threads = 1, .handler_threads = 1}, registry_, nullptr, logger_))),
        host_(Format("127.0.0.1:{}", server_->Port())),
        registries_of_the_world_(MakeImageRegistries(platform_, {.budget_wait_ms = 0})),
        replica_(MakeImageRegistries(platform_, {.budget_wait_ms = 0})) {}

  double Tokens() {
    static constexpr store::Statement kTokens{"test.tokens", "SELECT tokens FROM host_budgets WHERE host = $1"};
    return Value(database_->Read([&](store::Session& session) { return session.Run(kTokens, {host_}); }))
        .rows.at(0)[0]
        .Real();
  }

  FakeRegistry registry_;
  std::unique_ptr<http::Server> server_;
  std::string host_;
  std::unique_ptr<Registries> registries_of_the_world_, replica_;
};

TEST_F(ImageRegistriesTest, AHostThatAsksToBeLeftAloneIsAskedByNobody) {
  registry_.Answer(429, "120");
  ExpectError(registries_of_the_world_->Ping(host_, {}), ErrorKind::kUnavailable,
              host_ + " asks to be left alone: it is asked again in 120 s");
  const int asked = registry_.asked;
  EXPECT_EQ(Value(replica_->PausedForMs(host_)), 120'000);
  ExpectError(replica_->Ping(host_, {}), ErrorKind::kUnavailable, "it is asked again in 120 s");
  const auto reference = Value(image::Reference::Parse(host_ + "/team/app:1"));
  ExpectError(replica_->ResolveTag(reference, {}), ErrorKind::kUnavailable, "left alone");
  ExpectError(replica_->Inspect(reference, {}), ErrorKind::kUnavailable, "left alone");
  EXPECT_EQ(registry_.asked, asked);
  EXPECT_EQ(Value(replica_->PausedForMs("quay.io")), 0);
  registry_.Answer(200, "");
  clock_.Advance(120'000);
  EXPECT_EQ(Value(replica_->PausedForMs(host_)), 0);
  Value(replica_->Ping(host_, {}));
  EXPECT_GT(registry_.asked, asked);
}

TEST_F(ImageRegistriesTest, APauseMayBeADateAndIsBounded) {
  // The pacer's clock is the real one.
  std::array<char, 64> date{};
  const std::time_t then = std::time(nullptr) + 300;
  std::tm parts{};
  gmtime_r(&then, &parts);
  std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  registry_.Answer(503, date.data());
  ExpectError(registries_of_the_world_->Ping(host_, {}), ErrorKind::kUnavailable, "left alone");
  const std::int64_t paused_ms = Value(replica_->PausedForMs(host_));
  EXPECT_GT(paused_ms, 200'000);
  EXPECT_LE(paused_ms, 300'000);
  clock_.Advance(paused_ms);
  registry_.Answer(429, "86400");
  ExpectError(registries_of_the_world_->Ping(host_, {}), ErrorKind::kUnavailable, "in 900 s");
  EXPECT_EQ(Value(replica_->PausedForMs(host_)), kHostPauseMsMax);
}

TEST_F(ImageRegistriesTest, ATokenServiceThatAsksToBeLeftAloneIsHeededToo) {
  registry_.Challenge(Format("Bearer realm=\"http://{}/token\",service=\"x\"", host_));
  ExpectError(registries_of_the_world_->Ping(host_, {}), ErrorKind::kUnavailable, "it is asked again in 30 s");
  EXPECT_EQ(Value(replica_->PausedForMs(host_)), 30'000);
}

TEST_F(ImageRegistriesTest, ARegistryThatDoesNotAnswerIsGivenUp) {
  const auto impatient = MakeImageRegistries(platform_, {.question_ms_max = 1'000});
  registry_.Answer(200, "");
  registry_.Hold();
  ExpectError(impatient->Ping(host_, {}), ErrorKind::kUnavailable, "takes longer than the 1 s");
  registry_.LetGo();
}

TEST_F(ImageRegistriesTest, EachRequestOfAQuestionIsCounted) {
  const auto reference = Value(image::Reference::Parse(host_ + "/team/app:1"));
  registry_.Answer(404, "");
  (void)replica_->ResolveTag(reference, {});
  // https is tried first, and answered by nobody who speaks it.
  const double left = Tokens();
  EXPECT_LE(left, store::HostBudget{}.capacity - 2);
  registry_.Answer(200, "");
  // What people ask is counted within a second.
  Value(registries_of_the_world_->Ping(host_, {}));
  EXPECT_DOUBLE_EQ(Tokens(), left);
  Value(registries_of_the_world_->Ping(host_, {}));
  EXPECT_DOUBLE_EQ(Tokens(), left);
  clock_.Advance(1'000);
  Value(registries_of_the_world_->Ping(host_, {}));
  EXPECT_DOUBLE_EQ(Tokens(), std::min(store::HostBudget{}.capacity, left + 5) - 4);
}

}  // namespace
}  // namespace holdfast::service
