#include "version/scheme.h"

#include <array>

#include "version/apk.h"
#include "version/bitnami.h"
#include "version/calver.h"
#include "version/composer.h"
#include "version/cran.h"
#include "version/dpkg.h"
#include "version/gem.h"
#include "version/go.h"
#include "version/hackage.h"
#include "version/jvm.h"
#include "version/kb.h"
#include "version/maven.h"
#include "version/nuget.h"
#include "version/pacman.h"
#include "version/pep440.h"
#include "version/portage.h"
#include "version/pub.h"
#include "version/rpm.h"
#include "version/semver.h"

namespace holdfast::version {
namespace {

constexpr std::array kSchemes = {
    Scheme{"dpkg", &CompareDpkg},
    Scheme{"rpm", &CompareRpm},
    Scheme{"apk", &CompareApk},
    Scheme{"pacman", &ComparePacman},
    Scheme{"portage", &ComparePortage},
    Scheme{"pep440", &ComparePep440},
    Scheme{"semver", &CompareSemver},
    Scheme{"npm", &CompareSemver},
    Scheme{"maven", &CompareMaven},
    Scheme{"gem", &CompareGem},
    Scheme{"go", &CompareGo},
    Scheme{"nuget", &CompareNuget},
    Scheme{"composer", &CompareComposer},
    Scheme{"pub", &ComparePub},
    Scheme{"cran", &CompareCran},
    Scheme{"hackage", &CompareHackage},
    Scheme{"bitnami", &CompareBitnami},
    Scheme{"jvm", &CompareJvm},
    Scheme{"kb", &CompareKb},
    Scheme{"calver", &CompareCalver},
};

}  // namespace

std::span<const Scheme> AllSchemes() { return kSchemes; }

const Scheme* FindScheme(std::string_view id) {
  for (const Scheme& scheme : kSchemes)
    if (scheme.id == id) return &scheme;
  return nullptr;
}

}  // namespace holdfast::version
