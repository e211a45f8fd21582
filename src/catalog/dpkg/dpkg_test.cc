#include "catalog/dpkg/dpkg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/dpkg/copyright.h"
#include "support/memory_evidence.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

model::Distro Bookworm() {
  model::Distro distro;
  distro.id = "debian";
  distro.version_id = "12.8";
  return distro;
}

test::CollectingSink Scan(std::map<std::string, std::string> files) {
  return test::RunCataloger(*MakeDpkgCataloger(), std::move(files), Bookworm());
}

std::vector<std::string> Paths(const model::Package& package) {
  std::vector<std::string> paths;
  for (const auto& file : package.files)
    paths.push_back(file.path + (file.digest.empty() ? "" : " " + file.algorithm + ":" + file.digest.substr(0, 4)));
  return paths;
}

std::vector<std::string> Licenses(const model::Package& package) {
  std::vector<std::string> names;
  for (const auto& license : package.licenses) names.push_back(license.value);
  return names;
}

const std::string kDigestA(32, 'a');
const std::string kDigestB(32, 'b');

TEST(DpkgClaims, CoverTheDatabaseAndNothingElse) {
  const auto cataloger = MakeDpkgCataloger();
  const auto claimed = [&](std::string_view path) {
    return std::ranges::any_of(cataloger->Info().claims,
                               [&](const Claim& claim) { return GlobMatches(claim.glob, path); });
  };
  for (const auto* path :
       {"var/lib/dpkg/status", "rootfs/var/lib/dpkg/status", "var/lib/dpkg/status.d/libc6",
        "var/lib/dpkg/info/libc6:amd64.list", "var/lib/dpkg/info/bash.md5sums", "var/lib/dpkg/info/bash.conffiles",
        "usr/lib/opkg/status", "usr/lib/opkg/info/busybox.control", "usr/share/doc/bash/copyright"})
    EXPECT_TRUE(claimed(path)) << path;
  for (const auto* path : {"var/lib/dpkg/status-old", "var/lib/dpkg/available", "var/lib/dpkg/info/bash.postinst",
                           "var/lib/dpkg/info/x/bash.list", "usr/share/doc/bash/README", "status"})
    EXPECT_FALSE(claimed(path)) << path;
}

TEST(DpkgStatus, ReadsAMinimalRecord) {
  const auto sink = Scan({{"var/lib/dpkg/status", "Package: a\nVersion: 1"}});
  const auto& package = sink.Only("a");
  EXPECT_EQ(package.version, "1");
  EXPECT_EQ(package.type, "deb");
  EXPECT_EQ(package.version_scheme, "dpkg");
  EXPECT_EQ(package.ecosystem, "");
  EXPECT_THAT(package.upstreams, IsEmpty());
  EXPECT_THAT(package.locations, ElementsAre(model::Location{"var/lib/dpkg/status", 0, true}));
  EXPECT_EQ(package.purl.Text(), "pkg:deb/debian/a@1?distro=debian-12");
  EXPECT_THAT(sink.problems, IsEmpty());
}

TEST(DpkgStatus, ReadsEveryField) {
  const auto sink =
      Scan({{"var/lib/dpkg/status",
             "Package: libssl3\nStatus: hold ok unpacked\nPriority: optional\nSection: libs\n"
             "Installed-Size: 6021\nMaintainer: A B <a@b.org>\nArchitecture: amd64\nMulti-Arch: same\n"
             "Source: openssl (3.0.15-1)\nVersion: 3.0.15-1+b1\nProvides: ssl-a (= 1), ssl-b\n"
             "Pre-Depends: dpkg (>= 1.17)\nDepends: libc6 (>= 2.34), debconf:any (>= 0.5) | debconf-2.0,\n"
             " x [amd64] <!y>\nDescription: Secure Sockets Layer\n toolkit\n"
             "Homepage: https://www.openssl.org/\nEssential: yes\n"}});
  const auto& package = sink.Only("libssl3");
  EXPECT_EQ(package.architecture, "amd64");
  EXPECT_EQ(package.supplier, "A B <a@b.org>");
  EXPECT_EQ(package.homepage, "https://www.openssl.org/");
  EXPECT_THAT(package.upstreams, ElementsAre(model::Upstream{"openssl", "3.0.15-1"}));
  EXPECT_THAT(package.depends, ElementsAre("dpkg", "libc6", "debconf|debconf-2.0", "x"));
  EXPECT_THAT(package.provides, ElementsAre("ssl-a", "ssl-b"));
  using Pair = std::pair<std::string, std::string>;
  EXPECT_THAT(package.attributes, ElementsAre(Pair("dpkg:description", "Secure Sockets Layer"),
                                              Pair("dpkg:essential", "yes"), Pair("dpkg:installed-size", "6021"),
                                              Pair("dpkg:multi-arch", "same"), Pair("dpkg:priority", "optional"),
                                              Pair("dpkg:section", "libs"), Pair("dpkg:status", "unpacked")));
  EXPECT_EQ(package.purl.name_space, "debian");
  EXPECT_EQ(package.purl.Qualifier("arch"), "amd64");
  EXPECT_EQ(package.purl.Qualifier("distro"), "debian-12");
  EXPECT_EQ(package.purl.Qualifier("upstream"), "openssl@3.0.15-1");
}

TEST(DpkgStatus, TakesTheVersionOfTheSourceOnlyWhenItDiffers) {
  const auto sink = Scan({{"var/lib/dpkg/status",
                           "Package: a\nVersion: 1\nSource: s\n\nPackage: b\nVersion: 2+b1\nSource: b (2)\n\n"
                           "Package: c\nVersion: 3\nSource: s (3)\n"}});
  EXPECT_THAT(sink.Only("a").upstreams, ElementsAre(model::Upstream{"s", ""}));
  EXPECT_THAT(sink.Only("b").upstreams, ElementsAre(model::Upstream{"b", "2"}));
  EXPECT_THAT(sink.Only("c").upstreams, ElementsAre(model::Upstream{"s", ""}));
}

TEST(DpkgStatus, SkipsPackagesWhoseFilesAreGone) {
  const auto sink = Scan({{"var/lib/dpkg/status",
                           "Package: a\nStatus: deinstall ok config-files\nVersion: 1\n\n"
                           "Package: b\nStatus: purge ok not-installed\n\n"
                           "Package: c\nStatus: deinstall ok installed\nVersion: 1\n\n"
                           "Package: d\nStatus: install reinstreq half-installed\nVersion: 1\n"}});
  EXPECT_THAT(sink.Names(), ElementsAre("c 1", "d 1"));
  EXPECT_THAT(sink.problems, IsEmpty());
}

TEST(DpkgStatus, IsEmptyWhenTheFileIs) {
  const auto sink = Scan({{"var/lib/dpkg/status", ""}});
  EXPECT_THAT(sink.packages, IsEmpty());
  EXPECT_THAT(sink.problems, IsEmpty());
}

TEST(DpkgStatus, KeepsGoingAfterABadRecord) {
  const auto sink = Scan({{"var/lib/dpkg/status",
                           "Package: a\nVersion: 1\n\nPackage: broken\n\n continuation of nothing\n\n"
                           "Version: 9\n\nPackage: c\nVersion: 2\nnot a field\n\nPackage: d\nVersion: 3\n"}});
  EXPECT_THAT(sink.Names(), ElementsAre("a 1", "c 2", "d 3"));
  ASSERT_THAT(sink.problems, SizeIs(4));
  EXPECT_EQ(sink.problems[0].message, "unusable record of package \"broken\"");
  EXPECT_EQ(sink.problems[3].message, "damaged record of package \"c\": not a field");
  EXPECT_EQ(sink.problems[3].path, "var/lib/dpkg/status");
}

TEST(DpkgStatus, TellsRecordsApartThatLostTheLineBetweenThem) {
  const auto sink = Scan({{"var/lib/dpkg/status",
                           "Package: a\nVersion: 1\nPackage: b\nVersion: 2\npackage: c\nVersion: 3\nbad\n\n"
                           "Version: 4\nPackage: d\n"}});
  EXPECT_THAT(sink.Names(), ElementsAre("a 1", "b 2", "c 3", "d 4"));
  ASSERT_THAT(sink.problems, SizeIs(3));
  EXPECT_EQ(sink.problems[0].message, "damaged record of package \"a\": another Package in it");
  EXPECT_EQ(sink.problems[2].message, "damaged record of package \"c\": bad");
}

TEST(DpkgStatus, SurvivesTruncationAnywhere) {
  const std::string whole = "Package: a\nVersion: 1\nDepends: x (>= 1) | y\nConffiles:\n /etc/a " + kDigestA + "\n";
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_LE(Scan({{"var/lib/dpkg/status", whole.substr(0, size)}}).packages.size(), 1u);
}

TEST(DpkgStatus, CountsIdenticalRecordsOnce) {
  const std::string record = "Package: a\nVersion: 1\nArchitecture: amd64\n\n";
  EXPECT_THAT(Scan({{"var/lib/dpkg/status", record + record}}).packages, SizeIs(1));
  EXPECT_THAT(Scan({{"var/lib/dpkg/status", record + "Package: a\nVersion: 1\nArchitecture: i386\n"}}).packages,
              SizeIs(2));
}

TEST(DpkgStatus, StopsAtTheLimitOfPackages) {
  std::string text;
  for (int i = 0; i < 200'001; ++i) text += "Package:a\nVersion:" + std::to_string(i) + "\n\n";
  const auto sink = Scan({{"var/lib/dpkg/status", text}});
  EXPECT_THAT(sink.packages, SizeIs(200'000));
  ASSERT_THAT(sink.problems, SizeIs(1));
  EXPECT_EQ(sink.problems[0].kind, ErrorKind::kLimit);
}

TEST(DpkgFiles, ComeFromTheListWithDigestsFromMd5sumsAndConffiles) {
  const auto sink =
      Scan({{"var/lib/dpkg/status",
             "Package: a\nVersion: 1\nArchitecture: amd64\nMulti-Arch: same\n"
             "Conffiles:\n /etc/a.conf " +
                 kDigestB +
                 "\n /etc/new newconffile\n"
                 " /etc/old " +
                 kDigestA + " obsolete\n"},
            {"var/lib/dpkg/info/a:amd64.list",
             "/.\n/etc\n/etc/a.conf\n/etc/new\n/usr\n/usr/bin\n/usr/bin/a b\n/usr/bin-x\n/usr/share/empty\n"},
            {"var/lib/dpkg/info/a:amd64.md5sums", kDigestA + "  usr/bin/a b\nrubbish\nzz  usr/bin-x\n"},
            {"var/lib/dpkg/info/a:amd64.conffiles", "/etc/a.conf\n/etc/new\n"}});
  const auto& package = sink.Only("a");
  EXPECT_THAT(Paths(package),
              ElementsAre("etc/a.conf md5:bbbb", "etc/new", "usr/bin/a b md5:aaaa", "usr/bin-x", "usr/share/empty"));
  ASSERT_THAT(package.locations, SizeIs(4));
  EXPECT_EQ(package.locations[1], (model::Location{"var/lib/dpkg/info/a:amd64.list", 0, false}));
}

TEST(DpkgFiles, StayInTheImage) {
  const auto sink = Scan({{"var/lib/dpkg/status", "Package: a\nVersion: 1\n"},
                          {"var/lib/dpkg/info/a.list", "/../../etc/passwd\n//x/./y\n/..\n\n/\n"}});
  EXPECT_THAT(Paths(sink.Only("a")), ElementsAre("etc/passwd", "x/y"));
}

TEST(DpkgFiles, OfAnInnerRootAreUnderIt) {
  const auto sink = Scan({{"srv/jail/var/lib/dpkg/status", "Package: a\nVersion: 1\n"},
                          {"srv/jail/var/lib/dpkg/info/a.list", "/bin/a\n/srv/jail/bin/b\n"},
                          {"srv/jail/usr/share/doc/a/copyright", "/usr/share/common-licenses/GPL-2."}});
  EXPECT_THAT(Paths(sink.Only("a")), ElementsAre("srv/jail/bin/a", "srv/jail/bin/b"));
  EXPECT_THAT(Licenses(sink.Only("a")), ElementsAre("GPL-2"));
}

TEST(DpkgStatusD, TakesDigestsFromTheFileBesideIt) {
  const auto sink = Scan({{"var/lib/dpkg/status.d/libssl1", "Package: libssl1.1\nVersion: 1.1.1n\n"},
                          {"var/lib/dpkg/status.d/libssl1.md5sums", kDigestA + "  usr/lib/libssl.so.1.1\n"}});
  const auto& package = sink.Only("libssl1.1");
  EXPECT_THAT(Paths(package), ElementsAre("usr/lib/libssl.so.1.1 md5:aaaa"));
  EXPECT_EQ(package.locations.at(0).path, "var/lib/dpkg/status.d/libssl1");
  EXPECT_THAT(sink.problems, IsEmpty());
}

TEST(Opkg, JoinsStatusAndControlFile) {
  model::Distro openwrt;
  openwrt.id = "openwrt";
  openwrt.version_id = "23.05.5";
  const auto sink =
      test::RunCataloger(*MakeDpkgCataloger(),
                         {{"usr/lib/opkg/status",
                           "Package: libubox20230523\nVersion: 2023-05-23-75a3b870-1\nDepends: libc\n"
                           "Provides: libubox\nStatus: install hold installed\nArchitecture: x86_64\n"},
                          {"usr/lib/opkg/info/libubox20230523.control",
                           "Package: libubox20230523\nVersion: 2023-05-23-75a3b870-1\nSource: package/libs/libubox\n"
                           "SourceName: libubox\nLicense: ISC\nMaintainer: F F <f@f.org>\n"},
                          {"usr/lib/opkg/info/libubox20230523.list", "/lib/libubox.so.20230523\t0100755\n"}},
                         openwrt);
  const auto& package = sink.Only("libubox20230523");
  EXPECT_THAT(package.upstreams, ElementsAre(model::Upstream{"libubox", ""}));
  EXPECT_THAT(Licenses(package), ElementsAre("ISC"));
  EXPECT_THAT(Paths(package), ElementsAre("lib/libubox.so.20230523"));
  EXPECT_EQ(package.supplier, "F F <f@f.org>");
  EXPECT_EQ(package.purl.type, "opkg");
}

TEST(DpkgLicenses, AreSharedWhenTheDocumentationFolderIsALinkToAPackageOfTheSameSource) {
  const auto sink = Scan({{"var/lib/dpkg/status",
                           "Package: gcc-12\nVersion: 1\nDepends: cpp-12, gcc-12-base\n\n"
                           "Package: gcc-12-base\nVersion: 1\nSource: gcc-12\n\n"
                           "Package: cpp-12\nVersion: 1\nSource: other\n\n"
                           "Package: no-folder\nVersion: 1\nSource: gcc-12\nDepends: gcc-12-base\n"},
                          {"usr/share/doc/gcc-12-base/copyright", "see /usr/share/common-licenses/GPL-3"},
                          {"usr/share/doc/cpp-12/copyright", "see /usr/share/common-licenses/BSD"},
                          {"usr/share/doc/gcc-12", "(the link)"}});
  EXPECT_THAT(Licenses(sink.Only("gcc-12")), ElementsAre("GPL-3"));
  EXPECT_THAT(Licenses(sink.Only("no-folder")), IsEmpty());
}

std::string Fixture(const std::string& name) { return test::ReadFile(std::filesystem::path(HF_TESTDATA) / name); }

TEST(DpkgStatus, AgreesWithDpkgQueryOnBookworm) {
  const auto sink = Scan({{"var/lib/dpkg/status", Fixture("status_bookworm_12_packages")}});
  std::string rows;
  for (const auto& package : sink.packages) {
    const bool own = package.upstreams.empty();
    const std::string source = own ? package.name : package.upstreams.front().name;
    const bool same = own || package.upstreams.front().version.empty();
    rows += package.name + " " + package.version + " " + package.architecture + " " + source + " " +
            (same ? package.version : package.upstreams.front().version) + "\n";
  }
  EXPECT_EQ(rows, Fixture("status_bookworm_12_packages.expected"));
  EXPECT_THAT(sink.problems, IsEmpty());
}

TEST(DpkgFiles, OfARealPackageHaveTheirDigests) {
  const auto sink = Scan({{"var/lib/dpkg/status", Fixture("status_bookworm_12_packages")},
                          {"var/lib/dpkg/info/adduser.list", Fixture("adduser.list")},
                          {"var/lib/dpkg/info/adduser.md5sums", Fixture("adduser.md5sums")},
                          {"var/lib/dpkg/info/adduser.conffiles", Fixture("adduser.conffiles")}});
  const auto& files = sink.Only("adduser").files;
  // 66 files, five links, and var/cache/adduser, which is empty.
  EXPECT_EQ(files.size(), 72u);
  EXPECT_EQ(std::ranges::count(files, "md5", &model::OwnedFile::algorithm), 66);
  EXPECT_EQ(std::ranges::find(files, "etc/adduser.conf", &model::OwnedFile::path)->digest,
            "cc3493ecd2d09837ffdcc3e25fdfff18");
}

TEST(DpkgFiles, OverTheLimitAreAProblemOfThatListAlone) {
  const auto sink = Scan({{"var/lib/dpkg/status", "Package: a\nVersion: 1\n"},
                          {"var/lib/dpkg/info/a.list", std::string(33 << 20, '/')},
                          {"var/lib/dpkg/info/a.md5sums", kDigestA + "  usr/bin/a\n"}});
  EXPECT_THAT(Paths(sink.Only("a")), ElementsAre("usr/bin/a md5:aaaa"));
  ASSERT_THAT(sink.problems, SizeIs(1));
  EXPECT_EQ(sink.problems[0].path, "var/lib/dpkg/info/a.list");
  EXPECT_EQ(sink.problems[0].kind, ErrorKind::kLimit);
}

TEST(DpkgStatusD, ReadsARealDistrolessImage) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared sample data";
  const test::TemporaryFolder folder;
  const std::filesystem::path archive = *shared / "images" / "distroless-base.tar.gz";
  test::RunCommand("cd " + folder.Path().string() + " && tar -xzf " + archive.string() +
                   " && for layer in */layer.tar; do tar -xf $layer; done");
  std::map<std::string, std::string> files;
  for (const auto* part : {"var/lib/dpkg", "usr/share/doc"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.Path() / part))
      if (entry.is_regular_file())
        files[std::filesystem::relative(entry.path(), folder.Path())] = test::ReadFile(entry.path());
  const auto sink = Scan(std::move(files));
  // grep -h -E '^(Package|Version):' var/lib/dpkg/status.d/*
  EXPECT_THAT(sink.Names(),
              ElementsAre("base-files 11.1+deb11u3", "libc6 2.31-13+deb11u3", "libssl1.1 1.1.1n-0+deb11u2",
                          "netbase 6.3", "openssl 1.1.1n-0+deb11u2", "tzdata 2021a-1+deb11u4"));
  EXPECT_THAT(sink.problems, IsEmpty());
  EXPECT_THAT(Licenses(sink.Only("libc6")), ElementsAre("GPL-2", "LGPL-2.1"));
}

TEST(Copyright, TakesExpressionsFromMachineReadableFiles) {
  EXPECT_THAT(ParseCopyright("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
                             "Files: *\nCopyright: x\nLicense: GPL-2+ with OpenSSL exception\n text\n\n"
                             "License:Expat\nlicense: MPL-1.1 or GPL-2, and BSD-3-clause\nLicense:\nLicense: Expat\n"
                             "License: Permission to use, copy, modify, and distribute\n"
                             "License: GPL-2 with\nLicense: /usr/share/common-licenses/GPL-2 is text here\n"),
              ElementsAre("Expat", "GPL-2+ with OpenSSL exception", "MPL-1.1 or GPL-2, and BSD-3-clause"));
}

TEST(Copyright, TakesReferencesToCommonLicensesElsewhere) {
  EXPECT_THAT(ParseCopyright("This is Debian's x.\nLicense: nonsense\n"
                             "see `/usr/share/common-licenses/GPL-2', /usr/share/common-licenses/LGPL-2.1.\n"
                             "/usr/share/common-licenses/\n"),
              ElementsAre("GPL-2", "LGPL-2.1"));
  EXPECT_THAT(ParseCopyright(""), IsEmpty());
}

}  // namespace
}  // namespace holdfast::catalog
