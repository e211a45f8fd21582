#include "api/system_handlers.h"

#include <vector>

#include "api/error_response.h"
#include "base/format.h"
#include "service/platform.h"
#include "store/services.h"

namespace holdfast::api {
namespace {

using io::JsonWriter;

struct Status {
  bool up = true;
  bool busy = false;
  std::string_view message, version, database_version;
  io::JsonView detail = {};  // an object, or nothing
};

void WriteStatus(JsonWriter& writer, const Status& status) {
  writer.BeginObject().Key("available").Bool(status.up).Key("busy").Bool(status.busy).Key("up").Bool(status.up);
  writer.Field("message", status.message)
      .Field("version", status.version)
      .Field("db_version", status.database_version)
      .Key("detail");
  if (status.detail.IsObject())
    writer.Copy(status.detail);
  else
    writer.BeginObject().EndObject();
  writer.EndObject();
}

// What the instance said of itself with its last heartbeat, as far as it is still true.
void WriteLastStatus(JsonWriter& writer, const store::Service& service, const Context& context) {
  const auto document = io::JsonDocument::Parse(service.detail);
  const io::JsonView said = document ? document->Root() : io::JsonView();
  WriteStatus(writer, {.up = service.up,
                       .busy = said["busy"].Bool().value_or(false),
                       .message = service.up ? said["message"].StringOr("all good") : std::string_view(service.state),
                       .version = service.version,
                       .database_version = said["db_version"].StringOr(context.database_version),
                       .detail = said["detail"]});
}

void WriteServices(JsonWriter& writer, const std::vector<store::Service>& services, const Context& context) {
  writer.BeginArray();
  for (const store::Service& service : services) {
    writer.BeginObject()
        .Field("servicename", service.name)
        .Field("hostid", service.host_id)
        .Field("base_url", service.base_url)
        .Key("status")
        .Bool(service.up)
        .Field("status_message", service.up ? std::string_view("available") : std::string_view(service.state))
        .Field("version", service.version)
        .Key("service_detail");
    WriteLastStatus(writer, service, context);
    writer.EndObject();
  }
  writer.EndArray();
}

Result<std::vector<store::Service>> Find(Context& context, std::string_view name, std::string_view host_id) {
  return context.Use().platform.database.Read(
      [&](store::Session& session) { return store::ListServices(session, name, host_id); });
}

Result<http::ServerResponse> ServicesResponse(Context& context, std::string_view name, std::string_view host_id) {
  HF_TRY(const auto services, Find(context, name, host_id));
  JsonWriter writer;
  WriteServices(writer, services, context);
  return JsonResponse(writer.Take());
}

}  // namespace

Result<http::ServerResponse> GetStatus(Context& context, const Call&) {
  JsonWriter writer;
  WriteStatus(
      writer,
      {.message = "all good", .version = context.service_version, .database_version = context.database_version});
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> GetSystemStatus(Context& context, const Call&) {
  HF_TRY(const auto services, Find(context, "", ""));
  JsonWriter writer;
  writer.BeginObject().Key("service_states");
  WriteServices(writer, services, context);
  writer.EndObject();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> ListServices(Context& context, const Call&) { return ServicesResponse(context, "", ""); }

Result<http::ServerResponse> GetServicesByName(Context& context, const Call& call) {
  return ServicesResponse(context, call.params.Text("servicename"), "");
}

Result<http::ServerResponse> GetService(Context& context, const Call& call) {
  return ServicesResponse(context, call.params.Text("servicename"), call.params.Text("hostid"));
}

Result<http::ServerResponse> DeleteService(Context& context, const Call& call) {
  const std::string_view name = call.params.Text("servicename"), host_id = call.params.Text("hostid");
  HF_CHECK_OK(context.Use().platform.database.Write([&](store::Session& session) -> Result<void> {
    HF_TRY(const auto found, store::ListServices(session, name, host_id));
    if (found.empty()) return Fail(ErrorKind::kNotFound, Format("there is no service {} on {}", name, host_id));
    if (found.front().up) return Fail(ErrorKind::kConflict, Format("service {} on {} is up", name, host_id));
    HF_CHECK_OK(store::DeleteService(session, name, host_id));
    return {};
  }));
  return EmptyResponse();
}

}  // namespace holdfast::api
