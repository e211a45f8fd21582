#include "api/error_response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace holdfast::api {
namespace {

TEST(ErrorResponse, EachKindHasItsStatus) {
  const std::map<ErrorKind, int> statuses = {
      {ErrorKind::kInvalidInput, 400}, {ErrorKind::kNotFound, 404},    {ErrorKind::kConflict, 409},
      {ErrorKind::kDenied, 403},       {ErrorKind::kUnsupported, 501}, {ErrorKind::kCorrupt, 500},
      {ErrorKind::kLimit, 400},        {ErrorKind::kUnavailable, 503}, {ErrorKind::kInternal, 500},
  };
  EXPECT_EQ(statuses.size(), 9U);
  EXPECT_EQ(static_cast<int>(ErrorKind::kInternal), 8);  // the last of nine
  for (const auto& [kind, status] : statuses) {
    EXPECT_EQ(HttpStatus(kind), status) << ErrorKindName(kind);
    EXPECT_EQ(ErrorResponse(Error(kind, "why"), "r1").status, status) << ErrorKindName(kind);
    EXPECT_NE(StatusPhrase(status), "Error") << status;
  }
}

TEST(ErrorResponse, HasTheUsualShape) {
  const auto response = ErrorResponse(Error(ErrorKind::kNotFound, "no \"image\""), "r1");
  EXPECT_EQ(response.body, R"({"message":"no \"image\"","httpcode":404,"detail":{"error_codes":[]}})");
  EXPECT_EQ(response.headers.Find("content-type"), "application/json");
}

TEST(ErrorResponse, CarriesCodesAndDetail) {
  const auto response = ErrorResponse({.status = 406,
                                       .message = "m",
                                       .error_codes = {"REGISTRY_NOT_ACCESSIBLE"},
                                       .more_detail = [](io::JsonWriter& writer) { writer.Key("size").Integer(3); }});
  EXPECT_EQ(response.status, 406);
  EXPECT_EQ(response.body,
            R"({"message":"m","httpcode":406,"detail":{"error_codes":["REGISTRY_NOT_ACCESSIBLE"],"size":3}})");
}

TEST(ErrorResponse, SaysNothingOfBugsButWhereToLook) {
  const auto response = ErrorResponse(Error(ErrorKind::kInternal, "pointer 0x1234 in table secret"), "r1");
  EXPECT_THAT(response.body, testing::HasSubstr("request r1"));
  EXPECT_THAT(response.body, testing::Not(testing::HasSubstr("secret")));
}

TEST(ErrorResponse, AsksToComeAgainWhenUnavailable) {
  EXPECT_TRUE(ErrorResponse(Error(ErrorKind::kUnavailable, "busy"), "r1").headers.Find("Retry-After"));
  EXPECT_FALSE(ErrorResponse(Error(ErrorKind::kConflict, "busy"), "r1").headers.Find("Retry-After"));
}

TEST(ProblemResponse, HasTheShapeOfProblemDetails) {
  const auto response = ProblemResponse(400, "tag is required");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"detail":"tag is required","status":400,"title":"Bad Request","type":"about:blank"})");
  EXPECT_EQ(response.headers.Find("content-type"), "application/problem+json");
}

}  // namespace
}  // namespace holdfast::api
