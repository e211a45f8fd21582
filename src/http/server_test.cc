// Servers on loopback, told things by sockets that write exactly what a test says. No test measures time: those about
// timeouts wait for what the server does then.

#include "http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "io/json.h"
#include "support/test_support.h"

namespace holdfast::http {
namespace {

using test::ExpectError;
using test::Value;

// A door that threads wait at, and that counts them.
class Door {
 public:
  void Wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void AwaitWaiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

// "/echo…" tells what arrived, "/wait" waits at the door, "/throw", "/split", "/large" and "/empty" do as they say.
class TestHandler final : public Handler {
 public:
  std::uint64_t BodyBytesMax(const ServerRequest& head) override {
    EXPECT_EQ(head.body, "");
    if (!head.segments.empty() && head.segments[0] == "throw-early") throw std::runtime_error("early");
    return body_bytes_max;
  }
  ServerResponse Handle(const ServerRequest& request) override {
    ++calls;
    const std::string what = request.segments.empty() ? "" : request.segments[0];
    if (what == "wait") door.Wait();
    if (what == "throw") throw std::runtime_error("a secret reason");
    if (what == "split") return {.headers = {{"X-A", "b\r\nX-Forged: c"}}};
    if (what == "large") return {.headers = {{"Content-Type", "text/plain"}}, .body = std::string(1'000'000, 'x')};
    if (what == "empty") return {.status = 204};
    std::string text = request.method;
    for (const std::string& segment : request.segments) text += "|" + segment;
    for (const auto& [name, value] : request.query) text += "?" + name + "=" + value;
    if (!request.body.empty()) text += "#" + request.body;
    return {.headers = {{"Content-Type", "text/plain"}, {"X-Peer", request.peer}}, .body = text};
  }

  std::uint64_t body_bytes_max = 1000;
  std::atomic<int> calls = 0;
  Door door;
};

class RecordingLogger final : public Logger {
 public:
  void Log(LogLevel level, std::string_view message) override {
    const std::lock_guard lock(mutex_);
    if (level == LogLevel::kError) errors_.append(message).append("\n");
  }
  [[nodiscard]] std::string Errors() {
    const std::lock_guard lock(mutex_);
    return errors_;
  }

 private:
  std::mutex mutex_;
  std::string errors_;
};

class RecordingObserver final : public ServerObserver {
 public:
  void Finished(const ServerRequest& request, const ServerResponse& response, std::uint64_t response_bytes,
                std::int64_t) override {
    const std::lock_guard lock(mutex_);
    seen_.push_back(request.method + " " + request.target + " " + std::to_string(response.status) + " " +
                    std::to_string(response_bytes));
    changed_.notify_all();
  }
  // The first `count` of them, when they are there.
  [[nodiscard]] std::vector<std::string> Await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return seen_.size() >= count; });
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> seen_;
};

struct Answer {
  int status = 0;  // 0: the connection ended without one
  Headers headers;
  std::string body;
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{.tv_sec = 60};  // a server that never answers fails a test, and does not hang it
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    connected_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~RawClient() { close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void EndSending() { shutdown(socket_, SHUT_WR); }

  // One answer; of HEAD without its body.
  Answer Receive(bool to_head = false) {
    Answer answer;
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos)
      if (!More()) return answer;
    std::string_view head = std::string_view(received_).substr(0, end + 2);
    answer.status = std::atoi(std::string(head.substr(9, 3)).c_str());
    head.remove_prefix(head.find("\r\n") + 2);
    while (!head.empty()) {
      const std::string_view line = head.substr(0, head.find("\r\n"));
      answer.headers.Add(std::string(line.substr(0, line.find(':'))), std::string(line.substr(line.find(':') + 2)));
      head.remove_prefix(line.size() + 2);
    }
    received_.erase(0, end + 4);
    if (to_head || answer.status == 100) return answer;
    const auto size = std::stoul(std::string(answer.headers.Find("Content-Length").value_or("0")));
    while (received_.size() < size)
      if (!More()) return answer;
    answer.body = received_.substr(0, size);
    received_.erase(0, size);
    return answer;
  }
  // Is there an answer, or the end, within that time?
  bool HasAnswer(int ms) {
    pollfd wanted{.fd = socket_, .events = POLLIN, .revents = 0};
    return !received_.empty() || poll(&wanted, 1, ms) > 0;
  }
  // Did the server close, having said nothing more?
  bool Ended() { return !More() && received_.empty(); }
  Answer Ask(std::string_view bytes) {
    Send(bytes);
    return Receive();
  }
  [[nodiscard]] bool Connected() const { return connected_; }

 private:
  bool More() {
    std::array<char, 65536> piece;
    const ssize_t size = recv(socket_, piece.data(), piece.size(), 0);
    EXPECT_FALSE(size < 0 && errno == EAGAIN) << "the server neither answers nor closes";
    if (size <= 0) return false;
    received_.append(piece.data(), static_cast<std::size_t>(size));
    return true;
  }

  int socket_;
  bool connected_ = false;
  std::string received_;
};

std::string Get(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
std::string Post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

class ServerTest : public testing::Test {
 protected:
  ServerTest() { options_.handler_threads = 4; }
  ~ServerTest() override { handler_.door.Open(); }

  std::uint16_t Start() {
    server_ = Value(StartServer(options_, handler_, &observer_, logger_));
    return server_->Port();
  }
  // Answered so, with the JSON of refusals, and the connection closed.
  void ExpectRefusal(RawClient& client, int status) {
    const Answer answer = client.Receive();
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.headers.Find("Connection"), "close");
    const auto json = Value(io::JsonDocument::Parse(answer.body));
    EXPECT_EQ(json.Root()["httpcode"].Integer(), status);
    EXPECT_NE(json.Root()["message"].StringOr(""), "");
    EXPECT_TRUE(json.Root()["detail"]["error_codes"].IsArray());
    EXPECT_TRUE(client.Ended());
  }

  ServerOptions options_;
  TestHandler handler_;
  RecordingObserver observer_;
  RecordingLogger logger_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersWithWhatTheHandlerSays) {
  RawClient client(Start());
  const Answer answer = client.Ask(Get("/v1/a%2Fb/?x=1+2", "X-Request-Id: mine-1\r\n"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "GET|v1|a/b?x=1 2");
  EXPECT_EQ(answer.headers.Find("X-Request-Id"), "mine-1");
  EXPECT_EQ(answer.headers.Find("X-Peer"), "127.0.0.1");
  EXPECT_EQ(answer.headers.Find("Server"), "holdfast");
  EXPECT_EQ(observer_.Await(1), (std::vector<std::string>{"GET /v1/a%2Fb/?x=1+2 200 16"}));
}

TEST_F(ServerTest, GivesEachRequestAnIdentifier) {
  RawClient client(Start());
  const auto id = [&](std::string_view field) {
    return std::string(client.Ask(Get("/", field)).headers.Find("X-Request-Id").value_or(""));
  };
  const std::string first = id(""), second = id("X-Request-Id: has blanks\r\n");
  EXPECT_EQ(first.size(), 32U);
  EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(second.size(), 32U);
  EXPECT_NE(first, second);
}

TEST_F(ServerTest, ReadsRequestsHoweverTheyAreCut) {
  const std::uint16_t port = Start();
  const std::string request = Post("/echo", "hello");
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    RawClient client(port);
    client.Send(request.substr(0, cut));
    client.Send(request.substr(cut));
    EXPECT_EQ(client.Receive().body, "POST|echo#hello") << cut;
  }
  RawClient client(port);
  for (const char c : request) client.Send({&c, 1});
  EXPECT_EQ(client.Receive().body, "POST|echo#hello");
}

TEST_F(ServerTest, ChunkedBodiesAreReadHoweverTheyAreCut) {
  const std::uint16_t port = Start();
  const std::string request =
      "PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na;x=y\r\n0123456789\r\n0\r\nT: "
      "u\r\n\r\n";
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    RawClient client(port);
    client.Send(request.substr(0, cut));
    client.Send(request.substr(cut) + Get("/next"));
    EXPECT_EQ(client.Receive().body, "PUT|c#abc0123456789") << cut;
    EXPECT_EQ(client.Receive().body, "GET|next") << cut;
  }
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  RawClient client(Start());
  std::string all;
  for (int i = 0; i < 50; ++i) all += i % 2 == 0 ? Get("/r" + std::to_string(i)) : Post("/r" + std::to_string(i), "b");
  client.Send(all);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(client.Receive().body, (i % 2 == 0 ? "GET|r" + std::to_string(i) : "POST|r" + std::to_string(i) + "#b"));
}

TEST_F(ServerTest, AConnectionStaysAsItsVersionHasIt) {
  const std::uint16_t port = Start();
  RawClient new_style(port);
  EXPECT_EQ(new_style.Ask(Get("/1")).status, 200);
  const Answer last = new_style.Ask(Get("/2", "Connection: close\r\n"));
  EXPECT_EQ(last.headers.Find("Connection"), "close");
  EXPECT_TRUE(new_style.Ended());

  RawClient old_style(port);
  EXPECT_EQ(old_style.Ask("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").headers.Find("Connection"),
            "keep-alive");
  EXPECT_EQ(old_style.Ask("GET /2 HTTP/1.0\r\n\r\n").body, "GET|2");
  EXPECT_TRUE(old_style.Ended());
}

TEST_F(ServerTest, HeadAndEmptyAnswersHaveNoBody) {
  RawClient client(Start());
  client.Send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.Receive(true).headers.Find("Content-Length"), "6");
  EXPECT_EQ(client.Ask(Get("/empty")).status, 204);
  EXPECT_EQ(client.Ask(Get("/b")).body, "GET|b");
}

TEST_F(ServerTest, AHandlerThatTakesTooLongIsNotWaitedFor) {
  options_.request_timeout_ms = 50;
  options_.handler_threads = 1;
  const std::uint16_t port = Start();
  RawClient slow(port);
  slow.Send(Get("/wait"));
  handler_.door.AwaitWaiting(1);
  ExpectRefusal(slow, 503);
  EXPECT_EQ(observer_.Await(1).front().substr(0, 13), "GET /wait 503");
  handler_.door.Open();
  // What it answers at last is not the answer to anybody else.
  RawClient next(port);
  Answer answer = next.Ask(Get("/next"));
  for (int i = 0; i < 100 && answer.status == 503; ++i) answer = RawClient(port).Ask(Get("/next"));
  EXPECT_EQ(answer.body, "GET|next");
}

TEST_F(ServerTest, LargeAnswersArriveWholeAndPackedForWhoTakesIt) {
  RawClient client(Start());
  EXPECT_EQ(client.Ask(Get("/large")).body, std::string(1'000'000, 'x'));
  const Answer packed = client.Ask(Get("/large", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(packed.headers.Find("Content-Encoding"), "gzip");
  EXPECT_LT(packed.body.size(), 10'000U);
}

TEST_F(ServerTest, ContinuesWhoAsks) {
  RawClient client(Start());
  client.Send("POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 100);
  EXPECT_EQ(client.Ask("abc").body, "POST|e#abc");
  client.Send("POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
  ExpectRefusal(client, 413);
}

TEST_F(ServerTest, BodiesOverTheLimitAreRefusedUnread) {
  const std::uint16_t port = Start();
  RawClient stated(port);
  stated.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
  ExpectRefusal(stated, 413);
  RawClient eager(port);  // it sends all the same
  eager.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + std::string(200'000, 'x'));
  ExpectRefusal(eager, 413);
  RawClient chunked(port);
  chunked.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + std::string(1000, 'x') +
               "\r\n1\r\n");
  ExpectRefusal(chunked, 413);
  RawClient exact(port);
  EXPECT_EQ(exact.Ask(Post("/", std::string(1000, 'x'))).status, 200);
  EXPECT_EQ(handler_.calls, 1);
}

TEST_F(ServerTest, AllBodiesTogetherAreBounded) {
  options_.body_bytes_in_flight_max = 100'000;
  handler_.body_bytes_max = 1'000'000;
  RawClient client(Start());
  EXPECT_EQ(client.Ask(Post("/", std::string(60'000, 'x'))).status, 200);
  EXPECT_EQ(client.Ask(Post("/", std::string(60'000, 'x'))).status, 200);  // what was charged is given back
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" + std::string(200'000, 'x'));
  ExpectRefusal(client, 503);
}

TEST_F(ServerTest, LongHeadersAreRefused) {
  options_.header_bytes_max = 2000;
  const std::uint16_t port = Start();
  RawClient fits(port);
  EXPECT_EQ(fits.Ask(Get("/", "X-A: " + std::string(1900, 'x') + "\r\n")).status, 200);
  RawClient ends(port);
  ends.Send(Get("/", "X-A: " + std::string(2000, 'x') + "\r\n"));
  ExpectRefusal(ends, 431);
  RawClient endless(port);
  endless.Send("GET / HTTP/1.1\r\nX-A: " + std::string(10'000, 'x'));
  ExpectRefusal(endless, 431);
}

TEST_F(ServerTest, GarbageAndSmugglingAreRefusedAndTheConnectionClosed) {
  const std::uint16_t port = Start();
  const std::map<std::string, int> cases = {
      {"\x16\x03\x01\x02", 400},
      {"GET / HTTP/1.1\n", 400},
      {"hello\r\n\r\n", 400},
      {"GET / HTTP/3.0\r\n\r\n", 505},
      {Get("/%c0%af"), 400},
      {Get("/a/../b"), 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Get("/x"),
       400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd" + Get("/x"), 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n" + Get("/x"), 501},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + Get("/x"), 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + Get("/x"), 400},
  };
  for (const auto& [bytes, status] : cases) {
    RawClient client(port);
    client.Send(bytes);
    SCOPED_TRACE(bytes);
    ExpectRefusal(client, status);
  }
  EXPECT_EQ(handler_.calls, 0);
  EXPECT_EQ(observer_.Await(cases.size()).size(), cases.size());
}

TEST_F(ServerTest, SlowClientsAreToldThatTheyAre) {
  options_.header_timeout_ms = 50;
  options_.body_timeout_ms = 50;
  const std::uint16_t port = Start();
  RawClient head(port);
  head.Send("GET / HTTP/1.1\r\nHo");
  ExpectRefusal(head, 408);
  RawClient body(port);
  body.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  ExpectRefusal(body, 408);
  RawClient chunked(port);
  chunked.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
  ExpectRefusal(chunked, 408);
}

TEST_F(ServerTest, ADripIsNotEnough) {
  // Each byte comes in time for a limit per read, but not for the whole.
  options_.header_timeout_ms = 300;
  options_.body_grace_ms = 300;
  options_.body_bytes_per_s_min = 1'000'000;
  const std::uint16_t port = Start();
  for (const std::string& start : {std::string("GET / HTTP/1.1\r\nX-A: "),
                                   std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n")}) {
    RawClient client(port);
    client.Send(start);
    while (!client.HasAnswer(10)) client.Send("x");
    EXPECT_EQ(client.Receive().status, 408);
  }
}

TEST_F(ServerTest, IdleConnectionsAreClosedWithoutAWord) {
  options_.idle_timeout_ms = 50;
  const std::uint16_t port = Start();
  RawClient never(port);
  EXPECT_TRUE(never.Ended());
  RawClient once(port);
  EXPECT_EQ(once.Ask(Get("/")).status, 200);
  EXPECT_TRUE(once.Ended());
}

TEST_F(ServerTest, TooManyWaitingAreTold) {
  options_.handler_threads = 1;
  options_.waiting_max = 1;
  const std::uint16_t port = Start();
  RawClient runs(port), a(port), b(port);
  runs.Send(Get("/wait"));
  handler_.door.AwaitWaiting(1);
  a.Send(Get("/a"));
  b.Send(Get("/b"));
  // One of them waits, whichever came first; the other is told.
  while (!a.HasAnswer(10) && !b.HasAnswer(10)) {
  }
  RawClient& refused = a.HasAnswer(0) ? a : b;
  RawClient& waits = &refused == &a ? b : a;
  const Answer answer = refused.Receive();
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.headers.Find("Retry-After"));
  EXPECT_FALSE(answer.headers.Find("Connection"));  // it may stay
  EXPECT_FALSE(waits.HasAnswer(0));
  handler_.door.Open();
  EXPECT_EQ(runs.Receive().status, 200);
  EXPECT_EQ(waits.Receive().status, 200);
  EXPECT_EQ(refused.Ask(Get("/again")).body, "GET|again");
}

TEST_F(ServerTest, TooManyConnectionsAreTold) {
  options_.connections_max = 2;
  const std::uint16_t port = Start();
  RawClient a(port), b(port);
  EXPECT_EQ(a.Ask(Get("/")).status, 200);
  EXPECT_EQ(b.Ask(Get("/")).status, 200);
  RawClient c(port);
  c.Send(Get("/"));
  ExpectRefusal(c, 503);
  EXPECT_EQ(a.Ask(Get("/")).status, 200);
}

TEST_F(ServerTest, WhatHandlersDoWrongIsTheServersError) {
  RawClient client(Start());
  const Answer thrown = client.Ask(Get("/throw", "X-Request-Id: id-7\r\n"));
  EXPECT_EQ(thrown.status, 500);
  EXPECT_EQ(thrown.body.find("secret"), std::string::npos);
  const Answer split = client.Ask(Get("/split"));
  EXPECT_EQ(split.status, 500);
  EXPECT_FALSE(split.headers.Find("X-Forged"));
  EXPECT_NE(logger_.Errors().find("request_id=id-7 method=GET target=/throw reason=a secret reason"),
            std::string::npos);
  client.Send(Post("/throw-early", "abc"));
  ExpectRefusal(client, 500);
}

TEST_F(ServerTest, ClientsThatLeaveCostNothing) {
  const std::uint16_t port = Start();
  for (const char* bytes :
       {"", "G", "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"}) {
    RawClient client(port);
    client.Send(bytes);
  }
  {
    RawClient client(port);
    client.Send(Get("/large"));  // does not stay for the answer
  }
  RawClient half(port);  // only its sending side is closed
  half.Send(Get("/half"));
  half.EndSending();
  EXPECT_EQ(half.Receive().body, "GET|half");
  EXPECT_TRUE(half.Ended());
}

TEST_F(ServerTest, StopLetsRequestsFinishAndClosesTheRest) {
  const std::uint16_t port = Start();
  RawClient busy(port), idle(port), unused(port);
  EXPECT_EQ(idle.Ask(Get("/")).status, 200);
  busy.Send(Get("/wait") + Get("/never"));
  handler_.door.AwaitWaiting(1);
  std::thread stop([&] { server_->Stop(60'000); });
  EXPECT_TRUE(idle.Ended());
  EXPECT_TRUE(unused.Ended());
  handler_.door.Open();
  const Answer answer = busy.Receive();
  EXPECT_EQ(answer.body, "GET|wait");
  EXPECT_EQ(answer.headers.Find("Connection"), "close");
  EXPECT_TRUE(busy.Ended());
  stop.join();
  RawClient late(port);
  EXPECT_FALSE(late.Connected());
}

TEST_F(ServerTest, StopCutsWhatDoesNotFinish) {
  options_.handler_threads = 1;
  const std::uint16_t port = Start();
  RawClient runs(port), waits(port), slow(port);
  slow.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  runs.Send(Get("/wait"));
  handler_.door.AwaitWaiting(1);
  waits.Send(Get("/queued"));
  std::thread stop([&] { server_->Stop(0); });
  EXPECT_TRUE(slow.Ended());
  EXPECT_EQ(runs.Receive().status, 0);
  handler_.door.Open();  // Stop waits for the handler
  stop.join();
  EXPECT_EQ(handler_.calls, 1);
}

TEST_F(ServerTest, OptionsThatMakeNoSenseAreRefused) {
  const auto start = [&] { return StartServer(options_, handler_, nullptr, logger_); };
  options_.address = "localhost";
  ExpectError(start(), ErrorKind::kInvalidInput, "localhost");
  options_.address = "192.0.2.1";
  ExpectError(start(), ErrorKind::kInvalidInput, "192.0.2.1");
  options_.address = "::1";
  options_.io_threads = 0;
  ExpectError(start(), ErrorKind::kInvalidInput);
  options_.io_threads = 1;
  options_.address = "127.0.0.1";
  options_.port = Start();
  ExpectError(start(), ErrorKind::kConflict, "port");
}

TEST_F(ServerTest, ManyClientsAtOnceGetTheirOwnAnswers) {
  const std::uint16_t port = Start();
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      RawClient client(port);
      for (int i = 0; i < 100; ++i) {
        const std::string body = std::to_string(t) + "-" + std::to_string(i);
        right += client.Ask(Post("/e", body)).body == "POST|e#" + body ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 800);
}

}  // namespace
}  // namespace holdfast::http
