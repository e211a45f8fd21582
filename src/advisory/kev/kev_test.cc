#include "advisory/kev/kev.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;

constexpr std::string_view kEntry = R"({"cveID": "CVE-2022-21971", "vendorProject": "Microsoft", "product": "Windows",
  "vulnerabilityName": "Microsoft Windows Runtime Remote Code Execution Vulnerability", "dateAdded": "2022-08-18",
  "shortDescription": "…", "requiredAction": "Apply updates per\n vendor instructions.", "dueDate": "2022-09-08",
  "knownRansomwareCampaignUse": "Known", "notes": "", "cwes": ["CWE-824", "CWE-x", 1]})";

std::string CatalogueOf(std::string_view entries, std::string_view count) {
  return Format(R"({{"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2022.08.18",
    "dateReleased": "2022-08-18T13:36:57.4469Z", "count": {}, "vulnerabilities": [{}]}})",
                count, entries);
}

TEST(Kev, AnEntryIsFactsOfItsCve) {
  test::AdvisoryRecorder got;
  const auto provider = MakeKevProvider();
  ASSERT_TRUE(got.Read(*provider, Notation::kJson, "kev.json", CatalogueOf(kEntry, "1")));
  EXPECT_TRUE(got.recognised);
  ASSERT_EQ(got.vulnerabilities.size(), 1U);
  const auto& facts = got.vulnerabilities[0];
  EXPECT_EQ(facts.id, "CVE-2022-21971");
  EXPECT_EQ(facts.source, "kev");
  EXPECT_EQ(facts.modified, "2022-08-18T13:36:57Z");
  EXPECT_EQ(facts.cwes, std::vector<std::string>{"CWE-824"});
  EXPECT_EQ(facts.known_exploited,
            (model::KnownExploited{"2022-08-18", "2022-09-08", "Apply updates per vendor instructions.", true}));
}

TEST(Kev, CataloguesOfOldSayNothingOfRansomware) {
  test::AdvisoryRecorder got;
  const auto provider = MakeKevProvider();
  ASSERT_TRUE(
      got.Read(*provider, Notation::kJson, "kev.json",
               CatalogueOf(R"({"cveID": "CVE-2022-21971", "dateAdded": "2022-08-18", "dueDate": "2022-09-08"})", "1")));
  ASSERT_EQ(got.vulnerabilities.size(), 1U);
  EXPECT_FALSE(got.vulnerabilities[0].known_exploited->ransomware);
  EXPECT_TRUE(got.vulnerabilities[0].cwes.empty());
}

TEST(Kev, BadEntriesAreToldAndLeftOut) {
  test::AdvisoryRecorder got;
  const auto provider = MakeKevProvider();
  const std::string entries = Format(
      R"(1, {{}}, {{"cveID": "CVE-1"}}, {{"cveID": "CVE-2022-1000", "dateAdded": "2022"}},
         {{"cveID": "CVE-2022-1000", "dateAdded": "2022-02-31", "dueDate": "2022-01-01"}},
         {{"cveID": "CVE-2022-1000", "dateAdded": "2022-01-01"}}, {})",
      kEntry);
  ASSERT_TRUE(got.Read(*provider, Notation::kJson, "kev.json", CatalogueOf(entries, "7")));
  EXPECT_EQ(got.problems.size(), 6U);
  EXPECT_EQ(got.problems.at(5), "corrupt: entry 5 (CVE-2022-1000): dueDate is no date");
  EXPECT_EQ(got.vulnerabilities.size(), 1U);
}

TEST(Kev, ACatalogueThatWasCutIsRefused) {
  test::AdvisoryRecorder got;
  const auto provider = MakeKevProvider();
  ExpectError(got.Read(*provider, Notation::kJson, "kev.json", CatalogueOf(kEntry, "2")), ErrorKind::kCorrupt,
              "1 of 2");
  EXPECT_TRUE(got.vulnerabilities.empty());
}

TEST(Kev, OtherDocumentsAreNotItsOwn) {
  for (const char* other : {"{}", "[]", R"({"vulnerabilities": []})", R"({"$schema": "x", "properties": {}})",
                            R"({"catalogVersion": "1", "dateReleased": "x", "vulnerabilities": {}})"}) {
    test::AdvisoryRecorder got;
    const auto provider = MakeKevProvider();
    (void)got.Read(*provider, Notation::kJson, "x.json", other);
    EXPECT_FALSE(got.recognised) << other;
    EXPECT_TRUE(got.vulnerabilities.empty());
  }
}

}  // namespace
}  // namespace holdfast::advisory
