// CycloneDX. affects[].ref names a component of the same document, or, as a BOM-Link (urn:cdx:serial/version#ref), of
// another one; many put a package URL there.

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/format.h"
#include "triage/vex_reader.h"

namespace holdfast::triage {
namespace {

constexpr std::size_t kDepthMax = 32;  // of components in components
constexpr std::size_t kAliasesMax = 256;

struct State {
  std::string_view word;
  VexStatus status;
};
constexpr auto kStates = std::to_array<State>({
    {"resolved", VexStatus::kFixed},
    {"resolved_with_pedigree", VexStatus::kFixed},
    {"exploitable", VexStatus::kAffected},
    {"in_triage", VexStatus::kUnderInvestigation},
    {"false_positive", VexStatus::kNotAffected},
    {"not_affected", VexStatus::kNotAffected},
});

using Components = std::map<std::string_view, std::string_view>;  // bom-ref, package URL

Result<void> Gather(io::JsonView component, std::size_t depth, Components& components, VexCollector& collector) {
  if (depth > kDepthMax) return Fail(ErrorKind::kLimit, "components are nested too deeply");
  HF_CHECK_OK(collector.Named());
  components.emplace(component["bom-ref"].StringOr(""), component["purl"].StringOr(""));
  for (const io::JsonView child : component["components"]) HF_CHECK_OK(Gather(child, depth + 1, components, collector));
  return {};
}

std::string IdOf(std::string_view ref, const Components& components) {
  if (ref.starts_with("urn:cdx:") && ref.contains('#')) ref.remove_prefix(ref.find('#') + 1);
  const auto found = components.find(ref);
  return std::string(found != components.end() && !found->second.empty() ? found->second : ref);
}

std::vector<std::string> NamesOf(io::JsonView view) {
  std::vector<std::string> names;
  if (!view["id"].StringOr("").empty()) names.emplace_back(view["id"].StringOr(""));
  for (const io::JsonView reference : view["references"]) {
    const std::string_view id = reference["id"].StringOr("");
    if (!id.empty() && names.size() < kAliasesMax) names.emplace_back(id);
  }
  return names;
}

Result<void> ReadVulnerability(io::JsonView view, const Components& components, std::string_view timestamp,
                               VexCollector& collector) {
  const io::JsonView analysis = view["analysis"];
  if (analysis.IsNull()) return {};  // a vulnerability of which nothing is decided
  VexStatement statement;
  statement.vulnerabilities = NamesOf(view);
  const auto* state = std::ranges::find(kStates, analysis["state"].StringOr(""), &State::word);
  if (state == kStates.end() || statement.vulnerabilities.empty()) {
    collector.LeaveOut(Format("\"{}\" in state \"{}\"", view["id"].StringOr(""), analysis["state"].StringOr("")));
    return {};
  }
  statement.status = state->status;
  statement.justification = analysis["justification"].StringOr("");
  statement.text = analysis["detail"].StringOr("");
  statement.timestamp = analysis["lastUpdated"].StringOr(view["updated"].StringOr(timestamp));
  for (const io::JsonView affected : view["affects"]) {
    HF_CHECK_OK(collector.Named());
    std::string id = IdOf(affected["ref"].StringOr(""), components);
    if (!id.empty()) statement.products.push_back({{std::move(id)}, {}, {}});
  }
  if (statement.products.empty()) {
    collector.LeaveOut(Format("{}, which affects nothing", statement.vulnerabilities.front()));
    return {};
  }
  return collector.Add(std::move(statement));
}

}  // namespace

bool LooksLikeCycloneDx(io::JsonView root) { return root["bomFormat"].StringOr("") == "CycloneDX"; }

Result<void> ReadCycloneDxVex(io::JsonView root, VexDocument& document) {
  document.id = root["serialNumber"].StringOr("");
  document.author = root["metadata"]["supplier"]["name"].StringOr("");
  if (!root["vulnerabilities"].IsArray())
    return Fail(ErrorKind::kCorrupt, "a CycloneDX document without vulnerabilities");
  VexCollector collector(document);
  Components components;
  HF_CHECK_OK(Gather(root["metadata"]["component"], 0, components, collector));
  for (const io::JsonView component : root["components"]) HF_CHECK_OK(Gather(component, 0, components, collector));
  for (const io::JsonView vulnerability : root["vulnerabilities"])
    HF_CHECK_OK(ReadVulnerability(vulnerability, components, root["metadata"]["timestamp"].StringOr(""), collector));
  return {};
}

}  // namespace holdfast::triage
