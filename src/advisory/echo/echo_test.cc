#include "advisory/echo/echo.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using Strings = std::vector<std::string>;

test::AdvisoryRecorder Of(std::string_view text) {
  test::AdvisoryRecorder sink;
  const auto provider = MakeEchoProvider();
  EXPECT_TRUE(sink.ReadJson(*provider, text));
  return sink;
}

Strings Rows(const test::AdvisoryRecorder& sink) {
  Strings rows;
  for (const model::Advisory& advisory : sink.advisories)
    for (const model::Affected& row : advisory.affected)
      rows.push_back(Format("{} {}:{} {} {} {}", advisory.id, row.ecosystem, row.release, row.package,
                            model::FixStateName(row.fix_state),
                            row.ranges.empty() ? "none" : row.ranges.at(0).fixed.value_or("all")));
  return rows;
}

TEST(Echo, ReadsEachState) {
  const auto sink = Of(R"({"nothing":{},"lib":{"CVE-2030-1":{},"CVE-2030-2":{"fixed_version":"0"}},
    "tool":{"CVE-2030-1":{"fixed_version":"1:2-3"},"TEMP-0000000-F7A20F":{"fixed_version":"1"}}})");
  EXPECT_TRUE(sink.recognised);
  EXPECT_TRUE(sink.problems.empty());
  EXPECT_EQ(Rows(sink),
            (Strings{"ECHO-CVE-2030-1 Echo: lib not-fixed all", "ECHO-CVE-2030-1 Echo: tool fixed 1:2-3",
                     "ECHO-CVE-2030-2 Echo: lib not-affected none", "ECHO-TEMP-0000000-F7A20F Echo: tool fixed 1"}));
  EXPECT_EQ(sink.advisories.at(0).related, Strings{"CVE-2030-1"});
  EXPECT_EQ(sink.advisories.at(0).source, "echo");
  EXPECT_EQ(sink.advisories.at(0).affected.at(0).version_scheme, "dpkg");
}

TEST(Echo, NamesWhatIsBroken) {
  const auto problems = [](std::string_view package) {
    const auto sink = Of(Format(R"({{"lib":{},"tool":{{"CVE-2030-1":{{"fixed_version":"2"}}}}}})", package));
    EXPECT_EQ(Rows(sink), Strings{"ECHO-CVE-2030-1 Echo: tool fixed 2"});
    return sink.problems;
  };
  EXPECT_EQ(problems("1"), Strings{"corrupt: lib: a package that is none"});
  EXPECT_EQ(problems(R"({"BUG-1":{}})"), Strings{"corrupt: lib: \"BUG-1\" is no vulnerability"});
  EXPECT_EQ(problems(R"({"CVE-2030-1":1})"), Strings{"corrupt: lib: a statement that is none"});
  EXPECT_EQ(problems(R"({"CVE-2030-1":{"fixed_version":2}})"), Strings{"corrupt: lib: a statement that is none"});
  EXPECT_EQ(problems(R"({"CVE-2030-1":{"fixed_version":"1 2"}})"), Strings{"corrupt: lib: a statement that is none"});
}

TEST(Echo, KnowsItsOwnDocument) {
  const auto recognises = [](std::string_view text) {
    test::AdvisoryRecorder sink;
    const auto provider = MakeEchoProvider();
    (void)sink.ReadJson(*provider, text);
    return sink.recognised;
  };
  EXPECT_TRUE(recognises(R"({"a":{"CVE-2030-1":{"fixed_version":"1"}}})"));
  for (const std::string_view other :
       {"{}", "[]", R"({"a":1})", R"({"a":{}})", R"({"a":{"CVE-2030-1":{}}})", R"({"a":{"x":{"fixed_version":"1"}}})",
        R"({"a":{"CVE-2030-1":{"fixed_version":1}}})", R"({"a":{"CVE-2030-1":{"releases":{}}}})",
        R"({"a":{"CVE-2030-1":{"fixed_version":"1","scope":"x"}}})"})
    EXPECT_FALSE(recognises(other)) << other;
  test::AdvisoryRecorder sink;
  const auto provider = MakeEchoProvider();
  ExpectError(sink.ReadJson(*provider, "{}"), ErrorKind::kCorrupt, "no packages");
  ExpectError(sink.ReadJson(*provider, "[]"), ErrorKind::kCorrupt, "no packages");
}

}  // namespace
}  // namespace holdfast::advisory
