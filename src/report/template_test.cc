#include "report/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sample_report.h"
#include "support/test_support.h"

namespace holdfast::report {
namespace {

using test::ExpectError;
using test::Value;

Result<std::string> Render(std::string_view text, const TemplateLimits& limits = {}, bool with_findings = true) {
  HF_TRY(const Template parsed, Template::Parse(text, limits));
  const model::ImageAnalysis analysis = test::SampleAnalysis();
  const std::vector<model::Finding> findings = test::SampleFindings();
  const sbom::WriteOptions options{.tool_version = "1", .with_findings = with_findings};
  io::StringSink sink;
  HF_CHECK_OK(parsed.Render({analysis, findings, options}, sink));
  return sink.Take();
}

TEST(Template, HasTheNamesOfTheNativeDocument) {
  EXPECT_EQ(Value(Render("{{descriptor.name}} {{source.kind}} {{distro.versionId}}")), "holdfast registry 12");
  EXPECT_EQ(Value(Render("{{#complete}}whole{{/complete}}{{^complete}}part{{/complete}}")), "part");
  EXPECT_EQ(Value(Render("{{#packages}}{{#locations}}{{layer}}{{/locations}}{{/packages}}")), "001");
  EXPECT_EQ(Value(Render("{{#findings}}{{id}} {{package.name}}\n{{/findings}}")).substr(0, 22),
            "CVE-2023-0001 libssl3\n");
  EXPECT_EQ(Value(Render("{{#findings}}{{#ownedBy}}{{name}} {{version}}{{/ownedBy}}{{/findings}}")), "libssl3 3.0.9-1");
  EXPECT_EQ(Value(Render("{{nothing}}{{#nothing}}x{{/nothing}}{{descriptor.nothing.more}}")), "");
}

TEST(Template, KnowsFirstAndLast) {
  EXPECT_EQ(Value(Render("{{#findings}}{{#fix.versions}}{{.}}{{^@last}},{{/@last}}{{/fix.versions}}"
                         "{{^@last}};{{/@last}}{{/findings}}")),
            "3.0.11-1~deb12u2,3.1.4-1;;3.0.15-1;");
  EXPECT_EQ(Value(Render("{{#packages}}{{#@first}}first{{/@first}}{{type}} {{/packages}}")), "firstdeb deb npm ");
  // An object between the list and the question, and a list that has been looked at meanwhile.
  EXPECT_EQ(
      Value(Render("{{#findings}}{{#fix}}{{#versions}}{{/versions}}{{#@last}}end{{/@last}}{{/fix}}{{/findings}}")),
      "end");
  EXPECT_EQ(Value(Render("[{{#@last}}x{{/@last}}]")), "[]");
}

TEST(Template, QuotesForHtmlUnlessToldNotTo) {
  EXPECT_EQ(Value(Render("{{#problems}}{{path}}: {{message}}\n{{/problems}}")).substr(0, 61),
            "app/broken.jar: the archive ends early &amp; is &lt;cut&gt;\n:");
  EXPECT_EQ(Value(Render("{{#problems}}{{{message}}}{{&message}}{{/problems}}")).substr(0, 33),
            "the archive ends early & is <cut>");
  const std::string names = Value(Render("{{#packages}}{{{version}}}{{/packages}}"));
  EXPECT_EQ(names.find('\x1b'), std::string::npos);
  EXPECT_EQ(names.find('\n'), std::string::npos);
}

TEST(Template, LinesOfTagsAloneAreNotWritten) {
  EXPECT_EQ(Value(Render("a\n{{! a comment\n of two lines }}\n  {{#nothing}}  \nx\n{{/nothing}}\nb\n{{^nothing}}\r\nc\n"
                         "\t{{/nothing}}")),
            "a\nb\nc\n");
  EXPECT_EQ(Value(Render("a {{#nothing}}\n{{/nothing}} b\n{{distro.id}}\n")), "a  b\ndebian\n");
  EXPECT_EQ(Value(Render("{{! one }}{{! two }}\nx")), "\nx");
}

TEST(Template, OfAnSbomHasNoFindings) {
  EXPECT_EQ(Value(Render("{{#findings}}x{{/findings}}{{^findings}}none{{/findings}}", {}, false)), "none");
}

TEST(Template, ValuesAreNoTemplates) {
  EXPECT_EQ(Value(Render("{{#packages}}{{#@last}}{{{name}}}{{/@last}}{{/packages}}")), "=cmd|'/c calc'!A0");
  ExpectError(Render("{{> name}}"), ErrorKind::kInvalidInput, "byte 0 is a partial");
  ExpectError(Render("a{{{x}}}{{=<% %>=}}"), ErrorKind::kInvalidInput, "byte 8 sets other delimiters");
}

TEST(Template, MistakesAreNamed) {
  ExpectError(Render("ab{{cd"), ErrorKind::kInvalidInput, "byte 2 has no end");
  ExpectError(Render("{{{cd}}"), ErrorKind::kInvalidInput, "byte 0 has no end");
  ExpectError(Render("{{"), ErrorKind::kInvalidInput, "byte 0 has no end");
  ExpectError(Render("{{#a}}"), ErrorKind::kInvalidInput, "the section a at byte 0 has no end");
  ExpectError(Render("{{#a}}{{/b}}"), ErrorKind::kInvalidInput, "byte 6 ends b, which is not");
  ExpectError(Render("{{/a}}"), ErrorKind::kInvalidInput, "byte 0 ends a, which is not");
  for (const char* odd :
       {"", "}}", "{", "{{}}", "{{{}}}", "{{#}}{{/}}", "{{.}}", "{{..}}", "{{!}}", "{{! {{# }}", "{{a.}}"})
    EXPECT_TRUE(Render(odd)) << odd;
}

TEST(Template, EverythingHasABound) {
  std::string deep, end;
  for (int i = 0; i < 65; ++i) {
    deep += "{{#a}}";
    end += "{{/a}}";
  }
  ExpectError(Render(deep + end), ErrorKind::kLimit, "more than 64 sections");
  ExpectError(Render("12345", {.template_bytes_max = 4}), ErrorKind::kLimit, "longer than 4 bytes");
  ExpectError(Render("", {.document_bytes_max = 100}), ErrorKind::kLimit, "too large for a template");
  ExpectError(Render("{{#packages}}{{name}}{{/packages}}", {.values_max = 3}), ErrorKind::kLimit, "more of the result");
  // Lists in lists of the whole document multiply; so does a long line that is repeated.
  const std::string_view nested =
      "{{#findings}}{{#findings}}{{#findings}}{{#findings}}{{/findings}}{{/findings}}{{/findings}}{{/findings}}";
  ExpectError(Render(nested, {.work_bytes_max = 10'000}), ErrorKind::kLimit, "makes too much");
  EXPECT_EQ(Value(Render(nested)), "");
  const std::string repeated = "{{#findings}}" + std::string(4000, 'x') + "\n{{/findings}}";
  ExpectError(Render(repeated, {.work_bytes_max = 10'000}), ErrorKind::kLimit, "makes too much");
  EXPECT_EQ(Value(Render(repeated, {.line_bytes_max = 10'000})).size(), 4 * 4001U);
  ExpectError(Render("{{#findings}}" + std::string(4000, 'x') + "{{/findings}}", {.line_bytes_max = 10'000}),
              ErrorKind::kLimit, "too long a line");
}

class FullSink final : public io::ByteSink {
 public:
  Result<void> Write(Bytes) override { return Fail(ErrorKind::kUnavailable, "no space"); }
};

TEST(Template, TheSinksErrorComesThrough) {
  const model::ImageAnalysis analysis = test::SampleAnalysis();
  FullSink sink;
  ExpectError(Value(Template::Parse("x")).Render({analysis, {}, {}}, sink), ErrorKind::kUnavailable, "no space");
}

}  // namespace
}  // namespace holdfast::report
