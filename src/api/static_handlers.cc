#include "api/static_handlers.h"

#include <array>
#include <span>

#include "api/error_response.h"
#include "api/event_types.h"
#include "base/format.h"

namespace holdfast::api {
namespace {

constexpr std::array<std::string_view, 3> kVulnerabilityTypes = {"os", "non-os", "all"};
constexpr std::array<std::string_view, 9> kContentTypes = {"os",   "files",  "npm", "gem",    "python",
                                                           "java", "binary", "go",  "malware"};
constexpr std::array<std::string_view, 3> kMetadataTypes = {"manifest", "docker_history", "dockerfile"};

struct ErrorCode {
  std::string_view name, description;
};
constexpr std::array kErrorCodes = {
    ErrorCode{"REGISTRY_PERMISSION_DENIED", "The registry does not let these credentials, or none, see the image"},
    ErrorCode{"REGISTRY_IMAGE_NOT_FOUND", "The registry knows no such image"},
    ErrorCode{"REGISTRY_NOT_ACCESSIBLE", "The registry could not be reached, or did not answer in time"},
    ErrorCode{"REGISTRY_NOT_SUPPORTED", "What answers there is no registry that is understood"},
    ErrorCode{"SKOPEO_UNKNOWN_ERROR", "Fetching the image failed for a reason that has no code of its own"},
    ErrorCode{"UNKNOWN", "Something failed that has no code of its own"},
    ErrorCode{"FEED_SYNC_ALREADY_IN_PROGRESS", "The feeds are being brought up to date already"},
    ErrorCode{"OSARCH_MISMATCH", "The image is for no operating system and architecture that is analysed here"},
};

http::ServerResponse TextList(std::span<const std::string_view> texts) {
  io::JsonWriter writer;
  writer.BeginArray();
  for (const std::string_view text : texts) writer.String(text);
  writer.EndArray();
  return JsonResponse(writer.Take());
}

void WriteGroup(const EventGroup& group, io::JsonWriter& writer) {
  const std::string prefix = Format("{}.{}.", group.category, group.name);
  writer.BeginObject().Field("name", group.name).Field("description", group.description).Key("events").BeginArray();
  for (const EventKind& kind : EventKinds()) {
    if (!kind.type.starts_with(prefix)) continue;
    writer.BeginObject().Field("name", kind.type.substr(prefix.size())).Field("type", kind.type);
    writer.Field("message", kind.message).Field("resource_type", kind.resource_type).EndObject();
  }
  writer.EndArray().EndObject();
}

}  // namespace

Result<http::ServerResponse> Ping(Context&, const Call&) { return JsonResponse(R"("v1")"); }

Result<http::ServerResponse> HealthCheck(Context&, const Call&) { return TextResponse("ok"); }

Result<http::ServerResponse> GetVersion(Context& context, const Call&) {
  io::JsonWriter writer;
  writer.BeginObject();
  writer.Key("service").BeginObject().Field("version", context.service_version).EndObject();
  writer.Key("api").BeginObject().Field("version", context.contract.Version()).EndObject();
  writer.Key("db").BeginObject().Field("schema_version", context.database_version).EndObject();
  writer.EndObject();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> GetApiDocument(Context& context, const Call&) {
  return JsonResponse(context.contract.Json());
}

Result<http::ServerResponse> ListErrorCodes(Context&, const Call&) {
  io::JsonWriter writer;
  writer.BeginArray();
  for (const ErrorCode& code : kErrorCodes)
    writer.BeginObject().Field("name", code.name).Field("description", code.description).EndObject();
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> ListEventTypes(Context&, const Call&) {
  io::JsonWriter writer;
  writer.BeginArray();
  for (const EventCategory& category : EventCategories()) {
    writer.BeginObject().Field("category", category.name).Field("description", category.description);
    writer.Key("subcategories").BeginArray();
    for (const EventGroup& group : EventGroups())
      if (group.category == category.name) WriteGroup(group, writer);
    writer.EndArray().EndObject();
  }
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> ListVulnerabilityTypes(Context&, const Call&) { return TextList(kVulnerabilityTypes); }

Result<http::ServerResponse> ListContentTypes(Context&, const Call&) { return TextList(kContentTypes); }

Result<http::ServerResponse> ListMetadataTypes(Context&, const Call&) { return TextList(kMetadataTypes); }

}  // namespace holdfast::api
