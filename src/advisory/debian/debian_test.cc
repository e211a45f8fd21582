#include "advisory/debian/debian.h"

#include <gtest/gtest.h>

#include <map>

#include "advisory/debian/list.h"
#include "advisory/debian/release.h"
#include "advisory/debian/tracker.h"
#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;
using enum model::FixState;

class Sink final : public AdvisorySink {
 public:
  void Add(const model::Advisory& advisory) override { advisories.insert_or_assign(advisory.id, advisory); }
  void AddFacts(const model::VulnerabilityFacts&) override {}
  void AddReleaseLife(const model::ReleaseLife&) override {}
  void LeaveOut() override { ++left_out; }
  void Problem(const Error& error) override { problems.push_back(error.Message()); }

  std::map<std::string, model::Advisory> advisories;
  std::vector<std::string> problems;
  int left_out = 0;
};

// Documents in their order, then the end.
class Reading {
 public:
  Result<void> Json(std::string_view text) {
    const auto tree = Value(io::JsonDocument::Parse(text));
    const Document document{.name = "json", .source = "debian", .text = text, .root = tree.Root()};
    EXPECT_TRUE(provider_->Recognises(document));
    return provider_->Read(document, sink_);
  }
  Result<void> List(std::string_view text) {
    const Document document{
        .name = "DSA/list", .source = "debian", .notation = Notation::kText, .text = text, .root = {}};
    EXPECT_TRUE(provider_->Recognises(document));
    return provider_->Read(document, sink_);
  }
  Sink& End() {
    provider_->Finish(sink_);
    return sink_;
  }

 private:
  std::unique_ptr<Provider> provider_ = MakeDebianProvider();
  Sink sink_;
};

// "release package state version severity" of each row.
std::vector<std::string> Rows(const model::Advisory& advisory) {
  std::vector<std::string> rows;
  for (const model::Affected& row : advisory.affected) {
    EXPECT_EQ(row.ecosystem, "Debian");
    EXPECT_EQ(row.version_scheme, "dpkg");
    EXPECT_EQ(row.ranges.empty(), row.fix_state == kNotAffected);
    std::string text = Format("{} {} {}", row.release, row.package, model::FixStateName(row.fix_state));
    for (const auto& range : row.ranges) {
      EXPECT_EQ(range.introduced, "0");
      if (range.fixed) text += " " + *range.fixed;
    }
    if (row.severity) text += Format(" {}", model::SeverityName(*row.severity));
    rows.push_back(std::move(text));
  }
  return rows;
}

using Lines = std::vector<std::string>;

constexpr std::string_view kTracker = R"({
  "libfoo": {
    "CVE-2024-1111": {
      "description": "A heap overflow in libfoo.", "debianbug": 1000001, "scope": "remote",
      "releases": {
        "bullseye": {"status": "resolved", "repositories": {"bullseye": "1.0-1"}, "fixed_version": "0",
                     "urgency": "high"},
        "bookworm": {"status": "open", "repositories": {"bookworm": "1:2.0-3"}, "urgency": "high**",
                     "nodsa": "Minor issue", "nodsa_reason": "postponed"},
        "trixie": {"status": "open", "repositories": {"trixie": "1:2.0-3"}, "urgency": "high",
                   "nodsa": "Not worth it", "nodsa_reason": "ignored"},
        "sid": {"status": "resolved", "repositories": {"sid": "1:2.1-2"}, "fixed_version": "1:2.1-1",
                "urgency": "high"}}},
    "TEMP-0000000-0CA7E3": {
      "releases": {
        "bookworm": {"status": "undetermined", "repositories": {"bookworm": "1:2.0-3"}, "urgency": "unimportant"},
        "sid": {"status": "open", "repositories": {"sid": "1:2.1-2"}, "urgency": "not yet assigned"}}}
  },
  "bar": {
    "CVE-2024-1111": {
      "description": "The same, bundled.",
      "releases": {
        "bookworm": {"status": "open", "repositories": {}, "urgency": "end-of-life", "nodsa": "", "nodsa_reason": ""}}}
  }
})";

TEST(DebianTracker, GivesAnAdvisoryForEachVulnerability) {
  Reading reading;
  Value(reading.Json(kTracker));
  const Sink& sink = reading.End();
  EXPECT_EQ(sink.problems, Lines());
  ASSERT_EQ(sink.advisories.size(), 2U);
  const model::Advisory& cve = sink.advisories.at("DEBIAN-CVE-2024-1111");
  EXPECT_EQ(cve.related, Lines{"CVE-2024-1111"});
  EXPECT_EQ(cve.source, "debian");
  EXPECT_EQ(cve.severity, model::Severity::kUnknown);
  EXPECT_EQ(Rows(cve), (Lines{
                           "12 bar wont-fix Unknown",
                           "11 libfoo not-affected High",
                           "12 libfoo not-fixed High",
                           "13 libfoo wont-fix High",
                           "unstable libfoo fixed 1:2.1-1 High",
                       }));
  EXPECT_EQ(cve.summary, "The same, bundled.");
  EXPECT_EQ(cve.details,
            "The same, bundled.\n\nDebian 12: bar: no-dsa\nDebian 12: libfoo: postponed (Minor issue)\n"
            "Debian 13: libfoo: ignored (Not worth it)");
  EXPECT_EQ(cve.references,
            (std::vector<model::Reference>{{"ADVISORY", "https://security-tracker.debian.org/tracker/CVE-2024-1111"},
                                           {"REPORT", "https://bugs.debian.org/1000001"}}));
  const model::Advisory& temporary = sink.advisories.at("DEBIAN-TEMP-0000000-0CA7E3");
  EXPECT_EQ(Rows(temporary), (Lines{"12 libfoo under-investigation Negligible", "unstable libfoo not-fixed Unknown"}));
}

TEST(DebianTracker, StatesASeverityOnceWhereAllReleasesAgree) {
  Reading reading;
  Value(reading.Json(R"({"a": {"CVE-2024-1": {"releases": {
      "bookworm": {"status": "open", "urgency": "low"}, "trixie": {"status": "open", "urgency": "low**"}}}}})"));
  const model::Advisory& cve = reading.End().advisories.at("DEBIAN-CVE-2024-1");
  EXPECT_EQ(cve.severity, model::Severity::kLow);
  EXPECT_EQ(Rows(cve), (Lines{"12 a not-fixed", "13 a not-fixed"}));
}

TEST(DebianTracker, SkipsBadRecordsAndNamesThem) {
  Reading reading;
  Value(reading.Json(R"({
    "good": {"CVE-2024-1": {"releases": {"bookworm": {"status": "open", "urgency": "low"}}}},
    "Bad Name": {"CVE-2024-1": {"releases": {}}},
    "list": [],
    "a": {"GHSA-x y": {"releases": {}}, "CVE-2024-2": 7, "CVE-2024-3": {"releases": []},
          "CVE-2024-4": {"releases": {"bookworm": {"status": "resolved", "urgency": "low"},
                                      "trixie": {"status": "resolved", "fixed_version": "no version", "urgency": "low"},
                                      "bullseye": {"status": "perhaps"},
                                      "sid": 3,
                                      "buster": {"status": "open", "urgency": "low"}}},
          "CVE-2024-5": {"releases": {"zurg": {"status": "open", "urgency": "low"}}},
          "CVE-2024-6": {"releases": {"zurg": {"status": "open", "urgency": "low"},
                                      "bookworm": {"status": "open", "urgency": "terrible"}}}}})"));
  const Sink& sink = reading.End();
  EXPECT_EQ(sink.problems, (Lines{
                               "Bad Name : not a package",
                               "list : not a package",
                               "a GHSA-x y: not a record",
                               "a CVE-2024-2: not a record",
                               "a CVE-2024-3: not a record",
                               "a CVE-2024-4: bookworm: resolved without a usable version",
                               "a CVE-2024-4: trixie: resolved without a usable version",
                               "a CVE-2024-4: bullseye: no known status",
                               "a CVE-2024-4: sid: no known status",
                               "a CVE-2024-5: unknown codename \"zurg\", here first",
                               "a CVE-2024-6: unknown urgency \"terrible\", here first",
                           }));
  EXPECT_EQ(Rows(sink.advisories.at("DEBIAN-CVE-2024-4")), Lines{"10 a not-fixed"});
  EXPECT_EQ(Rows(sink.advisories.at("DEBIAN-CVE-2024-6")), Lines{"12 a not-fixed"});
}

TEST(DebianTracker, KeepsItsLimits) {
  std::string releases;
  for (std::size_t i = 0; i <= kTrackerReleasesMax; ++i)
    releases += Format(R"({}"r{}": {{"status": "open", "urgency": "low"}})", i == 0 ? "" : ",", i);
  Reading reading;
  Value(reading.Json(Format(
      R"({{"a": {{"CVE-2024-1": {{"releases": {{{}}}}},
              "CVE-2024-2": {{"description": "{}", "releases": {{"sid": {{"status": "open", "urgency": "low"}}}}}}}}}})",
      releases, std::string(kTrackerTextBytesMax + 1, 'x'))));
  const Sink& sink = reading.End();
  EXPECT_EQ(sink.problems, (Lines{"a CVE-2024-1: too many releases", "a CVE-2024-2: description left out"}));
  EXPECT_EQ(sink.advisories.at("DEBIAN-CVE-2024-2").details, "");
}

TEST(DebianTracker, ShortensLongDescriptions) {
  std::string text;
  while (text.size() < 300) text += "wörter ";
  Reading reading;
  Value(reading.Json(Format(R"({{"a": {{"CVE-2024-1": {{"description": "{}", "releases": {{"sid": {{"status": "open",
                 "urgency": "low"}}}}}}}}}})",
                            text)));
  const model::Advisory& cve = reading.End().advisories.at("DEBIAN-CVE-2024-1");
  EXPECT_EQ(cve.details, text);
  EXPECT_LE(cve.summary.size(), 205U);
  EXPECT_TRUE(cve.summary.ends_with("wörter …")) << cve.summary;
}

constexpr std::string_view kList = R"(
[29 Feb 2024] DSA-9003-1 libfoo - security update
	{CVE-2024-1111 CVE-2024-1112 CVE-2024-1111 }
	[bullseye] - libfoo <not-affected> (Vulnerable code not present)
	[bookworm] - libfoo 1:2.0-3+deb12u1
	NOTE: a note
[01 Feb 2024] DLA-77-2 bar - regression update
	[stretch] - bar 1.0-2+deb9u2
[01 Jan 2024] DSA-9001-1 bookworm end-of-life
        NOTE: end of security support
[August 26th, 2005] DTSA-1-1 kismet - various
    	{CVE-2005-2626 CVE-2005-2627 }
 	[etch] - kismet  2005.08.R1-0.1etch1 (high)
	- kismet 2005.08.R1-1 (bug #1; high)
[02 Jul 2002] DSA-135 libapache-mod-ssl -- buffer overflow / DoS
	[woody] - libapache-mod-ssl 2.8.9-2
	[potato] - libapache-mod-ssl <unfixed>
)";

TEST(DebianList, GivesAnAdvisoryForEachOfItsOwn) {
  Reading reading;
  Value(reading.List(kList));
  const Sink& sink = reading.End();
  EXPECT_EQ(sink.problems, Lines());
  EXPECT_EQ(sink.left_out, 2);
  ASSERT_EQ(sink.advisories.size(), 3U);
  const model::Advisory& dsa = sink.advisories.at("DSA-9003-1");
  EXPECT_EQ(dsa.published, "2024-02-29T00:00:00Z");
  EXPECT_EQ(dsa.summary, "libfoo - security update");
  EXPECT_EQ(dsa.related, (Lines{"CVE-2024-1111", "CVE-2024-1112"}));
  EXPECT_EQ(Rows(dsa), (Lines{"11 libfoo not-affected", "12 libfoo fixed 1:2.0-3+deb12u1"}));
  const model::Advisory& dtsa = sink.advisories.at("DTSA-1-1");
  EXPECT_EQ(dtsa.published, "2005-08-26T00:00:00Z");
  EXPECT_EQ(dtsa.related, (Lines{"CVE-2005-2626", "CVE-2005-2627"}));
  EXPECT_EQ(Rows(dtsa), (Lines{"4 kismet fixed 2005.08.R1-0.1etch1", "unstable kismet fixed 2005.08.R1-1"}));
  const model::Advisory& old = sink.advisories.at("DSA-135");
  EXPECT_EQ(old.summary, "libapache-mod-ssl -- buffer overflow / DoS");
  EXPECT_EQ(Rows(old), (Lines{"3.0 libapache-mod-ssl fixed 2.8.9-2", "2.2 libapache-mod-ssl not-fixed"}));
}

TEST(DebianList, SkipsBadLinesAndNamesTheirAdvisory) {
  Reading reading;
  const std::string long_line(kListLineBytesMax + 1, 'x');
  Value(reading.List(R"([01 Jan 2024] DSA-1-1 a - security update
	{CVE-2024-1 not/an/id
	{CVE-2024-1 c/d}
	[zurg] - a 1
	[bookworm - a 1
	[bookworm] a 1
	[bookworm] - a
	[bookworm] - a 1_2
	[bookworm] - a <surprising>
	[bookworm] - A/B 1
	[bookworm] - a 1.0
	)" + long_line +
                     R"(
[32 Jan 2024] DSA-2-1 b - security update
	[bookworm] - b 1.0
[01 Foo 2024] DSA-3-1 b - security update
[01 Jan 2024] USN-3-1 b - security update
junk
[01 Jan 2024] DSA-4-1 b - security upd)"));
  const Sink& sink = reading.End();
  ASSERT_EQ(sink.problems.size(), 14U);
  EXPECT_EQ(sink.problems[0], "DSA-1-1: unclosed list of vulnerabilities: \"{CVE-2024-1 not/an/id\"");
  EXPECT_EQ(sink.problems[1], "DSA-1-1: not an id: \"c/d\"");
  EXPECT_EQ(sink.problems[2], "DSA-1-1: unknown codename: \"[zurg] - a 1\"");
  EXPECT_EQ(sink.problems[3], "DSA-1-1: unreadable row: \"[bookworm - a 1\"");
  EXPECT_EQ(sink.problems[4], "DSA-1-1: unreadable row: \"[bookworm] a 1\"");
  EXPECT_EQ(sink.problems[5], "DSA-1-1: not a version: \"[bookworm] - a\"");
  EXPECT_EQ(sink.problems[6], "DSA-1-1: not a version: \"[bookworm] - a 1_2\"");
  EXPECT_EQ(sink.problems[7], "DSA-1-1: unknown state: \"[bookworm] - a <surprising>\"");
  EXPECT_EQ(sink.problems[8], "DSA-1-1: unreadable row: \"[bookworm] - A/B 1\"");
  EXPECT_TRUE(sink.problems[9].starts_with("DSA-1-1: line of 262"));
  EXPECT_EQ(sink.problems[10], "list: not a heading: \"[32 Jan 2024] DSA-2-1 b - security update\"");
  EXPECT_EQ(sink.problems[13], "list: not a heading: \"junk\"");
  ASSERT_EQ(sink.advisories.size(), 1U);
  EXPECT_EQ(Rows(sink.advisories.at("DSA-1-1")), Lines{"12 a fixed 1.0"});
  EXPECT_EQ(sink.left_out, 1);  // the truncated one: neither ids nor rows
}

TEST(DebianList, LosesOnlyTheLastLineOfATruncatedOne) {
  for (std::size_t length = 40; length < kList.size(); ++length) {
    Reading reading;
    Value(reading.List(kList.substr(0, length)));
    EXPECT_LE(reading.End().problems.size(), 1U) << length;
  }
}

TEST(DebianList, KeepsItsLimits) {
  std::string text = "[01 Jan 2024] DSA-1-1 a - security update\n";
  for (std::size_t i = 0; i < kListRowsMax + 2; ++i) text += Format("\t[bookworm] - a {}\n", i);
  for (int block = 0; block < 4; ++block) {
    text += "\t{";
    for (std::size_t i = 0; i < kListIdsMax / 4 + 1; ++i) text += Format("CVE-{}-{} ", block, i);
    text += "}\n";
  }
  Reading reading;
  Value(reading.List(text));
  const Sink& sink = reading.End();
  EXPECT_EQ(sink.problems.size(), 3U);
  EXPECT_EQ(sink.advisories.at("DSA-1-1").related.size(), kListIdsMax);
  EXPECT_EQ(sink.advisories.at("DSA-1-1").affected.size(), kListRowsMax);

  std::string many;
  for (std::size_t i = 0; i < kListAdvisoriesMax + 2; ++i)
    many += Format("[01 Jan 2024] DSA-{}-1 a - security update\n\t[sid] - a 1\n", i);
  Reading other;
  ExpectError(other.List(many), ErrorKind::kLimit, "200000");
}

constexpr std::string_view kSplit = R"({"libfoo": {
    "CVE-2024-1": {"releases": {"bookworm": {"status": "resolved", "fixed_version": "2.0-3+deb12u1", "urgency": "low"}}},
    "CVE-2024-2": {"releases": {"bookworm": {"status": "resolved", "fixed_version": "0", "urgency": "low"}}},
    "CVE-2024-3": {"releases": {"bookworm": {"status": "resolved", "fixed_version": "1.9-1", "urgency": "low"}}},
    "CVE-2024-4": {"releases": {"bookworm": {"status": "open", "urgency": "low"}}}}})";

// {vulnerabilities of the DSA, whether its row stays beside the tracker}
TEST(DebianProvider, TakesTheTrackersWordAboutSingleVulnerabilities) {
  const std::pair<std::string_view, bool> cases[] = {
      {"CVE-2024-1", true},  // agrees
      {"CVE-2024-4", true},  // the tracker knows no fix
      {"CVE-2024-1 CVE-2024-4", true},
      {"CVE-2024-1 CVE-2024-2", false},  // never affected
      {"CVE-2024-1 CVE-2024-3", false},  // fixed before
      {"CVE-2024-3 CVE-2024-4", false},
      {"CVE-2024-1 CVE-2024-2 CVE-2024-9", true},  // one that only the DSA knows: its row is needed
      {"", true},
  };
  for (const bool list_first : {false, true}) {
    for (const auto& [ids, stays] : cases) {
      const std::string list = Format(
          "[01 Jan 2024] DSA-1-1 libfoo - security update\n\t{{{}}}\n\t[bookworm] - libfoo 2.0-3+deb12u1\n"
          "\t[bullseye] - libfoo 1.0-3+deb11u1\n",
          ids);
      Reading reading;
      if (list_first) Value(reading.List(list));
      Value(reading.Json(kSplit));
      if (!list_first) Value(reading.List(list));
      const model::Advisory& dsa = reading.End().advisories.at("DSA-1-1");
      EXPECT_EQ(dsa.affected.size(), stays ? 2U : 1U) << ids;
      EXPECT_EQ(dsa.affected.back().release, "11");
    }
  }
}

TEST(DebianProvider, RecognisesOnlyItsOwn) {
  const auto provider = MakeDebianProvider();
  for (const std::string_view text : {R"([])", R"({})", R"({"id": "CVE-2024-1"})",
                                      R"({"a": {"CVE-2024-1": {"fixed_version": "1", "severity": "x"}}})",
                                      R"({"a": {"CVE-2024-1": {"releases": {}}}})",
                                      R"({"a": {"CVE-2024-1": {"releases": {"sid": {"status": "x"}}}}})",
                                      R"({"a": {"b": {"releases": {"sid": {"status": "open", "urgency": "low"}}}}})",
                                      R"({"apkurl": "x", "urlprefix": "x", "packages": []})"}) {
    const auto tree = Value(io::JsonDocument::Parse(text));
    EXPECT_FALSE(provider->Recognises({.text = text, .root = tree.Root()})) << text;
    EXPECT_FALSE(provider->Recognises({.notation = Notation::kText, .text = text, .root = {}})) << text;
  }
  for (const std::string_view text :
       {"", "\n\n", "389-ds-base;cpe:/a:fedoraproject:389_directory_server", "[29 Mar 2023]", "[29 Mar 2023] USN-1-1 a",
        "[29 Mar 2023] DSA-x a", "[] DSA-1-1 a", "CVE-2023-5088 (A bug)\n[29 Mar 2023] DSA-1-1 a - b"})
    EXPECT_FALSE(provider->Recognises({.notation = Notation::kText, .text = text, .root = {}})) << text;
  EXPECT_FALSE(provider->Recognises({.notation = Notation::kCsv, .text = kList, .root = {}}));
}

TEST(DebianRelease, KnowsTheCodenames) {
  EXPECT_EQ(DebianRelease("trixie"), "13");
  EXPECT_EQ(DebianRelease("squeeze"), "6");
  EXPECT_EQ(DebianRelease("sid"), "unstable");
  EXPECT_EQ(DebianRelease("focal"), std::nullopt);
  EXPECT_EQ(DebianRelease(""), std::nullopt);
}

}  // namespace
}  // namespace holdfast::advisory
