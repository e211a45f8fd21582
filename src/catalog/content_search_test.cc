#include "catalog/content_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using test::Value;
using Lines = std::map<std::string, std::vector<std::uint64_t>>;

SearchConfig ConfigOf(std::vector<NamedRegex> secrets) {
  SearchConfig config;
  config.secrets.patterns = std::move(secrets);
  return config;
}

// Name of a pattern to its lines, with the text cut into chunks.
Lines Search(const SearchConfig& config, std::string_view text, std::size_t chunk = 1 << 20, const Limits& limits = {},
             bool* exhausted = nullptr) {
  const auto plan = Value(SearchPlan::Make(config));
  ContentSearcher searcher(*plan, limits);
  Lines lines;
  if (!searcher.Begin(text.size())) return lines;
  while (!text.empty()) {
    searcher.Write(AsBytes(text.substr(0, chunk)));
    text.remove_prefix(std::min(chunk, text.size()));
  }
  for (PatternLines& found : searcher.Finish()) {
    const std::string name = config.Patterns()[found.pattern].name + (found.cut ? " cut" : "");
    lines.emplace(name, std::move(found.lines));
  }
  if (exhausted != nullptr) *exhausted = searcher.Exhausted();
  return lines;
}

TEST(ContentSearch, CountsLinesFromZero) {
  const SearchConfig config = ConfigOf({{"A", ".*token"}, {"B", "token"}, {"ALL", ".*"}, {"END", ".*x$"}});
  EXPECT_EQ(Search(config, "token\n\n a token token\nx\r\nx"),
            (Lines{{"A", {0, 2}}, {"B", {0}}, {"ALL", {0, 1, 2, 3, 4}}, {"END", {4}}}));
  EXPECT_EQ(Search(config, "x\n"), (Lines{{"ALL", {0}}, {"END", {0}}}));  // no line after the last line end
  EXPECT_EQ(Search(config, "\n\n"), (Lines{{"ALL", {0, 1}}}));
  EXPECT_EQ(Search(config, ""), Lines());
}

TEST(ContentSearch, EachSearchHasItsSize) {
  SearchConfig config = ConfigOf({{"S", ".*token"}});
  config.contents.patterns = {{"C", ".*token"}};
  config.secrets.file_bytes_max = 5;
  EXPECT_EQ(Search(config, "token"), (Lines{{"S", {0}}, {"C", {0}}}));
  EXPECT_EQ(Search(config, "token "), (Lines{{"C", {0}}}));
  config.contents.file_bytes_max = 5;
  EXPECT_EQ(Search(config, "token "), Lines());
}

TEST(ContentSearch, BinariesAreSearchedForKeysThatGoOn) {
  const SearchConfig config = ConfigOf({{"PRIV_KEY", ".*-----BEGIN (RSA )?PRIVATE KEY"}, {"A", ".*token"}});
  const std::string zero(1, '\0');
  const std::string begin =
      "-----BEGIN "
      "PRIVATE KEY-----";
  const std::string body = "\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n";
  EXPECT_EQ(Search(config, zero + " token\n" + begin), Lines());
  EXPECT_EQ(Search(config, zero + " token\n" + begin + "\n" + zero + "token"), Lines());
  EXPECT_EQ(Search(config, zero + " token\n" + begin + body), (Lines{{"PRIV_KEY", {1}}}));
  EXPECT_EQ(Search(config, zero + begin + "\nProc-Type: 4,ENCRYPTED\n"), (Lines{{"PRIV_KEY", {0}}}));
  // A zero further down says nothing.
  const std::string late = std::string(ContentSearcher::kHeadBytes, 'x') + zero + "token";
  EXPECT_EQ(Search(config, late), (Lines{{"A", {0}}}));
  EXPECT_EQ(Search(config, late.substr(1)), Lines());
}

TEST(ContentSearch, LongLinesAreSearchedInPieces) {
  const SearchConfig config = ConfigOf({{"FREE", ".*token"}, {"BOUND", "token"}});
  for (const std::size_t at : {std::size_t{0}, ContentSearcher::kPieceBytes - 3, ContentSearcher::kPieceBytes,
                               3 * ContentSearcher::kPieceBytes - 2}) {
    std::string text = "\n" + std::string(10 * ContentSearcher::kPieceBytes, 'x');
    text.replace(1 + at, 5, "token");
    Lines expected = {{"FREE", {1}}};
    if (at == 0) expected["BOUND"] = {1};
    for (const std::size_t chunk : {std::size_t{777}, std::size_t{65536}, text.size()})
      EXPECT_EQ(Search(config, text + "\ntoken", chunk),
                [&] {
                  Lines both = expected;
                  both["FREE"].push_back(2);
                  both["BOUND"].push_back(2);
                  return both;
                }())
          << at << " in chunks of " << chunk;
  }
}

TEST(ContentSearch, DoesNotDependOnChunks) {
  SearchConfig config =
      ConfigOf({{"PRIV_KEY", ".*BEGIN PRIVATE KEY"}, {"T", ".*token"}, {"D", "[0-9]{3}"}, {"E", "$"}});
  std::mt19937 random(11);
  const std::vector<std::string> words = {"token",
                                          "\n",
                                          "\n\n",
                                          "BEGIN PRIVATE KEY",
                                          "MIIEvQIBADANBgkqhkiG9w0BAQEF",
                                          "123",
                                          "\r\n",
                                          std::string(5000, 'y'),
                                          std::string(70'000, 'z'),
                                          std::string(1, '\0')};
  for (int round = 0; round < 20; ++round) {
    std::string text;
    const std::size_t kinds = round % 3 == 0 ? words.size() : words.size() - 1;
    for (int i = 0; i < 40; ++i) text += words[random() % kinds];
    const Lines whole = Search(config, text);
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{7919}, std::size_t{65537}})
      EXPECT_EQ(Search(config, text, chunk), whole) << round << " in chunks of " << chunk;
  }
}

TEST(ContentSearch, AgreesWithEachExpressionOnEachLine) {
  const std::vector<NamedRegex> patterns = {
      {"A", ".*ab+c"}, {"B", "(?i)abc|.*bca"}, {"C", "[abc]*$"}, {"D", ".*cc.*aa"}};
  const SearchConfig config = ConfigOf(patterns);
  const auto plan = Value(SearchPlan::Make(config));
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "abcABC\n"[random() % 7];
    text += "\n";
    Lines expected;
    std::uint64_t number = 0;
    for (std::string_view rest = text; !rest.empty(); ++number) {
      const std::size_t end = rest.find('\n');
      for (std::uint32_t i = 0; i < patterns.size(); ++i)
        if (plan->Patterns().Matches(i, rest.substr(0, end))) expected[patterns[i].name].push_back(number);
      rest.remove_prefix(end + 1);
    }
    EXPECT_EQ(Search(config, text, 37), expected) << text;
  }
}

TEST(ContentSearch, ManyMatchesAreCut) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "token\n";
  const SearchConfig config = ConfigOf({{"T", "token"}});
  Limits limits;
  limits.search_lines_max = 3;
  EXPECT_EQ(Search(config, text, 4096, limits), (Lines{{"T cut", {0, 1, 2}}}));
  EXPECT_EQ(Search(config, text.substr(0, 18), 4096, limits), (Lines{{"T", {0, 1, 2}}}));
  limits.search_lines_max = 1000;
  limits.search_layer_lines_max = 2;
  bool exhausted = false;
  EXPECT_EQ(Search(config, text, 4096, limits, &exhausted), (Lines{{"T cut", {0, 1}}}));
  EXPECT_TRUE(exhausted);
}

TEST(ContentSearch, WorkHasABudget) {
  // Each line holds what lets it be tried, and none matches.
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "token aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";
  const SearchConfig config = ConfigOf({{"T", ".*token [a-z]{5,20}[0-9]"}});
  Limits limits;
  bool exhausted = true;
  EXPECT_EQ(Search(config, text, 4096, limits, &exhausted), Lines());
  EXPECT_FALSE(exhausted);
  limits.search_steps_max = 100'000;
  EXPECT_EQ(Search(config, text, 4096, limits, &exhausted), Lines());
  EXPECT_TRUE(exhausted);
}

}  // namespace
}  // namespace holdfast::catalog
