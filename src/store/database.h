// Database: the one door to SQL. Repositories (accounts.h, images.h, …) are functions over a Session in words of the
// domain; a driver (store/sqlite, store/postgres) knows how to run a Statement and nothing of what it means.
//
// One text serves both dialects wherever it can: numbered parameters ($1, $2, …), ON CONFLICT, RETURNING, partial
// indexes, window functions and CTEs are understood by SQLite 3.40 and PostgreSQL 15 alike. Times are BIGINT
// milliseconds since 1970 UTC, truth values are 0 and 1, digests are 32 raw bytes. What differs is written as a macro
// that the driver expands (see ExpandSql), or as a second text.
//
// What comes back is the same for both: integers and truth values as integers, SUM of integers too; any other column
// type must be cast to one that Value has.
//
// Errors: kConflict for a broken uniqueness or foreign-key rule, kUnavailable when the server is gone, starting,
// out of connections or the statement timed out, kInvalidInput for text that is not UTF-8 or has a zero byte in it,
// kLimit for a value that the server has no room for, kInternal for SQL that the server does not understand and for
// parameters that do not fit it. The message names the statement, never its values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace holdfast::store {

enum class Dialect : std::uint8_t { kSqlite, kPostgres };

// Bytes, as opposed to text.
struct Blob {
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};

// A parameter. Lists go where the SQL says @INTS($n), @TEXTS($n) or @BLOBS($n). Each place of a statement always gets
// the same type, or NULL.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob, std::vector<std::int64_t>,
                           std::vector<std::string>, std::vector<Blob>>;

// A named constant beside the function that uses it; the name is in metrics, logs and errors.
struct Statement {
  std::string_view name;           // "image.find_by_digest"
  std::string_view sql;            // for both dialects
  std::string_view postgres = {};  // instead, for PostgreSQL
};

// A statement for many rows at once, of which no two are the same to the table's keys (PostgreSQL refuses to touch a
// row twice in one command). `each` is for one row. `all` is for PostgreSQL: there each parameter is an array of the
// values that it has in all rows, NULL among them, and the text casts it: "INSERT INTO t (a, b) SELECT * FROM
// unnest($1::bigint[], $2::text[])". So it is one statement however many rows there are.
struct SetStatement {
  std::string_view name;
  std::string_view each;
  std::string_view all;
};

// One cell of a result. Requires of each getter: the column has that type (else zero or empty is answered).
class Cell {
 public:
  Cell() = default;
  explicit Cell(Value value) : value_(std::move(value)) {}
  [[nodiscard]] bool IsNull() const { return std::holds_alternative<std::monostate>(value_); }
  [[nodiscard]] std::int64_t Integer() const;
  [[nodiscard]] double Real() const;               // of an integer too
  [[nodiscard]] const std::string& Text() const;   // of text
  [[nodiscard]] const std::string& Bytes() const;  // of bytes
  [[nodiscard]] bool Bool() const { return Integer() != 0; }
  [[nodiscard]] std::optional<std::int64_t> OptionalInteger() const;
  [[nodiscard]] std::optional<double> OptionalReal() const;
  [[nodiscard]] std::optional<std::string> OptionalText() const;
  [[nodiscard]] std::optional<std::string> OptionalBytes() const;

 private:
  Value value_;
};

// The statement's text for a dialect, before expansion.
[[nodiscard]] constexpr std::string_view TextFor(const Statement& statement, Dialect dialect) {
  return dialect == Dialect::kPostgres && !statement.postgres.empty() ? statement.postgres : statement.sql;
}

using Row = std::vector<Cell>;

struct Rows {
  std::vector<Row> rows;
  std::uint64_t changed = 0;  // rows that an INSERT, UPDATE or DELETE touched

  [[nodiscard]] bool Empty() const { return rows.empty(); }
  [[nodiscard]] std::size_t Size() const { return rows.size(); }
  [[nodiscard]] auto begin() const { return rows.begin(); }
  [[nodiscard]] auto end() const { return rows.end(); }
};

using Parameters = std::vector<Value>;

// One connection inside one transaction; belongs to the callback that it was given to. A statement that fails breaks
// the transaction: each later one answers the same error, and nothing is committed, whatever the callback answers.
class Session {
 public:
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  virtual ~Session() = default;

  [[nodiscard]] virtual Dialect Kind() const = 0;
  [[nodiscard]] virtual Result<Rows> Run(const Statement& statement, const Parameters& parameters = {}) = 0;
  // The statement for all these rows; what it returns, in no order, and the sum of what it changed. PostgreSQL: in one
  // statement, or a few when there are very many rows.
  [[nodiscard]] virtual Result<Rows> RunSet(const SetStatement& statement, std::span<const Parameters> rows) = 0;
  // Several statements in one text, without parameters and results; for migrations. No statement timeout holds for it
  // nor, on PostgreSQL, for the rest of the transaction.
  [[nodiscard]] virtual Result<void> RunScript(const Statement& script) = 0;
  // Tells the listeners of the channel (lower-case letters and '_') after the commit, in every process of the
  // platform on PostgreSQL, in this process on SQLite. A hint: listeners must do without it, more slowly.
  [[nodiscard]] virtual Result<void> Notify(std::string_view channel) = 0;
};

// A reader sees one state of the database throughout, and may not write. A writer sees, on PostgreSQL, what others
// commit meanwhile (READ COMMITTED: it locks the rows that it decides by); on SQLite there is one writer at a time.
enum class Access : std::uint8_t { kRead, kWrite };

struct PoolStatus {
  std::uint64_t size_max = 0, open = 0, busy = 0, waiting = 0;
};

// A pool of connections; safe to use from several threads.
class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;

  [[nodiscard]] virtual Dialect Kind() const = 0;
  [[nodiscard]] virtual PoolStatus Pool() const = 0;

  // Calls `work` in a transaction: committed when it answers no error, else rolled back. `work` may be called again
  // when the server broke the transaction (serialisation, deadlock, a connection lost before the commit was sent),
  // so it has no effects but those on its session. When the connection is lost after the commit was sent, nobody
  // knows; the error is kUnavailable, and the work must be such that doing it twice is harmless.
  [[nodiscard]] virtual Result<void> Transact(Access access, const std::function<Result<void>(Session&)>& work) = 0;

  // `work` answers Result<T>.
  template <typename Work>
  [[nodiscard]] auto Read(Work&& work) {
    return Run(Access::kRead, std::forward<Work>(work));
  }
  template <typename Work>
  [[nodiscard]] auto Write(Work&& work) {
    return Run(Access::kWrite, std::forward<Work>(work));
  }

  // Waits until somebody notifies the channel, or the time is over; a notification since the thread's last call with
  // this channel counts. True: notified, or it is not sure that nobody did (the first call, a lost connection). Every
  // waiting thread learns of every notification.
  [[nodiscard]] virtual bool WaitFor(std::string_view channel, std::int64_t timeout_ms) = 0;
  // Ends every WaitFor, now and later.
  virtual void StopWaiting() = 0;

 private:
  template <typename Work>
  [[nodiscard]] auto Run(Access access, Work&& work) -> std::invoke_result_t<Work, Session&> {
    using Answer = std::invoke_result_t<Work, Session&>;
    std::optional<Answer> answer;
    const auto done = Transact(access, [&](Session& session) -> Result<void> {
      answer.emplace(work(session));
      if (!*answer) return std::unexpected(answer->error());
      return {};
    });
    if (!done) return std::unexpected(done.error());
    return *std::move(answer);
  }
};

// Called after each statement (once for a RunSet, however many rows there are, and as "commit" for the commit of a
// writer): its name, how long the server took, whether it failed. For metrics; called by many threads.
using StatementObserver =
    std::function<void(std::string_view name, Access access, std::int64_t microseconds, bool failed)>;

// The text of the statement for a dialect, with these macros expanded:
//   @ID            type of a generated 64-bit primary key
//   @BYTES         type of raw bytes
//   @TEXT          type of text, compared byte by byte
//   @INTS($n)      a subquery that yields the integers of the list parameter n, as the column `value`:
//                  `id IN (@INTS($1))`, `FROM (@INTS($1)) AS wanted`
//   @TEXTS($n)     the same for texts
//   @BLOBS($n)     the same for bytes
//   @SKIP_LOCKED   FOR UPDATE SKIP LOCKED, where writers run side by side; nothing on SQLite, where they do not
//   @FOR_UPDATE    FOR UPDATE, likewise
//   @GREATEST(…)   the greatest of two or more values; @LEAST(…) the least
// Nothing is expanded in quotes and comments. What is no macro stays, for the server to complain about.
[[nodiscard]] std::string ExpandSql(const Statement& statement, Dialect dialect);
// The largest n of its $n.
[[nodiscard]] std::size_t CountParameters(const Statement& statement, Dialect dialect);

}  // namespace holdfast::store
