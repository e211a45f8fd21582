#include "advisory/suse/suse_csaf.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "advisory/csaf.h"
#include "advisory/errata.h"
#include "advisory/suse/product.h"
#include "advisory/suse/statements.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kReferencesMax = 1'000;
constexpr std::size_t kTextBytesMax = 64'000;
constexpr std::array<std::string_view, 16> kArchitectures = {
    "aarch64", "aarch64_ilp32", "armv6hl", "armv7hl", "i586",  "i686",    "ia64", "noarch",
    "nosrc",   "ppc",           "ppc64",   "ppc64le", "s390x", "riscv64", "src",  "x86_64"};

bool IsId(std::string_view id) {
  return id.size() <= kIdBytesMax && std::ranges::all_of(id, [](char c) { return c > ' ' && c <= '~'; });
}
bool IsCve(std::string_view id) { return id.starts_with("CVE-") && IsId(id); }
bool IsErratum(std::string_view id) { return (id.starts_with("SUSE-") || id.starts_with("openSUSE-")) && IsId(id); }

SuseKind KindOf(const CsafStatement& statement) {
  switch (statement.status) {
    case CsafStatus::kNotAffected: return SuseKind::kNotAffected;
    case CsafStatus::kUnderInvestigation: return SuseKind::kUnderInvestigation;
    case CsafStatus::kAffected:
      return statement.remedy == CsafRemedy::kNoFixPlanned ? SuseKind::kWontFix : SuseKind::kAffected;
    case CsafStatus::kFixed: return SuseKind::kFixed;
  }
  return SuseKind::kAffected;
}

// Statements of a document; broken packages are told of as one problem.
class Statements {
 public:
  void Add(const CsafItem& item, const CsafStatement& statement) {
    const auto product = FindSuseProduct(item.platform.id);
    if (!product || IsSuseLivePatch(item.component.id)) return;
    const SuseKind kind = KindOf(statement);
    const auto build = ParseSuseBuild(item.component.id, kind == SuseKind::kFixed);
    if (!build) {
      if (!first_broken_) first_broken_ = build.error();
      return;
    }
    if (build->architecture == "src" || build->architecture == "nosrc") return;
    const std::string_view architecture = build->architecture == "noarch" ? "" : std::string_view(build->architecture);
    statements_.push_back({words_.Of(product->ecosystem),
                           words_.Of(product->release),
                           product->long_term,
                           {words_.Of(build->name), words_.Of(architecture), words_.Of(build->version), kind}});
  }

  // The same version for every architecture is one row without any.
  std::vector<model::Affected> Rows() {
    auto rows = SuseRows(statements_, words_);
    const auto same = [](const model::Affected& a, const model::Affected& b) {
      return a.ecosystem == b.ecosystem && a.release == b.release && a.package == b.package;
    };
    std::vector<model::Affected> result;
    for (auto first = rows.begin(); first != rows.end();) {
      const auto last = std::find_if(first, rows.end(), [&](const model::Affected& row) { return !same(row, *first); });
      const bool alike = std::all_of(first, last, [&](const auto& row) { return row.ranges == first->ranges; });
      if (alike) first->architecture.clear();
      const auto end = alike ? first + 1 : last;
      std::move(first, end, std::back_inserter(result));
      first = last;
    }
    return result;
  }

  [[nodiscard]] const std::optional<Error>& FirstBroken() const { return first_broken_; }

 private:
  Words words_;
  std::vector<SuseStatement> statements_;
  std::optional<Error> first_broken_;
};

void AddReferences(const std::vector<CsafReference>& references, std::set<std::string_view>& known,
                   model::Advisory& advisory) {
  for (const CsafReference& reference : references) {
    if (advisory.references.size() >= kReferencesMax) return;
    if (!known.insert(reference.url).second) continue;
    const bool report = reference.url.contains("bugzilla.suse.com");
    const std::string_view type = report ? "REPORT" : reference.category == "self" ? "ADVISORY" : "WEB";
    advisory.references.push_back({std::string(type), std::string(reference.url)});
  }
}

void AddHead(const CsafDocument& document, bool of_cve, model::Advisory& advisory) {
  advisory.source = "suse";
  advisory.summary = CleanText(document.title);
  advisory.details = NoteOf(document.notes, "description").substr(0, kTextBytesMax);
  advisory.severity = model::ParseSeverity(document.aggregate_severity).value_or(model::Severity::kUnknown);
  advisory.published = document.published;
  advisory.modified = document.modified;
  std::set<std::string_view> known;
  AddReferences(document.references, known, advisory);
  std::set<std::string_view> cves;
  for (const CsafVulnerability& vulnerability : document.vulnerabilities) {
    if (of_cve) AddReferences(vulnerability.references, known, advisory);
    if (IsCve(vulnerability.cve) && cves.insert(vulnerability.cve).second)
      advisory.related.emplace_back(vulnerability.cve);
  }
  // What is particular to one CVE: of an erratum about several it would be told of the wrong ones.
  if (document.vulnerabilities.size() != 1) return;
  const CsafVulnerability& only = document.vulnerabilities.front();
  advisory.cvss = only.cvss;
  for (model::CvssVector& vector : advisory.cvss) vector.source = "SUSE";
  if (!only.cwe.empty()) advisory.cwes.emplace_back(only.cwe);
}

}  // namespace

Result<SuseBuild> ParseSuseBuild(std::string_view id, bool with_version) {
  SuseBuild build;
  const std::size_t dot = id.rfind('.');
  const bool has_architecture =
      dot != std::string_view::npos && std::ranges::find(kArchitectures, id.substr(dot + 1)) != kArchitectures.end();
  if (has_architecture) build.architecture = id.substr(dot + 1);
  const std::string_view package = has_architecture ? id.substr(0, dot) : id;
  if (!with_version && !has_architecture) {
    if (!IsRpmName(package)) return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no package", CleanText(id, 200)));
    build.name = package;
    return build;
  }
  HF_TRY(const RpmName parts, SplitNvr(package));
  HF_TRY(build.version, RpmVersionOf("", parts.version, parts.release));
  build.name = parts.name;
  return build;
}

bool LooksLikeSuseCsaf(io::JsonView root) {
  if (!LooksLikeCsaf(root)) return false;
  const std::string_view publisher = CsafPublisher(root);
  const std::string_view id = root["document"]["tracking"]["id"].StringOr("");
  return (publisher == "https://www.suse.com/" || publisher == "https://www.suse.com") && (IsCve(id) || IsErratum(id));
}

Result<void> ReadSuseCsaf(io::JsonView root, AdvisorySink& sink) {
  // Documents of CVEs of which SUSE states nothing have no list.
  if (LooksLikeCsaf(root) && root["vulnerabilities"].IsNull()) {
    sink.LeaveOut();
    return {};
  }
  HF_TRY(const CsafDocument document, ParseCsaf(root, CsafRecommended::kIsFixed));
  const bool of_cve = IsCve(document.id);
  if (!of_cve && !IsErratum(document.id))
    return Fail(ErrorKind::kCorrupt, Format("not an id of SUSE's: \"{}\"", CleanText(document.id, kIdBytesMax)));
  model::Advisory advisory;
  AddHead(document, of_cve, advisory);
  if (of_cve &&
      (advisory.related.size() > 1 || (advisory.related.size() == 1 && advisory.related.front() != document.id)))
    return Fail(ErrorKind::kCorrupt, Format("{} is about {}", document.id, advisory.related.front()));
  advisory.id = of_cve ? Format("SUSE-{}", document.id) : std::string(document.id);
  Statements statements;
  for (const CsafVulnerability& vulnerability : document.vulnerabilities)
    for (const CsafStatement& statement : vulnerability.statements)
      statements.Add(document.items[statement.item], statement);
  advisory.affected = statements.Rows();
  if (advisory.affected.size() > kSuseRowsMax)
    return Fail(ErrorKind::kLimit, Format("{}: more than {} statements", advisory.id, kSuseRowsMax));
  for (const Error& problem : document.problems) sink.Problem(problem.In(advisory.id));
  if (const auto& broken = statements.FirstBroken()) sink.Problem(broken->In(advisory.id));
  if (advisory.affected.empty() || advisory.related.empty())
    sink.LeaveOut();
  else
    sink.Add(advisory);
  return {};
}

}  // namespace holdfast::advisory
