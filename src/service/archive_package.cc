#include "service/archive_package.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/format.h"
#include "image/tar_header.h"
#include "io/decompress.h"
#include "io/json.h"
#include "io/tar.h"

namespace holdfast::service {
namespace {

constexpr std::uint64_t kUnpackedBytesMax = 512 * kMiB;
constexpr std::size_t kMembersMax = 20'000;
constexpr std::size_t kTagsMax = 10'000;
constexpr io::JsonLimits kManifestJson = {.bytes_max = 64 * kMiB, .depth_max = 32};

// Writing.

class TarWriter {
 public:
  void Add(const std::string& path, std::string_view content) {
    tar_ += image::TarHeader({.path = path, .mode = 0644, .size = content.size()});
    tar_ += content;
    tar_.append(image::TarPadding(content.size()), '\0');
  }
  [[nodiscard]] std::string Finish() {
    tar_ += image::TarEnd();
    return io::CompressGzip(AsBytes(tar_));
  }

 private:
  std::string tar_;
};

void WriteRecord(io::JsonWriter& writer, const store::Image& image) {
  const auto text = [](const std::optional<Digest>& digest) {
    return digest ? std::optional(digest->Text()) : std::nullopt;
  };
  writer.BeginObject().Field("digest", image.digest.Text());
  writer.FieldOrNull("parent_digest", text(image.parent_digest));
  writer.FieldOrNull("image_id", text(image.image_id));
  writer.FieldOrNull("annotations", image.annotations);
  writer.FieldOrNull("dockerfile_mode", image.dockerfile_mode);
  writer.Key("created_at").Integer(image.created_at);
  writer.Key("analyzed_at").Integer(image.analyzed_at.value_or(image.created_at));
  writer.Field("content_key", image.analysis->content_key.Text());
  writer.Key("analysis_version").Integer(image.analysis->version).Key("tags").BeginArray();
  for (const store::ImageTag& tag : image.tags) {
    writer.BeginObject().Field("registry", tag.registry).Field("repository", tag.repository).Field("tag", tag.tag);
    writer.FieldOrNull("dockerfile", tag.dockerfile);
    writer.Key("detected_at").Integer(tag.detected_at).Key("created_at").Integer(tag.created_at).EndObject();
  }
  writer.EndArray().EndObject();
}

void WriteArtifact(io::JsonWriter& writer, std::string_view name, std::string_view metadata, std::string_view bucket,
                   std::string_view path) {
  writer.BeginObject().Field("name", name).Key("metadata").Raw(metadata);
  writer.Key("source").BeginObject().Field("bucket", bucket).Field("key", path).EndObject();
  writer.Key("dest").BeginObject().Field("tarfile_path", path).EndObject().EndObject();
}

std::string EvaluationMetadata(const store::Evaluation& evaluation) {
  io::JsonWriter writer;
  writer.BeginObject()
      .Field("tag", evaluation.tag)
      .Field("policy_id", evaluation.policy_id)
      .Field("final_action", evaluation.final_action)
      .Field("key", evaluation.key.Hex())
      .Key("created_at")
      .Integer(evaluation.created_at)
      .EndObject();
  return writer.Take();
}

std::string DocumentPath(std::string_view kind) { return Format("documents/{}", kind); }
std::string EvaluationPath(std::size_t number) { return Format("evaluations/{}", number); }

std::string WriteManifest(const ArchivePackage& package) {
  io::JsonWriter writer;
  writer.BeginObject().Field("account", package.account).Field("image_digest", package.image.digest.Text());
  writer.Key("metadata").BeginObject().Key("versions").BeginObject();
  writer.Field("service", package.service_version).Field("db", "1").EndObject();
  writer.Field("image_id", package.image.image_id ? package.image.image_id->Hex() : "").Key("image_record");
  WriteRecord(writer, package.image);
  writer.EndObject().Key("artifacts").BeginArray();
  WriteArtifact(writer, "analysis", "{}", "analysis_data", "analysis");
  for (const auto& [kind, content] : package.documents)
    WriteArtifact(writer, "document", Format("{{\"kind\":\"{}\"}}", kind), "manifest_data", DocumentPath(kind));
  for (std::size_t i = 0; i < package.evaluations.size(); ++i)
    WriteArtifact(writer, "evaluation", EvaluationMetadata(package.evaluations[i]), "policy_evaluations",
                  EvaluationPath(i));
  WriteArtifact(writer, "vulnerabilities", "{}", "vulnerabilities", "vulnerabilities");
  writer.EndArray().EndObject();
  return writer.Take();
}

// Reading.

using Members = std::map<std::string, std::string, std::less<>>;

std::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorKind::kInvalidInput, Format("this is no archive of an analysis: {}", what));
}

Result<Members> ReadMembers(std::string_view bytes, Limits limits) {
  limits.layer_bytes_max = std::min(limits.layer_bytes_max, kUnpackedBytesMax);
  io::MemorySource source(bytes);
  HF_TRY(const auto inflated, io::OpenDecompressor(source, limits));
  io::TarReader tar(*inflated, limits);
  Members members;
  std::uint64_t left = kUnpackedBytesMax;
  while (true) {
    HF_TRY(const io::TarEntry* entry, tar.Next());
    if (entry == nullptr) return members;
    if (entry->type != io::TarType::kRegular || entry->hole_bytes > 0) continue;
    if (members.size() >= kMembersMax) return Fail(ErrorKind::kLimit, Format("more than {} members", kMembersMax));
    const std::string path = entry->path;
    HF_TRY(std::string content, tar.Content().ReadText(left));
    left -= content.size();
    members.insert_or_assign(path, std::move(content));
  }
}

std::optional<std::string> OptionalText(io::JsonView view) {
  const auto text = view.String();
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

// Milliseconds, of the years that times can be written in.
std::int64_t TimeOf(io::JsonView view, std::int64_t fallback) {
  constexpr std::int64_t kYear10000 = 253'402'300'800'000;
  return std::clamp<std::int64_t>(view.Integer().value_or(fallback), 0, kYear10000 - 1);
}

Result<std::optional<Digest>> OptionalDigest(io::JsonView view) {
  if (view.IsNull()) return std::nullopt;
  HF_TRY(const Digest digest, Digest::Parse(view.StringOr("")));
  return digest;
}

Result<store::Image> ReadRecord(io::JsonView record) {
  store::Image image;
  HF_TRY(image.digest, Digest::Parse(record["digest"].StringOr("")));
  HF_TRY(image.parent_digest, OptionalDigest(record["parent_digest"]));
  HF_TRY(image.image_id, OptionalDigest(record["image_id"]));
  image.annotations = OptionalText(record["annotations"]);
  if (image.annotations) {
    const auto annotations = io::JsonDocument::Parse(*image.annotations);
    if (!annotations || !annotations->Root().IsObject()) return Malformed("its annotations are no object");
  }
  image.dockerfile_mode = OptionalText(record["dockerfile_mode"]);
  image.created_at = TimeOf(record["created_at"], 0);
  image.analyzed_at = TimeOf(record["analyzed_at"], image.created_at);
  HF_TRY(const Digest content_key, Digest::Parse(record["content_key"].StringOr("")));
  image.analysis =
      store::AnalysisSummary{.content_key = content_key, .version = record["analysis_version"].Integer().value_or(0)};
  for (const io::JsonView tag : record["tags"]) {
    if (image.tags.size() >= kTagsMax) return Fail(ErrorKind::kLimit, Format("more than {} tags", kTagsMax));
    image.tags.push_back({.registry = std::string(tag["registry"].StringOr("")),
                          .repository = std::string(tag["repository"].StringOr("")),
                          .tag = std::string(tag["tag"].StringOr("")),
                          .dockerfile = OptionalText(tag["dockerfile"]),
                          .detected_at = TimeOf(tag["detected_at"], image.created_at),
                          .created_at = TimeOf(tag["created_at"], image.created_at)});
    const store::ImageTag& last = image.tags.back();
    if (last.registry.empty() || last.repository.empty() || last.tag.empty()) return Malformed("a tag has no name");
  }
  return image;
}

Result<void> TakeArtifact(io::JsonView artifact, Members& members, ArchivePackage& package) {
  const auto member = members.find(artifact["dest"]["tarfile_path"].StringOr(""));
  if (member == members.end()) return Malformed("a member is missing");
  const std::string_view name = artifact["name"].StringOr("");
  const io::JsonView metadata = artifact["metadata"];
  if (name == "analysis") {
    package.analysis = std::move(member->second);
  } else if (name == "document") {
    package.documents.emplace_back(metadata["kind"].StringOr(""), std::move(member->second));
  } else if (name == "evaluation") {
    HF_TRY(const auto key, Sha256Value::FromHex(metadata["key"].StringOr("")));
    package.evaluations.push_back({.tag = std::string(metadata["tag"].StringOr("")),
                                   .policy_id = std::string(metadata["policy_id"].StringOr("")),
                                   .final_action = std::string(metadata["final_action"].StringOr("")),
                                   .key = key,
                                   .document = std::move(member->second),
                                   .created_at = TimeOf(metadata["created_at"], 0)});
  }
  return {};
}

Result<ArchivePackage> Unpack(std::string_view bytes, const Limits& limits) {
  HF_TRY(Members members, ReadMembers(bytes, limits));
  const auto found = members.find("archive_manifest");
  if (found == members.end()) return Malformed("it has no archive_manifest");
  HF_TRY(const auto document, io::JsonDocument::Parse(found->second, kManifestJson));
  const io::JsonView root = document.Root();
  ArchivePackage package{.account = std::string(root["account"].StringOr("")),
                         .service_version = std::string(root["metadata"]["versions"]["service"].StringOr(""))};
  HF_TRY(package.image, ReadRecord(root["metadata"]["image_record"]));
  if (package.image.digest.Text() != root["image_digest"].StringOr("")) return Malformed("it speaks of two images");
  for (const io::JsonView artifact : root["artifacts"]) HF_CHECK_OK(TakeArtifact(artifact, members, package));
  if (package.analysis.empty()) return Malformed("it has no analysis");
  return package;
}

}  // namespace

std::string PackArchive(const ArchivePackage& package) {
  TarWriter tar;
  tar.Add("archive_manifest", WriteManifest(package));
  tar.Add("analysis", package.analysis);
  for (const auto& [kind, content] : package.documents) tar.Add(DocumentPath(kind), content);
  for (std::size_t i = 0; i < package.evaluations.size(); ++i)
    tar.Add(EvaluationPath(i), package.evaluations[i].document);
  tar.Add("vulnerabilities", package.vulnerabilities);
  return tar.Finish();
}

Result<ArchivePackage> UnpackArchive(std::string_view bytes, const Limits& limits) {
  auto package = Unpack(bytes, limits);
  if (package || package.error().Kind() == ErrorKind::kLimit) return package;
  return Fail(ErrorKind::kInvalidInput, package.error().Message());
}

}  // namespace holdfast::service
