// Server: HTTP/1.1 over TCP or TLS. Connections are coroutines on a few threads (a slow client costs memory only);
// handlers run on a bounded pool, since they wait for databases. What a client may cost is bounded: header and body
// bytes, time for each, connections, requests waiting for a handler. Over a bound the answer is 400, 408, 413, 431 or
// 503 with Retry-After, never silence; only who never began a request is closed without a word. Such answers are JSON:
// {"message":…,"httpcode":…,"detail":{"error_codes":[]}}.
//
// Requests are read strictly (RFC 9112; see internal/request_head.h): what a proxy could understand differently is
// refused and the connection closed. Requests of one connection are answered one after the other (pipelining works,
// without gain); there is no protocol upgrade. Bodies of text above 1 KiB are gzipped for clients that take it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "http/client.h"  // Headers

namespace holdfast::http {

struct ServerRequest {
  std::string method;  // as sent: "GET"
  std::string target;  // as sent, for logs: "/v1/images?fulltag=a%2Fb"
  // Of the path, percent-decoded one by one, so that a value may hold '/': {"v1", "images"}. A trailing slash and
  // empty segments are dropped. Segments are UTF-8 without control characters, query values UTF-8 without NUL: what
  // decodes to anything else, or to a segment "." or "..", was answered 400.
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order; '+' is a blank
  Headers headers;
  std::string body;
  std::string peer;        // address of the client, without port
  std::string request_id;  // of the header X-Request-Id when it is sensible, else new; goes into logs and the answer

  [[nodiscard]] const std::string* FindQuery(std::string_view name) const;
};

struct ServerResponse {
  int status = 200;
  // Content-Type is theirs to set; what frames the message, Date, Server and X-Request-Id are the server's, and
  // dropped here.
  Headers headers;
  std::string body;  // not sent to HEAD
  // For logs, not sent: the account that was acted for, and the path with names instead of values.
  std::string account = {}, route = {};
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Bytes that the body of this request (its head is complete, its body empty) may have. Called on an I/O thread: no
  // waiting. The client is told 413 before it sends more.
  [[nodiscard]] virtual std::uint64_t BodyBytesMax(const ServerRequest& head) = 0;
  // Called on a thread of the pool, with GET, HEAD and anything else. What it throws, or a header that HTTP cannot
  // carry, becomes a 500 and a log line.
  [[nodiscard]] virtual ServerResponse Handle(const ServerRequest& request) = 0;
};

struct ServerTls {
  std::string certificate_file, key_file;  // PEM; both empty: plain HTTP
  std::string chain_file;                  // PEM, further certificates
};

struct ServerOptions {
  std::string address = "127.0.0.1";  // numeric
  std::uint16_t port = 0;             // 0: any free one, see Port()
  ServerTls tls;
  unsigned io_threads = 2;
  unsigned handler_threads = 50;
  std::uint64_t waiting_max = 1000;  // requests that wait for a handler; more are told 503
  // More are told 503 at their first request; when those are many too, closed.
  std::uint64_t connections_max = 10'000;
  std::uint64_t body_bytes_in_flight_max = 512ULL << 20;  // of all requests together; more are told 503
  std::uint64_t header_bytes_max = 64 * 1024;
  std::int64_t header_timeout_ms = 10'000;  // for the whole head, from its first byte
  std::int64_t body_timeout_ms = 120'000;   // for the whole body; slower than body_bytes_per_s_min is cut earlier
  std::int64_t body_bytes_per_s_min = 1024;
  std::int64_t body_grace_ms = 5'000;      // before the rate is looked at
  std::int64_t idle_timeout_ms = 30'000;   // between requests of one connection
  std::int64_t write_timeout_ms = 60'000;  // for each 64 KiB of an answer
  // For the handler; a request that takes longer is answered with 503. Its handler goes on, and holds its thread, until
  // it is done; what it answers then is dropped. 0: no limit.
  std::int64_t request_timeout_ms = 0;
  std::string server_name = "holdfast";
};

// Told of each finished request, on an I/O thread: for access logs and metrics. Of a request that was refused for its
// head, method and segments may be empty. The time is from the head's end until the answer is with the system.
class ServerObserver {
 public:
  virtual ~ServerObserver() = default;
  virtual void Finished(const ServerRequest& request, const ServerResponse& response, std::uint64_t response_bytes,
                        std::int64_t microseconds) = 0;
};

class Server {
 public:
  virtual ~Server() = default;  // stops
  [[nodiscard]] virtual std::uint16_t Port() const = 0;
  // Accepts no more, closes connections without a request, lets the others finish theirs for that long, then cuts
  // them. Returns when no handler runs any more (a running one cannot be interrupted). Once; not from a handler.
  virtual void Stop(std::int64_t drain_ms) = 0;
};

// kInvalidInput for certificates or addresses that make no sense, kConflict when the port is taken, kDenied when this
// user may not listen there. The handler, observer (may be null) and logger outlive the server.
[[nodiscard]] Result<std::unique_ptr<Server>> StartServer(const ServerOptions& options, Handler& handler,
                                                          ServerObserver* observer, Logger& logger);

}  // namespace holdfast::http
