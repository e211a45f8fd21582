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

// The ids of the analysis's sets; those that are not there are made.
Result<std::vector<std::int64_t>> InternSets(store::Session& session, const PackageSets& packages) {
  std::vector<std::string> keys;
  keys.reserve(packages.sets.size());
  for (const PackageSet& set : packages.sets) keys.push_back(set.key);
  std::map<std::string, std::int64_t> ids;
  HF_TRY(const auto known, store::FindPackageSets(session, keys));
  for (const store::KnownSet& set : known) ids.emplace(set.key, set.id);
  // Contexts of new sets only: the others are there with their sets.
  std::set<std::size_t> needed;
  for (const PackageSet& set : packages.sets)
    if (!ids.contains(set.key))
      for (const PackageSet::Member& member : set.members) needed.insert(member.context);
  std::map<std::size_t, std::int64_t> context_ids;
  if (!needed.empty()) {
    std::vector<store::NewContext> contexts;
    contexts.reserve(needed.size());
    for (const std::size_t index : needed) contexts.push_back(packages.contexts[index]);
    HF_TRY(const auto interned, store::InternContexts(session, contexts));
    std::size_t at = 0;
    for (const std::size_t index : needed) context_ids.emplace(index, interned[at++]);
  }
  std::vector<std::int64_t> answer;
  for (const PackageSet& set : packages.sets) {
    auto id = ids.find(set.key);
    if (id == ids.end()) {
      std::vector<StoredMember> members;
      std::vector<std::int64_t> contexts;
      for (const PackageSet::Member& member : set.members) {
        members.push_back({context_ids.at(member.context), member.path, member.owned});
        contexts.push_back(members.back().context_id);
      }
      HF_TRY(const std::int64_t made, store::InsertPackageSet(session, set.key, EncodeMembers(members), contexts));
      id = ids.emplace(set.key, made).first;
    }
    answer.push_back(id->second);
  }
  return answer;
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
  std::string key = DocumentKey(Digest(io::Sha256Of(document)));
  // Also when it is there: what was stored just now is not taken for something that nobody needs.
  HF_CHECK_OK(platform.objects.PutBytes(key, document));
  return key;
}

Result<void> TouchLayers(store::Session& session, const model::ImageAnalysis& analysis, std::int64_t now) {
  std::vector<Digest> layers;
  for (const model::LayerSummary& layer : analysis.layers)
    if (const auto digest = Digest::Parse(layer.digest)) layers.push_back(*digest);
  return store::TouchLayers(session, layers, catalog::kLayerRecordVersion, analysis.search_id, now);
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

Result<void> StoreAnalysisObject(const Platform& platform, const Digest& content_key, model::ImageAnalysis analysis) {
  for (model::Package& package : analysis.packages) package.files.clear();
  const std::string bytes = io::CompressZstd(AsBytes(model::EncodeImageAnalysis(analysis)));
  return platform.objects.PutBytes(AnalysisKey(content_key, kAnalysisVersion), bytes);
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

Result<store::Analysis> RecordAnalysis(store::Session& session, const Digest& content_key,
                                       const model::ImageAnalysis& analysis, std::int64_t now) {
  const PackageSets packages = GroupPackages(analysis);
  HF_TRY(const auto sets, InternSets(session, packages));
  std::uint64_t bytes = 0;
  for (const model::LayerSummary& layer : analysis.layers) bytes += layer.bytes;
  const bool complete = std::ranges::none_of(analysis.problems, &MakesPartial) && analysis.problems_dropped == 0;
  return store::PutAnalysis(session,
                            {.content_key = content_key,
                             .version = kAnalysisVersion,
                             .distro = store::StorableText(analysis.distro.id, store::kMessageBytesMax),
                             .distro_version = store::StorableText(analysis.distro.version_id, store::kMessageBytesMax),
                             .architecture = store::StorableText(analysis.source.architecture, store::kMessageBytesMax),
                             .size_bytes = static_cast<std::int64_t>(bytes),
                             .layers = static_cast<std::int64_t>(analysis.layers.size()),
                             .packages = static_cast<std::int64_t>(analysis.packages.size()),
                             .complete = complete},
                            sets, now);
}

}  // namespace holdfast::service
