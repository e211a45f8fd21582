#include "service/file_tree.h"

#include <memory>
#include <utility>

#include "service/analysis_store.h"

namespace holdfast::service {

Result<std::unique_ptr<FileTree>> FileTree::Load(const Platform& platform, const model::ImageAnalysis& analysis) {
  std::unique_ptr<FileTree> files(new FileTree(platform.limits));
  for (const model::LayerSummary& layer : analysis.layers) {
    HF_TRY(const Digest digest, Digest::Parse(layer.digest));
    HF_TRY(const std::string bytes, LoadLayerRecord(platform, {digest, analysis.search_id}));
    HF_TRY(auto record, catalog::LayerRecord::Decode(bytes, platform.limits));
    files->layers_.push_back(std::make_unique<catalog::LayerRecord>(std::move(record)));
    // What is odd about the tree was told when the image was analysed.
    (void)files->tree_.Apply(files->layers_.back()->inventory);
  }
  return files;
}

}  // namespace holdfast::service
