// Handlers: one plain function for each operation of the document, found by the operation's id. The list is explicit
// and is handlers.cc.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/authenticator.h"
#include "api/context.h"
#include "api/multipart.h"
#include "api/operation.h"
#include "api/params.h"
#include "base/result.h"
#include "http/server.h"
#include "io/json.h"

namespace holdfast::api {

// One request, authenticated, authorised and checked. All references live until the handler returns.
struct Call {
  const Operation& operation;
  const http::ServerRequest& request;  // its body is for raw bodies; all else is below
  const Identity& identity;            // who asks; of nobody for open operations
  std::string_view account;            // that is acted for: the own, or the one of the header
  const Params& params;
  io::JsonView body;                              // of JSON bodies, as the schema wants it; null: there is none
  std::span<const FormPart> parts;                // of multipart forms
  const std::optional<Credentials>& credentials;  // as sent: for the operation that makes tokens of them
};

// An error becomes its status and the usual body (error_response.h); what needs another answer returns a response.
using OperationHandler = Result<http::ServerResponse> (*)(Context& context, const Call& call);

struct HandlerEntry {
  std::string_view operation_id;
  OperationHandler handler;
};

[[nodiscard]] std::span<const HandlerEntry> Handlers();

}  // namespace holdfast::api
