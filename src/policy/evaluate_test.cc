#include "policy/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "policy/policy_spec.h"
#include "policy/result_document.h"
#include "support/policy_triggers.h"
#include "support/test_support.h"

namespace holdfast::policy {
namespace {

using test::TestTriggers;
using test::Value;
using ::testing::HasSubstr;

ImageFacts Facts() {
  ImageFacts facts;
  facts.account = "acme";
  facts.image_id = "0123";
  facts.image_digest = "sha256:dd";
  facts.registry = "quay.io";
  facts.repository = "team/app";
  facts.tag = "1";
  facts.evaluated_at = 1'700'000'000;
  return facts;
}

std::string BundleText(std::string_view rules, std::string_view items = "") {
  return Format(R"({{"id":"b","version":"1_0","policies":[{{"id":"p","version":"1_0","rules":[{}]}}],)"
                R"("whitelists":[{{"id":"w","name":"list","version":"1_0","items":[{}]}}],)"
                R"("mappings":[{{"name":"m","registry":"*","repository":"*","image":{{"type":"tag","value":"*"}},)"
                R"("policy_id":"p","whitelist_ids":["w"]}}]}})",
                rules, items);
}
std::string KeysRule(std::string_view action, std::string_view keys) {
  return Format(
      R"({{"id":"r","gate":"test","trigger":"keys","action":"{}","params":[{{"name":"keys","value":"{}"}}]}})", action,
      keys);
}

TEST(Evaluate, WritesTheDocumentThatClientsRead) {
  const std::string text = BundleText(KeysRule("STOP", "a,b"), R"({"id":"i","gate":"test","trigger_id":"a"})");
  const auto bundle = Value(ParseBundle(text, TestTriggers()));
  const Evaluation evaluation = Evaluate(*bundle, Facts());
  EXPECT_EQ(
      WriteResultDocument(*bundle, Facts(), evaluation),
      R"({"user_id":"acme","image_id":"0123","image_digest":"sha256:dd","tag":"quay.io/team/app:1","bundle":)" + text +
          R"(,"matched_mapping_rule":{"name":"m","registry":"*","repository":"*","image":{"type":"tag","value":"*"},)"
          R"("policy_id":"p","whitelist_ids":["w"]},"matched_whitelisted_images_rule":false,)"
          R"("matched_blacklisted_images_rule":false,"result":{"0123":{"result":{"header":["Image_Id","Repo_Tag",)"
          R"("Trigger_Id","Gate","Trigger","Check_Output","Gate_Action","Whitelisted","Policy_Id"],"row_count":2,"rows":)"
          R"([["0123","quay.io/team/app:1","a","test","keys","fired: a","stop",{"whitelist_name":"list",)"
          R"("whitelist_id":"w","matched_rule_id":"i"},"p"],["0123","quay.io/team/app:1","b","test","keys","fired: b",)"
          R"("stop",false,"p"]],"final_action":"stop"}},"policy_data":[],"whitelist_data":[],"policy_name":"",)"
          R"("whitelist_names":[]},"created_at":1700000000,"last_modified":1700000000,"final_action":"stop",)"
          R"("final_action_reason":"policy_evaluation","evaluation_problems":[],"status":"fail"})");
}

TEST(Evaluate, TheDocumentNamesMatchesAndProblems) {
  const auto bundle = Value(ParseBundle(
      R"({"id":"b","version":"1_0","policies":[],"mappings":[],"blacklisted_images":[)"
      R"({"name":"d","registry":"*","repository":"*","image":{"type":"tag","value":"*"}}],"whitelisted_images":[)"
      R"({"name":"a","registry":"*","repository":"*","image":{"type":"tag","value":"*"}}],"name":7})",
      TestTriggers()));
  const Evaluation evaluation = Evaluate(*bundle, Facts());
  const std::string text = WriteResultDocument(*bundle, Facts(), evaluation);
  EXPECT_THAT(text, HasSubstr(R"("matched_mapping_rule":false)"));
  EXPECT_THAT(text, HasSubstr(R"("matched_blacklisted_images_rule":{"name":"d",)"));
  EXPECT_THAT(text, HasSubstr(R"("matched_whitelisted_images_rule":{"name":"a",)"));
  EXPECT_THAT(text, HasSubstr(R"("final_action_reason":"blacklisted")"));
  EXPECT_THAT(text, HasSubstr(R"("evaluation_problems":[{"severity":"error","problem_type":"SchemaError",)"
                              R"("details":"name: must be a string"}])"));
}

TEST(Evaluate, IsAFunctionOfBundleAndFacts) {
  const auto bundle = Value(ParseBundle(BundleText(KeysRule("WARN", "b,a,b")), TestTriggers()));
  const std::string first = WriteResultDocument(*bundle, Facts(), Evaluate(*bundle, Facts()));
  EXPECT_EQ(WriteResultDocument(*bundle, Facts(), Evaluate(*bundle, Facts())), first);
}

TEST(Evaluate, MissingFactsAreRowsOfTheRuleAndCanBeAllowed) {
  const std::string rule = R"({"id":"r","gate":"test","trigger":"needy","action":"STOP"})";
  ImageFacts facts = Facts();
  facts.feed = FeedFact{};
  const auto bundle = Value(ParseBundle(BundleText(rule), TestTriggers()));
  const Evaluation evaluation = Evaluate(*bundle, facts);
  ASSERT_EQ(evaluation.rows.size(), 1U);
  EXPECT_EQ(evaluation.rows[0].trigger_id, "missing+dockerfile");
  EXPECT_EQ(evaluation.verdict.action, Action::kStop);
  ASSERT_EQ(evaluation.problems.size(), 1U);
  EXPECT_THAT(evaluation.problems[0].details, HasSubstr("rule 'r'"));
  const auto allowing =
      Value(ParseBundle(BundleText(rule, R"({"gate":"test","trigger_id":"missing+*"})"), TestTriggers()));
  EXPECT_EQ(Evaluate(*allowing, facts).verdict.action, Action::kGo);
  facts.dockerfile = Dockerfile{};
  EXPECT_EQ(Evaluate(*bundle, facts).rows[0].trigger_id, "needy");
}

TEST(Evaluate, AnchoresIdsOfMessagesAreAccepted) {
  const std::string id = AnchoreMessageId("test", "loud", "old text");
  EXPECT_EQ(id.size(), 32U);
  const std::string rule = R"({"gate":"test","trigger":"loud","action":"STOP"})";
  const auto allowing =
      Value(ParseBundle(BundleText(rule, Format(R"({{"gate":"test","trigger_id":"{}"}})", id)), TestTriggers()));
  EXPECT_EQ(Evaluate(*allowing, Facts()).verdict.action, Action::kGo);
  const auto other = Value(ParseBundle(
      BundleText(rule, R"({"gate":"test","trigger_id":"0123456789abcdef0123456789abcdef"})"), TestTriggers()));
  EXPECT_EQ(Evaluate(*other, Facts()).verdict.action, Action::kStop);
}

TEST(Evaluate, LimitsStopAndSaySo) {
  const auto bundle = Value(ParseBundle(
      BundleText(KeysRule("GO", "a,b,c") + "," + KeysRule("GO", "d"), R"({"gate":"test","trigger_id":"*a*b*"})"),
      TestTriggers()));
  EXPECT_EQ(Evaluate(*bundle, Facts()).verdict.action, Action::kGo);
  const auto expect_stop = [&](const EvaluateLimits& limits, std::string_view part) {
    const Evaluation evaluation = Evaluate(*bundle, Facts(), limits);
    EXPECT_EQ(evaluation.verdict.action, Action::kStop) << part;
    ASSERT_FALSE(evaluation.problems.empty()) << part;
    EXPECT_EQ(evaluation.problems[0].type, problem_type::kLimit);
    EXPECT_THAT(evaluation.problems[0].details, HasSubstr(part));
  };
  expect_stop({.rows_max = 2}, "more than 2 findings");
  expect_stop({.visits_max = 1}, "1 rules were not evaluated");
  expect_stop({.match_steps_max = 3}, "more than 3 steps");
  const auto loud = Value(ParseBundle(BundleText(R"({"gate":"test","trigger":"loud","action":"GO"})"), TestTriggers()));
  EXPECT_EQ(Evaluate(*loud, Facts(), {.message_bytes_max = 50}).rows[0].message.size(), 50U);
}

TEST(Facts, FullTagLeavesOutWhatIsNotThere) {
  ImageFacts facts;
  EXPECT_EQ(facts.FullTag(), "");
  facts.registry = "docker.io";
  facts.repository = "library/debian";
  EXPECT_EQ(facts.FullTag(), "docker.io/library/debian");
  facts.tag = "12";
  EXPECT_EQ(facts.FullTag(), "docker.io/library/debian:12");
}

TEST(Facts, EveryFactHasANameAndCanBeOffered) {
  ImageFacts facts;
  EXPECT_TRUE(OfferedFacts(facts).Empty());
  facts.distro.emplace();
  facts.packages.emplace();
  facts.vulnerabilities.emplace();
  facts.feed.emplace();
  facts.dockerfile.emplace();
  for (std::uint8_t i = 0; i < kFactCount; ++i) {
    EXPECT_TRUE(OfferedFacts(facts).Has(static_cast<Fact>(i)));
    EXPECT_FALSE(FactName(static_cast<Fact>(i)).empty());
  }
  EXPECT_TRUE(FactName(static_cast<Fact>(kFactCount)).empty()) << "kFactCount is too small";
}

TEST(PolicySpec, DescribesGatesTriggersAndParameters) {
  EXPECT_EQ(WritePolicySpec(TestTriggers().first(1)),
            R"([{"name":"test","description":"A gate for tests.","state":"active","superceded_by":null,"triggers":[)"
            R"({"name":"keys","description":"Fires.","state":"active","superceded_by":null,"parameters":[)"
            R"({"name":"keys","description":"What fires.","example":"a,b","state":"active","superceded_by":null,)"
            R"("required":true,"validator":{"type":"string","pattern":"[^,\\s]"}},)"
            R"({"name":"pair","description":"Not with everything.","example":null,"state":"active",)"
            R"("superceded_by":null,"required":false,"validator":{"type":"string","enum":["true","false"]}}]}]}])");
  EXPECT_THAT(WritePolicySpec(TestTriggers()), HasSubstr(R"("state":"eol","superceded_by":"keys")"));
  EXPECT_EQ(WritePolicySpec({}), "[]");
}

}  // namespace
}  // namespace holdfast::policy
