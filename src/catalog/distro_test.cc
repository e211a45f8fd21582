#include "catalog/distro.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/memory_evidence.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

model::Distro Detect(std::map<std::string, std::string> files) {
  test::MemoryEvidence tree(std::move(files));
  const CatalogerInfo info{.name = "distro", .claims = DistroClaims()};
  tree.For(info);
  return DetectDistro(tree);
}

// "id version codename", what matching needs.
std::string Brief(const model::Distro& distro) {
  return distro.id + " " + distro.version_id + " " + distro.version_codename;
}

constexpr std::string_view kBookworm =
    "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n"
    "VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL=\"https://www.debian.org/\"\n";

TEST(OsRelease, ReadsQuotedAndBareValues) {
  const model::Distro distro = ParseOsRelease(
      "# comment\nID='ol'\n\nID_LIKE=\"fedora  rhel\"\nVERSION_ID=9.2\r\nPRETTY_NAME=\"a \\\"b\\\" \\$c \\x\"\n"
      "CPE_NAME=\"cpe:/o:oracle:linux:9:2:server\"\nno assignment\n");
  EXPECT_EQ(distro.id, "ol");
  EXPECT_THAT(distro.id_like, ElementsAre("fedora", "rhel"));
  EXPECT_EQ(distro.version_id, "9.2");
  EXPECT_EQ(distro.pretty_name, "a \"b\" $c \\x");
  EXPECT_EQ(distro.cpe_name, "cpe:/o:oracle:linux:9:2:server");
}

TEST(OsRelease, TakesTheLastOfRepeatedAssignmentsLikeTheShell) { EXPECT_EQ(ParseOsRelease("ID=a\nID=b\n").id, "b"); }

TEST(OsRelease, CleansHostileValues) {
  const model::Distro distro = ParseOsRelease("ID=\"De\x1b[31mBian/../x\"\nPRETTY_NAME=\"a\x1b\x07\tb" +
                                              std::string(10'000, 'x') + "\"\nVERSION_ID=\"1\x01\x02\"\n");
  EXPECT_EQ(distro.id, "de31mbian..x");
  EXPECT_EQ(distro.pretty_name.size(), 256u);
  EXPECT_TRUE(distro.pretty_name.starts_with("a b"));
  EXPECT_EQ(distro.version_id, "1");
}

TEST(Distro, PrefersEtcOverUsrLib) {
  EXPECT_EQ(Detect({{"etc/os-release", "ID=one\n"}, {"usr/lib/os-release", "ID=two\n"}}).id, "one");
  EXPECT_EQ(Detect({{"etc/os-release", ""}, {"usr/lib/os-release", "ID=two\n"}}).id, "two");
  EXPECT_EQ(Detect({{"usr/lib/os.release.d/os-release-fedora", "ID=fedora\nVERSION_ID=30\n"}}).id, "fedora");
}

TEST(Distro, AddsDebiansPointRelease) {
  const std::string os_release(kBookworm);
  EXPECT_EQ(Brief(Detect({{"usr/lib/os-release", os_release}, {"etc/debian_version", "12.8\n"}})),
            "debian 12.8 bookworm");
  EXPECT_EQ(Brief(Detect({{"usr/lib/os-release", os_release}, {"etc/debian_version", "13.1\n"}})),
            "debian 12 bookworm");
  EXPECT_EQ(Brief(Detect({{"usr/lib/os-release", os_release}, {"etc/debian_version", "trixie/sid\n"}})),
            "debian 12 bookworm");
  EXPECT_EQ(Brief(Detect({{"etc/os-release", "ID=ubuntu\nVERSION_ID=22.04\n"}, {"etc/debian_version", "22.04.1\n"}})),
            "ubuntu 22.04 ");
}

struct OlderCase {
  std::map<std::string, std::string> files;
  std::string expected;
};

TEST(Distro, ReadsTheFilesOfOlderReleases) {
  const std::vector<OlderCase> cases = {
      {{{"etc/debian_version", "6.0.10\n"}}, "debian 6.0.10 "},
      {{{"etc/debian_version", "jessie/sid\n"}}, "debian  jessie"},
      {{{"etc/alpine-release", "3.1.4\n"}}, "alpine 3.1.4 "},
      {{{"etc/redhat-release", "CentOS release 5.11 (Final)\n"}}, "centos 5.11 Final"},
      {{{"etc/redhat-release", "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n"}}, "rhel 6.10 Santiago"},
      {{{"etc/system-release", "Amazon Linux AMI release 2018.03\n"}}, "amzn 2018.03 "},
      {{{"etc/redhat-release", "Unheard Of Linux release 1.0\n"}}, "unheard 1.0 "},
      {{{"etc/system-release-cpe", "cpe:/o:centos:linux:6:GA\n"},
        {"etc/redhat-release", "CentOS release 6.10 (Final)\n"}},
       "centos 6.10 "},
      {{{"etc/system-release-cpe", "cpe:2.3:o:amazon:amazon_linux:2\n"}}, "amzn 2 "},
      {{{"etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n"}},
       "sles 11.4 "},
      {{{"etc/SuSE-release", "openSUSE 13.2 (x86_64)\nVERSION = 13.2\nCODENAME = Harlequin\n"}},
       "opensuse 13.2 Harlequin"},
      {{{"etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\nDISTRIB_CODENAME=lucid\n"},
        {"etc/debian_version", "squeeze/sid\n"}},
       "ubuntu 10.04 lucid"},
      {{{"etc/apk/repositories", "#x\n@edge https://x/alpine/edge/main\nhttps://x/alpine/v3.20/main\n"}},
       "alpine 3.20 "},
      {{{"etc/apk/repositories", "https://x/alpine/edge/main\n"}}, "alpine  "},
      {{{"bin/busybox", "\x7f"}}, "busybox  "},
      {{{"etc/redhat-release", "no such thing"}, {"etc/debian_version", "\x01"}, {"etc/SuSE-release", ""}}, "  "},
      {{{"etc/system-release-cpe", "cpe:/o"}, {"etc/lsb-release", "="}, {"etc/alpine-release", "x"}}, "  "},
  };
  for (const OlderCase& one : cases) EXPECT_EQ(Brief(Detect(one.files)), one.expected);
}

TEST(Distro, HasAQualifierForPackageUrls) {
  const auto qualifier = [](std::string id, std::string version, std::string codename) {
    model::Distro distro;
    distro.id = std::move(id);
    distro.version_id = std::move(version);
    distro.version_codename = std::move(codename);
    return DistroQualifier(distro);
  };
  EXPECT_EQ(qualifier("debian", "12.8", "bookworm"), "debian-12");
  EXPECT_EQ(qualifier("debian", "", "trixie"), "debian-trixie");
  EXPECT_EQ(qualifier("alpine", "3.20.3", ""), "alpine-3.20.3");
  EXPECT_EQ(qualifier("arch", "", ""), "arch");
  EXPECT_EQ(qualifier("", "1", "x"), "");
}

TEST(Distro, IsUnknownWithoutAnyOfTheFiles) { EXPECT_FALSE(Detect({{"etc/passwd", "root"}}).Known()); }

TEST(Distro, IgnoresFilesOverTheLimit) {
  EXPECT_FALSE(Detect({{"etc/os-release", "ID=debian\n" + std::string(70'000, '#')}}).Known());
}

TEST(Distro, ReadsTheWholeOfARealFile) {
  const model::Distro distro = Detect({{"etc/os-release", std::string(kBookworm)}});
  EXPECT_EQ(distro.pretty_name, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(distro.version_codename, "bookworm");
  EXPECT_THAT(distro.id_like, IsEmpty());
}

}  // namespace
}  // namespace holdfast::catalog
