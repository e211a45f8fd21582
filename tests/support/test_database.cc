#include "support/test_database.h"

#include <ostream>
#include <utility>

#include "store/postgres/postgres_database.h"
#include "store/schema.h"
#include "store/sqlite/sqlite_database.h"
#include "support/postgres_server.h"

namespace holdfast::test {

std::string DriverName(Driver driver) { return driver == Driver::kSqlite ? "Sqlite" : "Postgres"; }

void PrintTo(Driver driver, std::ostream* out) { *out << DriverName(driver); }

TestDatabase::TestDatabase(Driver driver) : driver_(driver) {
  if (driver != Driver::kPostgres) return;
  PostgresServer& server = PostgresServer::Shared();
  url_ = server.Url(server.MakeDatabase());
}

std::unique_ptr<store::Database> TestDatabase::Open(TestDatabaseOptions options) const {
  if (driver_ == Driver::kSqlite)
    return Value(store::OpenSqlite({.path = folder_.Path() / "test.db",
                                    .readers = options.connections,
                                    .pool_timeout_ms = options.pool_timeout_ms,
                                    .busy_timeout_ms = 60'000,
                                    .statement_timeout_ms = options.statement_timeout_ms,
                                    .durability = store::Durability::kProcess,
                                    .observer = std::move(options.observer)}));
  return Value(store::OpenPostgres({.url = url_,
                                    .pool_size = options.connections,
                                    .pool_overflow = 0,
                                    .pool_timeout_ms = options.pool_timeout_ms,
                                    .statement_timeout_ms = options.statement_timeout_ms,
                                    .observer = std::move(options.observer)}));
}

std::unique_ptr<store::Database> TestDatabase::OpenUpgraded(TestDatabaseOptions options) const {
  auto database = Open(std::move(options));
  Value(store::Upgrade(*database));
  return database;
}

}  // namespace holdfast::test
