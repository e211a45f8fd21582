#include "service/role_heartbeat.h"

#include <utility>

#include "io/json.h"
#include "store/schema.h"
#include "store/services.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kPeriodMs = 15'000;

std::string DetailOf(const Platform& platform, std::int64_t schema) {
  io::JsonWriter writer;
  writer.BeginObject()
      .Key("available")
      .Bool(true)
      .Key("busy")
      .Bool(false)
      .Key("up")
      .Bool(true)
      .Field("message", "all good")
      .Field("version", platform.version)
      .Field("db_version", std::to_string(schema))
      .Key("detail")
      .BeginObject()
      .EndObject()
      .EndObject();
  return writer.Take();
}

Result<void> Beat(const Platform& platform, const std::vector<std::string>& services) {
  HF_TRY(const std::int64_t schema, store::SchemaVersion(platform.database));
  return platform.database.Write([&](store::Session& session) -> Result<void> {
    for (const std::string& name : services)
      HF_CHECK_OK(store::PutService(session, {.name = name,
                                              .host_id = platform.host_id,
                                              .base_url = platform.base_url,
                                              .version = platform.version,
                                              .detail = DetailOf(platform, schema),
                                              .heartbeat_at = platform.Now()}));
    return {};
  });
}

}  // namespace

void StartHeartbeats(Background& background, const Platform& platform, std::vector<std::string> services) {
  background.Start({.name = "heartbeat",
                    .period_ms = kPeriodMs,
                    .step = [&platform, services = std::move(services)]() -> Result<bool> {
                      HF_CHECK_OK(Beat(platform, services));
                      return false;
                    }});
}

}  // namespace holdfast::service
