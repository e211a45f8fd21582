// What the tests of language databases share: the real documents as advisories, and a snapshot of them to ask.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "base/format.h"
#include "match/search.h"
#include "service/snapshot_lookup.h"
#include "support/test_support.h"
#include "version/scheme.h"

namespace holdfast::test {

// A snapshot of one archive of the shared data.
class LanguageSnapshot {
 public:
  LanguageSnapshot(const std::filesystem::path& shared, std::string_view archive) {
    const auto data = folder_.Path() / "data";
    std::filesystem::create_directories(data);
    const std::string file = Format("{}.tar.zst", archive);
    std::filesystem::copy(shared / "advisories" / file, data / file);
    const auto path = folder_.Path() / "snapshot";
    report_ =
        Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), data, path, {.built = "2026-01-01T00:00:00Z"}));
    snapshot_ = Value(advisory::Snapshot::Open(path));
  }

  [[nodiscard]] const advisory::BuildReport& Report() const { return report_; }
  [[nodiscard]] const advisory::Snapshot& Get() const { return *snapshot_; }

  [[nodiscard]] match::SearchResult Search(std::string_view ecosystem, std::string_view name,
                                           std::string_view version) const {
    model::Package package;
    package.name = name;
    package.version = version;
    package.ecosystem = ecosystem;
    if (ecosystem == "Ruby") package.version_scheme = "gem";  // OSV has no ecosystem of interpreters
    return Value(match::SearchPackage(package, {}, service::SnapshotLookup(*snapshot_)));
  }

  // The last parts of the ids of all that match, sorted, with blanks between.
  [[nodiscard]] std::string Matches(std::string_view ecosystem, std::string_view name, std::string_view version) const {
    const match::SearchResult result = Search(ecosystem, name, version);
    EXPECT_EQ(result.problem, "");
    std::set<std::string> ids;
    for (const match::Hit& hit : result.hits) ids.insert(hit.advisory_id.substr(hit.advisory_id.rfind('/') + 1));
    std::string text;
    for (const std::string& id : ids) text += Format("{}{}", text.empty() ? "" : " ", id);
    return text;
  }

 private:
  TemporaryFolder folder_;
  advisory::BuildReport report_;
  std::unique_ptr<advisory::Snapshot> snapshot_;
};

struct LanguageRow {
  std::string_view package, version, expected;
};

}  // namespace holdfast::test
