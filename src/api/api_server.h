// ApiServer: the public API behind the HTTP server. In this order it finds the operation, learns who asks, whether they
// may, checks parameters and body against the document, and calls the handler; the first refusal is the answer:
//
//   404, 405   no such path; not with this method (with Allow)
//   401        credentials missing or wrong; text "Unauthorized" and WWW-Authenticate
//   403        disabled account, another account, or an administrator needed
//   400, 415   parameters or body against the document, as problem details
//   501        an operation without a handler
//
// Safe to call from several threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/authorizer.h"
#include "api/handler_table.h"
#include "api/router.h"
#include "http/server.h"

namespace holdfast::api {

class ApiServer final : public http::Handler {
 public:
  // All of these outlive the server.
  ApiServer(Context& context, Authenticator& authenticator, Authorizer& authorizer,
            std::span<const HandlerEntry> handlers = Handlers());

  // A long body is for those only who bring credentials, whether or not they are good ones.
  [[nodiscard]] std::uint64_t BodyBytesMax(const http::ServerRequest& head) override;
  [[nodiscard]] http::ServerResponse Handle(const http::ServerRequest& request) override;

 private:
  struct Caller;
  http::ServerResponse HandleFound(const Route& route, const http::ServerRequest& request, Caller& caller);
  Result<void> Identify(const Operation& operation, const http::ServerRequest& request, Caller& caller);
  Result<void> Permit(const Operation& operation, const http::ServerRequest& request,
                      std::span<const std::string_view> path_values, Caller& caller);
  http::ServerResponse Answer(const Route& route, const http::ServerRequest& request, const Caller& caller);
  http::ServerResponse Run(const Call& call);
  http::ServerResponse Failed(const Error& error, const http::ServerRequest& request);

  Context& context_;
  Authenticator& authenticator_;
  Authorizer& authorizer_;
  Router router_;
  std::map<std::string_view, OperationHandler> handlers_;
};

}  // namespace holdfast::api
