#include "api/webhook_handlers.h"

#include "api/call_account.h"
#include "api/error_response.h"
#include "base/format.h"
#include "service/webhooks.h"

namespace holdfast::api {

Result<http::ServerResponse> TestWebhook(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  const service::Webhooks* webhooks = context.Use().webhooks;
  const std::string_view name = call.params.Text("webhook_type");
  if (webhooks == nullptr) return Fail(ErrorKind::kInvalidInput, Format("webhook '{}' is not configured", name));
  const auto sent = webhooks->SendTestNotification(account, name, call.params.Text("notification_type", "tag_update"));
  if (sent) return EmptyResponse();
  if (sent.error().Kind() == ErrorKind::kInvalidInput) return std::unexpected(sent.error());
  return ErrorResponse({.status = 500, .message = sent.error().Message()});
}

}  // namespace holdfast::api
