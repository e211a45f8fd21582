// OSV documents of some forty databases as they are published, mostly in all.zip, each cut to a few. What is expected
// was read from the documents by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

struct Row {
  std::string_view os;  // as RpmRow's, or "ecosystem NAME"
  std::string_view package, version, scheme;
  std::string_view expected;
  std::string_view source = "";
};

constexpr std::string_view kMemcached = "CGA-2c2h-8fj5-55vx 2.5.7-r1";

constexpr auto kRows = std::to_array<Row>({
    // Distributions.
    {"alpine 3.19.1", "openvpn", "2.6.6-r0", "apk", "ALPINE-CVE-2023-46850 2.6.7-r0"},
    {"alpine 3.19.1", "openvpn", "2.6.7-r0", "apk", ""},
    {"wolfi 20230201", "nri-memcached", "2.5.6-r0", "apk", kMemcached},
    {"wolfi 20230201", "nri-memcached", "2.5.7-r1", "apk", ""},
    {"chainguard 20230214", "nri-memcached-compat", "2.5.6-r0", "apk", kMemcached, "nri-memcached"},
    {"minimos 20240101", "openjdk-19-jre", "19.0.2.7-r0", "apk", "MINI-2cf5-qxg8-p76v 19.0.2.7-r1"},
    {"minimos 20240101", "openjdk-19", "19.0.2.7-r1", "apk", ""},
    {"alpaquita 23", "libxml2", "2.10.4-r4", "apk", "BELL-CVE-2025-49796 2.10.4-r5"},
    {"alpaquita stream", "libxml2", "2.13.8-r1", "apk", ""},
    {"alpaquita stream", "openjpeg", "2.5.3-r0", "apk", "BELL-CVE-2025-54874"},
    {"bellsoft-hardened-containers 23", "libxml2", "2.10.4-r4", "apk", "BELL-CVE-2025-49796 2.10.4-r5"},
    {"bellsoft-hardened-containers 23", "libxml2", "2.10.3-r1", "apk", ""},
    {"echo 12", "linux-libc-dev", "0.5-1", "dpkg", "ECHO-0a7a-0942-b7cc 1", "linux"},
    {"echo 12", "linux-libc-dev", "6.1-1", "dpkg", "", "linux"},
    {"almalinux 9.3", "squid", "7:5.5-5.el9", "rpm", "ALSA-2023:7465 7:5.5-6.el9_3.2"},
    {"almalinux 9.3", "qatzip", "1.0.8-1.el9", "rpm", ""},
    {"rocky 9.1", "bcel", "6.4.1-8.el9", "rpm", "RLSA-2023:0005 0:6.4.1-9.el9_1"},
    {"rocky 9.1", "bcel", "6.4.1-9.el9_1", "rpm", ""},
    // A special interest group's build, which the ordinary one of the same fix is below.
    {"rocky 8.7", "kernel", "4.18.0-425.10.1.el8_7", "rpm", ""},
    {"mageia 9", "microcode", "0.20240910-1.mga9.nonfree", "rpm", "MGASA-2025-0124 0.20250211-2.mga9.nonfree"},
    {"mageia 9", "microcode", "0.20250211-2.mga9.nonfree", "rpm", ""},
    {"sles 12.1", "libqt4-32bit", "4.8.6-4.1", "rpm", "SUSE-SU-403 4.8.6-7.1, SUSE-SU-403 Forbidden-1 4.8.6-7.1",
     "libqt4"},
    {"sles 12.1", "libqt4", "4.8.6-7.1", "rpm", ""},
    {"debian 6.0", "libgnutls26", "2.8.6-1+squeeze3", "dpkg", "DLA-0001-1 2.8.6-1+squeeze4", "gnutls26"},
    {"debian 6.0", "libgnutls26", "2.8.6-1+squeeze4", "dpkg", "", "gnutls26"},
    // Languages and others.
    {"ecosystem Julia", "HTTP", "1.10.16", "semver", "JLSEC-2025-1 1.10.17"},
    {"ecosystem Julia", "HTTP", "1.10.17", "semver", ""},
    {"ecosystem opam", "ocaml", "4.14.2", "dpkg", "OSEC-2026-01 4.14.3 5.4.1"},
    {"ecosystem opam", "ocaml", "4.14.3", "dpkg", ""},
    {"ecosystem VSCode", "Cline-AI-Main.cline-ai-agent", "3.1.3", "semver", "MAL-2025-191157"},
    {"ecosystem Hackage", "aeson", "1.5.6.0", "hackage", "HSEC-2023-0001 2.0.1.0"},
    {"ecosystem GHC", "ghc", "9.12.1", "hackage", "HSEC-2025-0001 9.12.2"},
    {"ecosystem CRAN", "readxl", "1.0.0", "cran", "RSEC-2023-0 1.1.0"},
    {"ecosystem Hex", "pleroma", "2.5.2", "semver", "GHSA-2c28-m2m7-mf55 2.5.3"},
    {"ecosystem PyPI", "kangpy", "1.0", "pep440", "MAL-2023-8"},
    {"ecosystem PyPI", "kangpy", "1.1", "pep440", ""},
    {"ecosystem npm", "jsrsasign", "8.0.17", "npm", "GHSA-xxxq-chmp-67g4 8.0.18"},
    {"ecosystem Packagist", "microweber/microweber", "2.0.4", "composer", "GHSA-2c7x-w3mx-h7p6"},
    {"ecosystem Packagist", "microweber/microweber", "2.0.5", "composer", ""},
    {"ecosystem SwiftURL", "github.com/grpc/grpc-swift", "1.1.1", "semver", "GHSA-2jx2-qcm4-rf9h 1.2.0"},
    {"ecosystem Bitnami", "zookeeper", "3.9.1", "bitnami", "BIT-zookeeper-2024-23944 3.9.2"},
});

std::string Found(const test::RowMatcher& matcher, const Row& row) {
  constexpr std::string_view kEcosystem = "ecosystem ";
  test::RpmRow asked{.os = row.os,
                     .package = row.package,
                     .version = row.version,
                     .expected = row.expected,
                     .source = row.source,
                     .scheme = row.scheme};
  if (row.os.starts_with(kEcosystem)) asked.ecosystem = row.os.substr(kEcosystem.size());
  return matcher.Found(asked);
}

TEST(MatchingOsvSamples, AreReadWhole) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=2 "
             "--wildcards 'vuls/fetch/*/osv/testdata/fixtures/*'",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  const advisory::BuildReport& report = matcher.Report();
  EXPECT_EQ(report.documents, 71U);
  EXPECT_EQ(report.bug_fixes, 3U);  // ALBA-2022:8256, ALEA-2022:2093, a withdrawn document of Ubuntu
  // Lists of documents, and what else lies in the repository of Kubernetes' feed.
  EXPECT_EQ(report.skipped,
            (std::map<std::string, std::uint64_t>{{"", 1}, {"other JSON", 2}, {"other YAML", 2}, {"other text", 2}}));
  for (const Problem& problem : report.problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  for (const Row& row : kRows)
    EXPECT_EQ(Found(matcher, row), row.expected) << row.os << " " << row.package << " " << row.version;
}

}  // namespace
}  // namespace holdfast
