#include "advisory/arch/arch.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;
using Lines = std::vector<std::string>;

std::string Group(std::string_view name, std::string_view status, std::string_view fixed,
                  std::string_view packages = R"("foo","lib32-foo")") {
  return Format(R"({{"name":"{}","packages":[{}],"status":"{}","severity":"Critical","type":"arbitrary code execution",
    "affected":"1.0-1","fixed":{},"ticket":"54842","issues":["CVE-2030-1","CVE-2030-2"],"advisories":["ASA-203001-1"]}})",
                name, packages, status, fixed);
}

test::AdvisoryRecorder Recorded(const std::string& text) {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeArchProvider();
  const auto tree = Value(io::JsonDocument::Parse(text));
  const Document document{.name = "x.json", .source = "x", .text = text, .root = tree.Root()};
  EXPECT_TRUE(provider->Recognises(document));
  Value(provider->Read(document, recorder));
  return recorder;
}

TEST(Arch, ReadsAGroup) {
  for (const std::string& text :
       {Group("AVG-1", "Fixed", R"("1:1.1-1")"), Format("[{}]", Group("AVG-1", "Fixed", R"("1:1.1-1")"))}) {
    const auto recorder = Recorded(text);
    ASSERT_EQ(recorder.advisories.size(), 1U);
    const model::Advisory& advisory = recorder.advisories[0];
    EXPECT_EQ(advisory.id, "AVG-1");
    EXPECT_EQ(advisory.related, (Lines{"CVE-2030-1", "CVE-2030-2"}));
    EXPECT_EQ(advisory.severity, model::Severity::kCritical);
    EXPECT_EQ(advisory.summary, "arbitrary code execution");
    EXPECT_EQ(advisory.references,
              (std::vector<model::Reference>{{"ADVISORY", "https://security.archlinux.org/AVG-1"},
                                             {"ADVISORY", "https://security.archlinux.org/ASA-203001-1"}}));
    ASSERT_EQ(advisory.affected.size(), 2U);
    EXPECT_EQ(advisory.affected[1].package, "lib32-foo");
    const model::Affected& row = advisory.affected[0];
    EXPECT_EQ(row.ecosystem, "Arch Linux");
    EXPECT_EQ(row.release, "");
    EXPECT_EQ(row.package, "foo");
    EXPECT_EQ(row.version_scheme, "pacman");
  }
}

TEST(Arch, ReadsEachStatus) {
  const std::tuple<std::string_view, std::string_view, std::string_view> cases[] = {
      {"Fixed", R"("1.1-1")", "fixed <1.1-1"},
      {"Testing", R"("1.1-1")", "not-fixed <1.1-1"},
      {"Vulnerable", "null", "not-fixed <-"},
      {"Unknown", "null", "under-investigation <-"},
      {"Unknown", R"("1.1-1")", "under-investigation <1.1-1"},
      {"Not affected", "null", "not-affected"},
      {"Not affected", R"("1.1-1")", "not-affected"},
  };
  for (const auto& [status, fixed, expected] : cases) {
    const auto recorder = Recorded(Group("AVG-1", status, fixed, R"("foo")"));
    const model::Affected& row = recorder.advisories.at(0).affected.at(0);
    EXPECT_EQ(Format("{}{}", model::FixStateName(row.fix_state),
                     row.ranges.empty() ? "" : Format(" <{}", row.ranges[0].fixed.value_or("-"))),
              expected);
  }
}

TEST(Arch, ReportsBrokenRecordsAndKeepsTheRest) {
  const auto recorder =
      Recorded(Format("[{},{},{},{},{},{},7,{{\"name\":\"AVG-7\"}},{}]", Group("AVG-1", "Vulnerable", "null"),
                      Group("AVG-2", "Fixed", "null"), Group("AVG-3", "Lost", "null"),
                      Group("AVG-4", "Fixed", R"("1 2")"), Group("AVG-5", "Fixed", R"("1-1")", ""),
                      Group("AVG-6", "Fixed", R"("1-1")", R"("a b")"), Group("AVG-8", "Vulnerable", R"("")")));
  EXPECT_EQ(recorder.problems, (Lines{"corrupt: AVG-2: fixed in no version", "unsupported: AVG-3: status \"Lost\"",
                                      "corrupt: AVG-4: fixed in no version", "corrupt: AVG-5: no packages",
                                      "corrupt: AVG-6: a package without a name", "corrupt: : not a group",
                                      "corrupt: AVG-7: not a group", "corrupt: AVG-8: fixed in no version"}));
  EXPECT_EQ(recorder.advisories.size(), 1U);
  std::string many = R"("a")";
  for (int i = 0; i < 10'000; ++i) many += R"(,"a")";
  EXPECT_EQ(Recorded(Format("[{}]", Group("AVG-1", "Vulnerable", "null", many))).problems,
            Lines{"limit: AVG-1: more than 10000 packages"});
  const auto tree = Value(io::JsonDocument::Parse(Group("AVG-1", "Lost", "null")));
  test::AdvisoryRecorder one;
  ExpectError(MakeArchProvider()->Read({.name = "x", .source = "x", .text = "", .root = tree.Root()}, one),
              ErrorKind::kUnsupported, "Lost");
}

TEST(Arch, IsToldFromOthers) {
  const auto provider = MakeArchProvider();
  for (const std::string_view json :
       {"[]", "{}", R"([{"name":"AVG-1"}])", R"({"name":"left-pad","packages":[],"issues":[]})", "7"}) {
    const auto tree = Value(io::JsonDocument::Parse(json));
    EXPECT_FALSE(provider->Recognises({.name = "x", .source = "x", .text = json, .root = tree.Root()})) << json;
  }
}

}  // namespace
}  // namespace holdfast::advisory
