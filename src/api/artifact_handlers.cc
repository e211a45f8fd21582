#include "api/artifact_handlers.h"

#include "api/call_account.h"
#include "api/error_response.h"
#include "api/image_handlers.h"
#include "base/base64.h"
#include "io/json.h"
#include "service/analysis_store.h"

namespace holdfast::api {
namespace {

Result<model::ImageAnalysis> AnalysisOf(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto image, AnalysedImageOf(context, call, account));
  return service::LoadAnalysisObject(context.Use().platform, image);
}

}  // namespace

Result<http::ServerResponse> GetRetrievedFiles(Context& context, const Call& call) {
  HF_TRY(const auto analysis, AnalysisOf(context, call));
  return JsonResponse(RetrievedFilesJson(analysis));
}

Result<http::ServerResponse> GetFileContentSearch(Context& context, const Call& call) {
  HF_TRY(const auto analysis, AnalysisOf(context, call));
  return JsonResponse(SearchHitsJson(analysis, model::SearchKind::kContent));
}

Result<http::ServerResponse> GetSecretSearch(Context& context, const Call& call) {
  HF_TRY(const auto analysis, AnalysisOf(context, call));
  return JsonResponse(SearchHitsJson(analysis, model::SearchKind::kSecret));
}

std::string RetrievedFilesJson(const model::ImageAnalysis& analysis) {
  io::JsonWriter writer;
  writer.BeginArray();
  for (const model::RetrievedFile& file : analysis.retrieved_files)
    writer.BeginObject().Field("path", "/" + file.path).Field("b64_content", EncodeBase64(file.content)).EndObject();
  writer.EndArray();
  return writer.Take();
}

std::string SearchHitsJson(const model::ImageAnalysis& analysis, model::SearchKind kind) {
  io::JsonWriter writer;
  writer.BeginArray();
  const std::string* open = nullptr;  // the path whose matches are being written
  for (const model::SearchHit& hit : analysis.search_hits) {
    const model::SearchPattern& pattern = analysis.search_patterns[hit.pattern];
    if (pattern.kind != kind) continue;
    if (open == nullptr || *open != hit.path) {
      if (open != nullptr) writer.EndArray().EndObject();
      open = &hit.path;
      writer.BeginObject().Field("path", "/" + hit.path).Key("matches").BeginArray();
    }
    writer.BeginObject().Field("name", pattern.name).Field("regex", pattern.regex).Key("lines").BeginArray();
    for (const std::uint64_t line : hit.lines) writer.Unsigned(line);
    writer.EndArray().EndObject();
  }
  if (open != nullptr) writer.EndArray().EndObject();
  writer.EndArray();
  return writer.Take();
}

}  // namespace holdfast::api
