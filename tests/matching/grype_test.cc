// A database made as Grype's builder makes it (tests/support/make_grype_database.py), and what it says of packages.
// What is expected follows from what the script puts in.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "advisory/grype/blob.h"
#include "advisory/grype/database.h"
#include "advisory/grype/grype.h"
#include "support/advisory_sink.h"
#include "support/matching_rows.h"
#include "support/peak_memory.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

using test::RpmRow;

std::filesystem::path MakeDatabase(const std::filesystem::path& path, std::string_view options = "") {
  std::filesystem::create_directories(path.parent_path());
  test::RunCommand(
      Format("/usr/bin/python3 {}/tests/support/make_grype_database.py {} {}", HF_SOURCE_DIR, path.string(), options));
  return path;
}

constexpr std::string_view kDeb = "dpkg", kApk = "apk";

constexpr auto kRows = std::to_array<RpmRow>({
    // Debian: two records of one vulnerability, by release; will not be fixed; never affected in one release.
    {"debian 12", "libssl3", "3.0.10-1", "DEBIAN-CVE-2024-0001 3.0.11-1, DEBIAN-CVE-2024-0002", "openssl", "amd64", "",
     kDeb},
    {"debian 12", "libssl3", "3.0.11-1", "DEBIAN-CVE-2024-0002", "openssl", "amd64", "", kDeb},
    {"debian 11", "libssl3", "1.1.1m-1", "DEBIAN-CVE-2024-0001, DEBIAN-CVE-2024-0003 1.1.1n-1", "openssl", "amd64", "",
     kDeb},
    {"debian 12", "zlib1g", "1:1.2.13-1", "DEBIAN-CVE-2024-0005 1:1.2.13-2", "zlib", "amd64", "", kDeb},
    {"debian 10", "libssl3", "1.0", "", "openssl", "amd64", "", kDeb},
    // Ubuntu: what only subscribers get; what everybody gets counts for more.
    {"ubuntu 22.04", "varnish", "6.6.1-1ubuntu0.2", "UBUNTU-CVE-2024-0004 6.6.1-1ubuntu0.2+esm1", "", "amd64", "",
     kDeb},
    {"ubuntu 22.04", "varnish", "6.6.1-1ubuntu0.2+esm1", "", "", "amd64", "", kDeb},
    {"ubuntu 22.04", "varnish", "6.6.1-1",
     "UBUNTU-CVE-2024-0004 6.6.1-1ubuntu0.2+esm1, UBUNTU-CVE-2024-0006 6.6.1-1ubuntu0.1", "", "amd64", "", kDeb},
    {"ubuntu 18.04", "varnish", "5.2.1-1", "UBUNTU-CVE-2024-0004 5.2.1-1ubuntu0.1+esm1", "", "amd64", "", kDeb},
    // Red Hat: the whole release's row; without one the highest minor release's; extended support is not the release.
    {"rhel 9.4", "bash", "5.0-5.el9_4", "REDHAT-CVE-2024-0010 0:5.0-9.el9"},
    {"rhel 9.4", "bash", "5.0-9.el9", ""},
    {"centos 9", "bash", "5.0-8.el9", "REDHAT-CVE-2024-0010 0:5.0-9.el9"},
    {"rhel 8.4", "bash", "4.4-9.el8", "REDHAT-CVE-2024-0011 0:4.4-10.el8_10"},
    {"rhel 8.4", "bash", "4.4-10.el8_10", ""},
    // Modules; what another stream says is not of this one.
    {"rhel 9.4", "nodejs", "1:18.20.2-1.module+el9.4.0+1", "REDHAT-CVE-2024-0012 1:18.20.4-1.module+el9.4.0+1", "",
     "x86_64", "nodejs:18:90:ab"},
    {"rhel 9.4", "nodejs", "1:20.1.0-1.module+el9.4.0+1", "", "", "x86_64", "nodejs:20:90:ab"},
    {"rhel 9.4", "nodejs", "1:16.20.2-1.el9", ""},
    // Architectures: of a source; of any binary; of one machine; not stated.
    {"rhel 9.4", "glibc-common", "2.34-60.el9", "REDHAT-CVE-2024-0013 0:2.34-100.el9", "glibc"},
    {"rhel 9.4", "curl", "7.76-20.el9", "REDHAT-CVE-2024-0013 0:7.76-30.el9"},
    {"rhel 9.4", "libcurl", "7.76-20.el9", "", "curl"},
    {"rhel 9.4", "zlib", "1.2-20.el9", ""},
    {"rhel 9.4", "zlib", "1.2-20.el9", "REDHAT-CVE-2024-0013 0:1.2-30.el9", "", "aarch64"},
    {"rhel 9.4", "expat", "2.5-1.el9", "REDHAT-CVE-2024-0013 0:2.5-2.el9"},
    {"rhel 9.4", "libexpat", "2.5-1.el9", "REDHAT-CVE-2024-0013 0:2.5-2.el9", "expat"},
    // Other distributions.
    {"alpine 3.20.1", "libssl3", "3.3.0-r1", "ALPINE-CVE-2024-0020 3.3.1-r0", "openssl", "x86_64", "", kApk},
    {"alpine 3.20.1", "libssl3", "3.3.1-r0", "", "openssl", "x86_64", "", kApk},
    {"alpine 3.21_alpha2", "libssl3", "3.3.1-r0", "ALPINE-CVE-2024-0020 3.4.0-r0", "openssl", "x86_64", "", kApk},
    {"wolfi 20230201", "libssl3", "3.3.2-r0", "WOLFI-CVE-2024-0022 3.3.2-r1", "openssl", "x86_64", "", kApk},
    {"amzn 2023", "curl", "8.4.0-1.amzn2023", "ALAS2023-2024-001 8.5.0-1.amzn2023.0.1"},
    {"ol 8.9", "curl", "7.61.1-33.el8", "ELSA-2024-1234 7.61.1-34.el8"},
    {"sles 15.5", "curl", "8.0.1-1", "SUSE-CVE-2024-0031 8.0.1-150400.5.41.1"},
    {"mariner 2.0", "curl", "8.7.0-1.cm2", "MARINER-CVE-2024-0032 8.8.0-1.cm2"},
    {"azurelinux 3.0", "curl", "8.7.0-1.azl3", "MARINER-CVE-2024-0033 8.8.0-2.azl3"},
    {"photon 5.0", "curl", "8.1.2-9.ph5", "PHOTON-CVE-2024-0034 8.1.2-10.ph5"},
    {"fedora 40", "curl", "8.6.0-6.fc40", "FEDORA-2024-0123456789 8.6.0-7.fc40"},
    {"arch rolling", "curl", "8.4.0-1", "AVG-2900 8.5.0-1", "", "x86_64", "", "pacman"},
    // AlmaLinux's errata say from which version on there is nothing.
    {"almalinux 9.4", "curl", "7.76.1-28.el9", "ALSA-2024:0001 7.76.1-29.el9_4"},
    {"almalinux 9.4", "curl", "7.76.1-29.el9_4", ""},
});

struct LanguageRow {
  std::string_view ecosystem, package, version, expected, scheme;
};
constexpr auto kLanguageRows = std::to_array<LanguageRow>({
    {"npm", "left-pad", "1.1.0", "GHSA-aaaa-bbbb-0001 1.2.3 2.0.1", "npm"},
    {"npm", "left-pad", "1.2.3", "", "npm"},
    {"npm", "left-pad", "2.0.0", "GHSA-aaaa-bbbb-0001 2.0.1", "npm"},
    {"PyPI", "zope-interface", "4.9", "GHSA-aaaa-bbbb-0002 5.0", "pep440"},
    {"PyPI", "zope-interface", "6.0", "GHSA-aaaa-bbbb-0002", "pep440"},
    {"PyPI", "zope-interface", "5.5", "", "pep440"},
    {"Maven", "org.acme:core", "1.0", "", "maven"},
    {"Maven", "org.acme:core", "1.0.1", "GHSA-aaaa-bbbb-0003 1.6", "maven"},
    {"Maven", "org.acme:core", "1.6", "", "maven"},
    {"RubyGems", "rack", "2.2.8", "GHSA-aaaa-bbbb-0004", "gem"},
    {"RubyGems", "rack", "2.2.9", "", "gem"},
    {"crates.io", "time", "0.3.1", "GHSA-aaaa-bbbb-0005", "semver"},
    {"crates.io", "time", "0.3.0", "", "semver"},
    {"NuGet", "newtonsoft.json", "12.0.3", "GHSA-aaaa-bbbb-0006 13.0.1", "nuget"},
    {"Packagist", "symfony/httpkernel", "5.3.0", "GHSA-aaaa-bbbb-0007 5.4.20", "composer"},
    {"npm", "withdrawn", "1.0.0", "", "npm"},
    {"npm", "broken", "0.1.0", "", "npm"},
    {"Go", "golang.org/x/net", "v0.22.0", "GO-2024-0001 0.23.0", "go"},
    {"Go", "golang.org/x/net", "v0.23.0", "", "go"},
    {"PyPI", "requests", "1.0", "", "pep440"},  // patched by Root.io
    // By CPE name; the rejected CVE holds for no version.
    {"CPE", "acme:web+server", "1.4.1", "NVD-CVE-2024-2001 1.4.2", "calver"},
    {"CPE", "acme:web+server", "1.4.2", "", "calver"},
    {"CPE", "acme:web+server", "2.0-rc1", "NVD-CVE-2024-2001", "calver"},
    {"CPE", "acme:plugin", "3.0", "", "calver"},
    {"CPE", "acme:plugin", "3.1", "NVD-CVE-2024-2001", "calver"},
    {"CPE", "acme:other", "1.0", "", "calver"},
    {"CPE", "acme:router", "1.1", "", "calver"},
});

void ExpectRows(const test::RowMatcher& matcher) {
  for (const RpmRow& row : kRows)
    EXPECT_EQ(matcher.Found(row), row.expected) << row.os << " " << row.package << " " << row.version;
  for (const LanguageRow& row : kLanguageRows)
    EXPECT_EQ(matcher.Found({.os = "debian 12",
                             .package = row.package,
                             .version = row.version,
                             .expected = "",
                             .scheme = row.scheme,
                             .ecosystem = row.ecosystem}),
              row.expected)
        << row.ecosystem << " " << row.package << " " << row.version;
}

TEST(MatchingGrype, FindsWhatTheDatabaseSays) {
  const test::TemporaryFolder folder;
  MakeDatabase(folder.Path() / "grype" / "vulnerability.db");
  const test::RowMatcher matcher(folder.Path());
  EXPECT_EQ(matcher.Report().documents, 1U);
  EXPECT_TRUE(matcher.Report().skipped.empty());
  ExpectRows(matcher);
  EXPECT_EQ(
      matcher.Search({.os = "debian 12", .package = "openssl", .version = "3.0.11-1", .expected = "", .scheme = "dpkg"})
          .hits.at(0)
          .fix_state,
      model::FixState::kWontFix);
  EXPECT_EQ(matcher
                .Search({.os = "ubuntu 22.04",
                         .package = "varnish",
                         .version = "6.6.1-1ubuntu0.2",
                         .expected = "",
                         .scheme = "dpkg"})
                .hits.at(0)
                .fix_state,
            model::FixState::kWontFix);
  // Denials: never affected; Alpine's "below 0".
  EXPECT_EQ(
      matcher.Search({.os = "debian 12", .package = "openssl", .version = "3.0.11-1", .expected = "", .scheme = "dpkg"})
          .denials.at(0)
          .advisory_id,
      "DEBIAN-CVE-2024-0003");
  EXPECT_EQ(
      matcher
          .Search({.os = "alpine 3.20.0", .package = "openssl", .version = "3.3.1-r0", .expected = "", .scheme = "apk"})
          .denials.at(0)
          .advisory_id,
      "ALPINE-CVE-2024-0021");
}

// What Debian itself says of a vulnerability today takes the place of the copy, under the same id.
TEST(MatchingGrype, ThePublishersOwnDocumentsCountForMore) {
  const test::TemporaryFolder folder;
  MakeDatabase(folder.Path() / "grype" / "vulnerability.db");
  test::WriteFile(folder.Path() / "debian" / "tracker.json", R"({"openssl": {"CVE-2024-0001": {"description": "Known.",
      "releases": {"bookworm": {"status": "resolved", "repositories": {"bookworm": "3.0.12-1"},
      "fixed_version": "3.0.12-1", "urgency": "high"}}}}})");
  const test::RowMatcher matcher(folder.Path());
  EXPECT_EQ(matcher.Report().documents, 2U);
  EXPECT_EQ(matcher.Found({"debian 12", "libssl3", "3.0.10-1", "", "openssl", "amd64", "", kDeb}),
            "DEBIAN-CVE-2024-0001 3.0.12-1, DEBIAN-CVE-2024-0002");
  EXPECT_EQ(matcher.Found({"debian 11", "libssl3", "1.1.1m-1", "", "openssl", "amd64", "", kDeb}),
            "DEBIAN-CVE-2024-0003 1.1.1n-1");
}

TEST(MatchingGrype, TheSameFromAnyPacking) {
  const test::TemporaryFolder made, folder;
  const auto database = MakeDatabase(made.Path() / "vulnerability.db");
  for (const std::string_view name : {"v6.tar.zst", "v6.tar.xz", "v6.tar.gz", "vulnerability.db.zst"}) {
    const auto data = folder.Path() / name;
    std::filesystem::create_directories(data);
    const std::string target = (data / name).string();
    test::RunCommand(name.starts_with("v6") ? Format("tar -C {} -caf {} vulnerability.db", made.Path().string(), target)
                                            : Format("zstd -q {} -o {}", database.string(), target));
    const test::RowMatcher matcher(data);
    EXPECT_EQ(matcher.Report().documents, 1U) << name;
    EXPECT_EQ(matcher.Found(kRows[0]), kRows[0].expected) << name;
  }
}

class Recorded {
 public:
  explicit Recorded(const std::filesystem::path& path) {
    const auto provider = advisory::MakeGrypeProvider();
    const advisory::Document document{.name = "vulnerability.db",
                                      .source = "grype",
                                      .notation = advisory::Notation::kSqlite,
                                      .text = {},
                                      .root = {},
                                      .path = path};
    recognised = provider->Recognises(document);
    result = provider->Read(document, sink);
  }
  const model::Advisory& Get(std::string_view id) const {
    const auto found = std::ranges::find(sink.advisories, id, &model::Advisory::id);
    if (found == sink.advisories.end()) throw std::runtime_error(std::string(id));
    return *found;
  }
  bool recognised = false;
  Result<void> result;
  test::AdvisoryRecorder sink;
};

TEST(MatchingGrype, GivesAdvisoriesFactsAndLives) {
  const test::TemporaryFolder folder;
  const Recorded read(MakeDatabase(folder.Path() / "vulnerability.db"));
  ASSERT_TRUE(read.result) << read.result.error().Message();
  EXPECT_TRUE(read.recognised);
  const model::Advisory& debian = read.Get("DEBIAN-CVE-2024-0001");
  EXPECT_EQ(debian.related, std::vector<std::string>{"CVE-2024-0001"});
  EXPECT_EQ(debian.severity, model::Severity::kHigh);
  EXPECT_EQ(debian.published, "2024-01-02T03:04:05Z");
  EXPECT_EQ(debian.modified, "2024-02-03T04:05:06Z");
  EXPECT_EQ(debian.source, "grype:debian");
  EXPECT_EQ(debian.details, "What CVE-2024-0001 is.");
  EXPECT_EQ(debian.references, (std::vector<model::Reference>{{"ADVISORY", "https://example.org/CVE-2024-0001"}}));
  EXPECT_EQ(read.Get("DEBIAN-CVE-2024-0005").modified, "2026-07-01T00:12:13Z");
  const model::Advisory& redhat = read.Get("REDHAT-CVE-2024-0010");
  EXPECT_EQ(redhat.severity, model::Severity::kMedium);
  EXPECT_EQ(redhat.cvss.at(0).source, "nvd");
  // Of the twelve rows of release 9 one is kept, for binary and source packages, and that of the extended support.
  EXPECT_EQ(redhat.affected.size(), 4U);
  EXPECT_EQ(redhat.affected.back().release, "rhel_eus:9.2");
  EXPECT_EQ(read.Get("ALAS2023-2024-001").related, std::vector<std::string>{"CVE-2024-0030"});
  EXPECT_EQ(read.Get("GHSA-aaaa-bbbb-0001").aliases, std::vector<std::string>{"CVE-2024-1001"});
  EXPECT_EQ(read.Get("GHSA-aaaa-bbbb-0008").withdrawn, "2024-03-04T00:00:00Z");
  EXPECT_EQ(read.Get("GO-2024-0001").affected.at(0).symbols,
            (std::vector<std::string>{"golang.org/x/net/http2.Server.ServeConn", "golang.org/x/net/html"}));
  const model::Advisory& nvd = read.Get("NVD-CVE-2024-2001");
  EXPECT_EQ(nvd.aliases, std::vector<std::string>{"CVE-2024-2001"});
  EXPECT_EQ(nvd.severity, model::Severity::kCritical);
  const auto server = std::ranges::find(nvd.affected, "acme:web+server", &model::Affected::package);
  ASSERT_NE(server, nvd.affected.end());
  EXPECT_EQ(server->platforms, (std::vector<std::string>{"linux:linux_kernel", "microsoft:windows"}));
  EXPECT_EQ(std::ranges::find(nvd.affected, "acme:plugin", &model::Affected::package)->target_software, "wordpress");

  std::string facts;
  for (const model::VulnerabilityFacts& one : read.sink.vulnerabilities) {
    facts += Format("{} {}:", one.id, one.source);
    for (const std::string& cwe : one.cwes) facts += Format(" {}", cwe);
    if (one.rejected) facts += " rejected";
    if (one.epss) facts += Format(" {} {}", one.epss->probability, one.modified);
    if (one.known_exploited) facts += Format(" {} {}", one.known_exploited->added, one.known_exploited->ransomware);
    facts += "\n";
  }
  EXPECT_EQ(facts,
            "CVE-2024-2001 nvd: CWE-79 CWE-20\nCVE-2024-2002 nvd: rejected\nCVE-2020-0001 nvd: CWE-787\n"
            "CVE-2024-2001 epss: 0.91234 2026-06-30T00:00:00Z\nCVE-2024-2001 kev: CWE-79 2024-05-30 true\n");
  std::string lives;
  for (const model::ReleaseLife& life : read.sink.lives)
    lives +=
        Format("{} {} {} {} {}\n", life.distro_id, life.release, life.codename, life.active_end, life.security_end);
  EXPECT_EQ(lives, "debian 12 bookworm 2026-06-10 2028-06-30\nrhel 9   2032-05-31\n");
  std::string problems;
  for (const std::string& problem : read.sink.problems) problems += problem + "\n";
  EXPECT_EQ(problems,
            "unsupported: \"hummingbird\": no ecosystem stands for it; rows: 1\n"
            "unsupported: \"wordpress-plugin\": no ecosystem stands for it; rows: 1\n"
            "corrupt: rows that refer to what is not there: 4\n"
            "corrupt: REDHAT-CVE-2024-0099: a row refers to what is not there\n"
            "corrupt: GHSA-aaaa-bbbb-0010: \"nonsense\" is no version of npm\n"
            "unsupported: rows about packages that Root.io patched: 1\n"
            "corrupt: scores of EPSS that are none: 1\n"
            "corrupt: a known exploited vulnerability without a CVE or a day\n");
}

TEST(MatchingGrype, EarlierRevisionsLackColumnsAndTables) {
  const test::TemporaryFolder folder;
  MakeDatabase(folder.Path() / "grype" / "vulnerability.db", "--early");
  const test::RowMatcher matcher(folder.Path());
  EXPECT_EQ(matcher.Found(kRows[0]), kRows[0].expected);
  // Without channels what was for subscribers cannot be told from the rest.
  EXPECT_EQ(matcher.Report().snapshot.vulnerabilities, 2U);
}

TEST(MatchingGrype, OtherModelsAreAnError) {
  const test::TemporaryFolder folder;
  const Recorded seventh(MakeDatabase(folder.Path() / "7.db", "--model 7"));
  EXPECT_TRUE(seventh.recognised);
  test::ExpectError(seventh.result, ErrorKind::kUnsupported, "model 7");
  const Recorded fifth(MakeDatabase(folder.Path() / "5.db", "--model 5"));
  EXPECT_TRUE(fifth.recognised);
  test::ExpectError(fifth.result, ErrorKind::kUnsupported, "before 6");
  test::WriteFile(folder.Path() / "other.db", std::string("SQLite format 3\0, not really", 28));
  EXPECT_FALSE(Recorded(folder.Path() / "other.db").recognised);
}

// Each bit of the file matters to somebody: what is read is read, or an error or a problem; nothing hangs or crashes.
TEST(MatchingGrype, DamageIsSurvived) {
  const test::TemporaryFolder folder;
  const std::string whole = test::ReadFile(MakeDatabase(folder.Path() / "vulnerability.db"));
  const auto damaged = folder.Path() / "damaged.db";
  const std::size_t all = Recorded(folder.Path() / "vulnerability.db").sink.advisories.size();
  ASSERT_GT(all, 30U);
  std::size_t failed = 0, less = 0;
  for (std::size_t i = 0; i < 120; ++i) {
    std::string bytes = whole;
    if (i % 3 == 0) {
      bytes.resize(whole.size() * i / 120);
    } else {
      for (std::size_t j = 0; j < 8; ++j) {
        const std::size_t at = (i * 104'729 + j * 15'485'863) % whole.size();
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << (i % 8)));
      }
    }
    test::WriteFile(damaged, bytes);
    const Recorded read(damaged);
    failed += read.result ? 0U : 1U;
    less += read.sink.advisories.size() < all ? 1U : 0U;
    EXPECT_LE(read.sink.advisories.size(), all + 8);
  }
  EXPECT_GE(failed, 35U);
  EXPECT_GE(less, failed);
}

void Execute(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
  sqlite3_close(database);
}

TEST(MatchingGrype, HostileDatabasesEnd) {
  const test::TemporaryFolder folder;
  const auto path = folder.Path() / "vulnerability.db";
  // Blobs without an index: each look-up would read all of them.
  MakeDatabase(path);
  Execute(path,
          "CREATE TABLE slow AS SELECT * FROM blobs; DROP TABLE blobs; ALTER TABLE slow RENAME TO blobs;"
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
          "INSERT INTO blobs SELECT 1000000 + i, '{}' FROM n;");
  test::ExpectError(Recorded(path).result, ErrorKind::kLimit, "steps");
  // A view in the place of a table.
  MakeDatabase(path);
  Execute(path, "DROP TABLE packages; CREATE VIEW packages AS SELECT 1 AS id, 'npm' AS ecosystem, 'x' AS name;");
  test::ExpectError(Recorded(path).result, ErrorKind::kUnsupported, "packages");
  // Words where numbers are expected, and the other way round.
  MakeDatabase(path);
  Execute(path,
          "UPDATE affected_package_handles SET vulnerability_id = 'x' WHERE id % 2; UPDATE vulnerability_handles SET "
          "blob_id = 'y', modified_date = 7; UPDATE operating_systems SET major_version = x'00' WHERE name = 'debian';"
          "UPDATE packages SET name = zeroblob(5000) WHERE ecosystem = 'npm'; UPDATE epss_handles SET epss = 'z';");
  EXPECT_TRUE(Recorded(path).result);
  // A vulnerability that everything is about.
  MakeDatabase(path);
  Execute(path,
          Format("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
                 "INSERT INTO affected_package_handles (vulnerability_id, operating_system_id, package_id, blob_id) "
                 "SELECT 1, 1, (SELECT min(id) FROM packages), i % 40 FROM n;",
                 250'000));
  const Recorded large(path);
  EXPECT_TRUE(large.result);
  EXPECT_TRUE(std::ranges::any_of(large.sink.problems,
                                  [](const std::string& text) { return text.contains("not all is read"); }));
  // The same, with ten thousand ranges in each row.
  MakeDatabase(path);
  Execute(path,
          Format("INSERT INTO blobs VALUES (500000, json_object('ranges', json_array(json_object('version', "
                 "json_object('constraint', '= 1' || replace(printf('%.*c', {}, 'x'), 'x', '||=1'))))));"
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
                 "INSERT INTO packages (id, ecosystem, name) SELECT 500000 + i, 'deb', 'p' || i FROM n;"
                 "INSERT INTO affected_package_handles (vulnerability_id, operating_system_id, package_id, blob_id) "
                 "SELECT 1, 1, id, 500000 FROM packages WHERE id > 500000;",
                 advisory::kGrypeListMax - 1));
  const Recorded wide(path);
  EXPECT_TRUE(wide.result);
  EXPECT_TRUE(std::ranges::any_of(wide.sink.problems,
                                  [](const std::string& text) { return text.contains("not all is read"); }));
}

// Advisories are given one by one: what is kept is some bytes of each row.
TEST(MatchingGrype, LargeDatabasesTakeLittleMemory) {
  class Counter final : public advisory::AdvisorySink {
   public:
    void Add(const model::Advisory& advisory) override { rows += advisory.affected.size(); }
    void AddFacts(const model::VulnerabilityFacts&) override { ++facts; }
    void AddReleaseLife(const model::ReleaseLife&) override {}
    void LeaveOut() override {}
    void Problem(const Error& error) override { ADD_FAILURE() << error.Message(); }
    std::size_t rows = 0, facts = 0;
  };
  const bool soak = std::getenv("HOLDFAST_SOAK") != nullptr;
  const std::size_t rows = soak ? 4'000'000 : 200'000;
  constexpr std::uint64_t kBytesOfEach = 100, kBeside = 64U << 20U;
  const test::TemporaryFolder folder;
  const auto path = MakeDatabase(folder.Path() / "vulnerability.db", Format("--rows {}", rows));
  const advisory::Document document{.name = "vulnerability.db",
                                    .source = "grype",
                                    .notation = advisory::Notation::kSqlite,
                                    .text = {},
                                    .root = {},
                                    .path = path};
  Counter sink;
  const test::PeakMemory memory;
  ASSERT_TRUE(advisory::MakeGrypeProvider()->Read(document, sink));
  const auto growth = memory.GrowthBytes();
  // Of the twelve that Red Hat's are repeated to there are two, of binary and of source packages.
  EXPECT_GT(sink.rows, rows / 2);
  EXPECT_LT(sink.rows, rows);
  EXPECT_GT(sink.facts, rows / 50);
  if (growth) {
    RecordProperty("growth_bytes", std::to_string(*growth));
    EXPECT_LT(*growth, kBeside + rows * kBytesOfEach);
  }
}

}  // namespace
}  // namespace holdfast
