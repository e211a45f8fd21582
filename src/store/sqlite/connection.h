// One connection to the file: settings, prepared statements, and how values go in and come out.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/database.h"
#include "store/sqlite/sqlite_database.h"

namespace holdfast::store::sqlite {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// Belongs to one thread at a time.
class Connection {
 public:
  // A reader's connection refuses to write.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> Open(const SqliteOptions& options, Access access);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() = default;

  [[nodiscard]] Result<Rows> Run(const Statement& statement, const Parameters& parameters);
  // Several statements, no parameters, no rows, no time limit.
  [[nodiscard]] Result<void> RunScript(std::string_view name, const std::string& sql);
  [[nodiscard]] bool InTransaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

  Connection(sqlite3* database, Access access, std::int64_t statement_timeout_ms);

  [[nodiscard]] Result<void> Configure(const SqliteOptions& options);
  [[nodiscard]] Result<void> TurnToWal(std::chrono::milliseconds patience);
  [[nodiscard]] Result<sqlite3_stmt*> Prepare(const Statement& statement);
  [[nodiscard]] Result<Rows> Step(const Statement& statement, sqlite3_stmt* prepared);
  [[nodiscard]] Error MakeError(std::string_view name, int code) const;
  static int OnProgress(void* self);

  std::unique_ptr<sqlite3, CloseDatabase> database_;
  Access access_;
  std::chrono::milliseconds statement_timeout_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  // By the text before expansion; destroyed before the database.
  std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> prepared_;
};

}  // namespace holdfast::store::sqlite
