#include "model/ecosystem.h"

#include <gtest/gtest.h>

namespace holdfast::model {
namespace {

TEST(Ecosystem, SplitsAtTheFirstColonAndSpellsReleasesOneWay) {
  const std::pair<std::string_view, EcosystemRelease> cases[] = {
      {"Go", {"Go", ""}},
      {"AlmaLinux:9", {"AlmaLinux", "9"}},
      {"Rocky Linux:9.2", {"Rocky Linux", "9"}},
      {"Alpine:v3.20", {"Alpine", "v3.20"}},
      {"Ubuntu:22.04:LTS", {"Ubuntu", "22.04"}},
      {"Ubuntu:23.10", {"Ubuntu", "23.10"}},
      {"Ubuntu:Pro:18.04:LTS", {"Ubuntu", "Pro:18.04"}},
      {"Red Hat:enterprise_linux:9::baseos", {"Red Hat", "9"}},
      {"Red Hat:enterprise_linux:10.0", {"Red Hat", "10"}},
      {"Red Hat:rhel_dotnet:6.0::el7", {"Red Hat", "rhel_dotnet:6.0::el7"}},
      {"Red Hat:rhel_eus:9.2::appstream", {"Red Hat", "rhel_eus:9.2"}},
      {"SUSE:Linux Enterprise Server 15 SP5", {"SUSE", "Linux Enterprise Server 15 SP5"}},
      {"Debian:", {"Debian", ""}},
      {"Debian:12", {"Debian", "12"}},
      {"Debian:12.8", {"Debian", "12"}},
      {"Debian:6.0", {"Debian", "6"}},
      {"Debian:3.1", {"Debian", "3.1"}},
      {"Debian:3.1.8", {"Debian", "3.1"}},
      {"Debian:3.", {"Debian", "3."}},
      {"Debian:3", {"Debian", "3"}},
      {"Debian:unstable", {"Debian", "unstable"}},
      {"", {"", ""}},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(SplitEcosystem(text), expected) << text;
}

TEST(Ecosystem, NormalisesNamesAsEachRegistryComparesThem) {
  EXPECT_EQ(NormalisePackageName("PyPI", "Zope.Interface__x-.-y"), "zope-interface-x-y");
  EXPECT_EQ(NormalisePackageName("NuGet", "Newtonsoft.Json"), "newtonsoft.json");
  EXPECT_EQ(NormalisePackageName("npm", "JSONStream"), "JSONStream");
  EXPECT_EQ(NormalisePackageName("Go", "github.com/Masterminds/goutils"), "github.com/Masterminds/goutils");
  EXPECT_EQ(NormalisePackageName("unheard of", "A.b"), "A.b");
}

TEST(Ecosystem, FindsExactNamesOnly) {
  ASSERT_NE(FindEcosystem("crates.io"), nullptr);
  EXPECT_EQ(FindEcosystem("crates.io")->version_scheme, "semver");
  EXPECT_EQ(FindEcosystem("Packagist")->version_scheme, "composer");
  EXPECT_EQ(FindEcosystem("AlmaLinux")->advisory_names, AdvisoryNames::kBinaryPackages);
  EXPECT_EQ(FindEcosystem("pypi"), nullptr);
  EXPECT_EQ(FindEcosystem(""), nullptr);
}

}  // namespace
}  // namespace holdfast::model
