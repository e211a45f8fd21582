#include "advisory/redhat/redhat.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "advisory/csaf.h"
#include "advisory/redhat/redhat_rows.h"
#include "base/format.h"
#include "model/severity.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kReferencesMax = 1000;

bool IsId(std::string_view id) {
  return id.size() <= kIdBytesMax && std::ranges::all_of(id, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
         });
}

bool IsCve(std::string_view id) { return id.starts_with("CVE-") && IsId(id); }
bool IsErratum(std::string_view id) {
  return IsId(id) && (id.starts_with("RHSA-") || id.starts_with("RHBA-") || id.starts_with("RHEA-"));
}

std::string_view ReferenceType(const CsafReference& reference) {
  if (reference.category == "self") return "ADVISORY";
  return reference.url.contains("bugzilla.redhat.com") ? "REPORT" : "WEB";
}

// Each address once, and not the whole web.
class References {
 public:
  void Add(std::string_view type, std::string_view url, model::Advisory& advisory) {
    if (advisory.references.size() < kReferencesMax && known_.insert(url).second)
      advisory.references.push_back({std::string(type), std::string(url)});
  }
  void Add(const std::vector<CsafReference>& references, model::Advisory& advisory) {
    for (const CsafReference& reference : references) Add(ReferenceType(reference), reference.url, advisory);
  }

 private:
  std::set<std::string_view> known_;
};

// Where the aggregate is a word of Red Hat's scale, an erratum has it from its worst CVE; a CVE's own impact may
// differ.
model::Severity SeverityOf(const CsafDocument& document, bool of_cve) {
  model::Severity impact = model::Severity::kUnknown;
  for (const CsafVulnerability& vulnerability : document.vulnerabilities)
    impact = std::max(impact, vulnerability.impact);
  const auto aggregate = model::ParseSeverity(document.aggregate_severity);
  if (of_cve && impact != model::Severity::kUnknown) return impact;
  return aggregate.value_or(impact);
}

// What is particular to one CVE: of an erratum about several it would be told of the wrong ones.
void AddScores(const CsafVulnerability& vulnerability, model::Advisory& advisory) {
  advisory.cvss = vulnerability.cvss;
  for (model::CvssVector& vector : advisory.cvss) vector.source = "Red Hat";
  if (!vulnerability.cwe.empty()) advisory.cwes.emplace_back(vulnerability.cwe);
}

void AddTexts(const CsafDocument& document, model::Advisory& advisory) {
  const CsafVulnerability& first = document.vulnerabilities.front();
  const bool of_cve = IsCve(document.id);
  advisory.summary = of_cve && !first.title.empty() ? first.title : document.title;
  advisory.details = NoteOf(of_cve ? first.notes : document.notes, of_cve ? "description" : "summary");
  advisory.published = document.published;
  advisory.modified = document.modified;
  if (document.vulnerabilities.size() == 1) AddScores(first, advisory);
  References references;
  for (const CsafVulnerability& vulnerability : document.vulnerabilities) {
    if (!of_cve) continue;
    references.Add(vulnerability.references, advisory);
    for (const std::string_view url : vulnerability.fix_urls) references.Add("ADVISORY", url, advisory);
  }
  references.Add(document.references, advisory);
}

Result<std::vector<model::Affected>> RowsOf(const CsafDocument& document, model::Severity severity) {
  std::vector<std::optional<RedHatBuild>> builds;
  builds.reserve(document.items.size());
  for (const CsafItem& item : document.items) builds.push_back(RedHatBuildOf(item));
  RedHatRows rows;
  for (const CsafVulnerability& vulnerability : document.vulnerabilities)
    for (const CsafStatement& statement : vulnerability.statements)
      if (const auto& build = builds[statement.item]) rows.Add(*build, statement);
  if (IsCve(document.id)) rows.InheritFromLifeCycleSupport();
  std::vector<model::Affected> affected = rows.Take(severity);
  if (affected.size() > kRedHatRowsMax)
    return Fail(ErrorKind::kLimit,
                Format("{} is about {} packages, limit {}", document.id, affected.size(), kRedHatRowsMax));
  return affected;
}

std::vector<std::string> CvesOf(const CsafDocument& document) {
  std::vector<std::string> cves;
  std::set<std::string_view> known;
  for (const CsafVulnerability& vulnerability : document.vulnerabilities)
    if (IsCve(vulnerability.cve) && known.insert(vulnerability.cve).second) cves.emplace_back(vulnerability.cve);
  return cves;
}

class RedHatProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "redhat"; }
  [[nodiscard]] bool Recognises(const Document& document) const override { return LooksLikeRedHatCsaf(document.root); }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    HF_TRY(const RedHatResult result, ParseRedHatCsaf(document.root));
    for (const Error& problem : result.problems) sink.Problem(problem);
    for (const model::Advisory& advisory : result.advisories) sink.Add(advisory);
    if (result.advisories.empty()) sink.LeaveOut();
    return {};
  }
};

}  // namespace

bool LooksLikeRedHatCsaf(io::JsonView root) {
  if (!LooksLikeCsaf(root)) return false;
  const std::string_view publisher = CsafPublisher(root);
  const std::string_view id = root["document"]["tracking"]["id"].StringOr("");
  return (publisher == "https://www.redhat.com" || publisher == "https://www.redhat.com/") &&
         (id.starts_with("CVE-") || id.starts_with("RHSA-") || id.starts_with("RHBA-") || id.starts_with("RHEA-"));
}

Result<RedHatResult> ParseRedHatCsaf(io::JsonView root) {
  HF_TRY(const CsafDocument document, ParseCsaf(root));
  const bool of_cve = IsCve(document.id);
  if (!of_cve && !IsErratum(document.id))
    return Fail(ErrorKind::kCorrupt, Format("not an id of Red Hat's: \"{}\"", document.id.substr(0, kIdBytesMax)));
  RedHatResult result;
  result.problems = document.problems;
  model::Advisory advisory;
  advisory.related = CvesOf(document);
  if (advisory.related.empty()) return result;
  if (of_cve && (advisory.related.size() > 1 || advisory.related.front() != document.id))
    return Fail(ErrorKind::kCorrupt, Format("{} is about {}", document.id, advisory.related.front()));
  advisory.id = of_cve ? Format("REDHAT-{}", document.id) : std::string(document.id);
  advisory.source = "redhat";
  advisory.severity = SeverityOf(document, of_cve);
  AddTexts(document, advisory);
  HF_TRY(advisory.affected, RowsOf(document, advisory.severity));
  result.advisories.push_back(std::move(advisory));
  return result;
}

std::unique_ptr<Provider> MakeRedHatProvider() { return std::make_unique<RedHatProvider>(); }

}  // namespace holdfast::advisory
