#include "app/web.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/format.h"
#include "base/request_scope.h"

namespace holdfast::app {
namespace {

constexpr std::array kSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};

constexpr std::array<std::string_view, 5> kRoutine = {"/health", "/metrics", "/internal/v1/claim",
                                                      "/internal/v1/extend", "/internal/v1/heartbeat"};
constexpr std::size_t kMethodBytesMax = 20;

http::ServerResponse Text(std::string body, int status, std::string_view type = "text/plain; charset=utf-8") {
  http::ServerResponse response{.status = status, .body = std::move(body)};
  response.headers.Add("Content-Type", std::string(type));
  return response;
}

bool IsPath(const http::ServerRequest& request, std::string_view only) {
  return request.segments.size() == 1 && request.segments.front() == only;
}

// The path with what differs from request to request left out, so that there are few of them.
std::string PathShape(const http::ServerRequest& request) {
  std::string shape;
  for (const std::string& segment : request.segments) {
    const bool word =
        segment.size() <= 24 && segment.find_first_not_of("abcdefghijklmnopqrstuvwxyz_-1") == std::string::npos;
    shape += "/" + (word ? segment : std::string("*"));
    if (shape.size() > 100) break;
  }
  return shape.empty() ? "/" : shape;
}

}  // namespace

std::uint64_t Web::BodyBytesMax(const http::ServerRequest& head) {
  if (!head.segments.empty() && head.segments.front() == "internal")
    return parts_.internal == nullptr ? 0 : parts_.internal->BodyBytesMax(head);
  return parts_.api == nullptr ? 0 : parts_.api->BodyBytesMax(head);
}

http::ServerResponse Web::Handle(const http::ServerRequest& request) {
  const RequestScope scope(request.request_id);
  if (IsPath(request, "metrics")) return Metrics(request);
  if (!request.segments.empty() && request.segments.front() == "internal")
    return parts_.internal == nullptr ? Text("Not Found", 404) : parts_.internal->Handle(request);
  if (parts_.api != nullptr) return parts_.api->Handle(request);
  if (IsPath(request, "health")) return Text("ok", 200);
  if (IsPath(request, "version"))
    return Text(Format(R"({{"service":{{"version":"{}"}}}})", parts_.version), 200, "application/json");
  return Text("Not Found", 404);
}

http::ServerResponse Web::Metrics(const http::ServerRequest& request) const {
  if (parts_.metrics == nullptr) return Text("Not Found", 404);
  if (!parts_.metrics_open && (!parts_.may_see_metrics || !parts_.may_see_metrics(request))) {
    http::ServerResponse response = Text("Unauthorized", 401);
    response.headers.Add("WWW-Authenticate", R"(basic realm="Authentication required")");
    return response;
  }
  if (parts_.before_metrics) parts_.before_metrics();
  return Text(parts_.metrics->Text(), 200, metrics::kTextContentType);
}

RequestMetrics::RequestMetrics(metrics::Registry& registry)
    : durations_(registry.AddHistograms({.name = "anchore_http_request_duration_seconds",
                                         .help = "Time to answer a request",
                                         .labels = {"path", "method", "status"}},
                                        kSeconds)) {}

void RequestMetrics::Finished(const http::ServerRequest& request, const http::ServerResponse& response, std::uint64_t,
                              std::int64_t microseconds) {
  durations_.With({PathShape(request), request.method, std::to_string(response.status)})
      .Observe(static_cast<double>(microseconds) / 1e6);
}

void AccessLog::Finished(const http::ServerRequest& request, const http::ServerResponse& response,
                         std::uint64_t response_bytes, std::int64_t microseconds) {
  // A path that is not known may be anything.
  const bool unknown = response.route.empty() && response.status == 404;
  const std::string path = unknown ? "*" : response.route.empty() ? PathShape(request) : response.route;
  const bool routine = std::ranges::find(kRoutine, path) != kRoutine.end() && response.status < 400;
  logger_.LogWith(routine ? LogLevel::kDebug : LogLevel::kInfo, "request",
                  {{"method", std::string_view(request.method).substr(0, kMethodBytesMax)},
                   {"path", path},
                   {"status", response.status},
                   {"ms", microseconds / 1000},
                   {"bytes", response_bytes},
                   {"account", response.account},
                   {"peer", request.peer},
                   {"request_id", request.request_id}});
  next_.Finished(request, response, response_bytes, microseconds);
}

}  // namespace holdfast::app
