// Packages of Ubuntu's releases against real documents of all forms, some of them cut to a few records: OVAL of jammy
// (2024-10), OSV and OpenVEX (2025), the tracker's files and its API, the database of notices. What is expected was
// read from the documents by hand.
#include <gtest/gtest.h>

#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

constexpr std::string_view kDeb = "dpkg";

struct Row {
  std::string_view release, source, version;
  std::string_view expected;  // "ID STATE RANGE, …"
};

constexpr auto kRows = std::to_array<Row>({
    // OVAL by vulnerability, by package and by notice say the same.
    {"22.04", "libssh", "0.9.6-2ubuntu0.22.04.1",
     "UBUNTU-CVE-2023-48795 fixed 0.9.6-2ubuntu0.22.04.2, USN-6561-1 fixed 0.9.6-2ubuntu0.22.04.2"},
    {"22.04", "libssh", "0.9.6-2ubuntu0.22.04.2", ""},
    {"22.04", "libssh", "0.9.6-2ubuntu0.22.04.3", ""},
    {"22.04", "openssh", "1:8.9p1-3ubuntu0.4", "UBUNTU-CVE-2023-48795 fixed 1:8.9p1-3ubuntu0.5"},
    {"22.04", "openssh", "1:8.9p1-3ubuntu0.10", ""},
    {"22.04", "openssh", "9.9p1-1", "UBUNTU-CVE-2023-48795 fixed 1:8.9p1-3ubuntu0.5"},
    {"20.04", "openssh", "1:8.2p1-4", ""},
    // OSV.
    {"20.04", "rabbitmq-server", "3.8.2-0ubuntu1.5", "UBUNTU-CVE-2024-51988 fixed 3.8.3-0ubuntu0.1"},
    {"20.04", "rabbitmq-server", "3.8.3-0ubuntu0.1", ""},
    {"22.04", "rabbitmq-server", "3.9.13-1ubuntu0.22.04.2", "UBUNTU-CVE-2024-51988 fixed 3.9.27-0ubuntu0.1"},
    {"24.04", "rabbitmq-server", "3.12.1-1ubuntu1", ""},
    {"24.10", "rabbitmq-server", "3.12.1-1ubuntu1", "UBUNTU-CVE-2024-51988 fixed 3.12.1-1ubuntu2"},
    {"22.04", "linux-nvidia-6.8", "6.8.0-1016.17~22.04.1",
     "UBUNTU-CVE-2025-21984 not-fixed -, USN-7095-1 fixed 6.8.0-1017.19~22.04.1"},
    {"24.04", "linux-nvidia-lowlatency", "6.8.0-1017.19",
     "UBUNTU-CVE-2025-21984 not-fixed -, USN-7095-1 fixed 6.8.0-1017.19.1"},
    // A live patch fixes no package.
    {"20.04", "linux-aws", "5.4.0-1001.1", ""},
    // OpenVEX: not affected, with and without a subscription; not fixed.
    {"14.04", "curl", "7.35.0-1ubuntu2", ""},
    {"20.04", "curl", "7.68.0-1ubuntu2.1", ""},
    {"22.04", "curl", "7.81.0-1ubuntu1.20", "UBUNTU-CVE-2025-0167 not-fixed -"},
    {"24.04", "curl", "8.5.0-2ubuntu10.6", "UBUNTU-CVE-2025-0167 not-fixed -"},
    {"25.04", "curl", "8.12.1-3ubuntu1", ""},
    // A fix for subscribers of Ubuntu Pro only.
    {"22.04", "varnish", "6.6.1-1ubuntu0.2", "USN-7372-1 wont-fix 6.6.1-1ubuntu0.2+esm1"},
    {"22.04", "varnish", "6.6.1-1ubuntu0.2+esm1", ""},
    {"20.04", "varnish", "6.2.1-2ubuntu0.2", "USN-7372-1 wont-fix 6.2.1-2ubuntu0.2+esm1"},
    {"18.04", "varnish", "5.2.1-1ubuntu0.1+esm2", ""},
    {"18.04", "linux", "4.15.0-213.224",
     "UBUNTU-CVE-2022-36879 under-investigation -, USN-6342-1 wont-fix 4.15.0-216.227"},
    {"16.04", "linux-hwe", "4.15.0-216.227~16.04.1", ""},
    // The database of notices.
    {"18.04", "jinja2", "2.10-1ubuntu0.18.04.0", "USN-4011-1 fixed 2.10-1ubuntu0.18.04.1"},
    {"18.04", "jinja2", "2.10-1ubuntu0.18.04.1", ""},
    {"16.04", "jinja2", "2.8-1", "USN-4011-1 fixed 2.8-1ubuntu0.1"},
    {"14.04", "linux", "3.13.0-29.53", "UBUNTU-CVE-2022-36879 wont-fix -, USN-2274-1 fixed 3.13.0-30.55"},
    // The tracker's API: not affected for a reason, and from a version on; needed; not looked at yet.
    {"22.04", "python-django", "2:3.2.12-2ubuntu1", ""},
    {"24.04", "linux", "6.8.0-31.31", "UBUNTU-CVE-2025-21984 not-fixed -"},
    {"22.04", "linux-hwe-6.8", "6.8.0-40.40~22.04.3", "UBUNTU-CVE-2025-21984 not-fixed -"},
    {"22.04", "zabbix", "1:5.0.17+dfsg-1", "UBUNTU-CVE-2024-45700 under-investigation -"},
    {"24.04", "zabbix", "1:5.0.17+dfsg-1", ""},
    // The tracker's files: fixed long ago, and ignored.
    {"6.06", "cpio", "2.6-9", "UBUNTU-CVE-1999-1572 fixed 2.6-10"},
    {"6.06", "cpio", "2.6-10", ""},
    {"7.04", "mozilla-thunderbird", "1.5.0.13-0ubuntu0.7.04", "UBUNTU-CVE-2006-0836 wont-fix -"},
});

std::string Found(const test::RowMatcher& matcher, const Row& row) {
  const std::string os = Format("ubuntu {}", row.release), binary = Format("lib{}-of-it", row.source);
  const match::SearchResult result = matcher.Search(
      {.os = os, .package = binary, .version = row.version, .expected = "", .source = row.source, .scheme = kDeb});
  std::string text = result.problem;
  for (const match::Hit& hit : result.hits) {
    EXPECT_TRUE(hit.held) << hit.advisory_id;
    text += Format("{}{} {} {}", text.empty() ? "" : ", ", hit.advisory_id, model::FixStateName(hit.fix_state),
                   hit.held && hit.held->fixed ? *hit.held->fixed : "-");
  }
  return text;
}

TEST(MatchingUbuntu, FindsWhatTheDocumentsSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=3 --wildcards "
             "'vuls/fetch/ubuntu/*/testdata/fixtures/*'",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  const advisory::BuildReport& report = matcher.Report();
  for (const Problem& problem : report.problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  // Five of OVAL, three of OSV, three of OpenVEX, three of each part of the API, the database, four files.
  EXPECT_EQ(report.documents, 22U);
  // FIPS, by vulnerability and for two packages; a live patch; three notices and a vulnerability of no named package.
  EXPECT_EQ(report.bug_fixes, 8U);
  EXPECT_EQ(report.rejected, 0U);
  EXPECT_EQ(report.snapshot.advisories, 15U);
  for (const Row& row : kRows)
    EXPECT_EQ(Found(matcher, row), row.expected) << row.release << " " << row.source << " " << row.version;
}

}  // namespace
}  // namespace holdfast
