// Relations between the packages of one image, from what the packages say of themselves.
#pragma once

#include <vector>

#include "model/package.h"
#include "vfs/squash.h"

namespace holdfast::catalog {

// Sorted, without duplicates and self-references:
//   kOwns       the distribution package whose file list names the file in which a language package was found
//   kContains   "a.jar" has "a.jar:b.jar"
//   kDependsOn  needs, resolved by name or by what is provided, among packages of one type
[[nodiscard]] std::vector<model::Relation> FindRelations(const std::vector<model::Package>& packages,
                                                         const vfs::SquashedTree& tree);

}  // namespace holdfast::catalog
