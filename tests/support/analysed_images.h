// Images that are analysed already, with whatever packages a test wants, and findings that a matcher might have made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/image_analysis_wire.h"
#include "service/analysis_store.h"
#include "service/images.h"
#include "store/analyses.h"
#include "support/platform_fixture.h"

namespace holdfast::test {

[[nodiscard]] inline model::Package MakePackage(std::string name, std::string version, std::string type = "deb") {
  model::Package package{.name = std::move(name), .version = std::move(version), .type = std::move(type)};
  package.version_scheme = package.type == "deb" ? "dpkg" : "npm";
  if (package.type != "deb") package.ecosystem = "npm";
  package.locations.push_back({.path = package.type == "deb" ? "var/lib/dpkg/status" : "app/" + package.name});
  return package;
}

[[nodiscard]] inline model::ImageAnalysis MakeAnalysis(std::vector<model::Package> packages) {
  model::ImageAnalysis analysis;
  analysis.distro.id = "debian";
  analysis.distro.version_id = "12";
  analysis.source.architecture = "amd64";
  analysis.layers.push_back({.digest = Digest().Text(), .bytes = 4096});
  analysis.packages = std::move(packages);
  return analysis;
}

// Adds the image that MakeRemoteImage makes of `seed` under that tag, analysed.
[[nodiscard]] inline store::Image AddAnalysedImage(PlatformFixture& fixture, const store::Account& account,
                                                   std::string_view full_tag, std::string_view seed,
                                                   std::vector<model::Package> packages) {
  const service::Platform& platform = fixture.platform_;
  const auto name = Value(service::ParseImageName(full_tag));
  const auto image = Value(service::AddImage(platform, account, name, MakeRemoteImage(seed), {}));
  const model::ImageAnalysis analysis = MakeAnalysis(std::move(packages));
  Value(service::StoreAnalysisObject(platform, image.digest, analysis));
  Value(platform.database.Write([&](store::Session& session) -> Result<void> {
    HF_TRY(const auto id, service::RecordAnalysis(session, image.digest, analysis, platform.Now()));
    const store::NewImageAnalysis given{image.row, id};
    return store::SetAnalyses(session, {&given, 1}, store::AnalysisStatus::kAnalyzed, platform.Now());
  }));
  return Value(service::GetImage(platform, account, image.digest.Text()));
}

struct MadeFinding {
  std::string package, vulnerability;
  model::Severity severity = model::Severity::kHigh;
  std::string fix = {};
  bool will_not_fix = false;
};
// Opens the finding for each context of that package name.
inline void OpenFinding(PlatformFixture& fixture, const MadeFinding& made) {
  static constexpr store::Statement kContexts{"test.contexts", "SELECT id FROM contexts WHERE name = $1 ORDER BY id"};
  Value(fixture.platform_.database.Write([&](store::Session& session) -> Result<void> {
    HF_TRY(const auto rows, session.Run(kContexts, {made.package}));
    std::vector<store::Finding> findings;
    for (const store::Row& row : rows) {
      model::Finding finding{.id = made.vulnerability, .advisory_id = made.vulnerability, .severity = made.severity};
      if (!made.fix.empty()) finding.fixed_versions = {made.fix};
      findings.push_back({.context_id = row[0].Integer(),
                          .vulnerability = made.vulnerability,
                          .opened_at = fixture.clock_.NowMs(),
                          .detected_at = fixture.clock_.NowMs(),
                          .severity = static_cast<std::int64_t>(made.severity),
                          .name_space = "debian:12",
                          .will_not_fix = made.will_not_fix,
                          .fix = made.fix,
                          .detail = model::EncodeFinding(finding)});
    }
    return store::OpenFindings(session, findings);
  }));
}
// Closes every open finding of that vulnerability.
inline void CloseFinding(PlatformFixture& fixture, std::string_view vulnerability) {
  static constexpr store::Statement kFind{
      "test.findings",
      "SELECT f.id FROM findings AS f JOIN vulnerabilities AS v ON v.id = f.vulnerability_id "
      "WHERE v.name = $1 AND f.closed_at IS NULL"};
  Value(fixture.platform_.database.Write([&](store::Session& session) -> Result<void> {
    HF_TRY(const auto rows, session.Run(kFind, {std::string(vulnerability)}));
    std::vector<std::int64_t> ids;
    for (const store::Row& row : rows) ids.push_back(row[0].Integer());
    return store::CloseFindings(session, ids, fixture.clock_.NowMs());
  }));
}

}  // namespace holdfast::test
