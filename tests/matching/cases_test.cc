// testdata/cases.txt against the advisories that the project ships for its demonstration.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "base/format.h"
#include "match/matcher.h"
#include "model/ecosystem.h"
#include "service/snapshot_lookup.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

using test::Value;

struct Case {
  std::string where, package, version, module_label;
  bool found = false;
  std::string advisory, why;
};

std::vector<Case> ReadCases() {
  std::vector<Case> cases;
  std::istringstream file(test::ReadFile(HF_TESTDATA "/cases.txt"));
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::vector<std::string> fields;
    std::istringstream parts(line);
    for (std::string field; std::getline(parts, field, '|');) {
      const std::size_t begin = field.find_first_not_of(' ');
      const std::size_t end = field.find_last_not_of(' ');
      fields.push_back(begin == std::string::npos ? "" : field.substr(begin, end - begin + 1));
    }
    if (fields.size() != 7) throw std::runtime_error("bad case: " + line);
    cases.push_back({fields[0], fields[1], fields[2], fields[3], fields[4] == "+", fields[5], fields[6]});
  }
  return cases;
}

model::ImageAnalysis AnalysisOf(const Case& row) {
  model::ImageAnalysis analysis;
  model::Package package;
  package.name = row.package;
  package.version = row.version;
  package.module_label = row.module_label;
  if (row.where.starts_with("almalinux ")) {
    analysis.distro.id = "almalinux";
    analysis.distro.version_id = row.where.substr(10) + ".3";
    package.version_scheme = "rpm";
    package.architecture = "x86_64";
  } else {
    package.ecosystem = row.where;
    package.version_scheme = model::FindEcosystem(row.where)->version_scheme;
  }
  analysis.packages = {package};
  return analysis;
}

TEST(MatchingCases, HoldAgainstRealAdvisories) {
  const test::TemporaryFolder folder;
  const auto path = folder.Path() / "snapshot";
  const auto report = Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), HF_SOURCE_DIR "/demo/advisories",
                                                    path, {.built = "2026-01-01T00:00:00Z"}));
  EXPECT_EQ(report.rejected, 0U) << (report.problems.empty() ? "" : report.problems[0].message);
  const auto snapshot = Value(advisory::Snapshot::Open(path));
  const service::SnapshotLookup lookup(*snapshot);
  const std::vector<Case> cases = ReadCases();
  ASSERT_GE(cases.size(), 40U);
  for (const Case& row : cases) {
    ASSERT_TRUE(Value(lookup.FindAdvisory(row.advisory))) << row.advisory;
    const auto result = Value(match::Match(AnalysisOf(row), lookup));
    const bool found = std::ranges::any_of(result.findings, [&](const model::Finding& finding) {
      return finding.advisory_id == row.advisory ||
             std::ranges::find(finding.aliases, row.advisory) != finding.aliases.end();
    });
    EXPECT_EQ(found, row.found) << Format("{} {} {} {}: {}", row.where, row.package, row.version, row.advisory,
                                          row.why);
    EXPECT_TRUE(result.problems.empty()) << result.problems[0].message;
  }
}

}  // namespace
}  // namespace holdfast
