// Advisories come before packages in key order. So when the packages are reached, it is known already which of them an
// advisory speaks of that changed in what it tells, though not in what it decides.

#include "advisory/snapshot_diff.h"

#include <compare>
#include <optional>
#include <set>
#include <string>

#include "advisory/record.h"
#include "advisory/record_cursor.h"
#include "advisory/snapshot_format.h"

namespace holdfast::advisory {
namespace {

using Value = std::optional<std::string_view>;

// One side: a cursor, and whether it stands on a record.
class Side {
 public:
  static Result<Side> Open(const Snapshot& snapshot) {
    HF_TRY(RecordCursor cursor, RecordCursor::Open(snapshot));
    Side side(std::move(cursor));
    HF_CHECK_OK(side.Next());
    return side;
  }
  Result<void> Next() {
    HF_TRY(standing_, cursor_.Next());
    return {};
  }
  [[nodiscard]] bool Ended() const { return !standing_; }
  [[nodiscard]] std::string_view Key() const { return cursor_.Key(); }
  [[nodiscard]] Value Content() const { return cursor_.Value(); }

 private:
  explicit Side(RecordCursor cursor) : cursor_(std::move(cursor)) {}
  RecordCursor cursor_;
  bool standing_ = false;
};

Change ChangeOf(const Value& before, const Value& after) {
  if (!before) return Change::kAdded;
  return after ? Change::kChanged : Change::kRemoved;
}

class Differ {
 public:
  explicit Differ(const DiffVisitor& visitor) : visitor_(visitor) {}

  Result<void> Record(std::string_view key, const Value& before, const Value& after) {
    const std::string_view letter = key.substr(0, 1);
    const std::string_view name = key.substr(1);
    if (letter == "p") return Package(key, before, after);
    if (letter == "q" && touched_.contains(key)) result_.long_names = true;
    if (before == after) return {};
    if (letter == kColdKey) return Advisory(name, before, after);
    if (letter == kFactsKey) Vulnerability(name, ChangeOf(before, after));
    if (letter == kEpssKey) ++result_.epss;
    if (letter == "q") result_.long_names = true;
    return {};
  }

  [[nodiscard]] const DiffResult& Done() const { return result_; }

 private:
  Result<void> Advisory(std::string_view id, const Value& before, const Value& after) {
    ++result_.advisories;
    if (visitor_.advisory) visitor_.advisory(id, ChangeOf(before, after));
    for (const Value& record : {before, after}) {
      if (!record) continue;
      HF_TRY(const model::Advisory advisory, DecodeAdvisory(*record));
      for (const model::Affected& affected : advisory.affected)
        touched_.insert(PackageKey(affected.ecosystem, affected.release,
                                   model::NormalisePackageName(affected.ecosystem, affected.package)));
    }
    return {};
  }

  void Vulnerability(std::string_view cve, Change change) {
    ++result_.vulnerabilities;
    if (visitor_.vulnerability) visitor_.vulnerability(cve, change);
  }

  Result<void> Package(std::string_view key, const Value& before, const Value& after) {
    if (before == after && !touched_.contains(key)) return {};
    HF_TRY(const auto parts, SplitPackageKey(key));
    ++result_.packages;
    if (visitor_.package) visitor_.package(parts.where, parts.name, ChangeOf(before, after));
    return {};
  }

  const DiffVisitor& visitor_;
  std::set<std::string, std::less<>> touched_;  // keys of packages
  DiffResult result_;
};

}  // namespace

std::string_view ChangeName(Change change) {
  switch (change) {
    case Change::kAdded: return "added";
    case Change::kChanged: return "changed";
    case Change::kRemoved: return "removed";
  }
  return {};
}

Result<DiffResult> Diff(const Snapshot& before, const Snapshot& after, const DiffVisitor& visitor) {
  HF_TRY(Side old_side, Side::Open(before));
  HF_TRY(Side new_side, Side::Open(after));
  Differ differ(visitor);
  while (!old_side.Ended() || !new_side.Ended()) {
    const bool take_old = !old_side.Ended() && (new_side.Ended() || old_side.Key() <= new_side.Key());
    const bool take_new = !new_side.Ended() && (old_side.Ended() || new_side.Key() <= old_side.Key());
    HF_CHECK_OK(differ.Record(take_old ? old_side.Key() : new_side.Key(), take_old ? old_side.Content() : Value(),
                              take_new ? new_side.Content() : Value()));
    if (take_old) HF_CHECK_OK(old_side.Next());
    if (take_new) HF_CHECK_OK(new_side.Next());
  }
  return differ.Done();
}

}  // namespace holdfast::advisory
