// What is known of content, once for the whole fleet: layers, analyses, package contexts and the sets they come in,
// and the findings that hold for contexts.
//
// An analysis points at package sets, one for each layer that brought packages; a set is the same row for all images
// on the same base. A context is a package as the matcher sees it; findings hang on contexts. So the findings of an
// image are a join, and the images with a finding are the reverse join.
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

// 128 bits of SHA-256 as 22 characters: what contexts and sets are interned by.
[[nodiscard]] std::string ContentKey(const Sha256Value& hash);

struct Layer {
  Digest digest;
  std::int64_t record_version = 0;
  std::string search_id;                           // of the searches that the record was made with; may be empty
  std::int64_t record_bytes = 0, layer_bytes = 0;  // 0: not known
};
// Says that the records of these layers are there and in use; written at most once an hour a layer. A layer whose row
// is missing (its record was stored by a process that was lost before it wrote the row) gets one without sizes.
[[nodiscard]] Result<void> TouchLayers(Session& session, std::span<const Digest> digests, std::int64_t record_version,
                                       std::string_view search_id, std::int64_t now);
[[nodiscard]] Result<void> PutLayer(Session& session, const Layer& layer, std::int64_t now);

struct Analysis {
  std::int64_t id = 0;
  Digest content_key;
  std::int64_t version = 0;
  std::string distro, distro_version, architecture;
  std::int64_t size_bytes = 0, layers = 0, packages = 0;
  bool complete = true;
  std::int64_t matched_generation = 0;  // 0: some of its contexts were never matched
};
// Those that are there, in no order.
[[nodiscard]] Result<std::vector<Analysis>> FindAnalyses(Session& session, std::span<const Digest> content_keys);
[[nodiscard]] Result<std::optional<Analysis>> FindAnalysis(Session& session, const Digest& content_key);
// When it was made, or replaced last; kNotFound.
[[nodiscard]] Result<std::int64_t> FindAnalysisTime(Session& session, std::int64_t id);
struct NewAnalysis {
  Analysis analysis;               // its id is not read
  std::vector<std::int64_t> sets;  // in order of layers
};
// Each replaces the one with its key, when there is one; their ids, in order. Requires: no two have the same key.
[[nodiscard]] Result<std::vector<std::int64_t>> PutAnalyses(Session& session, std::span<const NewAnalysis> analyses,
                                                            std::int64_t now);

struct NewContext {
  std::string key;  // ContentKey of identity
  std::string name, version, type;
  std::string identity;
};
// The ids of the contexts, in order; those that are not there are inserted as never matched.
[[nodiscard]] Result<std::vector<std::int64_t>> InternContexts(Session& session, std::span<const NewContext> contexts);

// Ids of the sets with these keys that are there, by key.
struct KnownSet {
  std::string key;
  std::int64_t id = 0;
};
[[nodiscard]] Result<std::vector<KnownSet>> FindPackageSets(Session& session, std::span<const std::string> keys);
struct NewPackageSet {
  std::string key;
  std::string members;                 // encoded
  std::vector<std::int64_t> contexts;  // of the members
};
// The sets with their ids, those that others inserted meanwhile too, in no order. Requires: no two have the same key.
[[nodiscard]] Result<std::vector<KnownSet>> InsertPackageSets(Session& session, std::span<const NewPackageSet> sets);
// Members of the sets of an analysis, in order of layers.
[[nodiscard]] Result<std::vector<std::string>> LoadSetMembers(Session& session, std::int64_t analysis_id);

struct Context {
  std::int64_t id = 0;
  std::string identity;
};
// Contexts whose findings have to be decided in `epoch` (matching_epoch.h), those that never were first, for one
// matcher at a time each.
[[nodiscard]] Result<std::vector<Context>> ListContextsToMatch(Session& session, std::int64_t epoch,
                                                               std::int64_t count);
[[nodiscard]] Result<std::vector<Context>> LoadContexts(Session& session, std::span<const std::int64_t> ids);
[[nodiscard]] Result<void> MarkContextsMatched(Session& session, std::span<const std::int64_t> ids, std::int64_t epoch);
// Analyses all of whose contexts have been matched are marked as such: up to `count` of the first that wait, and of
// those behind them when these are done.
[[nodiscard]] Result<void> MarkAnalysesMatched(Session& session, std::int64_t generation, std::int64_t count);
// When images became analyzed, newest first, not before `since`; at most `count`.
[[nodiscard]] Result<std::vector<std::int64_t>> ListAnalyzedTimes(Session& session, std::int64_t since,
                                                                  std::int64_t count);

struct FinishedImage {
  std::int64_t row = 0;
  std::string request_id;  // of the request that asked for it last
};
// Images that are analyzing, and whose analysis is there and matched, become analyzed.
[[nodiscard]] Result<std::vector<FinishedImage>> FinishMatchedImages(Session& session, std::int64_t count,
                                                                     std::int64_t now);
// The same for all whose analysis is there: when there is nothing to match with.
[[nodiscard]] Result<std::vector<FinishedImage>> FinishImagesWithoutMatch(Session& session, std::int64_t count,
                                                                          std::int64_t now);

struct Finding {
  std::int64_t id = 0, context_id = 0;
  std::string vulnerability;
  std::int64_t opened_at = 0;
  std::int64_t detected_at = 0;  // since when it held without interruption, however it was worded
  std::int64_t severity = 0;     // of model::Severity
  std::string name_space;        // "debian:12"
  bool will_not_fix = false;
  std::string fix;  // versions, comma-separated
  std::optional<std::int64_t> fix_observed_at;
  Sha256Value digest;  // of all that is said
  std::string detail;  // encoded
};
// Open findings of the contexts, by context, then vulnerability.
[[nodiscard]] Result<std::vector<Finding>> LoadOpenFindings(Session& session, std::span<const std::int64_t> contexts);
// Those that were open at that time, whatever became of them, in the same order.
[[nodiscard]] Result<std::vector<Finding>> LoadFindingsAsOf(Session& session, std::span<const std::int64_t> contexts,
                                                            std::int64_t time);
// Ids of the open findings of the contexts, ascending.
[[nodiscard]] Result<std::vector<std::int64_t>> ListOpenFindings(Session& session,
                                                                 std::span<const std::int64_t> contexts);
// Open or closed, by id; those that are not there any more are left out.
[[nodiscard]] Result<std::vector<Finding>> LoadFindings(Session& session, std::span<const std::int64_t> ids);
// Requires: no finding is open for any of these pairs of context and vulnerability.
[[nodiscard]] Result<void> OpenFindings(Session& session, std::span<const Finding> findings);
[[nodiscard]] Result<void> CloseFindings(Session& session, std::span<const std::int64_t> ids, std::int64_t now);

struct AffectedImage {
  std::int64_t image_row = 0, context_id = 0;
  std::string package, version, type, name_space;
  std::int64_t severity = 0;
  bool will_not_fix = false;
};
// Analysed active images of the account in which a finding of the vulnerability is open, by image.
[[nodiscard]] Result<std::vector<AffectedImage>> FindImagesByVulnerability(Session& session, std::int64_t account_id,
                                                                           std::string_view vulnerability);
// The same as it was at that time, of images that had their analysis by then.
[[nodiscard]] Result<std::vector<AffectedImage>> FindImagesByVulnerabilityAsOf(Session& session,
                                                                               std::int64_t account_id,
                                                                               std::string_view vulnerability,
                                                                               std::int64_t time);
struct ImagePackage {
  std::int64_t image_row = 0;
  std::string name, version, type;
};
// By image; any version and type when these are empty.
[[nodiscard]] Result<std::vector<ImagePackage>> FindImagesByPackage(Session& session, std::int64_t account_id,
                                                                    std::string_view name, std::string_view version,
                                                                    std::string_view type);

}  // namespace holdfast::store
