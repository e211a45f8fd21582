#include "api/image_handlers.h"

#include <algorithm>
#include <string>
#include <vector>

#include "api/call_account.h"
#include "api/error_response.h"
#include "api/image_json.h"
#include "base/format.h"
#include "service/images.h"
#include "service/registries.h"

namespace holdfast::api {
namespace {

constexpr std::size_t kWaitsMax = 20;

std::optional<store::ImageStatus> StatusFilter(std::string_view text) {
  if (text == "all") return std::nullopt;
  return text == "deleting" ? store::ImageStatus::kDeleting : store::ImageStatus::kActive;
}

void WriteDeletion(io::JsonWriter& writer, const service::Deletion& deletion) {
  writer.BeginObject().Field("digest", deletion.digest).Field("status", deletion.status);
  writer.OptionalField("detail", deletion.detail).EndObject();
}

http::ServerResponse DeletionResponse(const service::Deletion& deletion) {
  io::JsonWriter writer;
  WriteDeletion(writer, deletion);
  return JsonResponse(writer.Take());
}

}  // namespace

Result<http::ServerResponse> ImagesResponse(Context& context, const store::Account& account,
                                            const std::vector<store::Image>& images) {
  const service::Platform& platform = context.Use().platform;
  Waits waits;
  for (const store::Image& image : images) {
    const bool queued = image.analysis_status == store::AnalysisStatus::kNotAnalyzed;
    if (!queued || waits.size() >= kWaitsMax) continue;
    HF_TRY(const auto wait, platform.database.Read([&](store::Session& session) {
      return service::EstimateWait(session, image.row, platform.Now());
    }));
    if (wait) waits.emplace(image.row, *wait);
  }
  return JsonResponse(ImageListJson(images, account.name, waits));
}

Result<store::Image> ImageOf(Context& context, const Call& call, const store::Account& account) {
  const service::Platform& platform = context.Use().platform;
  if (call.operation.FindParameter("imageId") != nullptr)
    return service::GetImageById(platform, account, call.params.Text("imageId"));
  return service::GetImage(platform, account, call.params.Text("imageDigest"));
}

Result<store::Image> AnalysedImageOf(Context& context, const Call& call, const store::Account& account) {
  HF_TRY(auto image, ImageOf(context, call, account));
  HF_CHECK_OK(service::CheckAnalysed(image));
  return image;
}

Result<http::ServerResponse> ListImageTags(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  const std::vector<std::string>& wanted = call.params.List("image_status");
  // Both states, or "all": no filter.
  const bool all = std::ranges::find(wanted, "all") != wanted.end() || wanted.size() > 1;
  const auto status = all || wanted.empty() ? std::optional<store::ImageStatus>() : StatusFilter(wanted.front());
  HF_TRY(const auto summaries, context.Use().platform.database.Read([&](store::Session& session) {
    return store::ListTagSummaries(session, account.id, status);
  }));
  return JsonResponse(TagSummariesJson(summaries));
}

Result<http::ServerResponse> ListImages(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  store::ImageFilter filter{.image_status = StatusFilter(call.params.Text("image_status", "active")),
                            .history = call.params.Bool("history")};
  if (call.params.Has("analysis_status"))
    filter.analysis_status = store::ParseAnalysisStatus(call.params.Text("analysis_status"));
  const std::string_view full_tag = call.params.Text("fulltag");
  if (!full_tag.empty()) {
    HF_TRY(const auto name, service::ParseImageName(full_tag));
    filter.registry = name.registry;
    filter.repository = name.repository;
    filter.tag = name.tag;
  }
  HF_TRY(const auto images, context.Use().platform.database.Read([&](store::Session& session) {
    return store::ListImages(session, account.id, filter);
  }));
  if (!full_tag.empty() && images.empty())
    return Fail(ErrorKind::kNotFound, Format("image data not found: no image has the tag {}", full_tag));
  // A whole list is not held up by a look at the queue for each of its images.
  if (full_tag.empty()) return JsonResponse(ImageListJson(images, account.name));
  return ImagesResponse(context, account, images);
}

Result<http::ServerResponse> DeleteImages(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  io::JsonWriter writer;
  writer.BeginArray();
  for (const std::string& digest : call.params.List("imageDigests")) {
    HF_TRY(const auto deletion,
           service::StartImageDeletion(context.Use().platform, account, digest, call.params.Bool("force")));
    WriteDeletion(writer, deletion);
  }
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> GetImage(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto image, ImageOf(context, call, account));
  return ImagesResponse(context, account, {image});
}

Result<http::ServerResponse> DeleteImage(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto deletion, service::StartImageDeletion(context.Use().platform, account,
                                                          call.params.Text("imageDigest"), call.params.Bool("force")));
  return DeletionResponse(deletion);
}

Result<http::ServerResponse> DeleteImageById(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  const auto image = ImageOf(context, call, account);
  if (!image && image.error().Kind() == ErrorKind::kNotFound)
    return DeletionResponse({std::string(call.params.Text("imageId")), "not_found", image.error().Message()});
  if (!image) return std::unexpected(image.error());
  HF_TRY(const auto deletion,
         service::StartImageDeletion(context.Use().platform, account, image->digest.Text(), call.params.Bool("force")));
  return DeletionResponse(deletion);
}

}  // namespace holdfast::api
