// Each order is an order: random triples of real versions of one scheme, and of the same with pieces exchanged, obey
// transitivity, and equal versions compare alike with everything else. And each is fast, and safe, on what nobody
// would call a version.

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
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

void CheckTriple(const Scheme& scheme, const std::string& a, const std::string& b, const std::string& c) {
  const auto ab = Compare(scheme, a, b), ba = Compare(scheme, b, a), bc = Compare(scheme, b, c),
             ac = Compare(scheme, a, c);
  ASSERT_EQ(ab.has_value(), ba.has_value()) << scheme.id << ": " << a << ", " << b;
  if (!ab || !bc || !ac) return;
  ASSERT_TRUE(*ab == (0 <=> *ba)) << scheme.id << ": " << a << ", " << b;
  if (*ab <= 0 && *bc <= 0) {
    ASSERT_TRUE(*ac <= 0) << scheme.id << ": " << a << " <= " << b << " <= " << c;
  }
  if (*ab < 0 && *bc <= 0) {
    ASSERT_TRUE(*ac < 0) << scheme.id << ": " << a << " < " << b << " <= " << c;
  }
  if (*ab == 0) {
    ASSERT_TRUE(*ac == *bc) << scheme.id << ": " << a << " = " << b << ", " << c;
  }
}

void CheckTransitivity(const std::string& corpus, const std::string& scheme_id) {
  const Scheme& scheme = *FindScheme(scheme_id);
  const std::vector<std::string> versions = VersionsOf(corpus);
  std::mt19937 random(11);
  for (int i = 0; i < 200'000 && !testing::Test::HasFatalFailure(); ++i) {
    const std::string& a = versions[random() % versions.size()];
    const std::string& b = versions[random() % versions.size()];
    const std::string& c = versions[random() % versions.size()];
    CheckTriple(scheme, a, b, c);
  }
}

TEST(VersionOrder, IsTransitive) {
  for (const auto& [corpus, scheme] : {std::pair("debian", "dpkg"),
                                       std::pair("alpine", "apk"),
                                       std::pair("redhat", "rpm"),
                                       std::pair("pypi", "pep440"),
                                       std::pair("semver", "semver"),
                                       std::pair("maven", "maven"),
                                       std::pair("rubygems", "gem"),
                                       std::pair("go", "go"),
                                       std::pair("npm", "npm"),
                                       std::pair("pacman", "pacman"),
                                       std::pair("portage", "portage"),
                                       std::pair("nuget", "nuget"),
                                       std::pair("packagist", "composer"),
                                       std::pair("pub", "pub"),
                                       std::pair("cran", "cran"),
                                       std::pair("hackage", "hackage"),
                                       std::pair("bitnami", "bitnami"),
                                       std::pair("jvm", "jvm"),
                                       std::pair("kb", "kb"),
                                       std::pair("calver", "calver")})
    CheckTransitivity(corpus, scheme);
}

// Maven's own ComparableVersion goes in circles for what nobody publishes: ".RC" > "p+:ga" > "." > ".RC".
bool IsTotal(const Scheme& scheme) { return scheme.id != "maven"; }

// Pieces of all schemes, so that versions often agree up to some point and then go on in different ways.
std::string RandomVersion(std::mt19937& random, const std::string& like) {
  static constexpr auto kPieces = std::to_array<std::string_view>(
      {"0",   "00", "1", "2", "10", "01", "a",    "b",  "p",      "rc",  "RC",  "alpha", "beta", "dev",
       "pre", "x",  "*", "u", "v",  "-",  ".",    "..", "_",      "_p",  "_rc", "-r1",   "+",    "~",
       "^",   ":",  "!", "T", "Z",  "ea", "-b09", "#",  "stable", "1.8", "KB",  "-1",    "sp"});
  const std::string_view piece = kPieces[random() % kPieces.size()];
  if (random() % 4 != 0) {
    std::string text = like;
    const std::size_t at = random() % (text.size() + 1);
    return random() % 3 == 0 ? text.substr(0, at) : text.insert(at, piece);
  }
  std::string text = random() % 3 == 0 ? "" : "1";
  for (std::size_t count = random() % 6; count > 0; --count) text += kPieces[random() % kPieces.size()];
  return text;
}

TEST(VersionOrder, IsTransitiveForWhatLooksLikeVersions) {
  std::mt19937 random(13);
  std::string a, b, c;
  for (int i = 0; i < 60'000 && !HasFatalFailure(); ++i) {
    a = RandomVersion(random, c);
    b = RandomVersion(random, a);
    c = RandomVersion(random, b);
    for (const Scheme& scheme : AllSchemes())
      if (IsTotal(scheme)) CheckTriple(scheme, a, b, c);
  }
}

std::string Repeat(std::string_view text, std::size_t size) {
  std::string result;
  while (result.size() < size) result += text;
  return result;
}

// Anything but linear time would take longer than a test may.
TEST(VersionOrder, TakesHostileTextsOfAnyLength) {
  for (const std::string_view piece : {".", "0", "9", "1.", "0.", "-",  "a", "a1", "1a.", ".x", "_p1",  "_alpha", "-r1",
                                       "~", "+", " ", "T1", "u1", ":1", "v", "!",  "#",   "-1", "1.0-", "\xff"}) {
    for (const std::string_view start : {"", "1", "1.0-"}) {
      const std::string a = std::string(start) + Repeat(piece, 1U << 15U), b = a + "1";
      for (const Scheme& scheme : AllSchemes()) {
        const auto forth = Compare(scheme, a, b), back = Compare(scheme, b, a), self = Compare(scheme, a, a);
        EXPECT_EQ(forth.has_value(), back.has_value()) << scheme.id << " " << piece;
        EXPECT_TRUE(!forth || !back || *forth == (0 <=> *back)) << scheme.id << " " << piece;
        EXPECT_TRUE(!self || *self == 0) << scheme.id << " " << piece;
      }
    }
  }
}

TEST(VersionOrder, RefusesWhatIsNoVersion) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"nuget", "beta"},   {"pub", ""},        {"composer", ""},     {"composer", "1.2.3.#"}, {"cran", "1.0-rc1"},
      {"cran", "1..0"},    {"cran", "1."},     {"hackage", "1.0-1"}, {"hackage", ""},         {"portage", "1.0A"},
      {"portage", "1.0_"}, {"portage", ".1"},  {"portage", "1-r"},   {"portage", "1.0-1"},    {"portage", "1.0_rc1a"},
      {"pacman", ""},      {"pacman", "1:-1"}, {"bitnami", "x"},     {"jvm", "ea"},           {"jvm", "11.0.2 build 9"},
      {"kb", "KB"},        {"kb", "KB12a"},    {"calver", "latest"}, {"calver", ""},
  };
  for (const auto& [scheme, version] : cases)
    EXPECT_FALSE(Compare(*FindScheme(scheme), version, version).has_value()) << scheme << " " << version;
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
