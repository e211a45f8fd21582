// Packages by CPE name against Anchore's corrections of NVD as they stood in summer 2026. What is expected was read
// from the files by hand.
#include "model/cpe.h"
#include "language_support.h"
#include "match/cpe_search.h"

namespace holdfast {
namespace {

struct CpeRow {
  std::string_view ecosystem, scheme;  // of a distribution's package no ecosystem; of a lone program neither
  std::string_view package, version;
  std::string_view expected;  // CVEs
  std::string_view source = "";
  std::string_view cpe = "";  // stated by a document
};

constexpr std::string_view kOpenssh10 = "CVE-2025-61984 CVE-2025-61985 CVE-2026-73281 CVE-2026-73282 CVE-2026-73283";

constexpr CpeRow kRows[] = {
    // Distributions' packages: versions without epoch, revision and release; by source, by known vendor.
    {"", "apk", "busybox", "1.36.1-r29", "CVE-2024-58251 CVE-2025-46394"},
    {"", "apk", "busybox-binsh", "1.37.0-r12", "CVE-2024-58251 CVE-2025-46394", "busybox"},
    {"", "apk", "busybox", "1.37.1-r0", ""},
    {"", "dpkg", "libpng16-16", "1.6.56-1", "CVE-2026-34757", "libpng1.6"},
    {"", "dpkg", "libpng16-16", "1.6.57-1", "", "libpng1.6"},
    {"", "dpkg", "libsqlite3-0", "3.40.1-2+deb12u1", "CVE-2025-6965 CVE-2025-7458", "sqlite3"},
    {"", "rpm", "sqlite", "0:3.50.2-1.el9", ""},
    {"", "dpkg", "libarchive13", "3.8.7-1", "CVE-2026-5745", "libarchive"},
    {"", "dpkg", "openssh-client", "1:10.0p1-7+deb13u1", kOpenssh10, "openssh"},
    {"", "apk", "openssh-client", "10.5_p1-r0", "", "openssh"},
    {"", "dpkg", "nginx", "1.31.2-1~trixie", "CVE-2026-42533 CVE-2026-56434 CVE-2026-60005"},
    {"", "rpm", "nginx", "1:1.31.3-1.el9.ngx", ""},
    // Programs that no database lists.
    {"", "", "nginx", "1.31.2", "CVE-2026-42533 CVE-2026-56434 CVE-2026-60005"},
    {"", "", "sqlite", "3.50.1", "CVE-2025-6965"},
    // Python: vendors of other names, spellings with '_'.
    {"PyPI", "pep440", "pip", "26.0", "CVE-2026-13346 CVE-2026-3219 CVE-2026-6357 CVE-2026-8643"},
    {"PyPI", "pep440", "pip", "26.2", ""},
    {"PyPI", "pep440", "pillow", "12.2.0", "CVE-2026-54058 CVE-2026-59197 CVE-2026-59200"},
    {"PyPI", "pep440", "mistune", "3.2.1", "CVE-2026-49851"},
    {"PyPI", "pep440", "mistune", "3.3.0", ""},
    {"PyPI", "pep440", "jwcrypto", "1.5.6", "CVE-2026-39373"},
    // JavaScript: rows for plug-ins of WordPress and for Go of the same product are not meant.
    {"npm", "npm", "ghost", "0.7.1", "CVE-2026-53950 CVE-2026-70590"},
    {"npm", "npm", "ghost", "6.54.1", ""},
    {"npm", "npm", "grpc", "1.14.3", "CVE-2026-48068 CVE-2026-48069"},
    {"npm", "npm", "grpc", "1.14.4", ""},
    {"npm", "npm", "express", "4.19.1", ""},  // nobody guesses its vendor
    {"npm", "npm", "express", "4.19.1", "CVE-2024-43796", "", "cpe:2.3:a:openjsf:express:4.19.1:*:*:*:*:node.js:*:*"},
    {"npm", "npm", "@astrojs/node", "11.0.2", "CVE-2026-73424", "",
     R"(cpe:2.3:a:astro:\@astrojs\/node:11.0.2:*:*:*:*:node.js:*:*)"},
    // Go and Java.
    {"Go", "go", "google.golang.org/grpc", "v1.79.2", "CVE-2026-33186"},
    {"Go", "go", "google.golang.org/grpc", "v1.79.3", ""},
    {"Maven", "maven", "org.apache.logging.log4j:log4j-core", "2.25.3", "CVE-2026-34477 CVE-2026-34478 CVE-2026-34480"},
    {"Maven", "maven", "org.apache.logging.log4j:log4j-core", "2.25.4", ""},
    {"Maven", "maven", "com.fasterxml.jackson.core:jackson-core", "2.14.3", "CVE-2025-52999"},
};

model::Package PackageOf(const CpeRow& row) {
  model::Package package;
  package.ecosystem = row.ecosystem;
  package.version_scheme = row.scheme;
  package.name = row.package;
  package.version = row.version;
  if (!row.source.empty()) package.upstreams = {{std::string(row.source), ""}};
  if (!row.cpe.empty()) package.attributes = {{std::string(model::kCpesAttribute), std::string(row.cpe)}};
  return package;
}

class Corrections {
 public:
  explicit Corrections(const std::filesystem::path& shared)
      : snapshot_(shared, "nvd-overrides"), lookup_(snapshot_.Get()) {
    distro_.id = "debian";
    distro_.version_id = "12";
  }

  [[nodiscard]] std::set<std::string> Found(const CpeRow& row) const {
    std::set<std::string> cves;
    for (const match::Hit& hit : test::Value(match::SearchByCpe(PackageOf(row), distro_, lookup_))) {
      EXPECT_EQ(hit.reason.matcher, "cpe");
      cves.insert(hit.advisory_id.substr(hit.advisory_id.find("CVE-")));
    }
    return cves;
  }

 private:
  test::LanguageSnapshot snapshot_;
  service::SnapshotLookup lookup_;
  model::Distro distro_;
};

TEST(MatchingCpe, FindsWhatNamesAndConditionsSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const Corrections corrections(*shared);
  for (const CpeRow& row : kRows) {
    std::string told;
    for (const std::string& cve : corrections.Found(row)) told += Format("{}{}", told.empty() ? "" : " ", cve);
    EXPECT_EQ(told, row.expected) << row.package << " " << row.version << " " << row.cpe;
  }
  // Of what runs on Windows only: curl's CVE-2014-2522; CVE-2014-0138 runs everywhere.
  const auto curl = corrections.Found({"", "dpkg", "curl", "7.35.0-1", ""});
  EXPECT_TRUE(curl.contains("CVE-2014-0138"));
  EXPECT_FALSE(curl.contains("CVE-2014-2522"));
}

}  // namespace
}  // namespace holdfast
