// An empty database of one test, on each driver: TEST_P with testing::ValuesIn(AllDrivers()).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "store/database.h"
#include "support/test_support.h"

namespace holdfast::test {

enum class Driver : std::uint8_t { kSqlite, kPostgres };

[[nodiscard]] inline std::vector<Driver> AllDrivers() { return {Driver::kSqlite, Driver::kPostgres}; }
// For INSTANTIATE_TEST_SUITE_P's names and for messages of failed tests.
[[nodiscard]] std::string DriverName(Driver driver);
void PrintTo(Driver driver, std::ostream* out);

struct TestDatabaseOptions {
  std::uint64_t connections = 8;  // on SQLite: readers
  std::int64_t pool_timeout_ms = 60'000;
  std::int64_t statement_timeout_ms = 60'000;
  store::StatementObserver observer = {};
};

class TestDatabase {
 public:
  explicit TestDatabase(Driver driver);

  // Opens it; several may be open together, as by several replicas (on SQLite within this process).
  [[nodiscard]] std::unique_ptr<store::Database> Open(TestDatabaseOptions options = {}) const;
  // Opens it with the newest schema.
  [[nodiscard]] std::unique_ptr<store::Database> OpenUpgraded(TestDatabaseOptions options = {}) const;

 private:
  Driver driver_;
  TemporaryFolder folder_;
  std::string url_;
};

}  // namespace holdfast::test
