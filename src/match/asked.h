// What a package asks advisories by. Whoever keeps what was decided about packages finds with it those that advisories
// which changed can touch: a package for which none of these changed is decided as before.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/ecosystem.h"
#include "model/package.h"

namespace holdfast::match {

// +1 when packages ask by other keys, or when the same advisories are decided otherwise or told otherwise in findings:
// what was decided before does not hold any more.
inline constexpr std::int64_t kMatcherVersion = 1;

struct Asked {
  model::EcosystemRelease where;
  std::string name;  // normalised

  friend auto operator<=>(const Asked&, const Asked&) = default;
};

// All that SearchPackage (search.h) looks up for the package, sorted, each once; none when nothing can be said of it.
[[nodiscard]] std::vector<Asked> AskedBy(const model::Package& package,
                                         const std::vector<model::EcosystemRelease>& distro);

}  // namespace holdfast::match
