#include "advisory/suse/statements.h"

#include <algorithm>
#include <tuple>

namespace holdfast::advisory {
namespace {

auto KeyOf(const SuseStatement& statement) {
  return std::tuple(statement.ecosystem, statement.release, statement.said.package);
}

model::FixState StateOf(SuseKind kind) {
  switch (kind) {
    case SuseKind::kNotAffected: return model::FixState::kNotAffected;
    case SuseKind::kUnderInvestigation: return model::FixState::kUnderInvestigation;
    case SuseKind::kWontFix: return model::FixState::kWontFix;
    case SuseKind::kAffected: return model::FixState::kNotFixed;
    case SuseKind::kFixed: return model::FixState::kFixed;
  }
  return model::FixState::kUnknown;
}

model::Affected RowOf(const SuseStatement& statement, const Words& words) {
  model::Affected row;
  row.ecosystem = words.Text(statement.ecosystem);
  row.release = words.Text(statement.release);
  row.package = words.Text(statement.said.package);
  row.version_scheme = "rpm";
  row.architecture = words.Text(statement.said.architecture);
  row.fix_state = StateOf(statement.said.kind);
  if (statement.said.kind == SuseKind::kFixed)
    row.ranges.push_back({"0", words.Text(statement.said.version), std::nullopt});
  else if (statement.said.kind != SuseKind::kNotAffected)
    row.ranges.push_back({"0", std::nullopt, std::nullopt});
  return row;
}

}  // namespace

std::vector<model::Affected> SuseRows(std::vector<SuseStatement>& statements, const Words& words) {
  std::vector<model::Affected> rows;
  std::ranges::sort(statements, {}, [](const SuseStatement& s) { return std::tuple_cat(KeyOf(s), std::tuple(s)); });
  const auto repeated = std::ranges::unique(statements);
  statements.erase(repeated.begin(), repeated.end());
  for (auto first = statements.begin(); first != statements.end();) {
    const auto last =
        std::find_if(first, statements.end(), [&](const SuseStatement& s) { return KeyOf(s) != KeyOf(*first); });
    const bool long_term = std::all_of(first, last, [](const SuseStatement& s) { return s.long_term; });
    SuseKind kind = SuseKind::kNotAffected;
    for (auto s = first; s != last; ++s)
      if (s->long_term == long_term) kind = std::max(kind, s->said.kind);
    for (; first != last; ++first)
      if (first->long_term == long_term && first->said.kind == kind) rows.push_back(RowOf(*first, words));
  }
  return rows;
}

bool IsSuseLivePatch(std::string_view text) {
  return text.contains("kernel-livepatch") || text.contains("kgraft-patch");
}

}  // namespace holdfast::advisory
