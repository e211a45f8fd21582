#include "triage/vex.h"

#include <algorithm>
#include <array>
#include <utility>

#include "advisory/csaf.h"
#include "base/format.h"
#include "io/json.h"
#include "triage/vex_reader.h"

namespace holdfast::triage {

std::string_view VexStatusName(VexStatus status) {
  switch (status) {
    case VexStatus::kNotAffected: return "not_affected";
    case VexStatus::kAffected: return "affected";
    case VexStatus::kFixed: return "fixed";
    case VexStatus::kUnderInvestigation: return "under_investigation";
  }
  return {};
}

bool NamesVulnerability(std::string_view alias) {
  constexpr auto kPrefixes = std::to_array<std::string_view>(
      {"BIT-", "CGA-", "GHSA-", "GO-", "GSD-", "HSEC-", "JLSEC-", "MAL-", "OSV-", "PYSEC-", "RSEC-", "RUSTSEC-"});
  return alias.contains("CVE-") ||
         std::ranges::any_of(kPrefixes, [alias](std::string_view prefix) { return alias.starts_with(prefix); });
}

std::string_view VexLevelName(VexLevel level) {
  switch (level) {
    case VexLevel::kUpstream: return "upstream";
    case VexLevel::kDistro: return "distro";
    case VexLevel::kSupplier: return "supplier";
    case VexLevel::kOwn: return "own";
  }
  return {};
}

Result<void> VexCollector::Named() {
  if (++named_ > kVexNamedMax) return Fail(ErrorKind::kLimit, "the VEX document names too many products");
  return {};
}

Result<void> VexCollector::Add(VexStatement statement) {
  if (document_.statements.size() >= kVexStatementsMax)
    return Fail(ErrorKind::kLimit, "the VEX document has too many statements");
  document_.statements.push_back(std::move(statement));
  return {};
}

void VexCollector::LeaveOut(std::string why) {
  if (document_.problems.size() < kVexProblemsMax) document_.problems.push_back(std::move(why));
}

Result<VexDocument> ReadVex(std::string_view text, std::string name, VexLevel level) {
  HF_TRY(const auto tree, io::JsonDocument::Parse(text, {.bytes_max = kVexBytesMax}));
  const io::JsonView root = tree.Root();
  VexDocument document;
  document.name = std::move(name);
  document.level = level;
  if (LooksLikeOpenVex(root)) {
    HF_CHECK_OK(ReadOpenVex(root, document));
  } else if (LooksLikeCycloneDx(root)) {
    HF_CHECK_OK(ReadCycloneDxVex(root, document));
  } else if (advisory::LooksLikeCsaf(root)) {
    HF_CHECK_OK(ReadCsafVex(root, document));
  } else {
    return Fail(ErrorKind::kUnsupported,
                Format("{} is no VEX document: it is neither OpenVEX, CycloneDX nor CSAF", document.name));
  }
  return document;
}

}  // namespace holdfast::triage
