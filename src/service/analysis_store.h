// Analyses of images: written once for the whole fleet, read whenever somebody asks what is in an image.
//
// The database holds what is searched (sets, contexts, findings); the object store holds the whole analysis and the
// layer records. Objects come first: a row never points at an object that is not there.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "model/image_analysis.h"
#include "service/platform.h"
#include "service/record_store.h"
#include "store/analyses.h"
#include "store/images.h"

namespace holdfast::service {

// +1 when the catalogers find other packages in the same evidence, or when an analysis is encoded in another way.
inline constexpr std::int64_t kAnalysisVersion = 2;

// Keys of objects.
[[nodiscard]] std::string LayerRecordKey(const RecordKey& key);
[[nodiscard]] std::string AnalysisKey(const Digest& content_key, std::int64_t version);
// Manifests, configs, Dockerfiles, SBOMs: named after their content.
[[nodiscard]] std::string DocumentKey(const Digest& digest);

// Stores a document under its digest; the key.
[[nodiscard]] Result<std::string> PutDocument(const Platform& platform, std::string_view document);

// Those of the layers whose records are stored.
[[nodiscard]] Result<std::vector<Digest>> FindKnownLayers(const Platform& platform, const std::vector<Digest>& layers);
// kNotFound, kCorrupt; kInvalidInput for a search id that is none: it may come from another process.
[[nodiscard]] Result<std::string> LoadLayerRecord(const Platform& platform, const RecordKey& key);
[[nodiscard]] Result<void> StoreLayerRecord(const Platform& platform, const RecordKey& key, std::string_view record,
                                            std::uint64_t layer_bytes);

// The content that an analysis is of, and the analysis.
struct ContentAnalysis {
  Digest content_key;
  const model::ImageAnalysis* analysis = nullptr;  // borrowed
};

// Says that the records of these analyses' layers are in use, for garbage collection.
[[nodiscard]] Result<void> TouchLayers(store::Session& session, std::span<const ContentAnalysis> analyses,
                                       std::int64_t now);

// The objects of analyses. What is long and can be had from the layer records again, the files that packages own, is
// left out.
[[nodiscard]] Result<void> StoreAnalysisObjects(const Platform& platform, std::span<const ContentAnalysis> analyses);
[[nodiscard]] Result<void> StoreAnalysisObject(const Platform& platform, const Digest& content_key,
                                               const model::ImageAnalysis& analysis);
[[nodiscard]] Result<model::ImageAnalysis> LoadAnalysisObject(const Platform& platform, const Digest& content_key,
                                                              std::int64_t version);
// Of an image that is analysed; kNotFound otherwise.
[[nodiscard]] Result<model::ImageAnalysis> LoadAnalysisObject(const Platform& platform, const store::Image& image);

// The rows of analyses, within the caller's transaction; their ids, in order. Their objects are stored already.
// Requires: no two are of the same content.
[[nodiscard]] Result<std::vector<std::int64_t>> RecordAnalyses(store::Session& session,
                                                               std::span<const ContentAnalysis> analyses,
                                                               std::int64_t now);
[[nodiscard]] Result<std::int64_t> RecordAnalysis(store::Session& session, const Digest& content_key,
                                                  const model::ImageAnalysis& analysis, std::int64_t now);

}  // namespace holdfast::service
