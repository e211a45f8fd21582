#include "service/analyse_image.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/format.h"

namespace holdfast::service {
namespace {

// Counts what passes.
class CountingSource final : public io::ByteSource {
 public:
  CountingSource(io::ByteSource& inner, Progress& progress) : inner_(inner), progress_(progress) {}
  Result<Bytes> Next(std::size_t max) override {
    auto view = inner_.Next(max);
    if (view) {
      count_ += view->size();
      progress_.Advance(view->size());
    }
    return view;
  }
  [[nodiscard]] std::uint64_t Count() const { return count_; }

 private:
  io::ByteSource& inner_;
  Progress& progress_;
  std::uint64_t count_ = 0;
};

class RecordingSink final : public image::LayerSink {
 public:
  RecordingSink(Analyzer& analyzer, Progress& progress, const Deadline& deadline, RecordStore* store)
      : analyzer_(analyzer), progress_(progress), deadline_(deadline), store_(store) {}

  bool IsKnown(const image::LayerDescriptor& layer) override {
    if (!layer.digest) return false;
    if (const auto known = by_digest_.find(*layer.digest); known != by_digest_.end()) {
      by_key_.emplace(layer.key, known->second);
      return true;
    }
    if (store_ == nullptr) return false;
    // A record that cannot be had is made again.
    auto record = store_->LoadRecord({*layer.digest, analyzer_.SearchId()});
    if (!record) return false;
    Keep(layer, *std::move(record), layer.size_bytes);
    return true;
  }

  Result<void> Layer(const image::LayerDescriptor& layer, io::ByteSource& bytes) override {
    io::DeadlineSource bounded(bytes, deadline_);
    CountingSource counted(bounded, progress_);
    HF_TRY(auto record, analyzer_.AnalyzeLayer(counted, deadline_));
    // An analyzer that gave up has not read all of it; only what was read to its end is what its digest says.
    HF_TRY([[maybe_unused]] const std::uint64_t rest, counted.Drain());
    if (store_ != nullptr && layer.digest)
      HF_CHECK_OK(store_->StoreRecord({*layer.digest, analyzer_.SearchId()}, record, counted.Count()));
    Keep(layer, std::move(record), counted.Count());
    return {};
  }

  void ExpectBytes(std::uint64_t total) override { progress_.Expect(total); }

  struct Recorded {
    std::string record;
    std::uint64_t compressed_bytes = 0;
  };
  [[nodiscard]] const Recorded* Find(const std::string& key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : &records_[found->second];
  }

 private:
  void Keep(const image::LayerDescriptor& layer, std::string record, std::uint64_t compressed_bytes) {
    records_.push_back({std::move(record), compressed_bytes});
    by_key_.emplace(layer.key, records_.size() - 1);
    if (layer.digest) by_digest_.emplace(*layer.digest, records_.size() - 1);
  }

  Analyzer& analyzer_;
  Progress& progress_;
  Deadline deadline_;
  RecordStore* store_;
  std::vector<Recorded> records_;
  std::map<std::string, std::size_t> by_key_;
  std::map<Digest, std::size_t> by_digest_;
};

// What the image's config says of a layer must agree with what was read.
void CheckDiffId(const image::LayerDescriptor& layer, const model::LayerSummary& read, std::vector<Problem>& problems) {
  if (!layer.diff_id || layer.diff_id->Text() == read.diff_id) return;
  problems.push_back(
      {"", ErrorKind::kCorrupt,
       Format("layer {} holds {}, but the image's config states {}", layer.key, read.diff_id, layer.diff_id->Text())});
}

}  // namespace

Result<model::ImageAnalysis> AnalyseImage(image::Source& source, Analyzer& analyzer, Progress& progress,
                                          const Deadline& deadline, RecordStore* known) {
  RecordingSink sink(analyzer, progress, deadline, known);
  HF_TRY(auto description, source.Pull(sink));
  std::vector<std::string> records;
  std::vector<std::uint64_t> compressed;
  for (const auto& layer : description.layers) {
    const auto* recorded = sink.Find(layer.key);
    if (recorded == nullptr)
      return Fail(ErrorKind::kCorrupt, Format("layer {} of the image is missing from its source", layer.key));
    records.push_back(recorded->record);
    compressed.push_back(recorded->compressed_bytes);
  }
  HF_TRY(auto analysis, analyzer.AnalyzeImage(records, deadline));
  if (analysis.layers.size() != records.size()) return Fail(ErrorKind::kInternal, "layers were lost on the way");
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto& layer = description.layers[i];
    CheckDiffId(layer, analysis.layers[i], analysis.problems);
    analysis.layers[i].digest = layer.digest ? layer.digest->Text() : std::string();
    analysis.layers[i].media_type = layer.media_type;
    analysis.layers[i].compressed_bytes = compressed[i];
  }
  analysis.source = std::move(description.source);
  analysis.problems.insert(analysis.problems.end(), description.problems.begin(), description.problems.end());
  return analysis;
}

}  // namespace holdfast::service
