#include "triage/triage.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "io/byte_source.h"
#include "support/test_support.h"
#include "triage/openvex_writer.h"
#include "triage/product.h"

namespace holdfast::triage {
namespace {

using test::ExpectError;
using test::Value;

constexpr std::string_view kDigest = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

model::Package MakePackage(std::string_view purl, std::string path) {
  model::Package package;
  package.purl = Value(model::Purl::Parse(purl));
  package.name = package.purl.name;
  package.version = package.purl.version;
  package.type = package.purl.type;
  package.locations = {{std::move(path), 0, true}};
  return package;
}

model::ImageAnalysis MakeImage() {
  model::ImageAnalysis analysis;
  analysis.source.reference = "docker.io/library/nginx:1.25";
  analysis.source.manifest_digest = kDigest;
  analysis.distro.cpe_name = "cpe:/o:redhat:enterprise_linux:9.4::baseos";
  analysis.packages = {MakePackage("pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&distro=debian-12", "var/lib/dpkg/status"),
                       MakePackage("pkg:golang/github.com/team/app@v1.0.0", "usr/bin/app"),
                       MakePackage("pkg:golang/golang.org/x/net@v0.20.0", "usr/bin/app"),
                       MakePackage("pkg:rpm/redhat/curl@8.0-1.el9?arch=x86_64&epoch=1", "var/lib/rpm/rpmdb.sqlite")};
  analysis.packages[0].upstreams = {{"openssl", "3.0.1-1"}};
  return analysis;
}

struct ProductCase {
  std::string_view id, subcomponent;
  std::uint32_t package;
  bool covers;
};

TEST(Product, IsAnImageAPackageOrWhatHoldsIt) {
  const model::ImageAnalysis analysis = MakeImage();
  const ImageIdentity identity(analysis);
  const ProductCase cases[] = {
      // the image by its names
      {"nginx", "", 0, true},
      {"nginx:1.25", "", 0, true},
      {"nginx:1.26", "", 0, false},
      {"index.docker.io/library/nginx", "", 0, true},
      {"docker.io/other/nginx", "", 0, false},
      {kDigest, "", 0, true},
      {"pkg:oci/nginx", "", 0, true},
      {"pkg:oci/ginx", "", 0, false},
      {"pkg:oci/nginx?repository_url=index.docker.io/library/nginx", "", 0, true},
      {"pkg:oci/nginx?repository_url=docker.io/library", "", 0, true},
      {"pkg:oci/nginx?repository_url=ghcr.io/team/nginx", "", 0, false},
      {"pkg:oci/nginx@sha256%3A1111111111111111111111111111111111111111111111111111111111111111", "", 0, true},
      {"pkg:oci/nginx@sha256%3A2222222222222222222222222222222222222222222222222222222222222222", "", 0, false},
      {"pkg:oci/nginx?tag=1.25", "", 0, true},
      {"pkg:docker/library/nginx@1.25", "", 0, true},
      // with the package among its subcomponents, or another
      {"nginx", "pkg:deb/debian/libssl3", 0, true},
      {"nginx", "pkg:deb/debian/libssl3@3.0.1-1", 0, true},
      {"nginx", "pkg:deb/debian/libssl3@3.0.2-1", 0, false},
      {"nginx", "pkg:deb/debian/curl", 0, false},
      {"nginx", "pkg:deb/ubuntu/libssl3", 0, false},
      {"nginx", "pkg:deb/debian/libssl3?arch=arm64", 0, false},
      // by the source it was built from
      {"nginx", "pkg:deb/debian/openssl?arch=source", 0, true},
      {"nginx", "pkg:deb/debian/openssl@3.0.1-1?arch=source", 0, true},
      {"nginx", "pkg:deb/debian/openssl", 0, false},
      // the package itself
      {"pkg:deb/debian/libssl3@3.0.1-1", "", 0, true},
      {"pkg:golang/golang.org/x/net@0.20.0", "", 2, true},
      {"pkg:golang/golang.org/x/net@v0.21.0", "", 2, false},
      {"pkg:rpm/redhat/curl?epoch=1", "", 3, true},
      {"pkg:rpm/redhat/curl?epoch=2", "", 3, false},
      // a program that holds it
      {"pkg:golang/github.com/team/app", "pkg:golang/golang.org/x/net@v0.20.0", 2, true},
      {"pkg:golang/github.com/team/app@v2.0.0", "pkg:golang/golang.org/x/net", 2, false},
      {"pkg:golang/github.com/team/other", "pkg:golang/golang.org/x/net", 2, false},
      {"pkg:deb/debian/libssl3", "pkg:golang/golang.org/x/net", 2, false},
      {"not a reference!", "", 0, false},
  };
  for (const ProductCase& row : cases) {
    VexProduct product{{std::string(row.id)}, {}, {}};
    if (!row.subcomponent.empty()) product.subcomponents = {std::string(row.subcomponent)};
    EXPECT_EQ(identity.Covers(product, row.package).covers, row.covers) << row.id << " " << row.subcomponent;
  }
}

TEST(Product, APlatformHasToBeTheImages) {
  const model::ImageAnalysis analysis = MakeImage();
  const ImageIdentity identity(analysis);
  const auto covers = [&](std::string cpe) {
    return identity.Covers({{"pkg:rpm/redhat/curl"}, {}, std::move(cpe)}, 3).covers;
  };
  EXPECT_TRUE(covers("cpe:/o:redhat:enterprise_linux:9::baseos"));
  EXPECT_TRUE(covers("cpe:2.3:o:redhat:enterprise_linux:9:*:*:*:*:*:*:*"));
  EXPECT_FALSE(covers("cpe:/o:redhat:enterprise_linux:8::baseos"));
  EXPECT_FALSE(covers("cpe:/a:redhat:openshift:4"));
}

match::MatchResult Matched(std::vector<std::pair<std::string, std::uint32_t>> found) {
  match::MatchResult matched;
  for (auto& [id, package] : found) {
    model::Finding finding;
    finding.id = std::move(id);
    finding.package = package;
    finding.facts.id = finding.id;
    matched.findings.push_back(std::move(finding));
  }
  return matched;
}

VexDocument Says(VexLevel level, std::string vulnerability, VexStatus status, std::string product,
                 std::string timestamp = {}) {
  VexDocument document;
  document.name = Format("{}.json", VexLevelName(level));
  document.level = level;
  document.statements = {
      {{std::move(vulnerability)}, status, "", "", std::move(timestamp), {{{std::move(product)}, {}, {}}}}};
  return document;
}

TEST(ApplyVex, SilencesMarksAndLeavesTheRest) {
  const model::ImageAnalysis analysis = MakeImage();
  match::MatchResult matched = Matched({{"CVE-1", 0}, {"CVE-2", 0}, {"CVE-3", 0}});
  matched.findings[0].aliases = {"GHSA-1"};
  ApplyVex({Says(VexLevel::kOwn, "GHSA-1", VexStatus::kNotAffected, "nginx"),
            Says(VexLevel::kOwn, "CVE-2", VexStatus::kUnderInvestigation, "nginx"),
            Says(VexLevel::kOwn, "CVE-3", VexStatus::kFixed, "other-image")},
           analysis, matched);
  ASSERT_EQ(matched.findings.size(), 2U);
  EXPECT_EQ(matched.findings[0].vex->status, "under_investigation");
  EXPECT_FALSE(matched.findings[1].vex);
  ASSERT_EQ(matched.silenced.size(), 1U);
  EXPECT_EQ(matched.silenced[0].finding.id, "CVE-1");
  EXPECT_EQ(matched.silenced[0].by, model::SilencedBy::kVex);
  EXPECT_EQ(matched.silenced[0].source, "own.json (own)");
  EXPECT_EQ(matched.silenced[0].statement, "not_affected");
}

TEST(ApplyVex, TheHighestLevelThenTheExactThenTheNewestCounts) {
  const model::ImageAnalysis analysis = MakeImage();
  const auto silenced_by = [&](const std::vector<VexDocument>& documents) {
    match::MatchResult matched = Matched({{"CVE-1", 0}});
    ApplyVex(documents, analysis, matched);
    return matched.silenced.empty() ? std::pair(std::string(), matched.findings.at(0).vex->overruled)
                                    : std::pair(matched.silenced[0].source, matched.silenced[0].overruled);
  };
  const auto own = Says(VexLevel::kOwn, "CVE-1", VexStatus::kNotAffected, "nginx");
  const auto supplier = Says(VexLevel::kSupplier, "CVE-1", VexStatus::kAffected, "nginx", "2026-09-09T00:00:00Z");
  EXPECT_EQ(silenced_by({supplier, own}),
            std::pair(std::string("own.json (own)"), std::vector<std::string>{"supplier.json (supplier): affected"}));
  const auto exact = Says(VexLevel::kSupplier, "CVE-1", VexStatus::kFixed, "pkg:deb/debian/libssl3@3.0.1-1");
  EXPECT_EQ(silenced_by({supplier, exact}).first, "supplier.json (supplier)");
  const auto older = Says(VexLevel::kSupplier, "CVE-1", VexStatus::kFixed, "nginx", "2025-09-09T00:00:00Z");
  EXPECT_EQ(silenced_by({older, supplier}).first, "");
  EXPECT_EQ(silenced_by({older, supplier}).second, std::vector<std::string>{"supplier.json (supplier): fixed"});
}

// A notice covers several vulnerabilities: what is said of one of them is not said of the others.
TEST(ApplyVex, NoticesAreNoNames) {
  const model::ImageAnalysis analysis = MakeImage();
  match::MatchResult matched = Matched({{"CVE-1", 0}});
  matched.findings[0].aliases = {"ALSA-2024:1"};
  VexDocument document = Says(VexLevel::kOwn, "CVE-2", VexStatus::kNotAffected, "nginx");
  document.statements[0].vulnerabilities.emplace_back("ALSA-2024:1");
  ApplyVex({document}, analysis, matched);
  EXPECT_TRUE(matched.silenced.empty());
}

TEST(ApplyVex, BringsBackWhatTheDistributionSilenced) {
  const model::ImageAnalysis analysis = MakeImage();
  const auto after = [&](VexLevel level) {
    match::MatchResult matched = Matched({{"CVE-1", 0}});
    model::SilencedFinding silenced;
    silenced.finding = matched.findings[0];
    silenced.source = "DSA-1";
    silenced.statement = "not affected";
    matched.findings.clear();
    matched.silenced = {silenced};
    ApplyVex({Says(level, "CVE-1", VexStatus::kAffected, "nginx")}, analysis, matched);
    return matched;
  };
  const match::MatchResult back = after(VexLevel::kSupplier);
  ASSERT_EQ(back.findings.size(), 1U);
  EXPECT_EQ(back.findings[0].vex->overruled, std::vector<std::string>{"DSA-1: not affected"});
  EXPECT_TRUE(back.silenced.empty());
  EXPECT_EQ(after(VexLevel::kDistro).silenced.size(), 1U);
}

constexpr std::string_view kRules = R"(
ignore:
  - vulnerability: CVE-1
    package: {name: "lib*", version: "3.0.*"}
    reason: not reachable
    expires: 2026-12-31
    ticket: SEC-1
  - severity: low
    image: docker.io/library/*
    reason: too small
)";

TEST(IgnoreRules, AllConditionsHaveToHold) {
  const model::ImageAnalysis analysis = MakeImage();
  const auto rules = Value(ReadIgnoreRules(kRules, "ignore.yaml"));
  match::MatchResult matched = Matched({{"CVE-1", 0}, {"CVE-1", 1}, {"CVE-2", 0}, {"CVE-3", 0}});
  matched.findings[0].severity = matched.findings[1].severity = matched.findings[2].severity = model::Severity::kHigh;
  matched.findings[3].severity = model::Severity::kNegligible;
  ApplyIgnoreRules(rules, analysis, "2026-12-31", matched);
  ASSERT_EQ(matched.silenced.size(), 2U);
  EXPECT_EQ(matched.silenced[0].source, "ignore.yaml, rule 1");
  EXPECT_EQ(matched.silenced[0].statement, "not reachable; ticket SEC-1");
  EXPECT_EQ(matched.silenced[0].expires, "2026-12-31");
  EXPECT_EQ(matched.silenced[1].source, "ignore.yaml, rule 2");
  EXPECT_EQ(matched.findings.size(), 2U);
  EXPECT_TRUE(matched.problems.empty());
}

TEST(IgnoreRules, ExpireAndSaySo) {
  const model::ImageAnalysis analysis = MakeImage();
  const auto rules = Value(ReadIgnoreRules(kRules, "ignore.yaml"));
  match::MatchResult matched = Matched({{"CVE-1", 0}});
  matched.findings[0].severity = model::Severity::kHigh;
  ApplyIgnoreRules(rules, analysis, "2027-01-01", matched);
  EXPECT_TRUE(matched.silenced.empty());
  ASSERT_EQ(matched.problems.size(), 1U);
  EXPECT_EQ(matched.problems[0].message, "ignore.yaml, rule 1 expired on 2026-12-31");
}

TEST(IgnoreRules, OtherConditions) {
  const model::ImageAnalysis analysis = MakeImage();
  const auto covers = [&](std::string_view condition, const model::Finding& finding) {
    const auto rules = Value(ReadIgnoreRules(Format("ignore: [{{{}, reason: r}}]", condition), "i"));
    return rules.at(0).Covers(finding, analysis);
  };
  model::Finding finding = Matched({{"CVE-1", 2}}).findings[0];
  finding.fix_state = model::FixState::kWontFix;
  EXPECT_TRUE(covers("fix-state: wont-fix", finding));
  EXPECT_FALSE(covers("fix-state: fixed", finding));
  EXPECT_TRUE(covers("package: {path: /usr/bin/*}", finding));
  EXPECT_FALSE(covers("package: {path: /opt/*}", finding));
  EXPECT_TRUE(covers("package: {type: golang}", finding));
  EXPECT_FALSE(covers("epss-below: 0.5", finding));
  finding.facts.epss = model::Epss{0.1, 0.2};
  EXPECT_TRUE(covers("epss-below: 0.5", finding));
  EXPECT_FALSE(covers("epss-below: 0.1", finding));
}

TEST(IgnoreRules, WhatMakesNoSenseIsAnError) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"ignore: 1", "no list"},
      {"ignore: [1]", "rule 1 is no mapping"},
      {"ignore: [{vulnerability: CVE-1}]", "has no reason"},
      {"ignore: [{reason: r}]", "has no condition"},
      {"ignore: [{vulnerabilty: CVE-1, reason: r}]", "not known: vulnerabilty"},
      {"ignore: [{package: {nam: a}, reason: r}]", "not known: package.nam"},
      {"ignore: [{package: a, reason: r}]", "no mapping"},
      {"ignore: [{severity: huge, reason: r}]", "severity"},
      {"ignore: [{fix-state: maybe, reason: r}]", "fix-state"},
      {"ignore: [{epss-below: much, reason: r}]", "epss-below"},
      {"ignore: [{vulnerability: a, expires: tomorrow, reason: r}]", "2027-01-31"},
      {"ignore: [{vulnerability: '', reason: r}]", "empty condition"},
      {"ignore: [{vulnerability: '*a*a*a*a*a*', reason: r}]", "stars"},
  };
  for (const auto& [text, part] : cases)
    ExpectError(ReadIgnoreRules(text, "i"), ErrorKind::kInvalidInput, std::string(part));
}

// What is written and read again silences what it said.
TEST(WriteOpenVex, IsUnderstoodByTheReader) {
  const model::ImageAnalysis analysis = MakeImage();
  match::MatchResult matched = Matched({{"CVE-1", 0}, {"CVE-2", 1}});
  matched.findings[0].fixed_versions = {"3.0.2-1"};
  matched.findings[0].aliases = {"GHSA-1"};
  const auto silence = [&](std::string id, model::SilencedBy by, std::string justification) {
    model::SilencedFinding silenced;
    silenced.finding = Matched({{std::move(id), 2}}).findings[0];
    silenced.by = by;
    silenced.statement = "because";
    silenced.justification = std::move(justification);
    matched.silenced.push_back(std::move(silenced));
  };
  silence("CVE-3", model::SilencedBy::kVex, "vulnerable_code_not_present");
  silence("CVE-4", model::SilencedBy::kFixedByOwner, "");
  silence("CVE-5", model::SilencedBy::kFoundInOwner, "");
  silence("CVE-6", model::SilencedBy::kIgnoreRule, "");
  io::StringSink sink;
  Value(WriteOpenVex(analysis, matched.findings, matched.silenced, {.timestamp = "2026-01-01T00:00:00Z"}, sink));
  const std::string text = sink.Take();
  const VexDocument document = Value(ReadVex(text, "own.json", VexLevel::kOwn));
  EXPECT_TRUE(document.problems.empty());
  ASSERT_EQ(document.statements.size(), 5U);
  EXPECT_EQ(document.statements[0].status, VexStatus::kAffected);
  EXPECT_EQ(document.statements[0].text, "Update to 3.0.2-1.");
  EXPECT_EQ(document.statements[0].vulnerabilities, (std::vector<std::string>{"CVE-1", "GHSA-1"}));
  EXPECT_EQ(document.statements[2].justification, "vulnerable_code_not_present");
  EXPECT_EQ(document.statements[3].status, VexStatus::kFixed);
  EXPECT_EQ(document.statements[4].text, "Ignored: because");
  match::MatchResult again = Matched({{"CVE-3", 2}, {"CVE-6", 2}});
  ApplyVex({document}, analysis, again);
  ASSERT_EQ(again.silenced.size(), 1U);
  EXPECT_EQ(again.silenced[0].finding.id, "CVE-3");
  EXPECT_EQ(again.findings[0].vex->status, "affected");
  // An image's digest is its name: of another one nothing is said.
  model::ImageAnalysis other = MakeImage();
  other.source.manifest_digest = "sha256:2222222222222222222222222222222222222222222222222222222222222222";
  match::MatchResult others = Matched({{"CVE-3", 2}});
  ApplyVex({document}, other, others);
  EXPECT_TRUE(others.silenced.empty());
}

TEST(Preferences, AreSilencedToo) {
  match::MatchResult matched = Matched({{"CVE-1", 0}, {"CVE-2", 0}, {"CVE-3", 0}});
  matched.findings[0].fixed_versions = matched.findings[1].fixed_versions = {"2"};
  matched.findings[1].owned_by = 3;
  ApplyPreferences({.only_fixed = true, .hide_owned = true}, matched);
  EXPECT_EQ(matched.findings.size(), 1U);
  ASSERT_EQ(matched.silenced.size(), 2U);
  EXPECT_EQ(matched.silenced[0].source, "--hide-owned");
  EXPECT_EQ(matched.silenced[1].source, "--only-fixed");
}

}  // namespace
}  // namespace holdfast::triage
