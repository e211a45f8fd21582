// Images of accounts, the tags under which they are known, and the documents kept of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "store/database.h"

namespace holdfast::store {

// Stored: never renumber.
enum class AnalysisStatus : std::uint8_t { kNotAnalyzed = 0, kAnalyzing = 1, kAnalyzed = 2, kFailed = 3 };
enum class ImageStatus : std::uint8_t { kActive = 0, kDeleting = 1 };

[[nodiscard]] std::string_view AnalysisStatusName(AnalysisStatus status);  // "not_analyzed", "analyzing", …
[[nodiscard]] std::optional<AnalysisStatus> ParseAnalysisStatus(std::string_view name);
[[nodiscard]] std::string_view ImageStatusName(ImageStatus status);  // "active", "deleting"

struct ImageTag {
  std::int64_t id = 0, image_row = 0;
  std::string registry, repository, tag;
  std::optional<std::string> dockerfile;  // base64
  std::int64_t detected_at = 0, created_at = 0, updated_at = 0;

  [[nodiscard]] std::string FullTag() const { return registry + "/" + repository + ":" + tag; }
};

// What the analysis of an image found, in brief.
struct AnalysisSummary {
  std::string distro, distro_version, architecture;
  std::int64_t size_bytes = 0, layers = 0, packages = 0;
  bool complete = true;
  Digest content_key;  // of the analysis's object
  std::int64_t version = 0;
};

struct Image {
  std::int64_t row = 0, account_id = 0;
  Digest digest;
  std::optional<Digest> parent_digest;
  std::optional<Digest> image_id;
  AnalysisStatus analysis_status = AnalysisStatus::kNotAnalyzed;
  ImageStatus image_status = ImageStatus::kActive;
  std::optional<std::int64_t> analysis_id;
  std::optional<std::string> annotations;  // JSON object
  std::optional<std::string> dockerfile_mode;
  std::optional<std::string> failure;
  std::int64_t created_at = 0, updated_at = 0;
  std::optional<std::int64_t> analyzed_at;

  std::optional<AnalysisSummary> analysis;
  std::vector<ImageTag> tags;  // newest first
};

struct NewImage {
  std::int64_t account_id = 0;
  Digest digest;
  std::optional<Digest> parent_digest, image_id;
  std::optional<std::string> annotations;  // replaces those of an image that is there, when given
  std::int64_t created_at = 0;
  std::string request_id = {};  // that asks for it; empty: none
};

// Inserts images, or updates parent, id and annotations of those that are there, and locks their rows; in order,
// without tags. Requires: no two are the same image of the same account.
[[nodiscard]] Result<std::vector<Image>> UpsertImages(Session& session, std::span<const NewImage> images,
                                                      std::int64_t now);
[[nodiscard]] Result<Image> UpsertImage(Session& session, const NewImage& image, std::int64_t now);

struct NewTag {
  std::int64_t account_id = 0;
  ImageTag tag;  // its id is not read
};
// Inserts tags, or updates the Dockerfile (when given) of those that are there. With `detected_at` later than the
// stored one, the tag has come back to this image and counts as newest. Requires: no two are the same tag of the same
// image.
[[nodiscard]] Result<void> UpsertTags(Session& session, std::span<const NewTag> tags);
// The tag as it is stored then.
[[nodiscard]] Result<ImageTag> UpsertTag(Session& session, std::int64_t account_id, ImageTag tag);

// With tags and analysis. By the image's own digest, else by that of the index that led to it (the newest such).
[[nodiscard]] Result<std::optional<Image>> FindImage(Session& session, std::int64_t account_id, const Digest& digest);
[[nodiscard]] Result<std::optional<Image>> FindImageByRow(Session& session, std::int64_t row);
// By the digest of the config.
[[nodiscard]] Result<std::optional<Image>> FindImageById(Session& session, std::int64_t account_id, const Digest& id);

struct ImageFilter {
  std::optional<ImageStatus> image_status;  // none: all
  std::optional<AnalysisStatus> analysis_status;
  // Both or none: a tag, and whether all digests that ever had it are wanted, or the newest alone.
  std::string registry, repository, tag;
  bool history = false;
};
// With tags and analysis, newest first.
[[nodiscard]] Result<std::vector<Image>> ListImages(Session& session, std::int64_t account_id,
                                                    const ImageFilter& filter);

// With tags and analysis, ascending by row; those that are not there are left out.
[[nodiscard]] Result<std::vector<Image>> ListImagesByRow(Session& session, std::span<const std::int64_t> rows);

struct TagSummary {
  Digest digest;
  std::optional<Digest> parent_digest, image_id;
  AnalysisStatus analysis_status = AnalysisStatus::kNotAnalyzed;
  ImageStatus image_status = ImageStatus::kActive;
  std::string full_tag;
  std::int64_t created_at = 0, detected_at = 0;
  std::optional<std::int64_t> analyzed_at;
};
// One for each tag of each image, by full tag, newest first. No status: all.
[[nodiscard]] Result<std::vector<TagSummary>> ListTagSummaries(Session& session, std::int64_t account_id,
                                                               const std::optional<ImageStatus>& status);

// The row of the image that has the tag now (detected last, not being deleted).
[[nodiscard]] Result<std::optional<std::int64_t>> FindNewestOfTag(Session& session, std::int64_t account_id,
                                                                  std::string_view registry,
                                                                  std::string_view repository, std::string_view tag);

[[nodiscard]] Result<void> SetAnalysisStatus(Session& session, std::span<const std::int64_t> rows,
                                             AnalysisStatus status, const std::optional<std::string>& failure,
                                             std::int64_t now);
// An image whose analysis begins, and where it is to be had: under its newest tag's name.
struct ImageToAnalyse {
  std::int64_t row = 0, account_id = 0;
  Digest digest;
  std::string registry, repository;
};
// Those of the images that are active and have a tag become `analyzing`; in no order.
[[nodiscard]] Result<std::vector<ImageToAnalyse>> BeginAnalyses(Session& session, std::span<const std::int64_t> rows,
                                                                std::int64_t now);
// From `from` to `to` when it is `from`; false otherwise.
[[nodiscard]] Result<bool> MoveAnalysisStatus(Session& session, std::int64_t row, AnalysisStatus from,
                                              AnalysisStatus to, std::int64_t now);
// Takes the images' analyses away: they are not analyzed.
[[nodiscard]] Result<void> ResetAnalyses(Session& session, std::span<const std::int64_t> rows, std::int64_t now);
struct NewImageAnalysis {
  std::int64_t image_row = 0, analysis_id = 0;
};
// Gives images their analyses; their status becomes `status`. The Dockerfile of an image is the actual one when one of
// its tags has it, else guessed. Rows that are not there are left out.
[[nodiscard]] Result<void> SetAnalyses(Session& session, std::span<const NewImageAnalysis> analyses,
                                       AnalysisStatus status, std::int64_t now);
// Gives the image its analysis; the status becomes `status`.
[[nodiscard]] Result<void> SetAnalysis(Session& session, std::int64_t row, std::int64_t analysis_id,
                                       std::string_view dockerfile_mode, AnalysisStatus status, std::int64_t now);
// Of an image that comes back from the archive.
[[nodiscard]] Result<void> RestoreImageTimes(Session& session, std::int64_t row, std::int64_t created_at,
                                             const std::optional<std::int64_t>& analyzed_at);
[[nodiscard]] Result<void> SetImageStatus(Session& session, std::int64_t row, ImageStatus status, std::int64_t now);

struct ImageDocument {
  std::string kind, object_key;
};
struct NewImageDocument {
  std::int64_t image_row = 0;
  ImageDocument document;
};
// Replaces those of the same kind. Requires: no two are the same kind of the same image.
[[nodiscard]] Result<void> PutImageDocuments(Session& session, std::span<const NewImageDocument> documents);
[[nodiscard]] Result<void> PutImageDocuments(Session& session, std::int64_t row,
                                             std::span<const ImageDocument> documents);
[[nodiscard]] Result<std::vector<ImageDocument>> ListImageDocuments(Session& session, std::int64_t row);

// Rows of images in deletion, oldest first, for one transaction at a time each: nobody takes the deletion back
// meanwhile.
[[nodiscard]] Result<std::vector<std::int64_t>> ListDeletingImages(Session& session, std::int64_t count);
// Removes the image with its tags, documents and evaluations.
[[nodiscard]] Result<void> DeleteImage(Session& session, std::int64_t row);
[[nodiscard]] Result<std::vector<std::int64_t>> ListImageRowsOf(Session& session, std::int64_t account_id,
                                                                std::int64_t count);

}  // namespace holdfast::store
