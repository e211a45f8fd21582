#include "policy/gates/vulnerabilities.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/format.h"
#include "policy/words.h"
#include "regex/regex.h"

namespace holdfast::policy {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

constexpr GateInfo kGate{.name = "vulnerabilities",
                         .help =
                             "Looks at the known vulnerabilities of the image's packages, and at the age of the data "
                             "they are known from."};

// ---- package

constexpr std::string_view kPackageTypes[] = {"all", "os", "non-os"};
constexpr std::string_view kComparisons[] = {"=", "!=", "<", ">", "<=", ">="};
constexpr std::string_view kSeverities[] = {"unknown", "negligible", "low", "medium", "high", "critical"};

constexpr ParamSpec Score(std::string_view name, std::string_view description) {
  return {.name = name, .description = description, .example = "7.5", .validator = kDecimalNumber};
}
constexpr ParamSpec ScoreComparison(std::string_view name, std::string_view description) {
  return {
      .name = name, .description = description, .example = ">=", .validator = OneOf(kComparisons), .fallback = ">="};
}

constexpr std::array kPackageParams = {
    ParamSpec{.name = "package_type",
              .description = "Which packages to look at: the distribution's, all others, or both.",
              .example = "all",
              .required = true,
              .validator = OneOf(kPackageTypes)},
    ParamSpec{.name = "severity_comparison",
              .description = "How the severity is compared with the one given.",
              .example = ">",
              .validator = OneOf(kComparisons),
              .fallback = ">"},
    ParamSpec{.name = "severity",
              .description = "The severity to compare with, in ascending order from unknown to critical. Without it "
                             "every severity counts.",
              .example = "high",
              .validator = OneOf(kSeverities)},
    Score("cvss_v3_base_score", "NVD's CVSS v3 base score to compare with; a vulnerability without one has -1."),
    ScoreComparison("cvss_v3_base_score_comparison", "How NVD's base score is compared with the one given."),
    Score("cvss_v3_exploitability_score", "NVD's CVSS v3 exploitability score to compare with; none counts as -1."),
    ScoreComparison("cvss_v3_exploitability_score_comparison",
                    "How NVD's exploitability score is compared with the one given."),
    Score("cvss_v3_impact_score", "NVD's CVSS v3 impact score to compare with; none counts as -1."),
    ScoreComparison("cvss_v3_impact_score_comparison", "How NVD's impact score is compared with the one given."),
    Score("vendor_cvss_v3_base_score", "The vendor's CVSS v3 base score to compare with; none counts as -1."),
    ScoreComparison("vendor_cvss_v3_base_score_comparison",
                    "How the vendor's base score is compared with the one given."),
    Score("vendor_cvss_v3_exploitability_score",
          "The vendor's CVSS v3 exploitability score to compare with; none counts as -1."),
    ScoreComparison("vendor_cvss_v3_exploitability_score_comparison",
                    "How the vendor's exploitability score is compared with the one given."),
    Score("vendor_cvss_v3_impact_score", "The vendor's CVSS v3 impact score to compare with; none counts as -1."),
    ScoreComparison("vendor_cvss_v3_impact_score_comparison",
                    "How the vendor's impact score is compared with the one given."),
    ParamSpec{.name = "fix_available",
              .description = "true: only what has a fix; false: only what has none.",
              .example = "true",
              .validator = kBoolText},
    ParamSpec{.name = "vendor_only",
              .description = "Leave out what the vendor says will not be fixed.",
              .example = "true",
              .validator = kBoolText,
              .fallback = "true"},
    ParamSpec{.name = "max_days_since_creation",
              .description = "Leave out what was first found in the image less than this many days ago.",
              .example = "7",
              .validator = kWholeNumber},
    ParamSpec{.name = "max_days_since_fix",
              .description =
                  "With fix_available true: leave out what has a fix that was first seen less than this many "
                  "days ago.",
              .example = "30",
              .validator = kWholeNumber},
    ParamSpec{.name = "package_path_exclude",
              .description = "A regular expression, fitting from the beginning of the path: leave out packages there. "
                             "Does not apply to the distribution's packages.",
              .example = "/usr/lib/node_modules/.*",
              .validator = kRegexText}};

constexpr TriggerInfo kPackage{.gate = &kGate,
                               .name = "package",
                               .help = "Fires for each vulnerability of a package that satisfies all the parameters.",
                               .params = kPackageParams,
                               .needs = {Fact::kVulnerabilities}};

enum class Comparison : std::uint8_t { kEqual, kNotEqual, kLess, kGreater, kLessOrEqual, kGreaterOrEqual };

// Requires: one of kComparisons.
Comparison ComparisonOf(std::string_view text) {
  const auto* found = std::ranges::find(kComparisons, text);
  return static_cast<Comparison>(found - std::begin(kComparisons));
}

template <typename T>
bool Holds(Comparison comparison, T left, T right) {
  switch (comparison) {
    case Comparison::kEqual: return left == right;
    case Comparison::kNotEqual: return left != right;
    case Comparison::kLess: return left < right;
    case Comparison::kGreater: return left > right;
    case Comparison::kLessOrEqual: return left <= right;
    case Comparison::kGreaterOrEqual: return left >= right;
  }
  return false;
}

struct ScoreFilter {
  CvssScores VulnerabilityFact::* who;
  double CvssScores::* score;
  Comparison comparison;
  double wanted;
};

std::vector<ScoreFilter> ScoreFilters(const Params& params) {
  struct Row {
    std::string_view name, comparison_name;
    CvssScores VulnerabilityFact::* who;
    double CvssScores::* score;
  };
  using Fact = VulnerabilityFact;
  static constexpr std::array<Row, 6> kRows = {{
      {"cvss_v3_base_score", "cvss_v3_base_score_comparison", &Fact::nvd, &CvssScores::base},
      {"cvss_v3_exploitability_score", "cvss_v3_exploitability_score_comparison", &Fact::nvd,
       &CvssScores::exploitability},
      {"cvss_v3_impact_score", "cvss_v3_impact_score_comparison", &Fact::nvd, &CvssScores::impact},
      {"vendor_cvss_v3_base_score", "vendor_cvss_v3_base_score_comparison", &Fact::vendor, &CvssScores::base},
      {"vendor_cvss_v3_exploitability_score", "vendor_cvss_v3_exploitability_score_comparison", &Fact::vendor,
       &CvssScores::exploitability},
      {"vendor_cvss_v3_impact_score", "vendor_cvss_v3_impact_score_comparison", &Fact::vendor, &CvssScores::impact},
  }};
  std::vector<ScoreFilter> filters;
  for (const Row& row : kRows)
    if (const auto wanted = params.Decimal(row.name))
      filters.push_back({row.who, row.score, ComparisonOf(params.Word(row.comparison_name)), *wanted});
  return filters;
}

// The part of the trigger id that names a package outside the distribution.
std::string FileNameOf(const PackageFact& package) {
  const auto is = [&](std::initializer_list<std::string_view> types) {
    return std::ranges::any_of(types, [&](std::string_view type) { return SameIgnoringCase(package.type, type); });
  };
  std::string_view path = package.path;
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  const std::string_view last = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  if (!last.empty() && is({"java", "java-archive", "jenkins-plugin", "gem"})) return std::string(last);
  if (slash != std::string_view::npos && slash > 0 && is({"npm"})) {
    const std::string_view folder = path.substr(0, slash);
    const std::size_t before = folder.rfind('/');
    return std::string(folder.substr(before == std::string_view::npos ? 0 : before + 1));
  }
  return Format("{}-{}", package.name, package.version);
}

class PackageCheck final : public Check {
 public:
  explicit PackageCheck(const Params& params)
      : package_type_(params.Word("package_type")),
        severity_comparison_(ComparisonOf(params.Word("severity_comparison"))),
        scores_(ScoreFilters(params)),
        vendor_only_(params.Flag("vendor_only")) {
    if (params.Find("severity")) severity_ = model::ParseSeverity(params.Word("severity"));
    if (params.Find("fix_available")) fix_available_ = params.Flag("fix_available");
    if (const auto days = params.Whole("max_days_since_creation")) creation_age_ = *days * kSecondsPerDay;
    if (const auto days = params.Whole("max_days_since_fix"); days && fix_available_ == true)
      fix_age_ = *days * kSecondsPerDay;
  }
  void Exclude(regex::Regex path) { path_exclude_ = std::move(path); }

  void Evaluate(const ImageFacts& facts, FindingSink& sink) const override {
    for (const VulnerabilityFact& vulnerability : *facts.vulnerabilities)
      if (Fires(vulnerability, facts.evaluated_at)) sink.Add(FindingFor(vulnerability));
  }

 private:
  [[nodiscard]] bool Fires(const VulnerabilityFact& vulnerability, std::int64_t now) const {
    const PackageFact& package = vulnerability.package;
    if (package_type_ != "all" && package.is_os != (package_type_ == "os")) return false;
    if (severity_ && !Holds(severity_comparison_, vulnerability.severity, *severity_)) return false;
    if (vendor_only_ && vulnerability.will_not_fix) return false;
    if (fix_available_ && *fix_available_ == vulnerability.fix_versions.empty()) return false;
    if (creation_age_ && vulnerability.detected_at && now - *vulnerability.detected_at < *creation_age_) return false;
    if (fix_age_ && vulnerability.fix_observed_at && now - *vulnerability.fix_observed_at < *fix_age_) return false;
    for (const ScoreFilter& filter : scores_)
      if (!Holds(filter.comparison, vulnerability.*filter.who.*filter.score, filter.wanted)) return false;
    return package.is_os || !path_exclude_ || !path_exclude_->MatchesStart(package.path);
  }

  static Finding FindingFor(const VulnerabilityFact& vulnerability) {
    const PackageFact& package = vulnerability.package;
    Finding finding;
    finding.key = FactKey({vulnerability.id, package.is_os ? package.name : FileNameOf(package)});
    std::string& text = finding.message;
    text = Format("{} vulnerability {} in {} package {} {} ({})", model::SeverityName(vulnerability.severity),
                  vulnerability.id, package.is_os ? "OS" : "non-OS", package.name, package.version, package.type);
    if (!package.is_os && !package.path.empty()) text.append(" at ").append(package.path);
    for (const std::string& version : vulnerability.fix_versions)
      text.append(&version == vulnerability.fix_versions.data() ? ", fixed in " : ", ").append(version);
    if (vulnerability.fix_versions.empty())
      text.append(vulnerability.will_not_fix ? ", will not be fixed" : ", no fix known");
    if (!vulnerability.link.empty()) text.append(" - ").append(vulnerability.link);
    return finding;
  }

  std::string package_type_;
  Comparison severity_comparison_;
  std::optional<model::Severity> severity_;
  std::vector<ScoreFilter> scores_;
  std::optional<bool> fix_available_;
  bool vendor_only_;
  std::optional<std::int64_t> creation_age_, fix_age_;  // seconds
  std::optional<regex::Regex> path_exclude_;
};

Result<std::unique_ptr<const Check>> BindPackage(const Params& params) {
  auto check = std::make_unique<PackageCheck>(params);
  if (const auto path = params.Find("package_path_exclude")) {
    HF_TRY_IN("'package_path_exclude'", auto expression, regex::Regex::Make(*path));
    check->Exclude(std::move(expression));
  }
  return check;
}

// ---- stale_feed_data

constexpr std::array kStaleParams = {ParamSpec{.name = "max_days_since_sync",
                                               .description = "How many days old the newest data may be.",
                                               .example = "2",
                                               .required = true,
                                               .validator = kWholeNumber}};

constexpr TriggerInfo kStaleFeedData{.gate = &kGate,
                                     .name = "stale_feed_data",
                                     .help =
                                         "Fires when the vulnerability data for the image's distribution is older "
                                         "than the parameter allows, or of unknown age.",
                                     .params = kStaleParams,
                                     .needs = {Fact::kFeed}};

class StaleFeedCheck final : public Check {
 public:
  explicit StaleFeedCheck(const Params& params) : days_(params.Whole("max_days_since_sync").value_or(0)) {}
  void Evaluate(const ImageFacts& facts, FindingSink& sink) const override {
    const auto& synced = facts.feed->newest_sync;
    if (synced && facts.evaluated_at - *synced <= days_ * kSecondsPerDay) return;
    sink.Add({.key = "stale_feed_data",
              .message = Format("The vulnerability data for the image's distribution is {}",
                                synced ? Format("older than {} days", days_) : std::string("of unknown age")),
              .anchore_messages = {
                  Format("The vulnerability feed for this image distro is older than MAXAGE ({}) days", days_)}});
  }

 private:
  std::int64_t days_;
};

Result<std::unique_ptr<const Check>> BindStaleFeedData(const Params& params) {
  return std::make_unique<const StaleFeedCheck>(params);
}

// ---- vulnerability_data_unavailable

constexpr TriggerInfo kDataUnavailable{.gate = &kGate,
                                       .name = "vulnerability_data_unavailable",
                                       .help =
                                           "Fires when there is no vulnerability data for the packages of the image's "
                                           "distribution, or for a distribution whose packages are not known.",
                                       .params = {},
                                       .needs = {Fact::kFeed, Fact::kDistro, Fact::kPackages}};

class DataUnavailableCheck final : public Check {
 public:
  void Evaluate(const ImageFacts& facts, FindingSink& sink) const override {
    if (facts.feed->data_available) return;
    const DistroFact& distro = *facts.distro;
    // An image without distribution and without its packages has nothing such data could be about.
    if (distro.name.empty() && std::ranges::none_of(*facts.packages, &PackageFact::is_os)) return;
    const std::string name = distro.name.empty() ? "unknown" : Format("{}:{}", distro.name, distro.version);
    sink.Add(
        {.key = "vulnerability_data_unavailable",
         .message = Format("There is no vulnerability data for the image's distribution ({})", name),
         .anchore_messages = {
             Format("Feed data unavailable, cannot perform CVE scan for distro: {}", name),
             Format("Distro-specific feed data not found for distro namespace: {}. Cannot perform CVE scan OS/distro "
                    "packages",
                    name)}});
  }
};

Result<std::unique_ptr<const Check>> BindDataUnavailable(const Params&) {
  return std::make_unique<const DataUnavailableCheck>();
}

// ---- blacklist

constexpr std::array kBlacklistParams = {ParamSpec{.name = "vulnerability_ids",
                                                   .description = "Ids of vulnerabilities, separated by commas.",
                                                   .example = "CVE-2021-44228,CVE-2014-0160",
                                                   .required = true,
                                                   .validator = kTextList},
                                         ParamSpec{.name = "vendor_only",
                                                   .description = "Leave out what the vendor says will not be fixed.",
                                                   .example = "true",
                                                   .validator = kBoolText,
                                                   .fallback = "true"}};

constexpr TriggerInfo kBlacklist{.gate = &kGate,
                                 .name = "blacklist",
                                 .help = "Fires once when any of the vulnerabilities given is in the image.",
                                 .params = kBlacklistParams,
                                 .needs = {Fact::kVulnerabilities}};

class BlacklistCheck final : public Check {
 public:
  explicit BlacklistCheck(const Params& params)
      : ids_(params.List("vulnerability_ids")), vendor_only_(params.Flag("vendor_only")) {}
  void Evaluate(const ImageFacts& facts, FindingSink& sink) const override {
    std::unordered_set<std::string_view> present;
    for (const VulnerabilityFact& vulnerability : *facts.vulnerabilities)
      if (!vendor_only_ || !vulnerability.will_not_fix) present.insert(vulnerability.id);
    std::string key, list;
    for (const std::string& id : ids_) {
      if (present.erase(id) == 0) continue;
      key.append(key.empty() ? "" : "+").append(id);
      list.append(list.empty() ? "" : ", ").append(id);
    }
    if (key.empty()) return;
    sink.Add({.key = FactKey({"blacklist", key}),
              .message = Format("The image has vulnerabilities that are not allowed: {}", list),
              .anchore_messages = {}});
  }

 private:
  std::vector<std::string> ids_;
  bool vendor_only_;
};

Result<std::unique_ptr<const Check>> BindBlacklist(const Params& params) {
  return std::make_unique<const BlacklistCheck>(params);
}

constexpr std::array kTriggers = {Trigger{kPackage, &BindPackage}, Trigger{kStaleFeedData, &BindStaleFeedData},
                                  Trigger{kDataUnavailable, &BindDataUnavailable}, Trigger{kBlacklist, &BindBlacklist}};

}  // namespace

std::span<const Trigger> VulnerabilitiesTriggers() { return kTriggers; }

}  // namespace holdfast::policy
