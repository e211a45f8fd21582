#include "api/webhook_handlers.h"

#include <gtest/gtest.h>

#include "service/webhooks.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::ExpectApiError;

class WebhookHandlersTest : public test::ApiFixture {};

TEST_F(WebhookHandlersTest, OnlyAdministratorsTestWhatIsConfigured) {
  AddAccount("team");
  ExpectApiError(Post("team", "/system/webhooks/general/test"), 403);
  ExpectApiError(Post("admin", "/system/webhooks/general/test"), 400, "not configured");
  service::Webhooks webhooks(platform_, {.targets = {{.name = "general", .url = "http://127.0.0.1:1/"}}});
  services_.webhooks = &webhooks;
  ExpectApiError(Post("admin", "/system/webhooks/tag_update/test"), 400, "not configured");
  ExpectApiError(Post("admin", "/system/webhooks/general/test?notification_type=vuln_update"), 500, "loopback");
}

}  // namespace
}  // namespace holdfast::api
