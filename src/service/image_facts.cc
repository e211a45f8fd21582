#include "service/image_facts.h"

#include <algorithm>
#include <utility>

#include "cvss/score.h"
#include "image/history.h"
#include "policy/dockerfile.h"
#include "service/analysis_store.h"
#include "service/image_report.h"
#include "service/images.h"
#include "service/published_snapshot.h"

namespace holdfast::service {
namespace {

policy::PackageFact ToPackageFact(const model::Package& package) {
  const bool is_os = package.ecosystem.empty();
  return {.name = package.name,
          .version = package.version,
          .type = package.type,
          .is_os = is_os,
          .path = is_os || package.locations.empty() ? std::string() : "/" + package.locations.front().path};
}

void Raise(policy::CvssScores& scores, const cvss::BaseScores& found) {
  scores.base = std::max(scores.base, found.base);
  scores.exploitability = std::max(scores.exploitability, found.exploitability);
  scores.impact = std::max(scores.impact, found.impact);
}

policy::VulnerabilityFact ToVulnerabilityFact(const ReportedFinding& reported) {
  policy::VulnerabilityFact fact{.id = reported.finding.id,
                                 .severity = reported.finding.severity,
                                 .package = ToPackageFact(reported.package),
                                 .fix_versions = reported.finding.fixed_versions,
                                 .will_not_fix = reported.will_not_fix,
                                 .feed_group = reported.feed_group,
                                 .detected_at = reported.detected_at / 1000};
  if (reported.fix_observed_at) fact.fix_observed_at = *reported.fix_observed_at / 1000;
  if (!reported.finding.references.empty()) fact.link = reported.finding.references.front().url;
  for (const model::CvssVector& scored : reported.finding.cvss) {
    if (!scored.version.starts_with('3')) continue;
    const auto vector = cvss::Vector::Parse(scored.vector);
    if (!vector) continue;
    if (const auto scores = cvss::BaseScoresOf(*vector))
      Raise(scored.source.contains("nvd") ? fact.nvd : fact.vendor, *scores);
  }
  return fact;
}

// The Dockerfile that was given with the image, else what the config's history suggests.
Result<policy::Dockerfile> LoadDockerfile(const Platform& platform, const store::Image& image) {
  HF_TRY(const auto given, LoadImageDocument(platform, image, "dockerfile"));
  if (given) return policy::ParseDockerfile(*given);
  std::vector<std::string> created_by;
  HF_TRY(const auto config, LoadImageDocument(platform, image, "config"));
  if (config) {
    if (const auto history = image::ParseHistory(*config, platform.limits))
      for (const image::HistoryStep& step : *history) created_by.push_back(step.created_by);
  }
  return policy::GuessDockerfile(created_by);
}

}  // namespace

void SplitFullTag(std::string_view full_tag, std::string& registry, std::string& repository, std::string& tag) {
  const std::size_t slash = full_tag.find('/');
  registry = full_tag.substr(0, slash);
  std::string_view rest = slash == std::string_view::npos ? std::string_view() : full_tag.substr(slash + 1);
  const std::size_t colon = rest.rfind(':');
  repository = rest.substr(0, colon);
  tag = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
}

Result<policy::ImageFacts> GatherFacts(const Platform& platform, const store::Account& account,
                                       const store::Image& image, std::string_view full_tag) {
  policy::ImageFacts facts{.account = account.name,
                           .image_id = image.image_id ? image.image_id->Hex() : std::string(),
                           .image_digest = image.digest.Text(),
                           .evaluated_at = platform.Now() / 1000};
  SplitFullTag(full_tag, facts.registry, facts.repository, facts.tag);
  HF_TRY(const auto analysis, LoadAnalysisObject(platform, image));
  facts.distro = policy::DistroFact{analysis.distro.id, analysis.distro.version_id, analysis.distro.id_like};
  facts.packages.emplace();
  for (const model::Package& package : analysis.packages) facts.packages->push_back(ToPackageFact(package));
  HF_CHECK_OK(platform.database.Read([&](store::Session& session) -> Result<void> {
    // Gates decide themselves what a will-not-fix means.
    HF_TRY(const auto report, LoadReport(session, image, {.will_not_fix = true}));
    facts.vulnerabilities.emplace();
    for (const ReportedFinding& reported : report) facts.vulnerabilities->push_back(ToVulnerabilityFact(reported));
    HF_TRY(const auto published, FindPublished(session));
    facts.feed.emplace();
    if (published && published->Covers(analysis.distro))
      facts.feed = policy::FeedFact{.data_available = true, .newest_sync = published->built_at / 1000};
    return {};
  }));
  HF_TRY(facts.dockerfile, LoadDockerfile(platform, image));
  return facts;
}

}  // namespace holdfast::service
