// What Grype's databases have in JSON and constraints: the first byte says which (a package, a vulnerability, a known
// exploited one, a bare constraint), the second by which order of versions. Lists and texts that were read are bounded,
// and a row made of them says which versions it means.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "advisory/grype/blob.h"
#include "advisory/grype/constraint.h"
#include "version/scheme.h"

namespace advisory = holdfast::advisory;
namespace model = holdfast::model;
namespace version = holdfast::version;

namespace {

void Check(const std::vector<advisory::Interval>& intervals, const version::Scheme& scheme) {
  model::Affected row;
  for (const advisory::Interval& interval : intervals) advisory::AddInterval(interval, scheme, row);
  if (intervals.empty() || row.ranges.size() + row.versions.size() != intervals.size()) std::abort();
  for (const model::VersionRange& range : row.ranges)
    if (range.introduced.empty() || (range.fixed && range.last_affected)) std::abort();
}

void CheckPackage(std::string_view text, const version::Scheme& scheme) {
  const auto package = advisory::ParseGrypePackage(text, scheme);
  if (!package) return;
  for (const advisory::GrypeRange& range : package->ranges) Check(range.intervals, scheme);
  for (const std::string& platform : package->platforms)
    if (!platform.contains(':')) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto schemes = version::AllSchemes();
  const version::Scheme& scheme = schemes[data[1] % schemes.size()];
  switch (data[0] % 4) {
    case 0: CheckPackage(text, scheme); break;
    case 1:
      if (const auto said = advisory::ParseGrypeVulnerability(text);
          said && said->description.size() > 3 * advisory::kGrypeTextBytesMax)
        std::abort();
      break;
    case 2:
      if (const auto facts = advisory::ParseGrypeKnownExploited(text);
          facts && (!advisory::IsGrypeCve(facts->id) || facts->known_exploited->added.size() != 10))
        std::abort();
      break;
    default:
      if (const auto intervals = advisory::ParseGrypeConstraint(text, scheme)) Check(*intervals, scheme);
  }
  return 0;
}
