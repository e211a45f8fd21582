// CSAF. A product is a component of a platform, each with a package URL or a CPE name: the component's URL says what it
// is about, the platform's URL in which image, and the platform's CPE name on which distribution.

#include <map>
#include <utility>

#include "advisory/csaf.h"
#include "base/format.h"
#include "triage/vex_reader.h"

namespace holdfast::triage {
namespace {

VexStatus StatusOf(advisory::CsafStatus status) {
  switch (status) {
    case advisory::CsafStatus::kNotAffected: return VexStatus::kNotAffected;
    case advisory::CsafStatus::kUnderInvestigation: return VexStatus::kUnderInvestigation;
    case advisory::CsafStatus::kAffected: return VexStatus::kAffected;
    case advisory::CsafStatus::kFixed: return VexStatus::kFixed;
  }
  return VexStatus::kUnderInvestigation;
}

// No ids: it has no name that anything in an image could be compared with.
VexProduct ProductOf(const advisory::CsafItem& item) {
  VexProduct product;
  if (item.component.purl.empty()) {
    if (!item.platform.purl.empty()) product.ids.emplace_back(item.platform.purl);
    return product;
  }
  if (!item.platform.purl.empty()) {
    product.ids.emplace_back(item.platform.purl);
    product.subcomponents.emplace_back(item.component.purl);
    return product;
  }
  product.ids.emplace_back(item.component.purl);
  product.platform_cpe = item.platform.cpe;
  return product;
}

Result<void> ReadVulnerability(const advisory::CsafDocument& csaf, const advisory::CsafVulnerability& vulnerability,
                               VexCollector& collector) {
  std::map<std::pair<VexStatus, std::string_view>, VexStatement> statements;
  for (const advisory::CsafStatement& said : vulnerability.statements) {
    HF_CHECK_OK(collector.Named());
    VexProduct product = ProductOf(csaf.items[said.item]);
    if (product.ids.empty()) continue;
    VexStatement& statement = statements[{StatusOf(said.status), said.remedy_details}];
    statement.products.push_back(std::move(product));
  }
  if (statements.empty() && !vulnerability.statements.empty())
    collector.LeaveOut(Format("{}: no product has a package URL", vulnerability.cve));
  for (auto& [key, statement] : statements) {
    statement.vulnerabilities = {std::string(vulnerability.cve)};
    statement.status = key.first;
    statement.text = key.second;
    statement.timestamp = csaf.modified;
    HF_CHECK_OK(collector.Add(std::move(statement)));
  }
  return {};
}

}  // namespace

Result<void> ReadCsafVex(io::JsonView root, VexDocument& document) {
  HF_TRY(const advisory::CsafDocument csaf, advisory::ParseCsaf(root));
  document.id = csaf.id;
  document.author = advisory::CsafPublisher(root);
  VexCollector collector(document);
  for (const Error& problem : csaf.problems) collector.LeaveOut(problem.Message());
  for (const advisory::CsafVulnerability& vulnerability : csaf.vulnerabilities)
    if (!vulnerability.cve.empty()) HF_CHECK_OK(ReadVulnerability(csaf, vulnerability, collector));
  return {};
}

}  // namespace holdfast::triage
