#include "api/artifact_handlers.h"

#include <gtest/gtest.h>

#include "api/contract.h"
#include "api/validate.h"

namespace holdfast::api {
namespace {

using model::ImageAnalysis;
using model::SearchKind;

ImageAnalysis Sample() {
  ImageAnalysis analysis;
  analysis.search_id = "00";
  analysis.search_patterns = {
      {SearchKind::kSecret, "KEY", "k.*"}, {SearchKind::kSecret, "AUTH", "a+"}, {SearchKind::kContent, "WORD", "w"}};
  analysis.search_hits = {{.path = "app/.env", .pattern = 0, .lines = {0, 7}},
                          {.path = "app/.env", .pattern = 1, .lines = {2}},
                          {.path = "app/.env", .pattern = 2, .lines = {3}},
                          {.path = "etc/x", .layer = 1, .pattern = 1, .lines = {9}}};
  analysis.retrieved_files = {{"etc/passwd", "root:x:0:0\n"}};
  return analysis;
}

void ExpectValid(std::string_view schema, const std::string& text) {
  const auto contract = *Contract::Load();
  const auto document = io::JsonDocument::Parse(text);
  ASSERT_TRUE(document) << text;
  const auto fits = CheckValue(*contract->FindSchema(schema), document->Root());
  EXPECT_TRUE(fits) << fits.error().Message();
}

TEST(Artifacts, AreInAnchoresShape) {
  const std::string secrets = SearchHitsJson(Sample(), SearchKind::kSecret);
  EXPECT_EQ(secrets, R"([{"path":"/app/.env","matches":[{"name":"KEY","regex":"k.*","lines":[0,7]},)"
                     R"({"name":"AUTH","regex":"a+","lines":[2]}]},)"
                     R"({"path":"/etc/x","matches":[{"name":"AUTH","regex":"a+","lines":[9]}]}])");
  ExpectValid("SecretSearchList", secrets);
  const std::string contents = SearchHitsJson(Sample(), SearchKind::kContent);
  EXPECT_EQ(contents, R"([{"path":"/app/.env","matches":[{"name":"WORD","regex":"w","lines":[3]}]}])");
  ExpectValid("FileContentSearchList", contents);
  const std::string files = RetrievedFilesJson(Sample());
  EXPECT_EQ(files, R"([{"path":"/etc/passwd","b64_content":"cm9vdDp4OjA6MAo="}])");
  ExpectValid("RetrievedFileList", files);
}

TEST(Artifacts, NothingIsAnEmptyList) {
  EXPECT_EQ(SearchHitsJson({}, SearchKind::kSecret), "[]");
  EXPECT_EQ(RetrievedFilesJson({}), "[]");
}

}  // namespace
}  // namespace holdfast::api
