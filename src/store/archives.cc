#include "store/archives.h"

#include <utility>

#include "store/codec.h"

namespace holdfast::store {
namespace {

ArchivedImage ToArchivedImage(const Row& row) {
  return {.id = row[0].Integer(),
          .account_id = row[1].Integer(),
          .digest = ToDigest(row[2]).value_or(Digest()),
          .parent_digest = ToDigest(row[3]),
          .image_id = ToDigest(row[4]),
          .status = row[5].Text(),
          .annotations = row[6].OptionalText(),
          .tags = row[7].Text(),
          .object_key = row[8].Text(),
          .size_bytes = row[9].Integer(),
          .analyzed_at = row[10].OptionalInteger(),
          .created_at = row[11].Integer(),
          .updated_at = row[12].Integer()};
}

ArchiveRule ToRule(const Row& row) {
  return {.id = row[0].Integer(),
          .rule_id = row[1].Text(),
          .account_id = row[2].Integer(),
          .system_global = row[3].Bool(),
          .document = row[4].Text(),
          .created_at = row[5].Integer(),
          .updated_at = row[6].Integer()};
}

}  // namespace

Result<ArchivedImage> PutArchivedImage(Session& session, const ArchivedImage& image) {
  static constexpr Statement kPut{
      "archive.put",
      "INSERT INTO archived_images (account_id, digest, parent_digest, image_id, status, annotations, tags, "
      "object_key, size_bytes, analyzed_at, created_at, updated_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (account_id, digest) DO UPDATE SET "
      "parent_digest = $3, image_id = $4, status = $5, annotations = $6, tags = $7, object_key = $8, size_bytes = $9, "
      "analyzed_at = $10, updated_at = $12 "
      "RETURNING id, account_id, digest, parent_digest, image_id, status, annotations, tags, object_key, size_bytes, "
      "analyzed_at, created_at, updated_at"};
  HF_TRY(const auto rows,
         session.Run(kPut, {image.account_id, FromDigest(image.digest), FromDigest(image.parent_digest),
                            FromDigest(image.image_id), image.status, FromOptional(image.annotations), image.tags,
                            image.object_key, image.size_bytes, FromOptional(image.analyzed_at), image.created_at,
                            image.updated_at}));
  return ToArchivedImage(rows.rows.front());
}

Result<std::optional<ArchivedImage>> FindArchivedImage(Session& session, std::int64_t account_id,
                                                       const Digest& digest) {
  static constexpr Statement kFind{
      "archive.find",
      "SELECT id, account_id, digest, parent_digest, image_id, status, annotations, tags, object_key, size_bytes, "
      "analyzed_at, created_at, updated_at FROM archived_images WHERE account_id = $1 AND digest = $2"};
  HF_TRY(const auto rows, session.Run(kFind, {account_id, FromDigest(digest)}));
  if (rows.Empty()) return std::nullopt;
  return ToArchivedImage(rows.rows.front());
}

Result<std::vector<ArchivedImage>> ListArchivedImages(Session& session, std::int64_t account_id, std::int64_t after,
                                                      std::int64_t count) {
  static constexpr Statement kList{
      "archive.list",
      "SELECT id, account_id, digest, parent_digest, image_id, status, annotations, tags, object_key, size_bytes, "
      "analyzed_at, created_at, updated_at FROM archived_images WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT "
      "$3"};
  HF_TRY(const auto rows, session.Run(kList, {account_id, after, count}));
  std::vector<ArchivedImage> images;
  for (const Row& row : rows) images.push_back(ToArchivedImage(row));
  return images;
}

Result<void> SetArchivedStatus(Session& session, std::int64_t id, std::string_view status, std::int64_t now) {
  static constexpr Statement kSet{"archive.set_status",
                                  "UPDATE archived_images SET status = $2, updated_at = $3 WHERE id = $1"};
  HF_CHECK_OK(session.Run(kSet, {id, std::string(status), now}));
  return {};
}

Result<void> DeleteArchivedImage(Session& session, std::int64_t id) {
  static constexpr Statement kDelete{"archive.delete", "DELETE FROM archived_images WHERE id = $1"};
  HF_CHECK_OK(session.Run(kDelete, {id}));
  return {};
}

Result<void> InsertArchiveRule(Session& session, const ArchiveRule& rule) {
  static constexpr Statement kInsert{
      "archive_rule.insert",
      "INSERT INTO archive_rules (rule_id, account_id, system_global, document, created_at, updated_at) "
      "VALUES ($1, $2, $3, $4, $5, $6)"};
  HF_CHECK_OK(session.Run(kInsert, {rule.rule_id, rule.account_id, FromBool(rule.system_global), rule.document,
                                    rule.created_at, rule.updated_at}));
  return {};
}

Result<std::vector<ArchiveRule>> ListArchiveRules(Session& session, std::int64_t account_id, bool with_global) {
  static constexpr Statement kList{
      "archive_rule.list",
      "SELECT id, rule_id, account_id, system_global, document, created_at, updated_at FROM archive_rules "
      "WHERE (account_id = $1 AND (system_global = 0 OR $2 = 1)) OR (system_global = 1 AND $2 = 1) ORDER BY id"};
  HF_TRY(const auto rows, session.Run(kList, {account_id, FromBool(with_global)}));
  std::vector<ArchiveRule> rules;
  for (const Row& row : rows) rules.push_back(ToRule(row));
  return rules;
}

Result<std::optional<ArchiveRule>> FindArchiveRule(Session& session, std::string_view rule_id) {
  static constexpr Statement kFind{
      "archive_rule.find",
      "SELECT id, rule_id, account_id, system_global, document, created_at, updated_at FROM archive_rules "
      "WHERE rule_id = $1"};
  HF_TRY(const auto rows, session.Run(kFind, {std::string(rule_id)}));
  if (rows.Empty()) return std::nullopt;
  return ToRule(rows.rows.front());
}

Result<void> DeleteArchiveRule(Session& session, std::string_view rule_id) {
  static constexpr Statement kDelete{"archive_rule.delete", "DELETE FROM archive_rules WHERE rule_id = $1"};
  HF_CHECK_OK(session.Run(kDelete, {std::string(rule_id)}));
  return {};
}

Result<void> DeleteArchiveRulesOf(Session& session, std::int64_t account_id) {
  static constexpr Statement kDelete{"archive_rule.delete_of_account",
                                     "DELETE FROM archive_rules WHERE account_id = $1"};
  HF_CHECK_OK(session.Run(kDelete, {account_id}));
  return {};
}

}  // namespace holdfast::store
