#include "api/multipart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"

namespace holdfast::api {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=XyZ";

// One line a part: "name|file|type|content".
std::string Parsed(std::string_view body, std::string_view type = kType) {
  const auto parts = ParseMultipart(type, body);
  if (!parts) return std::string(ErrorKindName(parts.error().Kind()));
  std::string text;
  for (const FormPart& part : *parts)
    text += Format("{}|{}|{}|{}\n", part.name, part.file_name, part.content_type, part.content);
  return text;
}

std::string Part(std::string_view name, std::string_view content) {
  return Format("--XyZ\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", name, content);
}

TEST(Multipart, ReadsFilesAndFields) {
  EXPECT_EQ(Parsed("--XyZ\r\n"
                   "Content-Disposition: form-data; name=\"archive_file\"; filename=\"a b.tar\"\r\n"
                   "Content-Type: application/x-tar\r\n\r\n"
                   "two\r\n--lines\r\n"
                   "--XyZ\r\ncontent-disposition:form-data;name=plain\r\n\r\n\r\n"
                   "--XyZ--\r\n"),
            "archive_file|a b.tar|application/x-tar|two\r\n--lines\nplain|||\n");
}

TEST(Multipart, PreambleEpilogueAndBlanksAfterTheBoundary) {
  EXPECT_EQ(Parsed("preamble\r\n--XyZ  \r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--epilogue"),
            "a|||1\n");
}

TEST(Multipart, ABoundaryCountsAtTheBeginningOfALineOnly) {
  EXPECT_EQ(Parsed(Part("a", "x--XyZ\n--XyZ") + "--XyZ--"), "a|||x--XyZ\n--XyZ\n");
}

TEST(Multipart, QuotesAreUndone) {
  EXPECT_EQ(
      Parsed("--a b\r\nContent-Disposition: form-data; filename=\"q\\\"\\\\\\x\"; name = \"n\"\r\n\r\n1\r\n--a b--",
             "Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""),
      "n|q\"\\\\x||1\n");
}

TEST(Multipart, AnEmptyContentMayLackItsLineEnd) {
  EXPECT_EQ(Parsed("--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n--XyZ--"), "a|||\n");
}

TEST(Multipart, BrokenBodiesAreRefused) {
  for (const std::string& body : {
           std::string(),
           std::string("nothing"),
           std::string("--XyZ"),
           std::string("--XyZ\r\n"),
           std::string("--XyZjunk\r\n"),
           std::string("--XyZ\r\nno colon\r\n\r\n1\r\n--XyZ--"),
           std::string("--XyZ\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XyZ--"),
           std::string("--XyZ\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--XyZ--"),
           std::string("--XyZ\r\n\r\n1\r\n--XyZ--"),
           Part("a", "1"),
           Part("a", "1") + "--XyZ",
           std::string("--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1"),
       })
    EXPECT_EQ(Parsed(body), "invalid-input") << body;
}

TEST(Multipart, BrokenTypesAreRefused) {
  for (const char* type : {"", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=XyZ",
                           "application/json", "multipart/form-data; boundary",
                           "multipart/form-data; boundary=01234567890123456789012345678901234567890123456789"
                           "012345678901234567890"})
    EXPECT_EQ(Parsed(Part("a", "1") + "--XyZ--", type), "invalid-input") << type;
}

TEST(Multipart, IsBounded) {
  std::string parts;
  for (int i = 0; i < 32; ++i) parts += Part("a", "1");
  EXPECT_EQ(ParseMultipart(kType, parts + "--XyZ--")->size(), 32U);
  EXPECT_EQ(Parsed(parts + Part("a", "1") + "--XyZ--"), "limit");
  const std::string disposition = "--XyZ\r\nContent-Disposition: form-data; name=a\r\n";
  EXPECT_EQ(Parsed(disposition + "X: " + std::string(9000, 'x') + "\r\n\r\n1\r\n--XyZ--"), "limit");
  std::string many = disposition;
  for (int i = 0; i < 5000; ++i) many += "X:y\r\n";
  EXPECT_EQ(Parsed(many + "\r\n1\r\n--XyZ--"), "limit");
}

}  // namespace
}  // namespace holdfast::api
