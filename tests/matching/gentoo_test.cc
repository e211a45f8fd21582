// Packages of Gentoo against its advisories: one that was published (GLSA 202305-28), and one of the same form with
// slots and revisions. What is expected was worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

struct Row {
  std::string_view os, package, version, expected;
  std::string_view architecture = "x86_64";
};

void Check(const test::RowMatcher& matcher, const Row& row) {
  const test::RpmRow asked{.os = row.os,
                           .package = row.package,
                           .version = row.version,
                           .expected = row.expected,
                           .architecture = row.architecture,
                           .scheme = "portage"};
  EXPECT_EQ(matcher.Found(asked), row.expected) << row.package << " " << row.version;
}

constexpr std::string_view kYaml = "GLSA-202305-28 1.33";

constexpr auto kRows = std::to_array<Row>({
    {"gentoo 2.14", "dev-java/snakeyaml", "1.32", kYaml},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.32-r5", kYaml},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.9", kYaml},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.33_rc1", kYaml},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.33_alpha", kYaml},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.33", ""},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.33-r0", ""},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.33-r1", ""},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.33_p1", ""},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.33a", ""},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.33.1", ""},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.100", ""},
    {"gentoo 2.14", "dev-java/snakeyaml", "2.0", ""},
    {"gentoo 2.14", "dev-java/snakeyaml", "1.32", kYaml, "sparc"},
    {"gentoo 2.14", "dev-java/other", "1.32", ""},
    {"gentoo 2.14", "app-misc/snakeyaml", "1.32", ""},
    {"gentoo 2.14", "snakeyaml", "1.32", ""},
    {"debian 12", "dev-java/snakeyaml", "1.32", ""},
    {"fedora 38", "dev-java/snakeyaml", "1.32", ""},
    {"rocky 9.1", "dev-java/snakeyaml", "1.32", ""},
    {"gentoo 2.14", "dev-java/snakeyaml", "one", "version \"one\" is not one of portage"},
});

TEST(MatchingGentoo, FindsWhatIsPublished) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=3 "
             "vuls/fetch/gentoo/testdata/fixtures/glsa",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  EXPECT_EQ(matcher.Report().documents, 1U);
  EXPECT_EQ(matcher.Report().skipped.at("other JSON"), 1U);  // what was committed last
  EXPECT_TRUE(matcher.Report().problems.empty());
  for (const Row& row : kRows) Check(matcher, row);
}

constexpr std::string_view kSlots =
    R"(<glsa id="203001-01"><title>t</title><product type="ebuild">lib</product><affected>
<package name="dev-lang/lib" auto="yes" arch="amd64"><unaffected range="ge" slot="3.9">3.9.16</unaffected>
<unaffected range="ge">3.11.2</unaffected><unaffected range="rge">3.10.9-r1</unaffected><unaffected range="eq">2.7*</unaffected>
<vulnerable range="lt">3.11.2</vulnerable></package></affected></glsa>)";

constexpr auto kSlotRows = std::to_array<Row>({
    {"gentoo 2.14", "dev-lang/lib", "3.9.15", "GLSA-203001-01 3.9.16 3.10.9-r1 3.11.2"},
    {"gentoo 2.14", "dev-lang/lib", "3.9.16", ""},
    {"gentoo 2.14", "dev-lang/lib", "3.9.16_p4-r2", ""},
    {"gentoo 2.14", "dev-lang/lib", "3.10.0_rc1", "GLSA-203001-01 3.10.9-r1 3.11.2"},
    {"gentoo 2.14", "dev-lang/lib", "3.10.9", "GLSA-203001-01 3.10.9-r1 3.11.2"},
    {"gentoo 2.14", "dev-lang/lib", "3.10.9-r1", ""},
    {"gentoo 2.14", "dev-lang/lib", "3.10.9-r12", ""},
    {"gentoo 2.14", "dev-lang/lib", "3.10.10", "GLSA-203001-01 3.11.2"},
    {"gentoo 2.14", "dev-lang/lib", "3.11.2", ""},
    {"gentoo 2.14", "dev-lang/lib", "2.7.18_p16", ""},
    {"gentoo 2.14", "dev-lang/lib", "2.6", "GLSA-203001-01 2.7 3.9.16 3.10.9-r1 3.11.2"},
    {"gentoo 2.14", "dev-lang/lib", "3.9.15", "", "sparc"},
});

TEST(MatchingGentoo, SlotsAndRevisions) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.Path() / "glsa-203001-01.xml") << kSlots;
  const test::RowMatcher matcher(folder.Path());
  EXPECT_TRUE(matcher.Report().problems.empty());
  for (const Row& row : kSlotRows) Check(matcher, row);
}

}  // namespace
}  // namespace holdfast
