#include "advisory/csaf.h"

#include <gtest/gtest.h>

#include <string>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

constexpr std::string_view kHead = R"("document":{"category":"csaf_vex","csaf_version":"2.0","title":"t",
  "publisher":{"category":"vendor","name":"A","namespace":"https://example.org"},
  "tracking":{"id":"X-1","initial_release_date":"2024-01-01T00:00:00Z","current_release_date":"2024-01-02T00:00:00Z"}})";

std::string Text(std::string_view rest) { return Format("{{{},{}}}", kHead, rest); }

constexpr std::string_view kTree = R"("product_tree":{
  "branches":[{"category":"vendor","name":"A","branches":[
    {"category":"product_name","name":"OS 1","product":{"product_id":"os","name":"OS 1",
      "product_identification_helper":{"cpe":"cpe:/o:a:os:1"}}},
    {"category":"product_version","name":"m","product":{"product_id":"m:1","name":"m","product_identification_helper":
      {"purl":"pkg:rpmmod/a/m@1"}}}]}],
  "full_product_names":[{"product_id":"p-1","name":"p","product_identification_helper":{"purl":"pkg:rpm/a/p@1"}}],
  "product_groups":[{"group_id":"g","product_ids":["os:p-1","nobody"]}],
  "relationships":[
    {"category":"default_component_of","product_reference":"p-1","relates_to_product_reference":"os:m:1",
     "full_product_name":{"product_id":"os:m:1:p-1","name":"p of m of OS"}},
    {"category":"default_component_of","product_reference":"m:1","relates_to_product_reference":"os",
     "full_product_name":{"product_id":"os:m:1","name":"m of OS"}},
    {"category":"default_component_of","product_reference":"p-1","relates_to_product_reference":"os",
     "full_product_name":{"product_id":"os:p-1","name":"p of OS"}},
    {"category":"default_component_of","product_reference":"p-1",
     "full_product_name":{"product_id":"half","name":"p of nothing"}}]})";

TEST(Csaf, JoinsWhatIsSaidOfOneProduct) {
  const auto json = Value(io::JsonDocument::Parse(Text(Format(R"({},"vulnerabilities":[{{
    "cve":"CVE-2024-1","title":"v","cwe":{{"id":"CWE-1"}},"notes":[{{"category":"description","text":"d"}}],
    "product_status":{{"known_affected":["os:p-1","os:m:1:p-1"],"fixed":["os:m:1:p-1"],"known_not_affected":["half"]}},
    "remediations":[{{"category":"vendor_fix","url":"https://e/1","product_ids":["os:m:1:p-1"]}},
      {{"category":"workaround","details":"w","product_ids":["os:p-1"]}},
      {{"category":"no_fix_planned","details":"Will not fix","group_ids":["g","no such group"]}}],
    "threats":[{{"category":"impact","details":"Important","product_ids":["os:p-1"]}},
      {{"category":"impact","details":"Low"}},{{"category":"exploit_status","details":"Critical"}}],
    "scores":[{{"products":["os:p-1"],"cvss_v3":{{"version":"3.1","vectorString":"CVSS:3.1/x"}}}},
      {{"products":["os:m:1:p-1"],"cvss_v3":{{"version":"3.1","vectorString":"CVSS:3.1/x"}},
        "cvss_v2":{{"vectorString":"AV:N"}}}}]}}])",
                                                              kTree))));
  ASSERT_TRUE(LooksLikeCsaf(json.Root()));
  EXPECT_EQ(CsafPublisher(json.Root()), "https://example.org");
  const CsafDocument document = Value(ParseCsaf(json.Root()));
  EXPECT_EQ(document.id, "X-1");
  EXPECT_EQ(document.modified, "2024-01-02T00:00:00Z");
  ASSERT_EQ(document.vulnerabilities.size(), 1U);
  const CsafVulnerability& vulnerability = document.vulnerabilities[0];
  EXPECT_EQ(vulnerability.cwe, "CWE-1");
  EXPECT_EQ(NoteOf(vulnerability.notes, "description"), "d");
  EXPECT_EQ(NoteOf(vulnerability.notes, "summary"), "");
  EXPECT_EQ(vulnerability.cvss.size(), 2U);
  EXPECT_EQ(vulnerability.impact, model::Severity::kHigh);
  EXPECT_EQ(vulnerability.fix_urls, (std::vector<std::string_view>{"https://e/1"}));

  ASSERT_EQ(vulnerability.statements.size(), 2U);
  const CsafStatement& plain = vulnerability.statements[0];
  EXPECT_EQ(plain.status, CsafStatus::kAffected);
  EXPECT_EQ(plain.remedy, CsafRemedy::kNoFixPlanned);
  EXPECT_EQ(plain.remedy_details, "Will not fix");
  EXPECT_EQ(plain.impact, model::Severity::kHigh);
  const CsafItem& of_os = document.items[plain.item];
  EXPECT_EQ(of_os.component.purl, "pkg:rpm/a/p@1");
  EXPECT_EQ(of_os.platform.cpe, "cpe:/o:a:os:1");
  EXPECT_EQ(of_os.container.id, "");

  const CsafStatement& modular = vulnerability.statements[1];
  EXPECT_EQ(modular.status, CsafStatus::kFixed) << "the weightier of two";
  EXPECT_EQ(document.items[modular.item].container.id, "m:1");
  EXPECT_EQ(document.items[modular.item].platform.id, "os");

  ASSERT_EQ(document.problems.size(), 2U);
  EXPECT_EQ(document.problems[0].Message(), "1 relationships without both ends left out, the first \"half\"");
  EXPECT_EQ(document.problems[1].Message(),
            "1 product ids that the product tree does not hold left out, the first \"half\"");
}

TEST(Csaf, RefusesWhatIsNone) {
  for (const std::string_view text :
       {R"({})", R"([])", R"({"document":{"category":"csaf_vex","csaf_version":"2.0"}})",
        R"({"document":{"category":"csaf_vex","csaf_version":"1.2","tracking":{},"publisher":{}}})"})
    EXPECT_FALSE(LooksLikeCsaf(Value(io::JsonDocument::Parse(text)).Root())) << text;
  const auto error = [](const std::string& text, ErrorKind kind, std::string_view part) {
    ExpectError(ParseCsaf(Value(io::JsonDocument::Parse(text)).Root()), kind, part);
  };
  error("{}", ErrorKind::kCorrupt, "not a CSAF 2 document");
  error(R"({"document":{"category":"csaf_vex","csaf_version":"2.0","tracking":{},"publisher":{}}})",
        ErrorKind::kCorrupt, "without a tracking id");
  error(Text(R"("product_tree":{})"), ErrorKind::kCorrupt, "without vulnerabilities");
  error(Text(R"("vulnerabilities":"none")"), ErrorKind::kCorrupt, "no list");
}

TEST(Csaf, EndsWhereRelationshipsAndBranchesDoNot) {
  const auto circle = Value(io::JsonDocument::Parse(Text(R"("product_tree":{"relationships":[
    {"product_reference":"a","relates_to_product_reference":"b","full_product_name":{"product_id":"a"}},
    {"product_reference":"b","relates_to_product_reference":"a","full_product_name":{"product_id":"b"}}]},
    "vulnerabilities":[{"cve":"CVE-2024-1","product_status":{"fixed":["a","b",3,null]}}])")));
  const CsafDocument document = Value(ParseCsaf(circle.Root()));
  EXPECT_TRUE(document.vulnerabilities[0].statements.empty());
  EXPECT_EQ(document.problems.size(), 1U);

  std::string branches = "[]";
  for (std::size_t i = 0; i <= kCsafBranchDepthMax; ++i) branches = Format(R"([{{"branches":{}}}])", branches);
  const auto deep = Value(io::JsonDocument::Parse(
      Text(Format(R"("product_tree":{{"branches":{}}},"vulnerabilities":[])", branches)), {.depth_max = 200}));
  ExpectError(ParseCsaf(deep.Root()), ErrorKind::kLimit, "deeper than");
}

// A group of many, named many times, is the one thing that would grow with the square of the document.
TEST(Csaf, BoundsWhatGroupsName) {
  std::string ids, groups;
  for (int i = 0; i < 10'000; ++i) {
    ids += R"("p",)";
    groups += R"("g",)";
  }
  ids.pop_back();
  groups.pop_back();
  const auto json = Value(io::JsonDocument::Parse(
      Text(Format(R"("product_tree":{{"product_groups":[{{"group_id":"g","product_ids":[{}]}}]}},
      "vulnerabilities":[{{"cve":"CVE-2024-1","remediations":[{{"category":"vendor_fix","group_ids":[{}]}}]}}])",
                  ids, groups))));
  ExpectError(ParseCsaf(json.Root()), ErrorKind::kLimit, "product ids are named");
}

}  // namespace
}  // namespace holdfast::advisory
