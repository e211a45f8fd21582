#include "api/call_account.h"

#include "api/error_response.h"
#include "base/clock.h"
#include "service/accounts.h"

namespace holdfast::api {

Result<store::Account> AccountOf(const Context& context, const Call& call) {
  return service::GetAccount(context.Use().platform, call.account);
}

Result<std::optional<std::int64_t>> TimeOf(const Call& call, std::string_view name) {
  if (!call.params.Has(name)) return std::nullopt;
  HF_TRY_IN(name, const std::int64_t ms, ParseTime(call.params.Text(name)));
  return ms;
}

http::ServerResponse RegistryErrorResponse(const Error& error) {
  const auto respond = [&](int status, std::string code) {
    return ErrorResponse({.status = status, .message = error.Message(), .error_codes = {std::move(code)}});
  };
  switch (error.Kind()) {
    case ErrorKind::kNotFound: return respond(404, "REGISTRY_IMAGE_NOT_FOUND");
    case ErrorKind::kDenied: return respond(404, "REGISTRY_PERMISSION_DENIED");
    case ErrorKind::kUnavailable: return respond(500, "REGISTRY_NOT_ACCESSIBLE");
    case ErrorKind::kUnsupported: return respond(400, "REGISTRY_NOT_SUPPORTED");
    case ErrorKind::kInvalidInput: return respond(400, "UNKNOWN");
    case ErrorKind::kConflict: return ErrorResponse({.status = 503, .message = error.Message()});
    case ErrorKind::kCorrupt:
    case ErrorKind::kLimit:
    case ErrorKind::kInternal: return respond(500, "SKOPEO_UNKNOWN_ERROR");
  }
  return respond(500, "UNKNOWN");
}

}  // namespace holdfast::api
