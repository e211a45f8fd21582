#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

#include "api/api_server.h"
#include "api/event_types.h"
#include "api/validate.h"
#include "base/format.h"

namespace holdfast::api {
namespace {

std::set<std::string> Missing() {
  std::set<std::string> missing;
  std::ifstream file(HF_SOURCE_DIR "/tests/api_missing_operations.txt");
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && !line.starts_with('#')) missing.insert(line);
  return missing;
}

TEST(Handlers, EachOperationHasOneOrIsKnownToLackIt) {
  const auto contract = *Contract::Load();
  const std::set<std::string> missing = Missing();
  std::set<std::string> handled;
  for (const HandlerEntry& entry : Handlers()) {
    EXPECT_NE(contract->FindOperation(entry.operation_id), nullptr) << entry.operation_id << " is in no document";
    EXPECT_TRUE(handled.emplace(entry.operation_id).second) << entry.operation_id << " has two handlers";
  }
  for (const Operation& operation : contract->Operations())
    EXPECT_NE(handled.contains(operation.id), missing.contains(operation.id))
        << operation.id
        << (handled.contains(operation.id) ? " has a handler now: take it off the list of missing ones"
                                           : " has no handler");
  for (const std::string& id : missing)
    EXPECT_NE(contract->FindOperation(id), nullptr) << id << " is missing, but in no document";
}

class Anybody final : public Authenticator {
 public:
  Result<Identity> Authenticate(const Credentials&) override { return Identity{.username = "bob", .account = "team"}; }
};

class StaticHandlersTest : public testing::Test {
 protected:
  http::ServerResponse Get(std::vector<std::string> segments) {
    http::ServerRequest request;
    request.method = "GET";
    request.segments = std::move(segments);
    request.headers.Add("Authorization", "Bearer any");
    return server_.Handle(request);
  }
  std::string Body(std::vector<std::string> segments) {
    const auto response = Get(std::move(segments));
    return response.status == 200 ? response.body : Format("{} {}", response.status, response.body);
  }

  std::unique_ptr<Contract> contract_ = *Contract::Load();
  NullLogger logger_;
  Context context_{*contract_, logger_, "1.2.3", "7"};
  Anybody authenticator_;
  std::unique_ptr<Authorizer> authorizer_ = MakeNativeAuthorizer();
  ApiServer server_{context_, authenticator_, *authorizer_};
};

TEST_F(StaticHandlersTest, ShortAnswers) {
  EXPECT_EQ(Body({}), R"("v1")");
  EXPECT_EQ(Body({"health"}), "ok");
  EXPECT_EQ(Body({"version"}),
            R"({"service":{"version":"1.2.3"},"api":{"version":"0.1.20"},"db":{"schema_version":"7"}})");
  EXPECT_EQ(Body({"v1", "swagger.json"}), contract_->Json());
  EXPECT_EQ(Body({"swagger.json"}), contract_->Json());
}

TEST_F(StaticHandlersTest, ListsOfTypes) {
  const std::string vulnerability_types = R"(["os","non-os","all"])";
  const std::string content_types = R"(["os","files","npm","gem","python","java","binary","go","malware"])";
  EXPECT_EQ(Body({"images", "sha256:1", "vuln"}), vulnerability_types);
  EXPECT_EQ(Body({"images", "by_id", "1", "vuln"}), vulnerability_types);
  EXPECT_EQ(Body({"images", "sha256:1", "content"}), content_types);
  EXPECT_EQ(Body({"images", "by_id", "1", "content"}), content_types);
  EXPECT_EQ(Body({"images", "sha256:1", "metadata"}), R"(["manifest","docker_history","dockerfile"])");
}

TEST_F(StaticHandlersTest, ErrorCodes) {
  const auto document = io::JsonDocument::Parse(Body({"system", "error_codes"}));
  ASSERT_TRUE(document);
  std::vector<std::string> names;
  for (const io::JsonView code : document->Root()) {
    names.emplace_back(code["name"].StringOr(""));
    EXPECT_NE(code["description"].StringOr(""), "");
  }
  EXPECT_THAT(names, testing::ElementsAre("REGISTRY_PERMISSION_DENIED", "REGISTRY_IMAGE_NOT_FOUND",
                                          "REGISTRY_NOT_ACCESSIBLE", "REGISTRY_NOT_SUPPORTED", "SKOPEO_UNKNOWN_ERROR",
                                          "UNKNOWN", "FEED_SYNC_ALREADY_IN_PROGRESS", "OSARCH_MISMATCH"));
}

TEST_F(StaticHandlersTest, EventTypesAreATreeOfAllKinds) {
  const auto document = io::JsonDocument::Parse(Body({"event_types"}));
  ASSERT_TRUE(document);
  EXPECT_TRUE(CheckValue(*contract_->FindSchema("EventTypesList"), document->Root()));
  std::vector<std::string> types;
  for (const io::JsonView category : document->Root())
    for (const io::JsonView group : category["subcategories"])
      for (const io::JsonView event : group["events"]) {
        types.push_back(Format("{}.{}.{}", category["category"].StringOr(""), group["name"].StringOr(""),
                               event["name"].StringOr("")));
        EXPECT_EQ(types.back(), event["type"].StringOr(""));
      }
  std::vector<std::string> kinds;
  for (const EventKind& kind : EventKinds()) kinds.emplace_back(kind.type);
  EXPECT_EQ(types, kinds);
  EXPECT_EQ(std::set<std::string>(types.begin(), types.end()).size(), types.size());
  EXPECT_EQ(types.size(), 32U);
}

// Those that need no services.
constexpr auto kStatic =
    std::to_array<std::string_view>({"ping", "health_check", "get_version", "get_api_document", "list_error_codes",
                                     "list_vulnerability_types", "list_content_types", "list_metadata_types",
                                     "list_vulnerability_types_by_id", "list_content_types_by_id", "list_event_types"});

// What the static handlers answer is what the document says.
TEST_F(StaticHandlersTest, AnswersKeepToTheirSchemas) {
  const auto document = io::JsonDocument::Parse(contract_->Json());
  SchemaSet schemas;
  ASSERT_TRUE(schemas.AddNamed(document->Root()["components"]["schemas"]));
  int checked = 0;
  for (const HandlerEntry& entry : Handlers()) {
    if (std::ranges::find(kStatic, entry.operation_id) == kStatic.end()) continue;
    const Operation& operation = *contract_->FindOperation(entry.operation_id);
    std::string path;
    std::vector<std::string> segments;
    for (const std::string& segment : operation.segments) {
      path += "/" + segment;
      segments.push_back(segment.starts_with('{') ? "x" : segment);
    }
    const io::JsonView content =
        document->Root()["paths"][path.empty() ? "/" : path]["get"]["responses"]["200"]["content"];
    if (content.KeyAt(0) != "application/json") continue;
    const auto schema = schemas.Add(content.At(0)["schema"]);
    ASSERT_TRUE(schema);
    const auto answer = io::JsonDocument::Parse(Body(segments));
    ASSERT_TRUE(answer) << entry.operation_id;
    const auto fits = CheckValue(**schema, answer->Root());
    EXPECT_TRUE(fits) << entry.operation_id << ": " << fits.error().Message();
    ++checked;
  }
  EXPECT_GE(checked, 10);
}

}  // namespace
}  // namespace holdfast::api
