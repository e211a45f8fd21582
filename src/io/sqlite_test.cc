// Databases are made with SQLite's own library, and then damaged byte by byte.
#include "io/sqlite.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>
#include <string>
#include <vector>

#include "base/format.h"
#include "io/file.h"
#include "support/test_support.h"

namespace holdfast::io {
namespace {

constexpr std::array<std::string_view, 3> kColumns = {"id", "name", "weight"};

void Make(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  sqlite3_exec(database, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
  sqlite3_close(database);
}

class Sqlite : public testing::Test {
 protected:
  std::unique_ptr<SqliteFile> Open(const std::string& sql) {
    std::filesystem::remove(path_);
    Make(path_, sql);
    return test::Value(SqliteFile::Open(path_));
  }
  static std::string All(SqliteFile& file, std::string_view table) {
    auto rows = test::Value(file.Rows(table, kColumns));
    std::string text;
    while (test::Value(rows.Next()))
      text += Format("{} {} {};", rows.Integer(0).value_or(-1), rows.Text(1), rows.Number(2).value_or(-1));
    return text;
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.Path() / "a?b%20c d.db";
};

TEST_F(Sqlite, ReadsRowsAndTakesWhatIsMissingForAbsent) {
  const auto file = Open(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, weight REAL);"
      "INSERT INTO t VALUES (3, 'three', 0.5), (1, 'one', 2), (2, NULL, 'x'), (4, x'41', 1);"
      "CREATE TABLE narrow(id INTEGER PRIMARY KEY); INSERT INTO narrow VALUES (7);");
  EXPECT_EQ(All(*file, "t"), "1 one 2;2  -1;3 three 0.5;4  1;");
  EXPECT_EQ(All(*file, "narrow"), "7  -1;");
  EXPECT_EQ(All(*file, "nothing"), "");
  EXPECT_TRUE(test::Value(file->HasTable("t")));
  EXPECT_FALSE(test::Value(file->HasTable("nothing")));
}

TEST_F(Sqlite, SeeksById) {
  const auto file = Open(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT);"
      "INSERT INTO t VALUES (1, 'one'), (9, 'nine');");
  auto rows = test::Value(file->RowsById("t", kColumns));
  EXPECT_TRUE(test::Value(rows.Seek(9)));
  EXPECT_EQ(rows.Text(1), "nine");
  EXPECT_FALSE(test::Value(rows.Seek(5)));
  EXPECT_TRUE(test::Value(rows.Seek(1)));
  EXPECT_EQ(rows.Text(1), "one");
}

TEST_F(Sqlite, NothingThatTheSchemaBringsIsRun) {
  const auto file = Open(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT AS (printf('%1000000d', id)));"
      "CREATE VIEW v AS SELECT 1 AS id;"
      "CREATE VIRTUAL TABLE f USING fts5(name);"
      "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;");
  test::ExpectError(file->Rows("t", kColumns), ErrorKind::kUnsupported);
  test::ExpectError(file->Rows("v", kColumns), ErrorKind::kUnsupported);
  test::ExpectError(file->Rows("f", kColumns), ErrorKind::kUnsupported);
  test::ExpectError(file->HasTable("v"), ErrorKind::kUnsupported);
}

TEST_F(Sqlite, ALookUpThatHasNoIndexEnds) {
  const auto file = Open(
      "CREATE TABLE t(id INTEGER, name TEXT);"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
      "INSERT INTO t SELECT i, 'x' FROM n;");
  auto rows = test::Value(file->RowsById("t", kColumns));
  test::ExpectError(rows.Seek(49'999), ErrorKind::kLimit);
}

TEST_F(Sqlite, ValuesAreBounded) {
  const auto file =
      Open(Format("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT);"
                  "INSERT INTO t VALUES (1, 'small'), (2, zeroblob({}));",
                  kSqliteValueBytesMax + 1));
  auto rows = test::Value(file->Rows("t", kColumns));
  EXPECT_TRUE(test::Value(rows.Next()));
  test::ExpectError(rows.Next(), ErrorKind::kLimit);
}

TEST_F(Sqlite, AHugeSchemaIsALimit) {
  std::string sql = "BEGIN;";
  for (int i = 0; i < 5000; ++i) sql += Format("CREATE TABLE t{}(id);", i);
  std::filesystem::remove(path_);
  Make(path_, sql + "COMMIT;");
  test::ExpectError(SqliteFile::Open(path_), ErrorKind::kLimit);
}

TEST_F(Sqlite, NoDatabaseIsAnError) {
  test::ExpectError(SqliteFile::Open(folder_.Path() / "absent"), ErrorKind::kNotFound);
  test::ExpectError(SqliteFile::Open(folder_.Path()), ErrorKind::kNotFound);
  test::WriteFile(path_,
                  std::string_view("SQLite format 3\0 and then something else altogether, which is no header", 72));
  test::ExpectError(SqliteFile::Open(path_), ErrorKind::kCorrupt);
  EXPECT_FALSE(IsSqlite(AsBytes("SQLite format 3")));
  EXPECT_TRUE(IsSqlite(AsBytes(std::string_view("SQLite format 3\0", 16))));
}

std::string Content(const std::filesystem::path& path) {
  const auto file = test::Value(OpenFile(path));
  return test::Value(file->ReadText(1U << 30U));
}

// Reads all there is, bounded by rows: a damaged page may lead to others more than once.
std::size_t Walk(const std::filesystem::path& path) {
  const auto file = SqliteFile::Open(path);
  if (!file) return 0;
  auto rows = (*file)->Rows("t", kColumns);
  std::size_t count = 0, bytes = 0;
  while (rows && count < 100'000) {
    const auto more = rows->Next();
    if (!more || !*more) break;
    ++count;
    bytes += rows->Text(1).size();
  }
  auto lookup = (*file)->RowsById("t", kColumns);
  if (lookup)
    for (std::int64_t id = 0; id < 100; ++id) bytes += lookup->Seek(id).value_or(false) ? 1U : 0U;
  return count + bytes;
}

TEST_F(Sqlite, DamageIsSurvived) {
  Make(path_,
       "PRAGMA page_size = 512; CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, weight REAL);"
       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
       "INSERT INTO t SELECT i, printf('%.*c', i * 7, 'x'), i FROM n;");
  const std::string whole = Content(path_);
  ASSERT_GT(whole.size(), 100'000U);
  const std::size_t all = Walk(path_);
  ASSERT_GT(all, 300U);
  std::size_t less = 0;
  const std::filesystem::path damaged = folder_.Path() / "damaged.db";
  for (std::size_t i = 0; i < 400; ++i) {
    std::string bytes = whole;
    if (i % 4 == 0) {
      bytes.resize(i * whole.size() / 400);
    } else {
      const std::size_t at = i < 200 ? i : i * 7919 % whole.size();
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << (i % 8)));
    }
    test::WriteFile(damaged, bytes);
    less += Walk(damaged) < all ? 1U : 0U;
  }
  EXPECT_GT(less, 90U);  // a truncation at least is seen
}

// The root page of the table leads to itself.
TEST_F(Sqlite, ATableThatGoesInCirclesEnds) {
  Make(path_,
       "PRAGMA page_size = 512; CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, weight REAL);"
       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
       "INSERT INTO t SELECT i, 'some words', i FROM n;");
  std::string bytes = Content(path_);
  constexpr std::size_t kRoot = 512;
  ASSERT_EQ(bytes[kRoot], 5);                                                       // an interior page of a table
  for (std::size_t i = 0; i < 4; ++i) bytes[kRoot + 8 + i] = i == 3 ? '\2' : '\0';  // its rightmost child
  test::WriteFile(path_, bytes);
  const auto file = test::Value(SqliteFile::Open(path_));
  auto rows = test::Value(file->Rows("t", kColumns));
  Result<bool> more = true;
  for (int i = 0; more && *more && i < 1'000'000; ++i) more = rows.Next();
  test::ExpectError(more, ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace holdfast::io
