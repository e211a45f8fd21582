#include "match/why.h"

#include <gtest/gtest.h>

#include "match/memory_lookup.h"
#include "support/test_support.h"

namespace holdfast::match {
namespace {

using test::Value;

model::Package Deb(std::string name, std::string version, std::string source = {}) {
  model::Package package;
  package.name = std::move(name);
  package.version = std::move(version);
  package.type = "deb";
  package.version_scheme = "dpkg";
  package.architecture = "amd64";
  if (!source.empty()) package.upstreams = {{std::move(source), ""}};
  return package;
}

model::Affected Row(std::string place, std::string release, std::string package, std::string fixed) {
  model::Affected row;
  row.version_scheme = place == "PyPI" ? "pep440" : "dpkg";
  row.ecosystem = std::move(place);
  row.release = std::move(release);
  row.package = std::move(package);
  row.ranges = {{"0", std::move(fixed), std::nullopt}};
  row.fix_state = model::FixState::kFixed;
  return row;
}

model::Advisory About(std::string id, std::vector<std::string> aliases, std::vector<model::Affected> rows) {
  model::Advisory advisory;
  advisory.id = std::move(id);
  advisory.source = "test";
  advisory.aliases = std::move(aliases);
  advisory.affected = std::move(rows);
  return advisory;
}

class WhyTest : public testing::Test {
 protected:
  WhyTest() {
    analysis_.distro.id = "debian";
    analysis_.distro.version_id = "12";
  }

  WhyAnswer Why(std::string vulnerability, std::string package = {}) {
    const MemoryAdvisories lookup(advisories_);
    const MatchResult matched = Value(Match(analysis_, lookup));
    return Value(Explain({std::move(vulnerability), std::move(package)}, analysis_, lookup, matched));
  }

  std::string Conclusion(std::string vulnerability, std::string package = {}) {
    return Why(std::move(vulnerability), std::move(package)).conclusion;
  }

  model::ImageAnalysis analysis_;
  std::vector<model::Advisory> advisories_;
};

TEST_F(WhyTest, ItIsThere) {
  analysis_.packages = {Deb("libssl3", "3.0.1-1", "openssl"), Deb("openssl", "3.0.1-1")};
  advisories_ = {About("CVE-2024-1", {}, {Row("Debian", "12", "openssl", "3.0.2-1")})};
  const WhyAnswer answer = Why("cve-2024-1");
  EXPECT_EQ(answer.conclusion, "libssl3 3.0.1-1 has it: Debian:12 openssl (>= 0, < 3.0.2-1); 1 more");
  ASSERT_EQ(answer.rows.size(), 2U);
  EXPECT_EQ(answer.rows[0].outcome, RowOutcome::kHolds);
  EXPECT_EQ(answer.rows[0].looked_up, "Debian:12 openssl");
  EXPECT_EQ(answer.packages_examined, 2U);
}

TEST_F(WhyTest, TheFixIsThere) {
  analysis_.packages = {Deb("openssl", "3.0.2-1")};
  advisories_ = {About("DEBIAN-CVE-2024-1", {"CVE-2024-1"}, {Row("Debian", "12", "openssl", "3.0.2-1")})};
  EXPECT_EQ(Conclusion("CVE-2024-1"),
            "openssl 3.0.2-1 does not have it. DEBIAN-CVE-2024-1 of Debian:12 openssl: 3.0.2-1 has the fix of 3.0.2-1");
}

TEST_F(WhyTest, ItWasNeverAffectedOrIsOfAnotherBuild) {
  analysis_.packages = {Deb("a", "1")};
  model::Affected never = Row("Debian", "12", "a", "");
  never.ranges.clear();
  never.fix_state = model::FixState::kNotAffected;
  model::Affected arm = Row("Debian", "12", "a", "2");
  arm.architecture = "arm64";
  model::Affected later = Row("Debian", "12", "a", "4");
  later.ranges.front().introduced = "3";
  advisories_ = {About("CVE-2024-1", {}, {never}), About("CVE-2024-2", {}, {arm}), About("CVE-2024-3", {}, {later})};
  EXPECT_EQ(Conclusion("CVE-2024-1"),
            "a 1 does not have it. CVE-2024-1 of Debian:12 a: it says that the package is not affected");
  EXPECT_EQ(
      Conclusion("CVE-2024-2"),
      "a 1 does not have it. CVE-2024-2 of Debian:12 a: it speaks of architecture arm64, the package is of amd64");
  EXPECT_EQ(Conclusion("CVE-2024-3"), "a 1 does not have it. CVE-2024-3 of Debian:12 a: 1 is not among >= 3, < 4");
}

TEST_F(WhyTest, SomebodySilencedIt) {
  analysis_.packages = {Deb("linux-libc-dev", "6.1-1", "linux")};
  advisories_ = {About("CVE-2024-1", {}, {Row("Debian", "12", "linux", "6.2-1")})};
  const WhyAnswer answer = Why("CVE-2024-1");
  EXPECT_EQ(answer.conclusion,
            "linux-libc-dev 6.1-1 would have it, but holdfast (no-vulnerable-code): linux-libc-dev has a kernel's "
            "headers, and none of its code");
  EXPECT_EQ(answer.silenced.size(), 1U);
}

TEST_F(WhyTest, NothingHereIsConcerned) {
  analysis_.packages = {Deb("a", "1")};
  model::Advisory withdrawn = About("CVE-2024-4", {}, {});
  withdrawn.withdrawn = "2024-05-01T00:00:00Z";
  advisories_ = {About("CVE-2024-1", {}, {Row("Debian", "12", "b", "2")}),
                 About("CVE-2024-2", {}, {Row("Debian", "11", "a", "2"), Row("PyPI", "", "a", "2")}), withdrawn};
  EXPECT_EQ(Conclusion("CVE-2024-1"), "CVE-2024-1 is about Debian:12 b, which the image does not have");
  EXPECT_EQ(Conclusion("CVE-2024-2"),
            "its advisories are about other places (Debian:11, PyPI) than this image's (Debian:12)");
  EXPECT_EQ(Conclusion("CVE-2024-3"), "no advisory about CVE-2024-3 is known");
  EXPECT_EQ(Conclusion("CVE-2024-4"), "CVE-2024-4 was withdrawn on 2024-05-01T00:00:00Z");
  EXPECT_EQ(Conclusion("CVE-2024-1", "c"), "the image has no package c");
}

TEST_F(WhyTest, NamesLeadToEachOther) {
  analysis_.packages = {Deb("a", "1", "source")};
  model::Advisory notice = About("DSA-1", {}, {Row("Debian", "12", "source", "2")});
  notice.related = {"CVE-2024-1", "CVE-2024-2"};
  advisories_ = {About("GHSA-aaaa-bbbb-cccc", {"CVE-2024-1"}, {Row("PyPI", "", "a", "2")}), notice};
  const WhyAnswer answer = Why("ghsa-aaaa-bbbb-cccc", "source");
  EXPECT_EQ(answer.findings.size(), 1U);
  EXPECT_EQ(answer.advisories.size(), 2U);
  EXPECT_EQ(std::ranges::find(answer.names, "CVE-2024-2"), answer.names.end());
}

TEST_F(WhyTest, ItCouldNotBeDecided) {
  analysis_.packages = {Deb("a", "not a version")};
  analysis_.packages[0].ecosystem = "PyPI";
  analysis_.packages[0].version_scheme = "pep440";
  advisories_ = {About("CVE-2024-1", {}, {Row("PyPI", "", "a", "2")})};
  EXPECT_EQ(Why("CVE-2024-1").rows.at(0).outcome, RowOutcome::kUndecided);
  EXPECT_TRUE(Conclusion("CVE-2024-1").contains("is not one of pep440"));
}

}  // namespace
}  // namespace holdfast::match
