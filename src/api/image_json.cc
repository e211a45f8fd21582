#include "api/image_json.h"

#include "base/clock.h"

namespace holdfast::api {
namespace {

using io::JsonWriter;

void TimeOrNull(JsonWriter& writer, std::string_view key, const std::optional<std::int64_t>& ms) {
  writer.FieldOrNull(key, ms ? std::optional(FormatTime(*ms)) : std::nullopt);
}

void SecondsOrNull(JsonWriter& writer, std::string_view key, const std::optional<std::int64_t>& ms) {
  writer.Key(key);
  if (ms)
    writer.Integer(*ms / 1000);
  else
    writer.Null();
}

std::string ImageIdOf(const store::Image& image) { return image.image_id ? image.image_id->Hex() : std::string(); }

void WriteTag(JsonWriter& writer, const store::Image& image, const store::ImageTag& tag, std::string_view account) {
  writer.BeginObject()
      .Field("registry", tag.registry)
      .Field("repo", tag.repository)
      .Field("tag", tag.tag)
      .Field("fulltag", tag.FullTag())
      .Field("digest", image.digest.Text())
      .Field("fulldigest", tag.registry + "/" + tag.repository + "@" + image.digest.Text())
      .Field("imageDigest", image.digest.Text())
      .Field("imageId", ImageIdOf(image));
  writer.FieldOrNull("dockerfile", tag.dockerfile);
  writer.Field("userId", account)
      .Field("created_at", FormatTime(tag.created_at))
      .Field("last_updated", FormatTime(tag.updated_at))
      .Field("tag_detected_at", FormatTime(tag.detected_at))
      .EndObject();
}

void WriteContent(JsonWriter& writer, const store::Image& image) {
  writer.Key("image_content").BeginObject().Key("metadata").BeginObject();
  const bool known = image.analysis && image.analysis_status == store::AnalysisStatus::kAnalyzed;
  const auto text = [&](std::string_view key, const std::string& value) {
    writer.FieldOrNull(key, known ? std::optional(value) : std::nullopt);
  };
  const auto number = [&](std::string_view key, std::int64_t value) {
    writer.Key(key);
    if (known)
      writer.Integer(value);
    else
      writer.Null();
  };
  const store::AnalysisSummary analysis = image.analysis.value_or(store::AnalysisSummary{});
  text("arch", analysis.architecture);
  text("distro", analysis.distro);
  text("distro_version", analysis.distro_version);
  text("dockerfile_mode", image.dockerfile_mode.value_or("Guessed"));
  number("image_size", analysis.size_bytes);
  number("layer_count", analysis.layers);
  writer.EndObject().EndObject();
}

// A JSON object that is stored as text, or {}.
void WriteAnnotations(JsonWriter& writer, const store::Image& image) {
  writer.Key("annotations").BeginObject();
  if (image.annotations) {
    if (const auto document = io::JsonDocument::Parse(*image.annotations)) {
      const io::JsonView root = document->Root();
      for (std::size_t i = 0; i < root.Size(); ++i) writer.Field(root.KeyAt(i), root.At(i).StringOr(""));
    }
  }
  writer.EndObject();
}

// Not one of Anchore's fields.
void WriteWait(JsonWriter& writer, const service::QueueWait& wait) {
  writer.Key("analysis_queue").BeginObject().Key("jobs_ahead").Integer(wait.jobs_ahead).Key("wait_seconds");
  if (wait.seconds)
    writer.Integer(*wait.seconds);
  else
    writer.Null();
  writer.EndObject();
}

}  // namespace

void WriteImage(JsonWriter& writer, const store::Image& image, std::string_view account, const Waits& waits) {
  writer.BeginObject()
      .Field("imageDigest", image.digest.Text())
      .Field("parentDigest", image.parent_digest.value_or(image.digest).Text())
      .Field("userId", account)
      .Field("image_type", "docker");
  WriteAnnotations(writer, image);
  writer.Field("analysis_status", store::AnalysisStatusName(image.analysis_status))
      .Field("image_status", store::ImageStatusName(image.image_status))
      .Field("created_at", FormatTime(image.created_at))
      .Field("last_updated", FormatTime(image.updated_at));
  TimeOrNull(writer, "analyzed_at", image.analyzed_at);
  // Why the last analysis ended without a result; absent while all is well.
  if (image.failure) writer.Field("analysis_status_detail", *image.failure);
  if (const auto wait = waits.find(image.row); wait != waits.end()) WriteWait(writer, wait->second);
  writer.Field("record_version", "1");
  WriteContent(writer, image);
  writer.Key("image_detail").BeginArray();
  for (const store::ImageTag& tag : image.tags) WriteTag(writer, image, tag, account);
  writer.EndArray().EndObject();
}

std::string ImageListJson(const std::vector<store::Image>& images, std::string_view account, const Waits& waits) {
  JsonWriter writer;
  writer.BeginArray();
  for (const store::Image& image : images) WriteImage(writer, image, account, waits);
  writer.EndArray();
  return writer.Take();
}

std::string TagSummariesJson(const std::vector<store::TagSummary>& summaries) {
  JsonWriter writer;
  writer.BeginArray();
  for (const store::TagSummary& summary : summaries) {
    writer.BeginObject()
        .Field("imageDigest", summary.digest.Text())
        .Field("parentDigest", summary.parent_digest.value_or(summary.digest).Text())
        .Field("imageId", summary.image_id ? summary.image_id->Hex() : std::string())
        .Field("analysis_status", store::AnalysisStatusName(summary.analysis_status))
        .Field("image_status", store::ImageStatusName(summary.image_status))
        .Field("fulltag", summary.full_tag)
        .Key("created_at")
        .Integer(summary.created_at / 1000);
    SecondsOrNull(writer, "analyzed_at", summary.analyzed_at);
    writer.Key("tag_detected_at").Integer(summary.detected_at / 1000).EndObject();
  }
  writer.EndArray();
  return writer.Take();
}

}  // namespace holdfast::api
