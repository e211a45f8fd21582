#include "catalog/apk/apk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/memory_evidence.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

test::CollectingSink Scan(std::string installed, std::string path = "lib/apk/db/installed") {
  model::Distro alpine;
  alpine.id = "alpine";
  alpine.version_id = "3.20.3";
  std::map<std::string, std::string> files;
  files[std::move(path)] = std::move(installed);
  return test::RunCataloger(*MakeApkCataloger(), std::move(files), alpine);
}

std::vector<std::string> Paths(const model::Package& package) {
  std::vector<std::string> paths;
  for (const auto& file : package.files)
    paths.push_back(file.path + (file.digest.empty() ? "" : " " + file.algorithm + ":" + file.digest.substr(0, 4)));
  return paths;
}

TEST(ApkClaims, CoverTheDatabaseAndNothingElse) {
  const auto cataloger = MakeApkCataloger();
  const std::string_view glob = cataloger->Info().claims.front().glob;
  for (const auto* path : {"lib/apk/db/installed", "usr/lib/apk/db/installed", "rootfs/lib/apk/db/installed"})
    EXPECT_TRUE(GlobMatches(glob, path)) << path;
  for (const auto* path : {"lib/apk/db/scripts.tar", "lib/apk/db/installed.adb", "xlib/apk/db/installed", "installed"})
    EXPECT_FALSE(GlobMatches(glob, path)) << path;
}

TEST(ApkInstalled, ReadsAMinimalRecord) {
  const auto sink = Scan("P:a\nV:1-r0");
  const auto& package = sink.Only("a");
  EXPECT_EQ(package.version, "1-r0");
  EXPECT_EQ(package.type, "apk");
  EXPECT_EQ(package.version_scheme, "apk");
  EXPECT_EQ(package.ecosystem, "");
  EXPECT_EQ(package.purl.Text(), "pkg:apk/alpine/a@1-r0?distro=alpine-3.20.3");
  EXPECT_THAT(package.locations, ElementsAre(model::Location{"lib/apk/db/installed", 0, true}));
}

TEST(ApkInstalled, ReadsEveryField) {
  const auto sink = Scan(
      "C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=\nP:libssl3\nV:3.3.2-r0\nA:x86_64\nS:1\nI:2\nT:SSL  shared libraries\n"
      "U:https://www.openssl.org/\nL:Apache-2.0\no:openssl\nm:A B <a@b.org>\nt:1725408000\nc:66187892\n"
      "D:so:libc.musl-x86_64.so.1 musl>=1.2 !libssl /bin/sh x@edge y~1\np:so:libssl.so.3=3.3.2 cmd:c_rehash=1\n"
      "i:a b\nr:replaced\nq:10\n");
  const auto& package = sink.Only("libssl3");
  EXPECT_EQ(package.architecture, "x86_64");
  EXPECT_EQ(package.homepage, "https://www.openssl.org/");
  EXPECT_EQ(package.supplier, "A B <a@b.org>");
  EXPECT_THAT(package.licenses, SizeIs(1));
  EXPECT_THAT(package.upstreams, ElementsAre(model::Upstream{"openssl", ""}));
  EXPECT_THAT(package.depends, ElementsAre("so:libc.musl-x86_64.so.1", "musl", "/bin/sh", "x", "y"));
  EXPECT_THAT(package.provides, ElementsAre("so:libssl.so.3", "cmd:c_rehash"));
  using Pair = std::pair<std::string, std::string>;
  EXPECT_THAT(package.attributes,
              ElementsAre(Pair("apk:build-time", "1725408000"), Pair("apk:checksum", "Q1qKcZ+j23xssAXmgQhkOO8dHnbWw="),
                          Pair("apk:commit", "66187892"), Pair("apk:description", "SSL shared libraries"),
                          Pair("apk:installed-size", "2")));
  EXPECT_EQ(package.purl.Qualifier("upstream"), "openssl");
  EXPECT_EQ(package.purl.Qualifier("arch"), "x86_64");
}

TEST(ApkInstalled, DoesNotRepeatTheNameAsOrigin) {
  EXPECT_THAT(Scan("P:musl\nV:1\no:musl\n").Only("musl").upstreams, IsEmpty());
}

TEST(ApkFiles, HaveTheirFoldersAndDigests) {
  const auto sink = Scan(
      "P:a\nV:1\nF:\nR:top\nF:bin\nM:0:0:1777\nR:sh\na:0:0:755\nZ:Q1pcfTfDNEbNKQc2s1tia7da05M8Q=\nR:bad\nZ:Q1!!\n"
      "R:short\nZ:Q1AAAA\nF:usr/lib\nR:x\nZ:X2" +
      std::string(64, 'A') + "\nF:empty\nZ:Q1pcfTfDNEbNKQc2s1tia7da05M8Q=\n");
  EXPECT_THAT(Paths(sink.Only("a")),
              ElementsAre("top", "bin/sh sha1:a5c7", "bin/bad", "bin/short", "usr/lib/x sha256:aaaa"));
}

TEST(ApkFiles, StayInTheImage) {
  EXPECT_THAT(Paths(Scan("P:a\nV:1\nF:../..\nR:../../etc/passwd\nF:/x\nR:/y\nR:..\nF:..\nR:.\n").Only("a")),
              ElementsAre("etc/passwd", "x/y"));
  EXPECT_THAT(Paths(Scan("P:a\nV:1\nF:bin\nR:y\n", "rootfs/usr/lib/apk/db/installed").Only("a")),
              ElementsAre("rootfs/bin/y"));
}

TEST(ApkInstalled, IsEmptyWhenTheFileIs) {
  EXPECT_THAT(Scan("").packages, IsEmpty());
  EXPECT_THAT(Scan("\n\n\n").problems, IsEmpty());
}

TEST(ApkInstalled, KeepsGoingAfterABadRecord) {
  const auto sink = Scan("P:a\nV:1\n\n\nP:\nV:2\n\nP:c\n\nP:d\nx\nV:4\nno letter\n\nV\n\nP:e\nV:5\n");
  EXPECT_THAT(sink.Names(), ElementsAre("a 1", "d 4", "e 5"));
  ASSERT_THAT(sink.problems, SizeIs(4));
  EXPECT_EQ(sink.problems[1].message, "unusable record of package \"c\"");
  EXPECT_EQ(sink.problems[2].message, "damaged record of package \"d\": x");
}

TEST(ApkInstalled, TellsRecordsApartThatLostTheLineBetweenThem) {
  const auto sink = Scan("P:a\nV:1\nF:bin\nR:sh\nC:Q1\nP:b\nV:2\n\nP:c\nV:3\n");
  EXPECT_THAT(sink.Names(), ElementsAre("a 1", "b 2", "c 3"));
  ASSERT_THAT(sink.problems, SizeIs(1));
  EXPECT_EQ(sink.problems[0].message, "damaged record of package \"a\": P:b in it");
}

TEST(ApkInstalled, SurvivesTruncationAnywhere) {
  const std::string whole = "P:a\nV:1\nD:x>1\nF:bin\nR:sh\nZ:Q1pcfTfDNEbNKQc2s1tia7da05M8Q=\n";
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(Scan(whole.substr(0, size)).packages.size(), size >= 7 ? 1u : 0u) << size;
}

TEST(ApkInstalled, StopsAtTheLimitOfPackages) {
  std::string text;
  for (int i = 0; i < 200'001; ++i) text += "P:a\nV:1\n\n";
  const auto sink = Scan(text);
  EXPECT_THAT(sink.packages, SizeIs(200'000));
  ASSERT_THAT(sink.problems, SizeIs(1));
  EXPECT_EQ(sink.problems[0].kind, ErrorKind::kLimit);
}

TEST(ApkInstalled, AgreesWithApkOnAlpine320) {
  const auto folder = std::filesystem::path(HF_TESTDATA);
  const auto sink = Scan(test::ReadFile(folder / "installed_alpine_3.20.3"));
  EXPECT_THAT(sink.problems, IsEmpty());
  std::string names, files;
  for (const auto& package : sink.packages) {
    names += package.name + "-" + package.version + "\n";
    for (const auto& file : package.files) files += package.name + " " + file.path + "\n";
  }
  EXPECT_EQ(names, test::ReadFile(folder / "installed_alpine_3.20.3.names"));
  EXPECT_EQ(files, test::ReadFile(folder / "installed_alpine_3.20.3.files"));
  const auto& busybox = sink.Only("busybox");
  const auto binary = std::ranges::find(busybox.files, "bin/busybox", &model::OwnedFile::path);
  ASSERT_NE(binary, busybox.files.end());
  EXPECT_EQ(binary->algorithm + " " + binary->digest, "sha1 cabb8c59fff147813b4ab4feb08dbce348445909");
}

}  // namespace
}  // namespace holdfast::catalog
