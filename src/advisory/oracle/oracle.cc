#include "advisory/oracle/oracle.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "advisory/oval.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kReferencesMax = 10'000;  // of one erratum: kernels name hundreds of CVEs
constexpr std::size_t kAffectedMax = 100'000;   // of one erratum
constexpr std::size_t kTextBytesMax = 64'000;   // of one description

// What stands between the two in "Oracle Linux 8 is installed"; nothing for another sentence.
std::optional<std::string_view> Between(std::string_view text, std::string_view before, std::string_view after) {
  if (text.size() < before.size() + after.size() || !text.starts_with(before) || !text.ends_with(after))
    return std::nullopt;
  return Trim(text.substr(before.size(), text.size() - before.size() - after.size()));
}

// One alternative of an erratum's criteria.
struct Fix {
  std::string release, package, module_label, architecture;
  model::VersionRange range;
  bool special_build = false;
};

bool IsSpecialBuild(std::string_view evr) { return evr.contains("ksplice") || evr.contains("_fips"); }

// A package of the Unbreakable Enterprise Kernel: several lines of it are kept up at a time, each with a version of its
// own (5.4.17, 5.15.0), so that a fix says nothing of the lines below it.
bool IsKernelOfSeveralLines(std::string_view package) { return package.starts_with("kernel-uek"); }

Result<void> TakePackage(OvalDocument& document, const OvalCriterion& criterion, Fix& fix) {
  HF_TRY(const OvalTest* test, document.FindTest(criterion.test));
  if (OvalValue(*test, "evr").empty())
    return Fail(ErrorKind::kUnsupported, Format("criterion \"{}\"", CleanText(criterion.comment, 200)));
  if (!fix.package.empty() || test->packages.size() != 1)
    return Fail(ErrorKind::kUnsupported, "a criterion about several packages");
  HF_TRY(fix.range, OvalRpmRange(test->conditions));
  if (!fix.range.fixed) return Fail(ErrorKind::kUnsupported, "a criterion without a fixed version");
  fix.package = test->packages.front();
  fix.special_build = fix.special_build || IsSpecialBuild(*fix.range.fixed);
  if (IsKernelOfSeveralLines(fix.package))
    fix.range.introduced = fix.range.fixed->substr(0, fix.range.fixed->find('-'));
  return {};
}

Result<Fix> FixOf(OvalDocument& document, const OvalAlternative& alternative) {
  Fix fix;
  for (const OvalCriterion& criterion : alternative) {
    const std::string_view comment = Trim(criterion.comment);
    if (criterion.negated) return Fail(ErrorKind::kUnsupported, "a negated criterion");
    if (comment.contains(" is signed with ")) continue;
    if (const auto release = Between(comment, "Oracle Linux ", " is installed")) {
      fix.release = release->substr(0, release->find('.'));
    } else if (const auto architecture = Between(comment, "Oracle Linux arch is ", "")) {
      fix.architecture = *architecture;
    } else if (const auto module_label = Between(comment, "Module ", " is enabled")) {
      fix.module_label = *module_label;
    } else if (comment.ends_with(" is ksplice-based")) {
      fix.special_build = true;
    } else {
      HF_CHECK_OK(TakePackage(document, criterion, fix));
    }
  }
  if (fix.release.empty()) return Fail(ErrorKind::kCorrupt, "criteria without a release");
  if (fix.package.empty()) return Fail(ErrorKind::kCorrupt, "criteria without a package");
  return fix;
}

model::Affected AffectedOf(const Fix& fix) {
  model::Affected affected;
  affected.ecosystem = "Oracle Linux";
  affected.release = fix.release;
  affected.package = fix.package;
  affected.version_scheme = "rpm";
  affected.ranges.push_back(fix.range);
  affected.fix_state = model::FixState::kFixed;
  affected.module_label = fix.module_label;
  affected.architecture = fix.architecture;
  return affected;
}

// The same fix is written once for each architecture: one row without any is the same.
Result<std::vector<model::Affected>> RowsOf(OvalDocument& document, io::XmlView definition) {
  HF_TRY(const std::vector<OvalAlternative> alternatives, document.Alternatives(definition));
  if (alternatives.size() > kAffectedMax) return Fail(ErrorKind::kLimit, "too many packages");
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<Fix>> packages;
  for (const OvalAlternative& alternative : alternatives) {
    HF_TRY(Fix fix, FixOf(document, alternative));
    if (!fix.special_build) packages[{fix.release, fix.package, fix.module_label}].push_back(std::move(fix));
  }
  std::vector<model::Affected> rows;
  for (auto& [key, fixes] : packages) {
    const bool alike = std::ranges::all_of(fixes, [&](const Fix& fix) { return fix.range == fixes.front().range; });
    if (alike) {
      fixes.resize(1);
      fixes.front().architecture.clear();
    }
    for (const Fix& fix : fixes) rows.push_back(AffectedOf(fix));
  }
  return rows;
}

// cvss3="7.8/CVSS:3.1/AV:L/...", cvss2="7.8/AV:N/...": the score and the vector.
void AddCvss(io::XmlView cve, model::Advisory& advisory) {
  const auto vector = [&](std::string_view name) {
    const std::string_view value = cve.Attribute(name);
    return value.substr(std::min(value.size(), value.find('/')) + (value.contains('/') ? 1 : 0));
  };
  if (const std::string_view v3 = vector("cvss3"); v3.starts_with("CVSS:3.") && v3.size() > 8)
    advisory.cvss.push_back({std::string(v3.substr(5, 3)), std::string(v3), "Oracle"});
  if (const std::string_view v2 = vector("cvss2"); v2.starts_with("AV:"))
    advisory.cvss.push_back({"2.0", std::string(v2), "Oracle"});
}

Result<void> AddReferences(io::XmlView metadata, model::Advisory& advisory) {
  std::size_t count = 0;
  for (const io::XmlView reference : metadata.Named("reference")) {
    if (++count > kReferencesMax) return Fail(ErrorKind::kLimit, "too many references");
    const std::string_view id = Trim(reference.Attribute("ref_id"));
    const bool own = EqualsIgnoreCase(reference.Attribute("source"), "elsa");
    if (own && advisory.id.empty()) advisory.id = id;
    if (!own && id.starts_with("CVE-")) advisory.related.emplace_back(id);
    if (const std::string_view url = reference.Attribute("ref_url"); !url.empty())
      advisory.references.push_back({own ? "ADVISORY" : "WEB", std::string(url)});
  }
  if (advisory.id.empty() || advisory.id.size() > kIdBytesMax) return Fail(ErrorKind::kCorrupt, "names no erratum");
  return {};
}

Result<model::Advisory> AdvisoryOf(OvalDocument& document, io::XmlView definition) {
  const io::XmlView metadata = definition["metadata"];
  const io::XmlView notice = metadata["advisory"];
  model::Advisory advisory;
  HF_CHECK_OK(AddReferences(metadata, advisory));
  advisory.source = "oracle";
  advisory.summary = CleanText(metadata["title"].Text());
  advisory.details = metadata["description"].Text().substr(0, kTextBytesMax);
  advisory.severity = model::ParseSeverity(notice["severity"].Text()).value_or(model::Severity::kUnknown);
  advisory.published = notice["issued"].Attribute("date");
  if (!advisory.published.empty()) advisory.published += "T00:00:00Z";
  // Vectors rate a CVE each, and an advisory's rate all of it.
  if (advisory.related.size() == 1) AddCvss(notice["cve"], advisory);
  HF_TRY(advisory.affected, RowsOf(document, definition));
  return advisory;
}

class OracleProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "oracle"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    return IsOvalOf(document, "Oracle Errata System");
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    return ReadOval(document.text, sink, [&sink](OvalDocument& oval, io::XmlView definition) -> Result<void> {
      HF_TRY(const model::Advisory advisory, AdvisoryOf(oval, definition));
      const bool bug_fix = advisory.related.empty() && !advisory.id.starts_with("ELSA-");
      if (bug_fix || advisory.affected.empty())
        sink.LeaveOut();
      else
        sink.Add(advisory);
      return {};
    });
  }
};

}  // namespace

std::unique_ptr<Provider> MakeOracleProvider() { return std::make_unique<OracleProvider>(); }

}  // namespace holdfast::advisory
