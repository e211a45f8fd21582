#include "store/schema.h"

#include <array>
#include <string>

#include "base/format.h"

namespace holdfast::store {
namespace {

constexpr std::array kMigrations = {
    Migration{
        1,
        "0001_platform",
#include "store/migrations/0001_platform.inc"
    },
    Migration{
        2,
        "0002_layer_searches",
#include "store/migrations/0002_layer_searches.inc"
    },
    Migration{
        3,
        "0003_requests",
#include "store/migrations/0003_requests.inc"
    },
    Migration{
        4,
        "0004_matching_epoch",
#include "store/migrations/0004_matching_epoch.inc"
    },
};

// On SQLite a writer is alone already. The number is nobody else's: "holdfast" in ASCII.
constexpr Statement kLock{"schema.lock", "SELECT 1", "SELECT pg_advisory_xact_lock(7525352680829580148)"};
constexpr Statement kMakeTable{
    "schema.make_table",
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name @TEXT NOT NULL)"};
constexpr Statement kTableExists{"schema.table_exists",
                                 "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'",
                                 "SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL"};
constexpr Statement kVersion{"schema.version", "SELECT coalesce(max(version), 0) FROM schema_migrations"};
constexpr Statement kRecord{"schema.record", "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)"};

Result<std::int64_t> ReadVersion(Session& session) {
  HF_TRY(const Rows found, session.Run(kTableExists));
  if (found.Empty()) return 0;
  HF_TRY(const Rows version, session.Run(kVersion));
  return version.rows.at(0).at(0).Integer();
}

Result<void> RunMigration(Session& session, const Migration& migration) {
  HF_CHECK_OK(session.RunScript(kLock));
  HF_CHECK_OK(session.RunScript(kMakeTable));
  HF_TRY(const std::int64_t version, ReadVersion(session));
  if (version >= migration.number) return {};  // another replica was faster
  const std::string name = Format("migration {}", migration.name);
  HF_CHECK_OK(session.RunScript({.name = name, .sql = migration.sql}));
  HF_CHECK_OK(session.Run(kRecord, {migration.number, std::string(migration.name)}));
  return {};
}

Error NewerSchema(std::int64_t version, std::int64_t known) {
  return {ErrorKind::kUnsupported,
          Format("the database has schema {}, and this program knows none newer than {}: it needs a newer holdfast",
                 version, known)};
}

std::int64_t Last(std::span<const Migration> migrations) { return migrations.empty() ? 0 : migrations.back().number; }

}  // namespace

std::span<const Migration> Migrations() { return kMigrations; }

Result<void> Upgrade(Database& database) { return Upgrade(database, Migrations()); }

Result<void> Upgrade(Database& database, std::span<const Migration> migrations) {
  HF_TRY(const std::int64_t version, SchemaVersion(database));
  if (version > Last(migrations)) return std::unexpected(NewerSchema(version, Last(migrations)));
  for (const Migration& migration : migrations) {
    if (migration.number <= version) continue;
    HF_CHECK_OK(database.Write([&](Session& session) { return RunMigration(session, migration); }));
  }
  return {};
}

Result<std::int64_t> SchemaVersion(Database& database) { return database.Read(&ReadVersion); }

Result<void> CheckSchema(Database& database) {
  HF_TRY(const std::int64_t version, SchemaVersion(database));
  const std::int64_t wanted = Last(Migrations());
  if (version > wanted) return std::unexpected(NewerSchema(version, wanted));
  if (version < wanted)
    return Fail(
        ErrorKind::kUnsupported,
        Format("the database has schema {}, and this program needs {}: run holdfast db upgrade", version, wanted));
  return {};
}

}  // namespace holdfast::store
