// The parts of the loader: lines, distances, values.

#include <gtest/gtest.h>

#include <set>

#include "config/internal/keys.h"
#include "config/internal/lines.h"
#include "config/internal/nearest.h"
#include "config/internal/values.h"

namespace holdfast::config::internal {
namespace {

TEST(FindLines, FollowsIndentation) {
  const LineMap lines = FindLines(
      "a: 1\n"
      "b:\n"
      "  # comment: x\n"
      "  c:\n"
      "    d: http://x:80/\n"
      "  'e f': 2\n"
      "\n"
      "  list:\n"
      "  - x: 1\n"
      "g: {h: 1}\r\n"
      "i:\r\n");
  const LineMap wanted = {{"a", 1},     {"b", 2},      {"b.c", 4}, {"b.c.d", 5},
                          {"b.e f", 6}, {"b.list", 8}, {"g", 10},  {"i", 11}};
  EXPECT_EQ(lines, wanted);
  EXPECT_EQ(LineOf(lines, "b.c.d"), 5U);
  EXPECT_EQ(LineOf(lines, "g.h"), 10U);
  EXPECT_EQ(LineOf(lines, "z.h"), 0U);
  EXPECT_EQ(LineOf(lines, ""), 0U);
}

TEST(EditDistance, CountsStepsAndSwaps) {
  EXPECT_EQ(EditDistance("", ""), 0U);
  EXPECT_EQ(EditDistance("abc", ""), 3U);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3U);
  EXPECT_EQ(EditDistance("prot", "port"), 1U);
  EXPECT_EQ(EditDistance("port", "port"), 0U);
}

TEST(Nearest, IsNearOrNothing) {
  const std::vector<std::string> known = {"log_level", "listen", "port"};
  EXPECT_EQ(Nearest("log-level", known), "log_level");
  EXPECT_EQ(Nearest("loglevel", known), "log_level");
  EXPECT_EQ(Nearest("pots", known), "");
  EXPECT_EQ(Nearest("elephant", known), "");
  EXPECT_EQ(Nearest("", known), "");
  EXPECT_EQ(Nearest(std::string(1000, 'x'), known), "");
}

TEST(ParseBool, TakesWhatYamlOnceTook) {
  for (const std::string_view text : {"true", "True", "YES", "on", "1"}) EXPECT_EQ(ParseBool(text), true) << text;
  for (const std::string_view text : {"false", "FALSE", "No", "off", "0"}) EXPECT_EQ(ParseBool(text), false) << text;
  for (const std::string_view text : {"", "2", "truee", " true"}) EXPECT_EQ(ParseBool(text), std::nullopt) << text;
}

TEST(IsNetwork, KnowsBothFamilies) {
  for (const std::string_view text : {"10.0.0.0/8", "192.168.1.7", "0.0.0.0/0", "fd00::/8", "::1", "::/128"})
    EXPECT_TRUE(IsNetwork(text)) << text;
  for (const std::string_view text :
       {"", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "fd00::/129", "host", "/8"})
    EXPECT_FALSE(IsNetwork(text)) << text;
}

TEST(BindKeys, HasEachKeyOnceWithAMeaningAndADefaultInItsRange) {
  Configuration configuration;
  std::set<std::string> seen;
  for (const BoundKey& key : BindKeys(configuration)) {
    EXPECT_TRUE(seen.insert(key.path).second) << key.path;
    EXPECT_FALSE(key.spec->meaning.empty()) << key.path;
    EXPECT_FALSE(key.spec->meaning.ends_with('.')) << key.path;
    EXPECT_EQ(key.spec->meaning.find('|'), std::string_view::npos) << key.path;
    if (auto* const* number = std::get_if<std::int64_t*>(&key.slot)) {
      EXPECT_GE(**number, key.spec->min) << key.path;
      EXPECT_LE(**number, key.spec->max) << key.path;
    }
    if (auto* const* text = std::get_if<std::string*>(&key.slot); text != nullptr && !(*text)->empty()) {
      EXPECT_TRUE(StoreText(key, **text).has_value()) << key.path;
    }
  }
  EXPECT_GT(seen.size(), 200U);
  for (const KeyAlias& alias : KeyAliases()) EXPECT_FALSE(seen.contains(std::string(alias.from)));
  for (const IgnoredKey& ignored : IgnoredKeys()) EXPECT_FALSE(seen.contains(std::string(ignored.path)));
  for (const OtherVariable& variable : OtherVariables()) {
    if (!variable.key.empty()) EXPECT_TRUE(seen.contains(std::string(variable.key)));
  }
}

}  // namespace
}  // namespace holdfast::config::internal
