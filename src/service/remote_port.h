// An analyzer's port to a queue role in another process (port_wire.h). Safe to share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/limits.h"
#include "crypto/secret.h"
#include "http/client.h"
#include "service/work.h"

namespace holdfast::service {

struct RemotePortOptions {
  std::string url;  // of the queue role: "http://queue:8083"
  crypto::Secret token;
  http::TlsOptions tls;
  http::ClientOptions http;
  Limits limits;
  // How long records and results are sent again when the queue is away or cannot take them: shorter than a lease, so
  // that nobody else has the job yet.
  std::int64_t patience_ms = 25'000;
};

// kInvalidInput for a bad URL. Does not connect.
[[nodiscard]] Result<std::unique_ptr<AnalyzerPort>> MakeRemotePort(const RemotePortOptions& options);

}  // namespace holdfast::service
