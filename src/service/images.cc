#include "service/images.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <utility>

#include "base/base64.h"
#include "base/format.h"
#include "base/request_scope.h"
#include "io/sha256.h"
#include "service/analysis_store.h"
#include "service/gather.h"
#include "service/subscriptions.h"
#include "service/work.h"
#include "store/analyses.h"

namespace holdfast::service {
namespace {

constexpr std::uint64_t kDocumentBytesMax = 128 * kMiB;
constexpr std::size_t kAddedAtOnceMax = 32;
constexpr std::chrono::milliseconds kAnnouncedWait{50};

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

// A document on its way into the object store.
struct Document {
  std::string kind, key;
  std::string_view text;
};

std::vector<Document> DocumentsOf(const RemoteImage& remote, const std::optional<std::string>& dockerfile) {
  std::vector<Document> documents;
  const auto add = [&](std::string_view kind, std::string_view text) {
    documents.push_back({std::string(kind), DocumentKey(Digest(io::Sha256Of(text))), text});
  };
  add("manifest", remote.manifest);
  add("config", remote.config);
  if (!remote.index.empty()) add("parent_manifest", remote.index);
  if (dockerfile) add("dockerfile", *dockerfile);
  return documents;
}

// What AddImage was asked for.
struct Addition {
  const store::Account& account;
  const ImageName& name;
  const RemoteImage& remote;
  const AddImageOptions& options;
  std::vector<Document> documents;
  std::string request_id;  // that asks for it; empty: none
};

// An image on its way into the database.
struct Added {
  const Addition* addition = nullptr;
  store::Image image;  // as it was before, but for what UpsertImages does; without tags
};

Result<std::vector<Added>> RecordImages(store::Session& session, std::span<const Addition* const> additions,
                                        std::int64_t now) {
  std::vector<store::NewImage> images;
  images.reserve(additions.size());
  for (const Addition* one : additions)
    images.push_back({.account_id = one->account.id,
                      .digest = one->remote.digest,
                      .parent_digest = one->remote.index_digest,
                      .image_id = one->remote.image_id,
                      .annotations = one->options.annotations,
                      .created_at = now,
                      .request_id = one->request_id});
  HF_TRY(auto stored, store::UpsertImages(session, images, now));
  std::vector<Added> added;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const bool known = stored[i].analysis_status == store::AnalysisStatus::kAnalyzed;
    const AddImageOptions& options = additions[i]->options;
    if (known && options.dockerfile && !options.force)
      return Fail(ErrorKind::kInvalidInput, "a dockerfile for an image that is known already needs force");
    added.push_back({additions[i], std::move(stored[i])});
  }
  return added;
}

Result<void> RecordParts(store::Session& session, const std::vector<Added>& added, std::int64_t now) {
  std::vector<store::NewTag> tags;
  std::vector<store::NewImageDocument> documents;
  std::vector<TagToWatch> watched;
  for (const auto& [addition, image] : added) {
    const ImageName& name = addition->name;
    tags.push_back({image.account_id,
                    {.image_row = image.row,
                     .registry = name.registry,
                     .repository = name.repository,
                     .tag = name.tag,
                     .dockerfile = addition->options.dockerfile,
                     .detected_at = addition->options.created_at.value_or(now),
                     .created_at = now,
                     .updated_at = now}});
    for (const Document& document : addition->documents)
      documents.push_back({image.row, {document.kind, document.key}});
    watched.push_back({addition->account, name.FullTag(), addition->options.watch_tag});
  }
  HF_CHECK_OK(store::UpsertTags(session, tags));
  HF_CHECK_OK(store::PutImageDocuments(session, documents));
  return EnsureTagSubscriptions(session, watched, now);
}

// Of content that is analysed already. Jobs that were waiting are not needed.
Result<void> GiveKnownAnalyses(store::Session& session, const std::vector<Added>& added,
                               const std::map<Digest, std::int64_t>& known, std::int64_t now) {
  if (added.empty()) return {};
  std::vector<store::NewImageAnalysis> given;
  std::vector<std::string> jobs;
  for (const auto& [addition, image] : added) {
    given.push_back({image.row, known.at(image.digest)});
    jobs.push_back(std::to_string(image.row));
  }
  HF_CHECK_OK(store::CancelJobs(session, kAnalyzeJob, jobs));
  HF_CHECK_OK(store::SetAnalyses(session, given, store::AnalysisStatus::kAnalyzing, now));
  // Their findings may still be awaited: the matcher makes them analyzed.
  return session.Notify("matching");
}

Result<void> EnqueueAnalyses(store::Session& session, const std::vector<Added>& added, std::int64_t now) {
  std::vector<std::int64_t> reset;
  std::vector<store::NewJob> jobs;
  for (const auto& [addition, image] : added) {
    if (image.analysis_status != store::AnalysisStatus::kNotAnalyzed || image.analysis_id || image.failure)
      reset.push_back(image.row);
    jobs.push_back({.kind = std::string(kAnalyzeJob),
                    .lane = addition->options.lane,
                    .account_id = image.account_id,
                    .key = std::to_string(image.row),
                    .payload = AnalyzePayload(image.row, addition->request_id)});
  }
  HF_CHECK_OK(store::ResetAnalyses(session, reset, now));
  HF_CHECK_OK(store::EnqueueJobs(session, jobs, now));
  return {};
}

Result<std::map<Digest, std::int64_t>> FindKnownContent(store::Session& session, const std::vector<Added>& added) {
  std::vector<Digest> wanted;
  for (const auto& [addition, image] : added)
    if (!addition->options.force) wanted.push_back(image.digest);
  HF_TRY(const auto analyses, store::FindAnalyses(session, wanted));
  std::map<Digest, std::int64_t> known;
  for (const store::Analysis& analysis : analyses)
    if (analysis.version == kAnalysisVersion) known.emplace(analysis.content_key, analysis.id);
  return known;
}

// Gives images an analysis that is known already, or a job.
Result<void> RequestAnalyses(store::Session& session, std::vector<Added> added, std::int64_t now) {
  std::erase_if(added, [](const Added& one) { return !NeedsAnalysis(one.image, one.addition->options.force); });
  for (const auto& [addition, image] : added)
    if (image.image_status != store::ImageStatus::kActive)
      HF_CHECK_OK(store::SetImageStatus(session, image.row, store::ImageStatus::kActive, now));
  HF_TRY(const auto content, FindKnownContent(session, added));
  std::vector<Added> known, unknown;
  for (Added& one : added) {
    const bool is_known = !one.addition->options.force && content.contains(one.image.digest);
    (is_known ? known : unknown).push_back(std::move(one));
  }
  HF_CHECK_OK(GiveKnownAnalyses(session, known, content, now));
  return EnqueueAnalyses(session, unknown, now);
}

// Requires: no two are the same image of the same account.
Result<std::vector<store::Image>> Record(store::Session& session, std::span<const Addition* const> additions,
                                         std::int64_t now) {
  HF_TRY(const auto added, RecordImages(session, additions, now));
  HF_CHECK_OK(RecordParts(session, added, now));
  HF_CHECK_OK(RequestAnalyses(session, added, now));
  std::vector<std::int64_t> rows;
  rows.reserve(added.size());
  for (const Added& one : added) rows.push_back(one.image.row);
  HF_TRY(const auto stored, store::ListImagesByRow(session, rows));
  std::vector<store::Image> answer;
  for (const Added& one : added) {
    const auto found = std::ranges::find(stored, one.image.row, &store::Image::row);
    if (found == stored.end()) return Fail(ErrorKind::kUnavailable, "an image vanished while it was added");
    if (one.addition->options.also) HF_CHECK_OK(one.addition->options.also(session, *found));
    answer.push_back(*found);
  }
  return answer;
}

bool IsSameImage(const Addition& one, const Addition& other) {
  return one.account.id == other.account.id && one.remote.digest == other.remote.digest;
}

Result<std::vector<store::Image>> RecordInOneGo(const Platform& platform, std::span<const Addition* const> additions) {
  std::vector<blob::NewObject> objects;
  for (const Addition* one : additions)
    for (const Document& document : one->documents) objects.push_back({document.key, document.text});
  HF_CHECK_OK(platform.objects.PutAll(objects, blob::IfThere::kKeep));
  return platform.database.Write([&](store::Session& session) { return Record(session, additions, platform.Now()); });
}

// One answer for each.
std::vector<Result<store::Image>> RecordAll(const Platform& platform, std::span<const Addition* const> additions) {
  bool distinct = true;
  for (std::size_t i = 0; i < additions.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) distinct = distinct && !IsSameImage(*additions[i], *additions[k]);
  if (distinct) {
    auto together = RecordInOneGo(platform, additions);
    if (together) return {std::make_move_iterator(together->begin()), std::make_move_iterator(together->end())};
    if (together.error().Kind() == ErrorKind::kUnavailable)
      return std::vector<Result<store::Image>>(additions.size(), std::unexpected(together.error()));
  }
  // What is wrong with one of them must not be the others' loss.
  std::vector<Result<store::Image>> answers;
  for (const Addition* one : additions) {
    auto alone = RecordInOneGo(platform, {&one, 1});
    answers.push_back(alone ? Result<store::Image>(std::move(alone->front())) : std::unexpected(alone.error()));
  }
  return answers;
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

struct ImageAdder::Gathered {
  explicit Gathered(const Platform& platform)
      : gather(kAddedAtOnceMax, kAnnouncedWait,
               [&platform](std::span<const Addition* const> additions) { return RecordAll(platform, additions); }) {}
  Gather<Addition, store::Image> gather;
};

ImageAdder::ImageAdder(const Platform& platform) : gathered_(std::make_unique<Gathered>(platform)) {}
ImageAdder::~ImageAdder() = default;

std::shared_ptr<void> ImageAdder::Announce() {
  return std::make_shared<Gather<Addition, store::Image>::Announcement>(gathered_->gather);
}

Result<store::Image> AddImage(const Platform& platform, const store::Account& account, const ImageName& name,
                              const RemoteImage& remote, const AddImageOptions& options) {
  HF_CHECK_OK(CheckSize(remote, options.compressed_bytes_max));
  HF_TRY(const auto dockerfile, DecodeDockerfile(options.dockerfile));
  const Addition addition{
      account, name, remote, options, DocumentsOf(remote, dockerfile), std::string(RequestScope::Current())};
  if (platform.adder != nullptr) return platform.adder->gathered_->gather.Do(addition);
  const Addition* only = &addition;
  return std::move(RecordAll(platform, {&only, 1}).front());
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
