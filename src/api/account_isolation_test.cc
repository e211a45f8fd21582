// No operation shows or changes what another account has. For each operation of the document that has a handler, the
// user of one account asks for the things of another. A new operation that wants a query or a body needs a line in
// Questions, or the first test fails; one with a new kind of thing in its path needs a thing in GiveThings.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "api/handler_table.h"
#include "base/format.h"
#include "service/events.h"
#include "service/subscriptions.h"
#include "support/analysed_images.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::Answer;
using test::Ask;
using test::Value;

// In everything that the victim has, and in nothing that an answer to somebody else may have.
constexpr std::string_view kMark = "victims-secret";
constexpr std::string_view kTag = "registry.example/app:1";

constexpr std::string_view kBundle =
    R"({"id":"victims-bundle","version":"1_0","name":"n","comment":"COMMENT","policies":[],"mappings":[]})";

std::string BundleWith(std::string_view comment) {
  std::string text(kBundle);
  text.replace(text.find("COMMENT"), std::string_view("COMMENT").size(), comment);
  return text;
}

// What to ask. Without a line in this table an operation is asked without query and
// body, its path filled from things_.
struct Question {
  std::string_view query;
  std::string_view body;
  std::string_view content_type = "application/json";
};

const std::map<std::string_view, Question>& Questions() {
  static const std::map<std::string_view, Question> kQuestions = {
      {"add_image", {"", R"({"tag":"docker.io/debian:12"})"}},
      {"delete_images", {"?force=true&imageDigests=DIGEST", ""}},
      {"delete_image", {"?force=true", ""}},
      {"delete_image_by_id", {"?force=true", ""}},
      {"check_image", {"?tag=registry.example%2Fapp%3A1", ""}},
      {"check_image_by_id", {"?tag=registry.example%2Fapp%3A1", ""}},
      {"query_images_by_package", {"?name=victims-secret", ""}},
      {"query_images_by_vulnerability", {"?vulnerability_id=CVE-2025-1", ""}},
      {"explain_image_vulnerability", {"?vulnerability_id=CVE-2025-1", ""}},
      {"query_vulnerabilities", {"?id=CVE-2025-1", ""}},
      {"upload_import_packages", {"", "{}"}},
      {"upload_import_dockerfile", {"", "FROM scratch", "text/plain"}},
      {"upload_import_manifest", {"", "{}"}},
      {"upload_import_parent_manifest", {"", "{}"}},
      {"upload_import_image_config", {"", "{}"}},
      {"add_archive_rule", {"", R"({"transition":"delete"})"}},
      {"archive_images", {"", R"(["DIGEST"])"}},
      {"delete_archived_image", {"?force=true", ""}},
      {"import_image_archive",
       {"", "--b\r\nContent-Disposition: form-data; name=\"archive_file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n",
        "multipart/form-data; boundary=b"}},
      {"add_policy", {"", kBundle}},
      {"update_policy", {"?active=true", R"({"policyId":"victims-bundle"})"}},
      {"add_subscription", {"", R"({"subscription_key":"docker.io/debian:12","subscription_type":"policy_eval"})"}},
      {"update_subscription", {"", R"({"active":true,"subscription_value":"stolen"})"}},
      {"add_repository", {"?repository=docker.io%2Fdebian&autosubscribe=true", ""}},
      {"add_registry", {"?validate=false", R"({"registry":"quay.io","registry_user":"thief"})"}},
      {"update_registry", {"?validate=false", R"({"registry_user":"thief"})"}},
      {"create_account", {"", R"({"name":"team-c"})"}},
      {"update_account_state", {"", R"({"state":"disabled"})"}},
      {"create_user", {"", R"({"username":"mallory","password":"secret-1"})"}},
      {"create_user_credential", {"", R"({"type":"password","value":"secret-1"})"}},
      {"delete_user_credential", {"?credential_type=password", ""}},
      {"create_own_credential", {"", R"({"type":"password","value":"correct horse"})"}},
      {"toggle_feed", {"?enabled=false", ""}},
      {"toggle_feed_group", {"?enabled=false", ""}},
  };
  return kQuestions;
}

class AccountIsolationTest : public test::ApiFixture {
 protected:
  AccountIsolationTest() : victim_(AddAccount("victim")), thief_(AddAccount("thief")) {
    registries_.tags["docker.io/library/debian"] = {"12"};
    GiveThings();
  }

  void GiveThings() {
    const std::string mark(kMark);
    registries_.images["docker.io/library/debian:12"] = test::MakeRemoteImage("debian");
    const store::Image image = test::AddAnalysedImage(*this, victim_, kTag, "victims", {test::MakePackage(mark, "1")});
    test::OpenFinding(*this, {mark, "CVE-2025-1"});
    EXPECT_EQ(Post("victim", "/archives/images", Format(R"(["{}"])", image.digest.Text())).status, 200);
    const auto rule =
        Post("victim", "/archives/rules",
             Format(R"({{"transition":"archive","analysis_age_days":9,"selector":{{"registry":"{}"}}}})", kMark))
            .Json();
    const auto import = Post("victim", "/imports/images").Json();
    EXPECT_EQ(Post("victim", "/policies", BundleWith(kMark)).status, 200);
    EXPECT_EQ(Put("victim", "/policies/victims-bundle?active=true", R"({"policyId":"victims-bundle"})").status, 200);
    EXPECT_EQ(
        Post("victim", "/registries?validate=false", Format(R"({{"registry":"quay.io","registry_user":"{}"}})", kMark))
            .status,
        200);
    // The one that came with the image.
    const std::string subscription = service::SubscriptionId("victim", kTag, "policy_eval");
    EXPECT_EQ(Put("victim", "/subscriptions/" + subscription, Format(R"({{"subscription_value":"{}"}})", kMark)).status,
              200);
    Value(database_->Write([&](store::Session& session) {
      return service::RaiseEvent(platform_, session,
                                 {.account_id = victim_.id,
                                  .type = "user.image.analysis.completed",
                                  .source = "catalog",
                                  .resource_type = "image_digest",
                                  .resource_id = mark,
                                  .message = mark});
    }));
    const auto events = Get("victim", "/events").Json();
    things_ = {
        {"imageDigest", image.digest.Text()},
        {"imageId", image.image_id->Hex()},
        {"ruleId", std::string(rule.Root()["rule_id"].StringOr("no rule"))},
        {"operation_id", std::string(import.Root()["uuid"].StringOr("no import"))},
        {"vtype", "all"},
        {"ctype", "os"},
        {"mtype", "manifest"},
        {"eventId", std::string(events.Root()["results"].At(0)["generated_uuid"].StringOr(""))},
        {"policyId", "victims-bundle"},
        {"registry", "quay.io"},
        {"subscriptionId", subscription},
        {"accountname", "victim"},
        {"username", "victim"},
        {"feed", "vulnerabilities"},
        {"group", "debian%3A12"},
        {"servicename", "analyzer"},
        {"hostid", "host-1"},
    };
  }

  Ask QuestionOf(const Operation& operation) {
    Ask ask{.user = "thief", .method = operation.method};
    for (const std::string& segment : operation.segments) {
      const bool is_parameter = segment.starts_with('{');
      const auto thing = is_parameter ? things_.find(segment.substr(1, segment.size() - 2)) : things_.end();
      ask.target += "/" + (thing == things_.end() ? is_parameter ? "unknown" : segment : thing->second);
    }
    const auto found = Questions().find(operation.id);
    if (found == Questions().end()) return ask;
    ask.target += found->second.query;
    ask.body = found->second.body;
    ask.content_type = found->second.content_type;
    constexpr std::string_view kDigest = "DIGEST";
    for (std::string* text : {&ask.target, &ask.body})
      if (const std::size_t at = text->find(kDigest); at != std::string::npos)
        text->replace(at, kDigest.size(), things_.at("imageDigest"));
    return ask;
  }

  void ForEachOperation(const std::function<void(const Operation&)>& visit) {
    for (const HandlerEntry& entry : Handlers()) {
      const Operation& operation = *contract_->FindOperation(entry.operation_id);
      SCOPED_TRACE(operation.id);
      visit(operation);
    }
  }

  store::Account victim_, thief_;
  std::map<std::string, std::string> things_;
};

// Else the tests below would prove nothing.
TEST_F(AccountIsolationTest, EachQuestionReachesItsHandler) {
  ForEachOperation([&](const Operation& operation) {
    const Answer answer = Send(QuestionOf(operation));
    EXPECT_NE(answer.status, 415) << answer.body;
    EXPECT_NE(answer.headers.Find("Content-Type").value_or(""), "application/problem+json") << answer.body;
  });
}

TEST_F(AccountIsolationTest, NothingIsShown) {
  ForEachOperation([&](const Operation& operation) {
    const Answer answer = Send(QuestionOf(operation));
    EXPECT_EQ(answer.body.find(kMark), std::string::npos) << answer.body;
  });
}

TEST_F(AccountIsolationTest, NothingIsChanged) {
  const std::string before = DumpAccount(victim_.id);
  EXPECT_NE(before.find(kMark), std::string::npos);
  ForEachOperation([&](const Operation& operation) {
    (void)Send(QuestionOf(operation));
    EXPECT_EQ(DumpAccount(victim_.id), before);
  });
  EXPECT_EQ(Get("victim", "/account").Json().Root()["state"].StringOr(""), "enabled");
}

TEST_F(AccountIsolationTest, TheHeaderOpensNoDoor) {
  const std::string before = DumpAccount(victim_.id);
  int asked = 0;
  ForEachOperation([&](const Operation& operation) {
    if (!operation.account_header) return;
    Ask ask = QuestionOf(operation);
    ask.account = "victim";
    const Answer answer = Send(ask);
    EXPECT_EQ(answer.status, 403) << answer.body;
    EXPECT_EQ(answer.body.find(kMark), std::string::npos);
    ++asked;
  });
  EXPECT_GE(asked, 20);
  EXPECT_EQ(DumpAccount(victim_.id), before);
}

// The same questions, asked by the victim, show and change things: the tests above look where there is something.
TEST_F(AccountIsolationTest, TheOwnerSeesAndChanges) {
  int shown = 0, changed = 0;
  for (const HandlerEntry& entry : Handlers()) {
    const Operation& operation = *contract_->FindOperation(entry.operation_id);
    const std::string before = DumpAccount(victim_.id);
    Ask ask = QuestionOf(operation);
    ask.user = "victim";
    const Answer answer = Send(ask);
    if (answer.body.contains(kMark)) ++shown;
    if (DumpAccount(victim_.id) != before) ++changed;
  }
  EXPECT_GE(shown, 11);
  EXPECT_GE(changed, 12);
}

// Every operation on what an account owns acts for the account of the header.
TEST_F(AccountIsolationTest, TheHeaderHoldsForAllThatIsOwned) {
  for (const Operation& operation : contract_->Operations()) {
    if (operation.domain != Domain::kAccount || operation.action.empty()) continue;
    static const std::vector<std::string_view> kOfAll = {"list_feeds", "list_event_types", "query_vulnerabilities"};
    if (std::ranges::find(kOfAll, operation.id) != kOfAll.end()) continue;
    EXPECT_TRUE(operation.account_header) << operation.id;
  }
}

}  // namespace
}  // namespace holdfast::api
