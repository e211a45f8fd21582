// Whether database and object store agree, with each other and each with itself: `holdfast fsck`, and what the catalog
// role removes by the same rules.
//
// Rows are asked questions (store/integrity.h). Objects are listed and compared with the keys that rows refer to, both
// in order, so that it takes the same memory for ten objects and for ten million. The platform may be at work
// meanwhile: what looks wrong is looked at twice, and what nobody needs has to be older than a grace time, since
// objects come before their rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "blob/object_store.h"
#include "service/platform.h"
#include "store/database.h"

namespace holdfast::service {

// No work of the platform leaves an object without its row for so long.
inline constexpr std::int64_t kOrphanGraceMs = 3'600'000;

struct IntegrityScope {
  store::Database& database;
  blob::ObjectStore& objects;
  const Clock& clock;
  Limits limits = {};
};

struct IntegrityOptions {
  bool deep = false;    // reads each object, and verifies that it is what it should be
  bool repair = false;  // removes what nobody needs, and what can be made again from the registry
  std::int64_t grace_ms = kOrphanGraceMs;
  std::size_t examples_max = 5;  // of each kind
};

struct IntegrityProblem {
  std::string kind;     // "object.missing": stable, for programs
  std::string meaning;  // for people
  bool damage = false;  // else waste
  std::uint64_t count = 0, mended = 0;
  std::vector<std::string> examples;
};

struct IntegrityReport {
  std::vector<IntegrityProblem> problems;  // each kind that was looked for, found or not
  std::uint64_t objects = 0;               // that were listed
  std::uint64_t object_bytes = 0;          // as they are stored
  std::uint64_t objects_in_flight = 0;     // that nobody refers to, younger than the grace time
  std::uint64_t objects_read = 0;          // and verified
  [[nodiscard]] bool IsClean() const;      // nothing was found, or all of it mended
};

// An error means that no more could be said: the database or the object store is not to be had.
[[nodiscard]] Result<IntegrityReport> CheckIntegrity(const IntegrityScope& scope, const IntegrityOptions& options);

// What housekeeping does by the same rules: removes rows that nobody needs, and that are older than the grace time; how
// many.
[[nodiscard]] Result<std::uint64_t> RemoveUnusedRows(const Platform& platform, std::int64_t grace_ms);
// The same for objects: lists them all once.
[[nodiscard]] Result<std::uint64_t> RemoveUnusedObjects(const Platform& platform, std::int64_t grace_ms);

}  // namespace holdfast::service
