// A snapshot of some documents, and what it says of a distribution's packages: for tables checked by hand against real
// data.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "base/format.h"
#include "match/distro.h"
#include "match/search.h"
#include "service/snapshot_lookup.h"
#include "support/test_support.h"

namespace holdfast::test {

struct RpmRow {
  std::string_view os;  // os-release ID and VERSION_ID, with a blank between
  std::string_view package, version;
  std::string_view expected;  // "ID FIXED FIXED, ID FIXED": what holds, by id, with the fixed versions that it states
  std::string_view source = "";  // name of the source package, when it is another; its version is the package's
  std::string_view architecture = "x86_64";
  std::string_view module_label = "";
  std::string_view scheme = "rpm";
};

class RowMatcher {
 public:
  // Reads all documents below `data`.
  explicit RowMatcher(const std::filesystem::path& data)
      : report_(Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), data, folder_.Path() / "snapshot",
                                              {.built = "2026-01-01T00:00:00Z"}))),
        snapshot_(Value(advisory::Snapshot::Open(folder_.Path() / "snapshot"))) {}

  [[nodiscard]] const advisory::BuildReport& Report() const { return report_; }

  [[nodiscard]] match::SearchResult Search(const RpmRow& row) const {
    model::Distro distro;
    distro.id = row.os.substr(0, row.os.find(' '));
    distro.version_id = row.os.substr(row.os.find(' ') + 1);
    model::Package package;
    package.name = row.package;
    package.version = row.version;
    package.version_scheme = row.scheme;
    package.architecture = row.architecture;
    package.module_label = row.module_label;
    const std::string_view source = row.source.empty() ? row.package : row.source;
    // Source RPMs are known by their file names, which have no epoch.
    const std::size_t epoch_end = row.scheme == "rpm" ? row.version.find(':') + 1 : 0;
    package.upstreams = {{std::string(source), std::string(row.version.substr(epoch_end))}};
    const service::SnapshotLookup lookup(*snapshot_);
    return Value(match::SearchPackage(package, match::EcosystemsOf(distro), lookup));
  }

  // In the form of RpmRow::expected; a problem of the search instead, when there was one.
  [[nodiscard]] std::string Found(const RpmRow& row) const {
    const match::SearchResult result = Search(row);
    std::string text = result.problem;
    for (const match::Hit& hit : result.hits) {
      text += Format("{}{}", text.empty() ? "" : ", ", hit.advisory_id);
      for (const std::string& fixed : hit.fixed_versions) text += Format(" {}", fixed);
    }
    return text;
  }

 private:
  TemporaryFolder folder_;
  advisory::BuildReport report_;
  decltype(Value(advisory::Snapshot::Open(std::filesystem::path()))) snapshot_;
};

}  // namespace holdfast::test
