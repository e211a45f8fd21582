#include "app/stores.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/format.h"
#include "blob/database/database_store.h"
#include "blob/envelope_store.h"
#include "blob/filesystem/filesystem_store.h"
#include "store/postgres/postgres_database.h"
#include "store/schema.h"
#include "store/services.h"
#include "store/sqlite/sqlite_database.h"

namespace holdfast::app {
namespace {

constexpr std::string_view kSqliteScheme = "sqlite:///";

store::PostgresOptions PostgresOptionsOf(const config::Configuration& configuration) {
  const config::Database& database = configuration.database;
  return {.url = std::string(database.db_connect.Reveal()),
          .password = std::string(database.db_password.Reveal()),
          .sslmode = database.sslmode.empty() && database.ssl ? "require" : database.sslmode,
          .sslrootcert = database.sslrootcert,
          .sslcert = database.sslcert,
          .sslkey = database.sslkey,
          .pool_size = static_cast<std::uint64_t>(std::max<std::int64_t>(1, database.db_pool_size)),
          .pool_overflow = static_cast<std::uint64_t>(std::max<std::int64_t>(0, database.db_pool_max_overflow)),
          .statement_timeout_ms = database.timeout * 1000};
}

Result<void> MakeFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return Fail(ErrorKind::kDenied, Format("the folder {} cannot be made: {}", folder, error.message()));
}

// Requires: the database is embedded.
std::string SqlitePath(const config::Configuration& configuration) {
  const std::string_view connect = configuration.database.db_connect.Reveal();
  if (connect.starts_with(kSqliteScheme)) return std::string(connect.substr(kSqliteScheme.size()));
  return configuration.data_dir + "/holdfast.db";
}

}  // namespace

bool IsEmbedded(const config::Configuration& configuration) {
  const std::string_view connect = configuration.database.db_connect.Reveal();
  return connect.empty() || connect.starts_with("sqlite:");
}

Result<std::unique_ptr<store::Database>> OpenDatabase(const config::Configuration& configuration,
                                                      store::StatementObserver observer) {
  if (!IsEmbedded(configuration)) {
    store::PostgresOptions options = PostgresOptionsOf(configuration);
    options.observer = std::move(observer);
    return store::OpenPostgres(std::move(options));
  }
  HF_CHECK_OK(MakeFolder(configuration.data_dir));
  return store::OpenSqlite({.path = SqlitePath(configuration), .observer = std::move(observer)});
}

Result<std::unique_ptr<store::Database>> OpenExistingDatabase(const config::Configuration& configuration) {
  std::error_code ignored;
  if (IsEmbedded(configuration) && !std::filesystem::exists(SqlitePath(configuration), ignored))
    return Fail(ErrorKind::kNotFound, Format("there is no database at {}", SqlitePath(configuration)));
  HF_TRY(auto database, OpenDatabase(configuration, {}));
  HF_CHECK_OK(store::CheckSchema(*database));
  return database;
}

void AdviseOnConnections(const config::Configuration& configuration, store::Database& database, Logger& logger) {
  if (IsEmbedded(configuration)) return;
  const auto processes = database.Read([](store::Session& session) { return store::ListServices(session, "", ""); });
  // Analyzers have no connection; this process may not be on the list yet.
  std::uint64_t count = 1;
  if (processes)
    count += static_cast<std::uint64_t>(std::ranges::count_if(
        *processes, [](const store::Service& service) { return service.name != "analyzer" && service.state == "up"; }));
  const auto budget = store::CheckConnectionBudget(database, PostgresOptionsOf(configuration), count);
  if (budget && !budget->advice.empty()) logger.Warning(budget->advice);
}

Result<std::unique_ptr<blob::ObjectStore>> OpenObjects(const config::Configuration& configuration,
                                                       store::Database& database, const Clock& clock) {
  const config::ObjectStore& wanted = configuration.catalog.object_store;
  const config::StorageDriver& driver = wanted.storage_driver;
  const blob::EnvelopeOptions envelope{
      .compress = wanted.compression.enabled,
      .compress_bytes_min =
          static_cast<std::uint64_t>(std::clamp<std::int64_t>(wanted.compression.min_size_kbytes, 0, 1024)) * kKiB};
  std::unique_ptr<blob::ObjectStore> inner;
  if (driver.name == "localfs" || (IsEmbedded(configuration) && !wanted.configured)) {
    const bool configured = driver.name == "localfs" && !driver.archive_data_dir.empty();
    HF_TRY(inner,
           blob::OpenFilesystemStore(configured ? driver.archive_data_dir : configuration.data_dir + "/objects"));
  } else if (driver.name == "db" || driver.name == "db2") {
    inner = blob::MakeDatabaseStore(database, clock);
  } else {
    return Fail(ErrorKind::kUnsupported,
                Format("object store driver '{}' is not supported: db and localfs are", driver.name));
  }
  return blob::MakeEnvelopeStore(std::move(inner), envelope);
}

}  // namespace holdfast::app
