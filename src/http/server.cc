// The parts of a server and their order: a listening socket on the first I/O thread, connections spread over all of
// them, a pool for handlers. Stopping goes the same way: no new connections, no new requests, no handlers, no threads.

#include "http/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <future>
#include <optional>
#include <system_error>
#include <thread>

#include "base/format.h"
#include "http/internal/connection.h"
#include "http/internal/request_head.h"
#include "http/internal/tls_context.h"

namespace holdfast::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr unsigned kIoThreadsMax = 64;
constexpr unsigned kHandlerThreadsMax = 1024;
constexpr int kAcceptsAtOnce = 64;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

Error ListenError(const ErrorCode& code, const ServerOptions& options) {
  const auto make = [&](ErrorKind kind) {
    return Error(kind, Format("cannot listen on {} port {}: {}", options.address, options.port, code.message()));
  };
  if (code == asio::error::address_in_use) return make(ErrorKind::kConflict);
  if (code == asio::error::access_denied || code == asio::error::no_permission) return make(ErrorKind::kDenied);
  return make(code.value() == EADDRNOTAVAIL ? ErrorKind::kInvalidInput : ErrorKind::kUnavailable);
}

std::string PeerText(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &ipv6.sin6_addr, text.data(), text.size());
    constexpr std::string_view kMapped = "::ffff:";
    const std::string_view view = text.data();
    return std::string(IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr) ? view.substr(kMapped.size()) : view);
  }
  const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
  inet_ntop(AF_INET, &ipv4.sin_addr, text.data(), text.size());
  return text.data();
}

// A thread that runs the coroutines of its connections.
class IoThread {
 public:
  explicit IoThread(ServerState& state)
      : state_(state), work_(asio::make_work_guard(context_)), group_(context_, state) {}

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }
  // Returns when there is nothing left to do.
  void Join() {
    work_.reset();
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] asio::io_context& Context() { return context_; }
  [[nodiscard]] ConnectionGroup& Group() { return group_; }

 private:
  void Run() {
    while (true) {
      try {
        context_.run();
        return;
      } catch (const std::exception& exception) {
        state_.logger.Log(LogLevel::kError, Format("the server goes on after: {}", exception.what()));
      }
    }
  }

  ServerState& state_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  ConnectionGroup group_;
  std::thread thread_;
};

class AsioServer final : public Server {
 public:
  AsioServer(const ServerOptions& options, Handler& handler, ServerObserver* observer, Logger& logger)
      : state_(options, handler, observer, logger), tls_(nullptr, nullptr) {}
  ~AsioServer() override { Stop(0); }

  Result<void> Start();
  [[nodiscard]] std::uint16_t Port() const override { return port_; }
  void Stop(std::int64_t drain_ms) override;

 private:
  Result<void> Listen();
  asio::awaitable<void> Accept();
  bool AcceptOne(int& error);
  void StopAccepting();

  ServerState state_;
  TlsContext tls_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::optional<asio::thread_pool> handlers_;
  std::optional<Tcp::acceptor> acceptor_;  // of the first thread
  std::size_t next_thread_ = 0;
  std::uint16_t port_ = 0;
  bool started_ = false;
};

Result<void> AsioServer::Start() {
  const ServerOptions& options = state_.options;
  const bool counts = options.io_threads >= 1 && options.io_threads <= kIoThreadsMax && options.handler_threads >= 1 &&
                      options.handler_threads <= kHandlerThreadsMax;
  if (!counts) return Fail(ErrorKind::kInvalidInput, "the number of server threads makes no sense");
  if (!IsFieldValue(options.server_name)) return Fail(ErrorKind::kInvalidInput, "the server's name makes no sense");
  if (!options.tls.certificate_file.empty() || !options.tls.key_file.empty()) {
    HF_TRY(tls_, MakeTlsContext(options.tls));
    state_.tls = tls_.get();
  }
  for (unsigned i = 0; i < options.io_threads; ++i) threads_.push_back(std::make_unique<IoThread>(state_));
  HF_CHECK_OK(Listen());
  handlers_.emplace(options.handler_threads);
  state_.handlers = &*handlers_;
  started_ = true;
  for (const auto& thread : threads_) thread->Start();
  asio::co_spawn(threads_.front()->Context(), Accept(), asio::detached);
  return {};
}

Result<void> AsioServer::Listen() {
  const ServerOptions& options = state_.options;
  ErrorCode error;
  const asio::ip::address address = asio::ip::make_address(options.address, error);
  if (error) return Fail(ErrorKind::kInvalidInput, Format("'{}' is not a numeric address", options.address));
  const Tcp::endpoint endpoint(address, options.port);
  Tcp::acceptor& acceptor = acceptor_.emplace(threads_.front()->Context());
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error && address.is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.non_blocking(true, error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) port_ = acceptor.local_endpoint(error).port();
  if (error) return std::unexpected(ListenError(error, options));
  return {};
}

// One connection of those that wait; false, with errno, when none does.
bool AsioServer::AcceptOne(int& error) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  const int socket =
      accept4(acceptor_->native_handle(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) {
    error = errno;
    return false;
  }
  std::uint64_t before = 0;
  {
    const std::lock_guard lock(state_.mutex);
    before = state_.connections++;
  }
  const std::uint64_t connections_max = state_.options.connections_max;
  if (before >= connections_max + std::max<std::uint64_t>(16, connections_max / 16)) {
    close(socket);
    const std::lock_guard lock(state_.mutex);
    --state_.connections;
    return true;
  }
  IoThread& thread = *threads_[next_thread_++ % threads_.size()];
  asio::post(thread.Context(), [&thread, socket, peer = PeerText(address), refused = before >= connections_max] {
    thread.Group().Start(socket, peer, refused);
  });
  return true;
}

asio::awaitable<void> AsioServer::Accept() {
  asio::steady_timer timer(threads_.front()->Context());
  while (!state_.stopping && acceptor_->is_open()) {
    ErrorCode ignored;
    co_await acceptor_->async_wait(Tcp::acceptor::wait_read, asio::redirect_error(asio::use_awaitable, ignored));
    int error = 0;
    for (int i = 0; i < kAcceptsAtOnce && !state_.stopping && AcceptOne(error); ++i) {
    }
    const bool exhausted = error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
    if (!exhausted) continue;
    state_.logger.Log(LogLevel::kError, "no connection can be accepted: too many files are open, or no memory is left");
    timer.expires_after(kAcceptPause);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

// When it returns, no thread accepts any more.
void AsioServer::StopAccepting() {
  std::promise<void> done;
  asio::post(threads_.front()->Context(), [&] {
    ErrorCode ignored;
    acceptor_->close(ignored);
    done.set_value();
  });
  done.get_future().wait();
}

void AsioServer::Stop(std::int64_t drain_ms) {
  if (!std::exchange(started_, false)) return;
  state_.stopping = true;
  StopAccepting();
  const auto on_each = [&](void (ConnectionGroup::*action)()) {
    for (const auto& thread : threads_)
      asio::post(thread->Context(), [&group = thread->Group(), action] { (group.*action)(); });
  };
  on_each(&ConnectionGroup::CloseIdle);
  const auto none_left = [&] { return state_.connections == 0; };
  {
    std::unique_lock lock(state_.mutex);
    state_.none_left.wait_for(lock, std::chrono::milliseconds(std::max<std::int64_t>(drain_ms, 0)), none_left);
  }
  state_.cut = true;
  on_each(&ConnectionGroup::CutAll);
  {
    // Connections whose handler still runs end when it returns.
    std::unique_lock lock(state_.mutex);
    state_.none_left.wait(lock, none_left);
  }
  handlers_->join();
  for (const auto& thread : threads_) thread->Join();
}

}  // namespace

const std::string* ServerRequest::FindQuery(std::string_view name) const {
  const auto found = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  return found == query.end() ? nullptr : &found->second;
}

Result<std::unique_ptr<Server>> StartServer(const ServerOptions& options, Handler& handler, ServerObserver* observer,
                                            Logger& logger) {
  try {
    auto server = std::make_unique<AsioServer>(options, handler, observer, logger);
    HF_CHECK_OK(server->Start());
    return server;
  } catch (const std::exception& exception) {  // no threads, no memory
    return Fail(ErrorKind::kUnavailable, Format("the server cannot be started: {}", exception.what()));
  }
}

}  // namespace holdfast::http
