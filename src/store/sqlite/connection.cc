#include "store/sqlite/connection.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "base/format.h"
#include "io/json.h"

namespace holdfast::store::sqlite {
namespace {

// Statements are constants of the program, so this is only reached by a mistake.
constexpr std::size_t kPreparedMax = 1024;
constexpr int kProgressInstructions = 4096;
constexpr int kCacheKibibytes = 16 * 1024;
constexpr std::string_view kOpening = "opening the database";
constexpr std::chrono::milliseconds kBusyPause{10};
constexpr std::int64_t kWalKeptBytes = std::int64_t{64} << 20;

int FromHexDigit(unsigned char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// holdfast_unhex(text): the bytes of lower-case hexadecimal; NULL for anything else. What @BLOBS stands on.
void Unhex(sqlite3_context* context, int, sqlite3_value** arguments) {
  const unsigned char* text = sqlite3_value_text(arguments[0]);
  const int size = sqlite3_value_bytes(arguments[0]);
  if (text == nullptr || size % 2 != 0) return sqlite3_result_null(context);
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(size) / 2);
  for (int i = 0; i < size; i += 2) {
    const int high = FromHexDigit(text[i]);
    const int low = FromHexDigit(text[i + 1]);
    if (high < 0 || low < 0) return sqlite3_result_null(context);
    bytes += static_cast<char>(high * 16 + low);
  }
  sqlite3_result_blob64(context, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}

// The kind of a primary result code; kInternal for what is our own mistake.
ErrorKind KindOf(int code, Access access) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
    case SQLITE_NOMEM:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL: return ErrorKind::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorKind::kCorrupt;
    case SQLITE_PERM:
    case SQLITE_AUTH: return ErrorKind::kDenied;
    // Of a reader's connection: somebody writes where nobody may.
    case SQLITE_READONLY: return access == Access::kRead ? ErrorKind::kInternal : ErrorKind::kDenied;
    case SQLITE_TOOBIG: return ErrorKind::kLimit;
    case SQLITE_CONSTRAINT: {
      const bool conflict = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                            code == SQLITE_CONSTRAINT_ROWID || code == SQLITE_CONSTRAINT_FOREIGNKEY;
      return conflict ? ErrorKind::kConflict : ErrorKind::kInternal;
    }
    default: return ErrorKind::kInternal;
  }
}

class Binder {
 public:
  Binder(sqlite3_stmt* prepared, std::deque<std::string>& kept) : prepared_(prepared), kept_(kept) {}

  int Bind(int place, const Value& value) {
    return std::visit([&](const auto& held) { return BindOne(place, held); }, value);
  }

 private:
  int BindOne(int place, std::monostate) { return sqlite3_bind_null(prepared_, place); }
  int BindOne(int place, std::int64_t value) { return sqlite3_bind_int64(prepared_, place, value); }
  int BindOne(int place, double value) { return sqlite3_bind_double(prepared_, place, value); }
  int BindOne(int place, const std::string& value) {
    return sqlite3_bind_text64(prepared_, place, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int BindOne(int place, const Blob& value) {
    return sqlite3_bind_blob64(prepared_, place, value.bytes.data(), value.bytes.size(), SQLITE_STATIC);
  }
  int BindOne(int place, const std::vector<std::int64_t>& values) {
    return BindList(place, values, [](std::string& out, std::int64_t value) { out += std::to_string(value); });
  }
  int BindOne(int place, const std::vector<std::string>& values) { return BindList(place, values, &AddJsonText); }
  int BindOne(int place, const std::vector<Blob>& values) {
    return BindList(place, values, [](std::string& out, const Blob& value) {
      out.append("\"").append(ToHex(AsBytes(value.bytes))).append("\"");
    });
  }

  template <typename Item, typename Add>
  int BindList(int place, const std::vector<Item>& values, Add add) {
    std::string& json = kept_.emplace_back("[");
    for (const Item& value : values) {
      if (json.size() > 1) json += ',';
      add(json, value);
    }
    json += ']';
    return BindOne(place, json);
  }

  // JSON as json_each reads it: what must be escaped is, the rest stands as it is.
  static void AddJsonText(std::string& out, const std::string& text) {
    out += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        out.append({'\\', c});
      } else if (static_cast<unsigned char>(c) < 0x20) {
        out += Format("\\u{:04x}", static_cast<unsigned>(c));
      } else {
        out += c;
      }
    }
    out += '"';
  }

  sqlite3_stmt* prepared_;
  std::deque<std::string>& kept_;  // texts that SQLite reads while the statement runs
};

Cell ReadCell(sqlite3_stmt* prepared, int column) {
  const auto bytes = [&](const void* data) {
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(prepared, column));
    return size == 0 ? std::string() : std::string(static_cast<const char*>(data), size);
  };
  switch (sqlite3_column_type(prepared, column)) {
    case SQLITE_INTEGER: return Cell(sqlite3_column_int64(prepared, column));
    case SQLITE_FLOAT: return Cell(sqlite3_column_double(prepared, column));
    case SQLITE_TEXT: return Cell(bytes(sqlite3_column_text(prepared, column)));
    case SQLITE_BLOB: return Cell(Blob{bytes(sqlite3_column_blob(prepared, column))});
    default: return Cell();
  }
}

// Leaves the statement ready for the next caller, whatever happened.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(sqlite3_stmt* prepared) : prepared_(prepared) {}
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;
  ~ResetAtEnd() {
    sqlite3_reset(prepared_);
    sqlite3_clear_bindings(prepared_);
  }

 private:
  sqlite3_stmt* prepared_;
};

// SQLite makes its companions (-wal, -shm) with the mode of the file. The file is made without a descriptor: to close
// one would give up all locks that this process has on the file (sqlite.org/howtocorrupt.html, 2.2), and the next
// process that ends would take itself for the last one and remove the log that this one writes.
Result<void> MakeFile(const std::string& path) {
  if (::mknod(path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0) == 0) return {};
  if (errno == EEXIST && ::access(path.c_str(), R_OK | W_OK) == 0) return {};
  const ErrorKind kind = errno == EACCES || errno == EROFS || errno == EPERM ? ErrorKind::kDenied
                         : errno == ENOENT                                   ? ErrorKind::kNotFound
                                                                             : ErrorKind::kUnavailable;
  return Fail(kind, Format("opening the database {}: {}", path, std::strerror(errno)));
}

}  // namespace

Connection::Connection(sqlite3* database, Access access, std::int64_t statement_timeout_ms)
    : database_(database), access_(access), statement_timeout_(statement_timeout_ms) {}

Result<std::unique_ptr<Connection>> Connection::Open(const SqliteOptions& options, Access access) {
  HF_CHECK_OK(MakeFile(options.path));
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(options.path.c_str(), &database,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Connection> connection(new Connection(database, access, options.statement_timeout_ms));
  if (code != SQLITE_OK) return std::unexpected(connection->MakeError(kOpening, code));
  HF_CHECK_OK(connection->Configure(options));
  return connection;
}

Result<void> Connection::Configure(const SqliteOptions& options) {
  sqlite3* database = database_.get();
  sqlite3_busy_timeout(database, static_cast<int>(std::clamp<std::int64_t>(options.busy_timeout_ms, 0, 3'600'000)));
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // "text" in double quotes is a name, as PostgreSQL has it.
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  const int code =
      sqlite3_create_function_v2(database, "holdfast_unhex", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                                 nullptr, &Unhex, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(MakeError(kOpening, code));
  HF_CHECK_OK(TurnToWal(std::chrono::milliseconds(options.busy_timeout_ms)));
  HF_CHECK_OK(
      RunScript(kOpening, Format("PRAGMA journal_size_limit = {}; PRAGMA synchronous = {}; PRAGMA foreign_keys = ON; "
                                 "PRAGMA cache_size = -{}; PRAGMA mmap_size = {}; PRAGMA temp_store = MEMORY; "
                                 "PRAGMA query_only = {};",
                                 kWalKeptBytes, options.durability == Durability::kPower ? "FULL" : "NORMAL",
                                 kCacheKibibytes, options.mmap_bytes, access_ == Access::kRead ? "ON" : "OFF")));
  if (statement_timeout_.count() > 0)
    sqlite3_progress_handler(database, kProgressInstructions, &Connection::OnProgress, this);
  return {};
}

Result<void> Connection::TurnToWal(std::chrono::milliseconds patience) {
  // A property of the file, and a lock that does not wait: of several that open a new file, one gets it.
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto mode = Run({kOpening, "PRAGMA journal_mode = WAL"}, {});
    if (mode && mode->Size() == 1 && mode->rows[0].at(0).Text() == "wal") return {};
    if (mode) return Fail(ErrorKind::kUnsupported, "opening the database: its file system does not allow WAL mode");
    if (mode.error().Kind() != ErrorKind::kUnavailable || std::chrono::steady_clock::now() > deadline)
      return std::unexpected(mode.error());
    std::this_thread::sleep_for(kBusyPause);
  }
}

int Connection::OnProgress(void* self) {
  return std::chrono::steady_clock::now() > static_cast<Connection*>(self)->deadline_ ? 1 : 0;
}

Error Connection::MakeError(std::string_view name, int code) const {
  const std::string_view said = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
  if ((code & 0xff) == SQLITE_INTERRUPT)
    return {ErrorKind::kUnavailable,
            Format("{}: the statement took longer than {} ms", name, statement_timeout_.count())};
  return {KindOf(code, access_), Format("{}: {}", name, said)};
}

Result<sqlite3_stmt*> Connection::Prepare(const Statement& statement) {
  const std::string_view key = TextFor(statement, Dialect::kSqlite);
  if (const auto found = prepared_.find(key); found != prepared_.end()) return found->second.get();
  const std::string sql = ExpandSql(statement, Dialect::kSqlite);
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, &rest);
  Prepared prepared(raw);
  if (code != SQLITE_OK) return std::unexpected(MakeError(statement.name, code));
  if (raw == nullptr || std::string_view(rest).find_first_not_of(" \t\r\n;") != std::string_view::npos)
    return Fail(ErrorKind::kInternal, Format("{}: not exactly one statement", statement.name));
  if (prepared_.size() >= kPreparedMax) prepared_.clear();
  prepared_.emplace(std::string(key), std::move(prepared));
  return raw;
}

Result<Rows> Connection::Run(const Statement& statement, const Parameters& parameters) {
  HF_TRY(sqlite3_stmt * prepared, Prepare(statement));
  const int wanted = sqlite3_bind_parameter_count(prepared);
  if (static_cast<std::size_t>(wanted) != parameters.size())
    return Fail(ErrorKind::kInternal,
                Format("{}: {} parameters for a statement with {}", statement.name, parameters.size(), wanted));
  const ResetAtEnd reset(prepared);
  std::deque<std::string> kept;
  Binder binder(prepared, kept);
  for (int place = 1; place <= wanted; ++place) {
    const int code = binder.Bind(place, parameters[static_cast<std::size_t>(place - 1)]);
    if (code != SQLITE_OK) return std::unexpected(MakeError(statement.name, code));
  }
  if (statement_timeout_.count() > 0) deadline_ = std::chrono::steady_clock::now() + statement_timeout_;
  return Step(statement, prepared);
}

Result<Rows> Connection::Step(const Statement& statement, sqlite3_stmt* prepared) {
  Rows result;
  const std::int64_t changes_before = sqlite3_total_changes64(database_.get());
  int code = sqlite3_step(prepared);
  const int columns = sqlite3_column_count(prepared);  // not earlier: the step prepares again when a table changed
  for (; code == SQLITE_ROW; code = sqlite3_step(prepared)) {
    Row& row = result.rows.emplace_back();
    row.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) row.push_back(ReadCell(prepared, column));
  }
  if (code != SQLITE_DONE) return std::unexpected(MakeError(statement.name, code));
  // sqlite3_changes keeps its number through statements that change nothing.
  if (sqlite3_total_changes64(database_.get()) != changes_before)
    result.changed = static_cast<std::uint64_t>(sqlite3_changes64(database_.get()));
  return result;
}

Result<void> Connection::RunScript(std::string_view name, const std::string& sql) {
  deadline_ = std::chrono::steady_clock::time_point::max();
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(MakeError(name, code));
  return {};
}

}  // namespace holdfast::store::sqlite
