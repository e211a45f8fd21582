#include "service/imports.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/base64.h"
#include "base/elapsed.h"
#include "base/format.h"
#include "base/request_scope.h"
#include "base/wire.h"
#include "crypto/random.h"
#include "image/manifest.h"
#include "io/json.h"
#include "io/sha256.h"
#include "sbom/syft_json.h"
#include "service/analysis_store.h"
#include "service/platform_observer.h"
#include "service/registries.h"
#include "service/subscriptions.h"
#include "service/work.h"
#include "store/jobs.h"

namespace holdfast::service {
namespace {

constexpr std::array<std::string_view, 5> kKinds = {"packages", "dockerfile", "manifest", "parent_manifest",
                                                    "image_config"};

std::unexpected<Error> NoImport(std::string_view uuid) {
  return Fail(ErrorKind::kNotFound, Format("import '{}' is not known to this account", uuid.substr(0, 64)));
}

void ExpireInView(store::Import& import, std::int64_t now) {
  if (import.status == "pending" && import.expires_at < now) import.status = "expired";
}

// The caller's documents: whatever is wrong with them is the caller's to mend.
std::unexpected<Error> Bad(std::string_view kind, const Error& error) {
  return Fail(error.Kind() == ErrorKind::kLimit ? ErrorKind::kLimit : ErrorKind::kInvalidInput,
              Format("{}: {}", kind, error.Message()));
}

Result<void> CheckKind(const Platform& platform, std::string_view kind, std::string_view bytes) {
  if (std::ranges::find(kKinds, kind) == kKinds.end())
    return Fail(ErrorKind::kInvalidInput, Format("'{}' is no kind of import content", kind));
  if (bytes.empty()) return Fail(ErrorKind::kInvalidInput, Format("{}: nothing was sent", kind));
  if (bytes.size() > kImportBytesMax)
    return Fail(ErrorKind::kLimit, Format("{}: more than {} bytes", kind, kImportBytesMax));
  if (kind == "packages") {
    const auto parsed = sbom::ParseSyftJson(bytes, platform.limits);
    if (!parsed) return Bad(kind, parsed.error());
    return {};
  }
  if (kind == "dockerfile") {
    if (!io::IsUtf8(bytes)) return Fail(ErrorKind::kInvalidInput, "dockerfile: not UTF-8");
    return {};
  }
  const auto document = io::JsonDocument::Parse(
      bytes, {.bytes_max = platform.limits.document_bytes_max, .depth_max = platform.limits.document_depth_max});
  if (!document) return Bad(kind, document.error());
  if (!document->Root().IsObject()) return Fail(ErrorKind::kInvalidInput, Format("{}: not a JSON object", kind));
  return {};
}

// What the session has of one kind under that digest.
Result<std::string> LoadContent(const Platform& platform, const std::vector<store::ImportContent>& contents,
                                std::string_view kind, const Digest& digest) {
  const auto found = std::ranges::find_if(
      contents, [&](const auto& content) { return content.kind == kind && content.digest == digest; });
  if (found == contents.end())
    return Fail(ErrorKind::kInvalidInput, Format("the import has no {} {}", kind, digest.Text()));
  return platform.objects.GetBytes(found->object_key, kImportBytesMax);
}

struct ImportDocuments {
  std::string packages, manifest, config;
  std::optional<std::string> parent_manifest, dockerfile;
};

Result<ImportDocuments> LoadDocuments(const Platform& platform, const ImportManifest& manifest) {
  HF_TRY(const auto contents, platform.database.Read([&](store::Session& session) {
    return store::ListImportContents(session, manifest.operation_uuid, "");
  }));
  ImportDocuments documents;
  HF_TRY(documents.packages, LoadContent(platform, contents, "packages", manifest.packages));
  HF_TRY(documents.manifest, LoadContent(platform, contents, "manifest", manifest.manifest));
  HF_TRY(documents.config, LoadContent(platform, contents, "image_config", manifest.image_config));
  if (manifest.parent_manifest) {
    HF_TRY(documents.parent_manifest, LoadContent(platform, contents, "parent_manifest", *manifest.parent_manifest));
  }
  if (manifest.dockerfile) {
    HF_TRY(documents.dockerfile, LoadContent(platform, contents, "dockerfile", *manifest.dockerfile));
  }
  return documents;
}

// Layers as the manifest has them. The indices of packages' layers stay right: both count from the base.
void TakeLayers(const image::Manifest& manifest, const image::Config& config, model::ImageAnalysis& analysis) {
  if (!analysis.layers.empty() && analysis.layers.size() != manifest.layers.size()) return;
  analysis.layers.resize(manifest.layers.size());
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    model::LayerSummary& layer = analysis.layers[i];
    layer.digest = manifest.layers[i].digest.Text();
    layer.media_type = manifest.layers[i].media_type;
    // All that is known of the image's size is what the manifest says.
    layer.compressed_bytes = layer.bytes = manifest.layers[i].size_bytes;
    if (i < config.diff_ids.size()) layer.diff_id = config.diff_ids[i].Text();
  }
}

Result<model::ImageAnalysis> Analyse(const Platform& platform, const ImportManifest& wanted,
                                     const ImportDocuments& documents) {
  auto parsed = sbom::ParseSyftJson(documents.packages, platform.limits);
  if (!parsed) return Bad("packages", parsed.error());
  const auto document = image::ParseDocument(documents.manifest, "", platform.limits);
  if (!document) return Bad("manifest", document.error());
  const auto* manifest = std::get_if<image::Manifest>(&*document);
  if (manifest == nullptr) return Fail(ErrorKind::kInvalidInput, "manifest: this is an index of several images");
  const auto config = image::ParseConfig(documents.config, platform.limits);
  if (!config) return Bad("image_config", config.error());
  model::ImageAnalysis analysis = *std::move(parsed);
  TakeLayers(*manifest, *config, analysis);
  analysis.source.kind = "import";
  analysis.source.tags = wanted.tags;
  analysis.source.manifest_digest = wanted.digest.Text();
  analysis.source.image_id = wanted.image_config.Text();
  analysis.source.architecture = config->platform.architecture;
  analysis.source.os = config->platform.os;
  analysis.source.variant = config->platform.variant;
  analysis.source.created = config->created;
  analysis.source.labels = config->labels;
  return analysis;
}

Digest ContentKeyOf(const store::Account& account, const ImportManifest& manifest) {
  WireWriter writer;
  writer.Text("import").Signed(account.id).Text(manifest.digest.Text());
  writer.Text(manifest.packages.Text()).Text(manifest.manifest.Text()).Text(manifest.image_config.Text());
  return Digest(io::Sha256Of(writer.Take()));
}

// The image's annotations with those given and the session's.
std::string MergeAnnotations(const std::optional<std::string>& before, const std::optional<std::string>& given,
                             std::string_view uuid) {
  std::vector<std::pair<std::string, std::string>> merged;
  const auto set = [&](std::string_view key, std::string_view value) {
    const auto found = std::ranges::find(merged, key, [](const auto& pair) { return std::string_view(pair.first); });
    if (found == merged.end())
      merged.emplace_back(key, value);
    else
      found->second = value;
  };
  for (const std::optional<std::string>* text : {&before, &given}) {
    const auto document = io::JsonDocument::Parse(text->value_or("{}"));
    if (!document) continue;
    const io::JsonView root = document->Root();
    for (std::size_t i = 0; i < root.Size(); ++i) set(root.KeyAt(i), root.At(i).StringOr(""));
  }
  set(kImportAnnotation, uuid);
  io::JsonWriter writer;
  writer.BeginObject();
  for (const auto& [key, value] : merged) writer.Field(key, value);
  writer.EndObject();
  return writer.Take();
}

// Everything that is known before the transaction.
struct Prepared {
  const ImportManifest& manifest;
  const ImportOptions& options;
  model::ImageAnalysis analysis;
  Digest content_key = {};
  std::optional<Digest> image_id = std::nullopt;
  std::optional<std::string> dockerfile = std::nullopt;  // base64
  std::vector<ImageName> names = {};
  std::vector<store::ImageDocument> documents = {};
};

Result<std::vector<ImageName>> NamesOf(const ImportManifest& manifest) {
  std::vector<ImageName> names;
  for (const std::string& tag : manifest.tags) {
    HF_TRY(auto name, ParseImageName(tag));
    if (name.tag.empty()) return Fail(ErrorKind::kInvalidInput, Format("'{}' has no tag", tag));
    names.push_back(std::move(name));
  }
  if (names.empty()) return Fail(ErrorKind::kInvalidInput, "an imported image needs a tag");
  return names;
}

Result<std::vector<store::ImageDocument>> StoreDocuments(const Platform& platform, const ImportDocuments& documents) {
  std::vector<store::ImageDocument> stored;
  const auto add = [&](std::string kind, const std::string& text) -> Result<void> {
    HF_TRY(std::string key, PutDocument(platform, text));
    stored.push_back({std::move(kind), std::move(key)});
    return {};
  };
  HF_CHECK_OK(add("sbom", documents.packages));
  HF_CHECK_OK(add("manifest", documents.manifest));
  HF_CHECK_OK(add("config", documents.config));
  if (documents.parent_manifest) HF_CHECK_OK(add("parent_manifest", *documents.parent_manifest));
  if (documents.dockerfile) HF_CHECK_OK(add("dockerfile", *documents.dockerfile));
  return stored;
}

// Requires: its analysis is there.
Result<void> Prepare(const Platform& platform, const store::Account& account, const ImportDocuments& documents,
                     Prepared& prepared) {
  const ImportManifest& manifest = prepared.manifest;
  prepared.content_key = ContentKeyOf(account, manifest);
  HF_TRY(prepared.names, NamesOf(manifest));
  const auto local_id = Sha256Value::FromHex(
      manifest.local_image_id.starts_with("sha256:") ? manifest.local_image_id.substr(7) : manifest.local_image_id);
  prepared.image_id = local_id ? Digest(*local_id) : manifest.image_config;
  if (documents.dockerfile) prepared.dockerfile = EncodeBase64(*documents.dockerfile);
  HF_TRY(prepared.documents, StoreDocuments(platform, documents));
  return StoreAnalysisObject(platform, prepared.content_key, prepared.analysis);
}

Result<void> RecordTags(store::Session& session, const store::Account& account, const Prepared& prepared,
                        std::int64_t image_row, std::int64_t now) {
  for (const ImageName& name : prepared.names) {
    HF_CHECK_OK(store::UpsertTag(session, account.id,
                                 {.image_row = image_row,
                                  .registry = name.registry,
                                  .repository = name.repository,
                                  .tag = name.tag,
                                  .dockerfile = prepared.dockerfile,
                                  .detected_at = now,
                                  .created_at = now,
                                  .updated_at = now}));
    HF_CHECK_OK(EnsureTagSubscriptions(session, account, name.FullTag(), prepared.options.watch_tag, now));
  }
  return {};
}

Result<store::Image> Record(const Platform& platform, store::Session& session, const store::Account& account,
                            const Prepared& prepared) {
  const std::int64_t now = platform.Now();
  const ImportManifest& manifest = prepared.manifest;
  HF_TRY(const bool moved, store::MoveImport(session, manifest.operation_uuid, "pending", "complete"));
  if (!moved) return Fail(ErrorKind::kInvalidInput, "the import is not pending any more");
  HF_TRY(const auto before, store::FindImage(session, account.id, manifest.digest));
  const bool known = before && before->digest == manifest.digest;
  HF_TRY(const auto image,
         store::UpsertImage(session,
                            {.account_id = account.id,
                             .digest = manifest.digest,
                             .parent_digest = manifest.parent_digest,
                             .image_id = prepared.image_id,
                             .annotations = MergeAnnotations(known ? before->annotations : std::nullopt,
                                                             prepared.options.annotations, manifest.operation_uuid),
                             .created_at = now,
                             .request_id = std::string(RequestScope::Current())},
                            now));
  const bool active = image.image_status == store::ImageStatus::kActive;
  if (active && image.analysis_status == store::AnalysisStatus::kAnalyzed && !prepared.options.force)
    return Fail(ErrorKind::kConflict,
                Format("image {} is analyzed already: use force to replace its analysis", manifest.digest.Text()));
  if (!active) HF_CHECK_OK(store::SetImageStatus(session, image.row, store::ImageStatus::kActive, now));
  HF_CHECK_OK(store::CancelJob(session, kAnalyzeJob, std::to_string(image.row)));
  HF_CHECK_OK(RecordTags(session, account, prepared, image.row, now));
  HF_CHECK_OK(store::PutImageDocuments(session, image.row, prepared.documents));
  HF_TRY(const std::int64_t analysis_id, RecordAnalysis(session, prepared.content_key, prepared.analysis, now));
  const store::NewImageAnalysis given{image.row, analysis_id};
  HF_CHECK_OK(store::SetAnalyses(session, {&given, 1}, store::AnalysisStatus::kAnalyzing, now));
  HF_CHECK_OK(session.Notify("matching"));
  HF_TRY(auto stored, store::FindImageByRow(session, image.row));
  if (!stored) return Fail(ErrorKind::kUnavailable, "an image vanished while it was imported");
  return *std::move(stored);
}

Result<store::Image> Import(const Platform& platform, const store::Account& account, const ImportManifest& manifest,
                            const ImportOptions& options) {
  const auto import = GetImport(platform, account, manifest.operation_uuid);
  if (!import && import.error().Kind() == ErrorKind::kNotFound)
    return Fail(ErrorKind::kInvalidInput, import.error().Message());
  HF_CHECK_OK(import);
  if (import->status != "pending")
    return Fail(ErrorKind::kInvalidInput, Format("the import is {}, not pending", import->status));
  HF_TRY(const auto documents, LoadDocuments(platform, manifest));
  auto analysis = Analyse(platform, manifest, documents);
  if (!analysis) {
    HF_CHECK_OK(platform.database.Write(
        [&](store::Session& session) { return store::MoveImport(session, import->uuid, "pending", "failed"); }));
    return std::unexpected(analysis.error());
  }
  Prepared prepared{.manifest = manifest, .options = options, .analysis = *std::move(analysis)};
  HF_CHECK_OK(Prepare(platform, account, documents, prepared));
  return platform.database.Write([&](store::Session& session) { return Record(platform, session, account, prepared); });
}

}  // namespace

Result<store::Import> CreateImport(const Platform& platform, const store::Account& account) {
  const std::int64_t now = platform.Now();
  store::Import import{.uuid = crypto::Uuid4(),
                       .account_id = account.id,
                       .status = "pending",
                       .created_at = now,
                       .expires_at = now + kImportLifeMs};
  HF_CHECK_OK(platform.database.Write([&](store::Session& session) { return store::InsertImport(session, import); }));
  return import;
}

Result<std::vector<store::Import>> ListImports(const Platform& platform, const store::Account& account) {
  HF_TRY(auto imports,
         platform.database.Read([&](store::Session& session) { return store::ListImports(session, account.id); }));
  for (store::Import& import : imports) ExpireInView(import, platform.Now());
  return imports;
}

Result<store::Import> GetImport(const Platform& platform, const store::Account& account, std::string_view uuid) {
  HF_TRY(auto import,
         platform.database.Read([&](store::Session& session) { return store::FindImport(session, account.id, uuid); }));
  if (!import) return NoImport(uuid);
  ExpireInView(*import, platform.Now());
  return *std::move(import);
}

Result<store::Import> InvalidateImport(const Platform& platform, const store::Account& account, std::string_view uuid) {
  HF_TRY(const auto import, GetImport(platform, account, uuid));
  if (import.status != "pending") return import;
  HF_CHECK_OK(platform.database.Write(
      [&](store::Session& session) { return store::MoveImport(session, uuid, "pending", "invalidated"); }));
  return GetImport(platform, account, uuid);
}

Result<std::vector<store::ImportContent>> ListImportContents(const Platform& platform, const store::Account& account,
                                                             std::string_view uuid, std::string_view kind) {
  HF_CHECK_OK(GetImport(platform, account, uuid));
  return platform.database.Read(
      [&](store::Session& session) { return store::ListImportContents(session, uuid, kind); });
}

Result<store::ImportContent> UploadImportContent(const Platform& platform, const store::Account& account,
                                                 std::string_view uuid, std::string_view kind, std::string_view bytes) {
  HF_TRY(const auto import, GetImport(platform, account, uuid));
  const auto not_pending = [&](std::string_view status) {
    return Fail(ErrorKind::kInvalidInput, Format("the import is {}: it takes no more content", status));
  };
  if (import.status != "pending") return not_pending(import.status);
  HF_CHECK_OK(CheckKind(platform, kind, bytes));
  store::ImportContent content{.import_uuid = import.uuid,
                               .kind = std::string(kind),
                               .digest = Digest(io::Sha256Of(bytes)),
                               .created_at = platform.Now()};
  content.object_key = Format("imports/{}/{}/{}", import.uuid, kind, content.digest.Hex());
  HF_CHECK_OK(platform.objects.PutBytes(content.object_key, bytes));
  return platform.database.Write([&](store::Session& session) -> Result<store::ImportContent> {
    // Locks the session: one that is given up meanwhile gets no content that nobody would remove.
    HF_TRY(const bool pending, store::MoveImport(session, import.uuid, "pending", "pending"));
    if (!pending) return not_pending("not pending any more");
    HF_CHECK_OK(store::PutImportContent(session, content));
    return content;
  });
}

Result<store::Image> AddImportedImage(const Platform& platform, const store::Account& account,
                                      const ImportManifest& manifest, const ImportOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  auto image = Import(platform, account, manifest, options);
  if (platform.observer != nullptr) platform.observer->Imported(image.has_value(), MillisecondsSince(start));
  return image;
}

}  // namespace holdfast::service
