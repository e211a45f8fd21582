#include "api/internal_handler.h"

#include "api/authenticator.h"
#include "api/error_response.h"
#include "service/port_wire.h"
#include "service/worker_protocol.h"

namespace holdfast::api {

bool InternalHandler::IsAllowed(const http::ServerRequest& request) const {
  const auto header = request.headers.Find("Authorization");
  if (!header) return false;
  const auto credentials = ParseAuthorization(*header);
  return credentials && credentials->kind == CredentialKind::kBearer && crypto::Secret(credentials->token) == token_;
}

std::uint64_t InternalHandler::BodyBytesMax(const http::ServerRequest& head) {
  return IsAllowed(head) ? 4 * limits_.evidence_layer_bytes_max : 0;
}

http::ServerResponse InternalHandler::Handle(const http::ServerRequest& request) {
  if (!IsAllowed(request)) return TextResponse("Unauthorized", 401);
  // {"internal", "v1", OPERATION}
  if (request.method != "POST" || request.segments.size() != 3) return TextResponse("Not Found", 404);
  auto answer = service::ServePortCall(port_, request.segments[2], request.body);
  http::ServerResponse response;
  if (answer) {
    response.headers.Add("Content-Type", "application/octet-stream");
    response.body = *std::move(answer);
    return response;
  }
  response.status = HttpStatus(answer.error().Kind());
  response.headers.Add("Content-Type", "application/x-holdfast-error");
  response.body = service::EncodeError(answer.error());
  return response;
}

}  // namespace holdfast::api
