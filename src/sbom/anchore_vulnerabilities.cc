#include "sbom/anchore_vulnerabilities.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "cvss/score.h"
#include "sbom/anchore_types.h"
#include "sbom/cpe.h"

namespace holdfast::sbom {
namespace {

using io::JsonWriter;
using model::Finding;
using model::Package;

constexpr std::size_t kFlushBytes = 256 * 1024;
constexpr std::string_view kNone = "None";

std::string_view OrNone(std::string_view value) { return value.empty() ? kNone : value; }

// Feed groups of distributions: the name before the colon, and how many parts of the version follow it.
struct DistroGroup {
  std::string_view id;
  std::string_view name;
  int parts;                 // 0: only `rolling`
  std::string_view rolling;  // where there is no version
};
constexpr auto kDistroGroups = std::to_array<DistroGroup>({
    {"almalinux", "almalinux", 1, ""},
    {"alpine", "alpine", 2, "edge"},
    {"amzn", "amzn", 1, ""},
    {"azurelinux", "azurelinux", 2, ""},
    {"centos", "rhel", 1, ""},
    {"chainguard", "chainguard", 0, "rolling"},
    {"debian", "debian", 1, "unstable"},
    {"fedora", "fedora", 1, ""},
    {"mariner", "mariner", 2, ""},
    {"ol", "ol", 1, ""},
    {"opensuse-leap", "opensuse-leap", 2, ""},
    {"raspbian", "debian", 1, "unstable"},
    {"rhel", "rhel", 1, ""},
    {"rocky", "rocky", 1, ""},
    {"sles", "sles", 2, ""},
    {"ubuntu", "ubuntu", 2, ""},
    {"wolfi", "wolfi", 0, "rolling"},
});

// GitHub's names of ecosystems in feed groups.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kLanguageGroups = {{
    {"GitHub Actions", "github-action"},
    {"Go", "go"},
    {"Hex", "hex"},
    {"Maven", "java"},
    {"NuGet", "nuget"},
    {"Packagist", "composer"},
    {"PyPI", "python"},
    {"RubyGems", "gem"},
    {"crates.io", "rust"},
    {"npm", "npm"},
}};

std::string_view FirstParts(std::string_view version, int parts) {
  std::size_t end = 0;
  for (int i = 0; i < parts && end != std::string_view::npos; ++i) end = version.find('.', i == 0 ? 0 : end + 1);
  return version.substr(0, end);
}

std::string DistroFeedGroup(const model::Distro& distro) {
  const auto* group = std::ranges::find(kDistroGroups, distro.id, &DistroGroup::id);
  if (group == kDistroGroups.end()) return distro.Known() ? distro.id + ":" + distro.version_id : std::string(kNone);
  // Alpine's development branch has versions such as "3.21.0_alpha20240807".
  const bool numbered = group->parts > 0 && !distro.version_id.empty() && !distro.version_id.contains("_alpha") &&
                        distro.version_id != "edge";
  return Format("{}:{}", group->name, numbered ? FirstParts(distro.version_id, group->parts) : group->rolling);
}

bool IsFromNvd(std::string_view source) {
  const std::string lower = LowerCase(source);
  return lower == "nvd" || lower == "nvdv2" || lower.starts_with("nvd@") || lower.starts_with("nvd:");
}

bool IsCve(std::string_view id) { return id.starts_with("CVE-"); }

struct Scores {
  std::optional<cvss::BaseScores> v2, v3;

  void Add(const model::CvssVector& vector) {
    const auto parsed = cvss::Vector::Parse(vector.vector);
    if (!parsed) return;
    std::optional<cvss::BaseScores>& slot = parsed->Version() == cvss::Version::k20 ? v2 : v3;
    const auto scores = cvss::BaseScoresOf(*parsed);
    // Of several the worst is shown.
    if (scores && (!slot || scores->base > slot->base)) slot = scores;
  }
  [[nodiscard]] bool Any() const { return v2 || v3; }
};

void WriteScore(JsonWriter& writer, std::string_view key, const std::optional<cvss::BaseScores>& scores) {
  writer.Key(key).BeginObject();
  writer.Key("base_score").Double(scores ? scores->base : -1.0);
  writer.Key("exploitability_score").Double(scores ? scores->exploitability : -1.0);
  writer.Key("impact_score").Double(scores ? scores->impact : -1.0).EndObject();
}

void WriteScores(JsonWriter& writer, std::string_view id, const Scores& scores) {
  writer.BeginObject().Field("id", id);
  WriteScore(writer, "cvss_v2", scores.v2);
  WriteScore(writer, "cvss_v3", scores.v3);
  writer.EndObject();
}

std::vector<std::string_view> CvesOf(const Finding& finding) {
  std::vector<std::string_view> cves;
  if (IsCve(finding.id)) cves.emplace_back(finding.id);
  for (const std::string& alias : finding.aliases)
    if (IsCve(alias) && std::ranges::find(cves, alias) == cves.end()) cves.emplace_back(alias);
  return cves;
}

// The page about the advisory, else any reference.
std::string UrlOf(const Finding& finding, const AnchoreReportOptions& options) {
  const auto advisory = std::ranges::find(finding.references, "ADVISORY", &model::Reference::type);
  if (advisory != finding.references.end()) return advisory->url;
  if (!finding.references.empty()) return finding.references.front().url;
  return options.query_url.empty() ? std::string(kNone) : options.query_url + finding.id;
}

std::string FixOf(const Finding& finding) {
  std::string fix;
  for (const std::string& version : finding.fixed_versions) fix += (fix.empty() ? "" : ", ") + version;
  return fix.empty() ? std::string(kNone) : fix;
}

std::string PathOf(const Package& package) {
  if (IsAnchoreOsPackage(package)) return "pkgdb";
  return package.locations.empty() ? std::string(kNone) : "/" + package.locations.front().path;
}

bool IsAskedFor(const Finding& finding, const Package& package, const AnchoreReportOptions& options) {
  if (options.vendor_only && finding.fix_state == model::FixState::kWontFix) return false;
  switch (options.type) {
    case AnchoreVulnerabilityType::kOs: return IsAnchoreOsPackage(package);
    case AnchoreVulnerabilityType::kNonOs: return !IsAnchoreOsPackage(package);
    case AnchoreVulnerabilityType::kAll: break;
  }
  return true;
}

}  // namespace

std::optional<AnchoreVulnerabilityType> ParseAnchoreVulnerabilityType(std::string_view text) {
  if (text == "os") return AnchoreVulnerabilityType::kOs;
  if (text == "non-os") return AnchoreVulnerabilityType::kNonOs;
  if (text == "all") return AnchoreVulnerabilityType::kAll;
  return std::nullopt;
}

std::string FeedGroup(const Finding& finding, const Package& package, const model::Distro& distro) {
  if (IsFromNvd(finding.source)) return "nvd";
  if (package.ecosystem.empty()) return DistroFeedGroup(distro);
  const auto group =
      std::ranges::find(kLanguageGroups, package.ecosystem, &std::pair<std::string_view, std::string_view>::first);
  return "github:" + (group == kLanguageGroups.end() ? LowerCase(package.ecosystem) : std::string(group->second));
}

// NVD's scores stand with each CVE, all others with the advisory's own id.
void WriteAnchoreScores(const Finding& finding, JsonWriter& writer) {
  Scores nvd, vendor;
  for (const model::CvssVector& vector : finding.cvss)
    (IsFromNvd(vector.source) || IsFromNvd(finding.source) ? nvd : vendor).Add(vector);
  const std::vector<std::string_view> cves = CvesOf(finding);
  writer.Key("nvd_data").BeginArray();
  for (const std::string_view cve : cves) WriteScores(writer, cve, cve == cves.front() ? nvd : Scores());
  writer.EndArray().Key("vendor_data").BeginArray();
  if (vendor.Any()) WriteScores(writer, finding.advisory_id.empty() ? finding.id : finding.advisory_id, vendor);
  writer.EndArray();
}

void WriteAnchoreVulnerability(const Finding& finding, const Package& package, const model::Distro& distro,
                               const AnchoreReportOptions& options, JsonWriter& writer) {
  // Only a match that was made by CPE names one.
  const std::vector<std::string> cpes = finding.reason.matcher == "cpe" ? CpesOf(package) : std::vector<std::string>();
  writer.BeginObject();
  writer.Field("vuln", finding.id).Field("severity", model::SeverityName(finding.severity));
  writer.Field("url", UrlOf(finding, options)).Field("fix", FixOf(finding));
  writer.Field("package", package.version.empty() ? package.name : package.name + "-" + package.version);
  writer.Field("package_name", package.name).Field("package_version", OrNone(package.version));
  writer.Field("package_type", AnchorePackageType(package)).Field("package_cpe", kNone);
  writer.Field("package_cpe23", cpes.empty() ? kNone : std::string_view(cpes.front()));
  writer.Field("package_path", PathOf(package)).Field("feed", "vulnerabilities");
  writer.Field("feed_group", FeedGroup(finding, package, distro));
  WriteAnchoreScores(finding, writer);
  writer.Key("will_not_fix").Bool(finding.fix_state == model::FixState::kWontFix).EndObject();
}

Result<void> WriteAnchoreVulnerabilities(const model::ImageAnalysis& analysis, std::span<const Finding> findings,
                                         const AnchoreReportOptions& options, io::ByteSink& sink) {
  JsonWriter writer;
  writer.BeginArray();
  for (const Finding& finding : findings) {
    if (finding.package >= analysis.packages.size())
      return Fail(ErrorKind::kInvalidInput,
                  Format("{} names package {} of {}", finding.id, finding.package, analysis.packages.size()));
    const Package& package = analysis.packages[finding.package];
    if (!IsAskedFor(finding, package, options)) continue;
    WriteAnchoreVulnerability(finding, package, analysis.distro, options, writer);
    if (writer.Text().size() >= kFlushBytes) HF_CHECK_OK(sink.WriteText(writer.Take()));
  }
  writer.EndArray();
  return sink.WriteText(writer.Take());
}

}  // namespace holdfast::sbom
