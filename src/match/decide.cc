// Conditions first (architecture, RPM module), since they are cheap, then exact versions, then ranges.
//
// RPM modules: a modular package and the ordinary package of the same name are different builds whose
// versions do not compare. A row is modular when it names a module, or when its fix carries the ".module"
// that the build system puts into modular releases; packages are judged alike. Only like meets like.

#include "match/decide.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/format.h"

namespace holdfast::match {
namespace {

constexpr std::string_view kModularRelease = ".module";

std::string_view FoldArchitecture(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kAliases = {{
      {"amd64", "x86_64"},
      {"arm64", "aarch64"},
      {"i386", "x86"},
      {"i586", "x86"},
      {"i686", "x86"},
      {"ppc64el", "ppc64le"},
  }};
  const auto* found = std::ranges::find(kAliases, name, &std::pair<std::string_view, std::string_view>::first);
  return found != kAliases.end() ? found->second : name;
}

bool ArchitectureFits(std::string_view row, const Candidate& candidate) {
  if (row == "src") return candidate.from_source;
  if (candidate.marked_only) return false;
  if (row.empty()) return true;
  const std::string_view own = candidate.architecture;
  if (own.empty() || own == "noarch" || own == "all" || row == "noarch" || row == "all") return true;
  return FoldArchitecture(row) == FoldArchitecture(own);
}

// "name:stream,name:stream" against "name:stream:version:context".
bool LabelFits(std::string_view labels, std::string_view own) {
  while (!labels.empty()) {
    const std::string_view label = labels.substr(0, labels.find(','));
    labels.remove_prefix(std::min(labels.size(), label.size() + 1));
    if (own.starts_with(label) && (own.size() == label.size() || own[label.size()] == ':')) return true;
  }
  return false;
}

bool ModuleFits(const model::AffectedView& row, const Candidate& candidate) {
  if (candidate.scheme_id != "rpm") return true;
  const bool row_is_modular = !row.module_label.empty() || std::ranges::any_of(row.ranges, [](const auto& range) {
    return range.end.contains(kModularRelease);
  });
  const bool own_is_modular = !candidate.module_label.empty() || candidate.version.contains(kModularRelease);
  if (row_is_modular != own_is_modular) return false;
  // A label that one side does not state cannot be held against it.
  return row.module_label.empty() || candidate.module_label.empty() ||
         LabelFits(row.module_label, candidate.module_label);
}

std::string_view WithoutEpoch(std::string_view version) {
  const std::size_t colon = version.find(':');
  return colon == std::string_view::npos ? version : version.substr(colon + 1);
}

class Comparer {
 public:
  explicit Comparer(const Candidate& candidate) : candidate_(candidate) {}

  // The candidate against `bound`; nothing when either cannot be read.
  std::optional<std::strong_ordering> Against(std::string_view bound) const { return Order(candidate_.version, bound); }
  std::optional<std::strong_ordering> Order(std::string_view a, std::string_view b) const {
    if (candidate_.without_epoch) {
      a = WithoutEpoch(a);
      b = WithoutEpoch(b);
    }
    const auto order = version::Compare(*candidate_.scheme, a, b);
    return order ? std::optional(*order) : std::nullopt;
  }
  // Nothing: undecided.
  std::optional<bool> Inside(const model::RangeView& range, std::string_view version) const {
    if (range.introduced != "0") {
      const auto start = Order(version, range.introduced);
      if (!start) return std::nullopt;
      if (*start < 0) return false;
    }
    if (range.end_kind == model::RangeEnd::kOpen) return Order(version, version) ? std::optional(true) : std::nullopt;
    const auto end = Order(version, range.end);
    if (!end) return std::nullopt;
    return range.end_kind == model::RangeEnd::kFixed ? *end < 0 : *end <= 0;
  }

 private:
  const Candidate& candidate_;
};

model::VersionRange Own(const model::RangeView& range) {
  model::VersionRange own;
  own.introduced = range.introduced;
  if (range.end_kind == model::RangeEnd::kFixed) own.fixed = range.end;
  if (range.end_kind == model::RangeEnd::kLastAffected) own.last_affected = range.end;
  return own;
}

std::string Describe(const model::RangeView& range) {
  switch (range.end_kind) {
    case model::RangeEnd::kOpen: return Format(">= {}", range.introduced);
    case model::RangeEnd::kFixed: return Format(">= {}, < {}", range.introduced, range.end);
    case model::RangeEnd::kLastAffected: return Format(">= {}, <= {}", range.introduced, range.end);
  }
  return {};
}

}  // namespace

void Prepare(Candidate& candidate) {
  candidate.scheme = version::FindScheme(candidate.scheme_id);
  candidate.readable = candidate.scheme != nullptr &&
                       version::Compare(*candidate.scheme, candidate.version, candidate.version).has_value();
}

namespace {

// Whether one of the row's versions or ranges contains the candidate.
Decision DecideVersions(const model::AffectedView& row, const Candidate& candidate) {
  if (std::ranges::find(row.versions, candidate.version) != row.versions.end())
    return {.outcome = Outcome::kHolds, .range = Format("= {}", candidate.version)};
  if (candidate.scheme == nullptr)
    return {.outcome = Outcome::kUndecided,
            .problem = Format("no order of versions is known by the name \"{}\"", candidate.scheme_id)};
  if (!candidate.readable)
    return {.outcome = Outcome::kUndecided,
            .problem = Format("version \"{}\" is not one of {}", candidate.version, candidate.scheme_id)};
  const Comparer comparer(candidate);
  for (const std::string_view version : row.versions) {
    const auto order = comparer.Against(version);
    if (order && *order == 0) return {.outcome = Outcome::kHolds, .range = Format("= {}", version)};
  }
  Decision decision;
  for (const model::RangeView& range : row.ranges) {
    const auto inside = comparer.Inside(range, candidate.version);
    if (inside && *inside) return {.outcome = Outcome::kHolds, .held = Own(range), .range = Describe(range)};
    if (inside) continue;
    decision.outcome = Outcome::kUndecided;
    decision.problem =
        Format("{} states a range that is not of {}: {}", row.advisory_id, candidate.scheme_id, Describe(range));
  }
  return decision;
}

}  // namespace

Condition ConditionOf(const model::AffectedView& row, const Candidate& candidate) {
  if (!ArchitectureFits(row.architecture, candidate)) return Condition::kOtherArchitecture;
  return ModuleFits(row, candidate) ? Condition::kFits : Condition::kOtherModule;
}

std::string DescribeVersions(const model::AffectedView& row) {
  std::string text;
  const auto add = [&text](std::string_view part) {
    if (!text.empty()) text += " or ";
    text += part;
  };
  for (const model::RangeView& range : row.ranges) add(Describe(range));
  for (const std::string_view version : row.versions) add(Format("= {}", version));
  return text.empty() ? "all versions" : text;
}

Decision Decide(const model::AffectedView& row, const Candidate& candidate) {
  if (row.fix_state == model::FixState::kNotAffected) return {};
  if (ConditionOf(row, candidate) != Condition::kFits) return {};
  return DecideVersions(row, candidate);
}

bool Denies(const model::AffectedView& row, const Candidate& candidate) {
  if (row.fix_state != model::FixState::kNotAffected) return false;
  if (ConditionOf(row, candidate) != Condition::kFits) return false;
  return (row.ranges.empty() && row.versions.empty()) || DecideVersions(row, candidate).outcome == Outcome::kHolds;
}

std::string FixPassed(const model::AffectedView& row, const Candidate& candidate) {
  if (row.fix_state == model::FixState::kNotAffected || candidate.scheme == nullptr || !candidate.readable) return {};
  if (ConditionOf(row, candidate) != Condition::kFits) return {};
  const Comparer comparer(candidate);
  std::string_view passed;
  for (const model::RangeView& range : row.ranges) {
    if (range.end_kind != model::RangeEnd::kFixed) continue;
    const auto order = comparer.Against(range.end);
    if (!order || *order < 0) continue;
    const auto above = passed.empty() ? std::nullopt : comparer.Order(range.end, passed);
    if (passed.empty() || (above && *above > 0)) passed = range.end;
  }
  return std::string(passed);
}

bool Contains(const model::VersionRange& range, const version::Scheme& scheme, std::string_view version) {
  Candidate candidate;
  candidate.scheme = &scheme;
  model::RangeView view{range.introduced, model::RangeEnd::kOpen, {}};
  if (range.fixed) view = {range.introduced, model::RangeEnd::kFixed, *range.fixed};
  if (range.last_affected) view = {range.introduced, model::RangeEnd::kLastAffected, *range.last_affected};
  return Comparer(candidate).Inside(view, version).value_or(false);
}

std::vector<std::string> FixedVersions(const model::AffectedView& row, const Candidate& candidate) {
  std::vector<std::string> fixed;
  const bool has_fix = row.fix_state == model::FixState::kFixed || row.fix_state == model::FixState::kWontFix;
  if (!has_fix || candidate.scheme == nullptr) return fixed;
  const Comparer comparer(candidate);
  for (const model::RangeView& range : row.ranges) {
    if (range.end_kind != model::RangeEnd::kFixed) continue;
    const auto order = comparer.Against(range.end);
    const bool still_affected = std::ranges::any_of(
        row.ranges, [&](const auto& other) { return comparer.Inside(other, range.end).value_or(false); });
    if (order && *order < 0 && !still_affected) fixed.emplace_back(range.end);
  }
  std::ranges::sort(fixed, [&](const auto& a, const auto& b) {
    const auto order = comparer.Order(a, b);
    return order && *order != 0 ? *order < 0 : a < b;
  });
  const auto repeated = std::ranges::unique(fixed);
  fixed.erase(repeated.begin(), repeated.end());
  return fixed;
}

}  // namespace holdfast::match
