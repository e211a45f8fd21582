#include "policy/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "support/policy_triggers.h"
#include "support/test_support.h"

namespace holdfast::policy {
namespace {

using test::ExpectError;
using test::TestTriggers;
using test::Value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::unique_ptr<const Bundle> Parsed(std::string_view text, const BundleLimits& limits = {}) {
  return Value(ParseBundle(text, TestTriggers(), limits));
}

// "error Type path" or "warn Type path" for each problem.
std::vector<std::string> Problems(const Bundle& bundle) {
  std::vector<std::string> problems;
  for (const BundleProblem& problem : bundle.problems)
    problems.push_back(Format("{} {} {}", ProblemSeverityName(problem.severity), problem.type,
                              problem.details.substr(0, problem.details.find(':'))));
  return problems;
}

std::string WithRules(std::string_view rules) {
  return Format(R"({{"id":"b","version":"1_0","policies":[{{"id":"p","version":"1_0","rules":[{}]}}],"mappings":[]}})",
                rules);
}
std::string WithMapping(std::string_view fields) {
  return Format(
      R"({{"id":"b","version":"1_0","policies":[{{"id":"p","version":"1_0"}}],"whitelists":[],)"
      R"("mappings":[{{"name":"m","registry":"*","repository":"*","image":{{"type":"tag","value":"*"}}{}}}]}})",
      fields);
}

TEST(Bundle, KeepsTheWholeDocument) {
  constexpr std::string_view kText =
      R"({"id":"b","name":"n","version":"1_0","comment":"c","policies":[],"mappings":[],"more":{"x":[1,2.5,null]}})";
  const auto bundle = Parsed(kText);
  EXPECT_EQ(bundle->json, kText);
  EXPECT_EQ(bundle->id, "b");
  EXPECT_TRUE(bundle->Valid());
  EXPECT_THAT(Problems(*bundle), ElementsAre("warn UnknownFieldWarning bundle"));
  EXPECT_THAT(bundle->problems[0].details, HasSubstr("'more'"));
}

TEST(Bundle, WhatIsNotJsonOrTooLargeIsAnError) {
  ExpectError(ParseBundle("{", TestTriggers()), ErrorKind::kCorrupt);
  ExpectError(ParseBundle("", TestTriggers()), ErrorKind::kCorrupt);
  ExpectError(ParseBundle("{}", TestTriggers(), {.bytes_max = 1}), ErrorKind::kLimit);
  ExpectError(ParseBundle(std::string(1000, '['), TestTriggers()), ErrorKind::kLimit);
}

TEST(Bundle, MissingAndWrongFieldsAreNamedByTheirPath) {
  EXPECT_THAT(Problems(*Parsed("[]")), ElementsAre("error SchemaError bundle"));
  EXPECT_THAT(Problems(*Parsed("{}")), ElementsAre("error SchemaError id", "error SchemaError version",
                                                   "error SchemaError policies", "error SchemaError mappings"));
  EXPECT_THAT(Problems(*Parsed(
                  R"({"id":1,"version":"","policies":{},"whitelists":"x","mappings":null,"whitelisted_images":[7]})")),
              ElementsAre("error SchemaError id", "error SchemaError version", "error SchemaError policies",
                          "error SchemaError whitelists", "error SchemaError mappings",
                          "error SchemaError whitelisted_images[0]"));
  EXPECT_THAT(
      Problems(*Parsed(R"({"id":"b","version":"1_0","policies":[{"rules":[{"params":[{}]},5]}],)"
                       R"("whitelists":[{"items":[{}]}],"mappings":[{"image":{}}]})")),
      ElementsAre("error SchemaError policies[0].id", "error SchemaError policies[0].version",
                  "error SchemaError policies[0].rules[0].gate", "error SchemaError policies[0].rules[0].trigger",
                  "error SchemaError policies[0].rules[0].action", "error SchemaError policies[0].rules[1]",
                  "error SchemaError whitelists[0].id", "error SchemaError whitelists[0].version",
                  "error SchemaError whitelists[0].items[0].gate",
                  "error SchemaError whitelists[0].items[0].trigger_id", "error SchemaError mappings[0].name",
                  "error SchemaError mappings[0].registry", "error SchemaError mappings[0].repository",
                  "error SchemaError mappings[0].image.value", "error SchemaError mappings[0].image.type",
                  "error SchemaError mappings[0]"));
}

TEST(Bundle, OtherVersionsAreNotSupported) {
  EXPECT_THAT(Problems(*Parsed(R"({"id":"b","version":"2","policies":[{"id":"p","version":"1"}],)"
                               R"("whitelists":[{"id":"w","version":"0"}],"mappings":[]})")),
              ElementsAre("error UnsupportedVersionError version", "error UnsupportedVersionError policies[0].version",
                          "error UnsupportedVersionError whitelists[0].version"));
}

TEST(Bundle, NullIsAbsent) {
  EXPECT_THAT(
      Problems(*Parsed(
          R"({"id":"b","name":null,"version":"1_0","comment":null,"policies":[{"id":"p","version":"1_0","rules":null}],)"
          R"("whitelists":[{"id":"w","version":"1_0","items":[{"id":null,"gate":"g","trigger_id":"t","expires_on":null}]}],)"
          R"("mappings":[{"name":"m","registry":"*","repository":"*","image":{"type":"tag","value":"*"},)"
          R"("policy_id":null,"policy_ids":["p"],"whitelist_ids":null}],"blacklisted_images":null})")),
      IsEmpty());
}

TEST(Bundle, RulesAreBoundByNamesOfAnyCaseAndByOldNames) {
  const auto bundle = Parsed(
      WithRules(R"({"id":"r","gate":"TEST","trigger":"Fire","action":"Warn","params":[{"name":"IDS","value":"a"}]})"));
  EXPECT_THAT(Problems(*bundle), IsEmpty());
  ASSERT_EQ(bundle->policies[0].rules.size(), 1U);
  EXPECT_EQ(bundle->policies[0].rules[0].trigger->info.name, "keys");
  EXPECT_EQ(bundle->policies[0].rules[0].action, Action::kWarn);
}

TEST(Bundle, EachRuleThatCannotBeBoundIsAProblem) {
  const auto bundle = Parsed(WithRules(
      R"({"gate":"nothing","trigger":"keys","action":"STOP"},)"
      R"({"gate":"test","trigger":"nothing","action":"STOP"},)"
      R"({"gate":"test","trigger":"keys","action":"STOP"},)"
      R"({"gate":"test","trigger":"keys","action":"STOP","params":[{"name":"keys","value":"a"},{"name":"b","value":"c"}]},)"
      R"({"gate":"test","trigger":"keys","action":"STOP","params":[{"name":"keys","value":5}]},)"
      R"({"gate":"test","trigger":"keys","action":"STOP","params":[{"name":"keys","value":","}]},)"
      R"({"gate":"test","trigger":"keys","action":"STOP","params":[{"name":"keys","value":" "}]},)"
      R"({"gate":"test","trigger":"keys","action":"STOP","params":[{"name":"keys","value":"a"},{"name":"IDS","value":"b"}]},)"
      R"({"gate":"test","trigger":"keys","action":"HALT","params":[{"name":"keys","value":"a"}]},)"
      R"({"gate":"test","trigger":"keys","action":"STOP","params":[{"name":"keys","value":"lonely"},{"name":"pair","value":"true"}]},)"
      R"({"gate":"test","trigger":"retired","action":"STOP"},)"
      R"({"gate":"SuidDiff","trigger":"x","action":"STOP"},)"
      R"({"gate":"test","trigger":"keys","action":"STOP","params":{"keys":"a"}},)"
      R"({"gate":"test","trigger":"keys","action":"GO","params":[{"name":"keys","value":"good"}]})"));
  const std::string rule = "policies[0].rules";
  EXPECT_THAT(
      Problems(*bundle),
      ElementsAre("error GateNotFoundError " + rule + "[0].gate", "error TriggerNotFoundError " + rule + "[1].trigger",
                  "error InvalidParameterError " + rule + "[2].params",
                  "error InvalidParameterError " + rule + "[3].params[1].name",
                  "error SchemaError " + rule + "[4].params[0].value",
                  "error InvalidParameterError " + rule + "[5].params[0].value",
                  "error InvalidParameterError " + rule + "[6].params",
                  "error InvalidParameterError " + rule + "[7].params[1].name",
                  "error SchemaError " + rule + "[8].action", "error InvalidParameterError " + rule + "[9].params",
                  "error EndOfLifeError " + rule + "[10].trigger", "error EndOfLifeError " + rule + "[11].gate",
                  "error SchemaError " + rule + "[12].params"));
  ASSERT_EQ(bundle->policies[0].rules.size(), 1U);
  EXPECT_EQ(bundle->policies[0].rules[0].action, Action::kGo);
}

TEST(Bundle, EveryRetiredGateIsKnown) {
  for (const std::string_view gate :
       {"suiddiff", "imagecheck", "pkgdiff", "anchoresec", "pkgcheck", "dockerfilecheck", "filecheck",
        "fileparse_passwd", "gemcheck", "metadatacheck", "licblacklist", "npmcheck", "pkgblacklist", "secretcheck"}) {
    const auto bundle = Parsed(WithRules(Format(R"({{"gate":"{}","trigger":"t","action":"GO"}})", gate)));
    EXPECT_THAT(Problems(*bundle), ElementsAre("error EndOfLifeError policies[0].rules[0].gate")) << gate;
  }
}

TEST(Bundle, IdsMustBeUniqueAndPointSomewhere) {
  EXPECT_THAT(
      Problems(*Parsed(
          R"({"id":"b","version":"1_0","policies":[{"id":"p","version":"1_0","rules":[)"
          R"({"id":"r","gate":"test","trigger":"loud","action":"GO"},{"id":"r","gate":"test","trigger":"loud","action":"GO"}]},)"
          R"({"id":"p","version":"1_0"}],"whitelists":[{"id":"w","version":"1_0","items":[)"
          R"({"id":"i","gate":"g","trigger_id":"t"},{"id":"i","gate":"g","trigger_id":"t"}]},{"id":"w","version":"1_0"}],)"
          R"("mappings":[)"
          R"({"id":"m","name":"m","registry":"*","repository":"*","image":{"type":"tag","value":"*"},"policy_id":"p"},)"
          R"({"id":"m","name":"m","registry":"*","repository":"*","image":{"type":"tag","value":"*"},"policy_id":"p"},)"
          R"({"name":"m","registry":"*","repository":"*","image":{"type":"tag","value":"*"},"policy_id":"q"},)"
          R"({"name":"m","registry":"*","repository":"*","image":{"type":"tag","value":"*"},"policy_ids":["p","q"],"whitelist_ids":["w","v",1]}],)"
          R"("whitelisted_images":[)"
          R"({"id":"x","name":"m","registry":"*","repository":"*","image":{"type":"tag","value":"*"}},)"
          R"({"id":"x","name":"m","registry":"*","repository":"*","image":{"type":"tag","value":"*"}}]})")),
      ElementsAre("warn DuplicateIdentifierFoundError policies[0].rules[1].id",
                  "error DuplicateIdentifierFoundError policies[1].id",
                  "warn DuplicateIdentifierFoundError whitelists[0].items[1].id",
                  "error DuplicateIdentifierFoundError whitelists[1].id",
                  "error DuplicateIdentifierFoundError mappings[1].id",
                  "error ReferencedObjectNotFoundError mappings[2].policy_id",
                  "error ReferencedObjectNotFoundError mappings[3].policy_ids[1]",
                  "error ReferencedObjectNotFoundError mappings[3].whitelist_ids[1]",
                  "error SchemaError mappings[3].whitelist_ids[2]",
                  "error DuplicateIdentifierFoundError whitelisted_images[1].id"));
}

TEST(Bundle, MappingsHaveOneWayToNamePolicies) {
  EXPECT_THAT(Problems(*Parsed(WithMapping(R"(,"policy_id":"p")"))), IsEmpty());
  EXPECT_THAT(Problems(*Parsed(WithMapping(R"(,"policy_ids":["p"])"))), IsEmpty());
  EXPECT_THAT(Problems(*Parsed(WithMapping(R"(,"policy_ids":[])"))), IsEmpty());
  EXPECT_THAT(Problems(*Parsed(WithMapping(R"(,"policy_id":"p","policy_ids":["p"])"))),
              ElementsAre("error SchemaError mappings[0]"));
  EXPECT_THAT(Problems(*Parsed(WithMapping(""))), ElementsAre("error SchemaError mappings[0]"));
  EXPECT_THAT(Problems(*Parsed(WithMapping(R"(,"policy_ids":"p")"))),
              ElementsAre("error SchemaError mappings[0].policy_ids"));
}

TEST(Bundle, UnusablePatternsAndKindsOfImage) {
  EXPECT_THAT(
      Problems(*Parsed(R"({"id":"b","version":"1_0","policies":[],"mappings":[],"blacklisted_images":[)"
                       R"({"name":"m","registry":"regexp:(","repository":"*","image":{"type":"name","value":"*"}}]})")),
      ElementsAre("error SchemaError blacklisted_images[0].registry",
                  "error SchemaError blacklisted_images[0].image.type"));
}

// ---- Hostile ones

TEST(HostileBundle, ListsBeyondTheirLimitsAreProblems) {
  BundleLimits limits;
  limits.rules_max = limits.items_max = limits.entries_max = limits.params_max = limits.regexes_max = 2;
  limits.name_bytes_max = 10;
  limits.value_bytes_max = 4;
  const auto problems = [&](const std::string& text) { return Problems(*Parsed(text, limits)); };
  const std::string rule = R"({"gate":"test","trigger":"loud","action":"GO"})";
  EXPECT_THAT(problems(WithRules(rule + "," + rule)), IsEmpty());
  EXPECT_THAT(problems(WithRules(rule + "," + rule + "," + rule)), ElementsAre("error LimitError policies[0].rules"));
  const std::string param = R"({"name":"keys","value":"a"})";
  EXPECT_THAT(problems(WithRules(R"({"gate":"test","trigger":"keys","action":"GO","params":[)" + param + "," + param +
                                 "," + param + "]}")),
              ElementsAre("error LimitError policies[0].rules[0].params"));
  EXPECT_THAT(problems(WithRules(
                  R"({"gate":"test","trigger":"keys","action":"GO","params":[{"name":"keys","value":"aaaaa"}]})")),
              ElementsAre("error LimitError policies[0].rules[0].params[0].value"));
  EXPECT_THAT(problems(R"({"id":"01234567890","version":"1_0","policies":[1,2,3],"mappings":[]})"),
              ElementsAre("error LimitError id", "error LimitError policies"));
  const std::string item = R"({"gate":"g","trigger_id":"t"})";
  EXPECT_THAT(problems(R"({"id":"b","version":"1_0","policies":[],"mappings":[],"whitelists":[)"
                       R"({"id":"v","version":"1_0","items":[)" +
                       item + R"(]},{"id":"w","version":"1_0","items":[)" + item + "," + item + "]}]}"),
              ElementsAre("error LimitError whitelists[1].items"));
  EXPECT_THAT(
      problems(
          R"({"id":"b","version":"1_0","policies":[],"mappings":[],"whitelisted_images":[)"
          R"({"name":"m","registry":"regexp:a","repository":"regexp:b","image":{"type":"tag","value":"regexp:c"}}]})"),
      ElementsAre("error LimitError whitelisted_images[0].image.value"));
}

TEST(HostileBundle, ProblemsAreCountedBeyondTheirLimit) {
  std::string rules = R"({"gate":"test","trigger":"loud","action":"GO","x":1})";
  for (int i = 0; i < 100; ++i) rules += R"(,{"gate":"none","trigger":"t","action":"GO"})";
  const auto bundle = Parsed(WithRules(rules), {.problems_max = 1});
  EXPECT_THAT(Problems(*bundle),
              ElementsAre("warn UnknownFieldWarning policies[0].rules[0]", "error LimitError bundle"));
  EXPECT_THAT(bundle->problems[1].details, HasSubstr("100 more"));
  EXPECT_FALSE(bundle->Valid());
}

TEST(HostileBundle, WhatUsersWroteIsCutInMessages) {
  const auto bundle =
      Parsed(WithRules(Format(R"({{"gate":"{}","trigger":"t","action":"GO"}})", std::string(1000, 'g'))));
  ASSERT_EQ(bundle->problems.size(), 1U);
  EXPECT_LT(bundle->problems[0].details.size(), 200U);
}

TEST(HostileBundle, EveryFieldOfTheWrongType) {
  constexpr std::string_view kGood =
      R"({"id":"b","name":"n","version":"1_0","comment":"c","policies":[{"id":"p","name":"n","version":"1_0","rules":)"
      R"([{"id":"r","gate":"test","trigger":"keys","action":"GO","params":[{"name":"keys","value":"a"}]}]}],)"
      R"("whitelists":[{"id":"w","name":"n","version":"1_0","items":[{"id":"i","gate":"g","trigger_id":"t",)"
      R"("expires_on":"2030-01-01T00:00:00Z"}]}],"mappings":[{"id":"m","name":"n","registry":"*","repository":"*",)"
      R"("image":{"type":"tag","value":"*"},"policy_ids":["p"],"whitelist_ids":["w"]}],"whitelisted_images":[],)"
      R"("blacklisted_images":[]})";
  EXPECT_THAT(Problems(*Parsed(kGood)), IsEmpty());
  // Each string value that is not a key, and each array and object, replaced.
  int replaced = 0;
  for (std::size_t at = kGood.find(':'); at != std::string_view::npos; at = kGood.find(':', at + 1)) {
    if (kGood[at - 1] != '"') continue;  // within a time
    std::size_t end = at + 2;
    if (kGood[at + 1] == '"') {
      end = kGood.find('"', at + 2) + 1;
    } else {
      int depth = 1;
      for (; depth > 0; ++end)
        depth += kGood[end] == '[' || kGood[end] == '{' ? 1 : kGood[end] == ']' || kGood[end] == '}' ? -1 : 0;
    }
    for (const std::string_view value : {"7", "true", "[[]]", "{\"id\":{}}", "-1e300"}) {
      const std::string text =
          std::string(kGood.substr(0, at + 1)) + std::string(value) + std::string(kGood.substr(end));
      EXPECT_FALSE(Parsed(text)->Valid()) << text;
    }
    ++replaced;
  }
  EXPECT_GT(replaced, 30);
}

}  // namespace
}  // namespace holdfast::policy
