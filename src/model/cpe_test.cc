#include "model/cpe.h"

#include <gtest/gtest.h>

#include "support/test_support.h"

namespace holdfast::model {
namespace {

using test::ExpectError;
using test::Value;

TEST(Cpe, FormattedStringsAreUnquotedAndLowerCase) {
  const Cpe cpe = Value(ParseCpe(R"(cpe:2.3:a:Erlang:erlang\/otp:27.0\-rc1:update_1:-:en:pro:node.js:x64:*)"));
  EXPECT_EQ(cpe.part, "a");
  EXPECT_EQ(cpe.vendor, "erlang");
  EXPECT_EQ(cpe.product, "erlang/otp");
  EXPECT_EQ(cpe.version, "27.0-rc1");
  EXPECT_EQ(cpe.update, "update_1");
  EXPECT_EQ(cpe.edition, "-");
  EXPECT_EQ(cpe.language, "en");
  EXPECT_EQ(cpe.software_edition, "pro");
  EXPECT_EQ(cpe.target_software, "node.js");
  EXPECT_EQ(cpe.target_hardware, "x64");
  EXPECT_EQ(cpe.other, "*");
  EXPECT_EQ(Value(ParseCpe(R"(cpe:2.3:a:ruby-lang:net\:\:imap:*:*:*:*:*:*:*:*)")).product, "net::imap");
}

TEST(Cpe, AQuotedHyphenIsNotTheLogicalOne) {
  EXPECT_EQ(Value(ParseCpe(R"(cpe:2.3:a:v:p:\-:*:*:*:*:*:*:*)")).version, R"(\-)");
  EXPECT_TRUE(IsStated(R"(\-)"));
  for (const char* logical : {"", "*", "-"}) EXPECT_FALSE(IsStated(logical));
}

TEST(Cpe, UrisHaveFewerValuesAndPackedEditions) {
  const Cpe cpe = Value(ParseCpe("cpe:/o:Red%20Hat:enterprise_linux:8.1%2b:ga:~~pro~linux~x64~:de"));
  EXPECT_EQ(cpe.part, "o");
  EXPECT_EQ(cpe.vendor, "red hat");
  EXPECT_EQ(cpe.product, "enterprise_linux");
  EXPECT_EQ(cpe.version, "8.1+");
  EXPECT_EQ(cpe.update, "ga");
  EXPECT_EQ(cpe.edition, "*");
  EXPECT_EQ(cpe.software_edition, "pro");
  EXPECT_EQ(cpe.target_software, "linux");
  EXPECT_EQ(cpe.target_hardware, "x64");
  EXPECT_EQ(cpe.language, "de");
  EXPECT_EQ(Value(ParseCpe("cpe:/a:v:p")), Value(ParseCpe("cpe:2.3:a:v:p:*:*:*:*:*:*:*:*")));
  EXPECT_EQ(Value(ParseCpe("cpe:/a:v:p%02:-")).product, "p*");
}

TEST(Cpe, OtherTextsAreNone) {
  for (const char* bad :
       {"", "cpe", "cpe:2.3:", "cpe:2.3:a:v:p:1", "cpe:2.3:a:v:p:*:*:*:*:*:*:*:*:*", "cpe:2.3:x:v:p:*:*:*:*:*:*:*:*",
        "cpe:2.3:a:v::*:*:*:*:*:*:*:*", R"(cpe:2.3:a:v:p:*:*:*:*:*:*:*:\)", "cpe:/", "cpe:/x:v", "cpe:/a:v:%2",
        "cpe:/a:v:%zz", "cpe:/a:v:p:1:u:e:l:more", "cpe:/a:v:p:1:u:~1~2~3~4~5~6", "pkg:npm/x"})
    ExpectError(ParseCpe(bad), ErrorKind::kInvalidInput, "no CPE name");
  ExpectError(ParseCpe("cpe:/a:" + std::string(kCpeBytesMax, 'x')), ErrorKind::kLimit);
}

}  // namespace
}  // namespace holdfast::model
