#include "report/quote.h"

#include <gtest/gtest.h>

namespace holdfast::report {
namespace {

TEST(Quote, Markup) {
  EXPECT_EQ(QuoteMarkup("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  EXPECT_EQ(QuoteMarkup("a\x01\n\xff"), "a\xef\xbf\xbd \xef\xbf\xbd");
  EXPECT_EQ(QuoteMarkup("\xef\xbf\xbe\xef\xbf\xbf\xef"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(QuoteMarkup("\xc3\xa4"), "\xc3\xa4");
}

TEST(Quote, Markdown) {
  EXPECT_EQ(QuoteMarkdown("*a* | <b> [c](d)\n# e"), "\\*a\\* \\| &lt;b&gt; \\[c\\]\\(d\\) \\# e");
  EXPECT_EQ(QuoteMarkdown("- x - y: z"), "\\- x - y: z");
  EXPECT_EQ(QuoteMarkdown("https://e.example @team"), "https\\://e.example @\xe2\x80\x8bteam");
  EXPECT_EQ(QuoteMarkdown(""), "");
  EXPECT_EQ(MarkdownCode("a`b|c\n"), "`a'b|c `");
  EXPECT_EQ(MarkdownCellCode("a`b|c\n"), "`a'b\\|c `");
  EXPECT_EQ(MarkdownCode(""), "");
}

TEST(Quote, CsvFieldsAreNoFormulas) {
  EXPECT_EQ(QuoteCsv("plain"), "plain");
  EXPECT_EQ(QuoteCsv("a,\"b\""), "\"a,\"\"b\"\"\"");
  for (const char* formula : {"=1+1", "+1", "-1", "@SUM(A1)"})
    EXPECT_EQ(QuoteCsv(formula), "\"'" + std::string(formula) + "\"");
  EXPECT_EQ(QuoteCsv("a;=1"), "\"a;=1\"");
  EXPECT_EQ(QuoteCsv("\t=1"), "\"' =1\"");
  EXPECT_EQ(QuoteCsv("a\r\nb"), "\"a  b\"");
  EXPECT_EQ(QuoteCsv(""), "");
}

TEST(Quote, Paths) {
  EXPECT_EQ(QuotePath("usr/lib/a-b_c.~d"), "usr/lib/a-b_c.~d");
  EXPECT_EQ(QuotePath("a.jar:b c%\xc3\xa4"), "a.jar%3Ab%20c%25%C3%A4");
}

}  // namespace
}  // namespace holdfast::report
