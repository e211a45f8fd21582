#include "service/owned_packages.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace holdfast::service {

void DropOwnedPackages(model::ImageAnalysis& analysis) {
  constexpr std::uint32_t kDropped = UINT32_MAX;
  std::vector<std::uint32_t> place(analysis.packages.size());
  for (const model::Relation& relation : analysis.relations)
    if (relation.kind == model::RelationKind::kOwns && relation.to < place.size()) place[relation.to] = kDropped;
  std::vector<model::Package> kept;
  for (std::size_t i = 0; i < place.size(); ++i) {
    if (place[i] == kDropped) continue;
    place[i] = static_cast<std::uint32_t>(kept.size());
    kept.push_back(std::move(analysis.packages[i]));
  }
  if (kept.size() == place.size()) {
    analysis.packages = std::move(kept);
    return;
  }
  std::vector<model::Relation> relations;
  for (const model::Relation& relation : analysis.relations) {
    if (relation.from >= place.size() || relation.to >= place.size()) continue;
    const std::uint32_t from = place[relation.from], to = place[relation.to];
    if (from != kDropped && to != kDropped) relations.push_back({relation.kind, from, to});
  }
  analysis.packages = std::move(kept);
  analysis.relations = std::move(relations);
}

}  // namespace holdfast::service
