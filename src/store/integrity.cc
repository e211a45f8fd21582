#include "store/integrity.h"

#include <array>
#include <map>
#include <utility>

namespace holdfast::store {
namespace {

constexpr Statement kLastImage{"integrity.last_image", "SELECT COALESCE(MAX(id), 0) FROM images"};
constexpr Statement kLastJob{"integrity.last_job", "SELECT COALESCE(MAX(id), 0) FROM jobs"};
constexpr Statement kLastAnalysis{"integrity.last_analysis", "SELECT COALESCE(MAX(id), 0) FROM analyses"};
constexpr Statement kLastSet{"integrity.last_set", "SELECT COALESCE(MAX(id), 0) FROM package_sets"};
constexpr Statement kLastContext{"integrity.last_context", "SELECT COALESCE(MAX(id), 0) FROM contexts"};

// Jobs

constexpr IntegrityQuestion kJobWithoutAccount{
    .kind = "job.no_account",
    .meaning = "jobs of accounts that are gone",
    .matter = IntegrityMatter::kWaste,
    .last = kLastJob,
    .ask = {"integrity.job_no_account",
            "SELECT j.id, 'job ' || j.id || ' (' || j.kind || ')' FROM jobs AS j WHERE j.id > $1 AND j.id <= $2 "
            "AND j.updated_at < $3 AND NOT EXISTS (SELECT 1 FROM accounts AS a WHERE a.id = j.account_id) ORDER BY "
            "j.id"},
    .remove = {"integrity.remove_jobs", "DELETE FROM jobs WHERE id IN (@INTS($1))"}};
constexpr IntegrityQuestion kJobWithoutImage{
    .kind = "job.no_image",
    .meaning = "analysis jobs of images that are gone or being deleted",
    .matter = IntegrityMatter::kWaste,
    .last = kLastJob,
    .ask = {"integrity.job_no_image",
            "SELECT j.id, 'job ' || j.id || ' of image ' || j.key FROM jobs AS j WHERE j.id > $1 AND j.id <= $2 "
            "AND j.kind = 'analyze' AND j.updated_at < $3 AND NOT EXISTS (SELECT 1 FROM images AS i WHERE "
            "i.image_status = 0 AND i.id = CASE WHEN j.kind = 'analyze' THEN CAST(j.key AS BIGINT) END) ORDER BY j.id"},
    .remove = {"integrity.remove_jobs", "DELETE FROM jobs WHERE id IN (@INTS($1))"}};
constexpr IntegrityQuestion kJobFinished{
    .kind = "job.finished",
    .meaning = "analysis jobs of images that have their analysis",
    .matter = IntegrityMatter::kWaste,
    .last = kLastJob,
    .ask = {"integrity.job_finished",
            "SELECT j.id, 'job ' || j.id || ' of image ' || j.key FROM jobs AS j JOIN images AS i "
            "ON i.id = CASE WHEN j.kind = 'analyze' THEN CAST(j.key AS BIGINT) END WHERE j.id > $1 AND j.id <= $2 "
            "AND j.kind = 'analyze' AND j.updated_at < $3 AND i.analysis_id IS NOT NULL ORDER BY j.id"},
    .remove = {"integrity.remove_jobs", "DELETE FROM jobs WHERE id IN (@INTS($1))"}};
constexpr IntegrityQuestion kJobSuperseded{
    .kind = "job.superseded",
    .meaning = "dead jobs beside a living one of the same kind and key",
    .matter = IntegrityMatter::kWaste,
    .last = kLastJob,
    .ask = {"integrity.job_superseded",
            "SELECT j.id, 'job ' || j.id || ' (' || j.kind || ')' FROM jobs AS j WHERE j.id > $1 AND j.id <= $2 "
            "AND j.state = 2 AND j.updated_at < $3 AND EXISTS (SELECT 1 FROM jobs AS o WHERE o.kind = j.kind "
            "AND o.key = j.key AND o.state <> 2) ORDER BY j.id"},
    .remove = {"integrity.remove_jobs", "DELETE FROM jobs WHERE id IN (@INTS($1))"}};
// Its deliveries were made in the transaction that ended it.
constexpr IntegrityQuestion kNotificationTwice{
    .kind = "notification.twice",
    .meaning = "notifications that wait although their deliveries were made",
    .matter = IntegrityMatter::kDamage,
    .last = kLastJob,
    .ask = {"integrity.notification_twice",
            "SELECT j.id, 'notification ' || j.key FROM jobs AS j WHERE j.id > $1 AND j.id <= $2 AND j.kind = 'notify' "
            "AND EXISTS (SELECT 1 FROM jobs AS o WHERE o.key = j.key AND o.kind LIKE 'hook_%') ORDER BY j.id"},
    .remove = {"integrity.remove_jobs", "DELETE FROM jobs WHERE id IN (@INTS($1))"}};

// Images

constexpr IntegrityQuestion kImageWithoutJob{
    .kind = "image.no_job",
    .meaning = "images that wait for an analysis for which there is no job",
    .matter = IntegrityMatter::kStuck,
    .last = kLastImage,
    .ask = {"integrity.image_no_job",
            "SELECT i.id, 'image ' || i.id FROM images AS i WHERE i.id > $1 AND i.id <= $2 AND i.image_status = 0 "
            "AND i.analysis_status IN (0, 1) AND i.analysis_id IS NULL AND NOT EXISTS (SELECT 1 FROM jobs AS j "
            "WHERE j.kind = 'analyze' AND j.key = CAST(i.id AS TEXT) AND j.state <> 2) ORDER BY i.id"}};
constexpr IntegrityQuestion kImageWithoutAnalysis{
    .kind = "image.no_analysis",
    .meaning = "images that are analyzed, without an analysis",
    .matter = IntegrityMatter::kStuck,
    .last = kLastImage,
    .ask = {"integrity.image_no_analysis",
            "SELECT i.id, 'image ' || i.id FROM images AS i WHERE i.id > $1 AND i.id <= $2 AND i.image_status = 0 "
            "AND i.analysis_status = 2 AND i.analysis_id IS NULL ORDER BY i.id"}};

// Rows whose other end is gone. Foreign keys forbid all of these; a database that was restored in parts has them.

constexpr IntegrityQuestion kImageDangling{
    .kind = "image.dangling",
    .meaning = "images that point at an account or an analysis that is not there",
    .last = kLastImage,
    .ask = {"integrity.image_dangling",
            "SELECT i.id, 'image ' || i.id FROM images AS i WHERE i.id > $1 AND i.id <= $2 AND (NOT EXISTS (SELECT 1 "
            "FROM accounts AS a WHERE a.id = i.account_id) OR (i.analysis_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
            "analyses AS a WHERE a.id = i.analysis_id))) ORDER BY i.id"}};
constexpr IntegrityQuestion kDocumentDangling{
    .kind = "image_document.dangling",
    .meaning = "documents of images that are gone",
    .last = {"integrity.last_document", "SELECT COALESCE(MAX(image_row), 0) FROM image_documents"},
    .ask = {"integrity.document_dangling",
            "SELECT d.image_row, d.kind || ' of image ' || d.image_row FROM image_documents AS d WHERE "
            "d.image_row > $1 AND d.image_row <= $2 AND NOT EXISTS (SELECT 1 FROM images AS i WHERE i.id = "
            "d.image_row) ORDER BY d.image_row, d.kind"},
    .remove = {"integrity.remove_documents", "DELETE FROM image_documents WHERE image_row IN (@INTS($1))"}};
constexpr IntegrityQuestion kTagDangling{
    .kind = "image_tag.dangling",
    .meaning = "tags of images that are gone",
    .last = {"integrity.last_tag", "SELECT COALESCE(MAX(id), 0) FROM image_tags"},
    .ask = {"integrity.tag_dangling",
            "SELECT t.id, 'tag ' || t.id FROM image_tags AS t WHERE t.id > $1 AND t.id <= $2 AND NOT EXISTS (SELECT 1 "
            "FROM images AS i WHERE i.id = t.image_row) ORDER BY t.id"},
    .remove = {"integrity.remove_tags", "DELETE FROM image_tags WHERE id IN (@INTS($1))"}};
constexpr IntegrityQuestion kEvaluationDangling{
    .kind = "evaluation.dangling",
    .meaning = "evaluations of images that are gone",
    .last = {"integrity.last_evaluation", "SELECT COALESCE(MAX(id), 0) FROM evaluations"},
    .ask = {"integrity.evaluation_dangling",
            "SELECT e.id, 'evaluation ' || e.id FROM evaluations AS e WHERE e.id > $1 AND e.id <= $2 AND NOT EXISTS "
            "(SELECT 1 FROM images AS i WHERE i.id = e.image_row) ORDER BY e.id"},
    .remove = {"integrity.remove_evaluations", "DELETE FROM evaluations WHERE id IN (@INTS($1))"}};
constexpr IntegrityQuestion kAnalysisSetDangling{
    .kind = "analysis_set.dangling",
    .meaning = "package sets of analyses of which one or the other is not there",
    .last = {"integrity.last_analysis_set", "SELECT COALESCE(MAX(analysis_id), 0) FROM analysis_sets"},
    .ask = {"integrity.analysis_set_dangling",
            "SELECT s.analysis_id, 'set ' || s.set_id || ' of analysis ' || s.analysis_id FROM analysis_sets AS s "
            "WHERE s.analysis_id > $1 AND s.analysis_id <= $2 AND (NOT EXISTS (SELECT 1 FROM analyses AS a WHERE a.id "
            "= s.analysis_id) OR NOT EXISTS (SELECT 1 FROM package_sets AS p WHERE p.id = s.set_id)) ORDER BY "
            "s.analysis_id, s.position"}};
constexpr IntegrityQuestion kSetContextDangling{
    .kind = "set_context.dangling",
    .meaning = "members of package sets of which one or the other is not there",
    .last = {"integrity.last_set_context", "SELECT COALESCE(MAX(context_id), 0) FROM set_contexts"},
    .ask = {"integrity.set_context_dangling",
            "SELECT m.context_id, 'context ' || m.context_id || ' of set ' || m.set_id FROM set_contexts AS m WHERE "
            "m.context_id > $1 AND m.context_id <= $2 AND (NOT EXISTS (SELECT 1 FROM contexts AS c WHERE c.id = "
            "m.context_id) OR NOT EXISTS (SELECT 1 FROM package_sets AS p WHERE p.id = m.set_id)) ORDER BY "
            "m.context_id, m.set_id"}};
constexpr IntegrityQuestion kFindingDangling{
    .kind = "finding.dangling",
    .meaning = "findings of packages or vulnerabilities that are not there",
    .last = {"integrity.last_finding", "SELECT COALESCE(MAX(id), 0) FROM findings"},
    .ask = {"integrity.finding_dangling",
            "SELECT f.id, 'finding ' || f.id FROM findings AS f WHERE f.id > $1 AND f.id <= $2 AND (NOT EXISTS (SELECT "
            "1 FROM contexts AS c WHERE c.id = f.context_id) OR NOT EXISTS (SELECT 1 FROM vulnerabilities AS v WHERE "
            "v.id = f.vulnerability_id)) ORDER BY f.id"}};

// Content that was kept for images, and that no image needs any more.

constexpr IntegrityQuestion kAnalysisCounts{
    .kind = "analysis.counts",
    .meaning = "analyses whose counts of layers and packages are not those of their package sets",
    .last = kLastAnalysis,
    .ask = {"integrity.analysis_counts",
            "SELECT a.id, 'analysis ' || a.id FROM analyses AS a LEFT JOIN (SELECT s.analysis_id, COUNT("
            "m.context_id) AS members, MAX(s.position) + 1 AS positions FROM analysis_sets AS "
            "s LEFT JOIN set_contexts AS m ON m.set_id = s.set_id WHERE s.analysis_id > $1 AND s.analysis_id <= $2 "
            "GROUP BY s.analysis_id) AS c ON c.analysis_id = a.id WHERE a.id > $1 AND a.id <= $2 AND "
            "(a.packages < COALESCE(c.members, 0) OR (a.packages > 0 AND COALESCE(c.members, 0) = 0) OR "
            "(a.layers > 0 AND COALESCE(c.positions, 0) > a.layers)) ORDER BY a.id"}};
constexpr IntegrityQuestion kAnalysisUnused{
    .kind = "analysis.unused",
    .meaning = "analyses of no image",
    .matter = IntegrityMatter::kWaste,
    .last = kLastAnalysis,
    .ask = {"integrity.analysis_unused",
            "SELECT a.id, 'analysis ' || a.id FROM analyses AS a WHERE a.id > $1 AND a.id <= $2 AND a.created_at < $3 "
            "AND NOT EXISTS (SELECT 1 FROM images AS i WHERE i.analysis_id = a.id) ORDER BY a.id"},
    .clear = {"integrity.clear_analyses", "DELETE FROM analysis_sets WHERE analysis_id IN (@INTS($1))"},
    .remove = {"integrity.remove_analyses", "DELETE FROM analyses WHERE id IN (@INTS($1))"}};
// Sets, contexts and vulnerabilities are written in the transactions that refer to them, so none is ever young.
constexpr IntegrityQuestion kSetUnused{
    .kind = "package_set.unused",
    .meaning = "package sets of no analysis",
    .matter = IntegrityMatter::kWaste,
    .last = kLastSet,
    .ask = {"integrity.set_unused",
            "SELECT p.id, 'set ' || p.id FROM package_sets AS p WHERE p.id > $1 AND p.id <= $2 AND NOT EXISTS (SELECT "
            "1 FROM analysis_sets AS s WHERE s.set_id = p.id) ORDER BY p.id"},
    .clear = {"integrity.clear_sets", "DELETE FROM set_contexts WHERE set_id IN (@INTS($1))"},
    .remove = {"integrity.remove_sets", "DELETE FROM package_sets WHERE id IN (@INTS($1))"}};
constexpr IntegrityQuestion kContextUnused{
    .kind = "context.unused",
    .meaning = "packages of no package set",
    .matter = IntegrityMatter::kWaste,
    .last = kLastContext,
    .ask = {"integrity.context_unused",
            "SELECT c.id, 'context ' || c.id FROM contexts AS c WHERE c.id > $1 AND c.id <= $2 AND NOT EXISTS (SELECT "
            "1 FROM set_contexts AS m WHERE m.context_id = c.id) ORDER BY c.id"},
    .clear = {"integrity.clear_contexts", "DELETE FROM findings WHERE context_id IN (@INTS($1))"},
    .remove = {"integrity.remove_contexts", "DELETE FROM contexts WHERE id IN (@INTS($1))"}};
constexpr IntegrityQuestion kVulnerabilityUnused{
    .kind = "vulnerability.unused",
    .meaning = "names of vulnerabilities that nothing was ever found to have",
    .matter = IntegrityMatter::kWaste,
    .last = {"integrity.last_vulnerability", "SELECT COALESCE(MAX(id), 0) FROM vulnerabilities"},
    .ask = {"integrity.vulnerability_unused",
            "SELECT v.id, v.name FROM vulnerabilities AS v WHERE v.id > $1 AND v.id <= $2 AND NOT EXISTS (SELECT 1 "
            "FROM findings AS f WHERE f.vulnerability_id = v.id) ORDER BY v.id"},
    .remove = {"integrity.remove_vulnerabilities", "DELETE FROM vulnerabilities WHERE id IN (@INTS($1))"}};

constexpr std::array kQuestions = {kJobWithoutAccount,  kJobWithoutImage, kJobFinished,          kJobSuperseded,
                                   kNotificationTwice,  kImageWithoutJob, kImageWithoutAnalysis, kImageDangling,
                                   kDocumentDangling,   kTagDangling,     kEvaluationDangling,   kAnalysisSetDangling,
                                   kSetContextDangling, kFindingDangling, kAnalysisCounts,       kAnalysisUnused,
                                   kSetUnused,          kContextUnused,   kVulnerabilityUnused};

}  // namespace

std::span<const IntegrityQuestion> IntegrityQuestions() { return kQuestions; }

Result<std::int64_t> LastRow(Session& session, const IntegrityQuestion& question) {
  HF_TRY(const auto rows, session.Run(question.last));
  return rows.rows.front()[0].Integer();
}

Result<std::vector<IntegrityFinding>> Ask(Session& session, const IntegrityQuestion& question, std::int64_t after,
                                          std::int64_t before) {
  Parameters parameters = {after, after + kIntegrityWindow};
  if (CountParameters(question.ask, session.Kind()) > parameters.size()) parameters.emplace_back(before);
  HF_TRY(const auto rows, session.Run(question.ask, parameters));
  std::vector<IntegrityFinding> findings;
  for (const Row& row : rows) findings.push_back({row[0].Integer(), row[1].Text()});
  return findings;
}

Result<void> Remove(Session& session, const IntegrityQuestion& question, std::span<const IntegrityFinding> findings) {
  std::vector<std::int64_t> rows;
  for (const IntegrityFinding& finding : findings) rows.push_back(finding.row);
  if (!question.clear.name.empty()) HF_CHECK_OK(session.Run(question.clear, {rows}));
  HF_CHECK_OK(session.Run(question.remove, {std::move(rows)}));
  return {};
}

Result<std::vector<StoredSet>> ListPackageSets(Session& session, std::int64_t after, std::int64_t count) {
  static constexpr Statement kSets{"integrity.sets",
                                   "SELECT id, members FROM package_sets WHERE id > $1 ORDER BY id LIMIT $2"};
  static constexpr Statement kContexts{
      "integrity.set_contexts",
      "SELECT set_id, context_id FROM set_contexts WHERE set_id IN (@INTS($1)) ORDER BY set_id, context_id"};
  HF_TRY(const auto rows, session.Run(kSets, {after, count}));
  std::vector<StoredSet> sets;
  std::map<std::int64_t, std::size_t> places;
  std::vector<std::int64_t> ids;
  for (const Row& row : rows) {
    ids.push_back(row[0].Integer());
    places.emplace(ids.back(), sets.size());
    sets.push_back({.id = ids.back(), .members = row[1].Bytes(), .contexts = {}});
  }
  HF_TRY(const auto contexts, session.Run(kContexts, {std::move(ids)}));
  for (const Row& row : contexts) sets[places.at(row[0].Integer())].contexts.push_back(row[1].Integer());
  return sets;
}

}  // namespace holdfast::store
