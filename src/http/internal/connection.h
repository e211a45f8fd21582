// Connections of a server: each is a coroutine on one I/O thread, and all of its state belongs to that thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "http/server.h"

namespace boost::asio {
class io_context;
class thread_pool;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace holdfast::http {

// What the threads of a server share.
struct ServerState {
  ServerState(const ServerOptions& server_options, Handler& server_handler, ServerObserver* server_observer,
              Logger& server_logger)
      : options(server_options), handler(server_handler), observer(server_observer), logger(server_logger) {}

  const ServerOptions options;
  Handler& handler;
  ServerObserver* observer;
  Logger& logger;
  boost::asio::ssl::context* tls = nullptr;  // null: plain
  boost::asio::thread_pool* handlers = nullptr;

  std::atomic<bool> stopping = false;               // no request after the one that runs
  std::atomic<bool> cut = false;                    // no handler is called any more
  std::atomic<std::uint64_t> requests_pending = 0;  // with a handler or waiting for one
  std::atomic<std::uint64_t> body_bytes = 0;        // of all requests that are read or answered

  // Connections open, and those that wait until there is none.
  std::mutex mutex;
  std::condition_variable none_left;
  std::uint64_t connections = 0;
};

class Connection;

// The connections of one I/O thread. Only that thread calls it.
class ConnectionGroup {
 public:
  ConnectionGroup(boost::asio::io_context& context, ServerState& state) : context_(context), state_(state) {}

  // Takes over a connected socket, which is counted in state.connections already; the count is given back at its end.
  // `refused`: its first request is told 503.
  void Start(int socket, std::string peer, bool refused);
  // Closes those that have no request.
  void CloseIdle();
  // Closes all; what handlers still answer is dropped.
  void CutAll();

  // Of the Date header, made once a second.
  [[nodiscard]] const std::string& Date();

  [[nodiscard]] ServerState& State() { return state_; }
  void Add(Connection& connection) { open_.insert(&connection); }
  void Remove(Connection& connection);

 private:
  boost::asio::io_context& context_;
  ServerState& state_;
  std::unordered_set<Connection*> open_;
  std::int64_t date_second_ = -1;
  std::string date_;
};

}  // namespace holdfast::http
