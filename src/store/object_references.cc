#include "store/object_references.h"

#include <utility>

#include "store/codec.h"

namespace holdfast::store {
namespace {

constexpr Statement kListDocuments{
    "object_reference.documents",
    "SELECT DISTINCT object_key FROM image_documents WHERE object_key > $1 ORDER BY object_key LIMIT $2"};
constexpr Statement kListImports{
    "object_reference.imports",
    "SELECT DISTINCT object_key FROM import_contents WHERE object_key > $1 ORDER BY object_key LIMIT $2"};
constexpr Statement kListSnapshots{
    "object_reference.snapshots",
    "SELECT DISTINCT object_key FROM snapshots WHERE object_key > $1 ORDER BY object_key LIMIT $2"};
// One that is being archived, or deleted, may have no object.
constexpr Statement kListArchived{
    "object_reference.archived",
    "SELECT DISTINCT object_key FROM archived_images WHERE object_key > $1 AND status = 'archived' ORDER BY object_key "
    "LIMIT $2"};

constexpr Statement kFindDocuments{"object_reference.find_documents",
                                   "SELECT DISTINCT object_key FROM image_documents WHERE object_key IN (@TEXTS($1))"};
constexpr Statement kFindImports{"object_reference.find_imports",
                                 "SELECT DISTINCT object_key FROM import_contents WHERE object_key IN (@TEXTS($1))"};
constexpr Statement kFindSnapshots{"object_reference.find_snapshots",
                                   "SELECT DISTINCT object_key FROM snapshots WHERE object_key IN (@TEXTS($1))"};
constexpr Statement kFindArchived{"object_reference.find_archived",
                                  "SELECT DISTINCT object_key FROM archived_images WHERE object_key IN (@TEXTS($1))"};

struct ColumnStatements {
  const Statement& list;
  const Statement& find;
};
ColumnStatements StatementsOf(ObjectColumn column) {
  switch (column) {
    case ObjectColumn::kImageDocuments: return {kListDocuments, kFindDocuments};
    case ObjectColumn::kImportContents: return {kListImports, kFindImports};
    case ObjectColumn::kSnapshots: return {kListSnapshots, kFindSnapshots};
    case ObjectColumn::kArchivedImages: break;
  }
  return {kListArchived, kFindArchived};
}

std::vector<std::string> FirstTexts(const Rows& rows) {
  std::vector<std::string> texts;
  texts.reserve(rows.Size());
  for (const Row& row : rows) texts.push_back(row[0].Text());
  return texts;
}

Result<Digest> FromHex(const std::string& hex) {
  if (const auto value = Sha256Value::FromHex(hex)) return Digest(*value);
  return Fail(ErrorKind::kCorrupt, "a layer's row has no digest");
}

}  // namespace

Result<std::vector<std::string>> ListObjectKeys(Session& session, ObjectColumn column, std::string_view after,
                                                std::int64_t count) {
  HF_TRY(const auto rows, session.Run(StatementsOf(column).list, {std::string(after), count}));
  return FirstTexts(rows);
}

Result<std::vector<std::string>> FindObjectKeys(Session& session, ObjectColumn column,
                                                std::span<const std::string> keys) {
  HF_TRY(const auto rows, session.Run(StatementsOf(column).find, {std::vector<std::string>(keys.begin(), keys.end())}));
  return FirstTexts(rows);
}

Result<std::vector<std::string>> ListSearchIds(Session& session, std::int64_t record_version) {
  static constexpr Statement kList{
      "object_reference.search_ids",
      "SELECT DISTINCT search_id FROM layers WHERE record_version = $1 ORDER BY search_id"};
  HF_TRY(const auto rows, session.Run(kList, {record_version}));
  return FirstTexts(rows);
}

Result<std::vector<Digest>> ListLayers(Session& session, std::int64_t record_version, std::string_view search_id,
                                       std::string_view after, std::int64_t count) {
  static constexpr Statement kList{"object_reference.layers",
                                   "SELECT digest FROM layers WHERE record_version = $1 AND search_id = $2 AND digest "
                                   "> $3 ORDER BY digest LIMIT $4"};
  HF_TRY(const auto rows, session.Run(kList, {record_version, std::string(search_id), std::string(after), count}));
  std::vector<Digest> digests;
  for (const Row& row : rows) {
    HF_TRY(const Digest digest, FromHex(row[0].Text()));
    digests.push_back(digest);
  }
  return digests;
}

Result<bool> HasLayer(Session& session, const Layer& layer) {
  static constexpr Statement kFind{"layer.find",
                                   "SELECT 1 FROM layers WHERE digest = $1 AND record_version = $2 AND search_id = $3"};
  HF_TRY(const auto rows, session.Run(kFind, {layer.digest.Hex(), layer.record_version, layer.search_id}));
  return !rows.Empty();
}

Result<void> DeleteLayer(Session& session, const Layer& layer) {
  static constexpr Statement kDelete{"layer.delete",
                                     "DELETE FROM layers WHERE digest = $1 AND record_version = $2 AND search_id = $3"};
  HF_CHECK_OK(session.Run(kDelete, {layer.digest.Hex(), layer.record_version, layer.search_id}));
  return {};
}

Result<std::vector<Layer>> ListOutdatedLayers(Session& session, std::int64_t record_version, std::int64_t before,
                                              std::int64_t count) {
  static constexpr Statement kList{
      "layer.list_outdated",
      "SELECT digest, record_version, search_id FROM layers WHERE record_version <> $1 AND used_at < $2 LIMIT $3"};
  HF_TRY(const auto rows, session.Run(kList, {record_version, before, count}));
  std::vector<Layer> layers;
  for (const Row& row : rows) {
    HF_TRY(const Digest digest, FromHex(row[0].Text()));
    layers.push_back({.digest = digest, .record_version = row[1].Integer(), .search_id = row[2].Text()});
  }
  return layers;
}

Result<std::vector<std::int64_t>> ListAnalysisVersions(Session& session) {
  static constexpr Statement kList{"object_reference.analysis_versions", "SELECT DISTINCT version FROM analyses"};
  HF_TRY(const auto rows, session.Run(kList));
  std::vector<std::int64_t> versions;
  for (const Row& row : rows) versions.push_back(row[0].Integer());
  return versions;
}

Result<std::vector<Digest>> ListContentKeys(Session& session, std::int64_t version, const std::optional<Digest>& after,
                                            std::int64_t count) {
  static constexpr Statement kList{
      "object_reference.analyses",
      "SELECT content_key FROM analyses WHERE version = $1 AND content_key > $2 ORDER BY content_key LIMIT $3"};
  HF_TRY(const auto rows, session.Run(kList, {version, after ? FromDigest(*after) : Value{Blob{}}, count}));
  std::vector<Digest> keys;
  for (const Row& row : rows) keys.push_back(ToDigest(row[0]).value_or(Digest()));
  return keys;
}

}  // namespace holdfast::store
