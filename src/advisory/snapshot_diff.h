// What differs between two snapshots: by package, so that whoever matched packages with one knows which ones the other
// can decide otherwise, and by advisory and vulnerability, for people.
//
// Both are read once, side by side in key order: linear time, constant memory beside the visitors'.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "advisory/snapshot.h"
#include "base/result.h"
#include "model/ecosystem.h"

namespace holdfast::advisory {

enum class Change : std::uint8_t { kAdded, kChanged, kRemoved };
[[nodiscard]] std::string_view ChangeName(Change change);  // "added", ...

// What is handed to visitors lives while they run. A visitor that is not set is not called.
struct DiffVisitor {
  // What advisories say about a package differs, or what is told of one of those advisories does (a severity, a CVE).
  // `name` is normalised; empty for a name that was too long to be a key: see `long_names` in the result.
  std::function<void(const model::EcosystemRelease& where, std::string_view name, Change change)> package;
  std::function<void(std::string_view id, Change change)> advisory;
  // Scores, weaknesses, exploitation. EPSS, which changes daily for nearly all, is told apart.
  std::function<void(std::string_view cve, Change change)> vulnerability;
};

struct DiffResult {
  std::uint64_t packages = 0, advisories = 0, vulnerabilities = 0;
  std::uint64_t epss = 0;
  // Names of which only a hash is stored differ: packages with names of more than kLongNameBytes have to be taken for
  // changed.
  bool long_names = false;
};

inline constexpr std::size_t kLongNameBytes = 256;

// kCorrupt when one of the two is damaged.
[[nodiscard]] Result<DiffResult> Diff(const Snapshot& before, const Snapshot& after, const DiffVisitor& visitor);

}  // namespace holdfast::advisory
