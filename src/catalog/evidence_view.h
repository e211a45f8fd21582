// The evidence of a squashed tree, as one cataloger sees it. For the engine only.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/cataloger.h"
#include "catalog/evidence.h"
#include "catalog/layer_record.h"
#include "vfs/squash.h"

namespace holdfast::catalog {

// All visible files that have evidence, collected once per state of the tree.
struct VisibleEvidence {
  std::string path;
  std::uint32_t layer = 0;          // that listed the path
  std::uint32_t content_layer = 0;  // that holds the evidence; another one for hard links
  const EvidenceItem* item = nullptr;
  std::uint64_t size_bytes = 0;
};
[[nodiscard]] std::vector<VisibleEvidence> CollectVisible(const vfs::SquashedTree& tree,
                                                          std::span<const LayerRecord> layers);

// Whether `path` and `form` fall under one of the claims.
[[nodiscard]] bool IsClaimed(std::span<const Claim> claims, std::string_view path, EvidenceForm form);

// The stores of all layers, each with one reader, so that evidence that lies in one chunk is decompressed
// once for all catalogers. One thread at a time.
class EvidenceStores {
 public:
  explicit EvidenceStores(std::span<const LayerRecord> layers);  // which outlive it
  [[nodiscard]] const LayerRecord& Record(std::uint32_t layer) const { return layers_[layer]; }
  [[nodiscard]] const io::RandomSource& Reader(std::uint32_t layer) const { return *readers_[layer]; }

 private:
  std::span<const LayerRecord> layers_;
  std::vector<std::unique_ptr<io::RandomSource>> readers_;
};

class EvidenceView final : public EvidenceTree {
 public:
  // All arguments outlive the view.
  EvidenceView(const vfs::SquashedTree& tree, const EvidenceStores& stores, const std::vector<VisibleEvidence>& visible,
               std::span<const Claim> claims, const model::Distro& distro);

  const std::vector<EvidenceFile>& Files() const override { return files_; }
  Result<std::string> Read(const EvidenceFile& file, std::uint64_t bytes_max) const override;
  Result<std::unique_ptr<io::RandomSource>> Open(const EvidenceFile& file) const override;
  const EvidenceFile* Find(std::string_view path) const override;
  bool Exists(std::string_view path) const override;
  const model::Distro& Distro() const override { return distro_; }

 private:
  const vfs::SquashedTree& tree_;
  const EvidenceStores& stores_;
  const std::vector<VisibleEvidence>& visible_;
  const model::Distro& distro_;
  std::vector<EvidenceFile> files_;  // id: index in visible_
};

}  // namespace holdfast::catalog
