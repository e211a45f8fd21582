// Every scheme against lines "a < b", "a = b", "a > b": a part of the corpus is in testdata, all of it in
// the shared sample data. Lines that are decided against stand in decided_against.txt with their reason.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/test_support.h"
#include "version/scheme.h"

namespace holdfast::version {
namespace {

struct Corpus {
  const char* prefix;  // of the file names
  const char* scheme;
};
constexpr std::array kCorpora = {
    Corpus{"alpine", "apk"},         Corpus{"debian", "dpkg"}, Corpus{"redhat", "rpm"},    Corpus{"pacman", "pacman"},
    Corpus{"portage", "portage"},    Corpus{"pypi", "pep440"}, Corpus{"semver", "semver"}, Corpus{"maven", "maven"},
    Corpus{"rubygems", "gem"},       Corpus{"go", "go"},       Corpus{"npm", "npm"},       Corpus{"nuget", "nuget"},
    Corpus{"packagist", "composer"}, Corpus{"pub", "pub"},     Corpus{"cran", "cran"},     Corpus{"hackage", "hackage"},
    Corpus{"bitnami", "bitnami"},    Corpus{"jvm", "jvm"},     Corpus{"kb", "kb"},         Corpus{"calver", "calver"}};

char SymbolOf(const std::optional<std::strong_ordering>& order) {
  if (!order) return '?';
  return *order < 0 ? '<' : *order > 0 ? '>' : '=';
}

char Opposite(char symbol) { return symbol == '<' ? '>' : symbol == '>' ? '<' : symbol; }

// "scheme a < b" → reason
std::map<std::string, std::string> DecidedAgainst() {
  std::map<std::string, std::string> lines;
  std::istringstream stream(test::ReadFile(std::string(HF_TESTDATA) + "/decided_against.txt"));
  std::string reason;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("#"))
      reason = line;
    else if (!line.empty())
      lines.emplace(line, reason);
  }
  return lines;
}

struct Tally {
  std::size_t lines = 0;
  std::vector<std::string> wrong;
};

void Check(const Scheme& scheme, const std::string& content, Tally& tally) {
  std::istringstream stream(content);
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line.starts_with("#") || line.starts_with("//")) continue;
    std::istringstream words(line);
    std::string a, b;
    char symbol = 0;
    words >> a >> symbol >> b;
    ++tally.lines;
    const char forth = SymbolOf(Compare(scheme, a, b)), back = SymbolOf(Compare(scheme, b, a));
    EXPECT_EQ(forth, Opposite(back)) << scheme.id << ": " << line;
    if (forth != symbol) tally.wrong.push_back(std::string(scheme.id) + " " + a + " " + symbol + " " + b);
  }
}

void CheckFolder(const std::filesystem::path& folder, std::size_t lines_min, bool all) {
  Tally tally;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().filename().string();
    const auto* corpus = std::ranges::find_if(
        kCorpora, [&](const Corpus& one) { return name.starts_with(one.prefix + std::string("-")); });
    ASSERT_NE(corpus, kCorpora.end()) << "a file of no scheme: " << name;
    Check(*FindScheme(corpus->scheme), test::ReadFile(file.path()), tally);
  }
  EXPECT_GE(tally.lines, lines_min);
  const auto decided = DecidedAgainst();
  std::set<std::string> wrong(tally.wrong.begin(), tally.wrong.end());
  for (const std::string& line : wrong) EXPECT_TRUE(decided.contains(line)) << "wrong order: " << line;
  if (!all) return;
  for (const auto& [line, reason] : decided)
    EXPECT_TRUE(wrong.contains(line)) << "decided against for nothing: " << line;
}

TEST(VersionOrder, AgreesWithTheExtractInTestdata) { CheckFolder(std::string(HF_TESTDATA) + "/order", 1'600, false); }

TEST(VersionOrder, HasLinesForEveryScheme) {
  for (const Scheme& scheme : AllSchemes())
    EXPECT_NE(std::ranges::find(kCorpora, scheme.id, &Corpus::scheme), kCorpora.end()) << scheme.id;
}

TEST(VersionOrder, AgreesWithTheWholeCorpus) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared sample data";
  const test::TemporaryFolder folder;
  test::RunCommand("tar --zstd -xf " + (*shared / "versions/version-order.tar.zst").string() + " -C " +
                   folder.Path().string());
  CheckFolder(folder.Path() / "scalibr", 70'000, true);
}

}  // namespace
}  // namespace holdfast::version
