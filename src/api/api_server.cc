#include "api/api_server.h"

#include <utility>

#include "api/error_response.h"
#include "api/name_patterns.h"
#include "api/request_body.h"
#include "api/validate.h"
#include "base/format.h"

namespace holdfast::api {
namespace {

constexpr std::string_view kAccountHeader = "x-anchore-account";

http::ServerResponse Unauthorized() {
  http::ServerResponse response = TextResponse("Unauthorized", 401);
  response.headers.Add("WWW-Authenticate", R"(basic realm="Authentication required")");
  return response;
}

http::ServerResponse NoRoute(const Route& route, const http::ServerRequest& request) {
  if (route.allow.empty()) return ErrorResponse({.status = 404, .message = "there is nothing at this path"});
  http::ServerResponse response =
      ErrorResponse({.status = 405, .message = Format("this path does not know the method {}", request.method)});
  response.headers.Add("Allow", route.allow);
  return response;
}

// A refusal of parameters or body.
http::ServerResponse Refused(const Error& error) {
  if (error.Kind() == ErrorKind::kNotFound) return ErrorResponse({.status = 404, .message = error.Message()});
  return ProblemResponse(error.Kind() == ErrorKind::kUnsupported ? 415 : 400, error.Message());
}

}  // namespace

struct ApiServer::Caller {
  std::optional<Credentials> credentials;
  Identity identity;
  std::string account;
};

ApiServer::ApiServer(Context& context, Authenticator& authenticator, Authorizer& authorizer,
                     std::span<const HandlerEntry> handlers)
    : context_(context),
      authenticator_(authenticator),
      authorizer_(authorizer),
      router_(context.contract.Operations()) {
  for (const HandlerEntry& entry : handlers) handlers_.emplace(entry.operation_id, entry.handler);
}

std::uint64_t ApiServer::BodyBytesMax(const http::ServerRequest& head) {
  const Operation* operation = router_.Find(head.method, head.segments).operation;
  if (operation == nullptr || (!operation->open && !head.headers.Find("Authorization"))) return kMiB;
  return operation->body_bytes_max;
}

http::ServerResponse ApiServer::Handle(const http::ServerRequest& request) {
  const Route route = router_.Find(request.method, request.segments);
  if (route.operation == nullptr) return NoRoute(route, request);
  Caller caller;
  http::ServerResponse response = HandleFound(route, request, caller);
  response.account = std::move(caller.account);
  for (const std::string& segment : route.operation->segments) response.route += "/" + segment;
  if (response.route.empty()) response.route = "/";
  return response;
}

http::ServerResponse ApiServer::HandleFound(const Route& route, const http::ServerRequest& request, Caller& caller) {
  if (auto identified = Identify(*route.operation, request, caller); !identified)
    return identified.error().Kind() == ErrorKind::kDenied ? Unauthorized() : Failed(identified.error(), request);
  if (auto permitted = Permit(*route.operation, request, route.values, caller); !permitted)
    return Failed(permitted.error(), request);
  return Answer(route, request, caller);
}

// kDenied: the credentials are missing or wrong.
Result<void> ApiServer::Identify(const Operation& operation, const http::ServerRequest& request, Caller& caller) {
  caller.credentials = ParseAuthorization(request.headers.Find("Authorization").value_or(""));
  if (caller.credentials) caller.credentials->peer = request.peer;
  if (operation.open) return {};
  if (!caller.credentials) return Fail(ErrorKind::kDenied, "no credentials");
  HF_TRY(caller.identity, authenticator_.Authenticate(*caller.credentials));
  return {};
}

Result<void> ApiServer::Permit(const Operation& operation, const http::ServerRequest& request,
                               std::span<const std::string_view> path_values, Caller& caller) {
  if (operation.open) return {};
  const Identity& identity = caller.identity;
  if (!identity.account_enabled) return Fail(ErrorKind::kDenied, Format("account {} is disabled", identity.account));
  caller.account = identity.account;
  if (operation.account_header)
    if (const auto named = request.headers.Find(kAccountHeader); named && !named->empty()) caller.account = *named;
  if (!IsAccountName(caller.account)) return Fail(ErrorKind::kNotFound, "there is no account of that name");
  std::string_view domain = caller.account;
  if (operation.domain == Domain::kSystem) domain = kSystemDomain;
  if (operation.domain == Domain::kAccountInPath) domain = path_values.front();
  // Without a name for the action: any caller may, for the own account.
  if (operation.action.empty() && operation.domain == Domain::kAccount && domain == identity.account) return {};
  return authorizer_.Authorize(identity, {.domain = domain, .action = operation.action});
}

http::ServerResponse ApiServer::Answer(const Route& route, const http::ServerRequest& request, const Caller& caller) {
  const Operation& operation = *route.operation;
  Result<Params> params = ReadParameters(operation, route.values, request.query);
  if (!params) return Refused(params.error());
  const Result<RequestBody> body = ReadBody(operation, request, *params);
  if (!body) return Refused(body.error());
  return Run({.operation = operation,
              .request = request,
              .identity = caller.identity,
              .account = caller.account,
              .params = *params,
              .body = body->json ? body->json->Root() : io::JsonView(),
              .parts = body->parts,
              .credentials = caller.credentials});
}

http::ServerResponse ApiServer::Run(const Call& call) {
  const auto found = handlers_.find(call.operation.id);
  if (found == handlers_.end())
    return ErrorResponse({.status = 501, .message = Format("{} is not offered by this build", call.operation.id)});
  Result<http::ServerResponse> response = found->second(context_, call);
  return response ? *std::move(response) : Failed(response.error(), call.request);
}

http::ServerResponse ApiServer::Failed(const Error& error, const http::ServerRequest& request) {
  if (error.Kind() == ErrorKind::kInternal || error.Kind() == ErrorKind::kCorrupt)
    context_.logger.Log(LogLevel::kError, Format("request {} ({} {}): {}", request.request_id, request.method,
                                                 request.target, error.Message()));
  return ErrorResponse(error, request.request_id);
}

}  // namespace holdfast::api
