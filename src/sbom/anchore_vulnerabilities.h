#pragma once
#include <string>
#include "model/finding.h"
#include "model/package.h"
namespace holdfast::sbom {
[[nodiscard]] inline std::string FeedGroup(const model::Finding&, const model::Package& package, const model::Distro& distro) {
  return package.ecosystem.empty() ? distro.id + ":" + distro.version_id : "github:" + package.language;
}
}  // namespace holdfast::sbom
