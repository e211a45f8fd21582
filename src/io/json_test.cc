#include "io/json.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::io {
namespace {

using test::ExpectError;
using test::Value;

TEST(Json, AbsentThingsAnswerHarmlessly) {
  const auto document = Value(JsonDocument::Parse(R"({"a":{"b":["x",1,2.5,true,null]}})"));
  const JsonView list = document.Root()["a"]["b"];
  EXPECT_EQ(list.Size(), 5U);
  EXPECT_EQ(list.At(0).StringOr("-"), "x");
  EXPECT_EQ(list.At(1).Integer(), 1);
  EXPECT_EQ(list.At(2).Double(), 2.5);
  EXPECT_EQ(list.At(3).Bool(), true);
  EXPECT_TRUE(list.At(4).IsNull());
  EXPECT_TRUE(document.Root()["no"]["such"].At(3)["thing"].IsNull());
  EXPECT_EQ(document.Root()["a"].StringOr("fallback"), "fallback");
  EXPECT_EQ(document.Root().KeyAt(0), "a");
}

TEST(Json, RefusesDepthSizeAndSyntax) {
  ExpectError(JsonDocument::Parse(std::string(100, '[') + std::string(100, ']')), ErrorKind::kLimit, "deeper");
  ExpectError(JsonDocument::Parse("[1,", {}), ErrorKind::kCorrupt, "not JSON");
  ExpectError(JsonDocument::Parse("[1,2,3]", {.bytes_max = 3}), ErrorKind::kLimit, "limit 3");
}

TEST(Json, TheLastDuplicateKeyWins) {
  const auto document = Value(JsonDocument::Parse(R"({"a":1,"a":2})"));
  EXPECT_EQ(document.Root()["a"].Integer(), 2);
}

TEST(Yaml, ReadsScalarsKeysAndNesting) {
  const auto document = Value(
      JsonDocument::ParseYaml("id: PYSEC-1\nn: 3\nv: '3'\nlist:\n- a: [x, ~]\n1.0: key\ntext: |\n  two\n  lines\n"));
  const JsonView root = document.Root();
  EXPECT_EQ(root["id"].StringOr(""), "PYSEC-1");
  EXPECT_EQ(root["n"].Integer(), 3);
  EXPECT_EQ(root["v"].StringOr(""), "3");
  EXPECT_EQ(root["list"].At(0)["a"].At(0).StringOr(""), "x");
  EXPECT_TRUE(root["list"].At(0)["a"].At(1).IsNull());
  EXPECT_EQ(root["1.0"].StringOr(""), "key");
  EXPECT_EQ(root["text"].StringOr(""), "two\nlines\n");
}

TEST(Yaml, AnAliasBombHitsTheNodeLimit) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  ExpectError(JsonDocument::ParseYaml(bomb, {.nodes_max = 100'000}), ErrorKind::kLimit, "nodes");
}

TEST(Yaml, RefusesDeepNestingAndBadSyntax) {
  ExpectError(JsonDocument::ParseYaml(std::string(100, '[') + std::string(100, ']')), ErrorKind::kLimit);
  ExpectError(JsonDocument::ParseYaml(std::string(1'000'000, '[')), ErrorKind::kLimit);
  ExpectError(JsonDocument::ParseYaml("a: 'x\nb: [", {}), ErrorKind::kCorrupt, "not YAML");
}

TEST(JsonWriter, WritesCompactAndIndented) {
  JsonWriter compact;
  compact.BeginObject().Field("a", "x\"\n\x01").Key("b").BeginArray().Integer(-1).Bool(true).Null().EndArray();
  compact.Key("c").BeginObject().EndObject().EndObject();
  EXPECT_EQ(compact.Text(), R"({"a":"x\"\n\u0001","b":[-1,true,null],"c":{}})");
  JsonWriter pretty(2);
  pretty.BeginObject().Key("a").BeginArray().Integer(1).Integer(2).EndArray().Key("b").Double(0.1).EndObject();
  EXPECT_EQ(pretty.Text(), "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": 0.1\n}");
}

TEST(JsonWriter, CopiesValuesOfDocumentsAndTakesThemRaw) {
  constexpr std::string_view kText =
      R"({"a":[1,-2,0.5,18446744073709551615,true,null,{}],"b":{"c":"x\"","d":[]},"e":""})";
  const auto document = Value(JsonDocument::Parse(kText));
  JsonWriter copied;
  copied.Copy(document.Root());
  EXPECT_EQ(copied.Text(), kText);
  JsonWriter raw;
  raw.BeginArray().Raw(kText).Integer(1).Copy(document.Root()["b"]["none"]).EndArray();
  EXPECT_EQ(raw.Text(), Format("[{},1,null]", kText));
}

TEST(JsonWriter, RepairsBytesThatAreNotUtf8) {
  JsonWriter writer;
  writer.String("a\xff\xc3(\xed\xa0\x80z");
  const auto document = Value(JsonDocument::Parse(writer.Text()));
  EXPECT_EQ(document.Root().StringOr(""), RepairUtf8("a\xff\xc3(\xed\xa0\x80z"));
  EXPECT_TRUE(IsUtf8(RepairUtf8("\xf8\x88")));
  EXPECT_TRUE(IsUtf8("käse 漢字 😀"));
}

}  // namespace
}  // namespace holdfast::io
