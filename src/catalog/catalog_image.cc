// Layers are put on top of each other one at a time. After each layer that touches a package database,
// its cataloger runs on the tree so far, only to learn which packages are new there: that is how a
// package of a database that every layer rewrites keeps the layer that brought it. After the last layer
// all catalogers run, and their packages are the result.

#include "catalog/catalog_image.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "base/format.h"
#include "catalog/distro.h"
#include "catalog/evidence_view.h"
#include "catalog/relations.h"
#include "catalog/search_result.h"
#include "model/license.h"
#include "vfs/squash.h"

namespace holdfast::catalog {
namespace {

using model::ImageAnalysis;
using model::Package;

// Reading databases once per layer is cheap for real images; this bounds what a hostile one can cost.
constexpr std::size_t kHistoryRunsMax = 256;
constexpr std::uint64_t kHistoryFilesMax = 20'000'000;  // walked, in all runs

class Collector final : public PackageSink {
 public:
  Collector(std::vector<Package>& packages, ProblemList& problems, const Limits& limits)
      : packages_(packages), problems_(problems), limits_(limits) {}

  void RunsFor(std::string_view cataloger) { cataloger_ = cataloger; }

  void Add(Package package) override {
    const std::string path = package.locations.empty() ? std::string() : package.locations.front().path;
    if (package.name.empty()) {
      problems_.Add(path, Error(ErrorKind::kCorrupt, "a package without a name"));
      return;
    }
    if (packages_.size() >= limits_.packages_max) {
      problems_.Add(path, Error(ErrorKind::kLimit, Format("more than {} packages", limits_.packages_max)));
      return;
    }
    package.cataloger = cataloger_;
    for (model::License& license : package.licenses)
      if (license.spdx_expression.empty()) license = model::NormaliseLicense(license.value);
    packages_.push_back(std::move(package));
  }
  void Problem(std::string_view path, const Error& error) override { problems_.Add(path, error); }

 private:
  std::vector<Package>& packages_;
  ProblemList& problems_;
  const Limits& limits_;
  std::string_view cataloger_;
};

// What makes a package of a database the same one in the next layer.
using Identity = std::tuple<std::string, std::string, std::string>;
Identity IdentityOf(const Package& package) { return {package.name, package.version, package.architecture}; }

// The layer in which each package of one database cataloger was first seen, without a gap since.
class History {
 public:
  explicit History(const Cataloger& cataloger) : cataloger_(cataloger) {}

  [[nodiscard]] bool IsTouchedBy(const LayerRecord& record) const {
    if (!cataloger_.Info().database) return false;
    return std::any_of(record.evidence.begin(), record.evidence.end(), [&](const EvidenceItem& item) {
      return IsClaimed(cataloger_.Info().claims, record.inventory.PathAt(item.entry), item.form);
    });
  }

  void Observe(const std::vector<Package>& packages, std::uint32_t layer) {
    std::map<Identity, std::uint32_t> now;
    for (const Package& package : packages) {
      const Identity identity = IdentityOf(package);
      const auto before = first_seen_.find(identity);
      now.emplace(identity, before == first_seen_.end() ? layer : before->second);
    }
    first_seen_ = std::move(now);
  }

  void Attribute(Package& package) const {
    const auto found = first_seen_.find(IdentityOf(package));
    if (found == first_seen_.end()) return;
    for (auto& location : package.locations)
      if (location.primary) location.layer = found->second;
  }

  [[nodiscard]] const Cataloger& Of() const { return cataloger_; }

 private:
  const Cataloger& cataloger_;
  std::map<Identity, std::uint32_t> first_seen_;
};

class ImageCataloger {
 public:
  ImageCataloger(std::span<const LayerRecord> layers, std::span<const std::unique_ptr<Cataloger>> catalogers,
                 const Limits& limits, const SearchConfig& searches)
      : layers_(layers),
        stores_(layers),
        catalogers_(catalogers),
        limits_(limits),
        searches_(searches),
        problems_(analysis_.problems, analysis_.problems_dropped, limits.problems_max),
        tree_(limits) {}

  ImageAnalysis Run() {
    ApplyLayers();
    const std::vector<VisibleEvidence> visible = CollectVisible(tree_, layers_);
    const model::Distro unknown;
    analysis_.distro = DetectDistro(EvidenceView(tree_, stores_, visible, DistroClaims(), unknown));
    Collector collector(analysis_.packages, problems_, limits_);
    for (const auto& cataloger : catalogers_) Catalog(*cataloger, visible, collector);
    std::sort(analysis_.packages.begin(), analysis_.packages.end(), [](const Package& a, const Package& b) {
      return std::tie(a.type, a.name, a.version, a.architecture, a.locations) <
             std::tie(b.type, b.name, b.version, b.architecture, b.locations);
    });
    analysis_.relations = FindRelations(analysis_.packages, tree_);
    CollectSearches(tree_, layers_, searches_, limits_, analysis_, problems_);
    analysis_.files = tree_.Count();
    analysis_.problems_dropped += tree_.ProblemsDropped();
    if (tree_.LinksExhausted())
      problems_.Add("", Error(ErrorKind::kLimit, "symbolic links that take too many steps to follow"));
    return std::move(analysis_);
  }

 private:
  void ApplyLayers() {
    for (const auto& cataloger : catalogers_)
      if (cataloger->Info().database) histories_.emplace_back(*cataloger);
    std::size_t runs = 0;
    std::uint64_t files = 0;
    for (std::uint32_t layer = 0; layer < layers_.size(); ++layer) {
      const LayerRecord& record = layers_[layer];
      analysis_.layers.push_back(
          {.diff_id = record.diff_id.Text(), .bytes = record.bytes, .entries = record.inventory.Size()});
      for (const auto& problem : record.problems) problems_.Add(problem.path, Error(problem.kind, problem.message));
      analysis_.problems_dropped += record.problems_dropped;
      for (const auto& problem : tree_.Apply(record.inventory))
        problems_.Add(problem.path, Error(problem.kind, problem.message));
      if (layer + 1 == layers_.size()) break;  // the last state is looked at by Run
      for (History& history : histories_)
        if (history.IsTouchedBy(record) && runs++ < kHistoryRunsMax && files < kHistoryFilesMax) {
          files += tree_.Count();
          Observe(history, layer);
        }
    }
  }

  void Observe(History& history, std::uint32_t layer) {
    std::vector<Package> packages;
    std::vector<Problem> ignored;  // what is wrong in the end is reported by the last run
    std::uint64_t dropped = 0;
    ProblemList problems(ignored, dropped, 0);
    Collector collector(packages, problems, limits_);
    const model::Distro unknown;
    const std::vector<VisibleEvidence> visible = CollectVisible(tree_, layers_);
    history.Of().Catalog(EvidenceView(tree_, stores_, visible, history.Of().Info().claims, unknown), collector);
    history.Observe(packages, layer);
  }

  void Catalog(const Cataloger& cataloger, const std::vector<VisibleEvidence>& visible, Collector& collector) {
    const std::size_t before = analysis_.packages.size();
    collector.RunsFor(cataloger.Info().name);
    cataloger.Catalog(EvidenceView(tree_, stores_, visible, cataloger.Info().claims, analysis_.distro), collector);
    for (const History& history : histories_) {
      if (&history.Of() != &cataloger) continue;
      for (std::size_t i = before; i < analysis_.packages.size(); ++i) history.Attribute(analysis_.packages[i]);
    }
  }

  std::span<const LayerRecord> layers_;
  EvidenceStores stores_;
  std::span<const std::unique_ptr<Cataloger>> catalogers_;
  const Limits& limits_;
  const SearchConfig& searches_;
  ImageAnalysis analysis_;
  ProblemList problems_;
  vfs::SquashedTree tree_;
  std::vector<History> histories_;
};

}  // namespace

ImageAnalysis CatalogImage(std::span<const LayerRecord> layers, std::span<const std::unique_ptr<Cataloger>> catalogers,
                           const Limits& limits, const SearchConfig& searches) {
  return ImageCataloger(layers, catalogers, limits, searches).Run();
}

}  // namespace holdfast::catalog
