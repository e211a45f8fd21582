#include "store/images.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "store/codec.h"
#include "store/storable_text.h"

namespace holdfast::store {
namespace {

constexpr std::array<std::string_view, 4> kAnalysisStatusNames = {"not_analyzed", "analyzing", "analyzed",
                                                                  "analysis_failed"};

// Columns of every statement that reads images: the image's, then those of its analysis.
Image ToImage(const Row& row) {
  Image image{.row = row[0].Integer(),
              .account_id = row[1].Integer(),
              .digest = ToDigest(row[2]).value_or(Digest()),
              .parent_digest = ToDigest(row[3]),
              .image_id = ToDigest(row[4]),
              .analysis_status = static_cast<AnalysisStatus>(row[5].Integer()),
              .image_status = static_cast<ImageStatus>(row[6].Integer()),
              .analysis_id = row[7].OptionalInteger(),
              .annotations = row[8].OptionalText(),
              .dockerfile_mode = row[9].OptionalText(),
              .failure = row[10].OptionalText(),
              .created_at = row[11].Integer(),
              .updated_at = row[12].Integer(),
              .analyzed_at = row[13].OptionalInteger()};
  if (row.size() > 14 && !row[14].IsNull())
    image.analysis = AnalysisSummary{.distro = row[14].Text(),
                                     .distro_version = row[15].Text(),
                                     .architecture = row[16].Text(),
                                     .size_bytes = row[17].Integer(),
                                     .layers = row[18].Integer(),
                                     .packages = row[19].Integer(),
                                     .complete = row[20].Bool(),
                                     .content_key = ToDigest(row[21]).value_or(Digest()),
                                     .version = row[22].Integer()};
  return image;
}

ImageTag ToTag(const Row& row) {
  return {.id = row[0].Integer(),
          .image_row = row[1].Integer(),
          .registry = row[2].Text(),
          .repository = row[3].Text(),
          .tag = row[4].Text(),
          .dockerfile = row[5].OptionalText(),
          .detected_at = row[6].Integer(),
          .created_at = row[7].Integer(),
          .updated_at = row[8].Integer()};
}

// Fills in the tags of images, in one statement however many there are.
Result<void> LoadTags(Session& session, std::vector<Image>& images) {
  static constexpr Statement kTags{
      "image.tags",
      "SELECT id, image_row, registry, repository, tag, dockerfile, detected_at, created_at, updated_at "
      "FROM image_tags WHERE image_row IN (@INTS($1)) ORDER BY detected_at DESC, id DESC"};
  if (images.empty()) return {};
  std::vector<std::int64_t> rows;
  std::map<std::int64_t, Image*> by_row;
  for (Image& image : images) {
    rows.push_back(image.row);
    by_row.emplace(image.row, &image);
  }
  HF_TRY(const auto found, session.Run(kTags, {std::move(rows)}));
  for (const Row& row : found) {
    ImageTag tag = ToTag(row);
    by_row.at(tag.image_row)->tags.push_back(std::move(tag));
  }
  return {};
}

Result<std::vector<Image>> LoadImages(Session& session, const Statement& statement, const Parameters& parameters) {
  HF_TRY(const auto rows, session.Run(statement, parameters));
  std::vector<Image> images;
  for (const Row& row : rows) images.push_back(ToImage(row));
  HF_CHECK_OK(LoadTags(session, images));
  return images;
}

Result<std::optional<Image>> LoadImage(Session& session, const Statement& statement, const Parameters& parameters) {
  HF_TRY(auto images, LoadImages(session, statement, parameters));
  if (images.empty()) return std::nullopt;
  return std::move(images.front());
}

// What an image is unique by, as the tables order it.
using Key = std::pair<std::int64_t, std::string>;
Key KeyOf(std::int64_t account_id, const Digest& digest) { return {account_id, digest.Hex()}; }

Value StatusOrAny(const std::optional<ImageStatus>& status) {
  return status ? static_cast<std::int64_t>(*status) : std::int64_t{-1};
}

Result<Rows> RunUpsertTags(Session& session, std::span<const NewTag> tags) {
  static constexpr SetStatement kUpsert{
      "image.upsert_tag",
      "INSERT INTO image_tags (image_row, account_id, registry, repository, tag, dockerfile, detected_at, created_at, "
      "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (image_row, registry, repository, tag) "
      "DO UPDATE SET dockerfile = COALESCE(excluded.dockerfile, image_tags.dockerfile), "
      "updated_at = excluded.updated_at, detected_at = @GREATEST(excluded.detected_at, image_tags.detected_at) "
      "RETURNING id, image_row, registry, repository, tag, dockerfile, detected_at, created_at, updated_at",
      "INSERT INTO image_tags (image_row, account_id, registry, repository, tag, dockerfile, detected_at, created_at, "
      "updated_at) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], "
      "$7::bigint[], $8::bigint[], $9::bigint[]) ON CONFLICT (image_row, registry, repository, tag) "
      "DO UPDATE SET dockerfile = COALESCE(excluded.dockerfile, image_tags.dockerfile), "
      "updated_at = excluded.updated_at, detected_at = @GREATEST(excluded.detected_at, image_tags.detected_at) "
      "RETURNING id, image_row, registry, repository, tag, dockerfile, detected_at, created_at, updated_at"};
  std::vector<Parameters> rows;
  rows.reserve(tags.size());
  for (const auto& [account_id, tag] : tags)
    rows.push_back({tag.image_row, account_id, IndexedText(tag.registry), IndexedText(tag.repository),
                    IndexedText(tag.tag), FromOptional(tag.dockerfile), tag.detected_at, tag.created_at,
                    tag.updated_at});
  return session.RunSet(kUpsert, rows);
}

}  // namespace

std::string_view AnalysisStatusName(AnalysisStatus status) {
  return kAnalysisStatusNames[static_cast<std::size_t>(status)];
}

std::optional<AnalysisStatus> ParseAnalysisStatus(std::string_view name) {
  for (std::size_t i = 0; i < kAnalysisStatusNames.size(); ++i)
    if (kAnalysisStatusNames[i] == name) return static_cast<AnalysisStatus>(i);
  return std::nullopt;
}

std::string_view ImageStatusName(ImageStatus status) { return status == ImageStatus::kActive ? "active" : "deleting"; }

Result<std::vector<Image>> UpsertImages(Session& session, std::span<const NewImage> images, std::int64_t now) {
  static constexpr SetStatement kUpsert{
      "image.upsert",
      "INSERT INTO images (account_id, digest, parent_digest, image_id, analysis_status, image_status, annotations, "
      "created_at, updated_at, request_id) VALUES ($1, $2, $3, $4, 0, 0, $5, $6, $7, $8) "
      "ON CONFLICT (account_id, digest) DO UPDATE "
      "SET parent_digest = COALESCE(excluded.parent_digest, images.parent_digest), "
      "image_id = COALESCE(excluded.image_id, images.image_id), "
      "annotations = COALESCE(excluded.annotations, images.annotations), updated_at = excluded.updated_at, "
      "request_id = excluded.request_id "
      "RETURNING id, account_id, digest, parent_digest, image_id, analysis_status, image_status, analysis_id, "
      "annotations, dockerfile_mode, failure, created_at, updated_at, analyzed_at",
      "INSERT INTO images (account_id, digest, parent_digest, image_id, analysis_status, image_status, annotations, "
      "created_at, updated_at, request_id) SELECT account, digest, parent, id, 0, 0, annotations, created, now, "
      "request FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::text[], $6::bigint[], "
      "$7::bigint[], $8::text[]) AS image (account, digest, parent, id, annotations, created, now, request) ON "
      "CONFLICT (account_id, digest) DO UPDATE "
      "SET parent_digest = COALESCE(excluded.parent_digest, images.parent_digest), "
      "image_id = COALESCE(excluded.image_id, images.image_id), "
      "annotations = COALESCE(excluded.annotations, images.annotations), updated_at = excluded.updated_at, "
      "request_id = excluded.request_id "
      "RETURNING id, account_id, digest, parent_digest, image_id, analysis_status, image_status, analysis_id, "
      "annotations, dockerfile_mode, failure, created_at, updated_at, analyzed_at"};
  // Ascending, so that two transactions with the same images do not wait for each other in turn.
  std::map<Key, const NewImage*> ordered;
  for (const NewImage& image : images) ordered.emplace(KeyOf(image.account_id, image.digest), &image);
  std::vector<Parameters> rows;
  rows.reserve(images.size());
  for (const auto& [key, image] : ordered)
    rows.push_back({image->account_id, FromDigest(image->digest), FromDigest(image->parent_digest),
                    FromDigest(image->image_id), FromOptional(image->annotations), image->created_at, now,
                    image->request_id});
  HF_TRY(const auto found, session.RunSet(kUpsert, rows));
  std::map<Key, Image> stored;
  for (const Row& row : found) {
    Image image = ToImage(row);
    stored.emplace(KeyOf(image.account_id, image.digest), std::move(image));
  }
  std::vector<Image> answer;
  answer.reserve(images.size());
  for (const NewImage& image : images) answer.push_back(stored.at(KeyOf(image.account_id, image.digest)));
  return answer;
}

Result<Image> UpsertImage(Session& session, const NewImage& image, std::int64_t now) {
  HF_TRY(auto stored, UpsertImages(session, {&image, 1}, now));
  return std::move(stored.front());
}

Result<void> UpsertTags(Session& session, std::span<const NewTag> tags) {
  HF_CHECK_OK(RunUpsertTags(session, tags));
  return {};
}

Result<ImageTag> UpsertTag(Session& session, std::int64_t account_id, ImageTag tag) {
  const NewTag wanted{account_id, std::move(tag)};
  HF_TRY(const auto rows, RunUpsertTags(session, {&wanted, 1}));
  return ToTag(rows.rows.front());
}

Result<std::optional<Image>> FindImage(Session& session, std::int64_t account_id, const Digest& digest) {
  static constexpr Statement kFind{
      "image.find",
      "SELECT i.id, i.account_id, i.digest, i.parent_digest, i.image_id, i.analysis_status, i.image_status, "
      "i.analysis_id, i.annotations, i.dockerfile_mode, i.failure, i.created_at, i.updated_at, i.analyzed_at, "
      "a.distro, a.distro_version, a.architecture, a.size_bytes, a.layers, a.packages, a.complete, a.content_key, "
      "a.version "
      "FROM images AS i LEFT JOIN analyses AS a ON a.id = i.analysis_id WHERE i.account_id = $1 "
      "AND (i.digest = $2 OR i.parent_digest = $2) "
      "ORDER BY CASE WHEN i.digest = $2 THEN 0 ELSE 1 END, i.created_at DESC, i.id DESC LIMIT 1"};
  return LoadImage(session, kFind, {account_id, FromDigest(digest)});
}

Result<std::optional<Image>> FindImageByRow(Session& session, std::int64_t row) {
  static constexpr Statement kFind{
      "image.find_by_row",
      "SELECT i.id, i.account_id, i.digest, i.parent_digest, i.image_id, i.analysis_status, i.image_status, "
      "i.analysis_id, i.annotations, i.dockerfile_mode, i.failure, i.created_at, i.updated_at, i.analyzed_at, "
      "a.distro, a.distro_version, a.architecture, a.size_bytes, a.layers, a.packages, a.complete, a.content_key, "
      "a.version "
      "FROM images AS i LEFT JOIN analyses AS a ON a.id = i.analysis_id WHERE i.id = $1"};
  return LoadImage(session, kFind, {row});
}

Result<std::optional<Image>> FindImageById(Session& session, std::int64_t account_id, const Digest& id) {
  static constexpr Statement kFind{
      "image.find_by_id",
      "SELECT i.id, i.account_id, i.digest, i.parent_digest, i.image_id, i.analysis_status, i.image_status, "
      "i.analysis_id, i.annotations, i.dockerfile_mode, i.failure, i.created_at, i.updated_at, i.analyzed_at, "
      "a.distro, a.distro_version, a.architecture, a.size_bytes, a.layers, a.packages, a.complete, a.content_key, "
      "a.version "
      "FROM images AS i LEFT JOIN analyses AS a ON a.id = i.analysis_id WHERE i.account_id = $1 AND i.image_id = $2 "
      "ORDER BY i.created_at DESC, i.id DESC LIMIT 1"};
  return LoadImage(session, kFind, {account_id, FromDigest(id)});
}

Result<std::vector<Image>> ListImages(Session& session, std::int64_t account_id, const ImageFilter& filter) {
  static constexpr Statement kList{
      "image.list",
      "SELECT i.id, i.account_id, i.digest, i.parent_digest, i.image_id, i.analysis_status, i.image_status, "
      "i.analysis_id, i.annotations, i.dockerfile_mode, i.failure, i.created_at, i.updated_at, i.analyzed_at, "
      "a.distro, a.distro_version, a.architecture, a.size_bytes, a.layers, a.packages, a.complete, a.content_key, "
      "a.version "
      "FROM images AS i LEFT JOIN analyses AS a ON a.id = i.analysis_id WHERE i.account_id = $1 "
      "AND ($2 = -1 OR i.image_status = $2) AND ($3 = -1 OR i.analysis_status = $3) ORDER BY i.created_at DESC, "
      "i.id DESC"};
  static constexpr Statement kListOfTag{
      "image.list_of_tag",
      "SELECT i.id, i.account_id, i.digest, i.parent_digest, i.image_id, i.analysis_status, i.image_status, "
      "i.analysis_id, i.annotations, i.dockerfile_mode, i.failure, i.created_at, i.updated_at, i.analyzed_at, "
      "a.distro, a.distro_version, a.architecture, a.size_bytes, a.layers, a.packages, a.complete, a.content_key, "
      "a.version "
      "FROM image_tags AS t JOIN images AS i ON i.id = t.image_row LEFT JOIN analyses AS a ON a.id = i.analysis_id "
      "WHERE t.account_id = $1 AND t.registry = $4 AND t.repository = $5 AND t.tag = $6 "
      "AND ($2 = -1 OR i.image_status = $2) AND ($3 = -1 OR i.analysis_status = $3) "
      "ORDER BY t.detected_at DESC, t.id DESC LIMIT $7"};
  const Value status = StatusOrAny(filter.image_status);
  const Value analysis =
      filter.analysis_status ? Value{static_cast<std::int64_t>(*filter.analysis_status)} : Value{std::int64_t{-1}};
  if (filter.tag.empty()) return LoadImages(session, kList, {account_id, status, analysis});
  constexpr std::int64_t kHistoryMax = 1'000'000;
  return LoadImages(session, kListOfTag,
                    {account_id, status, analysis, IndexedText(filter.registry), IndexedText(filter.repository),
                     IndexedText(filter.tag), filter.history ? kHistoryMax : std::int64_t{1}});
}

Result<std::vector<Image>> ListImagesByRow(Session& session, std::span<const std::int64_t> rows) {
  static constexpr Statement kList{
      "image.list_by_row",
      "SELECT i.id, i.account_id, i.digest, i.parent_digest, i.image_id, i.analysis_status, i.image_status, "
      "i.analysis_id, i.annotations, i.dockerfile_mode, i.failure, i.created_at, i.updated_at, i.analyzed_at, "
      "a.distro, a.distro_version, a.architecture, a.size_bytes, a.layers, a.packages, a.complete, a.content_key, "
      "a.version FROM images AS i LEFT JOIN analyses AS a ON a.id = i.analysis_id WHERE i.id IN (@INTS($1)) "
      "ORDER BY i.id"};
  return LoadImages(session, kList, {std::vector<std::int64_t>(rows.begin(), rows.end())});
}

Result<std::vector<TagSummary>> ListTagSummaries(Session& session, std::int64_t account_id,
                                                 const std::optional<ImageStatus>& status) {
  static constexpr Statement kList{
      "image.tag_summaries",
      "SELECT i.digest, i.parent_digest, i.image_id, i.analysis_status, i.image_status, t.registry, t.repository, "
      "t.tag, i.created_at, t.detected_at, i.analyzed_at FROM image_tags AS t JOIN images AS i ON i.id = t.image_row "
      "WHERE t.account_id = $1 AND ($2 = -1 OR i.image_status = $2) "
      "ORDER BY t.registry, t.repository, t.tag, t.detected_at DESC, t.id DESC"};
  HF_TRY(const auto rows, session.Run(kList, {account_id, StatusOrAny(status)}));
  std::vector<TagSummary> summaries;
  for (const Row& row : rows)
    summaries.push_back({.digest = ToDigest(row[0]).value_or(Digest()),
                         .parent_digest = ToDigest(row[1]),
                         .image_id = ToDigest(row[2]),
                         .analysis_status = static_cast<AnalysisStatus>(row[3].Integer()),
                         .image_status = static_cast<ImageStatus>(row[4].Integer()),
                         .full_tag = row[5].Text() + "/" + row[6].Text() + ":" + row[7].Text(),
                         .created_at = row[8].Integer(),
                         .detected_at = row[9].Integer(),
                         .analyzed_at = row[10].OptionalInteger()});
  return summaries;
}

Result<std::optional<std::int64_t>> FindNewestOfTag(Session& session, std::int64_t account_id,
                                                    std::string_view registry, std::string_view repository,
                                                    std::string_view tag) {
  static constexpr Statement kFind{
      "image.newest_of_tag",
      "SELECT t.image_row FROM image_tags AS t JOIN images AS i ON i.id = t.image_row WHERE t.account_id = $1 "
      "AND t.registry = $2 AND t.repository = $3 AND t.tag = $4 AND i.image_status = 0 "
      "ORDER BY t.detected_at DESC, t.id DESC LIMIT 1"};
  HF_TRY(const auto rows,
         session.Run(kFind, {account_id, IndexedText(registry), IndexedText(repository), IndexedText(tag)}));
  if (rows.Empty()) return std::nullopt;
  return rows.rows.front()[0].Integer();
}

Result<void> SetAnalysisStatus(Session& session, std::span<const std::int64_t> rows, AnalysisStatus status,
                               const std::optional<std::string>& failure, std::int64_t now) {
  static constexpr Statement kSet{"image.set_analysis_status",
                                  "UPDATE images SET analysis_status = $2, failure = $3, updated_at = $4, "
                                  "analyzed_at = CASE WHEN $2 = 2 THEN $4 ELSE analyzed_at END "
                                  "WHERE id IN (@INTS($1))"};
  HF_CHECK_OK(session.Run(kSet, {std::vector<std::int64_t>(rows.begin(), rows.end()), static_cast<std::int64_t>(status),
                                 FromOptional(failure), now}));
  return {};
}

Result<std::vector<ImageToAnalyse>> BeginAnalyses(Session& session, std::span<const std::int64_t> rows,
                                                  std::int64_t now) {
  static constexpr Statement kBegin{
      "image.begin_analyses",
      "UPDATE images SET analysis_status = 1, failure = NULL, updated_at = $2 WHERE id IN (@INTS($1)) "
      "AND image_status = 0 AND EXISTS (SELECT 1 FROM image_tags AS t WHERE t.image_row = images.id) "
      "RETURNING id, account_id, digest, "
      "(SELECT t.registry FROM image_tags AS t WHERE t.image_row = images.id ORDER BY t.detected_at DESC, t.id DESC "
      "LIMIT 1), "
      "(SELECT t.repository FROM image_tags AS t WHERE t.image_row = images.id ORDER BY t.detected_at DESC, t.id DESC "
      "LIMIT 1)"};
  HF_TRY(const auto begun, session.Run(kBegin, {std::vector<std::int64_t>(rows.begin(), rows.end()), now}));
  std::vector<ImageToAnalyse> images;
  for (const Row& row : begun)
    images.push_back(
        {row[0].Integer(), row[1].Integer(), ToDigest(row[2]).value_or(Digest()), row[3].Text(), row[4].Text()});
  return images;
}

Result<bool> MoveAnalysisStatus(Session& session, std::int64_t row, AnalysisStatus from, AnalysisStatus to,
                                std::int64_t now) {
  static constexpr Statement kMove{
      "image.move_analysis_status",
      "UPDATE images SET analysis_status = $3, updated_at = $4 WHERE id = $1 AND analysis_status = $2"};
  HF_TRY(const auto rows,
         session.Run(kMove, {row, static_cast<std::int64_t>(from), static_cast<std::int64_t>(to), now}));
  return rows.changed == 1;
}

Result<void> ResetAnalyses(Session& session, std::span<const std::int64_t> rows, std::int64_t now) {
  static constexpr Statement kReset{"image.reset_analysis",
                                    "UPDATE images SET analysis_status = 0, analysis_id = NULL, failure = NULL, "
                                    "updated_at = $2 WHERE id IN (@INTS($1))"};
  if (rows.empty()) return {};
  HF_CHECK_OK(session.Run(kReset, {std::vector<std::int64_t>(rows.begin(), rows.end()), now}));
  return {};
}

Result<void> SetAnalyses(Session& session, std::span<const NewImageAnalysis> analyses, AnalysisStatus status,
                         std::int64_t now) {
  static constexpr SetStatement kSet{
      "image.set_analyses",
      "UPDATE images SET analysis_id = $2, analysis_status = $3, failure = NULL, updated_at = $4, "
      "analyzed_at = CASE WHEN $3 = 2 THEN $4 ELSE analyzed_at END, dockerfile_mode = "
      "CASE WHEN EXISTS (SELECT 1 FROM image_tags AS t WHERE t.image_row = images.id AND t.dockerfile IS NOT NULL) "
      "THEN 'Actual' ELSE 'Guessed' END WHERE id = $1",
      "UPDATE images SET analysis_id = given.analysis, analysis_status = status, failure = NULL, updated_at = now, "
      "analyzed_at = CASE WHEN status = 2 THEN now ELSE analyzed_at END, dockerfile_mode = "
      "CASE WHEN EXISTS (SELECT 1 FROM image_tags AS t WHERE t.image_row = images.id AND t.dockerfile IS NOT NULL) "
      "THEN 'Actual' ELSE 'Guessed' END FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) "
      "AS given (image, analysis, status, now) WHERE id = image"};
  std::vector<Parameters> rows;
  rows.reserve(analyses.size());
  for (const NewImageAnalysis& given : analyses)
    rows.push_back({given.image_row, given.analysis_id, static_cast<std::int64_t>(status), now});
  HF_CHECK_OK(session.RunSet(kSet, rows));
  return {};
}

Result<void> RestoreImageTimes(Session& session, std::int64_t row, std::int64_t created_at,
                               const std::optional<std::int64_t>& analyzed_at) {
  static constexpr Statement kSet{"image.restore_times",
                                  "UPDATE images SET created_at = $2, analyzed_at = $3 WHERE id = $1"};
  HF_CHECK_OK(session.Run(kSet, {row, created_at, FromOptional(analyzed_at)}));
  return {};
}

Result<void> SetImageStatus(Session& session, std::int64_t row, ImageStatus status, std::int64_t now) {
  static constexpr Statement kSet{"image.set_status",
                                  "UPDATE images SET image_status = $2, updated_at = $3 WHERE id = $1"};
  HF_CHECK_OK(session.Run(kSet, {row, static_cast<std::int64_t>(status), now}));
  return {};
}

Result<void> PutImageDocuments(Session& session, std::span<const NewImageDocument> documents) {
  static constexpr SetStatement kPut{
      "image.put_document",
      "INSERT INTO image_documents (image_row, kind, object_key) VALUES ($1, $2, $3) "
      "ON CONFLICT (image_row, kind) DO UPDATE SET object_key = excluded.object_key",
      "INSERT INTO image_documents (image_row, kind, object_key) SELECT * FROM unnest($1::bigint[], $2::text[], "
      "$3::text[]) ON CONFLICT (image_row, kind) DO UPDATE SET object_key = excluded.object_key"};
  std::vector<Parameters> rows;
  rows.reserve(documents.size());
  for (const auto& [row, document] : documents) rows.push_back({row, document.kind, document.object_key});
  HF_CHECK_OK(session.RunSet(kPut, rows));
  return {};
}

Result<void> PutImageDocuments(Session& session, std::int64_t row, std::span<const ImageDocument> documents) {
  std::vector<NewImageDocument> of_image;
  of_image.reserve(documents.size());
  for (const ImageDocument& document : documents) of_image.push_back({row, document});
  return PutImageDocuments(session, of_image);
}

Result<std::vector<ImageDocument>> ListImageDocuments(Session& session, std::int64_t row) {
  static constexpr Statement kList{"image.documents",
                                   "SELECT kind, object_key FROM image_documents WHERE image_row = $1 ORDER BY kind"};
  HF_TRY(const auto rows, session.Run(kList, {row}));
  std::vector<ImageDocument> documents;
  for (const Row& entry : rows) documents.push_back({entry[0].Text(), entry[1].Text()});
  return documents;
}

Result<std::vector<std::int64_t>> ListDeletingImages(Session& session, std::int64_t count) {
  static constexpr Statement kList{"image.list_deleting",
                                   "SELECT id FROM images WHERE image_status = 1 ORDER BY id LIMIT $1 @SKIP_LOCKED"};
  HF_TRY(const auto rows, session.Run(kList, {count}));
  std::vector<std::int64_t> found;
  for (const Row& row : rows) found.push_back(row[0].Integer());
  return found;
}

Result<void> DeleteImage(Session& session, std::int64_t row) {
  static constexpr std::array kDeletes = {
      Statement{"image.delete_evaluations", "DELETE FROM evaluations WHERE image_row = $1"},
      Statement{"image.delete_documents", "DELETE FROM image_documents WHERE image_row = $1"},
      Statement{"image.delete_tags", "DELETE FROM image_tags WHERE image_row = $1"},
      Statement{"image.delete", "DELETE FROM images WHERE id = $1"}};
  for (const Statement& statement : kDeletes) HF_CHECK_OK(session.Run(statement, {row}));
  return {};
}

Result<std::vector<std::int64_t>> ListImageRowsOf(Session& session, std::int64_t account_id, std::int64_t count) {
  static constexpr Statement kList{"image.rows_of_account",
                                   "SELECT id FROM images WHERE account_id = $1 ORDER BY id LIMIT $2"};
  HF_TRY(const auto rows, session.Run(kList, {account_id, count}));
  std::vector<std::int64_t> found;
  for (const Row& row : rows) found.push_back(row[0].Integer());
  return found;
}

}  // namespace holdfast::store
