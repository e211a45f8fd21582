// The database in one file, for one process: SQLite in WAL mode, several readers beside one writer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "store/database.h"

namespace holdfast::store {

enum class Durability : std::uint8_t {
  kProcess,  // a commit outlives the process; a power failure may take back the last ones, whole
  kPower,    // a commit outlives a power failure: one flush to the disk each
};

struct SqliteOptions {
  std::string path;  // of the file; made with mode 0600 when absent
  std::uint64_t readers = 4;
  std::int64_t pool_timeout_ms = 30'000;       // waiting for a connection: kUnavailable
  std::int64_t busy_timeout_ms = 10'000;       // waiting for another process that holds the file: kUnavailable
  std::int64_t statement_timeout_ms = 60'000;  // 0: none
  std::uint64_t mmap_bytes = std::uint64_t{256} << 20;
  // A platform answers "done" for work that it then never does again, so the default survives what it can.
  Durability durability = Durability::kPower;
  StatementObserver observer;
};

// kInvalidInput without a path, kDenied when the file may not be written, kCorrupt when it is no database.
[[nodiscard]] Result<std::unique_ptr<Database>> OpenSqlite(SqliteOptions options);

}  // namespace holdfast::store
