// One connection: read a head, read its body, let a thread of the pool answer, write the answer, and again. What may
// go wrong in reading becomes a Refusal, which is answered like anything else, after which the connection is closed.
//
// Closing is done in two steps (Linger): the sending side first, then what the client still sends is thrown away for a
// while. A socket closed with unread bytes sends a reset, which would overtake the answer that explains the closing.

#include "http/internal/connection.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/format.h"
#include "http/internal/chunked.h"
#include "http/internal/request_head.h"
#include "http/internal/response_head.h"

namespace holdfast::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using TimePoint = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;
template <typename T>
using Awaitable = asio::awaitable<T>;

constexpr std::size_t kReadBytes = 4096;           // while a head is read, and kept by an idle connection
constexpr std::size_t kBodyReadBytes = 64 * 1024;  // while a body is read
constexpr std::size_t kWriteBytes = 64 * 1024;     // for which there is write_timeout_ms
constexpr std::int64_t kLingerMs = 1000, kLingerStoppingMs = 250;
constexpr std::uint64_t kLingerBytesMax = 1024 * 1024;

TimePoint Now() { return std::chrono::steady_clock::now(); }

// The bytes of a connection. Failures need no detail: whatever happened, the client is gone.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual Awaitable<bool> Handshake() = 0;
  virtual Awaitable<std::size_t> ReadSome(asio::mutable_buffer into) = 0;  // 0: end or failure
  virtual Awaitable<bool> Write(std::array<asio::const_buffer, 2> parts) = 0;
  virtual Awaitable<void> SayGoodbye() = 0;  // of the layers above TCP
  virtual Tcp::socket& Socket() = 0;
};

template <typename Layer>
class LayerStream : public Stream {
 public:
  template <typename... Args>
  explicit LayerStream(Args&&... args) : layer_(std::forward<Args>(args)...) {}

  Awaitable<std::size_t> ReadSome(asio::mutable_buffer into) override {
    ErrorCode error;
    const std::size_t size = co_await layer_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    co_return error ? 0 : size;
  }
  Awaitable<bool> Write(std::array<asio::const_buffer, 2> parts) override {
    ErrorCode error;
    co_await asio::async_write(layer_, parts, asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

 protected:
  Layer layer_;
};

class PlainStream final : public LayerStream<Tcp::socket> {
 public:
  explicit PlainStream(Tcp::socket socket) : LayerStream(std::move(socket)) {}
  Awaitable<bool> Handshake() override { co_return true; }
  Awaitable<void> SayGoodbye() override { co_return; }
  Tcp::socket& Socket() override { return layer_; }
};

class TlsStream final : public LayerStream<asio::ssl::stream<Tcp::socket>> {
 public:
  TlsStream(Tcp::socket socket, asio::ssl::context& context) : LayerStream(std::move(socket), context) {}
  Awaitable<bool> Handshake() override {
    ErrorCode error;
    co_await layer_.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }
  Awaitable<void> SayGoodbye() override {
    ErrorCode ignored;
    co_await layer_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
  }
  Tcp::socket& Socket() override { return layer_.next_layer(); }
};

std::string RandomRequestId() {
  std::array<std::uint8_t, 16> random{};
  HF_ASSERT(getrandom(random.data(), random.size(), 0) == static_cast<ssize_t>(random.size()));
  return ToHex(random);
}

// A request's part of ServerState::body_bytes.
class BodyCharge {
 public:
  explicit BodyCharge(ServerState& state) : state_(state) {}
  ~BodyCharge() { state_.body_bytes -= charged_; }
  BodyCharge(const BodyCharge&) = delete;
  BodyCharge& operator=(const BodyCharge&) = delete;
  // False when all requests together would take too much.
  [[nodiscard]] bool GrowTo(std::uint64_t bytes) {
    if (bytes <= charged_) return true;
    const std::uint64_t more = bytes - charged_;
    charged_ = bytes;
    return state_.body_bytes.fetch_add(more) + more <= state_.options.body_bytes_in_flight_max;
  }

 private:
  ServerState& state_;
  std::uint64_t charged_ = 0;
};

// A request that has a handler or waits for one.
class PendingRequest {
 public:
  explicit PendingRequest(ServerState& state) : state_(state), before_(state.requests_pending.fetch_add(1)) {}
  ~PendingRequest() { state_.requests_pending -= 1; }
  PendingRequest(const PendingRequest&) = delete;
  PendingRequest& operator=(const PendingRequest&) = delete;
  [[nodiscard]] bool TooMany() const { return before_ >= state_.options.handler_threads + state_.options.waiting_max; }

 private:
  ServerState& state_;
  std::uint64_t before_;
};

// One request and its answer. Shared with the handler, which may outlast the answer and only reads the request.
struct Exchange {
  explicit Exchange(ServerState& state) : charge(state) {}
  RequestHead head;
  ServerRequest request;
  ServerResponse response;
  std::optional<Refusal> refusal;
  BodyCharge charge;
  TimePoint started;
};

enum class Step : std::uint8_t {
  kDone,
  kRefused,  // see the exchange
  kGone,     // nobody is there to be told
};
enum class Next : std::uint8_t { kRequest, kLinger, kDrop };

// On a thread of the pool.
ServerResponse AnswerOf(ServerState& state, const ServerRequest& request) {
  if (state.cut) return RefusalResponse({.status = 503, .message = "the server stops"});
  std::string what;
  try {
    ServerResponse response = state.handler.Handle(request);
    if (IsSendable(response)) {
      CompressFor(request, response);
      return response;
    }
    what = "an answer that HTTP cannot carry";
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
    what = "an unknown exception";
  }
  state.logger.LogWith(
      LogLevel::kError, "a request failed",
      {{"request_id", request.request_id}, {"method", request.method}, {"target", request.target}, {"reason", what}});
  return RefusalResponse({.status = 500, .message = "internal error"});
}

// What a handler answers, for whoever waits on the timer.
struct Handled {
  explicit Handled(const asio::any_io_executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  std::optional<ServerResponse> response;
};

}  // namespace

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(ConnectionGroup& group, std::unique_ptr<Stream> stream, std::string peer, bool refused)
      : group_(group),
        state_(group.State()),
        stream_(std::move(stream)),
        timer_(stream_->Socket().get_executor()),
        peer_(std::move(peer)),
        refused_(refused) {
    group_.Add(*this);
  }
  ~Connection() { group_.Remove(*this); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Awaitable<void> Serve();
  void Finish() {
    NoDeadline();
    timer_.cancel();
    Cut();
  }
  void CloseIfIdle() {
    if (idle_) Cut();
  }
  void Cut() {
    ErrorCode ignored;
    stream_->Socket().close(ignored);
  }

 private:
  Awaitable<bool> AwaitRequest();
  Awaitable<Next> ServeRequest();
  Awaitable<Step> ReadHead(Exchange& exchange);
  Awaitable<Step> ReadBody(Exchange& exchange);
  Awaitable<Step> ReadPlainBody(Exchange& exchange, TimePoint started);
  Awaitable<Step> ReadChunkedBody(Exchange& exchange, std::uint64_t bytes_max, TimePoint started);
  Awaitable<void> Answer(std::shared_ptr<Exchange> exchange);
  Awaitable<Next> Send(Exchange& exchange);
  Awaitable<bool> SendPieces(std::string_view head, std::string_view body);
  Awaitable<void> Linger();
  Awaitable<bool> ReadMore(std::size_t bytes);
  OrRefusal<void> TakeHead(std::string_view head, Exchange& exchange);
  OrRefusal<std::uint64_t> BodyBytesMax(const Exchange& exchange);

  static Step Refuse(Exchange& exchange, int status, std::string message) {
    return Refuse(exchange, Refusal{.status = status, .message = std::move(message)});
  }
  static Step Refuse(Exchange& exchange, Refusal refusal) {
    exchange.refusal = std::move(refusal);
    return Step::kRefused;
  }
  Step RefuseLate(Exchange& exchange, std::string_view what) {
    return expired_ ? Refuse(exchange, 408, Format("the {} took too long", what)) : Step::kGone;
  }

  // When the moment comes, what is awaited of the socket fails and expired_ is true. It may be set again for each
  // step: the timer itself is moved only when the new moment is earlier than what it waits for.
  void SetDeadline(TimePoint at);
  void SetDeadline(std::int64_t ms) { SetDeadline(Now() + milliseconds(ms)); }
  void SetBodyDeadline(TimePoint started, std::uint64_t received);
  void NoDeadline() { deadline_ = TimePoint::max(); }
  void ArmTimer();

  ConnectionGroup& group_;
  ServerState& state_;
  std::unique_ptr<Stream> stream_;
  asio::steady_timer timer_;
  TimePoint deadline_ = TimePoint::max();
  std::string peer_;
  std::string buffer_;  // received and not used yet
  bool refused_;
  bool idle_ = false;
  bool armed_ = false;
  bool expired_ = false;
};

void Connection::SetDeadline(TimePoint at) {
  deadline_ = at;
  expired_ = false;
  if (!armed_ || timer_.expiry() > at) ArmTimer();
}

void Connection::ArmTimer() {
  armed_ = true;
  timer_.expires_at(deadline_);  // ends an earlier wait
  timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (error) return;
    self->armed_ = false;
    if (self->deadline_ == TimePoint::max()) return;
    if (Now() < self->deadline_) return self->ArmTimer();
    self->expired_ = true;
    self->deadline_ = TimePoint::max();
    ErrorCode ignored;
    self->stream_->Socket().cancel(ignored);
  });
}

// A body has its time as a whole, and after a grace each part of it has to be there as the minimum rate says.
void Connection::SetBodyDeadline(TimePoint started, std::uint64_t received) {
  const ServerOptions& options = state_.options;
  const auto rate = static_cast<std::uint64_t>(std::max<std::int64_t>(options.body_bytes_per_s_min, 1));
  const std::uint64_t earned_ms = std::min(received, std::uint64_t{1} << 40) * 1000 / rate;
  const auto allowed =
      std::min<std::int64_t>(options.body_timeout_ms, options.body_grace_ms + static_cast<std::int64_t>(earned_ms));
  SetDeadline(started + milliseconds(allowed));
}

// At least one more byte in buffer_.
Awaitable<bool> Connection::ReadMore(std::size_t bytes) {
  const std::size_t before = buffer_.size();
  buffer_.resize(before + bytes);
  const std::size_t size = co_await stream_->ReadSome(asio::buffer(buffer_.data() + before, bytes));
  buffer_.resize(before + size);
  co_return size > 0;
}

Awaitable<void> Connection::Serve() {
  SetDeadline(state_.options.header_timeout_ms);
  const bool open = co_await stream_->Handshake();
  if (!open) co_return;
  while (co_await AwaitRequest()) {
    const Next next = co_await ServeRequest();
    if (next == Next::kDrop) co_return;
    if (next == Next::kRequest) continue;
    co_await Linger();
    co_return;
  }
}

// The first byte of the next request; false when there will be none.
Awaitable<bool> Connection::AwaitRequest() {
  if (!buffer_.empty()) co_return true;
  if (state_.stopping) co_return false;
  if (buffer_.capacity() > kReadBytes) std::string().swap(buffer_);
  SetDeadline(state_.options.idle_timeout_ms);
  idle_ = true;
  const bool more = co_await ReadMore(kReadBytes);
  idle_ = false;
  co_return more;
}

Awaitable<Next> Connection::ServeRequest() {
  const auto shared = std::make_shared<Exchange>(state_);
  Exchange& exchange = *shared;
  exchange.request.peer = peer_;
  exchange.started = Now();
  Step step = co_await ReadHead(exchange);
  if (step == Step::kDone) {
    exchange.started = Now();
    step = co_await ReadBody(exchange);
  }
  if (exchange.request.request_id.empty()) exchange.request.request_id = RandomRequestId();
  if (step == Step::kGone) co_return Next::kDrop;
  NoDeadline();
  if (!exchange.refusal) co_await Answer(shared);
  if (exchange.refusal) exchange.response = RefusalResponse(*exchange.refusal);
  const Next next = co_await Send(exchange);
  co_return next;
}

Awaitable<Step> Connection::ReadHead(Exchange& exchange) {
  SetDeadline(state_.options.header_timeout_ms);
  std::size_t looked = 0;
  while (true) {
    const HeadEnd end = FindHeadEnd(buffer_, looked);
    const std::size_t seen = end.state == HeadEnd::State::kComplete ? end.size : buffer_.size();
    if (end.state == HeadEnd::State::kBad) co_return Refuse(exchange, 400, "the request is malformed");
    if (seen > state_.options.header_bytes_max) co_return Refuse(exchange, 431, "the request's header is too long");
    if (end.state == HeadEnd::State::kComplete) {
      auto taken = TakeHead(std::string_view(buffer_).substr(0, end.size), exchange);
      if (!taken) co_return Refuse(exchange, std::move(taken).error());
      buffer_.erase(0, end.size);
      co_return Step::kDone;
    }
    const bool more = co_await ReadMore(kReadBytes);
    if (!more) co_return RefuseLate(exchange, "request's header");
  }
}

OrRefusal<void> Connection::TakeHead(std::string_view head, Exchange& exchange) {
  auto parsed = ParseRequestHead(head);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  ServerRequest& request = exchange.request;
  exchange.head = *std::move(parsed);
  request.method = std::move(exchange.head.method);
  request.target = std::move(exchange.head.target);
  request.headers = std::move(exchange.head.headers);
  const std::string_view id = request.headers.Find("X-Request-Id").value_or("");
  request.request_id = IsRequestId(id) ? std::string(id) : RandomRequestId();
  auto decoded = DecodeTarget(request.method, request.target);
  if (!decoded) return std::unexpected(std::move(decoded).error());
  request.segments = std::move(decoded->segments);
  request.query = std::move(decoded->query);
  return {};
}

OrRefusal<std::uint64_t> Connection::BodyBytesMax(const Exchange& exchange) {
  try {
    return state_.handler.BodyBytesMax(exchange.request);
  } catch (const std::exception& exception) {
    state_.logger.LogWith(LogLevel::kError, "a request failed",
                          {{"request_id", exchange.request.request_id}, {"reason", exception.what()}});
    return std::unexpected(Refusal{.status = 500, .message = "internal error"});
  }
}

Awaitable<Step> Connection::ReadBody(Exchange& exchange) {
  if (refused_) co_return Refuse(exchange, 503, "too many connections");
  if (!exchange.head.HasBody()) co_return Step::kDone;
  auto bytes_max = BodyBytesMax(exchange);
  if (!bytes_max) co_return Refuse(exchange, std::move(bytes_max).error());
  if (exchange.head.content_length > *bytes_max)
    co_return Refuse(exchange, 413, Format("the body has more than {} bytes", *bytes_max));
  const TimePoint started = Now();
  SetBodyDeadline(started, 0);
  if (exchange.head.expects_continue && buffer_.empty()) {
    const bool sent = co_await SendPieces("HTTP/1.1 100 Continue\r\n\r\n", {});
    if (!sent) co_return Step::kGone;
  }
  if (exchange.head.chunked) {
    const Step step = co_await ReadChunkedBody(exchange, *bytes_max, started);
    co_return step;
  }
  const Step step = co_await ReadPlainBody(exchange, started);
  co_return step;
}

constexpr std::string_view kBodiesTooLarge = "too many large requests at once";

Awaitable<Step> Connection::ReadPlainBody(Exchange& exchange, TimePoint started) {
  const auto length = static_cast<std::size_t>(exchange.head.content_length);
  std::string& body = exchange.request.body;
  std::size_t filled = std::min(buffer_.size(), length);
  body.assign(buffer_, 0, filled);
  buffer_.erase(0, filled);
  while (filled < length) {
    if (filled == body.size()) {  // memory follows what was sent, not what was promised
      body.resize(std::min(length, std::max(kBodyReadBytes, filled * 2)));
      if (!exchange.charge.GrowTo(body.size())) co_return Refuse(exchange, 503, std::string(kBodiesTooLarge));
    }
    SetBodyDeadline(started, filled);
    const std::size_t size = co_await stream_->ReadSome(asio::buffer(body.data() + filled, body.size() - filled));
    if (size == 0) co_return RefuseLate(exchange, "body");
    filled += size;
  }
  co_return Step::kDone;
}

Awaitable<Step> Connection::ReadChunkedBody(Exchange& exchange, std::uint64_t bytes_max, TimePoint started) {
  ChunkedDecoder decoder(bytes_max);
  std::string& body = exchange.request.body;
  std::uint64_t received = 0;
  while (true) {
    const auto taken = decoder.Feed(buffer_, body);
    if (!taken) co_return Refuse(exchange, taken.error());
    buffer_.erase(0, *taken);
    received += *taken;
    if (!exchange.charge.GrowTo(body.capacity())) co_return Refuse(exchange, 503, std::string(kBodiesTooLarge));
    if (decoder.Done()) co_return Step::kDone;
    SetBodyDeadline(started, received);
    const bool more = co_await ReadMore(kBodyReadBytes);
    if (!more) co_return RefuseLate(exchange, "body");
  }
}

// The handler's answer, or a refusal when it takes too long. What the handler holds on to is let go on this
// connection's thread.
Awaitable<void> Connection::Answer(std::shared_ptr<Exchange> exchange) {
  auto pending = std::make_shared<PendingRequest>(state_);
  if (pending->TooMany()) {
    exchange->response = RefusalResponse({.status = 503, .message = "too many requests wait; try again later"});
    co_return;
  }
  auto handled = std::make_shared<Handled>(stream_->Socket().get_executor());
  const std::int64_t ms = state_.options.request_timeout_ms;
  handled->timer.expires_at(ms > 0 ? Now() + milliseconds(ms) : TimePoint::max());
  asio::post(*state_.handlers, [self = shared_from_this(), exchange, handled = handled, pending]() mutable {
    ServerResponse response = AnswerOf(self->state_, exchange->request);
    pending.reset();
    const auto executor = handled->timer.get_executor();
    asio::post(executor, [self = std::move(self), exchange = std::move(exchange), handled = std::move(handled),
                          response = std::move(response)]() mutable {
      handled->response = std::move(response);
      handled->timer.cancel();
    });
  });
  pending.reset();
  ErrorCode ignored;
  co_await handled->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (handled->response)
    exchange->response = *std::move(handled->response);
  else
    exchange->refusal = Refusal{.status = 503, .message = Format("the request took longer than {} ms", ms)};
}

Awaitable<Next> Connection::Send(Exchange& exchange) {
  const ServerResponse& response = exchange.response;
  const bool keep = exchange.head.keep_alive && !exchange.refusal && !state_.stopping;
  const std::string head = ResponseHead(response, {.server_name = state_.options.server_name,
                                                   .date = group_.Date(),
                                                   .request_id = exchange.request.request_id,
                                                   .version_1_1 = exchange.head.version_1_1,
                                                   .keep_alive = keep});
  const bool no_body = exchange.request.method == "HEAD" || IsBodiless(response.status);
  const std::string_view body = no_body ? std::string_view() : std::string_view(response.body);
  const bool sent = co_await SendPieces(head, body);
  if (state_.observer != nullptr)
    state_.observer->Finished(exchange.request, response, body.size(),
                              std::chrono::duration_cast<std::chrono::microseconds>(Now() - exchange.started).count());
  if (!sent) co_return Next::kDrop;
  co_return keep ? Next::kRequest : Next::kLinger;
}

Awaitable<bool> Connection::SendPieces(std::string_view head, std::string_view body) {
  do {
    const std::string_view piece = body.substr(0, kWriteBytes);
    body.remove_prefix(piece.size());
    SetDeadline(state_.options.write_timeout_ms);
    const std::array<asio::const_buffer, 2> parts = {asio::buffer(head), asio::buffer(piece)};
    const bool sent = co_await stream_->Write(parts);
    if (!sent) co_return false;
    head = {};
  } while (!body.empty());
  co_return true;
}

Awaitable<void> Connection::Linger() {
  SetDeadline(state_.stopping ? kLingerStoppingMs : kLingerMs);
  co_await stream_->SayGoodbye();
  ErrorCode error;
  stream_->Socket().shutdown(Tcp::socket::shutdown_send, error);
  std::array<char, 4096> waste;
  for (std::uint64_t dropped = 0; !error && !expired_ && dropped < kLingerBytesMax;) {
    dropped += co_await stream_->Socket().async_read_some(asio::buffer(waste),
                                                          asio::redirect_error(asio::use_awaitable, error));
  }
}

void ConnectionGroup::Start(int socket, std::string peer, bool refused) {
  Tcp::socket owned(context_);
  ErrorCode error;
  sockaddr address{};
  socklen_t size = sizeof(address);
  getsockname(socket, &address, &size);
  owned.assign(address.sa_family == AF_INET6 ? Tcp::v6() : Tcp::v4(), socket, error);
  if (!error) owned.set_option(Tcp::no_delay(true), error);
  std::unique_ptr<Stream> stream;
  if (state_.tls != nullptr)
    stream = std::make_unique<TlsStream>(std::move(owned), *state_.tls);
  else
    stream = std::make_unique<PlainStream>(std::move(owned));
  auto connection = std::make_shared<Connection>(*this, std::move(stream), std::move(peer), refused);
  if (error || state_.stopping) return;
  asio::co_spawn(context_, connection->Serve(), [this, connection](const std::exception_ptr& thrown) {
    connection->Finish();
    if (!thrown) return;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
      state_.logger.LogWith(LogLevel::kError, "a connection failed", {{"reason", exception.what()}});
    } catch (...) {
      state_.logger.Log(LogLevel::kError, "a connection failed");
    }
  });
}

void ConnectionGroup::Remove(Connection& connection) {
  open_.erase(&connection);
  const std::lock_guard lock(state_.mutex);
  if (--state_.connections == 0) state_.none_left.notify_all();
}

void ConnectionGroup::CloseIdle() {
  for (Connection* connection : open_) connection->CloseIfIdle();
}

void ConnectionGroup::CutAll() {
  for (Connection* connection : open_) connection->Cut();
}

const std::string& ConnectionGroup::Date() {
  const std::int64_t second =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  if (second != date_second_) {
    date_second_ = second;
    date_ = HttpDate(second);
  }
  return date_;
}

}  // namespace holdfast::http
