#include "store/imports.h"

#include <array>

#include "store/codec.h"

namespace holdfast::store {
namespace {

Import ToImport(const Row& row) {
  return {.uuid = row[0].Text(),
          .account_id = row[1].Integer(),
          .status = row[2].Text(),
          .created_at = row[3].Integer(),
          .expires_at = row[4].Integer()};
}

Result<std::vector<Import>> Load(Session& session, const Statement& statement, const Parameters& parameters) {
  HF_TRY(const auto rows, session.Run(statement, parameters));
  std::vector<Import> imports;
  for (const Row& row : rows) imports.push_back(ToImport(row));
  return imports;
}

}  // namespace

Result<void> InsertImport(Session& session, const Import& import) {
  static constexpr Statement kInsert{
      "import.insert",
      "INSERT INTO imports (uuid, account_id, status, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)"};
  HF_CHECK_OK(
      session.Run(kInsert, {import.uuid, import.account_id, import.status, import.created_at, import.expires_at}));
  return {};
}

Result<std::optional<Import>> FindImport(Session& session, std::int64_t account_id, std::string_view uuid) {
  static constexpr Statement kFind{
      "import.find",
      "SELECT uuid, account_id, status, created_at, expires_at FROM imports WHERE account_id = $1 AND uuid = $2"};
  HF_TRY(auto found, Load(session, kFind, {account_id, std::string(uuid)}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<std::vector<Import>> ListImports(Session& session, std::int64_t account_id) {
  static constexpr Statement kList{"import.list",
                                   "SELECT uuid, account_id, status, created_at, expires_at FROM imports "
                                   "WHERE account_id = $1 ORDER BY created_at DESC, uuid"};
  return Load(session, kList, {account_id});
}

Result<bool> MoveImport(Session& session, std::string_view uuid, std::string_view from, std::string_view to) {
  static constexpr Statement kMove{"import.move", "UPDATE imports SET status = $3 WHERE uuid = $1 AND status = $2"};
  HF_TRY(const auto rows, session.Run(kMove, {std::string(uuid), std::string(from), std::string(to)}));
  return rows.changed == 1;
}

Result<void> PutImportContent(Session& session, const ImportContent& content) {
  static constexpr Statement kPut{
      "import.put_content",
      "INSERT INTO import_contents (import_uuid, kind, digest, object_key, created_at) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT DO NOTHING"};
  HF_CHECK_OK(session.Run(
      kPut, {content.import_uuid, content.kind, FromDigest(content.digest), content.object_key, content.created_at}));
  return {};
}

Result<std::vector<ImportContent>> ListImportContents(Session& session, std::string_view uuid, std::string_view kind) {
  static constexpr Statement kList{
      "import.contents",
      "SELECT import_uuid, kind, digest, object_key, created_at FROM import_contents WHERE import_uuid = $1 "
      "AND ($2 = '' OR kind = $2) ORDER BY kind, created_at"};
  HF_TRY(const auto rows, session.Run(kList, {std::string(uuid), std::string(kind)}));
  std::vector<ImportContent> contents;
  for (const Row& row : rows)
    contents.push_back({.import_uuid = row[0].Text(),
                        .kind = row[1].Text(),
                        .digest = ToDigest(row[2]).value_or(Digest()),
                        .object_key = row[3].Text(),
                        .created_at = row[4].Integer()});
  return contents;
}

Result<void> ExpireImports(Session& session, std::int64_t now) {
  static constexpr Statement kExpire{
      "import.expire", "UPDATE imports SET status = 'expired' WHERE status = 'pending' AND expires_at < $1"};
  HF_CHECK_OK(session.Run(kExpire, {now}));
  return {};
}

Result<std::vector<Import>> ListEndedImports(Session& session, std::int64_t before, std::int64_t count) {
  static constexpr Statement kList{
      "import.list_ended",
      "SELECT uuid, account_id, status, created_at, expires_at FROM imports WHERE status IN ('complete', 'failed', "
      "'expired', 'invalidated') AND created_at < $1 ORDER BY created_at LIMIT $2"};
  return Load(session, kList, {before, count});
}

Result<void> DeleteImport(Session& session, std::string_view uuid) {
  static constexpr std::array kDeletes = {
      Statement{"import.delete_contents", "DELETE FROM import_contents WHERE import_uuid = $1"},
      Statement{"import.delete", "DELETE FROM imports WHERE uuid = $1"}};
  for (const Statement& statement : kDeletes) HF_CHECK_OK(session.Run(statement, {std::string(uuid)}));
  return {};
}

Result<void> DeleteImportsOf(Session& session, std::int64_t account_id) {
  static constexpr std::array kDeletes = {
      Statement{"import.delete_contents_of_account",
                "DELETE FROM import_contents WHERE import_uuid IN (SELECT uuid FROM imports WHERE account_id = $1)"},
      Statement{"import.delete_of_account", "DELETE FROM imports WHERE account_id = $1"}};
  for (const Statement& statement : kDeletes) HF_CHECK_OK(session.Run(statement, {account_id}));
  return {};
}

}  // namespace holdfast::store
