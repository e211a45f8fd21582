#include "service/image_report.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/clock.h"
#include "base/format.h"
#include "model/image_analysis_wire.h"
#include "service/package_sets.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kSecondMs = 1000;

// Where the packages of an image lie, by context.
using Places = std::multimap<std::int64_t, StoredMember>;

Result<Places> LoadPlaces(store::Session& session, std::int64_t analysis_id, const ReportOptions& options) {
  HF_TRY(const auto sets, store::LoadSetMembers(session, analysis_id));
  Places places;
  for (const std::string& set : sets) {
    HF_TRY(auto members, DecodeMembers(set));
    for (StoredMember& member : members)
      if (options.owned || !member.owned) places.emplace(member.context_id, std::move(member));
  }
  return places;
}

Result<std::map<std::int64_t, model::ImageAnalysis>> LoadIdentities(store::Session& session,
                                                                    const std::vector<store::Finding>& findings) {
  std::set<std::int64_t> ids;
  for (const store::Finding& finding : findings) ids.insert(finding.context_id);
  const std::vector<std::int64_t> list(ids.begin(), ids.end());
  HF_TRY(const auto contexts, store::LoadContexts(session, list));
  std::map<std::int64_t, model::ImageAnalysis> identities;
  for (const store::Context& context : contexts) {
    HF_TRY(auto identity, DecodeIdentity(context.identity));
    identities.emplace(context.id, std::move(identity));
  }
  return identities;
}

// Whether there was something to know about the image then.
Result<void> CheckAnalysedBy(store::Session& session, const store::Image& image, std::int64_t as_of) {
  HF_TRY(const std::int64_t analysed, store::FindAnalysisTime(session, *image.analysis_id));
  const std::int64_t since = std::max(analysed, image.analyzed_at.value_or(analysed));
  if (as_of >= since) return {};
  // The second after, so that what is told can be asked.
  return Fail(ErrorKind::kNotFound, Format("nothing is known of image {} as of {}: its analysis is of {}",
                                           image.digest.Text(), FormatTime(as_of), FormatTime(since + kSecondMs - 1)));
}

Result<std::vector<store::Finding>> LoadHeld(store::Session& session, const store::Image& image,
                                             const std::vector<std::int64_t>& contexts, const ReportOptions& options) {
  if (!options.as_of) return store::LoadOpenFindings(session, contexts);
  HF_CHECK_OK(CheckAnalysedBy(session, image, *options.as_of));
  return store::LoadFindingsAsOf(session, contexts, *options.as_of);
}

ReportedFinding Describe(const store::Finding& stored, model::Finding finding, const model::ImageAnalysis& identity,
                         const StoredMember& place) {
  ReportedFinding reported{.finding = std::move(finding),
                           .package = identity.packages.front(),
                           .distro = identity.distro,
                           .feed_group = stored.name_space,
                           .will_not_fix = stored.will_not_fix,
                           .detected_at = stored.detected_at,
                           .fix_observed_at = stored.fix_observed_at};
  reported.package.locations.push_back({.path = place.path});
  return reported;
}

auto SortKey(const ReportedFinding& reported) {
  return std::tuple(-static_cast<int>(reported.finding.severity), std::string_view(reported.package.name),
                    std::string_view(reported.package.version), std::string_view(reported.finding.id),
                    std::string_view(reported.package.locations.front().path));
}

}  // namespace

Result<std::vector<ReportedFinding>> LoadReport(store::Session& session, const store::Image& image,
                                                const ReportOptions& options) {
  std::vector<ReportedFinding> report;
  if (!image.analysis_id) return report;
  HF_TRY(const auto places, LoadPlaces(session, *image.analysis_id, options));
  std::vector<std::int64_t> contexts;
  for (auto at = places.begin(); at != places.end(); at = places.upper_bound(at->first)) contexts.push_back(at->first);
  HF_TRY(const auto findings, LoadHeld(session, image, contexts, options));
  HF_TRY(const auto identities, LoadIdentities(session, findings));
  for (const store::Finding& stored : findings) {
    if (stored.will_not_fix && !options.will_not_fix) continue;
    const auto identity = identities.find(stored.context_id);
    if (identity == identities.end()) continue;
    HF_TRY(const auto finding, model::DecodeFinding(stored.detail));
    const auto [first, last] = places.equal_range(stored.context_id);
    for (auto place = first; place != last; ++place)
      report.push_back(Describe(stored, finding, identity->second, place->second));
  }
  std::ranges::sort(report, [](const auto& a, const auto& b) { return SortKey(a) < SortKey(b); });
  return report;
}

Result<std::vector<ReportedFinding>> LoadReport(const Platform& platform, const store::Image& image,
                                                const ReportOptions& options) {
  if (options.as_of) HF_CHECK_OK(CheckAsOf(platform, *options.as_of));
  return platform.database.Read([&](store::Session& session) { return LoadReport(session, image, options); });
}

Result<void> CheckAsOf(const Platform& platform, std::int64_t as_of) {
  if (as_of <= platform.Now()) return {};
  return Fail(ErrorKind::kInvalidInput, Format("as_of is still to come: {}", FormatTime(as_of)));
}

}  // namespace holdfast::service
