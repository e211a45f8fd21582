// What a server says: the answer's head as bytes, its own answers to what it refuses, and compression.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/internal/request_head.h"
#include "http/server.h"

namespace holdfast::http {

// {"message":…,"httpcode":…,"detail":{"error_codes":[]}}; 503 with Retry-After.
[[nodiscard]] ServerResponse RefusalResponse(const Refusal& refusal);

// May it be sent as it is? A status or header that would break the protocol is a bug of the handler.
[[nodiscard]] bool IsSendable(const ServerResponse& response);

// Compresses a body of text above 1 KiB when the client takes gzip.
void CompressFor(const ServerRequest& request, ServerResponse& response);

// No body may follow, whatever the method: 1xx, 204, 304.
[[nodiscard]] bool IsBodiless(int status);

struct ResponseContext {
  std::string_view server_name, date, request_id;
  bool version_1_1 = true;  // of the request
  bool keep_alive = true;
};
// From the status line to the empty line.
[[nodiscard]] std::string ResponseHead(const ServerResponse& response, const ResponseContext& context);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
[[nodiscard]] std::string HttpDate(std::int64_t unix_seconds);

}  // namespace holdfast::http
