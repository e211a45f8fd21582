// What one process answers over HTTP: the API, the door for analyzers, health, version and metrics, as far as its roles
// have them.
#pragma once

#include <functional>
#include <string>

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
  void Finished(const http::ServerRequest& request, int status, std::uint64_t response_bytes,
                std::int64_t microseconds) override;

 private:
  metrics::Family<metrics::Histogram> durations_;
};

}  // namespace holdfast::app
