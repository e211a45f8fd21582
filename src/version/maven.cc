// Maven's order (maven.apache.org/pom.html#version-order-specification): tokens between '.', '-' and
// at each change between digits and letters, which counts as '-'. "Null" tokens (0, "", final, ga, release)
// do not count at the end and before a '-'. Known qualifiers have a rank, others follow in alphabetical order,
// and any number is newer than any qualifier: "1-alpha" < "1-rc" < "1" = "1.0" < "1-sp" < "1-x" < "1-1" < "1.1".

#include "version/maven.h"

#include <array>
#include <string>
#include <vector>

#include "version/digits.h"

namespace holdfast::version {
namespace {

struct Token {
  char prefix = '-';
  bool number = false;
  bool number_follows = false;  // directly, without a separator: "a1" is alpha 1
  std::string_view text;
};

constexpr int kReleaseRank = 5;

// Rank of a qualifier; kUnknown for the ones that are ordered by their letters.
constexpr int kUnknownRank = 7;
int RankOf(const Token& token) {
  std::string word;
  for (const char c : token.text.substr(0, 16)) word.push_back(ToLower(c));
  if (token.number_follows && word == "a") return 0;
  if (token.number_follows && word == "b") return 1;
  if (token.number_follows && word == "m") return 2;
  static constexpr std::array<std::pair<std::string_view, int>, 11> kRanks = {{{"alpha", 0},
                                                                               {"beta", 1},
                                                                               {"milestone", 2},
                                                                               {"rc", 3},
                                                                               {"cr", 3},
                                                                               {"snapshot", 4},
                                                                               {"", kReleaseRank},
                                                                               {"final", kReleaseRank},
                                                                               {"ga", kReleaseRank},
                                                                               {"release", kReleaseRank},
                                                                               {"sp", 6}}};
  for (const auto& [name, rank] : kRanks)
    if (word == name && token.text.size() == name.size()) return rank;
  return kUnknownRank;
}

bool IsNull(const Token& token) {
  return token.number ? CompareDigits(token.text, "0") == 0 : RankOf(token) == kReleaseRank;
}

void TrimNulls(std::vector<Token>& tokens) {
  while (!tokens.empty() && IsNull(tokens.back())) tokens.pop_back();
}

std::vector<Token> Tokenise(std::string_view text) {
  std::vector<Token> tokens;
  char prefix = '.';
  while (true) {
    const bool number = !text.empty() && IsDigit(text.front());
    const std::string_view part =
        number ? TakeDigits(text) : TakeWhile(text, [](char c) { return !IsDigit(c) && c != '.' && c != '-'; });
    Token token{prefix, number || part.empty(), false, part.empty() ? std::string_view("0") : part};
    const bool transition = !text.empty() && text.front() != '.' && text.front() != '-';
    token.number_follows = transition && !token.number;
    // At each '-', what came before it is trimmed.
    if (prefix == '-') TrimNulls(tokens);
    tokens.push_back(token);
    if (text.empty()) break;
    prefix = transition || text.front() != '.' ? '-' : '.';
    if (!transition) text.remove_prefix(1);
  }
  TrimNulls(tokens);
  return tokens;
}

// ".x" stands in the list of the numbers before it, "-x" and "x1" begin a list of their own, and texts sort
// before lists.
bool BeginsList(const Token& token) { return token.prefix == '-' || token.number_follows; }

std::strong_ordering CompareQualifiers(const Token& a, const Token& b) {
  const int rank_a = RankOf(a), rank_b = RankOf(b);
  if (rank_a != rank_b || rank_a != kUnknownRank) return rank_a <=> rank_b;
  for (std::size_t i = 0; i < a.text.size() && i < b.text.size(); ++i)
    if (const auto order = ToLower(a.text[i]) <=> ToLower(b.text[i]); order != 0) return order;
  if (a.text.size() != b.text.size()) return a.text.size() <=> b.text.size();
  return BeginsList(a) <=> BeginsList(b);
}

// A token against nothing: a number is newer (it is not null), a qualifier against the release.
std::strong_ordering CompareWithEnd(const Token& token) {
  if (token.number)
    return IsNull(token) && token.prefix == '.' ? std::strong_ordering::equal : std::strong_ordering::greater;
  return RankOf(token) <=> kReleaseRank;
}

std::strong_ordering Reverse(std::strong_ordering order) {
  return order < 0 ? std::strong_ordering::greater : order > 0 ? std::strong_ordering::less : order;
}

std::strong_ordering CompareTokens(const Token& a, const Token& b) {
  if (a.number != b.number) return a.number ? std::strong_ordering::greater : std::strong_ordering::less;
  if (!a.number) return CompareQualifiers(a, b);
  if (a.prefix != b.prefix) return a.prefix == '.' ? std::strong_ordering::greater : std::strong_ordering::less;
  return CompareDigits(a.text, b.text);
}

}  // namespace

std::optional<std::strong_ordering> CompareMaven(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return std::nullopt;
  const std::vector<Token> left = Tokenise(a), right = Tokenise(b);
  for (std::size_t i = 0; i < left.size() || i < right.size(); ++i) {
    const auto order = i >= right.size()  ? CompareWithEnd(left[i])
                       : i >= left.size() ? Reverse(CompareWithEnd(right[i]))
                                          : CompareTokens(left[i], right[i]);
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

}  // namespace holdfast::version
