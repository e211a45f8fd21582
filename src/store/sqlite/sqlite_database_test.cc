// What only this driver does; what all drivers do is in tests/conformance.
#include "store/sqlite/sqlite_database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "store/schema.h"
#include "support/test_support.h"

namespace holdfast::store {
namespace {

using test::ExpectError;
using test::Value;

class SqliteTest : public testing::Test {
 protected:
  [[nodiscard]] std::string Path() const { return folder_.Path() / "holdfast.db"; }
  [[nodiscard]] std::unique_ptr<Database> Open() const { return Value(OpenSqlite({.path = Path()})); }

  test::TemporaryFolder folder_;
};

Result<Rows> ReadPragma(Database& database, std::string_view sql) {
  return database.Read([&](Session& session) { return session.Run({"pragma", sql}); });
}

TEST_F(SqliteTest, OpensAndUpgradesANewFileThatOthersCannotRead) {
  const auto database = Open();
  Value(Upgrade(*database));
  Value(CheckSchema(*database));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status{};
    ASSERT_EQ(stat((Path() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << suffix;
  }
}

TEST_F(SqliteTest, IsConfigured) {
  const auto database = Open();
  const auto pragma = [&](std::string_view sql) { return Value(ReadPragma(*database, sql)).rows.at(0).at(0); };
  EXPECT_EQ(pragma("PRAGMA journal_mode").Text(), "wal");
  EXPECT_EQ(pragma("PRAGMA synchronous").Integer(), 2);
  EXPECT_EQ(pragma("PRAGMA foreign_keys").Integer(), 1);
  EXPECT_EQ(pragma("PRAGMA trusted_schema").Integer(), 0);
  EXPECT_EQ(pragma("PRAGMA query_only").Integer(), 1);
  EXPECT_EQ(pragma("PRAGMA busy_timeout").Integer(), 10'000);
}

TEST_F(SqliteTest, ManyOpenANewFileTogether) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { Value(Upgrade(*Open())); });
  threads.clear();
  Value(CheckSchema(*Open()));
}

TEST_F(SqliteTest, RefusesWhatIsNoDatabase) {
  test::WriteFile(Path(), std::string(8192, 'x'));
  ExpectError(OpenSqlite({.path = Path()}), ErrorKind::kCorrupt, "not a database");
  ExpectError(OpenSqlite({.path = folder_.Path() / "absent" / "file"}), ErrorKind::kNotFound);
  ExpectError(OpenSqlite({}), ErrorKind::kInvalidInput, "no path");
  ExpectError(OpenSqlite({.path = Path(), .readers = 0}), ErrorKind::kInvalidInput);
}

TEST_F(SqliteTest, DoubleQuotesAreNames) {
  const auto database = Open();
  ExpectError(ReadPragma(*database, "SELECT \"no_such_column\""), ErrorKind::kInternal, "pragma: no such column");
}

// Another process that holds the file for longer than busy_timeout_ms.
TEST_F(SqliteTest, ABusyFileIsUnavailable) {
  const auto first = Open();
  const auto second = Value(OpenSqlite({.path = Path(), .busy_timeout_ms = 1}));
  const auto outer = first->Write([&](Session&) -> Result<void> {
    const auto inner = second->Write([](Session&) -> Result<void> { return {}; });
    ExpectError(inner, ErrorKind::kUnavailable, "locked");
    return {};
  });
  EXPECT_TRUE(outer.has_value());
}

// Another process opens and closes the file, as commands of operators do, while this one has it open.
TEST_F(SqliteTest, ProcessesShareAFile) {
  int go[2];
  ASSERT_EQ(::pipe(go), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char told = 0;
    const bool heard = ::read(go[0], &told, 1) == 1;
    const auto added = Value(OpenSqlite({.path = Path()}))->Write([](Session& session) {
      return session.Run({"test.add", "INSERT INTO rows (id) VALUES (1)"});
    });
    ::_exit(heard && added ? 0 : 1);
  }
  const auto database = Open();
  Value(
      database->Write([](Session& session) { return session.RunScript({"test.make", "CREATE TABLE rows (id @ID)"}); }));
  // Several connections, each opened after the ones before.
  Value(database->Read([&](Session& outer) {
    Value(database->Read([](Session& inner) { return inner.Run({"test.count", "SELECT count(*) FROM rows"}); }));
    return outer.Run({"test.count", "SELECT count(*) FROM rows"});
  }));
  ASSERT_EQ(::write(go[1], "!", 1), 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(::access((Path() + "-wal").c_str(), F_OK), 0) << "the other one took itself for the last";
  EXPECT_EQ(Value(ReadPragma(*database, "SELECT count(*) FROM rows")).rows[0][0].Integer(), 1);
  Value(
      database->Write([](Session& session) { return session.Run({"test.add", "INSERT INTO rows (id) VALUES (2)"}); }));
  EXPECT_EQ(Value(ReadPragma(*Open(), "SELECT count(*) FROM rows")).rows[0][0].Integer(), 2);
  ::close(go[0]);
  ::close(go[1]);
}

// Writes rows 1, 2, … and says after each commit that it is done.
[[noreturn]] void WriteForEver(const std::string& path, int report) {
  const auto database = Value(OpenSqlite({.path = path}));
  for (std::int64_t i = 1;; ++i) {
    Value(database->Write([&](Session& session) {
      return session.Run({"test.add", "INSERT INTO rows (id, content) VALUES ($1, zeroblob(5000))"}, {i});
    }));
    if (::write(report, &i, sizeof(i)) != sizeof(i)) ::_exit(1);
  }
}

TEST_F(SqliteTest, WhatWasCommittedOutlivesAKilledProcess) {
  Value(Open()->Write(
      [](Session& session) { return session.RunScript({"test.make", "CREATE TABLE rows (id @ID, content @BYTES)"}); }));
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  if (child == 0) WriteForEver(Path(), pipe[1]);
  ::close(pipe[1]);
  std::int64_t reported = 0;
  while (reported < 100 && ::read(pipe[0], &reported, sizeof(reported)) == sizeof(reported)) {
  }
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  while (::read(pipe[0], &reported, sizeof(reported)) == sizeof(reported)) {
  }
  ::close(pipe[0]);
  ASSERT_GE(reported, 100);
  const Rows rows = Value(ReadPragma(*Open(), "SELECT count(*), max(id), min(length(content)) FROM rows"));
  EXPECT_GE(rows.rows[0][1].Integer(), reported);
  EXPECT_LE(rows.rows[0][1].Integer(), reported + 1);
  EXPECT_EQ(rows.rows[0][0].Integer(), rows.rows[0][1].Integer());
  EXPECT_EQ(rows.rows[0][2].Integer(), 5000);
  EXPECT_EQ(Value(ReadPragma(*Open(), "PRAGMA integrity_check")).rows[0][0].Text(), "ok");
}

}  // namespace
}  // namespace holdfast::store
