#include <gtest/gtest.h>

#include "io/json.h"
#include "support/test_support.h"

namespace holdfast::io {
namespace {

using test::ExpectError;
using test::Value;

TEST(Toml, ReadsEveryKindOfValue) {
  const auto document = Value(JsonDocument::ParseToml(R"(# a comment with "quotes and [brackets
title = "caf\u00e9"
raw = 'C:\dir.a.b'
count = 1_000
share = 0.5
huge = inf
on = true
day = 2024-05-06
at = 2024-05-06T07:08:09Z
list = ["a", 'b', # c
  """x
.................. y"""]
inline = { a.b = 1, "c.d" = [] }
[table.inner]
"key with = and ." = [">= 1.2.3, < 2"]
[[many]]
n = 1
[[many]]
n = 2
)"));
  const JsonView root = document.Root();
  EXPECT_EQ(root["title"].StringOr(""), "caf\u00e9");
  EXPECT_EQ(root["raw"].StringOr(""), "C:\\dir.a.b");
  EXPECT_EQ(root["count"].Integer(), 1000);
  EXPECT_EQ(root["share"].Double(), 0.5);
  EXPECT_EQ(root["huge"].StringOr(""), "inf");
  EXPECT_EQ(root["on"].Bool(), true);
  EXPECT_EQ(root["day"].StringOr(""), "2024-05-06");
  EXPECT_EQ(root["at"].StringOr(""), "2024-05-06T07:08:09Z");
  EXPECT_EQ(root["list"].Size(), 3U);
  EXPECT_EQ(root["list"].At(2).StringOr(""), "x\n.................. y");
  EXPECT_EQ(root["inline"]["a"]["b"].Integer(), 1);
  EXPECT_TRUE(root["inline"]["c.d"].IsArray());
  EXPECT_EQ(root["table"]["inner"]["key with = and ."].At(0).StringOr(""), ">= 1.2.3, < 2");
  EXPECT_EQ(root["many"].At(1)["n"].Integer(), 2);
  EXPECT_TRUE(Value(JsonDocument::ParseToml("")).Root().IsObject());
}

TEST(Toml, ReadsWhatIsBeyondAscii) {
  const auto document = Value(JsonDocument::ParseToml(
      "# caf\u00e9\n\"k\u00e9y~\" = 'x~20\u00e9'\nmany = \"\"\"a\\\n \u00a1b\u00e9\"\"\"\"\nn = \"\\u00e9~ee\"\n"));
  EXPECT_EQ(document.Root()["k\u00e9y~"].StringOr(""), "x~20\u00e9");
  EXPECT_EQ(document.Root()["many"].StringOr(""), "a\u00a1b\u00e9\"");
  EXPECT_EQ(document.Root()["n"].StringOr(""), "\u00e9~ee");
  EXPECT_EQ(Value(JsonDocument::ParseToml("a = \"\\u007eee~\"")).Root()["a"].StringOr(""), "~ee~");
  ExpectError(JsonDocument::ParseToml("a = \"\u00e9\\u007Ee9\""), ErrorKind::kUnsupported);
  ExpectError(JsonDocument::ParseToml("a = 1 \u00a1"), ErrorKind::kCorrupt);
  ExpectError(JsonDocument::ParseToml("\u00e9 = 1"), ErrorKind::kCorrupt);
}

TEST(Toml, RefusesWhatIsNotToml) {
  ExpectError(JsonDocument::ParseToml("a = "), ErrorKind::kCorrupt, "line 1");
  ExpectError(JsonDocument::ParseToml("a = 1\na = 2"), ErrorKind::kCorrupt, "line 2");
  ExpectError(JsonDocument::ParseToml("a = \"open"), ErrorKind::kCorrupt);
  ExpectError(JsonDocument::ParseToml("a = \"\\"), ErrorKind::kCorrupt);
  ExpectError(JsonDocument::ParseToml("a = '''"), ErrorKind::kCorrupt);
  ExpectError(JsonDocument::ParseToml("a = \"\xff\""), ErrorKind::kCorrupt);
  ExpectError(JsonDocument::ParseToml("<html>"), ErrorKind::kCorrupt);
}

TEST(Toml, HasLimits) {
  ExpectError(JsonDocument::ParseToml("a = 1", {.bytes_max = 4}), ErrorKind::kLimit);
  ExpectError(JsonDocument::ParseToml("a = [1, 2, 3]", {.nodes_max = 4}), ErrorKind::kLimit);
  ExpectError(JsonDocument::ParseToml("a = " + std::string(100'000, '[')), ErrorKind::kLimit);
  std::string key = "a", quoted = "'a'", tables;
  for (int i = 0; i < 100'000; ++i) key += ".a";
  for (int i = 0; i < 100; ++i) quoted += " . \"a\"";
  for (int i = 0; i < 20; ++i) tables += "{ a.a.a.a.a.a.a.a = ";
  ExpectError(JsonDocument::ParseToml(key + " = 1"), ErrorKind::kLimit);
  ExpectError(JsonDocument::ParseToml("[" + key + "]"), ErrorKind::kLimit);
  ExpectError(JsonDocument::ParseToml("x = { " + key + " = 1 }"), ErrorKind::kLimit);
  ExpectError(JsonDocument::ParseToml(quoted + " = 1"), ErrorKind::kLimit);
  ExpectError(JsonDocument::ParseToml("x = " + tables + "1" + std::string(20, '}')), ErrorKind::kLimit);
}

}  // namespace
}  // namespace holdfast::io
