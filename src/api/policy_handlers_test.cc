#include "api/policy_handlers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "policy/default_bundle.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::Answer;
using test::ExpectApiError;
using test::ExpectRefusedBySchema;

std::string Bundle(std::string_view id, std::string_view comment = "", std::string_view trigger = "instruction") {
  return Format(
      R"({{"id":"{0}","version":"1_0","name":"n","comment":"{1}","whitelists":[],"mappings":[{{"id":"m","name":"all",)"
      R"("registry":"*","repository":"*","image":{{"type":"tag","value":"*"}},"policy_ids":["p"],)"
      R"("whitelist_ids":[]}}],"policies":[{{"id":"p","version":"1_0","name":"p","rules":[{{"id":"r",)"
      R"("gate":"dockerfile","trigger":"{2}","action":"WARN","params":[{{"name":"instruction","value":"RUN"}},)"
      R"({{"name":"check","value":"exists"}}]}}]}}]}})",
      id, comment, trigger);
}

class PolicyHandlersTest : public test::ApiFixture {
 protected:
  PolicyHandlersTest() { AddAccount("team-a"); }

  std::string Record(std::string_view id, std::string_view active, std::string_view bundle) {
    return Format(R"({{"policyId":"{}","active":{},"policybundle":{}}})", id, active, bundle);
  }
  // Ids of the active bundles.
  std::vector<std::string> Active() {
    std::vector<std::string> ids;
    const auto document = Get("team-a", "/policies").Json();
    for (const io::JsonView record : document.Root())
      if (record["active"].Bool().value_or(false)) ids.emplace_back(record["policyId"].StringOr(""));
    return ids;
  }
  std::vector<std::string> EventTypes() {
    std::vector<std::string> types;
    const auto document = Get("team-a", "/events").Json();
    for (const io::JsonView item : document.Root()["results"]) types.emplace_back(item["event"]["type"].StringOr(""));
    return types;
  }
};

TEST_F(PolicyHandlersTest, AnAccountBeginsWithADefault) {
  EXPECT_THAT(Active(), testing::ElementsAre(policy::kDefaultBundleId));
}

TEST_F(PolicyHandlersTest, AddsABundleThatIsNotActive) {
  const Answer added = Post("team-a", "/policies", Bundle("b1"));
  ASSERT_EQ(added.status, 200) << added.body;
  EXPECT_EQ(added.body, Format(R"({{"policyId":"b1","active":false,"userId":"team-a","policy_source":"local",)"
                               R"("created_at":"2025-11-25T02:00:00Z","last_updated":"2025-11-25T02:00:00Z",)"
                               R"("policybundle":{}}})",
                               Bundle("b1")));
  EXPECT_EQ(Get("team-a", "/policies/b1").body, "[" + added.body + "]");
  EXPECT_THAT(Active(), testing::ElementsAre(policy::kDefaultBundleId));
}

TEST_F(PolicyHandlersTest, TextsOfBundlesComeWhenAsked) {
  Post("team-a", "/policies", Bundle("b1"));
  const auto bundle = [&](std::string_view target) {
    const auto document = Get("team-a", target).Json();
    return document.Root().At(document.Root().Size() - 1)["policybundle"].Size();
  };
  EXPECT_EQ(bundle("/policies"), 0U);
  EXPECT_GT(bundle("/policies?detail=true"), 0U);
  EXPECT_GT(bundle("/policies/b1"), 0U);
  EXPECT_EQ(bundle("/policies/b1?detail=false"), 0U);
  ExpectApiError(Get("team-a", "/policies/b2"), 404);
}

TEST_F(PolicyHandlersTest, RefusesWhatIsNotValidAndSaysWhy) {
  const Answer refused = Post("team-a", "/policies", Bundle("b1", "", "no_such_trigger"));
  ExpectApiError(refused, 400, "not valid");
  const auto document = refused.Json();
  const io::JsonView details = document.Root()["detail"]["validation_details"];
  ASSERT_GE(details.Size(), 1U) << refused.body;
  EXPECT_NE(details.At(0)["details"].StringOr("").find("no_such_trigger"), std::string_view::npos) << refused.body;
  ExpectRefusedBySchema(Post("team-a", "/policies", R"({"id":"b1"})"));
  ExpectApiError(Get("team-a", "/policies/b1"), 404);
}

TEST_F(PolicyHandlersTest, TheSameIdAgainReplacesTheText) {
  Post("team-a", "/policies", Bundle("b1", "first"));
  clock_.Advance(60'000);
  EXPECT_EQ(Post("team-a", "/policies", Bundle("b1", "second")).status, 200);
  const auto document = Get("team-a", "/policies/b1").Json();
  EXPECT_EQ(document.Root().At(0)["policybundle"]["comment"].StringOr(""), "second");
  EXPECT_EQ(document.Root().At(0)["created_at"].StringOr(""), "2025-11-25T02:00:00Z");
  EXPECT_EQ(document.Root().At(0)["last_updated"].StringOr(""), "2025-11-25T02:01:00Z");
}

TEST_F(PolicyHandlersTest, ExactlyOneIsActive) {
  Post("team-a", "/policies", Bundle("b1"));
  const Answer activated = Put("team-a", "/policies/b1?active=true", Record("b1", "true", Bundle("b1")));
  ASSERT_EQ(activated.status, 200) << activated.body;
  EXPECT_EQ(activated.Json().Root().At(0)["active"].Bool(), true);
  EXPECT_THAT(Active(), testing::ElementsAre("b1"));
  EXPECT_THAT(EventTypes(), testing::ElementsAre("user.policy.active.updated"));
  ExpectApiError(Put("team-a", "/policies/b1", Record("b1", "false", Bundle("b1"))), 500, "activate another");
  ExpectApiError(Put("team-a", "/policies/b1?active=false", R"({"policyId":"b1"})"), 500);
  EXPECT_THAT(Active(), testing::ElementsAre("b1"));
}

TEST_F(PolicyHandlersTest, ReplacingTheActiveOneTellsSo) {
  Post("team-a", "/policies", Bundle("b1"));
  Put("team-a", "/policies/b1?active=true", R"({"policyId":"b1"})");
  const Answer changed = Put("team-a", "/policies/b1", Record("b1", "true", Bundle("b1", "changed")));
  EXPECT_EQ(changed.Json().Root().At(0)["policybundle"]["comment"].StringOr(""), "changed");
  EXPECT_EQ(changed.Json().Root().At(0)["active"].Bool(), true);
  EXPECT_THAT(EventTypes(), testing::ElementsAre("user.policy.active.content_change", "user.policy.active.updated"));
}

TEST_F(PolicyHandlersTest, PathAndBodyMustAgree) {
  Post("team-a", "/policies", Bundle("b1"));
  ExpectApiError(Put("team-a", "/policies/b1", Record("b2", "false", Bundle("b1"))), 500, "b2");
  ExpectApiError(Put("team-a", "/policies/b1", Record("b1", "false", Bundle("b2"))), 400, "b2");
  ExpectApiError(Put("team-a", "/policies/b2", Record("b2", "false", Bundle("b2"))), 404);
  ExpectApiError(Put("team-a", "/policies/b1", Record("b1", "false", Bundle("b1", "", "no_such_trigger"))), 400);
}

TEST_F(PolicyHandlersTest, TheActiveOneStays) {
  Post("team-a", "/policies", Bundle("b1"));
  const Answer deleted = Delete("team-a", "/policies/b1");
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.body, R"("deleted")");
  ExpectApiError(Delete("team-a", "/policies/b1"), 404);
  ExpectApiError(Delete("team-a", Format("/policies/{}", policy::kDefaultBundleId)), 500, "active");
}

TEST_F(PolicyHandlersTest, TellsTheVocabulary) {
  const Answer answer = Get("team-a", "/system/policy_spec");
  EXPECT_EQ(answer.status, 200);
  std::vector<std::string> gates;
  const auto document = answer.Json();
  for (const io::JsonView gate : document.Root()) gates.emplace_back(gate["name"].StringOr(""));
  EXPECT_THAT(gates, testing::IsSupersetOf({"dockerfile", "vulnerabilities"}));
}

}  // namespace
}  // namespace holdfast::api
