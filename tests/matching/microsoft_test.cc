// Windows and .NET, by product and last update, against two of Microsoft's monthly documents (2016-04 and 2024-03),
// each cut to one vulnerability. What is expected was read from the documents by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

struct Row {
  std::string_view package, version, expected;
  std::string_view os = "windows 10.0";
};

constexpr std::string_view kWindows = "MSRC-CVE-2016-0088", kDotnet = "MSRC-CVE-2024-21392";
constexpr std::string_view kWindows10 = "MSRC-CVE-2016-0088 3147461";
constexpr std::string_view kWindows81 = "MSRC-CVE-2016-0088 3135456";

constexpr auto kRows = std::to_array<Row>({
    // Windows 10: 3147461 supersedes 3140745.
    {"10735", "3140745", kWindows10},
    {"10735", "KB3140745", kWindows10},
    {"10735", "base", kWindows},
    {"10735", "3147461", ""},
    {"10735", "KB3147461", ""},
    {"10735", "3156387", ""},
    {"10735", "3000000", ""},
    // Windows 8.1, Server 2012 R2 and 2012, with and without a desktop: 3135456 supersedes 3087088.
    {"10482", "3087088", kWindows81},
    {"10482", "3135456", ""},
    {"10482", "base", kWindows},
    {"10483", "3087088", kWindows81},
    {"10543", "3087088", kWindows81},
    {"10378", "3087088", kWindows81},
    {"10379", "3087088", kWindows81},
    {"10379", "3135456", ""},
    // Of another product.
    {"10482", "3140745", ""},
    {"10735", "3087088", ""},
    {"10729", "3140745", ""},
    // .NET has articles, Visual Studio builds only.
    {"12130", "base", kDotnet},
    {"12130", "5036451", ""},
    {"12260", "base", kDotnet},
    {"12309", "base", ""},
    {"11622", "base", ""},
    // Not Windows.
    {"10735", "3140745", "", "debian 12"},
});

TEST(MatchingMicrosoft, FindsWhatTheUpdatesSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=3 "
             "vuls/fetch/microsoft/cvrf/testdata/fixtures/happy",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  const advisory::BuildReport& report = matcher.Report();
  EXPECT_EQ(report.documents, 2U);
  EXPECT_EQ(report.skipped.at("other text"), 1U);  // the list of documents
  EXPECT_EQ(report.snapshot.advisories, 2U);
  for (const Problem& problem : report.problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  for (const Row& row : kRows) {
    const test::RpmRow asked{
        .os = row.os, .package = row.package, .version = row.version, .expected = row.expected, .scheme = "kb"};
    EXPECT_EQ(matcher.Found(asked), row.expected) << row.package << " " << row.version;
  }
}

}  // namespace
}  // namespace holdfast
