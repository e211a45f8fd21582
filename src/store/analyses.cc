#include "store/analyses.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/base64.h"
#include "store/codec.h"
#include "store/storable_text.h"

namespace holdfast::store {
namespace {

std::vector<std::int64_t> ToList(std::span<const std::int64_t> ids) { return {ids.begin(), ids.end()}; }

std::vector<FinishedImage> ToFinished(const Rows& rows) {
  std::vector<FinishedImage> images;
  for (const Row& row : rows) images.push_back({row[0].Integer(), row[1].Text()});
  return images;
}

Analysis ToAnalysis(const Row& row) {
  return {.id = row[0].Integer(),
          .content_key = ToDigest(row[1]).value_or(Digest()),
          .version = row[2].Integer(),
          .distro = row[3].Text(),
          .distro_version = row[4].Text(),
          .architecture = row[5].Text(),
          .size_bytes = row[6].Integer(),
          .layers = row[7].Integer(),
          .packages = row[8].Integer(),
          .complete = row[9].Bool(),
          .matched_generation = row[10].Integer()};
}

// Ids of vulnerabilities by name; new ones are inserted.
Result<std::map<std::string, std::int64_t>> InternVulnerabilities(Session& session, std::vector<std::string> names) {
  static constexpr Statement kFind{"vulnerability.find",
                                   "SELECT name, id FROM vulnerabilities WHERE name IN (@TEXTS($1))"};
  static constexpr SetStatement kInsert{
      "vulnerability.insert", "INSERT INTO vulnerabilities (name) VALUES ($1) ON CONFLICT DO NOTHING",
      "INSERT INTO vulnerabilities (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING"};
  std::map<std::string, std::int64_t> ids;
  HF_TRY(auto found, session.Run(kFind, {names}));
  for (const Row& row : found) ids.emplace(row[0].Text(), row[1].Integer());
  std::erase_if(names, [&](const std::string& name) { return ids.contains(name); });
  if (names.empty()) return ids;
  std::vector<Parameters> sets;
  sets.reserve(names.size());
  for (const std::string& name : names) sets.push_back({name});
  HF_CHECK_OK(session.RunSet(kInsert, sets));
  HF_TRY(found, session.Run(kFind, {names}));
  for (const Row& row : found) ids.emplace(row[0].Text(), row[1].Integer());
  return ids;
}

Result<std::map<std::string, std::int64_t>> FindContexts(Session& session, std::vector<std::string> keys) {
  static constexpr Statement kFind{"context.find", "SELECT key, id FROM contexts WHERE key IN (@TEXTS($1))"};
  std::map<std::string, std::int64_t> ids;
  HF_TRY(const auto rows, session.Run(kFind, {std::move(keys)}));
  for (const Row& row : rows) ids.emplace(row[0].Text(), row[1].Integer());
  return ids;
}

// `statement` selects the columns of findings by a list of ids.
std::vector<Finding> ToFindings(const Rows& rows) {
  std::vector<Finding> findings;
  for (const Row& row : rows)
    findings.push_back({.id = row[0].Integer(),
                        .context_id = row[1].Integer(),
                        .vulnerability = row[2].Text(),
                        .opened_at = row[3].Integer(),
                        .detected_at = row[11].Integer(),
                        .severity = row[4].Integer(),
                        .name_space = row[5].Text(),
                        .will_not_fix = row[6].Bool(),
                        .fix = row[7].Text(),
                        .fix_observed_at = row[8].OptionalInteger(),
                        .digest = ToDigest(row[9]).value_or(Digest()).Value(),
                        .detail = row[10].Bytes()});
  return findings;
}

std::vector<AffectedImage> ToAffected(const Rows& rows) {
  std::vector<AffectedImage> affected;
  for (const Row& row : rows)
    affected.push_back({.image_row = row[0].Integer(),
                        .context_id = row[1].Integer(),
                        .package = row[2].Text(),
                        .version = row[3].Text(),
                        .type = row[4].Text(),
                        .name_space = row[5].Text(),
                        .severity = row[6].Integer(),
                        .will_not_fix = row[7].Bool()});
  return affected;
}

}  // namespace

std::string ContentKey(const Sha256Value& hash) {
  std::string text = EncodeBase64(AsText(Bytes(hash.bytes).first(16)));
  text.resize(22);  // without padding
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

Result<void> TouchLayers(Session& session, std::span<const Digest> digests, std::int64_t record_version,
                         std::string_view search_id, std::int64_t now) {
  static constexpr std::int64_t kStepMs = 3'600'000;
  // Rows that were written lately are not locked, so that images on the same base do not wait for each other.
  static constexpr Statement kTouch{
      "layer.touch",
      "INSERT INTO layers (digest, record_version, search_id, record_bytes, layer_bytes, used_at) "
      "SELECT wanted.value, CAST($2 AS BIGINT), $5, 0, 0, CAST($3 AS BIGINT) FROM (@TEXTS($1)) AS wanted WHERE NOT "
      "EXISTS (SELECT 1 FROM layers AS l WHERE l.digest = wanted.value AND l.record_version = $2 AND l.search_id = $5 "
      "AND l.used_at >= $4) ON CONFLICT (digest, record_version, search_id) DO UPDATE SET used_at = excluded.used_at"};
  // Each once, and in one order for all: transactions that add the same layers do not wait for each other in turn.
  std::set<std::string> hex;
  for (const Digest& digest : digests) hex.insert(digest.Hex());
  HF_CHECK_OK(session.Run(kTouch, {std::vector<std::string>(hex.begin(), hex.end()), record_version, now, now - kStepMs,
                                   std::string(search_id)}));
  return {};
}

Result<void> PutLayer(Session& session, const Layer& layer, std::int64_t now) {
  static constexpr Statement kPut{
      "layer.put",
      "INSERT INTO layers (digest, record_version, search_id, record_bytes, layer_bytes, used_at) "
      "VALUES ($1, $2, $6, $3, $4, $5) ON CONFLICT (digest, record_version, search_id) DO UPDATE SET record_bytes = "
      "$3, "
      "layer_bytes = $4, used_at = $5"};
  HF_CHECK_OK(session.Run(
      kPut, {layer.digest.Hex(), layer.record_version, layer.record_bytes, layer.layer_bytes, now, layer.search_id}));
  return {};
}

Result<std::vector<Analysis>> FindAnalyses(Session& session, std::span<const Digest> content_keys) {
  static constexpr Statement kFind{
      "analysis.find",
      "SELECT id, content_key, version, distro, distro_version, architecture, size_bytes, layers, packages, complete, "
      "matched_generation FROM analyses WHERE content_key IN (@BLOBS($1))"};
  if (content_keys.empty()) return std::vector<Analysis>();
  std::vector<Blob> keys;
  for (const Digest& key : content_keys) keys.push_back(std::get<Blob>(FromDigest(key)));
  HF_TRY(const auto rows, session.Run(kFind, {std::move(keys)}));
  std::vector<Analysis> analyses;
  for (const Row& row : rows) analyses.push_back(ToAnalysis(row));
  return analyses;
}

Result<std::optional<Analysis>> FindAnalysis(Session& session, const Digest& content_key) {
  HF_TRY(auto found, FindAnalyses(session, {&content_key, 1}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<std::int64_t> FindAnalysisTime(Session& session, std::int64_t id) {
  static constexpr Statement kFind{"analysis.find_time", "SELECT created_at FROM analyses WHERE id = $1"};
  HF_TRY(const auto rows, session.Run(kFind, {id}));
  if (rows.Empty()) return Fail(ErrorKind::kNotFound, "the analysis is gone");
  return rows.rows.front()[0].Integer();
}

Result<std::vector<std::int64_t>> PutAnalyses(Session& session, std::span<const NewAnalysis> analyses,
                                              std::int64_t now) {
  static constexpr SetStatement kPut{
      "analysis.put",
      "INSERT INTO analyses (content_key, version, distro, distro_version, architecture, size_bytes, layers, packages, "
      "complete, matched_generation, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10) "
      "ON CONFLICT (content_key) DO UPDATE SET version = excluded.version, distro = excluded.distro, "
      "distro_version = excluded.distro_version, architecture = excluded.architecture, "
      "size_bytes = excluded.size_bytes, layers = excluded.layers, packages = excluded.packages, "
      "complete = excluded.complete, matched_generation = 0, created_at = excluded.created_at "
      "RETURNING id, content_key",
      "INSERT INTO analyses (content_key, version, distro, distro_version, architecture, size_bytes, layers, packages, "
      "complete, matched_generation, created_at) SELECT key, version, distro, distro_version, architecture, size, "
      "layers, packages, complete, 0, now FROM unnest($1::bytea[], $2::bigint[], $3::text[], $4::text[], $5::text[], "
      "$6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[]) AS analysis (key, version, distro, "
      "distro_version, architecture, size, layers, packages, complete, now) "
      "ON CONFLICT (content_key) DO UPDATE SET version = excluded.version, distro = excluded.distro, "
      "distro_version = excluded.distro_version, architecture = excluded.architecture, "
      "size_bytes = excluded.size_bytes, layers = excluded.layers, packages = excluded.packages, "
      "complete = excluded.complete, matched_generation = 0, created_at = excluded.created_at "
      "RETURNING id, content_key"};
  static constexpr Statement kClear{"analysis.clear_sets",
                                    "DELETE FROM analysis_sets WHERE analysis_id IN (@INTS($1))"};
  static constexpr SetStatement kSets{"analysis.put_sets",
                                      "INSERT INTO analysis_sets (analysis_id, position, set_id) VALUES ($1, $2, $3)",
                                      "INSERT INTO analysis_sets (analysis_id, position, set_id) "
                                      "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])"};
  if (analyses.empty()) return std::vector<std::int64_t>();
  // Ascending, so that two transactions with the same analyses do not wait for each other in turn.
  std::map<std::string, const Analysis*> ordered;
  for (const auto& [analysis, sets] : analyses) ordered.emplace(analysis.content_key.Hex(), &analysis);
  std::vector<Parameters> rows;
  rows.reserve(ordered.size());
  for (const auto& [key, analysis] : ordered)
    rows.push_back({FromDigest(analysis->content_key), analysis->version, analysis->distro, analysis->distro_version,
                    analysis->architecture, analysis->size_bytes, analysis->layers, analysis->packages,
                    FromBool(analysis->complete), now});
  HF_TRY(const auto put, session.RunSet(kPut, rows));
  std::map<std::string, std::int64_t> ids;
  for (const Row& row : put) ids.emplace(ToDigest(row[1]).value_or(Digest()).Hex(), row[0].Integer());
  std::vector<std::int64_t> answer;
  std::vector<Parameters> positions;
  for (const auto& [analysis, sets] : analyses) {
    const std::int64_t id = answer.emplace_back(ids.at(analysis.content_key.Hex()));
    for (std::size_t i = 0; i < sets.size(); ++i) positions.push_back({id, static_cast<std::int64_t>(i), sets[i]});
  }
  HF_CHECK_OK(session.Run(kClear, {answer}));
  HF_CHECK_OK(session.RunSet(kSets, positions));
  return answer;
}

Result<std::vector<std::int64_t>> InternContexts(Session& session, std::span<const NewContext> contexts) {
  static constexpr SetStatement kInsert{
      "context.insert",
      "INSERT INTO contexts (key, name, version, type, identity, matched_epoch) VALUES ($1, $2, $3, $4, $5, 0) "
      "ON CONFLICT DO NOTHING",
      "INSERT INTO contexts (key, name, version, type, identity, matched_epoch) SELECT key, name, version, type, "
      "identity, 0 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[]) "
      "AS context (key, name, version, type, identity) ON CONFLICT DO NOTHING"};
  std::vector<std::string> keys;
  for (const NewContext& context : contexts) keys.push_back(context.key);
  HF_TRY(auto ids, FindContexts(session, keys));
  // In order of their keys, so that two transactions that insert the same contexts do not wait for each other in turn.
  std::map<std::string_view, const NewContext*> missing;
  for (const NewContext& context : contexts)
    if (!ids.contains(context.key)) missing.emplace(context.key, &context);
  if (!missing.empty()) {
    std::vector<Parameters> sets;
    std::vector<std::string> inserted;
    for (const auto& [key, context] : missing) {
      sets.push_back({context->key, IndexedText(context->name), IndexedText(context->version), context->type,
                      Blob{context->identity}});
      inserted.push_back(context->key);
    }
    HF_CHECK_OK(session.RunSet(kInsert, sets));
    HF_TRY(auto found, FindContexts(session, std::move(inserted)));
    ids.merge(found);
  }
  std::vector<std::int64_t> answer;
  for (const NewContext& context : contexts) {
    const auto found = ids.find(context.key);
    if (found == ids.end()) return Fail(ErrorKind::kUnavailable, "a package context vanished while it was interned");
    answer.push_back(found->second);
  }
  return answer;
}

Result<std::vector<KnownSet>> FindPackageSets(Session& session, std::span<const std::string> keys) {
  static constexpr Statement kFind{"package_set.find", "SELECT key, id FROM package_sets WHERE key IN (@TEXTS($1))"};
  HF_TRY(const auto rows, session.Run(kFind, {std::vector<std::string>(keys.begin(), keys.end())}));
  std::vector<KnownSet> sets;
  for (const Row& row : rows) sets.push_back({row[0].Text(), row[1].Integer()});
  return sets;
}

Result<std::vector<KnownSet>> InsertPackageSets(Session& session, std::span<const NewPackageSet> sets) {
  static constexpr SetStatement kInsert{
      "package_set.insert",
      "INSERT INTO package_sets (key, members) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET key = excluded.key "
      "RETURNING key, id",
      "INSERT INTO package_sets (key, members) SELECT * FROM unnest($1::text[], $2::bytea[]) "
      "ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING key, id"};
  static constexpr SetStatement kMembers{
      "package_set.insert_contexts",
      "INSERT INTO set_contexts (set_id, context_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
      "INSERT INTO set_contexts (set_id, context_id) SELECT * FROM unnest($1::bigint[], $2::bigint[]) "
      "ON CONFLICT DO NOTHING"};
  // Ascending, as in InternContexts.
  std::map<std::string_view, const NewPackageSet*> ordered;
  for (const NewPackageSet& set : sets) ordered.emplace(set.key, &set);
  std::vector<Parameters> rows;
  rows.reserve(ordered.size());
  for (const auto& [key, set] : ordered) rows.push_back({set->key, Blob{set->members}});
  HF_TRY(const auto inserted, session.RunSet(kInsert, rows));
  std::vector<KnownSet> known;
  std::vector<Parameters> members;
  for (const Row& row : inserted) {
    known.push_back({row[0].Text(), row[1].Integer()});
    const auto& contexts = ordered.at(known.back().key)->contexts;
    for (const std::int64_t context : std::set(contexts.begin(), contexts.end()))
      members.push_back({known.back().id, context});
  }
  HF_CHECK_OK(session.RunSet(kMembers, members));
  return known;
}

Result<std::vector<std::string>> LoadSetMembers(Session& session, std::int64_t analysis_id) {
  static constexpr Statement kLoad{
      "package_set.load",
      "SELECT s.members FROM analysis_sets AS a JOIN package_sets AS s ON s.id = a.set_id WHERE a.analysis_id = $1 "
      "ORDER BY a.position"};
  HF_TRY(const auto rows, session.Run(kLoad, {analysis_id}));
  std::vector<std::string> members;
  for (const Row& row : rows) members.push_back(row[0].Bytes());
  return members;
}

Result<std::vector<Context>> ListContextsToMatch(Session& session, std::int64_t epoch, std::int64_t count) {
  static constexpr Statement kList{
      "context.list_to_match",
      "SELECT id, identity FROM contexts WHERE matched_epoch < $1 ORDER BY matched_epoch, id LIMIT $2 "
      "@SKIP_LOCKED"};
  HF_TRY(const auto rows, session.Run(kList, {epoch, count}));
  std::vector<Context> contexts;
  for (const Row& row : rows) contexts.push_back({row[0].Integer(), row[1].Bytes()});
  return contexts;
}

Result<std::vector<Context>> LoadContexts(Session& session, std::span<const std::int64_t> ids) {
  static constexpr Statement kLoad{"context.load",
                                   "SELECT id, identity FROM contexts WHERE id IN (@INTS($1)) ORDER BY id"};
  HF_TRY(const auto rows, session.Run(kLoad, {ToList(ids)}));
  std::vector<Context> contexts;
  for (const Row& row : rows) contexts.push_back({row[0].Integer(), row[1].Bytes()});
  return contexts;
}

Result<void> MarkContextsMatched(Session& session, std::span<const std::int64_t> ids, std::int64_t epoch) {
  static constexpr Statement kMark{"context.mark_matched",
                                   "UPDATE contexts SET matched_epoch = $2 WHERE id IN (@INTS($1))"};
  HF_CHECK_OK(session.Run(kMark, {ToList(ids), epoch}));
  return {};
}

Result<void> MarkAnalysesMatched(Session& session, std::int64_t generation, std::int64_t count) {
  // Contexts are decided in the order in which they came, so the analyses that came first are complete first. Looking
  // at all that wait, each time, would take the longer the more there are.
  static constexpr std::int64_t kWaitingPerMarked = 4;
  static constexpr Statement kMark{
      "analysis.mark_matched",
      "WITH waiting (waiting_id) AS MATERIALIZED (SELECT a.id FROM analyses AS a WHERE a.matched_generation = 0 "
      "ORDER BY a.id LIMIT $3), picked (picked_id) AS MATERIALIZED (SELECT a.id FROM analyses AS a WHERE a.id IN "
      "(SELECT waiting_id FROM waiting) AND a.matched_generation = 0 AND NOT EXISTS (SELECT 1 FROM analysis_sets AS s "
      "JOIN set_contexts AS m ON m.set_id = s.set_id JOIN contexts AS c ON c.id = m.context_id WHERE s.analysis_id = "
      "a.id AND c.matched_epoch = 0) ORDER BY a.id LIMIT $2 @SKIP_LOCKED) "
      "UPDATE analyses SET matched_generation = $1 FROM picked WHERE id = picked_id"};
  HF_CHECK_OK(session.Run(kMark, {generation, count, count * kWaitingPerMarked}));
  return {};
}

Result<std::vector<std::int64_t>> ListAnalyzedTimes(Session& session, std::int64_t since, std::int64_t count) {
  static constexpr Statement kList{
      "image.analyzed_times",
      "SELECT analyzed_at FROM images WHERE analyzed_at IS NOT NULL AND analyzed_at >= $1 ORDER BY analyzed_at DESC "
      "LIMIT $2"};
  HF_TRY(const auto rows, session.Run(kList, {since, count}));
  std::vector<std::int64_t> times;
  for (const Row& row : rows) times.push_back(row[0].Integer());
  return times;
}

Result<std::vector<FinishedImage>> FinishMatchedImages(Session& session, std::int64_t count, std::int64_t now) {
  static constexpr Statement kFinish{
      "image.finish_matched",
      "WITH picked (picked_id) AS MATERIALIZED (SELECT i.id FROM images AS i WHERE i.analysis_status = 1 AND EXISTS "
      "(SELECT 1 FROM analyses AS a WHERE a.id = i.analysis_id AND a.matched_generation > 0) ORDER BY i.id LIMIT $1 "
      "@SKIP_LOCKED) UPDATE images SET analysis_status = 2, analyzed_at = $2, updated_at = $2 FROM picked "
      "WHERE id = picked_id RETURNING id, request_id"};
  HF_TRY(const auto rows, session.Run(kFinish, {count, now}));
  return ToFinished(rows);
}

Result<std::vector<FinishedImage>> FinishImagesWithoutMatch(Session& session, std::int64_t count, std::int64_t now) {
  static constexpr Statement kFinish{
      "image.finish_without_match",
      "WITH picked (picked_id) AS MATERIALIZED (SELECT i.id FROM images AS i WHERE i.analysis_status = 1 "
      "AND i.analysis_id IS NOT NULL ORDER BY i.id LIMIT $1 @SKIP_LOCKED) "
      "UPDATE images SET analysis_status = 2, analyzed_at = $2, updated_at = $2 FROM picked WHERE id = picked_id "
      "RETURNING id, request_id"};
  HF_TRY(const auto rows, session.Run(kFinish, {count, now}));
  return ToFinished(rows);
}

Result<std::vector<Finding>> LoadOpenFindings(Session& session, std::span<const std::int64_t> contexts) {
  static constexpr Statement kLoad{
      "finding.load_open",
      "SELECT f.id, f.context_id, v.name, f.opened_at, f.severity, f.namespace, f.will_not_fix, f.fix, "
      "f.fix_observed_at, f.digest, f.detail, f.detected_at FROM findings AS f JOIN vulnerabilities AS v "
      "ON v.id = f.vulnerability_id WHERE f.context_id IN (@INTS($1)) AND f.closed_at IS NULL "
      "ORDER BY f.context_id, v.name"};
  HF_TRY(const auto rows, session.Run(kLoad, {ToList(contexts)}));
  return ToFindings(rows);
}

Result<std::vector<Finding>> LoadFindings(Session& session, std::span<const std::int64_t> ids) {
  static constexpr Statement kLoad{
      "finding.load",
      "SELECT f.id, f.context_id, v.name, f.opened_at, f.severity, f.namespace, f.will_not_fix, f.fix, "
      "f.fix_observed_at, f.digest, f.detail, f.detected_at FROM findings AS f JOIN vulnerabilities AS v "
      "ON v.id = f.vulnerability_id WHERE f.id IN (@INTS($1)) ORDER BY f.id"};
  HF_TRY(const auto rows, session.Run(kLoad, {ToList(ids)}));
  return ToFindings(rows);
}

Result<std::vector<Finding>> LoadFindingsAsOf(Session& session, std::span<const std::int64_t> contexts,
                                              std::int64_t time) {
  static constexpr Statement kLoad{
      "finding.load_as_of",
      "SELECT f.id, f.context_id, v.name, f.opened_at, f.severity, f.namespace, f.will_not_fix, f.fix, "
      "f.fix_observed_at, f.digest, f.detail, f.detected_at FROM findings AS f JOIN vulnerabilities AS v "
      "ON v.id = f.vulnerability_id WHERE f.context_id IN (@INTS($1)) AND f.opened_at <= $2 "
      "AND (f.closed_at IS NULL OR f.closed_at > $2) ORDER BY f.context_id, v.name"};
  HF_TRY(const auto rows, session.Run(kLoad, {ToList(contexts), time}));
  return ToFindings(rows);
}

Result<std::vector<std::int64_t>> ListOpenFindings(Session& session, std::span<const std::int64_t> contexts) {
  static constexpr Statement kList{
      "finding.list_open", "SELECT id FROM findings WHERE context_id IN (@INTS($1)) AND closed_at IS NULL ORDER BY id"};
  HF_TRY(const auto rows, session.Run(kList, {ToList(contexts)}));
  std::vector<std::int64_t> ids;
  for (const Row& row : rows) ids.push_back(row[0].Integer());
  return ids;
}

Result<void> OpenFindings(Session& session, std::span<const Finding> findings) {
  static constexpr SetStatement kOpen{
      "finding.open",
      "INSERT INTO findings (context_id, vulnerability_id, opened_at, severity, namespace, will_not_fix, fix, "
      "fix_observed_at, digest, detail, detected_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      "INSERT INTO findings (context_id, vulnerability_id, opened_at, severity, namespace, will_not_fix, fix, "
      "fix_observed_at, digest, detail, detected_at) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], "
      "$4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::bytea[], $10::bytea[], $11::bigint[])"};
  if (findings.empty()) return {};
  std::set<std::string> names;
  for (const Finding& finding : findings) names.insert(IndexedText(finding.vulnerability));
  HF_TRY(const auto ids, InternVulnerabilities(session, {names.begin(), names.end()}));
  std::vector<Parameters> sets;
  for (const Finding& finding : findings) {
    const auto id = ids.find(IndexedText(finding.vulnerability));
    if (id == ids.end()) return Fail(ErrorKind::kUnavailable, "a vulnerability vanished while it was interned");
    sets.push_back({finding.context_id, id->second, finding.opened_at, finding.severity, finding.name_space,
                    FromBool(finding.will_not_fix), finding.fix, FromOptional(finding.fix_observed_at),
                    FromDigest(Digest(finding.digest)), Blob{finding.detail}, finding.detected_at});
  }
  HF_CHECK_OK(session.RunSet(kOpen, sets));
  return {};
}

Result<void> CloseFindings(Session& session, std::span<const std::int64_t> ids, std::int64_t now) {
  static constexpr Statement kClose{"finding.close",
                                    "UPDATE findings SET closed_at = $2 WHERE id IN (@INTS($1)) AND closed_at IS NULL"};
  if (ids.empty()) return {};
  HF_CHECK_OK(session.Run(kClose, {ToList(ids), now}));
  return {};
}

Result<std::vector<AffectedImage>> FindImagesByVulnerability(Session& session, std::int64_t account_id,
                                                             std::string_view vulnerability) {
  static constexpr Statement kFind{
      "image.by_vulnerability",
      "SELECT DISTINCT i.id, c.id, c.name, c.version, c.type, f.namespace, f.severity, f.will_not_fix "
      "FROM vulnerabilities AS v JOIN findings AS f ON f.vulnerability_id = v.id AND f.closed_at IS NULL "
      "JOIN contexts AS c ON c.id = f.context_id JOIN set_contexts AS m ON m.context_id = c.id "
      "JOIN analysis_sets AS s ON s.set_id = m.set_id JOIN images AS i ON i.analysis_id = s.analysis_id "
      "WHERE v.name = $2 AND i.account_id = $1 AND i.image_status = 0 AND i.analysis_status = 2 ORDER BY i.id, c.id"};
  HF_TRY(const auto rows, session.Run(kFind, {account_id, IndexedText(vulnerability)}));
  return ToAffected(rows);
}

Result<std::vector<AffectedImage>> FindImagesByVulnerabilityAsOf(Session& session, std::int64_t account_id,
                                                                 std::string_view vulnerability, std::int64_t time) {
  static constexpr Statement kFind{
      "image.by_vulnerability_as_of",
      "SELECT DISTINCT i.id, c.id, c.name, c.version, c.type, f.namespace, f.severity, f.will_not_fix "
      "FROM vulnerabilities AS v JOIN findings AS f ON f.vulnerability_id = v.id AND f.opened_at <= $3 "
      "AND (f.closed_at IS NULL OR f.closed_at > $3) "
      "JOIN contexts AS c ON c.id = f.context_id JOIN set_contexts AS m ON m.context_id = c.id "
      "JOIN analysis_sets AS s ON s.set_id = m.set_id JOIN analyses AS a ON a.id = s.analysis_id "
      "JOIN images AS i ON i.analysis_id = a.id WHERE v.name = $2 AND i.account_id = $1 AND i.image_status = 0 "
      "AND i.analysis_status = 2 AND i.analyzed_at <= $3 AND a.created_at <= $3 ORDER BY i.id, c.id"};
  HF_TRY(const auto rows, session.Run(kFind, {account_id, IndexedText(vulnerability), time}));
  return ToAffected(rows);
}

Result<std::vector<ImagePackage>> FindImagesByPackage(Session& session, std::int64_t account_id, std::string_view name,
                                                      std::string_view version, std::string_view type) {
  static constexpr Statement kFind{
      "image.by_package",
      "SELECT DISTINCT i.id, c.name, c.version, c.type FROM contexts AS c JOIN set_contexts AS m "
      "ON m.context_id = c.id JOIN analysis_sets AS s ON s.set_id = m.set_id JOIN images AS i "
      "ON i.analysis_id = s.analysis_id WHERE c.name = $2 AND ($3 = '' OR c.version = $3) AND ($4 = '' OR c.type = $4) "
      "AND i.account_id = $1 AND i.image_status = 0 AND i.analysis_status = 2 ORDER BY i.id, c.version, c.type"};
  HF_TRY(const auto rows, session.Run(kFind, {account_id, IndexedText(name), IndexedText(version), std::string(type)}));
  std::vector<ImagePackage> packages;
  for (const Row& row : rows) packages.push_back({row[0].Integer(), row[1].Text(), row[2].Text(), row[3].Text()});
  return packages;
}

}  // namespace holdfast::store
