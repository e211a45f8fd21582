#include "catalog/rpm/rpm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <random>
#include <sstream>

#include "base/format.h"
#include "catalog/rpm/database.h"
#include "catalog/rpm/header.h"
#include "catalog/rpm/package.h"
#include "support/memory_evidence.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using test::RunCataloger;
using test::Value;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string Fixture(std::string_view name) { return test::ReadFile(std::string(HF_TESTDATA "/") + std::string(name)); }

struct Small {
  const char* fixture;
  const char* path;
};
constexpr Small kSmall[] = {
    {"small_rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite"},
    {"small_Packages.db", "usr/lib/sysimage/rpm/Packages.db"},
    {"small_Packages_1234", "var/lib/rpm/Packages"},
    {"small_Packages_4321", "usr/share/rpm/Packages"},
};

test::CollectingSink Catalog(const std::string& path, std::string content, model::Distro distro = {}) {
  return RunCataloger(*MakeRpmCataloger(), {{path, std::move(content)}}, std::move(distro));
}

// As make_expected.sh prints them, but for the keys that rpm lists as packages.
std::vector<std::string> Lines(const test::CollectingSink& sink) {
  std::vector<std::string> lines;
  for (const model::Package& package : sink.packages) {
    const std::size_t colon = package.version.find(':');
    const std::string epoch = colon == std::string::npos ? "(none)" : package.version.substr(0, colon);
    std::string version = colon == std::string::npos ? package.version : package.version.substr(colon + 1);
    version[version.rfind('-')] = ' ';
    const auto source =
        std::ranges::find(package.attributes, "rpm:source-rpm", &std::pair<std::string, std::string>::first);
    lines.push_back(Format("{} {} {} {} {} {}", package.name, epoch, version, package.architecture,
                           source == package.attributes.end() ? "(none)" : source->second,
                           package.module_label.empty() ? "(none)" : package.module_label));
  }
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> ExpectedLines(std::string_view name) {
  std::vector<std::string> lines;
  std::istringstream text(Fixture(std::string(name) + ".expected"));
  for (std::string line; std::getline(text, line);)
    if (!line.starts_with("gpg-pubkey ")) lines.push_back(line);
  std::ranges::sort(lines);
  return lines;
}

TEST(RpmCataloger, ReadsEveryFormatAsRpmDoes) {
  for (const Small& small : kSmall) {
    SCOPED_TRACE(small.fixture);
    const auto sink = Catalog(small.path, Fixture(small.fixture));
    EXPECT_EQ(Lines(sink), ExpectedLines("small"));
    EXPECT_THAT(sink.problems, IsEmpty());
  }
}

// member: unpack `member` of the tar `archive` of the shared data; through: and this one out of that.
struct Real {
  const char* expected;
  const char* archive;
  const char* member;
  const char* through = nullptr;
};
constexpr const char* kBaseLayer = "773711fd02f009e3bc5f9e2b1e859bf2103ba7318b3eb73390490afb3a3a8848.tar";
constexpr Real kReal[] = {
    {"amazonlinux_2023", "rpmdb/rpmdb.tar.zst", "rpmdb/go-rpmdb/amazonlinux2023-plain/rpmdb.sqlite"},
    {"mariner_2", "rpmdb/rpmdb.tar.zst", "rpmdb/go-rpmdb/cbl-mariner-2.0/rpmdb.sqlite"},
    {"sle_15", "rpmdb/rpmdb.tar.zst", "rpmdb/go-rpmdb/sle15-bci/Packages.db"},
    {"libuuid", "rpmdb/rpmdb.tar.zst", "rpmdb/go-rpmdb/libuuid/Packages"},
    {"osquery_bdb", "rpmdb/rpmdb.tar.zst", "rpmdb/osquery/rpm-bdb/Packages"},
    {"osquery_ndb", "rpmdb/rpmdb.tar.zst", "rpmdb/osquery/rpm-ndb/Packages.db"},
    {"osquery_sqlite", "rpmdb/rpmdb.tar.zst", "rpmdb/osquery/rpm-sqlite/rpmdb.sqlite"},
    {"almalinux_8_s390x", "images/almalinux-8.9-micro-s390x.tar.xz", "var/lib/rpm/Packages"},
    {"almalinux_9_aarch64", "images/almalinux-9.3-micro-aarch64.tar.xz", "var/lib/rpm/rpmdb.sqlite"},
    {"centos_8", "images/centos-8-rpmdb.tar.gz", "./var/lib/rpm/Packages", kBaseLayer},
    {"ubi_8", "images/ubi-8.6-emptied.tar.gz", "./var/lib/rpm/Packages", kBaseLayer},
};

TEST(RpmCataloger, ReadsRealDatabasesAsRpmDoes) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  for (const Real& real : kReal) {
    SCOPED_TRACE(real.expected);
    const std::string archive = (*shared / real.archive).string();
    const std::string command =
        real.through == nullptr ? Format("tar -xOf '{}' '{}'", archive, real.member)
                                : Format("tar -xOf '{}' '{}' | tar -xOf - '{}'", archive, real.through, real.member);
    const std::string path = "var/lib/rpm/" + std::filesystem::path(real.member).filename().string();
    const auto sink = Catalog(path, test::RunCommand(command));
    EXPECT_EQ(Lines(sink), ExpectedLines(real.expected));
    EXPECT_THAT(sink.problems, IsEmpty()) << sink.problems.front().message;
  }
}

TEST(RpmCataloger, TellsEverythingThatTheHeaderSays) {
  model::Distro distro;
  distro.id = "rhel";
  distro.version_id = "9.3";
  const auto sink = Catalog("mnt/var/lib/rpm/rpmdb.sqlite", Fixture("small_rpmdb.sqlite"), distro);
  const model::Package& one = sink.Only("holdfast-one");
  EXPECT_EQ(one.version, "2:1.2.3-1.el9");
  EXPECT_EQ(one.type, "rpm");
  EXPECT_EQ(one.version_scheme, "rpm");
  EXPECT_EQ(one.architecture, "noarch");
  EXPECT_EQ(one.supplier, "Holdfast");
  EXPECT_EQ(one.homepage, "https://example.org/holdfast-one");
  EXPECT_THAT(one.licenses, ElementsAre(model::License{"MIT", ""}));
  EXPECT_THAT(one.upstreams, ElementsAre(model::Upstream{"holdfast-one", ""}));
  EXPECT_THAT(one.depends, ElementsAre("/usr/share/holdfast-two/a_file_with_a_long_name_1", "holdfast-two"));
  EXPECT_EQ(one.purl.name_space, "redhat");
  EXPECT_EQ(one.purl.version, "1.2.3-1.el9");
  EXPECT_EQ(one.purl.Qualifier("epoch"), "2");
  EXPECT_EQ(one.purl.Qualifier("upstream"), "holdfast-one-1.2.3-1.el9.src.rpm");
  EXPECT_THAT(one.locations, ElementsAre(model::Location{"mnt/var/lib/rpm/rpmdb.sqlite", 0, true}));
  ASSERT_THAT(one.files, SizeIs(3));
  EXPECT_EQ(one.files[0].path, "mnt/usr/share/holdfast-one/a_file_with_a_long_name_1");
  EXPECT_EQ(one.files[0].algorithm, "sha256");
  // echo "holdfast-one 1" | sha256sum
  EXPECT_EQ(one.files[0].digest, "04ab9d29dca271cad318ef7c55d8f04e0f2e275dff0bc8864b33a54625eca2fa");

  const model::Package& two = sink.Only("holdfast-two");
  EXPECT_EQ(two.module_label, "sample:1:1:abc");
  EXPECT_EQ(two.purl.Qualifier("rpmmod"), "sample:1:1:abc");
  EXPECT_THAT(two.provides, Contains("virtual(two)"));
  EXPECT_THAT(two.files, SizeIs(60));
}

TEST(RpmCataloger, OffersFilesThatOthersNeed) {
  const auto sink = Catalog("var/lib/rpm/rpmdb.sqlite", Fixture("small_rpmdb.sqlite"));
  EXPECT_THAT(sink.Only("holdfast-two").provides, Contains("/usr/share/holdfast-two/a_file_with_a_long_name_1"));
}

TEST(RpmCataloger, PrefersTheNewestFormatOfAFolder) {
  const auto sink = RunCataloger(*MakeRpmCataloger(), {{"var/lib/rpm/rpmdb.sqlite", Fixture("small_rpmdb.sqlite")},
                                                       {"var/lib/rpm/Packages", "not looked at"}});
  EXPECT_THAT(sink.packages, SizeIs(2));
  EXPECT_THAT(sink.problems, IsEmpty());
}

TEST(RpmCataloger, FallsBackToAnOlderFormatAndSaysSo) {
  const auto sink = RunCataloger(*MakeRpmCataloger(), {{"var/lib/rpm/rpmdb.sqlite", "no database"},
                                                       {"var/lib/rpm/Packages", Fixture("small_Packages_4321")}});
  EXPECT_THAT(sink.packages, SizeIs(2));
  ASSERT_THAT(sink.problems, SizeIs(1));
  EXPECT_EQ(sink.problems[0].path, "var/lib/rpm/rpmdb.sqlite");
}

TEST(RpmCataloger, ReportsTheSameDatabaseInTwoPlacesOnce) {
  const auto sink =
      RunCataloger(*MakeRpmCataloger(), {{"usr/share/rpm/rpmdb.sqlite", Fixture("small_rpmdb.sqlite")},
                                         {"usr/lib/sysimage/rpm/rpmdb.sqlite", Fixture("small_rpmdb.sqlite")}});
  EXPECT_THAT(sink.packages, SizeIs(2));
}

TEST(RpmCataloger, ClaimsOnlyDatabases) {
  for (const char* path : {"var/lib/rpm/Name", "var/lib/rpm/Packages.old", "home/Packages", "usr/share/doc/Packages.db",
                           "var/lib/rpmmanifest/container-manifest-1"})
    EXPECT_THAT(Catalog(path, Fixture("small_rpmdb.sqlite")).packages, IsEmpty()) << path;
}

TEST(RpmCataloger, ReadsManifestsOfDistrolessImages) {
  const auto sink = Catalog(
      "var/lib/rpmmanifest/container-manifest-2",
      "glibc\t2.35-2.cm2\t1653816591\t1653753130\tMicrosoft Corporation\t(none)\t10855265\tx86_64\t0\t"
      "glibc-2.35-2.cm2.src.rpm\n"
      "broken\t1-1\n"
      "openssl-libs\t1.1.1k-15.cm2\t1\t2\tMicrosoft Corporation\t1\t3\tx86_64\t1\topenssl-1.1.1k-15.cm2.src.rpm\n");
  EXPECT_THAT(Lines(sink), ElementsAre("glibc (none) 2.35 2.cm2 x86_64 glibc-2.35-2.cm2.src.rpm (none)",
                                       "openssl-libs 1 1.1.1k 15.cm2 x86_64 openssl-1.1.1k-15.cm2.src.rpm (none)"));
  EXPECT_EQ(sink.Only("openssl-libs").upstreams[0].name, "openssl");
  EXPECT_EQ(sink.Only("glibc").supplier, "Microsoft Corporation");
  ASSERT_THAT(sink.problems, SizeIs(1));
  EXPECT_THAT(sink.problems[0].message, HasSubstr("broken"));
}

TEST(RpmCataloger, KeepsTheOtherPackagesWhenOneIsDamaged) {
  for (const Small& small : kSmall) {
    SCOPED_TRACE(small.fixture);
    std::string content = Fixture(small.fixture);
    // The number of tags stands before the first tag, the region; the region's end repeats it with a negative offset.
    const std::size_t header = content.find(std::string("\0\0\0\x3f\0\0\0\x07\0", 9));
    ASSERT_NE(header, std::string::npos);
    content[header - 8] = '\x7f';
    const auto sink = Catalog(small.path, content);
    EXPECT_THAT(sink.packages, SizeIs(1));
    EXPECT_THAT(sink.problems, Contains(testing::Field(&Problem::message, HasSubstr("impossible number of tags"))));
  }
}

TEST(RpmCataloger, SurvivesTruncationAnywhere) {
  for (const Small& small : kSmall) {
    const std::string whole = Fixture(small.fixture);
    for (std::size_t i = 0; i < 1000; ++i) {
      const std::string cut = whole.substr(0, whole.size() * i / 1000);
      const auto sink = Catalog(small.path, cut);
      EXPECT_LE(sink.packages.size(), 2U);
      if (sink.packages.empty()) {
        EXPECT_THAT(sink.problems, Not(IsEmpty())) << small.fixture << " cut to " << cut.size();
      }
    }
  }
}

TEST(RpmCataloger, SurvivesFlippedBytes) {
  for (const Small& small : kSmall) {
    const std::string whole = Fixture(small.fixture);
    std::mt19937 random(4711);
    for (std::size_t i = 0; i < 10'000; ++i) {
      std::string damaged = whole;
      for (std::size_t flips = 1 + random() % 4; flips > 0; --flips)
        damaged[random() % damaged.size()] = static_cast<char>(random());
      // Structures are at the start of pages: half of the flips go there.
      if (random() % 2 == 0)
        damaged[random() % (damaged.size() / 512) * 512 + random() % 32] = static_cast<char>(random());
      for (const model::Package& package : Catalog(small.path, damaged).packages) {
        ASSERT_FALSE(package.name.empty());
        ASSERT_LE(package.files.size(), 100U);
      }
    }
  }
}

class Counter final : public RpmHeaderSink {
 public:
  bool Add(Bytes header) override {
    bytes += header.size();
    ++headers;
    return true;
  }
  void Problem(const Error& error) override { problems.push_back(error.Message()); }

  std::size_t headers = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> problems;
};

std::string Big32(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xffU);
  return bytes;
}

// Writes `bytes` at `offset`.
void Put(std::string& into, std::size_t offset, std::string_view bytes) { into.replace(offset, bytes.size(), bytes); }

TEST(RpmBerkeley, ReportsPagesOfNoType) {
  for (const std::size_t small : {2U, 3U}) {
    std::string content = Fixture(kSmall[small].fixture);
    constexpr std::size_t kPageBytes = 512, kTypeAt = 25;
    for (std::size_t page = kPageBytes; page < content.size(); page += kPageBytes)
      if (content[page + kTypeAt] == 13) content[page + kTypeAt] = static_cast<char>(0x84);
    const auto sink = Catalog(kSmall[small].path, content);
    EXPECT_THAT(sink.packages, IsEmpty());
    EXPECT_THAT(sink.problems, Contains(testing::Field(&Problem::message, HasSubstr("an impossible type, 132"))));
  }
}

TEST(RpmSqlite, EndsWhenPagesLinkInACircle) {
  std::string content = Fixture("small_rpmdb.sqlite");
  // Page 2, the root of Packages, becomes an interior page whose children are itself and page 1.
  const std::size_t page_bytes = 512;
  Put(content, page_bytes, std::string("\x05\0\0\0\1\1\0\0", 8) + Big32(2) + std::string("\1\0", 2));
  Put(content, page_bytes + 0x100, Big32(1));
  const io::MemoryRandomSource source(AsBytes(content));
  Counter counter;
  ASSERT_TRUE(ReadRpmSqlite(source, nullptr, counter));
  EXPECT_EQ(counter.headers, 0U);
  EXPECT_THAT(counter.problems, Contains(HasSubstr("two links to page 2")));
  EXPECT_THAT(counter.problems, Contains(HasSubstr("two links to page 1")));
}

TEST(RpmSqlite, AppliesACommittedLogAndIgnoresADamagedOne) {
  const std::string database = Fixture("small_rpmdb.sqlite");
  std::string log = Fixture("small_rpmdb.sqlite-wal");
  const auto names = [&] {
    return RunCataloger(*MakeRpmCataloger(),
                        {{"var/lib/rpm/rpmdb.sqlite", database}, {"var/lib/rpm/rpmdb.sqlite-wal", log}})
        .packages.size();
  };
  EXPECT_EQ(names(), 1U);
  log.back() = static_cast<char>(log.back() ^ 1);  // the checksum of the last frame, which commits, fails
  EXPECT_EQ(names(), 2U);
  log.clear();
  EXPECT_EQ(names(), 2U);
}

TEST(RpmHeader, LeavesOutTagsThatPointOutside) {
  const std::string data(
      "name\0"
      "1\0",
      7);
  const std::string bytes = Big32(4) + Big32(7) +                                     //
                            Big32(1000) + Big32(6) + Big32(0) + Big32(1) +            //
                            Big32(1001) + Big32(6) + Big32(5) + Big32(1) +            //
                            Big32(1002) + Big32(6) + Big32(7) + Big32(1) +            // after the end
                            Big32(1003) + Big32(4) + Big32(0) + Big32(0x4000'0000) +  // count × 4 wraps around 32 bits
                            data;
  const RpmHeader header = Value(RpmHeader::Parse(AsBytes(bytes)));
  EXPECT_EQ(header.Text(RpmTag::kName), "name");
  EXPECT_EQ(header.Text(RpmTag::kVersion), "1");
  EXPECT_EQ(header.Text(RpmTag::kRelease), "");
  EXPECT_EQ(header.Number(RpmTag::kEpoch), std::nullopt);
  EXPECT_EQ(header.BadTags(), 2U);
}

TEST(RpmHeader, ALaterTagReplacesAnEarlierOne) {
  const std::string bytes = Big32(2) + Big32(4) + Big32(1000) + Big32(6) + Big32(0) + Big32(1) + Big32(1000) +
                            Big32(6) + Big32(2) + Big32(1) + std::string("a\0b\0", 4);
  EXPECT_EQ(Value(RpmHeader::Parse(AsBytes(bytes))).Text(RpmTag::kName), "b");
}

TEST(RpmHeader, RefusesImpossibleCounts) {
  for (const std::string& bytes :
       {std::string(), Big32(1), Big32(0) + Big32(0), Big32(0xffff'ffff) + Big32(0), Big32(1) + Big32(0),
        Big32(0x1000'0001) + Big32(16) + std::string(32, '\0'), Big32(1) + Big32(0xffff'ffff) + std::string(16, '\0')})
    test::ExpectError(RpmHeader::Parse(AsBytes(bytes)), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace holdfast::catalog
