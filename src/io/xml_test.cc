#include "io/xml.h"

#include <gtest/gtest.h>

#include "support/test_support.h"

namespace holdfast::io {
namespace {

using test::ExpectError;
using test::Value;

TEST(Xml, AnswersByNameWhateverThePrefix) {
  const auto document =
      Value(XmlDocument::Parse("\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- c --><o:root xmlns:o='x' o:id='1'>\n <o:a "
                               "v='&lt;&#65;'> one <b/> two </o:a>"
                               "<other/><a>2</a><c><![CDATA[ <raw> ]]></c></o:root>"));
  const XmlView root = document.Root();
  EXPECT_EQ(root.Name(), "root");
  EXPECT_EQ(root.Attribute("id"), "1");
  EXPECT_EQ(root["a"].Attribute("v"), "<A");
  EXPECT_EQ(root["a"].Text(), "one");
  EXPECT_EQ(root["c"].Text(), "<raw>");
  std::string names;
  for (const XmlView child : root.Children()) names += child.Name();
  EXPECT_EQ(names, "aotherac");
  std::string texts;
  for (const XmlView child : root.Named("a")) texts += child.Text();
  EXPECT_EQ(texts, "one2");
}

TEST(Xml, AbsentThingsHaveHarmlessAnswers) {
  const auto document = Value(XmlDocument::Parse("<a/>"));
  const XmlView none = document.Root()["b"]["c"];
  EXPECT_TRUE(none.IsNull());
  EXPECT_EQ(none.Name(), "");
  EXPECT_EQ(none.Text(), "");
  EXPECT_EQ(none.Attribute("x"), "");
  for (const XmlView child : none.Children()) ADD_FAILURE() << child.Name();
  EXPECT_TRUE(XmlView()["a"].IsNull());
}

TEST(Xml, ExpandsNoEntities) {
  const auto document = Value(XmlDocument::Parse(
      "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\"><!ENTITY y \"yy\"><!ENTITY z \"&y;&y;\">]><a>&x;&z;</a>"));
  EXPECT_EQ(document.Root().Text(), "&x;&z;");
}

TEST(Xml, RefusesWhatIsNotXml) {
  ExpectError(XmlDocument::Parse(""), ErrorKind::kCorrupt, "byte 0");
  ExpectError(XmlDocument::Parse("text"), ErrorKind::kCorrupt);
  ExpectError(XmlDocument::Parse("<a><b></a>"), ErrorKind::kCorrupt, "not XML at byte");
  ExpectError(XmlDocument::Parse("<a><b>tex"), ErrorKind::kCorrupt, "not XML at byte");
  ExpectError(XmlDocument::Parse("<a b='1"), ErrorKind::kCorrupt);
  ExpectError(XmlDocument::Parse(std::string_view("<a>\0</a>", 8)), ErrorKind::kCorrupt);
}

TEST(Xml, HoldsItsLimits) {
  ExpectError(XmlDocument::Parse("<a>1234567</a>", {.bytes_max = 10}), ErrorKind::kLimit, "14 bytes");
  ExpectError(XmlDocument::Parse("<a b='1' c='2'/>", {.nodes_max = 2}), ErrorKind::kLimit, "3 nodes");
  EXPECT_TRUE(XmlDocument::Parse("<a><b><c/></b><b><c/></b></a>", {.depth_max = 3}));
  ExpectError(XmlDocument::Parse("<a><b/><b><c/></b></a>", {.depth_max = 2}), ErrorKind::kLimit, "deeper than 2");
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  for (int i = 0; i < 200'000; ++i) deep += "</a>";
  ExpectError(XmlDocument::Parse(deep), ErrorKind::kLimit, "deeper");
}

}  // namespace
}  // namespace holdfast::io
