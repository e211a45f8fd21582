// Each order is an order: random triples of real versions of one scheme obey transitivity, and equal versions
// compare alike with everything else.

#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "support/test_support.h"
#include "version/scheme.h"

namespace holdfast::version {
namespace {

std::vector<std::string> VersionsOf(const std::string& name) {
  std::vector<std::string> versions;
  std::istringstream stream(test::ReadFile(std::string(HF_TESTDATA) + "/order/" + name + "-versions.txt"));
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line.starts_with("#") || line.starts_with("//")) continue;
    std::istringstream words(line);
    std::string a, symbol, b;
    words >> a >> symbol >> b;
    versions.push_back(a);
    versions.push_back(b);
  }
  return versions;
}

void CheckTransitivity(const std::string& corpus, const std::string& scheme_id) {
  const Scheme& scheme = *FindScheme(scheme_id);
  const std::vector<std::string> versions = VersionsOf(corpus);
  std::mt19937 random(11);
  for (int i = 0; i < 200'000; ++i) {
    const std::string& a = versions[random() % versions.size()];
    const std::string& b = versions[random() % versions.size()];
    const std::string& c = versions[random() % versions.size()];
    const auto ab = Compare(scheme, a, b), bc = Compare(scheme, b, c), ac = Compare(scheme, a, c);
    if (!ab || !bc || !ac) continue;
    if (*ab <= 0 && *bc <= 0) {
      ASSERT_TRUE(*ac <= 0) << scheme_id << ": " << a << " <= " << b << " <= " << c;
    }
    if (*ab < 0 && *bc <= 0) {
      ASSERT_TRUE(*ac < 0) << scheme_id << ": " << a << " < " << b << " <= " << c;
    }
  }
}

TEST(VersionOrder, IsTransitive) {
  for (const auto& [corpus, scheme] :
       {std::pair("debian", "dpkg"), std::pair("redhat", "rpm"), std::pair("pypi", "pep440"),
        std::pair("semver", "semver"), std::pair("maven", "maven"), std::pair("rubygems", "gem"), std::pair("go", "go"),
        std::pair("npm", "npm")})
    CheckTransitivity(corpus, scheme);
}

TEST(VersionOrder, DpkgAgreesWithDpkgItself) {
  const std::vector<std::string> versions = VersionsOf("debian");
  std::mt19937 random(12);
  std::string script;
  std::vector<std::string> expected;
  for (int i = 0; i < 150; ++i) {
    const std::string& a = versions[random() % versions.size()];
    const std::string& b = versions[random() % versions.size()];
    script += "dpkg --compare-versions '" + a + "' lt '" + b + "' 2>/dev/null && echo less || echo not;";
    expected.push_back(*Compare(*FindScheme("dpkg"), a, b) < 0 ? "less" : "not");
  }
  std::istringstream answers(test::RunCommand(script));
  for (const std::string& answer : expected) {
    std::string word;
    answers >> word;
    EXPECT_EQ(word, answer);
  }
}

}  // namespace
}  // namespace holdfast::version
