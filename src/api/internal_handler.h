// The queue role's door for analyzers in other processes: service/port_wire.h over HTTP.
#pragma once

#include "base/limits.h"
#include "crypto/secret.h"
#include "http/server.h"
#include "service/work.h"

namespace holdfast::api {

class InternalHandler final : public http::Handler {
 public:
  // The port outlives it. Every request must bring the token.
  InternalHandler(service::AnalyzerPort& port, crypto::Secret token, const Limits& limits)
      : port_(port), token_(std::move(token)), limits_(limits) {}

  [[nodiscard]] std::uint64_t BodyBytesMax(const http::ServerRequest& head) override;
  [[nodiscard]] http::ServerResponse Handle(const http::ServerRequest& request) override;

 private:
  [[nodiscard]] bool IsAllowed(const http::ServerRequest& request) const;

  service::AnalyzerPort& port_;
  crypto::Secret token_;
  Limits limits_;
};

}  // namespace holdfast::api
