#include "advisory/json_list.h"

#include <gtest/gtest.h>

#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;
using Texts = std::vector<std::string_view>;

TEST(JsonList, IsCutIntoItsElements) {
  const auto list =
      Value(SplitJsonList(R"( {"a": "]}\"", "list" : [ {"x": [1, {}]} , 2,"s,]", null ], "b": [3]} )", "list", 9));
  EXPECT_EQ(list.elements, (Texts{R"({"x": [1, {}]})", "2", R"("s,]")", "null"}));
  EXPECT_EQ(list.rest, R"( {"a": "]}\"", "list" : [], "b": [3]} )");
  EXPECT_EQ(Value(SplitJsonList(R"({"list":[ ]})", "list", 9)).elements, Texts{});
}

TEST(JsonList, OnlyAMemberOfTheWholeCounts) {
  EXPECT_EQ(Value(SplitJsonList(R"({"x": {"list": [1]}, "y": "list", "list": [2]})", "list", 9)).elements, Texts{"2"});
  for (const char* none : {"{}", R"({"x": {"list": [1]}})", R"({"list": 1})", R"({"list": {}})"})
    ExpectError(SplitJsonList(none, "list", 9), ErrorKind::kCorrupt, "list");
}

TEST(JsonList, DamageIsAnError) {
  for (const char* bad : {"", "[1]", "{", R"({"list)", R"({"list":)", R"({"list":[)", R"({"list":[1)", R"({"list":[1,)",
                          R"({"list":[1,])", R"({"list":["a)", R"({"list":["a\)", R"({"list":[1}])", R"({"list":[{]})",
                          R"({"x":1 "list":[1]})"})
    ExpectError(SplitJsonList(bad, "list", 9), ErrorKind::kCorrupt);
  ExpectError(SplitJsonList(R"({"list":[1,2,3]})", "list", 2), ErrorKind::kLimit, "more than 2");
  EXPECT_EQ(Value(SplitJsonList(R"({"list":[1,2,3]})", "list", 3)).elements.size(), 3U);
}

}  // namespace
}  // namespace holdfast::advisory
