// Responses, and the one table that turns kinds of errors into HTTP statuses.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/server.h"
#include "io/json.h"

namespace holdfast::api {

[[nodiscard]] int HttpStatus(ErrorKind kind);
// "Bad Request": the phrase of RFC 9110 for the statuses this API answers with, else "Error".
[[nodiscard]] std::string_view StatusPhrase(int status);

[[nodiscard]] http::ServerResponse JsonResponse(std::string json, int status = 200);
[[nodiscard]] http::ServerResponse TextResponse(std::string text, int status = 200);
// 200 or 204 without a body.
[[nodiscard]] http::ServerResponse EmptyResponse(int status = 200);

// {"message": …, "httpcode": …, "detail": {"error_codes": […], …}}
struct ErrorBody {
  int status = 500;
  std::string message;
  std::vector<std::string> error_codes = {};                   // symbols of GET /system/error_codes
  std::function<void(io::JsonWriter&)> more_detail = nullptr;  // writes further members of detail: Key, then value
};
[[nodiscard]] http::ServerResponse ErrorResponse(const ErrorBody& body);
// For an Error: its status and message, but of a bug (kInternal) the id of the request only, since the log has the
// rest.
[[nodiscard]] http::ServerResponse ErrorResponse(const Error& error, std::string_view request_id);

// application/problem+json (RFC 9457): what a request against the schema is told.
[[nodiscard]] http::ServerResponse ProblemResponse(int status, std::string_view detail);

}  // namespace holdfast::api
