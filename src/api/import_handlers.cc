#include "api/import_handlers.h"

#include <string>
#include <string_view>

#include "api/call_account.h"
#include "api/error_response.h"
#include "api/image_json.h"
#include "base/clock.h"
#include "base/text.h"
#include "service/imports.h"

namespace holdfast::api {
namespace {

void WriteImport(io::JsonWriter& writer, const store::Import& import) {
  writer.BeginObject()
      .Field("uuid", import.uuid)
      .Field("status", import.status)
      .Field("created_at", FormatTime(import.created_at))
      .Field("expires_at", FormatTime(import.expires_at))
      .EndObject();
}

http::ServerResponse ImportResponse(const store::Import& import) {
  io::JsonWriter writer;
  WriteImport(writer, import);
  return JsonResponse(writer.Take());
}

std::string_view KindOf(const Call& call, std::string_view prefix) {
  return std::string_view(call.operation.id).substr(prefix.size());
}

// The schema takes digits of either case.
Result<Digest> DigestOf(io::JsonView view) { return Digest::Parse(LowerCase(view.StringOr(""))); }

Result<std::optional<Digest>> OptionalDigestOf(io::JsonView view) {
  if (view.IsNull()) return std::nullopt;
  HF_TRY(const Digest digest, DigestOf(view));
  return digest;
}

Result<service::ImportManifest> ReadManifest(io::JsonView view) {
  service::ImportManifest manifest{.operation_uuid = std::string(view["operation_uuid"].StringOr("")),
                                   .local_image_id = std::string(view["local_image_id"].StringOr(""))};
  HF_TRY(manifest.digest, DigestOf(view["digest"]));
  HF_TRY(manifest.parent_digest, OptionalDigestOf(view["parent_digest"]));
  for (const io::JsonView tag : view["tags"]) manifest.tags.emplace_back(tag.StringOr(""));
  const io::JsonView contents = view["contents"];
  HF_TRY(manifest.packages, DigestOf(contents["packages"]));
  HF_TRY(manifest.manifest, DigestOf(contents["manifest"]));
  HF_TRY(manifest.image_config, DigestOf(contents["image_config"]));
  HF_TRY(manifest.parent_manifest, OptionalDigestOf(contents["parent_manifest"]));
  HF_TRY(manifest.dockerfile, OptionalDigestOf(contents["dockerfile"]));
  return manifest;
}

}  // namespace

Result<http::ServerResponse> CreateImport(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto import, service::CreateImport(context.Use().platform, account));
  return ImportResponse(import);
}

Result<http::ServerResponse> ListImports(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto imports, service::ListImports(context.Use().platform, account));
  io::JsonWriter writer;
  writer.BeginArray();
  for (const store::Import& import : imports) WriteImport(writer, import);
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> GetImport(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto import, service::GetImport(context.Use().platform, account, call.params.Text("operation_id")));
  return ImportResponse(import);
}

Result<http::ServerResponse> InvalidateImport(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto import,
         service::InvalidateImport(context.Use().platform, account, call.params.Text("operation_id")));
  return ImportResponse(import);
}

Result<http::ServerResponse> ListImportContent(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto contents,
         service::ListImportContents(context.Use().platform, account, call.params.Text("operation_id"),
                                     KindOf(call, "list_import_")));
  io::JsonWriter writer;
  writer.BeginArray();
  for (const store::ImportContent& content : contents) writer.String(content.digest.Text());
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> UploadImportContent(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto content,
         service::UploadImportContent(context.Use().platform, account, call.params.Text("operation_id"),
                                      KindOf(call, "upload_import_"), call.request.body));
  io::JsonWriter writer;
  writer.BeginObject()
      .Field("digest", content.digest.Text())
      .Field("created_at", FormatTime(content.created_at))
      .EndObject();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> AddImportedImage(Context& context, const Call& call, const store::Account& account,
                                              io::JsonView manifest, const std::optional<std::string>& annotations) {
  HF_TRY(const auto wanted, ReadManifest(manifest));
  HF_TRY(const auto image, service::AddImportedImage(context.Use().platform, account, wanted,
                                                     {.annotations = annotations,
                                                      .force = call.params.Bool("force"),
                                                      .watch_tag = call.params.Bool("autosubscribe")}));
  return JsonResponse(ImageListJson({image}, account.name));
}

}  // namespace holdfast::api
