// Packages of Echo against its document of advisories, cut to four packages. What is expected was read from it by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

struct Row {
  std::string_view os, package, version, source, expected;
};

constexpr std::string_view kFixed = "ECHO-CVE-2025-4091 128.10.0esr-1~deb12u1";
constexpr std::string_view kOpen = "ECHO-CVE-2025-4091";

constexpr auto kRows = std::to_array<Row>({
    {"echo 12", "firefox-esr", "128.9.0esr-1~deb12u1", "firefox-esr", kFixed},
    {"echo 12", "firefox-esr", "115.0esr-1", "firefox-esr", kFixed},
    {"echo 12", "firefox-esr", "128.10.0esr-1~deb12u1~e1", "firefox-esr", kFixed},
    {"echo 12", "firefox-esr", "128.10.0esr-1~deb12u1", "firefox-esr", ""},
    {"echo 12", "firefox-esr", "128.10.0esr-1~deb12u1+e1", "firefox-esr", ""},
    {"echo 12", "firefox-esr", "128.10.0esr-1", "firefox-esr", ""},
    {"echo 12", "firefox-esr", "140.0esr-1", "firefox-esr", ""},
    {"echo 12", "firefox-esr-l10n-de", "128.9.0esr-1~deb12u1", "firefox-esr", kFixed},
    {"echo 12", "firefox-esr-l10n-de", "128.10.0esr-1~deb12u1", "firefox-esr", ""},
    // Not fixed, whatever the version.
    {"echo 12", "firefox", "137.0-1", "firefox", kOpen},
    {"echo 12", "firefox", "999.0-1", "firefox", kOpen},
    {"echo 12", "firefox-l10n-de", "137.0-1", "firefox", kOpen},
    {"echo 12", "linux-libc-dev", "0.9-1", "linux", "ECHO-TEMP-0000000-F7A20F 1"},
    {"echo 12", "linux-libc-dev", "1", "linux", ""},
    {"echo 12", "linux-libc-dev", "6.1.140-1", "linux", ""},
    {"echo 12", "linux", "6.1.140-1", "linux-signed", ""},
    {"echo 12", "aardvark-dns", "1.4.0-3", "aardvark-dns", ""},
    {"echo 12", "bash", "5.2-1", "bash", ""},
    // The binary package's name is not the source's.
    {"echo 12", "firefox-esr", "128.9.0esr-1~deb12u1", "iceweasel", ""},
    {"debian 12", "firefox-esr", "128.9.0esr-1~deb12u1", "firefox-esr", ""},
    {"echo ", "firefox-esr", "128.9.0esr-1~deb12u1", "firefox-esr", kFixed},
});

TEST(MatchingEcho, FindsWhatTheDocumentSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=3 "
             "vuls/fetch/echo/data/testdata/fixtures/happy/data.json",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  EXPECT_EQ(matcher.Report().documents, 1U);
  EXPECT_EQ(matcher.Report().snapshot.advisories, 3U);
  EXPECT_TRUE(matcher.Report().problems.empty());
  for (const Row& row : kRows) {
    const test::RpmRow asked{.os = row.os,
                             .package = row.package,
                             .version = row.version,
                             .expected = row.expected,
                             .source = row.source,
                             .architecture = "amd64",
                             .scheme = "dpkg"};
    EXPECT_EQ(matcher.Found(asked), row.expected) << row.package << " " << row.version;
  }
}

}  // namespace
}  // namespace holdfast
