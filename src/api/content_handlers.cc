#include "api/content_handlers.h"

#include <string>
#include <utility>

#include "api/call_account.h"
#include "api/error_response.h"
#include "api/image_handlers.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/format.h"
#include "image/history.h"
#include "io/decompress.h"
#include "match/why_json.h"
#include "sbom/anchore_content.h"
#include "sbom/anchore_types.h"
#include "sbom/anchore_vulnerabilities.h"
#include "sbom/syft_json.h"
#include "service/analysis_store.h"
#include "service/file_tree.h"
#include "service/image_report.h"
#include "service/images.h"
#include "service/match_image.h"
#include "service/policies.h"
#include "service/published_snapshot.h"

namespace holdfast::api {
namespace {

// {"imageDigest": …, "content_type": …, "content": […]}
http::ServerResponse ContentResponse(const store::Image& image, std::string_view type, std::string_view content) {
  io::JsonWriter writer;
  writer.BeginObject().Field("imageDigest", image.digest.Text()).Field("content_type", type);
  writer.Key("content").Raw(content).EndObject();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> PackagesResponse(Context& context, const Call& call, std::string_view type) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto image, AnalysedImageOf(context, call, account));
  HF_TRY(const auto analysis, service::LoadAnalysisObject(context.Use().platform, image));
  io::StringSink sink;
  HF_CHECK_OK(sbom::WriteAnchorePackages(type, analysis, {}, sink));
  return ContentResponse(image, type, sink.Take());
}

// Base64 as mail wraps it (RFC 2045): that is what Anchore's clients have always got.
std::string WrappedBase64(std::string_view bytes) {
  constexpr std::size_t kLine = 76;
  const std::string encoded = EncodeBase64(bytes);
  std::string wrapped;
  for (std::size_t at = 0; at < encoded.size(); at += kLine) wrapped += encoded.substr(at, kLine) + "\n";
  return wrapped;
}

Result<std::string> HistoryOf(const service::Platform& platform, const store::Image& image, bool as_dockerfile) {
  HF_TRY(const auto config, service::LoadImageDocument(platform, image, "config"));
  if (!config) return Fail(ErrorKind::kNotFound, "the image's config is not kept");
  HF_TRY(const auto history, image::ParseHistory(*config, platform.limits));
  if (as_dockerfile) return image::GuessDockerfile(history);
  HF_TRY(const auto analysis, service::LoadAnalysisObject(platform, image));
  return image::DockerHistoryJson(history, analysis.layers);
}

Result<std::string> MetadataOf(const service::Platform& platform, const store::Image& image, std::string_view type) {
  if (type == "docker_history") return HistoryOf(platform, image, false);
  const std::string_view kind = type == "manifest" ? "manifest" : "dockerfile";
  HF_TRY(auto document, service::LoadImageDocument(platform, image, kind));
  if (document) return *std::move(document);
  if (kind == "dockerfile") return HistoryOf(platform, image, true);
  return Fail(ErrorKind::kNotFound, "the image's manifest is not kept");
}

bool IsWanted(const service::ReportedFinding& reported, sbom::AnchoreVulnerabilityType type) {
  if (type == sbom::AnchoreVulnerabilityType::kAll) return true;
  return sbom::IsAnchoreOsPackage(reported.package) == (type == sbom::AnchoreVulnerabilityType::kOs);
}

void WriteVerdict(io::JsonWriter& writer, const service::StoredVerdict& verdict, bool detail) {
  writer.BeginObject()
      .Field("policyId", verdict.policy_id)
      .Field("status", verdict.Passes() ? "pass" : "fail")
      .Field("last_evaluation", FormatTime(verdict.created_at))
      .Key("detail")
      .BeginObject();
  if (detail) writer.Key("policy").Raw(verdict.document).Key("result").Raw(verdict.result);
  writer.EndObject().EndObject();
}

}  // namespace

Result<http::ServerResponse> GetImageContent(Context& context, const Call& call) {
  const std::string_view type = call.params.Text("ctype");
  if (!sbom::IsAnchorePackageContentType(type))
    return ErrorResponse({.status = 500, .message = Format("content type '{}' is not available", type)});
  return PackagesResponse(context, call, type);
}

Result<http::ServerResponse> GetImageJava(Context& context, const Call& call) {
  return PackagesResponse(context, call, "java");
}

Result<http::ServerResponse> GetImageFiles(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto image, AnalysedImageOf(context, call, account));
  const service::Platform& platform = context.Use().platform;
  HF_TRY(const auto analysis, service::LoadAnalysisObject(platform, image));
  const auto files = service::FileTree::Load(platform, analysis);
  if (!files && files.error().Kind() == ErrorKind::kNotFound)
    return ErrorResponse({.status = 400, .message = "content of type files is not available for this image"});
  if (!files) return std::unexpected(files.error());
  io::StringSink sink;
  HF_CHECK_OK(sbom::WriteAnchoreFiles((*files)->Tree(), sink));
  return ContentResponse(image, "files", sink.Take());
}

Result<http::ServerResponse> GetImageMalware(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto image, AnalysedImageOf(context, call, account));
  return ErrorResponse({.status = 400, .message = "content of type malware is not available for this image"});
}

Result<http::ServerResponse> GetImageMetadata(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto image, AnalysedImageOf(context, call, account));
  const std::string_view type = call.params.Text("mtype");
  HF_TRY(const std::string document, MetadataOf(context.Use().platform, image, type));
  io::JsonWriter writer;
  writer.BeginObject()
      .Field("imageDigest", image.digest.Text())
      .Field("metadata_type", type)
      .Field("metadata", WrappedBase64(document))
      .EndObject();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> GetNativeSbom(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto image, AnalysedImageOf(context, call, account));
  HF_TRY(const auto analysis, service::LoadAnalysisObject(context.Use().platform, image));
  io::StringSink sink;
  HF_CHECK_OK(sbom::WriteSyftJson(
      analysis,
      {.tool_version = context.service_version, .timestamp = FormatTime(image.analyzed_at.value_or(image.created_at))},
      sink));
  const std::string text = sink.Take();
  http::ServerResponse response{.body = io::CompressGzip(AsBytes(text))};
  response.headers.Add("Content-Type", "application/gzip");
  response.headers.Add("Content-Disposition", Format("attachment; filename=\"{}.json.gz\"", image.digest.Hex()));
  return response;
}

Result<http::ServerResponse> GetImageVulnerabilities(Context& context, const Call& call) {
  const std::string_view name = call.params.Text("vtype");
  const auto type = sbom::ParseAnchoreVulnerabilityType(name);
  if (!type) return Fail(ErrorKind::kNotFound, Format("vulnerability type '{}' is not known", name));
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto image, AnalysedImageOf(context, call, account));
  // Findings are kept up to date as advisories change: there is nothing that a forced refresh could find.
  const bool by_id = call.operation.FindParameter("vendor_only") == nullptr;
  const bool vendor_only = by_id || call.params.Bool("vendor_only", true);
  HF_TRY(const auto as_of, TimeOf(call, "as_of"));
  HF_TRY(const auto report,
         service::LoadReport(context.Use().platform, image, {.will_not_fix = !vendor_only, .as_of = as_of}));
  const sbom::AnchoreReportOptions options{
      .type = *type,
      .vendor_only = vendor_only,
      .query_url = context.Use().platform.api_url + "/v1/query/vulnerabilities?id="};
  io::JsonWriter writer;
  writer.BeginObject()
      .Field("imageDigest", image.digest.Text())
      .Field("vulnerability_type", name)
      .Key("vulnerabilities")
      .BeginArray();
  for (const service::ReportedFinding& reported : report)
    if (IsWanted(reported, *type))
      sbom::WriteAnchoreVulnerability(reported.finding, reported.package, reported.distro, options, writer);
  writer.EndArray().EndObject();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> ExplainImageVulnerability(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto image, AnalysedImageOf(context, call, account));
  const service::Platform& platform = context.Use().platform;
  service::LocalSnapshot* local = context.Use().snapshot;
  const auto held = local == nullptr ? nullptr : local->Current();
  if (held == nullptr) return Fail(ErrorKind::kNotFound, "no advisories are in force yet");
  HF_TRY(const auto database, service::AdvisoryDatabase::Open(held->file));
  HF_TRY(const auto analysis, service::LoadAnalysisObject(platform, image));
  HF_TRY(const auto matched, database->Match(analysis, {.limits = platform.limits}));
  HF_TRY(const auto answer, database->Explain({.vulnerability = std::string(call.params.Text("vulnerability_id")),
                                               .package = std::string(call.params.Text("package"))},
                                              analysis, matched));
  return JsonResponse(match::WhyJson(answer, analysis));
}

Result<http::ServerResponse> CheckImage(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto image, AnalysedImageOf(context, call, account));
  HF_TRY(const auto name, service::ParseImageName(call.params.Text("tag")));
  const bool interactive = call.operation.FindParameter("interactive") != nullptr && call.params.Bool("interactive");
  const service::EvaluationRequest request{
      .policy_id = std::string(call.params.Text("policyId")), .tag = name.FullTag(), .store = !interactive};
  HF_TRY(auto verdict, service::EvaluateImage(context.Use().platform, account, image, request));
  std::vector<service::StoredVerdict> verdicts;
  if (call.params.Bool("history")) {
    HF_TRY(verdicts, service::ListVerdicts(context.Use().platform, account, image, request));
  }
  if (verdicts.empty()) verdicts.push_back(std::move(verdict));
  io::JsonWriter writer;
  writer.BeginArray().BeginObject().Key(image.digest.Text()).BeginObject().Key(request.tag).BeginArray();
  const bool detail = call.params.Bool("detail", true);
  for (const service::StoredVerdict& stored : verdicts) WriteVerdict(writer, stored, detail);
  writer.EndArray().EndObject().EndObject().EndArray();
  return JsonResponse(writer.Take());
}

}  // namespace holdfast::api
