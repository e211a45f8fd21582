#include "io/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"

namespace holdfast::io {
namespace {

constexpr std::string_view kMagic = std::string_view("SQLite format 3\0", kSqliteHeadBytes);
constexpr int kStepsBetweenLooks = 1000;

struct Bound {
  int id, value;
};
// Of statements in the file's schema, and of ours.
constexpr auto kBounds = std::to_array<Bound>({
    {SQLITE_LIMIT_LENGTH, kSqliteValueBytesMax},
    {SQLITE_LIMIT_SQL_LENGTH, 16 << 10},
    {SQLITE_LIMIT_COLUMN, 100},
    {SQLITE_LIMIT_EXPR_DEPTH, 20},
    {SQLITE_LIMIT_COMPOUND_SELECT, 1},
    {SQLITE_LIMIT_VDBE_OP, 10'000},
    {SQLITE_LIMIT_FUNCTION_ARG, 4},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 16},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 4},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
});
struct Setting {
  int id, value;
};
constexpr auto kSettings = std::to_array<Setting>({
    {SQLITE_DBCONFIG_DEFENSIVE, 1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
});

ErrorKind KindOf(int code) {
  switch (code & 0xff) {
    case SQLITE_TOOBIG:
    case SQLITE_INTERRUPT: return ErrorKind::kLimit;
    case SQLITE_AUTH: return ErrorKind::kUnsupported;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_NOMEM: return ErrorKind::kUnavailable;
    default: return ErrorKind::kCorrupt;
  }
}

Error ErrorOf(sqlite3* database, int code) {
  if ((code & 0xff) == SQLITE_INTERRUPT)
    return {ErrorKind::kLimit, Format("SQLite: over {} steps for one row", kSqliteStepsMax)};
  return {KindOf(code), Format("SQLite: {}", database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code))};
}

int CountSteps(void* steps) { return ++*static_cast<int*>(steps) > kSqliteStepsMax / kStepsBetweenLooks ? 1 : 0; }

int AllowReadingOnly(void*, int action, const char*, const char*, const char*, const char*) {
  return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_PRAGMA ? SQLITE_OK : SQLITE_DENY;
}

// sqlite.org/uri.html, section 3.1.
std::string UriOf(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : path.string()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '.' || c == '_' || c == '-';
    uri += plain ? std::string(1, c) : Format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri + "?immutable=1";
}

}  // namespace

bool IsSqlite(Bytes head) {
  return head.size() >= kMagic.size() && std::ranges::equal(head.first(kMagic.size()), AsBytes(kMagic));
}

SqliteRows::SqliteRows(SqliteRows&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), steps_(other.steps_) {}

SqliteRows::~SqliteRows() { sqlite3_finalize(statement_); }

Result<bool> SqliteRows::Next() {
  if (statement_ == nullptr) return false;
  *steps_ = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(ErrorOf(sqlite3_db_handle(statement_), code));
}

Result<bool> SqliteRows::Seek(std::int64_t id) {
  if (statement_ == nullptr) return false;
  sqlite3_reset(statement_);
  sqlite3_bind_int64(statement_, 1, id);
  return Next();
}

std::optional<std::int64_t> SqliteRows::Integer(int column) const {
  if (statement_ == nullptr || sqlite3_column_type(statement_, column) != SQLITE_INTEGER) return std::nullopt;
  return sqlite3_column_int64(statement_, column);
}

std::optional<double> SqliteRows::Number(int column) const {
  if (statement_ == nullptr) return std::nullopt;
  const int type = sqlite3_column_type(statement_, column);
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return std::nullopt;
  return sqlite3_column_double(statement_, column);
}

std::string_view SqliteRows::Text(int column) const {
  if (statement_ == nullptr || sqlite3_column_type(statement_, column) != SQLITE_TEXT) return {};
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Result<std::unique_ptr<SqliteFile>> SqliteFile::Open(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return Fail(ErrorKind::kNotFound, Format("no file {}", path.string()));
  std::unique_ptr<SqliteFile> file(new SqliteFile());
  constexpr int kFlags =
      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(UriOf(path).c_str(), &file->database_, kFlags, nullptr);
  if (code != SQLITE_OK) return std::unexpected(ErrorOf(file->database_, code));
  HF_CHECK_OK(file->Configure());
  return file;
}

SqliteFile::~SqliteFile() { sqlite3_close_v2(database_); }

Result<void> SqliteFile::Configure() {
  for (const Bound& bound : kBounds) sqlite3_limit(database_, bound.id, bound.value);
  for (const Setting& setting : kSettings) {
    const int code = sqlite3_db_config(database_, setting.id, setting.value, nullptr);
    if (code != SQLITE_OK) return std::unexpected(ErrorOf(database_, code));
  }
  sqlite3_progress_handler(database_, kStepsBetweenLooks, &CountSteps, &steps_);
  for (const char* pragma : {"PRAGMA mmap_size = 0", "PRAGMA cell_size_check = ON", "PRAGMA cache_size = -16384"}) {
    steps_ = 0;
    const int code = sqlite3_exec(database_, pragma, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return std::unexpected(ErrorOf(database_, code));
  }
  sqlite3_set_authorizer(database_, &AllowReadingOnly, nullptr);
  HF_TRY([[maybe_unused]] const bool readable, HasTable("sqlite_schema"));
  return {};
}

Result<sqlite3_stmt*> SqliteFile::Prepare(std::string_view sql) {
  steps_ = 0;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return std::unexpected(ErrorOf(database_, code));
  return statement;
}

Result<bool> SqliteFile::HasTable(std::string_view table) {
  HF_TRY(sqlite3_stmt * statement, Prepare("SELECT type, rootpage FROM sqlite_schema WHERE name = ?"));
  SqliteRows rows(statement, &steps_);
  sqlite3_bind_text(statement, 1, table.data(), static_cast<int>(table.size()), SQLITE_STATIC);
  HF_TRY(const bool found, rows.Next());
  if (!found) return false;
  if (rows.Text(0) != "table" || rows.Integer(1).value_or(0) <= 0)
    return Fail(ErrorKind::kUnsupported, Format("{} is no plain table", table));
  return true;
}

Result<SqliteRows> SqliteFile::Select(std::string_view table, Columns columns, std::string_view condition) {
  HF_TRY(const bool there, HasTable(table));
  if (!there) return SqliteRows(nullptr, &steps_);
  HF_TRY(sqlite3_stmt * described, Prepare(Format("PRAGMA table_xinfo(\"{}\")", table)));
  SqliteRows description(described, &steps_);
  std::vector<std::string> known;
  while (true) {
    HF_TRY(const bool more, description.Next());
    if (!more) break;
    constexpr int kName = 1, kHidden = 6;
    if (description.Integer(kHidden).value_or(0) != 0)
      return Fail(ErrorKind::kUnsupported, Format("{} has generated columns", table));
    known.emplace_back(description.Text(kName));
  }
  std::string sql = "SELECT ";
  for (const std::string_view column : columns) {
    if (column != columns.front()) sql += ", ";
    sql += std::ranges::find(known, column) != known.end() ? Format("\"{}\"", column) : "NULL";
  }
  HF_TRY(sqlite3_stmt * statement, Prepare(Format("{} FROM \"{}\"{}", sql, table, condition)));
  return SqliteRows(statement, &steps_);
}

Result<SqliteRows> SqliteFile::Rows(std::string_view table, Columns columns) { return Select(table, columns, ""); }

Result<SqliteRows> SqliteFile::RowsById(std::string_view table, Columns columns) {
  return Select(table, columns, " WHERE \"id\" = ?");
}

}  // namespace holdfast::io
