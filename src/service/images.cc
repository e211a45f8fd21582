#include "service/images.h"

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/format.h"
#include "base/request_scope.h"
#include "service/analysis_store.h"
#include "service/subscriptions.h"
#include "service/work.h"
#include "store/analyses.h"

namespace holdfast::service {
namespace {

constexpr std::uint64_t kDocumentBytesMax = 128 * kMiB;

// Where the documents of an image went.
struct StoredDocuments {
  std::vector<store::ImageDocument> all;

  Result<void> Add(const Platform& platform, std::string_view kind, std::string_view text) {
    HF_TRY(std::string key, PutDocument(platform, text));
    all.push_back({std::string(kind), std::move(key)});
    return {};
  }
};

Result<StoredDocuments> StoreDocuments(const Platform& platform, const RemoteImage& remote,
                                       const std::optional<std::string>& dockerfile) {
  StoredDocuments documents;
  HF_CHECK_OK(documents.Add(platform, "manifest", remote.manifest));
  HF_CHECK_OK(documents.Add(platform, "config", remote.config));
  if (!remote.index.empty()) HF_CHECK_OK(documents.Add(platform, "parent_manifest", remote.index));
  if (dockerfile) HF_CHECK_OK(documents.Add(platform, "dockerfile", *dockerfile));
  return documents;
}

Result<std::optional<std::string>> DecodeDockerfile(const std::optional<std::string>& base64) {
  if (!base64) return std::nullopt;
  const auto decoded = DecodeBase64(*base64);
  if (!decoded) return Fail(ErrorKind::kInvalidInput, "dockerfile must be base64");
  return std::string(AsText(*decoded));
}

Result<void> CheckSize(const RemoteImage& remote, std::int64_t bytes_max) {
  if (bytes_max < 0 || remote.compressed_bytes <= static_cast<std::uint64_t>(bytes_max)) return {};
  return Fail(ErrorKind::kLimit,
              Format("the image has {} bytes compressed, the limit is {}", remote.compressed_bytes, bytes_max));
}

bool NeedsAnalysis(const store::Image& image, bool force) {
  if (force || image.image_status != store::ImageStatus::kActive) return true;
  return image.analysis_status == store::AnalysisStatus::kFailed ||
         (image.analysis_status == store::AnalysisStatus::kNotAnalyzed && !image.analysis_id);
}

// Gives the image an analysis that is known already, or a job.
Result<void> RequestAnalysis(store::Session& session, const store::Image& image, const AddImageOptions& options,
                             std::int64_t now) {
  if (image.image_status != store::ImageStatus::kActive)
    HF_CHECK_OK(store::SetImageStatus(session, image.row, store::ImageStatus::kActive, now));
  if (!options.force) {
    HF_TRY(const auto known, store::FindAnalysis(session, image.digest));
    if (known && known->version == kAnalysisVersion) {
      // Its findings may still be awaited: the matcher makes it analyzed. A job that was waiting is not needed.
      HF_CHECK_OK(store::CancelJob(session, kAnalyzeJob, std::to_string(image.row)));
      HF_CHECK_OK(store::SetAnalysis(session, image.row, known->id, options.dockerfile ? "Actual" : "Guessed",
                                     store::AnalysisStatus::kAnalyzing, now));
      return session.Notify("matching");
    }
  }
  HF_CHECK_OK(store::ResetAnalysis(session, image.row, now));
  HF_CHECK_OK(store::EnqueueJob(session,
                                {.kind = std::string(kAnalyzeJob),
                                 .lane = options.lane,
                                 .account_id = image.account_id,
                                 .key = std::to_string(image.row),
                                 .payload = AnalyzePayload(image.row)},
                                now));
  return {};
}

// What AddImage was asked for.
struct Addition {
  const store::Account& account;
  const ImageName& name;
  const RemoteImage& remote;
  const AddImageOptions& options;
};

Result<store::Image> Record(store::Session& session, const Addition& addition, const StoredDocuments& documents,
                            std::int64_t now) {
  const auto& [account, name, remote, options] = addition;
  HF_TRY(const auto image, store::UpsertImage(session,
                                              {.account_id = account.id,
                                               .digest = remote.digest,
                                               .parent_digest = remote.index_digest,
                                               .image_id = remote.image_id,
                                               .annotations = options.annotations,
                                               .created_at = now,
                                               .request_id = std::string(RequestScope::Current())},
                                              now));
  const bool known = image.analysis_status == store::AnalysisStatus::kAnalyzed;
  if (known && options.dockerfile && !options.force)
    return Fail(ErrorKind::kInvalidInput, "a dockerfile for an image that is known already needs force");
  HF_CHECK_OK(store::UpsertTag(session, account.id,
                               {.image_row = image.row,
                                .registry = name.registry,
                                .repository = name.repository,
                                .tag = name.tag,
                                .dockerfile = options.dockerfile,
                                .detected_at = options.created_at.value_or(now),
                                .created_at = now,
                                .updated_at = now}));
  HF_CHECK_OK(store::PutImageDocuments(session, image.row, documents.all));
  if (NeedsAnalysis(image, options.force)) HF_CHECK_OK(RequestAnalysis(session, image, options, now));
  HF_CHECK_OK(EnsureTagSubscriptions(session, account, name.FullTag(), options.watch_tag, now));
  HF_TRY(auto stored, store::FindImageByRow(session, image.row));
  if (!stored) return Fail(ErrorKind::kUnavailable, "an image vanished while it was added");
  if (options.also) HF_CHECK_OK(options.also(session, *stored));
  return *std::move(stored);
}

Error NoImage(std::string_view what) {
  return Error(ErrorKind::kNotFound, Format("image '{}' is not known to this account", what.substr(0, 128)));
}

Result<std::optional<store::Image>> Find(const Platform& platform, const store::Account& account,
                                         std::string_view digest) {
  const auto parsed = Digest::Parse(digest);
  if (!parsed) return std::nullopt;
  return platform.database.Read(
      [&](store::Session& session) { return store::FindImage(session, account.id, *parsed); });
}

// The subscriptions that forbid to delete an image that is the newest of its tag.
Result<std::vector<store::Subscription>> FindGuards(store::Session& session, const store::Account& account,
                                                    const store::Image& image) {
  std::vector<store::Subscription> guards;
  for (const store::ImageTag& tag : image.tags) {
    HF_TRY(const auto newest, store::FindNewestOfTag(session, account.id, tag.registry, tag.repository, tag.tag));
    if (newest != image.row) continue;
    HF_TRY(const auto subscriptions, store::ListSubscriptions(session, account.id, tag.FullTag(), ""));
    for (const store::Subscription& subscription : subscriptions)
      if (subscription.active) guards.push_back(subscription);
  }
  return guards;
}

Result<Deletion> DeleteFound(const Platform& platform, store::Session& session, const store::Account& account,
                             const store::Image& image, bool force) {
  const std::string digest = image.digest.Text();
  const std::int64_t now = platform.Now();
  if (image.analysis_status == store::AnalysisStatus::kAnalyzing && !force)
    return Deletion{digest, "delete_failed", "the image is being analyzed: use force to delete it nevertheless"};
  HF_TRY(const auto guards, FindGuards(session, account, image));
  if (!guards.empty() && !force)
    return Deletion{digest, "delete_failed",
                    Format("the image is the newest of {}, which has active subscriptions: use force, or end these "
                           "subscriptions first",
                           guards.front().key)};
  for (const store::Subscription& guard : guards)
    HF_CHECK_OK(store::UpdateSubscription(session, guard.id, false, guard.value, now));
  HF_CHECK_OK(store::SetImageStatus(session, image.row, store::ImageStatus::kDeleting, now));
  HF_CHECK_OK(store::CancelJob(session, kAnalyzeJob, std::to_string(image.row)));
  HF_CHECK_OK(session.Notify("deletions"));
  return Deletion{digest, "deleting", ""};
}

}  // namespace

Result<store::Image> AddImage(const Platform& platform, const store::Account& account, const ImageName& name,
                              const RemoteImage& remote, const AddImageOptions& options) {
  HF_CHECK_OK(CheckSize(remote, options.compressed_bytes_max));
  HF_TRY(const auto dockerfile, DecodeDockerfile(options.dockerfile));
  HF_TRY(const auto documents, StoreDocuments(platform, remote, dockerfile));
  return platform.database.Write([&](store::Session& session) {
    return Record(session, {account, name, remote, options}, documents, platform.Now());
  });
}

Result<store::Image> GetImage(const Platform& platform, const store::Account& account, std::string_view digest) {
  HF_TRY(auto image, Find(platform, account, digest));
  if (!image) return std::unexpected(NoImage(digest));
  return *std::move(image);
}

Result<store::Image> GetImageById(const Platform& platform, const store::Account& account, std::string_view id) {
  if (const auto value = Sha256Value::FromHex(id)) {
    const Digest digest(*value);
    HF_TRY(auto image, platform.database.Read(
                           [&](store::Session& session) { return store::FindImageById(session, account.id, digest); }));
    if (image) return *std::move(image);
    return GetImage(platform, account, digest.Text());
  }
  return GetImage(platform, account, id);
}

Result<void> CheckAnalysed(const store::Image& image) {
  if (image.analysis_status == store::AnalysisStatus::kAnalyzed) return {};
  return Fail(ErrorKind::kNotFound,
              Format("image is not analyzed - analysis_status: {}", store::AnalysisStatusName(image.analysis_status)));
}

Result<store::Image> GetAnalysedImage(const Platform& platform, const store::Account& account,
                                      std::string_view digest) {
  HF_TRY(auto image, GetImage(platform, account, digest));
  HF_CHECK_OK(CheckAnalysed(image));
  return image;
}

Result<std::optional<std::string>> LoadImageDocument(const Platform& platform, const store::Image& image,
                                                     std::string_view kind) {
  HF_TRY(const auto documents, platform.database.Read([&](store::Session& session) {
    return store::ListImageDocuments(session, image.row);
  }));
  const auto found = std::ranges::find(documents, kind, &store::ImageDocument::kind);
  if (found == documents.end()) return std::nullopt;
  HF_TRY(auto text, platform.objects.GetBytes(found->object_key, kDocumentBytesMax));
  return text;
}

Result<Deletion> StartImageDeletion(const Platform& platform, const store::Account& account, std::string_view digest,
                                    bool force) {
  const auto parsed = Digest::Parse(digest);
  const Deletion unknown{std::string(digest), "not_found", "the image is not known to this account"};
  if (!parsed) return unknown;
  return platform.database.Write([&](store::Session& session) -> Result<Deletion> {
    HF_TRY(const auto image, store::FindImage(session, account.id, *parsed));
    if (!image) return unknown;
    if (image->image_status == store::ImageStatus::kDeleting) return Deletion{image->digest.Text(), "deleting", ""};
    return DeleteFound(platform, session, account, *image, force);
  });
}

Result<std::size_t> PurgeDeletedImages(const Platform& platform, std::int64_t count) {
  return platform.database.Write([&](store::Session& session) -> Result<std::size_t> {
    HF_TRY(const auto rows, store::ListDeletingImages(session, count));
    for (const std::int64_t row : rows) HF_CHECK_OK(store::DeleteImage(session, row));
    return rows.size();
  });
}

}  // namespace holdfast::service
