#include "service/archives.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/wire.h"
#include "io/decompress.h"
#include "io/json.h"
#include "io/sha256.h"
#include "model/image_analysis_wire.h"
#include "sbom/anchore_vulnerabilities.h"
#include "service/analysis_store.h"
#include "service/archive_package.h"
#include "service/events.h"
#include "service/image_report.h"
#include "service/subscriptions.h"
#include "store/analyses.h"
#include "store/policies.h"

namespace holdfast::service {
namespace {

constexpr std::uint64_t kObjectBytesMax = 2 * kGiB;
constexpr std::uint64_t kDocumentBytesMax = 128 * kMiB;
constexpr std::uint64_t kVerdictBytesMax = 1 * kGiB;
constexpr std::uint64_t kAnalysisBytesMax = 512 * kMiB;
constexpr std::int64_t kVerdictsMax = 10'000;
constexpr std::int64_t kListBatch = 1'000;

std::string ArchiveKey(const store::Account& account, const Digest& digest) {
  return Format("analysis_archive/{}/{}.tar.gz", account.id, digest.Hex());
}

std::unexpected<Error> NotArchived(std::string_view digest) {
  return Fail(ErrorKind::kNotFound, Format("image '{}' is not in the archive", digest.substr(0, 128)));
}

Result<void> RaiseImageEvent(const Platform& platform, store::Session& session, const store::Account& account,
                             std::string_view type, std::string_view message, std::string_view digest) {
  return RaiseEvent(platform, session,
                    {.account_id = account.id,
                     .type = std::string(type),
                     .level = type.ends_with("failed") ? "error" : "info",
                     .source = "catalog",
                     .resource_type = "image_digest",
                     .resource_id = std::string(digest),
                     .message = std::string(message)});
}

Result<std::string> ReportJson(const Platform& platform, const store::Image& image) {
  HF_TRY(const auto report, LoadReport(platform, image, {.will_not_fix = true}));
  io::JsonWriter writer;
  writer.BeginArray();
  for (const ReportedFinding& reported : report)
    sbom::WriteAnchoreVulnerability(reported.finding, reported.package, reported.distro, {.vendor_only = false},
                                    writer);
  writer.EndArray();
  return writer.Take();
}

Result<ArchivePackage> Gather(const Platform& platform, const store::Account& account, const store::Image& image) {
  ArchivePackage package{.account = account.name, .service_version = platform.version, .image = image};
  HF_TRY(package.analysis,
         platform.objects.GetBytes(AnalysisKey(image.analysis->content_key, image.analysis->version), kObjectBytesMax));
  HF_TRY(const auto documents, platform.database.Read([&](store::Session& session) {
    return store::ListImageDocuments(session, image.row);
  }));
  for (const store::ImageDocument& document : documents) {
    HF_TRY(std::string content, platform.objects.GetBytes(document.object_key, kDocumentBytesMax));
    package.documents.emplace_back(document.kind, std::move(content));
  }
  HF_TRY(package.evaluations, platform.database.Read([&](store::Session& session) {
    return store::ListEvaluationsOf(session, image.row, kVerdictsMax);
  }));
  for (store::Evaluation& evaluation : package.evaluations) {
    HF_TRY(evaluation.document, io::DecompressZstd(AsBytes(evaluation.document), kVerdictBytesMax));
  }
  HF_TRY(package.vulnerabilities, ReportJson(platform, image));
  return package;
}

std::string TagsJson(const std::vector<store::ImageTag>& tags) {
  io::JsonWriter writer;
  writer.BeginArray();
  for (const store::ImageTag& tag : tags)
    writer.BeginObject()
        .Field("pullstring", tag.FullTag())
        .Field("registry", tag.registry)
        .Field("repository", tag.repository)
        .Field("tag", tag.tag)
        .Key("detected_at")
        .Integer(tag.detected_at)
        .EndObject();
  writer.EndArray();
  return writer.Take();
}

Result<void> Archive(const Platform& platform, const store::Account& account, const store::Image& image) {
  HF_TRY(const auto package, Gather(platform, account, image));
  const std::string bytes = PackArchive(package);
  const std::string key = ArchiveKey(account, image.digest);
  HF_CHECK_OK(platform.objects.PutBytes(key, bytes));
  const std::int64_t now = platform.Now();
  return platform.database.Write([&](store::Session& session) -> Result<void> {
    HF_CHECK_OK(store::PutArchivedImage(session, {.account_id = account.id,
                                                  .digest = image.digest,
                                                  .parent_digest = image.parent_digest,
                                                  .image_id = image.image_id,
                                                  .status = "archived",
                                                  .annotations = image.annotations,
                                                  .tags = TagsJson(image.tags),
                                                  .object_key = key,
                                                  .size_bytes = static_cast<std::int64_t>(bytes.size()),
                                                  .analyzed_at = image.analyzed_at,
                                                  .created_at = now,
                                                  .updated_at = now}));
    return RaiseImageEvent(platform, session, account, "system.analysis_archive.image_archived",
                           "The analysis is in the archive", image.digest.Text());
  });
}

// An archive on its way into the working set.
struct Return {
  ArchivePackage package;
  Digest content_key;
  model::ImageAnalysis analysis;
  std::vector<store::ImageDocument> documents;
};

Result<Return> PrepareReturn(const Platform& platform, ArchivePackage package, const Digest& content_key) {
  Return back{.package = std::move(package), .content_key = content_key};
  HF_TRY(const std::string bytes, io::DecompressZstd(AsBytes(back.package.analysis), kAnalysisBytesMax));
  HF_TRY(back.analysis, model::DecodeImageAnalysis(bytes));
  HF_TRY(const auto known,
         platform.database.Read([&](store::Session& session) { return store::FindAnalysis(session, content_key); }));
  if (!known) HF_CHECK_OK(StoreAnalysisObject(platform, content_key, back.analysis));
  for (const auto& [kind, content] : back.package.documents) {
    HF_TRY(std::string key, PutDocument(platform, content));
    back.documents.push_back({kind, std::move(key)});
  }
  return back;
}

Result<void> ReturnParts(store::Session& session, const store::Account& account, const Return& back,
                         std::int64_t image_row, std::int64_t now) {
  for (store::ImageTag tag : back.package.image.tags) {
    tag.image_row = image_row;
    tag.updated_at = now;
    HF_CHECK_OK(store::UpsertTag(session, account.id, tag));
    HF_CHECK_OK(EnsureTagSubscriptions(session, account, tag.FullTag(), false, now));
  }
  HF_CHECK_OK(store::PutImageDocuments(session, image_row, back.documents));
  for (store::Evaluation evaluation : back.package.evaluations) {
    evaluation.account_id = account.id;
    evaluation.image_row = image_row;
    evaluation.document = io::CompressZstd(AsBytes(evaluation.document));
    HF_CHECK_OK(store::InsertEvaluation(session, std::move(evaluation)));
  }
  return {};
}

// The analysis that the image gets, and whether its findings are known already.
Result<store::Analysis> ReturnAnalysis(store::Session& session, const Return& back, std::int64_t now) {
  HF_TRY(auto known, store::FindAnalysis(session, back.content_key));
  if (known) return *std::move(known);
  HF_TRY(const std::int64_t id, RecordAnalysis(session, back.content_key, back.analysis, now));
  return store::Analysis{.id = id};
}

Result<store::Image> RecordReturn(const Platform& platform, store::Session& session, const store::Account& account,
                                  const Return& back) {
  const store::Image& old = back.package.image;
  const std::int64_t now = platform.Now();
  HF_TRY(const auto present, store::FindImage(session, account.id, old.digest));
  if (present && present->digest == old.digest)
    return Fail(ErrorKind::kConflict, Format("image {} is there already", old.digest.Text()));
  HF_TRY(const auto image, store::UpsertImage(session,
                                              {.account_id = account.id,
                                               .digest = old.digest,
                                               .parent_digest = old.parent_digest,
                                               .image_id = old.image_id,
                                               .annotations = old.annotations,
                                               .created_at = old.created_at},
                                              now));
  HF_CHECK_OK(ReturnParts(session, account, back, image.row, now));
  HF_TRY(const auto analysis, ReturnAnalysis(session, back, now));
  const bool matched = analysis.matched_generation != 0;
  const store::NewImageAnalysis given{image.row, analysis.id};
  const auto status = matched ? store::AnalysisStatus::kAnalyzed : store::AnalysisStatus::kAnalyzing;
  HF_CHECK_OK(store::SetAnalyses(session, {&given, 1}, status, now));
  HF_CHECK_OK(store::RestoreImageTimes(session, image.row, old.created_at, old.analyzed_at));
  if (!matched) HF_CHECK_OK(session.Notify("matching"));
  HF_CHECK_OK(RaiseImageEvent(platform, session, account, "system.image_analysis.restored_from_archive",
                              "The image is back from the archive", old.digest.Text()));
  HF_TRY(auto stored, store::FindImageByRow(session, image.row));
  if (!stored) return Fail(ErrorKind::kUnavailable, "an image vanished while it was restored");
  return *std::move(stored);
}

Result<store::Image> BringBack(const Platform& platform, const store::Account& account, ArchivePackage package,
                               const Digest& content_key) {
  HF_TRY(const auto back, PrepareReturn(platform, std::move(package), content_key));
  return platform.database.Write(
      [&](store::Session& session) { return RecordReturn(platform, session, account, back); });
}

}  // namespace

Result<Archiving> ArchiveImage(const Platform& platform, const store::Account& account, std::string_view digest) {
  const auto refused = [&](std::string detail) { return Archiving{std::string(digest), "error", std::move(detail)}; };
  const auto parsed = Digest::Parse(digest);
  if (!parsed) return refused(parsed.error().Message());
  HF_TRY(const auto image, platform.database.Read([&](store::Session& session) {
    return store::FindImage(session, account.id, *parsed);
  }));
  if (!image || image->digest != *parsed) return refused("the image is not known to this account");
  if (image->image_status != store::ImageStatus::kActive) return refused("the image is being deleted");
  if (image->analysis_status != store::AnalysisStatus::kAnalyzed || !image->analysis)
    return refused(
        Format("the image is not analyzed - analysis_status: {}", store::AnalysisStatusName(image->analysis_status)));
  const auto archived = Archive(platform, account, *image);
  if (archived) return Archiving{std::string(digest), "archived", ""};
  HF_CHECK_OK(platform.database.Write([&](store::Session& session) {
    return RaiseImageEvent(platform, session, account, "system.analysis_archive.image_archive_failed",
                           archived.error().Message(), digest);
  }));
  return refused(archived.error().Message());
}

Result<std::vector<store::ArchivedImage>> ListArchived(const Platform& platform, const store::Account& account) {
  std::vector<store::ArchivedImage> all;
  while (true) {
    HF_TRY(auto some, platform.database.Read([&](store::Session& session) {
      return store::ListArchivedImages(session, account.id, all.empty() ? 0 : all.back().id, kListBatch);
    }));
    const bool last = static_cast<std::int64_t>(some.size()) < kListBatch;
    std::ranges::move(some, std::back_inserter(all));
    if (last) return all;
  }
}

Result<store::ArchivedImage> GetArchived(const Platform& platform, const store::Account& account,
                                         std::string_view digest) {
  const auto parsed = Digest::Parse(digest);
  if (!parsed) return NotArchived(digest);
  HF_TRY(auto image, platform.database.Read([&](store::Session& session) {
    return store::FindArchivedImage(session, account.id, *parsed);
  }));
  if (!image) return NotArchived(digest);
  return *std::move(image);
}

Result<void> DeleteArchived(const Platform& platform, const store::Account& account, std::string_view digest,
                            bool force) {
  HF_TRY(const auto image, GetArchived(platform, account, digest));
  if (image.status != "archived" && !force)
    return Fail(ErrorKind::kInvalidInput, Format("the archived image is {}: use force to delete it", image.status));
  HF_CHECK_OK(platform.database.Write([&](store::Session& session) {
    return store::SetArchivedStatus(session, image.id, "deleting", platform.Now());
  }));
  const auto removed = platform.objects.Delete(image.object_key);
  HF_CHECK_OK(platform.database.Write([&](store::Session& session) -> Result<void> {
    if (!removed)
      return RaiseImageEvent(platform, session, account, "system.analysis_archive.archived_image_delete_failed",
                             removed.error().Message(), digest);
    HF_CHECK_OK(store::DeleteArchivedImage(session, image.id));
    return RaiseImageEvent(platform, session, account, "system.analysis_archive.archived_image_deleted",
                           "The analysis is gone from the archive", digest);
  }));
  return removed;
}

std::vector<store::ImageTag> TagsOf(const store::ArchivedImage& image) {
  std::vector<store::ImageTag> tags;
  const auto document = io::JsonDocument::Parse(image.tags);
  if (!document) return tags;
  for (const io::JsonView tag : document->Root())
    tags.push_back({.registry = std::string(tag["registry"].StringOr("")),
                    .repository = std::string(tag["repository"].StringOr("")),
                    .tag = std::string(tag["tag"].StringOr("")),
                    .detected_at = tag["detected_at"].Integer().value_or(0)});
  return tags;
}

Result<store::Image> RestoreImage(const Platform& platform, const store::Account& account, std::string_view digest) {
  HF_TRY(const auto archived, GetArchived(platform, account, digest));
  if (archived.status != "archived") return NotArchived(digest);
  HF_TRY(const std::string bytes, platform.objects.GetBytes(archived.object_key, kObjectBytesMax));
  HF_TRY(auto package, UnpackArchive(bytes, platform.limits));
  const Digest content_key = package.image.analysis->content_key;
  return BringBack(platform, account, std::move(package), content_key);
}

Result<store::Image> ImportArchive(const Platform& platform, const store::Account& account, std::string_view bytes) {
  auto package = UnpackArchive(bytes, platform.limits);
  if (!package) return Fail(ErrorKind::kConflict, package.error().Message());
  const std::string digest = package->image.digest.Text();
  const Digest content_key = Digest(io::Sha256Of(WireWriter()
                                                     .Text("archive")
                                                     .Signed(account.id)
                                                     .Text(digest)
                                                     .Text(Digest(io::Sha256Of(package->analysis)).Text())
                                                     .Take()));
  auto image = BringBack(platform, account, *std::move(package), content_key);
  if (!image && image.error().Kind() == ErrorKind::kCorrupt) return Fail(ErrorKind::kConflict, image.error().Message());
  return image;
}

}  // namespace holdfast::service
