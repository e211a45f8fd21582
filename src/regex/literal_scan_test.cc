#include "regex/literal_scan.h"

#include <gtest/gtest.h>

#include <random>

namespace holdfast::regex {
namespace {

std::string LowerText(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

TEST(LiteralScanner, FindsWhateverTheCaseAndWhereverItStands) {
  const LiteralScanner scanner({"private key", "api_key", "\"auth\""});
  EXPECT_EQ(scanner.FindFirst(""), std::string_view::npos);
  EXPECT_EQ(scanner.FindFirst("ap"), std::string_view::npos);
  EXPECT_EQ(scanner.FindFirst("private ke"), std::string_view::npos);
  for (std::size_t before = 0; before < 70; ++before)
    for (const std::string& word : {std::string("PRIVATE KEY"), std::string("Api_Key"), std::string("\"aUTH\"")}) {
      const std::string text = std::string(before, 'x') + word;
      const std::size_t at = scanner.FindFirst(text);
      EXPECT_GE(at, before) << text;
      EXPECT_LT(at, text.size()) << text;
      EXPECT_EQ(scanner.FindFirst(text + std::string(before, '_')), at) << text;
      EXPECT_EQ(scanner.FindFirstPortably(text), at) << text;
    }
  std::vector<int> found;
  scanner.FindAll("api_key api_key PRIVATE KEY", found);
  EXPECT_EQ(found, (std::vector<int>{0, 1}));
}

TEST(LiteralScanner, HasNothingToFind) {
  EXPECT_TRUE(LiteralScanner().Empty());
  EXPECT_EQ(LiteralScanner().FindFirst("text"), std::string_view::npos);
  EXPECT_EQ(LiteralScanner({"ab"}).FindFirst("ab ab ab"), std::string_view::npos);  // too short, as promised
}

// Few letters, so that almost everything is nearly a hit; against a search for each literal.
TEST(LiteralScanner, AgreesWithTheNaiveSearch) {
  std::mt19937 random(7);
  const auto text_of = [&](std::size_t size, bool upper) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
      const char c = "abc_\xff"[random() % 5];
      text += upper && c >= 'a' && c <= 'c' && random() % 2 == 0 ? static_cast<char>(c - 32) : c;
    }
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> literals;
    for (std::size_t i = 0, count = 1 + random() % 20; i < count; ++i)
      literals.push_back(text_of(3 + random() % 6, false));
    const LiteralScanner scanner(literals);
    const std::string text = text_of(random() % 200, true);
    const std::string lower = LowerText(text);
    std::vector<int> expected;
    for (std::size_t i = 0; i < literals.size(); ++i)
      if (lower.find(literals[i]) != std::string::npos) expected.push_back(static_cast<int>(i));
    std::vector<int> found;
    scanner.FindAll(text, found);
    EXPECT_EQ(found, expected) << text;
    const std::size_t first = scanner.FindFirst(text);
    EXPECT_EQ(first == std::string_view::npos, expected.empty()) << text;
    EXPECT_EQ(first, scanner.FindFirstPortably(text)) << text;
  }
}

}  // namespace
}  // namespace holdfast::regex
