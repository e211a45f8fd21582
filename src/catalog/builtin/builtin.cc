#include "catalog/builtin/builtin.h"

#include "catalog/apk/apk.h"
#include "catalog/dpkg/dpkg.h"
#include "catalog/go/go.h"
#include "catalog/java/java.h"
#include "catalog/npm/npm.h"
#include "catalog/python/python.h"
#include "catalog/rpm/rpm.h"
#include "catalog/ruby/ruby.h"
#include "catalog/rust/rust.h"

namespace holdfast::catalog {

std::vector<std::unique_ptr<Cataloger>> BuiltinCatalogers() {
  std::vector<std::unique_ptr<Cataloger>> catalogers;
  catalogers.push_back(MakeApkCataloger());
  catalogers.push_back(MakeDpkgCataloger());
  catalogers.push_back(MakeGoBinaryCataloger());
  catalogers.push_back(MakeJavaArchiveCataloger());
  catalogers.push_back(MakeNpmCataloger());
  catalogers.push_back(MakePythonCataloger());
  catalogers.push_back(MakeRpmCataloger());
  catalogers.push_back(MakeRubyCataloger());
  catalogers.push_back(MakeRustBinaryCataloger());
  return catalogers;
}

}  // namespace holdfast::catalog
