#include "catalog/search_result.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "base/format.h"

namespace holdfast::catalog {
namespace {

using vfs::SquashedTree;

class SearchCollector {
 public:
  SearchCollector(const SquashedTree& tree, std::span<const LayerRecord> layers, const SearchConfig& config,
                  const Limits& limits, model::ImageAnalysis& analysis, ProblemList& problems)
      : tree_(tree), layers_(layers), config_(config), limits_(limits), analysis_(analysis), problems_(problems) {}

  void Run() {
    analysis_.search_id = config_.Id();
    analysis_.search_patterns = config_.Patterns();
    usable_.resize(layers_.size());
    bool any_hits = false;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      usable_[i] = layers_[i].search_id == analysis_.search_id;
      any_hits = any_hits || (usable_[i] && !layers_[i].hits.empty());
      if (!usable_[i])
        problems_.Add(
            "", Error(ErrorKind::kUnsupported, Format("the record of layer {} was made with other searches", i + 1)));
    }
    if (any_hits) tree_.ForEach([this](const SquashedTree::File& file) { TakeHits(file); });
    if (lines_dropped_)
      problems_.Add("", Error(ErrorKind::kLimit, Format("searches hit more than {} lines: not all are listed",
                                                        limits_.search_layer_lines_max)));
    std::ranges::sort(analysis_.search_hits, [](const model::SearchHit& a, const model::SearchHit& b) {
      return std::tie(a.path, a.pattern) < std::tie(b.path, b.pattern);
    });
    // Sorted, each once.
    for (const std::string& path :
         std::set<std::string>(config_.retrieved_paths.begin(), config_.retrieved_paths.end()))
      Retrieve(path);
  }

 private:
  void TakeHits(const SquashedTree::File& file) {
    if (file.type != vfs::FileType::kRegular || !file.content || !usable_[file.content->layer]) return;
    const std::vector<SearchItem>& hits = layers_[file.content->layer].hits;
    auto hit = std::ranges::lower_bound(hits, file.content->entry, {}, &SearchItem::entry);
    for (; hit != hits.end() && hit->entry == file.content->entry; ++hit) {
      if (hit->pattern >= analysis_.search_patterns.size()) continue;  // a damaged record
      if (hit->lines.size() > limits_.search_layer_lines_max - lines_) {
        lines_dropped_ = true;
        return;
      }
      lines_ += hit->lines.size();
      analysis_.search_hits.push_back(
          {.path = file.path, .layer = file.entry->layer, .pattern = hit->pattern, .lines = hit->lines});
    }
  }

  void Retrieve(const std::string& path) {
    const auto file = tree_.Find(path, true);
    if (!file || file->type != vfs::FileType::kRegular || !file->content || !usable_[file->content->layer]) return;
    const LayerRecord& record = layers_[file->content->layer];
    const auto item = std::ranges::lower_bound(record.retrieved, file->content->entry, {}, &RetrievedItem::entry);
    if (item == record.retrieved.end() || item->entry != file->content->entry) return;
    if (item->size_bytes > limits_.retrieved_bytes_max - retrieved_bytes_) {
      problems_.Add(path, Error(ErrorKind::kLimit, Format("not retrieved: more than {} bytes with the others",
                                                          limits_.retrieved_bytes_max)));
      return;
    }
    std::string content(static_cast<std::size_t>(item->size_bytes), '\0');
    const MutableBytes into(reinterpret_cast<std::uint8_t*>(content.data()), content.size());
    if (const auto read = record.store->Open()->ReadAt(item->offset, into); !read)
      return problems_.Add(path, read.error());
    retrieved_bytes_ += item->size_bytes;
    analysis_.retrieved_files.push_back({path, std::move(content)});
  }

  const SquashedTree& tree_;
  std::span<const LayerRecord> layers_;
  const SearchConfig& config_;
  const Limits& limits_;
  model::ImageAnalysis& analysis_;
  ProblemList& problems_;
  std::vector<bool> usable_;  // by layer
  std::uint64_t lines_ = 0, retrieved_bytes_ = 0;
  bool lines_dropped_ = false;
};

}  // namespace

void CollectSearches(const SquashedTree& tree, std::span<const LayerRecord> layers, const SearchConfig& config,
                     const Limits& limits, model::ImageAnalysis& analysis, ProblemList& problems) {
  if (config.IsEmpty()) return;
  SearchCollector(tree, layers, config, limits, analysis, problems).Run();
}

}  // namespace holdfast::catalog
