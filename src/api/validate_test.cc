#include "api/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/contract.h"
#include "api/form.h"
#include "base/format.h"

namespace holdfast::api {
namespace {

class ValidateTest : public testing::Test {
 protected:
  Result<Params> Read(std::string_view id, const NamedTexts& query, std::vector<std::string_view> path = {}) {
    return ReadParameters(*contract_->FindOperation(id), path, query);
  }
  // "" or why it is refused.
  std::string Refusal(std::string_view id, const NamedTexts& query, std::vector<std::string_view> path = {}) {
    const auto params = Read(id, query, std::move(path));
    return params ? "" : params.error().Message();
  }
  std::string Checked(std::string_view schema, std::string_view json) {
    const auto document = io::JsonDocument::Parse(json);
    if (!document) return "no JSON: " + document.error().Message();
    const auto checked = CheckValue(*contract_->FindSchema(schema), document->Root());
    return checked ? "" : checked.error().Message();
  }

  std::unique_ptr<Contract> contract_ = *Contract::Load();
};

TEST_F(ValidateTest, BooleansAreWrittenInFourWays) {
  for (const char* yes : {"true", "True"}) EXPECT_TRUE(Read("list_images", {{"history", yes}})->Bool("history"));
  for (const char* no : {"false", "False"}) EXPECT_FALSE(Read("list_images", {{"history", no}})->Bool("history", true));
  for (const char* bad : {"", "TRUE", "1", "yes", "true "})
    EXPECT_THAT(Refusal("list_images", {{"history", bad}}), testing::StartsWith("history is neither true nor false"));
}

TEST_F(ValidateTest, DefaultsAreTheDocuments) {
  const auto params = Read("list_events", {});
  ASSERT_TRUE(params);
  EXPECT_EQ(params->Integer("page"), 1);
  EXPECT_EQ(params->Integer("limit", 7), 100);
  EXPECT_TRUE(params->Has("limit"));
  EXPECT_FALSE(params->Has("level"));
  EXPECT_EQ(params->Text("level", "none"), "none");
  EXPECT_EQ(Read("list_images", {})->Text("image_status"), "active");
  EXPECT_TRUE(Read("get_image_vulnerabilities", {}, {"sha256:1", "os"})->Bool("vendor_only"));
  EXPECT_THAT(Read("list_image_tags", {})->List("image_status"), testing::ElementsAre("active"));
}

TEST_F(ValidateTest, IntegersHaveBounds) {
  EXPECT_EQ(Read("list_events", {{"limit", "1000"}})->Integer("limit"), 1000);
  EXPECT_EQ(Refusal("list_events", {{"limit", "1001"}}), "limit is 1001, more than 1000");
  EXPECT_EQ(Refusal("list_events", {{"page", "0"}}), "page is 0, less than 1");
  for (const char* bad : {"", "x", "1x", "1.5", " 1", "+1", "99999999999999999999"})
    EXPECT_THAT(Refusal("list_events", {{"page", bad}}), testing::StartsWith("page is no whole number")) << bad;
}

TEST_F(ValidateTest, ListsAreSeparatedByCommasOrRepeated) {
  EXPECT_THAT(Read("delete_images", {{"imageDigests", "a,b"}, {"imageDigests", "c"}})->List("imageDigests"),
              testing::ElementsAre("a", "b", "c"));
  EXPECT_EQ(Refusal("delete_images", {{"imageDigests", ""}}), "imageDigests has 0 elements, at least 1");
  EXPECT_EQ(Refusal("delete_images", {}), "imageDigests is required");
  EXPECT_EQ(Refusal("query_vulnerabilities", {{"id", "CVE-1,,"}}), "id[1] is shorter than 1 characters");
  EXPECT_EQ(Refusal("list_image_tags", {{"image_status", "active,gone"}}),
            "image_status[1] is 'gone', not one of: all, active, deleting");
  EXPECT_EQ(Refusal("delete_images", {{"imageDigests", std::string(2000, ',')}}),
            "imageDigests has 2001 elements, at most 1000");
}

TEST_F(ValidateTest, TextsAreChecked) {
  EXPECT_EQ(Refusal("check_image", {}, {"sha256:1"}), "tag is required");
  EXPECT_EQ(Refusal("check_image", {{"tag", ""}}, {"sha256:1"}), "tag is shorter than 1 characters");
  EXPECT_EQ(Refusal("list_images", {{"fulltag", std::string(1025, 'a')}}), "fulltag is longer than 1024 characters");
  EXPECT_EQ(Refusal("list_images", {{"fulltag", "a\nb"}}), "fulltag has a control character");
  EXPECT_EQ(Refusal("list_images", {{"fulltag", "\xff"}}), "fulltag is not UTF-8");
  EXPECT_THAT(Refusal("list_events", {{"since", "yesterday"}}), testing::StartsWith("since is no time"));
  EXPECT_EQ(Refusal("list_events", {{"since", "2026-01-31T12:00:00Z"}}), "");
  // Length counts characters, not bytes.
  std::string umlauts;
  for (int i = 0; i < 1024; ++i) umlauts += "ü";
  EXPECT_EQ(Refusal("list_images", {{"fulltag", umlauts}}), "");
}

TEST_F(ValidateTest, UnknownQueryParametersAreAccepted) {
  EXPECT_EQ(Refusal("list_images", {{"x", "\n"}, {"verbose", "1"}}), "");
}

TEST_F(ValidateTest, TheLastOfSeveralValuesCounts) {
  EXPECT_EQ(Read("list_images", {{"fulltag", "a"}, {"fulltag", "b"}})->Text("fulltag"), "b");
}

TEST_F(ValidateTest, APathParameterThatCanBeNothingIsNotFound) {
  const auto params = Read("get_image_vulnerabilities", {}, {"sha256:1", "strange"});
  ASSERT_FALSE(params);
  EXPECT_EQ(params.error().Kind(), ErrorKind::kNotFound);
}

TEST_F(ValidateTest, MessagesShowValuesShort) {
  EXPECT_LT(Refusal("list_images", {{"analysis_status", std::string(1'000'000, 'a')}}).size(), 250U);
}

TEST_F(ValidateTest, FormFieldsAreParameters) {
  const Operation& operation = *contract_->FindOperation("create_token");
  Params params(operation);
  ASSERT_TRUE(ReadFormFields(operation, {{"username", "admin"}, {"password", "p w"}}, params));
  EXPECT_EQ(params.Text("username"), "admin");
  EXPECT_EQ(params.Text("password"), "p w");
  EXPECT_EQ(params.Text("grant_type"), "password");
}

TEST_F(ValidateTest, ParamsOfAnotherNameOrTypeAreABug) {
  const auto params = Read("list_images", {{"fulltag", "a"}});
  EXPECT_DEATH(static_cast<void>(params->Text("full_tag")), "");
  EXPECT_DEATH(static_cast<void>(params->Bool("fulltag")), "");
}

TEST_F(ValidateTest, BodiesNameTheFieldThatIsWrong) {
  struct Case {
    const char *schema, *json, *refusal;
  };
  const Case cases[] = {
      {"ImageAnalysisRequest", R"({"source":{"tag":{"pullstring":"a:b"}},"unknown":1})", ""},
      {"ImageAnalysisRequest", R"({"source":{"tag":{}}})", "source.tag.pullstring is required"},
      {"ImageAnalysisRequest", R"({"source":{"tag":{"pullstring":7}}})", "source.tag.pullstring is not a string"},
      {"ImageAnalysisRequest", R"({"source":{"tag":null}})", "source.tag is null, not an object"},
      {"ImageAnalysisRequest", R"({"annotations":{"a":"b"}})", ""},
      {"ImageAnalysisRequest", R"({"annotations":{"a":1}})", "annotations.a is not a string"},
      {"ImageAnalysisRequest", R"({"tag":"a:b","dockerfile":"RlJPTSBh\nCg=="})", ""},
      {"ImageAnalysisRequest", R"({"tag":"a:b","dockerfile":"FROM a"})", "dockerfile is not base64"},
      {"ImageAnalysisRequest", R"({"tag":"a\u0000b"})", "tag has a NUL character"},
      {"ImageAnalysisRequest", R"({"annotations":{"a\u0000b":""}})", "annotations has a name with a NUL character"},
      {"ImageAnalysisRequest", R"([])", "body is not an object"},
      {"ImageAnalysisRequest", R"(null)", "body is null, not an object"},
      {"ImageAnalysisReferences", R"([])", "body has 0 elements, at least 1"},
      {"ImageAnalysisReferences", R"(["sha256:1",2])", "body[1] is not a string"},
      {"AccountCreationRequest", R"({"email":"a@b.example"})", "name is required"},
      {"AccountStatus", R"({"state":"deleting"})", "state is 'deleting', not one of: enabled, disabled"},
      {"UserCreationRequest", R"({"username":"bob","password":"12345"})", "password is shorter than 6 characters"},
      {"SubscriptionUpdate", R"({"active":true,"subscription_value":null})", ""},
      {"SubscriptionUpdate", R"({"active":"true"})", "active is not true or false"},
      {"AnalysisArchiveTransitionRule", R"({"transition":"archive","analysis_age_days":1.5})",
       "analysis_age_days is not a whole number"},
      {"AnalysisArchiveTransitionRule", R"({"transition":"archive","exclude":{"expiration_days":-2}})",
       "exclude.expiration_days is -2, less than -1"},
      {"NvdDataObject", R"({"cvss_v2":{"base_score":7.5,"impact_score":null,"exploitability_score":7}})", ""},
      {"ImportSource", R"({"type":"image","target":{"a":1}})", ""},
      {"ImportSource", R"({"type":"image"})", "target is required"},
  };
  for (const Case& c : cases) EXPECT_EQ(Checked(c.schema, c.json), c.refusal) << c.schema << " " << c.json;
}

TEST_F(ValidateTest, PoliciesAreCheckedDeeply) {
  const std::string head = R"({"id":"b","version":"1_0","mappings":[],"policies":[{"id":"p","version":"1_0","rules":[)";
  EXPECT_EQ(Checked("PolicyBundle", head + R"({"gate":"g","trigger":"t","action":"STOP","params":[]}]}]})"), "");
  EXPECT_EQ(Checked("PolicyBundle", head + R"({"gate":"g","trigger":"t","action":"HALT"}]}]})"),
            "policies[0].rules[0].action is 'HALT', not one of: GO, STOP, WARN");
  EXPECT_EQ(Checked("PolicyBundle", head + R"({"gate":"g","trigger":"t","action":"GO","params":[{"name":1}]}]}]})"),
            "policies[0].rules[0].params[0].name is not a string");
  EXPECT_EQ(Checked("PolicyBundleRecord", R"({"policyId":"b","policybundle":{"id":"b"}})"),
            "policybundle.mappings is required");
}

TEST_F(ValidateTest, UuidsAndDigestsHaveTheirShape) {
  const auto import = [](std::string_view uuid, std::string_view digest) {
    const std::string good = "sha256:" + std::string(64, '0');
    return Format(R"({{"operation_uuid":"{}","digest":"{}","tags":["a:b"],)"
                  R"("contents":{{"packages":"{}","image_config":"{}","manifest":"{}"}}}})",
                  uuid, digest, good, good, good);
  };
  const std::string uuid = "01234567-89ab-cdef-0123-456789abcdef", digest = "sha256:" + std::string(64, 'f');
  EXPECT_EQ(Checked("ImageImportManifest", import(uuid, digest)), "");
  EXPECT_EQ(Checked("ImageImportManifest", import("0123", digest)), "operation_uuid is no UUID: '0123'");
  EXPECT_THAT(Checked("ImageImportManifest", import(uuid, "sha256:f")), testing::StartsWith("digest is 'sha256:f'"));
}

TEST(Form, IsDecoded) {
  EXPECT_EQ(*ParseForm("grant_type=password&username=a%40b&password=p+%2B%26&&x"),
            (NamedTexts{{"grant_type", "password"}, {"username", "a@b"}, {"password", "p +&"}, {"x", ""}}));
  EXPECT_EQ(*ParseForm(""), NamedTexts());
  for (const char* bad : {"a=%", "a=%4", "a=%4g", "a=%+1", "%zz=a"}) {
    ASSERT_FALSE(ParseForm(bad)) << bad;
    EXPECT_EQ(ParseForm(bad).error().Kind(), ErrorKind::kInvalidInput);
  }
}

TEST(Form, HasAtMost64Fields) {
  std::string form;
  for (int i = 0; i < 64; ++i) form += "a=b&";
  EXPECT_EQ(ParseForm(form)->size(), 64U);
  EXPECT_EQ(ParseForm(form + "a=b").error().Kind(), ErrorKind::kLimit);
}

}  // namespace
}  // namespace holdfast::api
