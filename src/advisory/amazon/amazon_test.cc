#include "advisory/amazon/amazon.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;
using Lines = std::vector<std::string>;

std::string Package(std::string_view name, std::string_view evr, std::string_view architecture = "x86_64") {
  const std::size_t colon = evr.find(':'), dash = evr.rfind('-');
  return Format(R"(<package arch="{}" epoch="{}" name="{}" release="{}" version="{}"><filename>x</filename></package>)",
                architecture, evr.substr(0, colon), name, evr.substr(dash + 1),
                evr.substr(colon + 1, dash - colon - 1));
}

std::string Update(std::string_view id, std::string_view collection, std::string_view packages,
                   std::string_view updated = "2030-02-03 23:22:00", std::string_view type = "security") {
  return Format(
      R"(<update author="linux-security@amazon.com" from="linux-security@amazon.com" status="final" type="{}">
    <id>{}</id><title>Amazon Linux 2 - {}: important priority package update for foo</title>
    <issued date="2030-01-02 22:46"/><updated date="{}"/><severity>important</severity>
    <description>Package updates are available.</description>
    <references>{}<reference href="https://rhn.example/RHSA-1" id="RHSA-1" title="" type="redhat"/></references>
    <pkglist><collection short="{}"><name>Amazon</name>{}</collection></pkglist></update>)",
      type, id, id, updated,
      type == "security" ? R"(<reference href="https://cve.example/CVE-2030-1" id="CVE-2030-1" type="cve"/>)" : "",
      collection, packages);
}

std::string Updates(std::string_view updates) {
  return Format("<?xml version=\"1.0\"?>\n<updates>{}</updates>", updates);
}

// "release package >=introduced <fixed architecture" of each row, or the problems.
Lines Rows(const Lines& documents) {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeAmazonProvider();
  for (const std::string& text : documents) {
    const Document document{.name = "x", .source = "x", .notation = Notation::kXml, .text = text, .root = {}};
    EXPECT_TRUE(provider->Recognises(document));
    Value(provider->Read(document, recorder));
  }
  provider->Finish(recorder);
  if (!recorder.problems.empty()) return recorder.problems;
  Lines rows;
  for (const model::Advisory& advisory : recorder.advisories)
    for (const model::Affected& row : advisory.affected) {
      EXPECT_EQ(row.ecosystem, "Amazon Linux");
      EXPECT_EQ(row.fix_state, model::FixState::kFixed);
      rows.push_back(Format("{} {} >={} <{}{}{}", row.release, row.package, row.ranges.at(0).introduced,
                            *row.ranges.at(0).fixed, row.architecture.empty() ? "" : " ", row.architecture));
    }
  return rows;
}

constexpr std::string_view kOwn = "amazon-linux-2";

TEST(Amazon, ReadsAnUpdate) {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeAmazonProvider();
  Value(recorder.ReadXml(*provider, Updates(Update("ALAS2-2030-1", kOwn, Package("foo", "1:2.0-1.amzn2")))));
  EXPECT_TRUE(recorder.recognised);
  ASSERT_EQ(recorder.advisories.size(), 1U);
  const model::Advisory& advisory = recorder.advisories[0];
  EXPECT_EQ(advisory.id, "ALAS2-2030-1");
  EXPECT_EQ(advisory.related, Lines{"CVE-2030-1"});
  EXPECT_EQ(advisory.severity, model::Severity::kHigh);
  EXPECT_EQ(advisory.published, "2030-01-02T22:46:00Z");
  EXPECT_EQ(advisory.modified, "2030-02-03T23:22:00Z");
  EXPECT_EQ(advisory.references.size(), 2U);
  EXPECT_EQ(advisory.details, "Package updates are available.");
  EXPECT_EQ(Rows({Updates(Update("ALAS2-2030-1", kOwn, Package("foo", "1:2.0-1.amzn2")))}),
            Lines{"2 foo >=0 <1:2.0-1.amzn2"});
}

TEST(Amazon, TellsReleases) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"amazon-linux-ami", "1"},     {"amazon-linux-2", "2"},          {"amazon-linux-2022", "2022"},
      {"amazon-linux-2023", "2023"}, {"amazon-linux-2---docker", "2"}, {"amazon-linux-2023---nvidia", "2023"},
  };
  for (const auto& [collection, release] : cases)
    EXPECT_EQ(Rows({Updates(Update("ALAS-1", collection, Package("foo", "0:2.0-1")))}),
              Lines{Format("{} foo >=0 <0:2.0-1", release)})
        << collection;
  for (const std::string_view collection : {"", "amazon-linux-", "amazon-linux-x", "amazon-linux-2-x", "fedora-38"})
    EXPECT_EQ(Rows({Updates(Update("ALAS-1", collection, Package("foo", "0:2.0-1")))}),
              Lines{Format("unsupported: ALAS-1: collection \"{}\"", collection)});
}

TEST(Amazon, KeepsExtrasApart) {
  const auto extra = [](std::string_view name, std::string_view evr, bool of_release_too) {
    Lines rows = Rows({Updates(Update("ALAS2X-1", Format("amazon-linux-2---{}", name), Package("foo", evr)) +
                               (of_release_too ? Update("ALAS2-1", kOwn, Package("foo", "0:0.1-1")) : ""))});
    return rows.back();
  };
  // The line of versions that the extra is named by.
  EXPECT_EQ(extra("kernel-5.15", "0:5.15.43-20.amzn2", false), "2 foo >=5.15 <0:5.15.43-20.amzn2");
  EXPECT_EQ(extra("php8.2", "0:8.2.9-1", true), "2 foo >=8.2 <0:8.2.9-1");
  EXPECT_EQ(extra("nginx1", "1:1.22.1-1", false), "2 foo >=1:1 <1:1.22.1-1");
  // Another numbering.
  EXPECT_EQ(extra("php8.2", "0:3.1-1", false), "2 foo >=0 <0:3.1-1");
  EXPECT_EQ(extra("php8.2", "0:3.1-1", true), "2 foo >=3 <0:3.1-1");
  EXPECT_EQ(extra("nginx1", "0:12.0-1", true), "2 foo >=12 <0:12.0-1");
  // No line.
  EXPECT_EQ(extra("docker", "0:20.10-1", false), "2 foo >=0 <0:20.10-1");
  EXPECT_EQ(extra("emacs", "1:25.3-1", true), "2 foo >=1:25 <1:25.3-1");
  EXPECT_EQ(extra("x.", "0:v1-1", true), "2 foo >=0 <0:v1-1");
}

TEST(Amazon, GathersArchitectures) {
  const std::string x86 = Package("foo", "0:1-1"), arm = Package("foo", "0:1-1", "aarch64"),
                    newer = Package("foo", "0:1-2", "aarch64");
  EXPECT_EQ(Rows({Updates(Update("ALAS2-1", kOwn, x86 + arm))}), Lines{"2 foo >=0 <0:1-1"});
  EXPECT_EQ(Rows({Updates(Update("ALAS2-1", kOwn, x86 + newer))}),
            (Lines{"2 foo >=0 <0:1-1 x86_64", "2 foo >=0 <0:1-2 aarch64"}));
  // A document for each of them.
  EXPECT_EQ(Rows({Updates(Update("ALAS2-1", kOwn, x86)), Updates(Update("ALAS2-1", kOwn, newer))}),
            (Lines{"2 foo >=0 <0:1-1 x86_64", "2 foo >=0 <0:1-2 aarch64"}));
}

TEST(Amazon, ReportsBrokenRecordsAndKeepsTheRest) {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeAmazonProvider();
  const std::string broken =
      Package("", "0:1-1") + Package("a b", "0:1-1") + Package("c", "x:1-1") + Package("foo", "0:1-1");
  Value(recorder.ReadXml(*provider, Updates(Update("OTHER-1", kOwn, "") + Update("ALAS2-1", kOwn, broken) +
                                            Update("ALAS2-2", kOwn, "") + Update("ALAS2-3", kOwn, "", "", "bugfix"))));
  EXPECT_EQ(recorder.problems, (Lines{"corrupt: an update named \"OTHER-1\"", "corrupt: ALAS2-1: package \"\""}));
  ASSERT_EQ(recorder.advisories.size(), 1U);
  EXPECT_EQ(recorder.advisories[0].affected.size(), 1U);
  EXPECT_EQ(recorder.left_out, 2);  // without packages; about no vulnerability
}

TEST(Amazon, RefusesTruncatedDocuments) {
  const auto provider = MakeAmazonProvider();
  test::AdvisoryRecorder recorder;
  const std::string text = Updates(Update("ALAS2-1", kOwn, Package("foo", "0:1-1")));
  for (const std::size_t size : {text.size() / 3, text.size() / 2, text.size() - 5})
    ExpectError(recorder.ReadXml(*provider, text.substr(0, size)), ErrorKind::kCorrupt, "not XML");
  ExpectError(recorder.ReadXml(*provider, "<x/>"), ErrorKind::kCorrupt, "no list of updates");
  EXPECT_FALSE(recorder.recognised);
  ExpectError(recorder.ReadXml(*provider, R"(<updates><update from="updates@fedoraproject.org"/>)"),
              ErrorKind::kCorrupt);
  EXPECT_FALSE(recorder.recognised);
}

}  // namespace
}  // namespace holdfast::advisory
