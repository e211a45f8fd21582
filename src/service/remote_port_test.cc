#include "service/remote_port.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/log.h"
#include "http/server.h"
#include "service/port_wire.h"
#include "service/worker_protocol.h"
#include "support/test_support.h"

namespace holdfast::service {
namespace {

using test::ExpectError;
using test::Value;

// A queue that answers with an error for a while.
class Queue final : public http::Handler {
 public:
  explicit Queue(Error error, int failures) : error_(std::move(error)), left_(failures) {}
  std::uint64_t BodyBytesMax(const http::ServerRequest&) override { return kMiB; }
  http::ServerResponse Handle(const http::ServerRequest&) override {
    ++calls;
    http::ServerResponse response;
    if (left_-- <= 0) {
      response.body = "a record";
      return response;
    }
    response.status = 503;
    response.headers.Add("Content-Type", "application/x-holdfast-error");
    response.body = EncodeError(error_);
    return response;
  }

  std::atomic<int> calls = 0;

 private:
  Error error_;
  std::atomic<int> left_;
};

class RemotePortTest : public testing::Test {
 protected:
  std::unique_ptr<AnalyzerPort> Connect(Queue& queue, std::int64_t patience_ms) {
    server_ =
        Value(http::StartServer({.address = "127.0.0.1", .port = 0, .handler_threads = 1}, queue, nullptr, logger_));
    return Value(MakeRemotePort({.url = "http://127.0.0.1:" + std::to_string(server_->Port()),
                                 .token = crypto::Secret("token"),
                                 .patience_ms = patience_ms}));
  }

  NullLogger logger_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(RemotePortTest, RecordsAndResultsAreSentAgainWhileTheQueueIsAway) {
  Queue queue(Error(ErrorKind::kUnavailable, "the database is away"), 2);
  const auto port = Connect(queue, 60'000);
  EXPECT_EQ(Value(port->LoadRecord({})), "a record");
  EXPECT_EQ(queue.calls, 3);
}

TEST_F(RemotePortTest, WhatIsRefusedIsNotSentAgain) {
  Queue queue(Error(ErrorKind::kConflict, "somebody else has this job now"), 100);
  const auto port = Connect(queue, 60'000);
  ExpectError(port->StoreRecord({}, "a record", 1), ErrorKind::kConflict, "somebody else");
  ExpectError(port->Complete({}, {}), ErrorKind::kConflict, "somebody else");
  EXPECT_EQ(queue.calls, 2);
}

TEST_F(RemotePortTest, PatienceEnds) {
  Queue queue(Error(ErrorKind::kUnavailable, "the database is away"), 100);
  const auto port = Connect(queue, 0);
  ExpectError(port->Fail({}, Error(ErrorKind::kCorrupt, "no layer")), ErrorKind::kUnavailable, "away");
  EXPECT_EQ(queue.calls, 1);
}

TEST_F(RemotePortTest, ClaimsAreNotWaitedFor) {
  Queue queue(Error(ErrorKind::kUnavailable, "the database is away"), 100);
  const auto port = Connect(queue, 60'000);
  ExpectError(port->Claim("analyzer-1", 1), ErrorKind::kUnavailable, "away");
  EXPECT_EQ(queue.calls, 1);
}

}  // namespace
}  // namespace holdfast::service
