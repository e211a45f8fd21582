// The only list of catalogers.
#pragma once

#include <memory>
#include <vector>

#include "catalog/cataloger.h"

namespace holdfast::catalog {

[[nodiscard]] std::vector<std::unique_ptr<Cataloger>> BuiltinCatalogers();

}  // namespace holdfast::catalog
