#include "version/scheme.h"

#include <array>

#include "version/apk.h"
#include "version/dpkg.h"
#include "version/gem.h"
#include "version/go.h"
#include "version/maven.h"
#include "version/pep440.h"
#include "version/rpm.h"
#include "version/semver.h"

namespace holdfast::version {
namespace {

constexpr std::array kSchemes = {
    Scheme{"dpkg", &CompareDpkg},     Scheme{"rpm", &CompareRpm},       Scheme{"apk", &CompareApk},
    Scheme{"pep440", &ComparePep440}, Scheme{"semver", &CompareSemver}, Scheme{"npm", &CompareSemver},
    Scheme{"maven", &CompareMaven},   Scheme{"gem", &CompareGem},       Scheme{"go", &CompareGo},
};

}  // namespace

const Scheme* FindScheme(std::string_view id) {
  for (const Scheme& scheme : kSchemes)
    if (scheme.id == id) return &scheme;
  return nullptr;
}

}  // namespace holdfast::version
