// Packages of Arch Linux against two groups of its tracker. What is expected was read from the document by hand.
#include <gtest/gtest.h>

#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

constexpr std::string_view kPixbuf = "AVG-1 2.36.0+2+ga7c869a-1", kTiff = "AVG-5 4.0.8-2";

struct Row {
  std::string_view os, package, version, expected;
  std::string_view architecture = "x86_64";
};

constexpr auto kRows = std::to_array<Row>({
    {"arch ", "lib32-gdk-pixbuf2", "2.34.0-1", kPixbuf},
    {"arch ", "lib32-gdk-pixbuf2", "2.34.0-2", kPixbuf},
    {"arch ", "lib32-gdk-pixbuf2", "2.32.3-1", kPixbuf},  // older than the one that was looked at
    {"arch ", "lib32-gdk-pixbuf2", "2.36.0-1", kPixbuf},
    {"arch ", "lib32-gdk-pixbuf2", "2.36.0+1+gabcdef0-1", kPixbuf},
    {"arch ", "lib32-gdk-pixbuf2", "2.36.0+2+ga7c869a-1", ""},
    {"arch ", "lib32-gdk-pixbuf2", "2.36.0+2+ga7c869a-2", ""},
    {"arch ", "lib32-gdk-pixbuf2", "2.36.1-1", ""},
    {"arch ", "lib32-gdk-pixbuf2", "1:2.30.0-1", ""},
    {"arch ", "gdk-pixbuf2", "2.34.0-1", ""},
    {"arch ", "libtiff", "4.0.8-1", kTiff},
    {"arch ", "libtiff", "4.0.7-3", kTiff},
    {"arch ", "libtiff", "4.0.8-1.1", kTiff},
    {"arch ", "libtiff", "4.0.8-2", ""},
    {"arch ", "libtiff", "4.0.8-10", ""},
    {"arch ", "libtiff", "4.0.10-1", ""},
    {"arch ", "libtiff", "4.0.8rc1-9", kTiff},
    {"arch ", "libtiff", "4.0.8-1", kTiff, "any"},
    {"arch ", "lib32-libtiff", "4.0.8-1", ""},
    // Of a rolling release a version means nothing.
    {"arch 20240101.0.204074", "libtiff", "4.0.8-1", kTiff},
    {"arch 20240101.0.204074", "libtiff", "4.0.8-2", ""},
    // Derivatives have packages of their own.
    {"manjaro 24", "libtiff", "4.0.8-1", ""},
});

TEST(MatchingArch, FindsWhatTheTrackerSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=5 "
             "vuls/fetch/arch/testdata/fixtures/advisory.json",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  const advisory::BuildReport& report = matcher.Report();
  EXPECT_EQ(report.documents, 1U);
  EXPECT_EQ(report.rejected, 0U);
  EXPECT_EQ(report.snapshot.advisories, 2U);
  for (const Row& row : kRows)
    EXPECT_EQ(matcher.Found({.os = row.os,
                             .package = row.package,
                             .version = row.version,
                             .expected = "",
                             .architecture = row.architecture,
                             .scheme = "pacman"}),
              row.expected)
        << row.os << " " << row.package << " " << row.version;
}

}  // namespace
}  // namespace holdfast
