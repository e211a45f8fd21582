#include "advisory/oval.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

std::string OvalText(std::string_view criteria) {
  return Format(
      R"(<oval_definitions xmlns:o="x" xmlns:l="y"><generator><o:product_name>Test Maker</o:product_name></generator>
<definitions><definition id="d:1">{}</definition></definitions>
<tests>
 <l:rpminfo_test id="t:a" comment="a is earlier than 2"><l:object object_ref="o:a"/><l:state state_ref="s:2"/></l:rpminfo_test>
 <l:dpkginfo_test id="t:v" check_existence="none_exist"><l:object object_ref="o:v"/></l:dpkginfo_test>
 <l:rpminfo_test id="t:noobject"><l:object object_ref="o:gone"/></l:rpminfo_test>
 <l:rpminfo_test id="t:nostate"><l:object object_ref="o:a"/><l:state state_ref="s:gone"/></l:rpminfo_test>
 <l:rpminfo_test id="t:noname"><l:object object_ref="o:empty"/></l:rpminfo_test>
 <family_test id="t:family"/>
 <textfilecontent54_test id="t:list"><object object_ref="o:list"/></textfilecontent54_test>
</tests>
<objects><l:rpminfo_object id="o:a"><l:name>a</l:name></l:rpminfo_object><l:rpminfo_object id="o:empty"/>
 <l:dpkginfo_object id="o:v"><l:name var_ref="v:1" var_check="at least one"/></l:dpkginfo_object>
 <textfilecontent54_object id="o:list"><pattern var_ref="v:1"/></textfilecontent54_object></objects>
<states><l:rpminfo_state id="s:2"><l:arch operation="pattern match">x86_64</l:arch>
 <l:evr operation="less than"> 0:2-1 </l:evr></l:rpminfo_state></states>
<variables><constant_variable id="v:1"><value>p</value><value>q</value></constant_variable></variables>
</oval_definitions>)",
      criteria);
}

std::string Laid(std::string_view criteria) {
  auto document = Value(OvalDocument::Parse(OvalText(criteria)));
  const auto ways = document.Alternatives(*document.Definitions().begin());
  if (!ways) return Format("{}: {}", ErrorKindName(ways.error().Kind()), ways.error().Message());
  std::string text;
  for (const OvalAlternative& way : *ways) {
    for (const OvalCriterion& criterion : way) text += Format("{}{} ", criterion.negated ? "!" : "", criterion.test);
    text += "| ";
  }
  return text;
}

TEST(Oval, LaysCriteriaOutAsAlternatives) {
  EXPECT_EQ(Laid(R"(<criteria><criterion test_ref="1"/><criterion test_ref="2" negate="true"/></criteria>)"),
            "1 !2 | ");
  EXPECT_EQ(Laid(R"(<criteria operator="AND"><criterion test_ref="1"/><criteria operator="OR"><criterion test_ref="2"/>
      <criteria operator="AND"><criterion test_ref="3"/><criterion test_ref="4"/></criteria></criteria></criteria>)"),
            "1 2 | 1 3 4 | ");
}

TEST(Oval, RefusesCriteriaItCannotLayOut) {
  EXPECT_EQ(Laid(""), "corrupt: no criteria");
  EXPECT_EQ(Laid("<criteria/>"), "corrupt: criteria without a criterion");
  EXPECT_EQ(Laid(R"(<criteria operator="XOR"><criterion/></criteria>)"), "unsupported: criteria with the operator XOR");
  EXPECT_EQ(Laid("<criteria><extend_definition/></criteria>"), "unsupported: extend_definition in criteria");
  EXPECT_EQ(Laid(R"(<criteria negate="true"><criterion/></criteria>)"), "unsupported: negated criteria");
  std::string deep, end;
  for (int i = 0; i < 20; ++i) deep += "<criteria>", end += "</criteria>";
  EXPECT_EQ(Laid(deep + "<criterion/>" + end), "limit: criteria nested deeper than 16");
  // Twenty choices of two: a million ways.
  std::string wide = "<criteria>";
  for (int i = 0; i < 20; ++i) wide += R"(<criteria operator="OR"><criterion/><criterion/></criteria>)";
  EXPECT_EQ(Laid(wide + "</criteria>"), "limit: more than 1000000 criteria");
}

TEST(Oval, ResolvesTestsById) {
  auto document = Value(OvalDocument::Parse(OvalText("")));
  const OvalTest& test = *Value(document.FindTest("t:a"));
  EXPECT_EQ(Value(document.FindTest("t:a")), &test);
  EXPECT_EQ(test.packages, std::vector<std::string_view>{"a"});
  ASSERT_EQ(test.conditions.size(), 2U);
  EXPECT_EQ(OvalValue(test, "arch"), "x86_64");
  EXPECT_EQ(OvalValue(test, "version"), "");
  EXPECT_EQ(Value(OvalRpmRange(test.conditions)), (model::VersionRange{"0", "0:2-1", std::nullopt}));
  const OvalTest& of_variable = *Value(document.FindTest("t:v"));
  EXPECT_EQ(of_variable.packages, (std::vector<std::string_view>{"p", "q"}));
  EXPECT_TRUE(of_variable.none_exists);
  ExpectError(document.FindTest("t:gone"), ErrorKind::kCorrupt, "no test \"t:gone\"");
  ExpectError(document.FindTest("t:noobject"), ErrorKind::kCorrupt, "no object");
  ExpectError(document.FindTest("t:nostate"), ErrorKind::kCorrupt, "no state");
  ExpectError(document.FindTest("t:noname"), ErrorKind::kCorrupt, "names no package");
  EXPECT_EQ(Value(document.FindTest("t:list"))->packages, of_variable.packages);
  ExpectError(document.FindTest("t:family"), ErrorKind::kUnsupported, "family_test");
}

TEST(Oval, MakesRangesOfConditions) {
  using enum OvalOperation;
  const auto range = [](std::vector<OvalCondition> conditions) { return OvalRpmRange(conditions); };
  EXPECT_EQ(Value(range({})), model::VersionRange());
  EXPECT_EQ(Value(range({{"evr", kLessOrEqual, "3"}, {"arch", kPattern, "x"}})),
            (model::VersionRange{"0", std::nullopt, "3"}));
  EXPECT_EQ(Value(range({{"evr", kGreaterOrEqual, "1"}, {"evr", kLess, "3"}})),
            (model::VersionRange{"1", "3", std::nullopt}));
  EXPECT_EQ(Value(range({{"evr", kEquals, "3"}})), (model::VersionRange{"3", std::nullopt, "3"}));
  EXPECT_EQ(Value(range({{"evr", kGreater, "1-2"}})).introduced, "1-2^");
  ExpectError(range({{"evr", kGreater, "1"}, {"evr", kGreater, "2"}}), ErrorKind::kUnsupported);
  ExpectError(range({{"evr", kPattern, "3"}}), ErrorKind::kUnsupported);
  ExpectError(range({{"evr", kLess, "3"}, {"evr", kLess, "4"}}), ErrorKind::kUnsupported);
  ExpectError(range({{"evr", kLess, ""}}), ErrorKind::kCorrupt);
}

TEST(Oval, IsKnownByItsGenerator) {
  const std::string text = OvalText("");
  Document document{.name = "x.xml", .source = "x", .notation = Notation::kXml, .text = text, .root = {}};
  EXPECT_TRUE(IsOvalOf(document, "Test Maker"));
  EXPECT_FALSE(IsOvalOf(document, "Other Maker"));
  document.notation = Notation::kText;
  EXPECT_FALSE(IsOvalOf(document, "Test Maker"));
  ExpectError(OvalDocument::Parse("<a/>"), ErrorKind::kCorrupt, "no OVAL definitions");
  ExpectError(OvalDocument::Parse(text.substr(0, text.size() / 2)), ErrorKind::kCorrupt, "not XML");
}

}  // namespace
}  // namespace holdfast::advisory
