#include "api/error_response.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"

namespace holdfast::api {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};
constexpr std::array kPhrases = {
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{406, "Not Acceptable"},
    Phrase{409, "Conflict"},
    Phrase{413, "Content Too Large"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{500, "Internal Server Error"},
    Phrase{501, "Not Implemented"},
    Phrase{503, "Service Unavailable"},
};

http::ServerResponse Response(int status, std::string_view content_type, std::string body) {
  http::ServerResponse response;
  response.status = status;
  response.headers.Add("Content-Type", std::string(content_type));
  response.body = std::move(body);
  return response;
}

}  // namespace

int HttpStatus(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidInput: return 400;
    case ErrorKind::kNotFound: return 404;
    case ErrorKind::kConflict: return 409;
    case ErrorKind::kDenied: return 403;  // 401 is the answer to credentials, and given where they are read
    case ErrorKind::kUnsupported: return 501;
    case ErrorKind::kCorrupt: return 500;  // of what is stored; a damaged request is kInvalidInput
    case ErrorKind::kLimit: return 400;    // what is asked for is beyond what this installation does
    case ErrorKind::kUnavailable: return 503;
    case ErrorKind::kInternal: return 500;
  }
  return 500;
}

std::string_view StatusPhrase(int status) {
  const auto* found = std::ranges::find(kPhrases, status, &Phrase::status);
  return found == kPhrases.end() ? "Error" : found->text;
}

http::ServerResponse JsonResponse(std::string json, int status) {
  return Response(status, "application/json", std::move(json));
}

http::ServerResponse TextResponse(std::string text, int status) {
  return Response(status, "text/plain; charset=utf-8", std::move(text));
}

http::ServerResponse EmptyResponse(int status) { return {.status = status, .headers = {}, .body = {}}; }

http::ServerResponse ErrorResponse(const ErrorBody& body) {
  io::JsonWriter writer;
  writer.BeginObject().Field("message", body.message).Key("httpcode").Integer(body.status);
  writer.Key("detail").BeginObject().Key("error_codes").BeginArray();
  for (const std::string& code : body.error_codes) writer.String(code);
  writer.EndArray();
  if (body.more_detail) body.more_detail(writer);
  writer.EndObject().EndObject();
  return JsonResponse(writer.Take(), body.status);
}

http::ServerResponse ErrorResponse(const Error& error, std::string_view request_id) {
  const int status = HttpStatus(error.Kind());
  if (error.Kind() == ErrorKind::kInternal)
    return ErrorResponse(
        {.status = status, .message = Format("internal error, see the log for request {}", request_id)});
  http::ServerResponse response = ErrorResponse({.status = status, .message = error.Message()});
  if (error.Kind() == ErrorKind::kUnavailable) response.headers.Add("Retry-After", "5");
  return response;
}

http::ServerResponse ProblemResponse(int status, std::string_view detail) {
  io::JsonWriter writer;
  writer.BeginObject().Field("detail", detail).Key("status").Integer(status);
  writer.Field("title", StatusPhrase(status)).Field("type", "about:blank").EndObject();
  return Response(status, "application/problem+json", writer.Take());
}

}  // namespace holdfast::api
