#include "service/analysis_store.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "catalog/layer_record.h"
#include "io/decompress.h"
#include "io/sha256.h"
#include "model/image_analysis_wire.h"
#include "service/package_sets.h"
#include "store/storable_text.h"

namespace holdfast::service {
namespace {

// Of one analysis, uncompressed: a million packages.
constexpr std::uint64_t kAnalysisBytesMax = 2 * kGiB;

// "3f/3f9a…": object stores list and folders open faster with short parts in front.
std::string Sharded(const Digest& digest) {
  const std::string hex = digest.Hex();
  return hex.substr(0, 2) + "/" + hex;
}

// It becomes part of a key, so it is nothing but letters and digits.
Result<void> CheckKey(const RecordKey& key) {
  if (key.search_id.empty() || (key.search_id.size() <= 64 && IsHex(key.search_id))) return {};
  return Fail(ErrorKind::kInvalidInput, "this is no id of searches");
}

// A set that is not there yet, and what its members point into.
struct MissingSet {
  const PackageSet* set = nullptr;
  const std::vector<store::NewContext>* contexts = nullptr;
};

// Ids of the contexts of these sets, by key.
Result<std::map<std::string_view, std::int64_t>> InternMembers(store::Session& session,
                                                               const std::map<std::string_view, MissingSet>& sets) {
  std::map<std::string_view, const store::NewContext*> needed;
  for (const auto& [key, missing] : sets)
    for (const PackageSet::Member& member : missing.set->members) {
      const store::NewContext& context = (*missing.contexts)[member.context];
      needed.emplace(context.key, &context);
    }
  std::vector<store::NewContext> contexts;
  contexts.reserve(needed.size());
  for (const auto& [key, context] : needed) contexts.push_back(*context);
  HF_TRY(const auto interned, store::InternContexts(session, contexts));
  std::map<std::string_view, std::int64_t> ids;
  std::size_t at = 0;
  for (const auto& [key, context] : needed) ids.emplace(key, interned[at++]);
  return ids;
}

Result<std::vector<store::KnownSet>> InsertSets(store::Session& session,
                                                const std::map<std::string_view, MissingSet>& sets) {
  if (sets.empty()) return std::vector<store::KnownSet>();
  HF_TRY(const auto context_ids, InternMembers(session, sets));
  std::vector<store::NewPackageSet> fresh;
  for (const auto& [key, missing] : sets) {
    store::NewPackageSet& set = fresh.emplace_back(store::NewPackageSet{.key = std::string(key)});
    std::vector<StoredMember> members;
    for (const PackageSet::Member& member : missing.set->members) {
      set.contexts.push_back(context_ids.at((*missing.contexts)[member.context].key));
      members.push_back({set.contexts.back(), member.path, member.owned});
    }
    set.members = EncodeMembers(members);
  }
  return store::InsertPackageSets(session, fresh);
}

// Ids of all sets of these analyses, by key; those that are not there are made.
Result<std::map<std::string, std::int64_t, std::less<>>> InternSets(store::Session& session,
                                                                    std::span<const PackageSets> analyses) {
  std::set<std::string> keys;
  for (const PackageSets& packages : analyses)
    for (const PackageSet& set : packages.sets) keys.insert(set.key);
  std::map<std::string, std::int64_t, std::less<>> ids;
  const std::vector<std::string> list(keys.begin(), keys.end());
  HF_TRY(const auto known, store::FindPackageSets(session, list));
  for (const store::KnownSet& set : known) ids.emplace(set.key, set.id);
  // Contexts of new sets only: the others are there with their sets.
  std::map<std::string_view, MissingSet> missing;
  for (const PackageSets& packages : analyses)
    for (const PackageSet& set : packages.sets)
      if (!ids.contains(set.key)) missing.emplace(set.key, MissingSet{&set, &packages.contexts});
  HF_TRY(const auto made, InsertSets(session, missing));
  for (const store::KnownSet& set : made) ids.emplace(set.key, set.id);
  return ids;
}

store::Analysis ToRow(const ContentAnalysis& content) {
  const model::ImageAnalysis& analysis = *content.analysis;
  std::uint64_t bytes = 0;
  for (const model::LayerSummary& layer : analysis.layers) bytes += layer.bytes;
  return {.content_key = content.content_key,
          .version = kAnalysisVersion,
          .distro = store::StorableText(analysis.distro.id, store::kMessageBytesMax),
          .distro_version = store::StorableText(analysis.distro.version_id, store::kMessageBytesMax),
          .architecture = store::StorableText(analysis.source.architecture, store::kMessageBytesMax),
          .size_bytes = static_cast<std::int64_t>(bytes),
          .layers = static_cast<std::int64_t>(analysis.layers.size()),
          .packages = static_cast<std::int64_t>(analysis.packages.size()),
          .complete = std::ranges::none_of(analysis.problems, &MakesPartial) && analysis.problems_dropped == 0};
}

std::string PackAnalysis(model::ImageAnalysis analysis) {
  for (model::Package& package : analysis.packages) package.files.clear();
  return io::CompressZstd(AsBytes(model::EncodeImageAnalysis(analysis)));
}

}  // namespace

std::string LayerRecordKey(const RecordKey& key) {
  return Format("layer_records/{}/{}/{}", catalog::kLayerRecordVersion, key.search_id.empty() ? "none" : key.search_id,
                Sharded(key.layer));
}
std::string AnalysisKey(const Digest& content_key, std::int64_t version) {
  return Format("analyses/{}/{}", version, Sharded(content_key));
}
std::string DocumentKey(const Digest& digest) { return "documents/" + Sharded(digest); }

Result<std::string> PutDocument(const Platform& platform, std::string_view document) {
  const blob::NewObject object{DocumentKey(Digest(io::Sha256Of(document))), document};
  HF_CHECK_OK(platform.objects.PutAll({&object, 1}, blob::IfThere::kKeep));
  return object.key;
}

Result<void> TouchLayers(store::Session& session, std::span<const ContentAnalysis> analyses, std::int64_t now) {
  std::map<std::string_view, std::set<Digest>> by_search;
  for (const ContentAnalysis& content : analyses)
    for (const model::LayerSummary& layer : content.analysis->layers)
      if (const auto digest = Digest::Parse(layer.digest)) by_search[content.analysis->search_id].insert(*digest);
  for (const auto& [search_id, digests] : by_search) {
    const std::vector<Digest> layers(digests.begin(), digests.end());
    HF_CHECK_OK(store::TouchLayers(session, layers, catalog::kLayerRecordVersion, search_id, now));
  }
  return {};
}

Result<std::string> LoadLayerRecord(const Platform& platform, const RecordKey& key) {
  HF_CHECK_OK(CheckKey(key));
  return platform.objects.GetBytes(LayerRecordKey(key), 2 * platform.limits.evidence_layer_bytes_max);
}

Result<void> StoreLayerRecord(const Platform& platform, const RecordKey& key, std::string_view record,
                              std::uint64_t layer_bytes) {
  HF_CHECK_OK(CheckKey(key));
  HF_CHECK_OK(platform.objects.PutBytes(LayerRecordKey(key), record));
  return platform.database.Write([&](store::Session& session) {
    return store::PutLayer(session,
                           {.digest = key.layer,
                            .record_version = catalog::kLayerRecordVersion,
                            .search_id = key.search_id,
                            .record_bytes = static_cast<std::int64_t>(record.size()),
                            .layer_bytes = static_cast<std::int64_t>(layer_bytes)},
                           platform.Now());
  });
}

Result<void> StoreAnalysisObjects(const Platform& platform, std::span<const ContentAnalysis> analyses) {
  std::vector<std::string> packed;
  packed.reserve(analyses.size());
  std::vector<blob::NewObject> objects;
  for (const ContentAnalysis& content : analyses)
    objects.push_back(
        {AnalysisKey(content.content_key, kAnalysisVersion), packed.emplace_back(PackAnalysis(*content.analysis))});
  return platform.objects.PutAll(objects, blob::IfThere::kReplace);
}

Result<void> StoreAnalysisObject(const Platform& platform, const Digest& content_key,
                                 const model::ImageAnalysis& analysis) {
  const ContentAnalysis content{content_key, &analysis};
  return StoreAnalysisObjects(platform, {&content, 1});
}

Result<model::ImageAnalysis> LoadAnalysisObject(const Platform& platform, const Digest& content_key,
                                                std::int64_t version) {
  HF_TRY(const std::string packed, platform.objects.GetBytes(AnalysisKey(content_key, version), kAnalysisBytesMax));
  HF_TRY(const std::string bytes, io::DecompressZstd(AsBytes(packed), kAnalysisBytesMax));
  return model::DecodeImageAnalysis(bytes);
}

Result<model::ImageAnalysis> LoadAnalysisObject(const Platform& platform, const store::Image& image) {
  if (!image.analysis) return Fail(ErrorKind::kNotFound, Format("image {} is not analyzed", image.digest.Text()));
  return LoadAnalysisObject(platform, image.analysis->content_key, image.analysis->version);
}

Result<std::vector<std::int64_t>> RecordAnalyses(store::Session& session, std::span<const ContentAnalysis> analyses,
                                                 std::int64_t now) {
  std::vector<PackageSets> packages;
  packages.reserve(analyses.size());
  for (const ContentAnalysis& content : analyses) packages.push_back(GroupPackages(*content.analysis));
  HF_TRY(const auto ids, InternSets(session, packages));
  std::vector<store::NewAnalysis> rows;
  rows.reserve(analyses.size());
  for (std::size_t i = 0; i < analyses.size(); ++i) {
    store::NewAnalysis& row = rows.emplace_back(store::NewAnalysis{.analysis = ToRow(analyses[i])});
    for (const PackageSet& set : packages[i].sets) row.sets.push_back(ids.at(set.key));
  }
  return store::PutAnalyses(session, rows, now);
}

Result<std::int64_t> RecordAnalysis(store::Session& session, const Digest& content_key,
                                    const model::ImageAnalysis& analysis, std::int64_t now) {
  const ContentAnalysis content{content_key, &analysis};
  HF_TRY(const auto ids, RecordAnalyses(session, {&content, 1}, now));
  return ids.front();
}

}  // namespace holdfast::service
