#include <gtest/gtest.h>

#include "cli/completion.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "support/sample_report.h"
#include "support/test_support.h"

namespace holdfast::cli {
namespace {

TEST(Table, AlignsColumnsWithoutTrailingBlanks) {
  Table table({{"NAME"}, {"N", 1, true}, {"LAST"}});
  table.Add({{"a"}, {"10"}, {"x"}});
  table.Add({{"longer"}, {"1"}, {""}});
  EXPECT_EQ(table.Render(0, false), "NAME     N  LAST\na       10  x\nlonger   1\n");
}

TEST(Table, ShrinksTheWidestColumnToTheTerminal) {
  Table table({{"A", 3}, {"B", 6}});
  table.Add({{"0123456789abcdef"}, {"short"}});
  EXPECT_EQ(table.Render(15, false), "A         B\n0123456…  short\n");
}

TEST(Table, ColorsOnlyWhenAsked) {
  Table table({{"A"}});
  table.Add({{"x", Style::kRed}});
  EXPECT_NE(table.Render(0, true).find("\x1b[31mx\x1b[0m"), std::string::npos);
  EXPECT_EQ(table.Render(0, false).find('\x1b'), std::string::npos);
}

std::string WrittenTable(const model::ImageAnalysis& analysis, const std::vector<model::Finding>& findings,
                         std::size_t silenced) {
  io::StringSink sink;
  const std::vector<model::SilencedFinding> others(silenced);
  test::Value(WriteReport(
      "table", {.analysis = analysis, .with_findings = true, .findings = findings, .silenced = others}, {}, sink));
  return sink.Take();
}

TEST(Report, TheTableTellsWhatWasFoundAndWhatWasLeftOut) {
  model::ImageAnalysis analysis = test::SampleAnalysis();
  analysis.packages[2].name = "lodash";
  analysis.packages[2].version = "4.17.0\n";
  EXPECT_EQ(
      WrittenTable(analysis, test::SampleFindings(), 2),
      "VULNERABILITY        SEVERITY    CVSS  RISK  PACKAGE  INSTALLED        FIXED IN             TYPE  FOUND IN\n"
      "CVE-2023-0001        Critical     9.3  93.2  libssl3  3.0.9-1          3.0.11-1~deb12u2     deb   "
      "var/lib/dpkg/status\n"
      "CVE-2023-0003        High                    zlib1g   1:1.2.13.dfsg-1  won't fix            deb   "
      "var/lib/dpkg/status\n"
      "CVE-2023-0002        Low          9.3        libssl3  3.0.9-1          3.0.15-1             deb   "
      "var/lib/dpkg/status\n"
      "GHSA-1111-2222-3333  Negligible              lodash   4.17.0\xef\xbf\xbd          under investigation  npm   "
      "owned by libssl3\n"
      "\n3 packages, 4 findings: 1 Critical, 1 High, 1 Low, 1 Negligible\n2 more are silenced: 2 not-affected "
      "(--show-silenced lists them)\n");
  const std::vector<model::Finding> unscored = {test::SampleFindings()[1]};
  EXPECT_EQ(WrittenTable(analysis, unscored, 0),
            "VULNERABILITY  SEVERITY  PACKAGE  INSTALLED        FIXED IN   TYPE  FOUND IN\n"
            "CVE-2023-0003  High      zlib1g   1:1.2.13.dfsg-1  won't fix  deb   var/lib/dpkg/status\n"
            "\n3 packages, 1 findings: 1 High\n");
  EXPECT_EQ(WrittenTable(analysis, {}, 0), "3 packages, 0 findings\n");
}

ParsedCommandLine Parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "holdfast");
  return ParseCommandLine(static_cast<int>(words.size()), words.data());
}

TEST(Options, TemplatesBelongToOutputsInTurn) {
  const test::TemporaryFolder folder;
  const std::string a = folder.Path() / "a", b = folder.Path() / "b";
  test::WriteFile(a, "");
  test::WriteFile(b, "");
  const auto two =
      Parsed({"scan", "x", "-o", "template=1", "-o", "json=2", "-o", "template=3", "-t", a.c_str(), "-t", b.c_str()});
  ASSERT_FALSE(two.stop) << two.text;
  EXPECT_EQ(two.options.outputs, (std::vector<Output>{{"template", "1", a}, {"json", "2", ""}, {"template", "3", b}}));
  const auto one = Parsed({"scan", "x", "-o", "template=1", "-o", "template=3", "-t", b.c_str()});
  EXPECT_EQ(one.options.outputs, (std::vector<Output>{{"template", "1", b}, {"template", "3", b}}));
  EXPECT_EQ(Parsed({"scan", "x"}).options.outputs, (std::vector<Output>{{"table", "", ""}}));
  EXPECT_TRUE(Parsed({"scan", "x", "-o", "template"}).is_error);
  EXPECT_TRUE(Parsed({"scan", "x", "-t", a.c_str()}).is_error);
  EXPECT_TRUE(Parsed({"scan", "x", "-o", "template", "-t", a.c_str(), "-t", b.c_str()}).is_error);
}

TEST(Options, FormatsThatNeedFindingsBelongToScan) {
  EXPECT_FALSE(Parsed({"scan", "x", "-o", "sarif=1", "-o", "html=2"}).stop);
  const auto wrong = Parsed({"sbom", "x", "-o", "sarif"});
  EXPECT_TRUE(wrong.is_error);
  EXPECT_EQ(wrong.text.find("html"), std::string::npos) << wrong.text;
  EXPECT_TRUE(Parsed({"scan", "x", "-o", "json=1", "-o", "csv=1"}).is_error);
  EXPECT_NE(CompletionScript("bash").find("sarif"), std::string::npos);
}

TEST(ExitCode, EveryKindHasOne) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::kInternal); ++kind)
    EXPECT_NE(ExitCodeForTarget(static_cast<ErrorKind>(kind)), ExitCode::kOk);
  EXPECT_EQ(ExitCodeForTarget(ErrorKind::kCorrupt), ExitCode::kTarget);
  EXPECT_EQ(ExitCodeForTarget(ErrorKind::kInternal), ExitCode::kInternal);
}

TEST(Options, FsckTellsWhatItIsAskedFor) {
  const char* words[] = {"holdfast", "fsck", "--deep", "--grace", "0", "-o", "json"};
  const ParsedCommandLine parsed = ParseCommandLine(7, words);
  ASSERT_FALSE(parsed.stop) << parsed.text;
  EXPECT_EQ(parsed.options.command, Command::kFsck);
  EXPECT_TRUE(parsed.options.deep);
  EXPECT_FALSE(parsed.options.repair);
  EXPECT_EQ(parsed.options.grace_s, 0);
  EXPECT_EQ(parsed.options.fsck_output, "json");
  const char* wrong[] = {"holdfast", "fsck", "-o", "spdx-json"};
  EXPECT_TRUE(ParseCommandLine(4, wrong).is_error);
  EXPECT_NE(ManualPage().find("holdfast fsck"), std::string::npos);
  EXPECT_NE(CompletionScript("bash").find("--repair"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::cli
