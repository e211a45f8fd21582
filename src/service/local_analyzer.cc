#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catalog/builtin/builtin.h"
#include "catalog/catalog_image.h"
#include "catalog/claim_index.h"
#include "catalog/content_search.h"
#include "catalog/distro.h"
#include "catalog/layer_record.h"
#include "catalog/walk.h"
#include "io/read_ahead.h"
#include "service/analyzer.h"

namespace holdfast::service {
namespace {

class LocalAnalyzer final : public Analyzer {
 public:
  // `plan` may be null.
  LocalAnalyzer(const Limits& limits, std::unique_ptr<const catalog::SearchPlan> plan, ReadAhead read_ahead)
      : limits_(limits),
        read_ahead_(read_ahead),
        plan_(std::move(plan)),
        search_id_(plan_ == nullptr ? std::string() : plan_->Id()),
        catalogers_(catalog::BuiltinCatalogers()),
        claims_(catalogers_, catalog::DistroClaims(), limits_) {}

  Result<std::string> AnalyzeLayer(io::ByteSource& layer, const Deadline& deadline) override {
    io::DeadlineSource bounded(layer, deadline);
    HF_TRY(const auto record, ReadLayer(bounded));
    HF_CHECK_OK(deadline.Check());  // the record has it as damage of the layer
    return record.Encode();
  }

  Result<model::ImageAnalysis> AnalyzeImage(const std::vector<std::string>& records,
                                            const Deadline& deadline) override {
    HF_CHECK_OK(deadline.Check());
    std::vector<catalog::LayerRecord> layers;
    layers.reserve(records.size());
    for (const std::string& bytes : records) {
      HF_TRY(auto record, catalog::LayerRecord::Decode(bytes, limits_));
      layers.push_back(std::move(record));
    }
    return catalog::CatalogImage(layers, catalogers_, limits_,
                                 plan_ == nullptr ? catalog::SearchConfig{} : plan_->Config());
  }

  Result<sbom::Document> ReadDocument(std::string_view text, const Deadline& deadline) override {
    HF_CHECK_OK(deadline.Check());
    return sbom::ReadDocument(text, limits_);
  }

  const std::string& SearchId() const override { return search_id_; }

 private:
  Result<catalog::LayerRecord> ReadLayer(io::ByteSource& layer) const {
    if (read_ahead_ == ReadAhead::kNo) return catalog::AnalyzeLayer(layer, claims_, limits_, plan_.get());
    io::ReadAheadSource ahead(layer);
    return catalog::AnalyzeLayer(ahead, claims_, limits_, plan_.get());
  }

  Limits limits_;
  ReadAhead read_ahead_;
  std::unique_ptr<const catalog::SearchPlan> plan_;
  std::string search_id_;
  std::vector<std::unique_ptr<catalog::Cataloger>> catalogers_;
  catalog::ClaimIndex claims_;
};

}  // namespace

std::unique_ptr<Analyzer> MakeLocalAnalyzer(const Limits& limits) {
  return std::make_unique<LocalAnalyzer>(limits, nullptr, ReadAhead::kYes);
}

Result<std::unique_ptr<Analyzer>> MakeLocalAnalyzer(const Limits& limits, const catalog::SearchConfig& searches,
                                                    ReadAhead read_ahead) {
  if (searches.IsEmpty()) return std::make_unique<LocalAnalyzer>(limits, nullptr, read_ahead);
  HF_TRY(auto plan, catalog::SearchPlan::Make(searches));
  return std::make_unique<LocalAnalyzer>(limits, std::move(plan), read_ahead);
}

}  // namespace holdfast::service
