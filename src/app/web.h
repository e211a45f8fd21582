// What one process answers over HTTP: the API, the door for analyzers, health, version and metrics, as far as its roles
// have them.
#pragma once

#include <functional>
#include <string>

#include "base/log.h"
#include "http/server.h"
#include "metrics/metrics.h"

namespace holdfast::app {

struct WebParts {
  http::Handler* api = nullptr;       // role api
  http::Handler* internal = nullptr;  // role queue, when analyzers may be elsewhere
  metrics::Registry* metrics = nullptr;
  bool metrics_open = false;  // without credentials
  std::function<bool(const http::ServerRequest&)> may_see_metrics;
  std::function<void()> before_metrics;  // brings gauges up to date
  std::string version;
};

// Parts outlive it.
class Web final : public http::Handler {
 public:
  explicit Web(WebParts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] std::uint64_t BodyBytesMax(const http::ServerRequest& head) override;
  [[nodiscard]] http::ServerResponse Handle(const http::ServerRequest& request) override;

 private:
  [[nodiscard]] http::ServerResponse Metrics(const http::ServerRequest& request) const;

  WebParts parts_;
};

// Counts requests by operation's path shape, method and status.
class RequestMetrics final : public http::ServerObserver {
 public:
  explicit RequestMetrics(metrics::Registry& registry);
  void Finished(const http::ServerRequest& request, const http::ServerResponse& response, std::uint64_t response_bytes,
                std::int64_t microseconds) override;

 private:
  metrics::Family<metrics::Histogram> durations_;
};

// One line for each request: method, path with names instead of values, status, milliseconds, bytes, account, peer and
// request id; of the query and of headers nothing. What is asked all the time (health, metrics, analyzers that look for
// work) is told at level DEBUG while it goes well.
class AccessLog final : public http::ServerObserver {
 public:
  // `next` is told too. Both outlive it.
  AccessLog(Logger& logger, http::ServerObserver& next) : logger_(logger), next_(next) {}
  void Finished(const http::ServerRequest& request, const http::ServerResponse& response, std::uint64_t response_bytes,
                std::int64_t microseconds) override;

 private:
  Logger& logger_;
  http::ServerObserver& next_;
};

}  // namespace holdfast::app
