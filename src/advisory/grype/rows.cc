#include "advisory/grype/rows.h"

#include <algorithm>
#include <utility>

#include "advisory/grype/constraint.h"
#include "model/ecosystem.h"

namespace holdfast::advisory {
namespace {

using Statement = GrypeRows::Statement;
using Statements = std::vector<Statement>;
using States = std::map<model::FixState, model::Affected>;

constexpr std::string_view kAnyBinary = "binary-no-arch-specified";

// The same record of several rows is one statement.
void DropRepeated(Statements& statements) {
  const auto key = [](const Statement& one) {
    return std::tuple(one.blob, one.unaffected, one.place.minor, one.place.for_subscribers);
  };
  std::ranges::sort(statements, {}, key);
  const auto repeated = std::ranges::unique(statements, {}, key);
  statements.erase(repeated.begin(), repeated.end());
}

void KeepOneMinor(Statements& statements) {
  std::optional<int> highest;
  bool whole = false;
  for (const Statement& one : statements) {
    whole = whole || !one.place.minor;
    highest = std::max(highest, one.place.minor);
  }
  if (whole) highest.reset();
  std::erase_if(statements, [&](const Statement& one) { return one.place.minor != highest; });
}

bool Has(const Statement& one, model::FixState state) {
  return std::ranges::any_of(one.package->ranges, [&](const GrypeRange& range) { return range.state == state; });
}

bool IsSettled(const Statement& one) {
  return one.unaffected || Has(one, model::FixState::kFixed) || Has(one, model::FixState::kNotAffected);
}

// True where fixes that are left are for subscribers.
bool SettleSubscribers(Statements& statements) {
  const auto for_subscribers = [](const Statement& one) { return one.place.for_subscribers; };
  if (std::ranges::none_of(statements, for_subscribers)) return false;
  const bool everybody =
      std::ranges::any_of(statements, [&](const Statement& one) { return !for_subscribers(one) && IsSettled(one); });
  const bool subscribers =
      std::ranges::any_of(statements, [&](const Statement& one) { return for_subscribers(one) && IsSettled(one); });
  const bool stated = !std::ranges::all_of(statements, for_subscribers);
  const bool keep_theirs = !everybody && (subscribers || !stated);
  std::erase_if(statements, [&](const Statement& one) { return for_subscribers(one) != keep_theirs; });
  return keep_theirs;
}

bool IsEverything(const Interval& interval) { return !interval.from && !interval.to; }

// "< 0": the version that stands for "never was affected".
bool IsNever(const Interval& interval) {
  return !interval.from && interval.to && !interval.to->inclusive && interval.to->version == "0";
}

class Emitter {
 public:
  Emitter(const Statement& statement, bool fixes_for_subscribers)
      : statement_(statement),
        fixes_for_subscribers_(fixes_for_subscribers),
        info_(model::FindEcosystem(statement.place.ecosystem)),
        scheme_(*version::FindScheme(info_ != nullptr ? info_->version_scheme : kGrypeCpeScheme)) {}

  void To(std::vector<model::Affected>& rows) {
    if (!statement_.unaffected) {
      AddAffected();
    } else if (statement_.from_fix_on) {
      AddBelowFixes();
    } else {
      AddUnaffected();
    }
    for (auto& [state, row] : states_) {
      const bool any = statement_.package->architecture.empty();
      if (any && info_ != nullptr && info_->advisory_names == model::AdvisoryNames::kBinaryPackagesAndMarkedSources) {
        rows.push_back(row);
        rows.back().architecture = "src";
      }
      rows.push_back(std::move(row));
    }
  }

 private:
  model::Affected& Row(model::FixState state) {
    const auto [entry, fresh] = states_.try_emplace(state);
    model::Affected& row = entry->second;
    if (!fresh) return row;
    const GrypePackage& package = *statement_.package;
    const bool cpe = statement_.place.ecosystem == kGrypeCpeEcosystem;
    row.ecosystem = statement_.place.ecosystem;
    row.release = statement_.place.release;
    row.package = model::NormalisePackageName(row.ecosystem, statement_.name);
    row.version_scheme = scheme_.id;
    row.fix_state = state;
    row.module_label = package.module_label;
    if (package.architecture != kAnyBinary) row.architecture = package.architecture;
    row.target_software = statement_.target_software;
    if (cpe) row.platforms = package.platforms;
    row.symbols = package.symbols;
    return row;
  }

  void AddUnaffected() {
    model::Affected& row = Row(model::FixState::kNotAffected);
    for (const GrypeRange& range : statement_.package->ranges)
      for (const Interval& interval : range.intervals) {
        // Of every version: no range says so.
        if (IsEverything(interval)) {
          row.ranges.clear();
          row.versions.clear();
          return;
        }
        AddInterval(interval, scheme_, row);
      }
  }

  void AddBelowFixes() {
    for (const GrypeRange& range : statement_.package->ranges)
      for (const Interval& interval : range.intervals)
        if (interval.from && interval.from->inclusive && !interval.to)
          AddInterval({.from = {}, .to = Bound{interval.from->version, false}}, scheme_, Row(model::FixState::kFixed));
  }

  void AddAffected() {
    if (statement_.package->ranges.empty()) AddInterval({}, scheme_, Row(model::FixState::kUnknown));
    for (const GrypeRange& range : statement_.package->ranges) {
      const model::FixState state = StateOf(range.state);
      for (const Interval& interval : range.intervals) {
        if (scheme_.id == "apk" && IsNever(interval)) {
          Row(model::FixState::kNotAffected);
        } else if (!(state == model::FixState::kNotAffected && IsEverything(interval))) {
          AddInterval(interval, scheme_, Row(state));
        } else {
          Row(state);
        }
      }
    }
  }

  [[nodiscard]] model::FixState StateOf(model::FixState state) const {
    if (state == model::FixState::kFixed && fixes_for_subscribers_) return model::FixState::kWontFix;
    // NVD does not say that there is no fix.
    const bool cpe = statement_.place.ecosystem == kGrypeCpeEcosystem;
    return cpe && state == model::FixState::kNotFixed ? model::FixState::kUnknown : state;
  }

  const Statement& statement_;
  bool fixes_for_subscribers_;
  const model::EcosystemInfo* info_;
  const version::Scheme& scheme_;
  States states_;
};

}  // namespace

bool GrypeRows::Add(const Statement& statement) {
  if (size_ >= kGrypeAdvisoryRowsMax || bytes_ + statement.package->bytes > kGrypeAdvisoryBytesMax) return false;
  statements_[Key{statement.place.ecosystem, statement.place.release, statement.name, statement.target_software}]
      .push_back(statement);
  ++size_;
  bytes_ += statement.package->bytes;
  return true;
}

std::vector<model::Affected> GrypeRows::Take() {
  std::vector<model::Affected> rows;
  for (auto& [key, statements] : statements_) {
    KeepOneMinor(statements);
    const bool for_subscribers = SettleSubscribers(statements);
    DropRepeated(statements);
    for (const Statement& statement : statements) Emitter(statement, for_subscribers).To(rows);
  }
  statements_.clear();
  size_ = bytes_ = 0;
  return rows;
}

}  // namespace holdfast::advisory
