#include "match/decide.h"

#include <gtest/gtest.h>

namespace holdfast::match {
namespace {

struct Row {
  std::vector<model::RangeView> ranges = {{"0", model::RangeEnd::kFixed, "1:2.0-3.el9"}};
  std::vector<std::string_view> versions;
  std::string_view module_label;
  std::string_view architecture;

  model::AffectedView View() const {
    model::AffectedView view;
    view.advisory_id = "X-1";
    view.module_label = module_label;
    view.architecture = architecture;
    view.fix_state = model::FixState::kFixed;
    view.ranges = ranges;
    view.versions = versions;
    return view;
  }
};

Candidate Rpm(std::string_view version) {
  Candidate candidate;
  candidate.version = version;
  candidate.scheme_id = "rpm";
  candidate.architecture = "x86_64";
  return candidate;
}

bool Holds(const Row& row, Candidate candidate) {
  Prepare(candidate);
  return Decide(row.View(), candidate).outcome == Outcome::kHolds;
}

TEST(Decide, ComparesEpochsUnlessTheVersionCameFromAFileName) {
  EXPECT_TRUE(Holds({}, Rpm("1:2.0-2.el9")));
  EXPECT_FALSE(Holds({}, Rpm("1:2.0-3.el9")));
  EXPECT_TRUE(Holds({}, Rpm("2.0-3.el9"))) << "no epoch is epoch 0";
  Candidate source = Rpm("2.0-3.el9");
  source.without_epoch = true;
  EXPECT_FALSE(Holds({}, source));
  source.version = "2.0-2.el9";
  EXPECT_TRUE(Holds({}, source));
}

TEST(Decide, ComparesAsTheEcosystemOfTheVersionDoes) {
  struct Case {
    std::string_view scheme, version;
    model::RangeView range;
    bool expected;
  };
  const Case cases[] = {
      {"bitnami", "4.1.0-3", {"4.1.0", model::RangeEnd::kLastAffected, "4.1.0"}, true},
      {"bitnami", "4.1.1-0", {"0", model::RangeEnd::kFixed, "4.1.1"}, false},
      {"composer", "2.0.0", {"1.0", model::RangeEnd::kLastAffected, "2.0"}, true},
      {"composer", "v1.0.0-RC1", {"1.0", model::RangeEnd::kOpen, ""}, false},
      {"nuget", "4.0.0.0", {"4.0", model::RangeEnd::kFixed, "4.0.0.1"}, true},
      {"nuget", "4.0.0-RC1", {"4.0.0-beta", model::RangeEnd::kFixed, "4.0.0"}, true},
      {"pub", "1.0.0+2", {"0", model::RangeEnd::kFixed, "1.0.0+3"}, true},
      {"cran", "1.0-10", {"0", model::RangeEnd::kFixed, "1.0.9"}, false},
      {"hackage", "2.2.3.1", {"2.2", model::RangeEnd::kFixed, "2.2.3.10"}, true},
      {"jvm", "1.8.0_252-b09", {"0", model::RangeEnd::kLastAffected, "8u252"}, true},
  };
  for (const Case& one : cases) {
    Row row;
    row.ranges = {one.range};
    Candidate candidate;
    candidate.version = one.version;
    candidate.scheme_id = one.scheme;
    EXPECT_EQ(Holds(row, candidate), one.expected) << one.scheme << " " << one.version;
  }
}

TEST(Decide, RespectsBothEndsOfRanges) {
  Row row;
  row.ranges = {{"1.0-1", model::RangeEnd::kFixed, "1.2-1"},
                {"2.0-1", model::RangeEnd::kLastAffected, "2.4-1"},
                {"3.0-1", model::RangeEnd::kOpen, ""}};
  const std::pair<std::string_view, bool> cases[] = {
      {"0.9-1", false}, {"1.0-1", true}, {"1.1-9", true},  {"1.2-1", false}, {"1.9-1", false},
      {"2.0-1", true},  {"2.4-1", true}, {"2.4-2", false}, {"3.0-1", true},  {"99-1", true},
  };
  for (const auto& [version, expected] : cases) EXPECT_EQ(Holds(row, Rpm(version)), expected) << version;
  Candidate candidate = Rpm("2.4-1");
  Prepare(candidate);
  EXPECT_EQ(Decide(row.View(), candidate).range, ">= 2.0-1, <= 2.4-1");
}

TEST(Decide, KeepsModularAndOrdinaryBuildsApart) {
  Row modular;
  modular.ranges = {{"0", model::RangeEnd::kFixed, "1:18.20-1.module_el9+1"}};
  modular.module_label = "nodejs:18";
  Candidate package = Rpm("1:18.1-1.module_el9+1");
  package.module_label = "nodejs:18:9020:abc";
  EXPECT_TRUE(Holds(modular, package));
  package.module_label = "nodejs:1";
  EXPECT_FALSE(Holds(modular, package));
  package.module_label = "nodejs:180:1:x";
  EXPECT_FALSE(Holds(modular, package)) << "a stream is not the prefix of another";
  package.module_label = "";
  EXPECT_TRUE(Holds(modular, package)) << "modular by its release, stream not recorded";
  EXPECT_FALSE(Holds(modular, Rpm("1:16.1-1.el9")));
  package.module_label = "nodejs:18:1:x";
  EXPECT_FALSE(Holds({}, package)) << "an ordinary fix says nothing of a module";
  modular.module_label = "virt:rhel,nodejs:18";
  EXPECT_TRUE(Holds(modular, package));
}

TEST(Decide, ComparesArchitecturesAfterFolding) {
  Row row;
  row.architecture = "amd64";
  EXPECT_TRUE(Holds(row, Rpm("1-1")));
  row.architecture = "aarch64";
  EXPECT_FALSE(Holds(row, Rpm("1-1")));
  Candidate any = Rpm("1-1");
  any.architecture = "noarch";
  EXPECT_TRUE(Holds(row, any));
  row.architecture = "src";
  EXPECT_FALSE(Holds(row, any));
  any.from_source = true;
  EXPECT_TRUE(Holds(row, any));
}

TEST(Decide, AsksOnlyMarkedRowsOfASourceWhereOthersNameBinaries) {
  Candidate source = Rpm("1-1");
  source.from_source = true;
  source.marked_only = true;
  Row row;
  EXPECT_FALSE(Holds(row, source));
  row.architecture = "x86_64";
  EXPECT_FALSE(Holds(row, source));
  row.architecture = "noarch";
  EXPECT_FALSE(Holds(row, source));
  row.architecture = "src";
  EXPECT_TRUE(Holds(row, source));
}

TEST(Decide, SaysWhyItCannot) {
  const Row row;
  Candidate unknown = Rpm("1-1");
  unknown.scheme_id = "";
  Prepare(unknown);
  EXPECT_EQ(Decide(row.View(), unknown).outcome, Outcome::kUndecided);
  Candidate unreadable = Rpm("");
  Prepare(unreadable);
  const Decision decision = Decide(row.View(), unreadable);
  EXPECT_EQ(decision.outcome, Outcome::kUndecided);
  EXPECT_NE(decision.problem.find("rpm"), std::string::npos);
}

TEST(Decide, ListedVersionsAreExact) {
  Row row;
  row.ranges.clear();
  row.versions = {"1.0-1", "0:1.1-1"};
  EXPECT_TRUE(Holds(row, Rpm("1.0-1")));
  EXPECT_TRUE(Holds(row, Rpm("1.1-1"))) << "equal by the order, though not by the letter";
  EXPECT_FALSE(Holds(row, Rpm("1.2-1")));
}

TEST(FixedVersions, AreAboveTheInstalledOneAndReallyFixed) {
  Row row;
  row.ranges = {{"0", model::RangeEnd::kFixed, "1.2-1"},
                {"0", model::RangeEnd::kFixed, "1.4-1"},
                {"2.0-1", model::RangeEnd::kFixed, "2.3-1"}};
  Candidate candidate = Rpm("1.0-1");
  Prepare(candidate);
  EXPECT_EQ(FixedVersions(row.View(), candidate), (std::vector<std::string>{"1.4-1", "2.3-1"}));
  candidate.version = "2.1-1";
  EXPECT_EQ(FixedVersions(row.View(), candidate), (std::vector<std::string>{"2.3-1"}));
}

}  // namespace
}  // namespace holdfast::match
