// Tables of an SQLite database that somebody else made (sqlite.org/fileformat2.html), read-only and trusted in nothing.
//
// Only plain tables are read: no view, virtual table, generated column, trigger or function that the file's schema
// brings is ever run. Nothing is sorted or written, and no file beside it (journal, WAL) is looked at: the database is
// taken for one that does not change. What one row may cost is bounded, in memory and in steps, so a file that goes in
// circles or lacks an index ends as an error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace holdfast::io {

inline constexpr std::size_t kSqliteHeadBytes = 16;
inline constexpr int kSqliteValueBytesMax = 16 << 20;  // of one value, and of one row
inline constexpr int kSqliteStepsMax = 20'000;         // of SQLite's machine, for one row or for the whole schema

// Whether a file with this beginning, of kSqliteHeadBytes or more, says that it is a database of SQLite.
[[nodiscard]] bool IsSqlite(Bytes head);

// A cursor. It must not outlive its SqliteFile; what it shows lives until it moves.
class SqliteRows {
 public:
  SqliteRows(SqliteRows&&) noexcept;
  SqliteRows& operator=(SqliteRows&&) = delete;
  ~SqliteRows();

  // Of Rows: to the next row; false at the end. kCorrupt: damaged. kLimit: beyond the bounds above.
  [[nodiscard]] Result<bool> Next();
  // Of RowsById: to the row with that id; false when there is none. Errors as Next.
  [[nodiscard]] Result<bool> Seek(std::int64_t id);

  // By position in the list of columns. What has another type, or is not there, is absent or empty.
  [[nodiscard]] std::optional<std::int64_t> Integer(int column) const;
  [[nodiscard]] std::optional<double> Number(int column) const;  // integers too
  [[nodiscard]] std::string_view Text(int column) const;

 private:
  friend class SqliteFile;
  SqliteRows(sqlite3_stmt* statement, int* steps) : statement_(statement), steps_(steps) {}
  sqlite3_stmt* statement_;  // null: a table that is not there
  int* steps_;
};

class SqliteFile {
 public:
  // kNotFound, kUnavailable; kCorrupt for a file without a readable schema, kLimit for one with too large a schema.
  [[nodiscard]] static Result<std::unique_ptr<SqliteFile>> Open(const std::filesystem::path& path);
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;
  ~SqliteFile();

  // Whether there is a plain table of that name. kUnsupported when it is a view, or virtual.
  [[nodiscard]] Result<bool> HasTable(std::string_view table);

  // All rows of a table in the order of the file; none when there is no such table. Columns that it does not have are
  // absent from every row. Table and columns are constants of the program. kUnsupported for what is no plain table, or
  // has generated columns.
  using Columns = std::span<const std::string_view>;
  [[nodiscard]] Result<SqliteRows> Rows(std::string_view table, Columns columns);
  // The same for single rows, by the integer column `id`.
  [[nodiscard]] Result<SqliteRows> RowsById(std::string_view table, Columns columns);

 private:
  SqliteFile() = default;
  Result<void> Configure();
  Result<sqlite3_stmt*> Prepare(std::string_view sql);
  Result<SqliteRows> Select(std::string_view table, Columns columns, std::string_view condition);

  sqlite3* database_ = nullptr;
  int steps_ = 0;  // thousands, since the last row
};

}  // namespace holdfast::io
