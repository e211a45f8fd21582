#include "advisory/gentoo/gentoo.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;
using Strings = std::vector<std::string>;

// An advisory of the published form about a package that does not exist.
std::string Glsa(std::string_view ranges, std::string_view arch = "*", std::string_view name = "dev-lang/lib",
                 std::string_view id = "203001-01", std::string_view product = "ebuild") {
  return Format(R"(<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE glsa SYSTEM "http://www.gentoo.org/dtd/glsa.dtd">
<glsa id="{}"><title>lib: Multiple
 Vulnerabilities</title><synopsis>Bad.</synopsis><product type="{}">lib</product>
<announced>2030-01-01</announced><revised count="2">2030-01-02</revised><bug>776796</bug><access>remote</access>
<affected><package name="{}" auto="yes" arch="{}">{}</package></affected>
<impact type="normal"><p>x</p></impact>
<references><uri link="https://nvd.nist.gov/vuln/detail/CVE-2030-1234">CVE-2030-1234</uri><uri>CVE-2030-5678</uri></references>
</glsa>)",
                id, product, name, arch, ranges);
}

test::AdvisoryRecorder Of(std::string_view text) {
  test::AdvisoryRecorder sink;
  const auto provider = MakeGentooProvider();
  EXPECT_TRUE(sink.ReadXml(*provider, text));
  EXPECT_TRUE(sink.recognised);
  return sink;
}

Result<void> Read(std::string_view text) {
  test::AdvisoryRecorder sink;
  const auto provider = MakeGentooProvider();
  return sink.ReadXml(*provider, text);
}

// "state from..end, ..." of each row; an end that is affected itself in brackets.
Strings Rows(const test::AdvisoryRecorder& sink) {
  Strings rows;
  for (const model::Advisory& advisory : sink.advisories)
    for (const model::Affected& row : advisory.affected) {
      std::string text =
          Format("{}{}{}", model::FixStateName(row.fix_state), row.architecture.empty() ? "" : " ", row.architecture);
      for (const model::VersionRange& range : row.ranges)
        text += Format(" {}..{}", range.introduced,
                       range.fixed           ? *range.fixed
                       : range.last_affected ? Format("[{}]", *range.last_affected)
                                             : "");
      rows.push_back(std::move(text));
    }
  return rows;
}

Strings Ranges(std::string_view ranges) { return Rows(Of(Glsa(ranges))); }

TEST(Gentoo, ReadsAnAdvisory) {
  const auto sink = Of(Glsa(R"(<unaffected range="ge">1.33</unaffected><vulnerable range="lt">1.33</vulnerable>)"));
  ASSERT_EQ(sink.advisories.size(), 1U);
  const model::Advisory& advisory = sink.advisories[0];
  EXPECT_EQ(advisory.id, "GLSA-203001-01");
  EXPECT_EQ(advisory.source, "gentoo");
  EXPECT_EQ(advisory.summary, "lib: Multiple Vulnerabilities");
  EXPECT_EQ(advisory.details, "Bad.");
  EXPECT_EQ(advisory.severity, model::Severity::kMedium);
  EXPECT_EQ(advisory.published, "2030-01-01T00:00:00Z");
  EXPECT_EQ(advisory.modified, "2030-01-02T00:00:00Z");
  EXPECT_EQ(advisory.related, (Strings{"CVE-2030-1234", "CVE-2030-5678"}));
  EXPECT_EQ(advisory.references,
            (std::vector<model::Reference>{{"ADVISORY", "https://security.gentoo.org/glsa/203001-01"},
                                           {"WEB", "https://nvd.nist.gov/vuln/detail/CVE-2030-1234"},
                                           {"REPORT", "https://bugs.gentoo.org/776796"}}));
  ASSERT_EQ(advisory.affected.size(), 1U);
  EXPECT_EQ(advisory.affected[0].ecosystem, "Gentoo");
  EXPECT_EQ(advisory.affected[0].release, "");
  EXPECT_EQ(advisory.affected[0].package, "dev-lang/lib");
  EXPECT_EQ(advisory.affected[0].version_scheme, "portage");
  EXPECT_EQ(Rows(sink), Strings{"fixed 0..1.33"});
}

TEST(Gentoo, RangesOfVersions) {
  EXPECT_EQ(Ranges(R"(<vulnerable range="le">1.2</vulnerable><unaffected range="gt">1.2</unaffected>)"),
            Strings{"fixed 0..[1.2]"});
  EXPECT_EQ(Ranges(R"(<vulnerable range="eq">1.2-r1</vulnerable>)"), Strings{"fixed 1.2-r1..[1.2-r1]"});
  EXPECT_EQ(Ranges(R"(<vulnerable range="gt">1.2-r9</vulnerable><vulnerable range="lt">1.0</vulnerable>)"),
            (Strings{"fixed 0..1.0", "not-fixed 1.2-r10.."}));
  EXPECT_EQ(Ranges(R"(<vulnerable range="ge">0</vulnerable>)"), Strings{"not-fixed 0.."});
  EXPECT_EQ(Ranges(R"(<vulnerable range="eq">*</vulnerable>)"), Strings{"not-fixed 0.."});
  EXPECT_EQ(Ranges(R"(<vulnerable range="eq">1.2*</vulnerable>)"), Strings{"fixed 1.2..1.3"});
  EXPECT_EQ(Ranges(R"(<vulnerable range="eq">1.9.*</vulnerable>)"), Strings{"fixed 1.9..1.10"});
  // Nothing is left of it.
  EXPECT_EQ(Of(Glsa(R"(<unaffected range="ge">0</unaffected><vulnerable range="lt">1.0</vulnerable>)")).left_out, 1);
}

TEST(Gentoo, RangesOfRevisions) {
  EXPECT_EQ(Ranges(R"(<vulnerable range="rlt">1.2-r3</vulnerable>)"), Strings{"fixed 1.2..1.2-r3"});
  EXPECT_EQ(Ranges(R"(<vulnerable range="rle">1.2-r3</vulnerable>)"), Strings{"fixed 1.2..[1.2-r3]"});
  EXPECT_EQ(Ranges(R"(<unaffected range="rge">1.2-r3</unaffected><vulnerable range="lt">1.4</vulnerable>)"),
            Strings{"fixed 0..1.2-r3 1.2_p..1.4"});
  EXPECT_EQ(Ranges(R"(<unaffected range="rgt">1.2-r3</unaffected><vulnerable range="lt">1.4</vulnerable>)"),
            Strings{"fixed 0..[1.2-r3] 1.2_p..1.4"});
  EXPECT_EQ(Ranges(R"(<unaffected range="rge">1.2_p1</unaffected><vulnerable range="lt">1.4</vulnerable>)"),
            Strings{"fixed 0..1.2_p1 1.2_p1_p..1.4"});
}

TEST(Gentoo, SlotsThatNameVersions) {
  EXPECT_EQ(
      Ranges(
          R"(<unaffected range="ge" slot="3.9">3.9.16</unaffected><unaffected range="ge" slot="3.10/3.10">3.10.9</unaffected>
<vulnerable range="lt" slot="3.9">3.9.16</vulnerable><vulnerable range="lt" slot="3.10">3.10.9</vulnerable>)"),
      Strings{"fixed 3.9..3.9.16 3.10..3.10.9"});
  EXPECT_EQ(Ranges(R"(<unaffected range="ge" slot="12">12.4</unaffected><vulnerable range="lt">13.4</vulnerable>)"),
            Strings{"fixed 0..12.4 13..13.4"});
  EXPECT_EQ(Ranges(R"(<unaffected range="ge" slot="0">0.9.8z</unaffected><vulnerable range="lt">1.0</vulnerable>)"),
            Strings{"fixed 0..0.9.8z"});
  EXPECT_EQ(Ranges(R"(<unaffected range="ge" slot="stable">1.1</unaffected><vulnerable range="lt">1.2</vulnerable>)"),
            Strings{"fixed 0..1.1"});
  EXPECT_EQ(Ranges(R"(<unaffected range="ge" slot="1">12.1</unaffected><vulnerable range="lt">13</vulnerable>)"),
            Strings{"fixed 0..12.1"});
}

TEST(Gentoo, KeepsArchitecturesApart) {
  EXPECT_EQ(Rows(Of(Glsa(R"(<vulnerable range="lt">1.0</vulnerable>)", " amd64  arm64 sparc "))),
            (Strings{"fixed x86_64 0..1.0", "fixed aarch64 0..1.0", "fixed sparc 0..1.0"}));
  EXPECT_EQ(Rows(Of(Glsa(R"(<vulnerable range="lt">1.0</vulnerable>)", ""))), Strings{"fixed 0..1.0"});
}

TEST(Gentoo, LeavesOutWhatIsNoEbuild) {
  EXPECT_EQ(Of(Glsa("", "*", "x", "200312-01", "infrastructure")).left_out, 1);
  EXPECT_EQ(Of(Glsa("")).left_out, 1);
}

TEST(Gentoo, RefusesWhatIsBroken) {
  constexpr std::string_view kGood = R"(<vulnerable range="lt">1.0</vulnerable>)";
  const auto fails = [](std::string_view text, ErrorKind kind, std::string_view message) {
    ExpectError(Read(text), kind, message);
  };
  fails(Glsa(kGood, "*", "lib"), ErrorKind::kCorrupt, "GLSA-203001-01: lib: \"lib\" is no package");
  fails(Glsa(kGood, "*", "a/b/c"), ErrorKind::kCorrupt, "is no package");
  fails(Glsa(kGood, "*", "a/b c"), ErrorKind::kCorrupt, "is no package");
  fails(Glsa(kGood, "*", "a/b", "x"), ErrorKind::kCorrupt, "a GLSA with the id \"x\"");
  fails(Glsa(R"(<vulnerable range="lt">one</vulnerable>)"), ErrorKind::kCorrupt, "\"one\" is no version");
  fails(Glsa(R"(<vulnerable range="lt"/>)"), ErrorKind::kCorrupt, "\"\" is no version");
  fails(Glsa(R"(<vulnerable range="about">1</vulnerable>)"), ErrorKind::kUnsupported, "a range \"about\"");
  fails(Glsa(R"(<vulnerable range="lt">1*</vulnerable>)"), ErrorKind::kUnsupported, "lt 1*");
  fails(Glsa(R"(<vulnerable range="eq">1.2_rc*</vulnerable>)"), ErrorKind::kUnsupported, "eq 1.2_rc*");
  fails(Glsa(Format(R"(<vulnerable range="lt">{}</vulnerable>)", std::string(300, '1'))), ErrorKind::kCorrupt,
        "is no version");
  std::string many;
  for (int i = 0; i < 1'001; ++i) many += kGood;
  fails(Glsa(many), ErrorKind::kLimit, "too many ranges");
  std::string keywords;
  for (int i = 0; i < 65; ++i) keywords += "x ";
  fails(Glsa(kGood, keywords), ErrorKind::kLimit, "too many architectures");
  const std::string text = Glsa(kGood);
  for (const std::size_t size : {text.size() / 3, text.size() / 2, text.size() - 5})
    fails(text.substr(0, size), ErrorKind::kCorrupt, "not XML");
  fails("<other/>", ErrorKind::kCorrupt, "no GLSA");
}

TEST(Gentoo, KnowsItsOwnDocuments) {
  const auto provider = MakeGentooProvider();
  const auto recognises = [&](std::string_view text) {
    return provider->Recognises({.name = "x", .source = "x", .notation = Notation::kXml, .text = text, .root = {}});
  };
  EXPECT_TRUE(recognises(Glsa("")));
  EXPECT_FALSE(recognises("<glsas id='1'/>"));
  EXPECT_FALSE(recognises("<glsa><x id='1'/></glsa>"));
  EXPECT_FALSE(recognises("<updates/>"));
}

}  // namespace
}  // namespace holdfast::advisory
