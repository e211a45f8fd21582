#include "service/integrity.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/format.h"
#include "catalog/layer_record.h"
#include "service/object_check.h"
#include "service/object_references.h"
#include "service/package_sets.h"
#include "service/work.h"
#include "store/images.h"
#include "store/integrity.h"
#include "store/object_references.h"

namespace holdfast::service {
namespace {

constexpr std::size_t kObjectsAtOnce = 1'000;
constexpr std::int64_t kSetsAtOnce = 200;
constexpr std::int64_t kLayersAtOnce = 1'000;

bool IsDamage(const store::IntegrityQuestion& question) { return question.matter != store::IntegrityMatter::kWaste; }

// An image that waits for nothing gets a job, behind all others.
Result<void> GiveJob(store::Session& session, std::int64_t image_row, std::int64_t now) {
  HF_TRY(const auto image, store::FindImageByRow(session, image_row));
  if (!image) return {};
  HF_CHECK_OK(store::ResetAnalyses(session, {&image_row, 1}, now));
  HF_CHECK_OK(store::EnqueueJob(session,
                                {.kind = std::string(kAnalyzeJob),
                                 .lane = store::Lane::kSweep,
                                 .account_id = image->account_id,
                                 .key = std::to_string(image_row),
                                 .payload = Format("{{\"image\":{}}}", image_row)},
                                now));
  return {};
}

// The same question again, in the transaction that mends: how many rows it was.
Result<std::uint64_t> MendWindow(store::Session& session, const store::IntegrityQuestion& question, std::int64_t after,
                                 std::int64_t before, std::int64_t now) {
  HF_TRY(const auto findings, store::Ask(session, question, after, before));
  if (findings.empty()) return 0;
  if (question.matter == store::IntegrityMatter::kStuck) {
    for (const store::IntegrityFinding& finding : findings) HF_CHECK_OK(GiveJob(session, finding.row, now));
  } else {
    HF_CHECK_OK(store::Remove(session, question, findings));
  }
  return findings.size();
}

bool IsMendable(const store::IntegrityQuestion& question) {
  return question.IsRemovable() || question.matter == store::IntegrityMatter::kStuck;
}

Result<std::uint64_t> Mend(store::Database& database, const store::IntegrityQuestion& question, std::int64_t after,
                           std::int64_t before, std::int64_t now) {
  const auto mended =
      database.Write([&](store::Session& session) { return MendWindow(session, question, after, before, now); });
  // Somebody needs one of them now: the next look finds the others.
  if (!mended && mended.error().Kind() == ErrorKind::kConflict) return 0;
  return mended;
}

Result<std::int64_t> LastRow(store::Database& database, const store::IntegrityQuestion& question) {
  return database.Read([&](store::Session& session) { return store::LastRow(session, question); });
}

Result<void> DeleteLayers(store::Session& session, const std::vector<store::Layer>& layers) {
  for (const store::Layer& layer : layers) HF_CHECK_OK(store::DeleteLayer(session, layer));
  return {};
}

// Up to kLayersAtOnce of them; how many it was.
Result<std::size_t> RemoveOutdatedLayers(store::Session& session, std::int64_t before) {
  HF_TRY(const auto layers, store::ListOutdatedLayers(session, catalog::kLayerRecordVersion, before, kLayersAtOnce));
  HF_CHECK_OK(DeleteLayers(session, layers));
  return layers.size();
}

// One look at everything.
class Check {
 public:
  Check(const IntegrityScope& scope, const IntegrityOptions& options)
      : scope_(scope),
        options_(options),
        before_(scope.clock.NowMs() - options.grace_ms),
        references_(scope.database) {}

  // Only what no row refers to, without a look at what rows miss.
  Result<std::uint64_t> RemoveUnused() {
    waste_only_ = true;
    HF_CHECK_OK(CompareObjects());
    return Unused().mended;
  }

  Result<IntegrityReport> Run() {
    for (const store::IntegrityQuestion& question : store::IntegrityQuestions()) HF_CHECK_OK(AskAll(question));
    HF_CHECK_OK(CheckLayerVersions());
    if (options_.deep) HF_CHECK_OK(CheckSets());
    HF_CHECK_OK(CompareObjects());
    return std::move(report_);
  }

 private:
  IntegrityProblem& Kind(std::string_view kind, std::string_view meaning, bool damage) {
    const auto found = std::ranges::find(report_.problems, kind, &IntegrityProblem::kind);
    if (found != report_.problems.end()) return *found;
    return report_.problems.emplace_back(
        IntegrityProblem{.kind = std::string(kind), .meaning = std::string(meaning), .damage = damage});
  }
  IntegrityProblem& Missing() { return Kind("object.missing", "objects that rows refer to, and that are gone", true); }
  IntegrityProblem& Damaged() { return Kind("object.damaged", "objects that are not what they should be", true); }
  IntegrityProblem& WithoutRecords() {
    return Kind("analysis.no_record", "analyses of layers without a record: add the image again, with force", true);
  }
  IntegrityProblem& Unused() { return Kind("object.unused", "objects that no row refers to", false); }

  void Count(IntegrityProblem& problem, std::string example) const {
    ++problem.count;
    if (problem.examples.size() < options_.examples_max) problem.examples.push_back(std::move(example));
  }

  Result<void> AskAll(const store::IntegrityQuestion& question) {
    IntegrityProblem& problem = Kind(question.kind, question.meaning, IsDamage(question));
    HF_TRY(const std::int64_t last, LastRow(scope_.database, question));
    for (std::int64_t after = 0; after < last; after += store::kIntegrityWindow) {
      HF_TRY(auto findings, scope_.database.Read([&](store::Session& session) {
        return store::Ask(session, question, after, before_);
      }));
      for (store::IntegrityFinding& finding : findings) Count(problem, std::move(finding.name));
      if (findings.empty() || !options_.repair || !IsMendable(question)) continue;
      HF_TRY(const std::uint64_t mended, Mend(scope_.database, question, after, before_, scope_.clock.NowMs()));
      problem.mended += std::min<std::uint64_t>(mended, findings.size());
    }
    return {};
  }

  Result<void> CheckLayerVersions() {
    IntegrityProblem& problem = Kind("layer.outdated", "layer records of a version that is not read any more", false);
    while (true) {
      HF_TRY(const auto layers, scope_.database.Read([&](store::Session& session) {
        return store::ListOutdatedLayers(session, catalog::kLayerRecordVersion, before_, kLayersAtOnce);
      }));
      for (const store::Layer& layer : layers) Count(problem, "layer " + layer.digest.Text());
      // Without a repair the first page says enough.
      if (layers.empty() || !options_.repair) return {};
      HF_CHECK_OK(scope_.database.Write([&](store::Session& session) { return DeleteLayers(session, layers); }));
      problem.mended += layers.size();
    }
  }

  // What is searched must be what the sets hold.
  Result<void> CheckSets() {
    IntegrityProblem& problem =
        Kind("package_set.members", "package sets whose members are not those that are searched", true);
    for (std::int64_t after = 0;;) {
      HF_TRY(const auto sets, scope_.database.Read([&](store::Session& session) {
        return store::ListPackageSets(session, after, kSetsAtOnce);
      }));
      if (sets.empty()) return {};
      for (const store::StoredSet& set : sets) {
        const auto members = DecodeMembers(set.members);
        std::set<std::int64_t> contexts;
        if (members)
          for (const StoredMember& member : *members) contexts.insert(member.context_id);
        if (!members || !std::ranges::equal(contexts, set.contexts)) Count(problem, Format("set {}", set.id));
      }
      after = sets.back().id;
    }
  }

  // A kind is in the report whether it was found or not.
  void Name() {
    Missing();
    Unused();
    if (!options_.deep) return;
    Damaged();
    WithoutRecords();
  }

  // The keys that rows refer to and the keys that are there, both in order.
  Result<void> CompareObjects() {
    Name();
    HF_CHECK_OK(NextReference());
    for (std::string after;;) {
      HF_TRY(const auto page, scope_.objects.List("", after, kObjectsAtOnce));
      if (page.empty()) break;
      for (const blob::ObjectInfo& object : page) HF_CHECK_OK(Compare(object));
      after = page.back().key;
    }
    return PassReferences(nullptr);
  }

  Result<void> NextReference() {
    HF_TRY(wanted_, references_.Next());
    return {};
  }

  // Those before a key; all that are left when there is none.
  Result<void> PassReferences(const std::string* key) {
    while (wanted_ && (key == nullptr || wanted_->key < *key)) {
      HF_CHECK_OK(MayBeMissing(*wanted_));
      HF_CHECK_OK(NextReference());
    }
    return {};
  }

  Result<void> Compare(const blob::ObjectInfo& object) {
    ++report_.objects;
    report_.object_bytes += object.size_bytes;
    HF_CHECK_OK(PassReferences(&object.key));
    if (!wanted_ || wanted_->key != object.key) return MayBeUnused(object);
    if (options_.deep) HF_CHECK_OK(Read(*wanted_));
    return NextReference();
  }

  Result<bool> IsReferredNow(const std::string& key) {
    return scope_.database.Read([&](store::Session& session) { return IsReferred(session, key); });
  }

  // It may have come after the listing had passed, or its row may have gone.
  Result<void> MayBeMissing(const ObjectReference& reference) {
    if (waste_only_) return {};
    const auto there = scope_.objects.Exists(reference.key);
    // What is no key of an object names none.
    if (!there && there.error().Kind() != ErrorKind::kInvalidInput) return std::unexpected(there.error());
    if (there && *there) return {};
    HF_TRY(const bool referred, IsReferredNow(reference.key));
    if (!referred) return {};
    Count(Missing(), reference.key);
    return ForgetRecord(reference, Missing());
  }

  // A record without an object, or with a damaged one, is made again when an analyzer next meets the layer: it asks
  // for the object, and a row alone is of no use.
  Result<void> ForgetRecord(const ObjectReference& reference, IntegrityProblem& problem) {
    if (!options_.repair || reference.what != ObjectReference::What::kLayerRecord) return {};
    HF_CHECK_OK(scope_.objects.Delete(reference.key));
    HF_CHECK_OK(scope_.database.Write([&](store::Session& session) {
      return store::DeleteLayer(session, {.digest = reference.digest,
                                          .record_version = catalog::kLayerRecordVersion,
                                          .search_id = reference.search_id});
    }));
    ++problem.mended;
    return {};
  }

  Result<void> MayBeUnused(const blob::ObjectInfo& object) {
    HF_TRY(const bool referred, IsReferredNow(object.key));
    if (referred) return {};
    if (object.modified_ms > before_) {
      ++report_.objects_in_flight;
      return {};
    }
    Count(Unused(), object.key);
    if (!options_.repair) return {};
    // What is stored again meanwhile is young.
    HF_TRY(const auto again, scope_.objects.List(object.key, "", 1));
    if (again.empty() || again.front().key != object.key || again.front().modified_ms > before_) return {};
    HF_CHECK_OK(scope_.objects.Delete(object.key));
    ++Unused().mended;
    return {};
  }

  Result<void> Read(const ObjectReference& reference) {
    const auto verdict = CheckObject(scope_, reference);
    ++report_.objects_read;
    if (verdict) {
      IntegrityProblem& counts = Kind("analysis.counts", "", true);
      if (!verdict->counts_agree) Count(counts, reference.key);
      if (!verdict->has_records) Count(WithoutRecords(), reference.key);
      return {};
    }
    switch (verdict.error().Kind()) {
      case ErrorKind::kNotFound: return MayBeMissing(reference);
      case ErrorKind::kCorrupt:
      case ErrorKind::kUnsupported:
      case ErrorKind::kLimit:
        Count(Damaged(), Format("{}: {}", reference.key, verdict.error().Message()));
        return ForgetRecord(reference, Damaged());
      default: return std::unexpected(verdict.error());
    }
  }

  const IntegrityScope& scope_;
  const IntegrityOptions& options_;
  std::int64_t before_;
  bool waste_only_ = false;
  ObjectReferences references_;
  std::optional<ObjectReference> wanted_;  // the next that an object may be
  IntegrityReport report_;
};

}  // namespace

bool IntegrityReport::IsClean() const {
  return std::ranges::all_of(problems, [](const IntegrityProblem& problem) { return problem.count == problem.mended; });
}

Result<IntegrityReport> CheckIntegrity(const IntegrityScope& scope, const IntegrityOptions& options) {
  return Check(scope, options).Run();
}

Result<std::uint64_t> RemoveUnusedRows(const Platform& platform, std::int64_t grace_ms) {
  const std::int64_t now = platform.Now();
  std::uint64_t removed = 0;
  for (const store::IntegrityQuestion& question : store::IntegrityQuestions()) {
    if (question.matter != store::IntegrityMatter::kWaste || !question.IsRemovable()) continue;
    HF_TRY(const std::int64_t last, LastRow(platform.database, question));
    for (std::int64_t after = 0; after < last; after += store::kIntegrityWindow) {
      // Most windows have nothing, and no writer waits for a look.
      HF_TRY(const auto found, platform.database.Read([&](store::Session& session) {
        return store::Ask(session, question, after, now - grace_ms);
      }));
      if (found.empty()) continue;
      HF_TRY(const std::uint64_t some, Mend(platform.database, question, after, now - grace_ms, now));
      removed += some;
    }
  }
  while (true) {
    HF_TRY(const std::size_t layers, platform.database.Write([&](store::Session& session) {
      return RemoveOutdatedLayers(session, now - grace_ms);
    }));
    if (layers == 0) return removed;
    removed += layers;
  }
}

Result<std::uint64_t> RemoveUnusedObjects(const Platform& platform, std::int64_t grace_ms) {
  const IntegrityScope scope{.database = platform.database, .objects = platform.objects, .clock = platform.clock};
  const IntegrityOptions options{.repair = true, .grace_ms = grace_ms};
  return Check(scope, options).RemoveUnused();
}

}  // namespace holdfast::service
