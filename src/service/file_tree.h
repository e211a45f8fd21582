// The files of an image, from the records of its layers: nothing but these records is kept of them.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "catalog/layer_record.h"
#include "model/image_analysis.h"
#include "service/platform.h"
#include "vfs/squash.h"

namespace holdfast::service {

// Not movable: the tree looks into the records.
class FileTree {
 public:
  // kNotFound when a layer's record is not stored (an import has none).
  [[nodiscard]] static Result<std::unique_ptr<FileTree>> Load(const Platform& platform,
                                                              const model::ImageAnalysis& analysis);
  FileTree(const FileTree&) = delete;
  FileTree& operator=(const FileTree&) = delete;

  [[nodiscard]] const vfs::SquashedTree& Tree() const { return tree_; }

 private:
  explicit FileTree(const Limits& limits) : tree_(limits) {}

  std::vector<std::unique_ptr<catalog::LayerRecord>> layers_;
  vfs::SquashedTree tree_;
};

}  // namespace holdfast::service
