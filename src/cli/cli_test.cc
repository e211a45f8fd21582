#include <gtest/gtest.h>

#include "cli/completion.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/terminal.h"

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
  EXPECT_EQ(parsed.options.list_output, "json");
  const char* wrong[] = {"holdfast", "fsck", "-o", "spdx-json"};
  EXPECT_TRUE(ParseCommandLine(4, wrong).is_error);
  EXPECT_NE(ManualPage().find("holdfast fsck"), std::string::npos);
  EXPECT_NE(CompletionScript("bash").find("--repair"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::cli
