// Red Hat's own CSAF documents against packages of RHEL, UBI and CentOS. Packages without a remark are those of real
// images as `rpm -qa` lists them (ubi8 8.6, centos:8); what is expected was read from the documents by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "base/format.h"
#include "io/decompress.h"
#include "io/file.h"
#include "io/tar.h"
#include "match/matcher.h"
#include "model/source_rpm.h"
#include "service/snapshot_lookup.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

using test::Value;

struct Row {
  std::string_view distro, release;
  std::string_view name, version;
  std::string_view source;  // name, where it has the package's version, or file name; empty: as the package
  std::string_view architecture, module_label;
  std::string_view expected;  // "CVE state fixed", joined by "; "
};

// The samples of many publishers are one archive, in which Red Hat's are archives and documents.
void Extract(const std::filesystem::path& archive, std::string_view part, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const Limits limits;
  const auto file = Value(io::OpenFile(archive));
  const auto content = Value(io::OpenDecompressor(*file, limits));
  io::TarReader tar(*content, limits);
  std::size_t count = 0;
  while (const io::TarEntry* entry = Value(tar.Next())) {
    const bool wanted = entry->path.contains(part) && !entry->path.contains("repository2cpe") &&
                        (entry->path.ends_with(".json") || entry->path.ends_with(".tar.zst"));
    if (entry->type != io::TarType::kRegular || !wanted) continue;
    const std::string ending = entry->path.ends_with(".json") ? "json" : "tar.zst";
    std::ofstream out(folder / Format("{}.{}", ++count, ending), std::ios::binary);
    out << Value(tar.Content().ReadText(64ULL << 20U));
  }
}

model::ImageAnalysis Image(const Row& row) {
  model::ImageAnalysis analysis;
  analysis.distro.id = row.distro;
  analysis.distro.version_id = row.release;
  model::Package package;
  package.name = row.name;
  package.version = row.version;
  package.version_scheme = "rpm";
  package.architecture = row.architecture.empty() ? "x86_64" : row.architecture;
  package.module_label = row.module_label;
  const std::string_view source = row.source.empty() ? row.name : row.source;
  const std::string_view version = row.version.substr(row.version.find(':') + 1);
  const std::string file =
      source.ends_with(".src.rpm") ? std::string(source) : Format("{}-{}.src.rpm", source, version);
  if (const auto upstream = model::ParseSourceRpm(file)) package.upstreams = {*upstream};
  analysis.packages = {package};
  return analysis;
}

std::string Found(const Row& row, const match::AdvisoryLookup& lookup) {
  const auto result = Value(match::Match(Image(row), lookup));
  for (const Problem& problem : result.problems) ADD_FAILURE() << row.name << ": " << problem.message;
  std::vector<std::string> lines;
  for (const model::Finding& finding : result.findings) {
    std::string line = Format("{} {}", finding.id, model::FixStateName(finding.fix_state));
    for (const std::string& fixed : finding.fixed_versions) line += " " + fixed;
    lines.push_back(std::move(line));
  }
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

class Samples {
 public:
  Samples(const std::filesystem::path& shared, std::span<const std::string_view> parts) {
    for (const std::string_view part : parts)
      Extract(shared / "advisories/upstream-format-samples.tar.zst", part,
              folder_.Path() / "data" / Format("{}", ++folders_));
    report_ = Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), folder_.Path() / "data",
                                            folder_.Path() / "snapshot", {.built = "2026-01-01T00:00:00Z"}));
    snapshot_ = Value(advisory::Snapshot::Open(folder_.Path() / "snapshot"));
  }
  const advisory::BuildReport& Report() const { return report_; }
  const advisory::Snapshot& Snapshot() const { return *snapshot_; }

 private:
  test::TemporaryFolder folder_;
  int folders_ = 0;
  advisory::BuildReport report_;
  std::shared_ptr<const advisory::Snapshot> snapshot_;
};

TEST(MatchingRedHat, FindsWhatTheDocumentsSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const std::string_view parts[] = {"fetch/redhat/csaf/testdata/fixtures", "fetch/redhat/vex/v1/testdata/fixtures",
                                    "extract/redhat/csaf/testdata/fixtures/csaf",
                                    "extract/redhat/vex/v1/testdata/fixtures/vex/"};
  const Samples samples(*shared, parts);
  for (const Problem& problem : samples.Report().problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  // 10 advisories and 20 VEX documents, of which five are older or equal copies.
  EXPECT_EQ(samples.Report().documents, 30U);
  EXPECT_EQ(samples.Report().snapshot.advisories, 25U);
  const service::SnapshotLookup lookup(samples.Snapshot());
  const Row rows[] = {
      // UBI 8.6 and CentOS 8.
      {"rhel", "8.6", "libxml2", "2.9.7-13.el8", "", "", "", "CVE-2023-28484 fixed 2.9.7-16.el8_8.1"},
      {"centos", "8", "libxml2", "2.9.7-5.el8", "", "", "", "CVE-2023-28484 fixed 2.9.7-16.el8_8.1"},
      {"rhel", "8.6", "platform-python", "3.6.8-45.el8", "python3", "", "", "CVE-2024-6923 fixed 3.6.8-67.el8_10"},
      {"rhel", "8.6", "python3-libs", "3.6.8-45.el8", "python3", "", "", "CVE-2024-6923 fixed 3.6.8-67.el8_10"},
      {"rhel", "8.6", "platform-python-setuptools", "39.2.0-6.el8", "python-setuptools", "noarch", "", ""},
      {"rhel", "8.6", "openssl-libs", "1:1.1.1k-6.el8_5", "openssl", "", "", ""},  // not affected
      {"centos", "8", "openssl-libs", "1:1.1.1-8.el8", "openssl", "", "", ""},
      {"rhel", "8.6", "glibc", "2.28-189.1.el8", "", "", "", ""},
      {"rhel", "8.6", "krb5-libs", "1.18.2-14.el8", "krb5", "", "", ""},
      // Made up: the fixed build, the one before, and a backport of extended support, which the main release lacks.
      {"rhel", "8.10", "libxml2", "2.9.7-16.el8_8.1", "", "", "", ""},
      {"rhel", "8.8", "libxml2", "2.9.7-16.el8", "", "", "", "CVE-2023-28484 fixed 2.9.7-16.el8_8.1"},
      {"rhel", "8.6", "libxml2", "2.9.7-13.el8_6.4", "", "", "", ""},  // fixed in 8.6 EUS
      {"rhel", "8.6", "libxml2", "2.9.7-13.el8_6.3", "", "", "", "CVE-2023-28484 fixed 2.9.7-16.el8_8.1"},
      {"rhel", "8.7", "libxml2", "2.9.7-15.el8_7.1", "", "", "", "CVE-2023-28484 fixed 2.9.7-16.el8_8.1"},
      {"rhel", "9.4", "libxml2", "2.9.13-3.el9_2.1", "", "", "", ""},
      {"rhel", "9.4", "libxml2", "2.9.13-3.el9", "", "", "", "CVE-2023-28484 fixed 2.9.13-3.el9_2.1"},
      {"rhel", "7.9", "libxml2-python", "2.9.1-6.el7_9.6", "libxml2", "", "", "CVE-2023-28484 wont-fix"},
      {"rhel", "9.4", "openssl-libs", "1:3.0.7-25.el9_3", "openssl", "", "", "CVE-2023-6237 fixed 1:3.0.7-27.el9"},
      {"rhel", "9.4", "openssl-libs", "1:3.0.7-27.el9", "openssl", "", "", ""},
      {"rhel", "9.4", "openssl-fips-provider", "3.0.7-2.el9", "openssl-fips-provider", "", "", ""},     // not affected
      {"rhel", "9.4", "edk2-ovmf", "20231122-6.el9", "edk2", "noarch", "", "CVE-2023-6237 not-fixed"},  // by its source
      {"rhel", "8.9", "edk2-ovmf", "20220126gitbb1bba3d77-6.el8", "edk2", "noarch", "", ""},            // not affected
      {"rhel", "8.9", "libtiff", "4.0.9-29.el8_8", "", "", "", "CVE-2023-6228 fixed 4.0.9-32.el8_10"},
      {"rhel", "8.9", "compat-libtiff3", "3.9.4-13.el8", "", "", "", "CVE-2023-6228 not-fixed"},  // deferred
      {"rhel", "7.9", "libtiff", "4.0.3-35.el7", "", "", "", "CVE-2023-6228 wont-fix"},
      {"rhel", "9.3", "libtiff", "4.4.0-12.el9", "", "", "", ""},
      {"rhel", "8.9", "c-ares", "1.13.0-8.el8", "", "", "",
       "CVE-2020-22217 fixed 1.13.0-9.el8_9.1; CVE-2023-31130 fixed 1.13.0-9.el8_9.1"},
      {"rhel", "9.3", "c-ares", "1.13.0-8.el8", "", "", "", ""},  // nothing is said of 9
      // Modules: the fixed stream, another stream, the ordinary package of that name.
      {"rhel", "8.9", "redis", "6.2.7-1.module+el8.7.0+15197+cc495aeb", "", "", "redis:6:8070020220509142426:3b9f49c4",
       "CVE-2022-24834 fixed 6.2.17-1.module+el8.10.0+22680+748527fd"},
      {"rhel", "8.9", "redis", "5.0.3-5.module+el8.4.0+12927+b9845322", "", "", "redis:5:8040020211011074037:522a0ee4",
       ""},
      {"rhel", "9.4", "redis", "6.2.7-1.el9", "", "", "", "CVE-2022-24834 fixed 6.2.17-1.el9_5"},
      {"rhel", "9.4", "redis", "7.2.6-1.module+el9.5.0+22422+a49ab2d8", "", "", "redis:7:9050020241104103753:9", ""},
      // A fix for one architecture only.
      {"rhel", "9.3", "kernel-64k-core", "5.14.0-362.24.1.el9_3", "kernel", "aarch64", "",
       "CVE-2023-6240 fixed 5.14.0-427.16.1.el9_4"},
      {"rhel", "6.10", "kernel", "2.6.32-754.el6", "", "", "", "CVE-2023-6240 wont-fix"},
      {"rhel", "8.9", "samba-common", "4.17.5-3.el8", "samba", "noarch", "", ""},  // 8.8 EUS only
  };
  for (const Row& row : rows)
    EXPECT_EQ(Found(row, lookup), row.expected)
        << Format("{} {} {} {}", row.distro, row.release, row.name, row.version);
}

// The newer feed names components without architecture, and states "affected" for the minor releases before a fix.
TEST(MatchingRedHat, ReadsTheNewerFeed) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const std::string_view parts[] = {"fetch/redhat/vex/v2/testdata/fixtures",
                                    "extract/redhat/vex/v2/testdata/fixtures/vex/"};
  const Samples samples(*shared, parts);
  for (const Problem& problem : samples.Report().problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  EXPECT_EQ(samples.Report().documents, 12U);
  EXPECT_EQ(samples.Report().snapshot.advisories, 10U);
  const service::SnapshotLookup lookup(samples.Snapshot());
  const Row rows[] = {
      {"rhel", "9.3", "libtiff", "4.4.0-10.el9", "", "", "", "CVE-2023-6228 fixed 4.4.0-12.el9"},
      {"rhel", "9.3", "libtiff-devel", "4.4.0-10.el9", "libtiff", "", "", "CVE-2023-6228 fixed 4.4.0-12.el9"},
      {"rhel", "9.4", "libtiff-devel", "4.4.0-12.el9", "libtiff", "", "", ""},
      {"rhel", "8.10", "libtiff", "4.0.9-32.el8_10", "", "", "", ""},
      {"rhel", "8.10", "compat-libtiff3", "3.9.4-13.el8", "", "", "", "CVE-2023-6228 wont-fix"},
      {"rhel", "7.9", "libtiff", "4.0.3-35.el7", "", "", "", "CVE-2023-6228 wont-fix"},  // stated of ELS
      {"centos", "7", "libtiff", "4.0.3-35.el7", "", "", "", "CVE-2023-6228 wont-fix"},
      {"rhel", "8.6", "platform-python", "3.6.8-45.el8", "python3", "", "", "CVE-2024-6923 fixed 3.6.8-67.el8_10"},
      {"rhel", "8.10", "platform-python", "3.6.8-67.el8_10", "python3", "", "", ""},
      {"rhel", "10.0", "python3-libs", "3.12.5-2.el10", "python3.12", "", "", "CVE-2024-6923 not-fixed"},
      {"rhel", "9.4", "python3-libs", "3.9.18-3.el9_4.1", "python3.9", "", "", "CVE-2024-6923 fixed 3.9.18-3.el9_4.5"},
      // Binary packages with versions of their own are judged by their source's.
      {"rhel", "9.4", "dotnet-runtime-8.0", "8.0.1-1.el9_3", "dotnet8.0-8.0.101-1.el9_3.src.rpm", "", "", ""},
      {"rhel", "9.4", "dotnet-runtime-8.0", "8.0.0-2.el9_3", "dotnet8.0-8.0.100-2.el9_3.src.rpm", "", "",
       "CVE-2024-0056 fixed 8.0.101-1.el9_3"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(Found(row, lookup), row.expected)
        << Format("{} {} {} {}", row.distro, row.release, row.name, row.version);
}

}  // namespace
}  // namespace holdfast
