#include "advisory/debian/statements.h"

#include "base/format.h"
#include "version/scheme.h"

namespace holdfast::advisory {
namespace {

std::string KeyOf(std::string_view id, const model::Affected& row) {
  return Format("{} {} {}", id, row.package, row.release);
}

}  // namespace

void Statements::Add(std::string_view id, const model::Affected& row) {
  // No list speaks of unstable.
  if (row.release == "unstable") return;
  std::string safe_from;
  if (row.fix_state == model::FixState::kNotAffected) safe_from = "0";
  if (!row.ranges.empty() && row.ranges.front().fixed) safe_from = *row.ranges.front().fixed;
  safe_from_.insert_or_assign(KeyOf(id, row), std::move(safe_from));
}

void Statements::Refine(model::Advisory& advisory) const {
  if (safe_from_.empty()) return;
  std::erase_if(advisory.affected, [&](const model::Affected& row) { return Replaces(row, advisory.related); });
}

bool Statements::Replaces(const model::Affected& row, const std::vector<std::string>& ids) const {
  const version::Scheme* dpkg = version::FindScheme("dpkg");
  if (row.ranges.empty() || dpkg == nullptr) return false;
  bool contradicted = false;
  for (const std::string& id : ids) {
    const auto known = safe_from_.find(KeyOf(id, row));
    if (known == safe_from_.end()) return false;
    if (known->second.empty() || contradicted) continue;
    const auto& fixed = row.ranges.front().fixed;
    const auto order = fixed ? version::Compare(*dpkg, known->second, *fixed) : std::nullopt;
    contradicted = !fixed || known->second == "0" || (order && *order < 0);
  }
  return contradicted;
}

}  // namespace holdfast::advisory
