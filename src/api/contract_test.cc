#include "api/contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "api/name_patterns.h"
#include "io/json.h"

namespace holdfast::api {
namespace {

std::unique_ptr<Contract> Loaded() {
  auto contract = Contract::Load();
  EXPECT_TRUE(contract) << contract.error().Message();
  return contract ? *std::move(contract) : nullptr;
}

std::string PathOf(const Operation& operation) {
  std::string path;
  for (const std::string& segment : operation.segments) path += "/" + segment;
  return path.empty() ? "/" : path;
}

// As testdata/operations.txt has it.
std::string Described(const Operation& operation) {
  std::string text = operation.method + " " + PathOf(operation) + (operation.account_header ? " A" : "");
  std::multiset<std::string> parameters;
  for (const Parameter& parameter : operation.parameters)
    if (parameter.place != ParameterPlace::kPath) parameters.insert(parameter.name + (parameter.required ? "*" : ""));
  if (operation.body == BodyKind::kJson || operation.body == BodyKind::kRaw)
    parameters.insert(operation.body_required ? "body*" : "body");
  for (const std::string& parameter : parameters) text += " " + parameter;
  return text;
}

std::string WithSortedParameters(const std::string& line) {
  std::istringstream words(line);
  std::string method, path, word, text;
  words >> method >> path;
  text = method + " " + path;
  std::multiset<std::string> parameters;
  while (words >> word) word == "A" ? void(text += " A") : void(parameters.insert(word));
  for (const std::string& parameter : parameters) text += " " + parameter;
  return text;
}

TEST(Contract, HasEachOperationThatClientsKnowAndTheDocumentItself) {
  const auto contract = Loaded();
  // Our own beside them.
  std::set<std::string> wanted = {"GET /swagger.json", "GET /images/{imageDigest}/why A package vulnerability_id*"},
                        found;
  std::ifstream file(HF_TESTDATA "/operations.txt");
  for (std::string line; std::getline(file, line);)
    if (!line.starts_with('#')) wanted.insert(WithSortedParameters(line));
  for (const Operation& operation : contract->Operations()) found.insert(Described(operation));
  EXPECT_EQ(wanted.size(), 114U);
  EXPECT_THAT(found, testing::ContainerEq(wanted));
}

TEST(Contract, SaysTheVersionByWhichClientsChooseTheirStyle) {
  const auto contract = Loaded();
  EXPECT_EQ(contract->Version(), "0.1.20");
  const auto document = io::JsonDocument::Parse(contract->Json());
  ASSERT_TRUE(document);
  EXPECT_EQ(document->Root()["info"]["version"].String(), "0.1.20");
  EXPECT_EQ(document->Root()["openapi"].String(), "3.0.3");
  EXPECT_GT(document->Root()["components"]["schemas"].Size(), 100U);
}

TEST(Contract, OpensOnlyWhatNeedsNoCredentials) {
  std::set<std::string> open;
  const auto contract = Loaded();
  for (const Operation& operation : contract->Operations())
    if (operation.open) open.insert(operation.id);
  EXPECT_THAT(open,
              testing::UnorderedElementsAre("ping", "health_check", "get_version", "get_api_document", "create_token"));
}

TEST(Contract, AsksAPermissionForAllButWhatAnyCallerMay) {
  const std::set<std::string> actions = {"listImages",
                                         "createImage",
                                         "getImage",
                                         "deleteImage",
                                         "getImageEvaluation",
                                         "importImage",
                                         "listPolicies",
                                         "createPolicy",
                                         "getPolicy",
                                         "updatePolicy",
                                         "deletePolicy",
                                         "listSubscriptions",
                                         "createSubscription",
                                         "getSubscription",
                                         "updateSubscription",
                                         "deleteSubscription",
                                         "listRegistries",
                                         "createRegistry",
                                         "getRegistry",
                                         "updateRegistry",
                                         "deleteRegistry",
                                         "createRepository",
                                         "listFeeds",
                                         "updateFeeds",
                                         "listServices",
                                         "getService",
                                         "deleteService",
                                         "listEvents",
                                         "deleteEvents",
                                         "getEvent",
                                         "listAccounts",
                                         "createAccount",
                                         "getAccount",
                                         "updateAccount",
                                         "deleteAccount",
                                         "listUsers",
                                         "createUser",
                                         "getUser",
                                         "updateUser",
                                         "deleteUser",
                                         "listArchives",
                                         "listArchiveTransitionRules",
                                         "createArchiveTransitionRule",
                                         "getArchiveTransitionRule",
                                         "deleteArchiveTransitionRule",
                                         "listArchivedImageAnalysis",
                                         "createArchivedImageAnalysis",
                                         "getArchivedImageAnalysis",
                                         "deleteArchivedImageAnalysis"};
  std::set<std::string> without, used;
  const auto contract = Loaded();
  for (const Operation& operation : contract->Operations()) {
    if (operation.open) continue;
    (operation.action.empty() ? without : used).insert(operation.action.empty() ? operation.id : operation.action);
  }
  EXPECT_THAT(used, testing::ContainerEq(actions));
  EXPECT_THAT(without, testing::UnorderedElementsAre("get_status", "get_system_status", "get_policy_spec",
                                                     "list_error_codes", "test_webhook", "get_own_account",
                                                     "get_own_user", "list_own_credentials", "create_own_credential"));
}

TEST(Contract, KeepsTheInstallationToAdministrators) {
  std::set<std::string> of_system, of_path;
  const auto contract = Loaded();
  for (const Operation& operation : contract->Operations()) {
    if (operation.domain == Domain::kSystem) of_system.insert(operation.id);
    if (operation.domain == Domain::kAccountInPath) of_path.insert(operation.id);
  }
  EXPECT_THAT(of_system, testing::UnorderedElementsAre("sync_feeds", "toggle_feed", "delete_feed", "toggle_feed_group",
                                                       "delete_feed_group", "list_services", "get_services_by_name",
                                                       "get_service", "delete_service", "test_webhook", "list_accounts",
                                                       "create_account", "delete_account", "update_account_state"));
  EXPECT_THAT(of_path, testing::UnorderedElementsAre("get_account", "list_users", "create_user", "get_account_user",
                                                     "delete_user", "list_user_credentials", "create_user_credential",
                                                     "delete_user_credential"));
}

TEST(Contract, BoundsBodies) {
  const auto contract = Loaded();
  EXPECT_EQ(contract->FindOperation("add_image")->body_bytes_max, kMiB);
  EXPECT_EQ(contract->FindOperation("import_image_archive")->body_bytes_max, 100 * kMiB);
  const Operation* upload = contract->FindOperation("upload_import_packages");
  EXPECT_EQ(upload->body_bytes_max, 100 * kMiB);
  EXPECT_EQ(upload->body, BodyKind::kRaw);
  EXPECT_TRUE(upload->needs_content_length);
  EXPECT_EQ(upload->body_schema, contract->FindSchema("ImagePackageManifest"));
}

// ---- Documents that are wrong.

constexpr std::string_view kMain = "openapi: 3.0.3\ninfo: {version: '1'}\n";

Result<std::unique_ptr<Contract>> LoadWith(std::string_view text) {
  const OpenApiFile files[] = {{"main.yaml", kMain}, {"more.yaml", text}};
  return Contract::Load(files);
}

void ExpectRefused(std::string_view text, std::string_view why) {
  const auto contract = LoadWith(text);
  ASSERT_FALSE(contract) << text;
  EXPECT_THAT(contract.error().Message(), testing::HasSubstr(why)) << text;
}

TEST(Contract, RefusesADocumentThatItWouldNotObey) {
  EXPECT_TRUE(LoadWith("paths: {/a: {get: {operationId: a}}}"));
  ExpectRefused("paths: {/a: {get: {operationId: a}, put: {operationId: a}}}", "missing or second \"a\"");
  ExpectRefused("paths: {/a: {get: {}}}", "missing or second");
  ExpectRefused("paths: {/a: {patch: {operationId: a}}}", "unknown method \"patch\"");
  ExpectRefused("paths: {'/{a}': {get: {operationId: a}}}", "{a}");
  ExpectRefused("paths: {/a: {get: {operationId: a, x-domain: galaxy}}}", "galaxy");
  ExpectRefused("paths: {/a: {get: {operationId: a, x-domain: account-in-path}}}", "no account");
  ExpectRefused("paths: {/a: {get: {operationId: a, x-account-header: true}}}", "x-account-header");
  ExpectRefused("paths: {/a: {get: {operationId: a, parameters: [{name: b, in: cookie}]}}}", "\"b\"");
  ExpectRefused("paths: {/a: {get: {operationId: a, parameters: [{name: b, in: query, schema: {}}]}}}", "no type");
  ExpectRefused("paths: {/a: {get: {operationId: a, requestBody: {content: {image/png: {schema: {}}}}}}}", "image/png");
  ExpectRefused("paths: [", "more.yaml");
}

TEST(Contract, RefusesANameThatTwoFilesDefine) {
  const OpenApiFile files[] = {
      {"main.yaml", kMain}, {"a.yaml", "paths: {/a: {}}"}, {"b.yaml", "paths: {/a: {get: {operationId: a}}}"}};
  const auto contract = Contract::Load(files);
  ASSERT_FALSE(contract);
  EXPECT_EQ(contract.error().Kind(), ErrorKind::kConflict);
  EXPECT_FALSE(Contract::Load(std::span(files).subspan(1)));  // without main.yaml
}

TEST(Schema, RefusesWhatItDoesNotUnderstand) {
  const auto refused = [](std::string_view schema, std::string_view why) {
    ExpectRefused("components: {schemas: {A: " + std::string(schema) + "}}", why);
  };
  EXPECT_TRUE(LoadWith("components: {schemas: {A: {type: string}}}"));
  refused("{type: strange}", "strange");
  refused("{oneOf: []}", "oneOf");
  refused("{type: string, format: phone}", "phone");
  refused("{type: string, pattern: '^(a+)+$'}", "(a+)+");
  refused("{type: object, required: [b]}", "\"b\"");
  refused("{type: array, items: {$ref: '#/components/schemas/Z'}}", "schemas/Z");
  refused("{type: integer, enum: [1]}", "enumeration");
}

TEST(NamePatterns, AccountNamesAreAsThePatternSays) {
  for (const char* good : {"abc", "a.c", "a@b.example", "Team-7", "a+b", "a/b", "a:b", "a~b", "a^b`;_c"})
    EXPECT_TRUE(IsAccountName(good)) << good;
  for (const char* bad :
       {"", "a", "ab", ".abc", "abc.", "a b", "a%b", "a&b", "a*b", "a>b", "a?b", "ä-b", "a\"b", "a\nb"})
    EXPECT_FALSE(IsAccountName(bad)) << bad;
  EXPECT_TRUE(IsAccountName(std::string(128, 'a')));
  EXPECT_FALSE(IsAccountName(std::string(129, 'a')));
}

TEST(NamePatterns, DigestsAreSha256) {
  const std::string hex(64, 'a');
  EXPECT_TRUE(IsSha256Digest("sha256:" + hex));
  EXPECT_FALSE(IsSha256Digest("sha512:" + hex));
  EXPECT_FALSE(IsSha256Digest("sha256:" + hex + "a"));
  EXPECT_FALSE(IsSha256Digest("sha256:" + hex.substr(1) + "g"));
  EXPECT_FALSE(IsSha256Digest(hex));
}

}  // namespace
}  // namespace holdfast::api
