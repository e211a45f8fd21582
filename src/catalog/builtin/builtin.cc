#include "catalog/builtin/builtin.h"

#include <utility>

#include "catalog/dpkg/dpkg.h"

namespace holdfast::catalog {

std::vector<std::unique_ptr<Cataloger>> BuiltinCatalogers() {
  std::vector<std::unique_ptr<Cataloger>> catalogers;
  catalogers.push_back(MakeDpkgCataloger());
  return catalogers;
}

}  // namespace holdfast::catalog
