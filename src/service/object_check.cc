#include "service/object_check.h"

#include <string>

#include "base/format.h"
#include "catalog/layer_record.h"
#include "io/decompress.h"
#include "io/sha256.h"
#include "model/image_analysis_wire.h"
#include "service/analysis_store.h"
#include "service/archive_package.h"
#include "service/package_sets.h"
#include "store/analyses.h"
#include "store/object_references.h"

namespace holdfast::service {
namespace {

constexpr std::uint64_t kAnalysisBytesMax = 2 * kGiB;
constexpr std::uint64_t kArchiveBytesMax = 2 * kGiB;

// Documents, contents of imports and snapshots are named after their SHA-256.
Result<void> CheckDigest(blob::ObjectStore& objects, const std::string& key) {
  const auto wanted = Sha256Value::FromHex(std::string_view(key).substr(key.rfind('/') + 1));
  HF_TRY(const auto source, objects.Get(key));
  io::Sha256 sha256;
  while (true) {
    HF_TRY(const Bytes view, source->Next());
    if (view.empty()) break;
    sha256.Update(view);
  }
  const Sha256Value found = sha256.Finish();
  if (!wanted || *wanted == found) return {};
  return Fail(ErrorKind::kCorrupt, Format("object {}: its SHA-256 is {}", key, found.Hex()));
}

Result<void> CheckRecord(const IntegrityScope& scope, const ObjectReference& reference) {
  HF_TRY(const std::string bytes, scope.objects.GetBytes(reference.key, 2 * scope.limits.evidence_layer_bytes_max));
  HF_TRY(const auto record, catalog::LayerRecord::Decode(bytes, scope.limits));
  if (record.search_id == reference.search_id) return {};
  return Fail(ErrorKind::kCorrupt, Format("object {}: the record of other searches", reference.key));
}

// What was analysed elsewhere came without its layers.
Result<bool> HasRecords(store::Session& session, const Digest& content_key, const model::ImageAnalysis& analysis) {
  if (analysis.source.kind != "registry" || analysis.source.manifest_digest != content_key.Text()) return true;
  for (const model::LayerSummary& layer : analysis.layers) {
    const auto digest = Digest::Parse(layer.digest);
    if (!digest) continue;
    HF_TRY(const bool there, store::HasLayer(session, {.digest = *digest,
                                                       .record_version = catalog::kLayerRecordVersion,
                                                       .search_id = analysis.search_id}));
    if (!there) return false;
  }
  return true;
}

Result<ObjectVerdict> CheckAnalysis(const IntegrityScope& scope, const ObjectReference& reference) {
  HF_TRY(const std::string packed, scope.objects.GetBytes(reference.key, kAnalysisBytesMax));
  HF_TRY(const std::string bytes, io::DecompressZstd(AsBytes(packed), kAnalysisBytesMax));
  HF_TRY(const auto analysis, model::DecodeImageAnalysis(bytes));
  return scope.database.Read([&](store::Session& session) -> Result<ObjectVerdict> {
    HF_TRY(const auto row, store::FindAnalysis(session, reference.digest));
    if (!row || AnalysisKey(row->content_key, row->version) != reference.key) return ObjectVerdict{};  // gone meanwhile
    HF_TRY(const auto sets, store::LoadSetMembers(session, row->id));
    std::size_t packages = 0;
    for (const std::string& set : sets) {
      HF_TRY(const auto members, DecodeMembers(set));
      packages += members.size();
    }
    HF_TRY(const bool has_records, HasRecords(session, row->content_key, analysis));
    return ObjectVerdict{.counts_agree = static_cast<std::size_t>(row->layers) == analysis.layers.size() &&
                                         static_cast<std::size_t>(row->packages) == analysis.packages.size() &&
                                         packages == analysis.packages.size(),
                         .has_records = has_records};
  });
}

Result<void> CheckArchive(const IntegrityScope& scope, const std::string& key) {
  HF_TRY(const std::string bytes, scope.objects.GetBytes(key, kArchiveBytesMax));
  const auto package = UnpackArchive(bytes, scope.limits);
  if (package) return {};
  return Fail(ErrorKind::kCorrupt, package.error().Message());
}

}  // namespace

Result<ObjectVerdict> CheckObject(const IntegrityScope& scope, const ObjectReference& reference) {
  switch (reference.what) {
    case ObjectReference::What::kAnalysis: return CheckAnalysis(scope, reference);
    case ObjectReference::What::kLayerRecord: HF_CHECK_OK(CheckRecord(scope, reference)); break;
    case ObjectReference::What::kArchive: HF_CHECK_OK(CheckArchive(scope, reference.key)); break;
    case ObjectReference::What::kDocument:
    case ObjectReference::What::kImportContent:
    case ObjectReference::What::kSnapshot: HF_CHECK_OK(CheckDigest(scope.objects, reference.key)); break;
  }
  return ObjectVerdict{};
}

}  // namespace holdfast::service
