#include "api/archive_handlers.h"

#include <algorithm>
#include <string>
#include <vector>

#include "api/call_account.h"
#include "api/error_response.h"
#include "api/image_json.h"
#include "base/clock.h"
#include "service/archive_rules.h"
#include "service/archives.h"

namespace holdfast::api {
namespace {

using io::JsonWriter;

void WriteAnnotations(JsonWriter& writer, const std::optional<std::string>& annotations) {
  writer.Key("annotations");
  const auto document = io::JsonDocument::Parse(annotations.value_or("{}"));
  if (document && document->Root().IsObject())
    writer.Copy(document->Root());
  else
    writer.BeginObject().EndObject();
}

void WriteArchived(JsonWriter& writer, const store::ArchivedImage& image) {
  writer.BeginObject()
      .Field("imageDigest", image.digest.Text())
      .Field("parentDigest", image.parent_digest.value_or(image.digest).Text());
  WriteAnnotations(writer, image.annotations);
  writer.Field("status", image.status).Key("image_detail").BeginArray();
  for (const store::ImageTag& tag : service::TagsOf(image))
    writer.BeginObject()
        .Field("pullstring", tag.FullTag())
        .Field("registry", tag.registry)
        .Field("repository", tag.repository)
        .Field("tag", tag.tag)
        .Field("detected_at", FormatTime(tag.detected_at))
        .EndObject();
  writer.EndArray()
      .Field("created_at", FormatTime(image.created_at))
      .Field("last_updated", FormatTime(image.updated_at))
      .Field("analyzed_at", FormatTime(image.analyzed_at.value_or(image.created_at)))
      .Key("archive_size_bytes")
      .Integer(image.size_bytes)
      .EndObject();
}

// The newest of some times, or null.
class Newest {
 public:
  void Add(std::int64_t ms) { ms_ = std::max(ms_, ms); }
  void Write(JsonWriter& writer) const {
    writer.Key("last_updated");
    if (ms_ > 0)
      writer.String(FormatTime(ms_));
    else
      writer.Null();
  }

 private:
  std::int64_t ms_ = 0;
};

http::ServerResponse RuleResponse(const service::ArchiveRule& rule) {
  JsonWriter writer;
  rule.Write(writer);
  return JsonResponse(writer.Take());
}

}  // namespace

Result<http::ServerResponse> ImportImageArchive(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  const auto part = std::ranges::find(call.parts, "archive_file", &FormPart::name);
  if (part == call.parts.end()) return Fail(ErrorKind::kInvalidInput, "archive_file is required");
  HF_TRY(const auto image, service::ImportArchive(context.Use().platform, account, part->content));
  return JsonResponse(ImageListJson({image}, account.name));
}

Result<http::ServerResponse> GetArchiveSummary(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto images, service::ListArchived(context.Use().platform, account));
  HF_TRY(const auto rules, service::ListArchiveRules(context.Use().platform, account, true));
  std::size_t tags = 0;
  std::int64_t bytes = 0;
  Newest newest_image, newest_rule;
  for (const store::ArchivedImage& image : images) {
    tags += service::TagsOf(image).size();
    bytes += image.size_bytes;
    newest_image.Add(image.updated_at);
  }
  for (const service::ArchiveRule& rule : rules) newest_rule.Add(rule.updated_at);
  JsonWriter writer;
  writer.BeginObject().Key("images").BeginObject();
  writer.Key("total_image_count").Unsigned(images.size()).Key("total_tag_count").Unsigned(tags);
  writer.Key("total_data_bytes").Integer(bytes);
  newest_image.Write(writer);
  writer.EndObject().Key("rules").BeginObject().Key("count").Unsigned(rules.size());
  newest_rule.Write(writer);
  writer.EndObject().EndObject();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> ListArchiveRules(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto rules,
         service::ListArchiveRules(context.Use().platform, account, call.params.Bool("system_global", true)));
  JsonWriter writer;
  writer.BeginArray();
  for (const service::ArchiveRule& rule : rules) rule.Write(writer);
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> AddArchiveRule(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(auto rule, service::ReadArchiveRule(call.body));
  if (rule.system_global && !call.identity.administers)
    return Fail(ErrorKind::kDenied, "a rule for all accounts is made by an administrator only");
  HF_TRY(const auto added, service::AddArchiveRule(context.Use().platform, account, std::move(rule)));
  return RuleResponse(added);
}

Result<http::ServerResponse> GetArchiveRule(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto rule, service::GetArchiveRule(context.Use().platform, account, call.params.Text("ruleId")));
  return RuleResponse(rule);
}

Result<http::ServerResponse> DeleteArchiveRule(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_CHECK_OK(service::RemoveArchiveRule(context.Use().platform, account, call.params.Text("ruleId"),
                                         call.identity.administers));
  return EmptyResponse();
}

Result<http::ServerResponse> ListArchivedImages(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto images, service::ListArchived(context.Use().platform, account));
  JsonWriter writer;
  writer.BeginArray();
  for (const store::ArchivedImage& image : images) WriteArchived(writer, image);
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> ArchiveImages(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  JsonWriter writer;
  writer.BeginArray();
  for (const io::JsonView digest : call.body) {
    HF_TRY(const auto archived, service::ArchiveImage(context.Use().platform, account, digest.StringOr("")));
    writer.BeginObject()
        .Field("digest", archived.digest)
        .Field("status", archived.status)
        .Field("detail", archived.detail)
        .EndObject();
  }
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> GetArchivedImage(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto image, service::GetArchived(context.Use().platform, account, call.params.Text("imageDigest")));
  JsonWriter writer;
  WriteArchived(writer, image);
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> DeleteArchivedImage(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_CHECK_OK(service::DeleteArchived(context.Use().platform, account, call.params.Text("imageDigest"),
                                      call.params.Bool("force")));
  return EmptyResponse();
}

Result<http::ServerResponse> RestoreArchivedImage(Context& context, const store::Account& account,
                                                  std::string_view digest) {
  HF_TRY(const auto image, service::RestoreImage(context.Use().platform, account, digest));
  return JsonResponse(ImageListJson({image}, account.name));
}

}  // namespace holdfast::api
