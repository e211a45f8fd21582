// The schema and its numbered, forward-only migrations. A migration runs whole or not at all, and once, however many
// replicas start together. The list is explicit: a new one is a file in migrations/ and a line in schema.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "store/database.h"

namespace holdfast::store {

struct Migration {
  std::int64_t number;    // 1, 2, …
  std::string_view name;  // "0001_platform": as its file
  std::string_view sql;   // for both dialects, with macros
};

[[nodiscard]] std::span<const Migration> Migrations();

// Brings the schema to the last migration; nothing to do is success. kUnsupported when the schema is newer than that.
[[nodiscard]] Result<void> Upgrade(Database& database);
[[nodiscard]] Result<void> Upgrade(Database& database, std::span<const Migration> migrations);

// The number of the last migration that ran; 0 for an empty database.
[[nodiscard]] Result<std::int64_t> SchemaVersion(Database& database);

// Whether this program can work with the schema as it is: kUnsupported with a sentence for the operator.
[[nodiscard]] Result<void> CheckSchema(Database& database);

}  // namespace holdfast::store
