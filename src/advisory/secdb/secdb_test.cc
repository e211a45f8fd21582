#include "advisory/secdb/secdb.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

constexpr std::string_view kMain = R"(---
distroversion: v3.5
reponame: main
urlprefix: http://dl-cdn.alpinelinux.org/alpine
apkurl: "{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk"
packages:
  - pkg:
      name: xen
      secfixes:
        4.7.1-r5:
          - CVE-2017-2620 XSA-209
        4.7.2-r0:
          - CVE-2017-2620 XSA-209
          - XSA-210
  - pkg:
      secfixes: {1.0-r0: [CVE-2000-1]}
  - pkg:
      name: openssl
      secfixes:
        "0":
          - CVE-2018-0733
)";

TEST(AlpineSecdb, MakesOneAdvisoryForEachVulnerability) {
  const auto document = Value(io::JsonDocument::ParseYaml(kMain));
  ASSERT_TRUE(LooksLikeSecdb(document.Root()));
  SecdbCollector collector;
  Value(collector.Add(document.Root()));
  EXPECT_EQ(collector.BrokenPackages(), 1U);
  const auto advisories = collector.Take();
  ASSERT_EQ(advisories.size(), 3U);

  const model::Advisory& incomplete = advisories[0];
  EXPECT_EQ(incomplete.id, "ALPINE-CVE-2017-2620");
  EXPECT_EQ(incomplete.related, (std::vector<std::string>{"CVE-2017-2620", "XSA-209"}));
  ASSERT_EQ(incomplete.affected.size(), 1U);
  EXPECT_EQ(incomplete.affected[0].ecosystem, "Alpine");
  EXPECT_EQ(incomplete.affected[0].release, "v3.5");
  ASSERT_EQ(incomplete.affected[0].ranges.size(), 2U);
  EXPECT_EQ(incomplete.affected[0].ranges[1].fixed, "4.7.2-r0");

  EXPECT_EQ(advisories[1].id, "ALPINE-CVE-2018-0733");
  EXPECT_EQ(advisories[1].affected[0].fix_state, model::FixState::kNotAffected);
  EXPECT_TRUE(advisories[1].affected[0].ranges.empty());
  EXPECT_EQ(advisories[2].id, "ALPINE-XSA-210");
  EXPECT_TRUE(collector.Take().empty());
}

TEST(AlpineSecdb, JoinsReleasesAndReadsWolfi) {
  SecdbCollector collector;
  for (const std::string_view json : {
           R"({"apkurl":"x","urlprefix":"https://dl-cdn.alpinelinux.org/alpine","distroversion":"v3.19",
               "packages":[{"pkg":{"name":"a","secfixes":{"1-r0":["CVE-2024-1"]}}}]})",
           R"({"apkurl":"x","urlprefix":"https://dl-cdn.alpinelinux.org/alpine","distroversion":"v3.20",
               "packages":[{"pkg":{"name":"a","secfixes":{"2-r0":["CVE-2024-1"]}}}]})",
           R"({"apkurl":"x","urlprefix":"https://packages.wolfi.dev/os","packages":[
               {"pkg":{"name":"a","secfixes":{"3-r0":["CVE-2024-1"]}}}]})"}) {
    Value(collector.Add(Value(io::JsonDocument::Parse(json)).Root()));
  }
  const auto advisories = collector.Take();
  ASSERT_EQ(advisories.size(), 2U);
  EXPECT_EQ(advisories[0].affected.size(), 2U);
  EXPECT_EQ(advisories[1].id, "WOLFI-CVE-2024-1");
  EXPECT_EQ(advisories[1].affected[0].release, "");
}

std::string IdOf(std::string_view url) {
  SecdbCollector collector;
  const auto document =
      Value(io::JsonDocument::Parse(Format(R"({{"apkurl":"x","urlprefix":"{}","distroversion":"v3.20","packages":[
        {{"pkg":{{"name":"a","secfixes":{{"3-r0":["CVE-2024-1"]}}}}}}]}})",
                                           url)));
  if (const auto added = collector.Add(document.Root()); !added)
    return std::string(ErrorKindName(added.error().Kind()));
  const auto advisories = collector.Take();
  const model::Affected& row = advisories.at(0).affected.at(0);
  return Format("{} {}:{}", advisories.at(0).id, row.ecosystem, row.release);
}

TEST(Secdb, KnowsItsPublishers) {
  EXPECT_EQ(IdOf("http://dl-cdn.alpinelinux.org/alpine"), "ALPINE-CVE-2024-1 Alpine:v3.20");
  EXPECT_EQ(IdOf("https://packages.wolfi.dev"), "WOLFI-CVE-2024-1 Wolfi:");
  EXPECT_EQ(IdOf("https://packages.wolfi.dev/os"), "WOLFI-CVE-2024-1 Wolfi:");
  EXPECT_EQ(IdOf("https://packages.cgr.dev"), "CHAINGUARD-CVE-2024-1 Chainguard:");
  EXPECT_EQ(IdOf("https://packages.cgr.dev/chainguard"), "CHAINGUARD-CVE-2024-1 Chainguard:");
  EXPECT_EQ(IdOf("https://packages.mini.dev"), "MINIMOS-CVE-2024-1 MinimOS:");
  for (const std::string_view other :
       {"", "https://example.org/alpinelinux.org", "https://alpinelinux.org.example", "x"})
    EXPECT_EQ(IdOf(other), "unsupported") << other;
}

TEST(Secdb, RefusesADocumentWithoutRelease) {
  SecdbCollector collector;
  EXPECT_FALSE(LooksLikeSecdb(Value(io::JsonDocument::Parse(R"({"packages":[]})")).Root()));
  const auto document = Value(
      io::JsonDocument::Parse(R"({"apkurl":"x","urlprefix":"https://dl-cdn.alpinelinux.org/alpine","packages":[]})"));
  EXPECT_TRUE(LooksLikeSecdb(document.Root()));
  ExpectError(collector.Add(document.Root()), ErrorKind::kCorrupt, "distroversion");
}

}  // namespace
}  // namespace holdfast::advisory
