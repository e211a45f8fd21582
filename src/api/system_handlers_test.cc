#include "api/system_handlers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/services.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::ExpectApiError;
using test::Value;

class SystemHandlersTest : public test::ApiFixture {
 protected:
  SystemHandlersTest() { AddAccount("team-a"); }

  void PutService(std::string_view name, std::string_view host_id, std::string_view state) {
    Value(database_->Write([&](store::Session& session) {
      return store::PutService(session,
                               {.name = std::string(name),
                                .host_id = std::string(host_id),
                                .base_url = "http://host:8228",
                                .version = "1.2.3",
                                .up = state == "up",
                                .state = std::string(state),
                                .detail = R"({"busy":true,"message":"working","db_version":"7","detail":{"queue":3}})",
                                .heartbeat_at = clock_.NowMs()});
    }));
  }
};

TEST_F(SystemHandlersTest, TellsHowThisProcessFares) {
  EXPECT_EQ(Get("team-a", "/status").body,
            R"({"available":true,"busy":false,"up":true,"message":"all good","version":"1.2.3","db_version":"1",)"
            R"("detail":{}})");
  EXPECT_EQ(Get("", "/status").status, 401);
}

// What `anchore-cli system wait` and `system status` look at.
TEST_F(SystemHandlersTest, TellsTheStateOfEachInstance) {
  PutService("analyzer", "host-1", "up");
  PutService("catalog", "host-2", "down");
  EXPECT_EQ(Get("team-a", "/system").body,
            R"({"service_states":[)"
            R"({"servicename":"analyzer","hostid":"host-1","base_url":"http://host:8228","status":true,)"
            R"("status_message":"available","version":"1.2.3","service_detail":{"available":true,"busy":true,)"
            R"("up":true,"message":"working","version":"1.2.3","db_version":"7","detail":{"queue":3}}},)"
            R"({"servicename":"catalog","hostid":"host-2","base_url":"http://host:8228","status":false,)"
            R"("status_message":"down","version":"1.2.3","service_detail":{"available":false,"busy":true,)"
            R"("up":false,"message":"down","version":"1.2.3","db_version":"7","detail":{"queue":3}}}]})");
}

TEST_F(SystemHandlersTest, ListsAndFilters) {
  PutService("analyzer", "host-1", "up");
  PutService("analyzer", "host-2", "up");
  PutService("catalog", "host-1", "up");
  EXPECT_EQ(Get("admin", "/system/services").Json().Root().Size(), 3U);
  EXPECT_EQ(Get("admin", "/system/services/analyzer").Json().Root().Size(), 2U);
  EXPECT_EQ(Get("admin", "/system/services/analyzer/host-2").Json().Root().Size(), 1U);
  EXPECT_EQ(Get("admin", "/system/services/nothing").body, "[]");
  for (const char* path : {"/system/services", "/system/services/analyzer", "/system/services/analyzer/host-2"})
    ExpectApiError(Get("team-a", path), 403);
}

TEST_F(SystemHandlersTest, ForgetsOnlyWhatIsDownOrOrphaned) {
  PutService("analyzer", "host-1", "up");
  PutService("analyzer", "host-2", "down");
  PutService("analyzer", "host-3", "orphaned");
  ExpectApiError(Delete("admin", "/system/services/analyzer/host-1"), 409, "is up");
  ExpectApiError(Delete("team-a", "/system/services/analyzer/host-2"), 403);
  EXPECT_EQ(Delete("admin", "/system/services/analyzer/host-2").status, 200);
  EXPECT_EQ(Delete("admin", "/system/services/analyzer/host-3").status, 200);
  ExpectApiError(Delete("admin", "/system/services/analyzer/host-3"), 404);
  EXPECT_EQ(Get("admin", "/system/services").Json().Root().Size(), 1U);
}

}  // namespace
}  // namespace holdfast::api
