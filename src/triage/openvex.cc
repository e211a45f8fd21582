// OpenVEX. Early documents state a vulnerability and products as texts, later ones as objects with "@id", identifiers
// and subcomponents.

#include <array>
#include <optional>
#include <utility>

#include "base/format.h"
#include "triage/vex_reader.h"

namespace holdfast::triage {
namespace {

constexpr std::string_view kContext = "https://openvex.dev/ns";
constexpr std::size_t kAliasesMax = 256;

std::optional<VexStatus> ParseStatus(std::string_view text) {
  using enum VexStatus;
  for (const VexStatus status : {kNotAffected, kAffected, kFixed, kUnderInvestigation})
    if (VexStatusName(status) == text) return status;
  return std::nullopt;
}

std::vector<std::string> VulnerabilitiesOf(io::JsonView view) {
  std::vector<std::string> names;
  const auto add = [&names](io::JsonView name) {
    if (names.size() < kAliasesMax && !name.StringOr("").empty()) names.emplace_back(name.StringOr(""));
  };
  add(view);
  add(view["name"]);
  if (view["name"].IsNull()) add(view["@id"]);
  for (const io::JsonView alias : view["aliases"]) add(alias);
  return names;
}

// A component: its "@id" and identifiers, or a text.
Result<std::vector<std::string>> IdsOf(io::JsonView view, VexCollector& collector) {
  std::vector<std::string> ids;
  const auto add = [&](io::JsonView id) -> Result<void> {
    if (id.StringOr("").empty()) return {};
    HF_CHECK_OK(collector.Named());
    ids.emplace_back(id.StringOr(""));
    return {};
  };
  HF_CHECK_OK(add(view));
  HF_CHECK_OK(add(view["@id"]));
  HF_CHECK_OK(add(view["identifiers"]["purl"]));
  for (const io::JsonView hash : view["hashes"])
    if (hash.StringOr("").size() == 64) ids.push_back(Format("sha256:{}", hash.StringOr("")));
  return ids;
}

Result<VexProduct> ProductOf(io::JsonView view, VexCollector& collector) {
  VexProduct product;
  HF_TRY(product.ids, IdsOf(view, collector));
  for (const io::JsonView component : view["subcomponents"]) {
    HF_TRY(const auto ids, IdsOf(component, collector));
    product.subcomponents.insert(product.subcomponents.end(), ids.begin(), ids.end());
  }
  return product;
}

Result<void> ReadStatement(io::JsonView view, std::string_view timestamp, VexCollector& collector) {
  VexStatement statement;
  statement.vulnerabilities = VulnerabilitiesOf(view["vulnerability"]);
  const auto status = ParseStatus(view["status"].StringOr(""));
  if (statement.vulnerabilities.empty() || !status) {
    collector.LeaveOut(Format("a statement about \"{}\" with status \"{}\"",
                              statement.vulnerabilities.empty() ? "" : statement.vulnerabilities.front(),
                              view["status"].StringOr("")));
    return {};
  }
  statement.status = *status;
  statement.justification = view["justification"].StringOr("");
  for (const std::string_view key : {"impact_statement", "action_statement", "status_notes"})
    if (statement.text.empty()) statement.text = view[key].StringOr("");
  statement.timestamp = view["timestamp"].StringOr(timestamp);
  for (const io::JsonView product : view["products"]) {
    HF_TRY(VexProduct read, ProductOf(product, collector));
    if (!read.ids.empty()) statement.products.push_back(std::move(read));
  }
  if (statement.products.empty()) {
    collector.LeaveOut(Format("a statement about {} that names no product", statement.vulnerabilities.front()));
    return {};
  }
  return collector.Add(std::move(statement));
}

}  // namespace

bool LooksLikeOpenVex(io::JsonView root) {
  const io::JsonView context = root["@context"];
  if (context.StringOr("").starts_with(kContext)) return true;
  for (std::size_t i = 0; context.IsArray() && i < context.Size() && i < kAliasesMax; ++i)
    if (context.At(i).StringOr("").starts_with(kContext)) return true;
  return false;
}

Result<void> ReadOpenVex(io::JsonView root, VexDocument& document) {
  document.id = root["@id"].StringOr("");
  document.author = root["author"].StringOr("");
  if (!root["statements"].IsArray()) return Fail(ErrorKind::kCorrupt, "an OpenVEX document without statements");
  VexCollector collector(document);
  for (const io::JsonView statement : root["statements"])
    HF_CHECK_OK(ReadStatement(statement, root["timestamp"].StringOr(""), collector));
  return {};
}

}  // namespace holdfast::triage
