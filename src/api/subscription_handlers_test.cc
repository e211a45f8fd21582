#include "api/subscription_handlers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "service/subscriptions.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::Answer;
using test::ExpectApiError;
using test::ExpectRefusedBySchema;

constexpr std::string_view kTag = "docker.io/debian:12";

class SubscriptionHandlersTest : public test::ApiFixture {
 protected:
  SubscriptionHandlersTest() { AddAccount("team-a"); }

  Answer Add(std::string_view type, std::string_view value = "null") {
    return Post(
        "team-a", "/subscriptions",
        Format(R"({{"subscription_key":"{}","subscription_type":"{}","subscription_value":{}}})", kTag, type, value));
  }
  static std::string IdOf(std::string_view type) { return service::SubscriptionId("team-a", kTag, type); }
};

TEST_F(SubscriptionHandlersTest, MakesOneThatIsNotActive) {
  const Answer added = Add("policy_eval");
  EXPECT_EQ(added.status, 200);
  EXPECT_EQ(added.body, Format(R"([{{"subscription_id":"{}","subscription_key":"docker.io/debian:12",)"
                               R"("subscription_type":"policy_eval","subscription_value":null,"userId":"team-a",)"
                               R"("active":false}}])",
                               IdOf("policy_eval")));
  EXPECT_EQ(Get("team-a", "/subscriptions").body, added.body);
  EXPECT_EQ(Get("team-a", "/subscriptions/" + IdOf("policy_eval")).body, added.body);
}

TEST_F(SubscriptionHandlersTest, FiltersAreExact) {
  Add("policy_eval");
  Add("vuln_update");
  const auto count = [&](std::string_view query) {
    return Get("team-a", Format("/subscriptions?{}", query)).Json().Root().Size();
  };
  EXPECT_EQ(count("subscription_type=vuln_update"), 1U);
  EXPECT_EQ(count("subscription_key=docker.io%2Fdebian%3A12"), 2U);
  EXPECT_EQ(count("subscription_key=docker.io%2Fdebian"), 0U);
  EXPECT_EQ(Get("team-a", "/subscriptions?subscription_type=tag_update").body, "[]");
  ExpectRefusedBySchema(Get("team-a", "/subscriptions?subscription_type=weather"));
}

TEST_F(SubscriptionHandlersTest, RefusesUnknownTypesAndSecondOnes) {
  ExpectRefusedBySchema(Add("weather"));
  ExpectRefusedBySchema(Post("team-a", "/subscriptions", R"({"subscription_type":"policy_eval"})"));
  EXPECT_EQ(Add("policy_eval").status, 200);
  ExpectApiError(Add("policy_eval"), 500, "already");
}

TEST_F(SubscriptionHandlersTest, ChangesWhatIsSaidAndNothingElse) {
  Add("vuln_update", R"("{\"digests\":[]}")");
  const std::string path = "/subscriptions/" + IdOf("vuln_update");
  const auto change = [&](std::string_view body) {
    const auto document = Put("team-a", path, body).Json();
    const io::JsonView changed = document.Root().At(0);
    return Format("{} {}", changed["active"].Bool().value_or(false), changed["subscription_value"].StringOr("none"));
  };
  EXPECT_EQ(change(R"({"active":true})"), R"(true {"digests":[]})");
  EXPECT_EQ(change(R"({"subscription_value":"x"})"), "true x");
  EXPECT_EQ(change(R"({"active":false,"subscription_value":null})"), "false none");
  EXPECT_EQ(Get("team-a", path).Json().Root().At(0)["active"].Bool(), false);
  ExpectApiError(Put("team-a", "/subscriptions/unknown", R"({"active":true})"), 404);
  ExpectRefusedBySchema(Put("team-a", path, R"({"active":"yes"})"));
}

TEST_F(SubscriptionHandlersTest, UnknownOnesAreAnEmptyListAndDeletedGladly) {
  Add("policy_eval");
  Put("team-a", "/subscriptions/" + IdOf("policy_eval"), R"({"active":true})");
  EXPECT_EQ(Get("team-a", "/subscriptions/unknown").body, "[]");
  EXPECT_EQ(Delete("team-a", "/subscriptions/unknown").status, 200);
  const Answer deleted = Delete("team-a", "/subscriptions/" + IdOf("policy_eval"));
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.body, "");
  EXPECT_EQ(Get("team-a", "/subscriptions").body, "[]");
}

class RepositoryTest : public SubscriptionHandlersTest {
 protected:
  RepositoryTest() { registries_.tags["docker.io/library/debian"] = {"11", "12"}; }

  // "type key active", sorted as the API sorts.
  std::vector<std::string> All() {
    std::vector<std::string> lines;
    const auto document = Get("team-a", "/subscriptions").Json();
    for (const io::JsonView item : document.Root())
      lines.push_back(Format("{} {} {}", item["subscription_type"].StringOr(""), item["subscription_key"].StringOr(""),
                             item["active"].Bool().value_or(false)));
    return lines;
  }
};

TEST_F(RepositoryTest, IsWatched) {
  const Answer added = Post("team-a", "/repositories?repository=docker.io%2Fdebian&lookuptag=stable");
  ASSERT_EQ(added.status, 200) << added.body;
  const auto document = added.Json();
  ASSERT_EQ(document.Root().Size(), 1U);
  EXPECT_EQ(document.Root().At(0)["subscription_value"].StringOr(""),
            R"({"autosubscribe":false,"lookuptag":"stable","tagcount":2,"repotags":["11","12"]})");
  EXPECT_THAT(All(), testing::ElementsAre("repo_update docker.io/debian true"));
  EXPECT_EQ(Get("team-a", "/subscriptions").body, added.body);
}

TEST_F(RepositoryTest, WatchesEachTagWhenAsked) {
  Add("tag_update");
  EXPECT_EQ(Post("team-a", "/repositories?repository=docker.io%2Fdebian&autosubscribe=true").status, 200);
  EXPECT_THAT(All(), testing::ElementsAre("repo_update docker.io/debian true", "tag_update docker.io/debian:11 true",
                                          "tag_update docker.io/debian:12 true"));
}

TEST_F(RepositoryTest, AgainMeansAnew) {
  EXPECT_EQ(Post("team-a", "/repositories?repository=debian").status, 200);
  Put("team-a", "/subscriptions/" + service::SubscriptionId("team-a", "docker.io/debian", "repo_update"),
      R"({"active":false})");
  registries_.tags["docker.io/library/debian"].emplace_back("13");
  const Answer again = Post("team-a", "/repositories?repository=debian&autosubscribe=true");
  EXPECT_EQ(again.Json().Root().At(0)["active"].Bool(), true);
  EXPECT_EQ(again.Json().Root().At(0)["subscription_value"].StringOr(""),
            R"({"autosubscribe":true,"lookuptag":null,"tagcount":3,"repotags":["11","12","13"]})");
}

TEST_F(RepositoryTest, ADryRunChangesNothing) {
  const Answer told = Post("team-a", "/repositories?repository=docker.io%2Fdebian&autosubscribe=true&dryrun=true");
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.Json().Root().At(0)["subscription_key"].StringOr(""), "docker.io/debian");
  EXPECT_TRUE(All().empty());
}

TEST_F(RepositoryTest, RegistryFailuresHaveAnchoresCodes) {
  const auto code = [&](const Answer& answer) {
    return std::string(answer.Json().Root()["detail"]["error_codes"].At(0).StringOr(""));
  };
  const Answer missing = Post("team-a", "/repositories?repository=quay.io%2Fnothing");
  ExpectApiError(missing, 404);
  EXPECT_EQ(code(missing), "REGISTRY_IMAGE_NOT_FOUND");
  registries_.failure = Error(ErrorKind::kUnavailable, "no answer");
  const Answer silent = Post("team-a", "/repositories?repository=quay.io%2Fnothing");
  ExpectApiError(silent, 500);
  EXPECT_EQ(code(silent), "REGISTRY_NOT_ACCESSIBLE");
  registries_.failure = Error(ErrorKind::kConflict, "nobody knows whose turn it is");
  ExpectApiError(Post("team-a", "/repositories?repository=quay.io%2Fnothing"), 503);
  ExpectApiError(Post("team-a", "/repositories?repository=Not%20A%20Name"), 400);
  ExpectRefusedBySchema(Post("team-a", "/repositories"));
}

}  // namespace
}  // namespace holdfast::api
