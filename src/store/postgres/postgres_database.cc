#include "store/postgres/postgres_database.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "base/format.h"
#include "store/driver_session.h"
#include "store/notification_hub.h"
#include "store/postgres/connection.h"
#include "store/postgres/listener.h"
#include "store/postgres/pool.h"
#include "store/postgres/settings.h"

namespace holdfast::store {
namespace {

using postgres::Connection;
using postgres::Pool;
using postgres::Recovery;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kPoolMax = 10'000;
constexpr int kAttemptsMax = 50;
constexpr std::int64_t kCollisionPauseMs = 4;
constexpr std::int64_t kAwayPauseMs = 50;
constexpr std::int64_t kPauseMsMax = 1'000;

class PostgresSession final : public DriverSession {
 public:
  PostgresSession(Connection& connection, Access access, const StatementObserver& observer)
      : DriverSession(access, observer), connection_(connection) {}

  [[nodiscard]] Dialect Kind() const override { return Dialect::kPostgres; }

 private:
  [[nodiscard]] Result<Rows> RunOne(const Statement& statement, const Parameters& parameters) override {
    return connection_.Run(statement, parameters);
  }
  [[nodiscard]] Result<Rows> RunAll(const SetStatement& statement, std::span<const Parameters> rows) override {
    return connection_.RunSet({statement.name, statement.all}, rows);
  }
  [[nodiscard]] Result<void> RunText(const Statement& script) override {
    return connection_.RunScript(script.name, ExpandSql(script, Dialect::kPostgres));
  }

  Connection& connection_;
};

// How one attempt ended.
struct Attempt {
  Result<void> outcome;
  Recovery recovery = Recovery::kNone;
  std::set<std::string, std::less<>> channels;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(PostgresOptions options, postgres::ConnectionSettings settings)
      : options_(std::move(options)),
        settings_(std::move(settings)),
        pool_(settings_, options_),
        listener_(settings_, hub_) {}

  [[nodiscard]] Dialect Kind() const override { return Dialect::kPostgres; }
  [[nodiscard]] PoolStatus Pool() const override { return pool_.Status(); }

  [[nodiscard]] Result<void> Transact(Access access, const std::function<Result<void>(Session&)>& work) override {
    const auto begin = Clock::now();
    for (int attempt = 1;; ++attempt) {
      Attempt done = TryOnce(access, work);
      if (done.outcome) {
        for (const std::string& channel : done.channels) hub_.Publish(channel);
        if (!done.channels.empty()) listener_.Send(done.channels);
        return {};
      }
      if (done.recovery == Recovery::kServerGone) pool_.ForgetAll();
      const bool late = Clock::now() - begin >= std::chrono::milliseconds(options_.retry_ms);
      if (done.recovery == Recovery::kNone || attempt >= kAttemptsMax || late) return done.outcome;
      std::this_thread::sleep_for(Pause(done.recovery, attempt));
    }
  }

  [[nodiscard]] bool WaitFor(std::string_view channel, std::int64_t timeout_ms) override {
    listener_.Start();
    return hub_.WaitFor(channel, timeout_ms);
  }
  void StopWaiting() override { hub_.Stop(); }

 private:
  [[nodiscard]] Attempt TryOnce(Access access, const std::function<Result<void>(Session&)>& work) {
    auto taken = pool_.Take();
    if (!taken) return {.outcome = std::unexpected(taken.error().error), .recovery = taken.error().recovery};
    Pool::Lease& lease = **taken;
    lease->Begin(access);
    PostgresSession session(*lease, access, options_.observer);
    const auto done = work(session);
    if (session.Failure()) return {.outcome = std::unexpected(*session.Failure()), .recovery = lease->AfterError()};
    if (!done) return {.outcome = done};
    return Commit(*lease, access, session);
  }

  [[nodiscard]] Attempt Commit(Connection& connection, Access access, const PostgresSession& session) {
    if (access == Access::kRead) {
      // The answers are there; how a reader's transaction ends changes nothing.
      [[maybe_unused]] const auto ended = connection.Commit();
      return {.channels = session.Channels()};
    }
    const auto done = Observe(options_.observer, "commit", access, [&] { return connection.Commit(); });
    if (done) return {.channels = session.Channels()};
    if (!connection.IsLost()) return {.outcome = done, .recovery = connection.AfterError()};
    pool_.ForgetAll();
    return {.outcome = Fail(ErrorKind::kUnavailable,
                            "commit: the connection to the database was lost; the work may or may not be done")};
  }

  // Longer each time, and different for those that collided.
  [[nodiscard]] std::chrono::milliseconds Pause(Recovery recovery, int attempt) {
    const std::int64_t base = recovery == Recovery::kAgain ? kCollisionPauseMs : kAwayPauseMs;
    const std::int64_t full = std::min(base << std::min(attempt, 10), kPauseMsMax);
    // The golden ratio's multiples, modulo one, are spread evenly; the clock tells processes apart.
    const auto ticks = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
    const std::uint64_t noise = (ticks + ++retries_) * 0x9E3779B97F4A7C15U >> 32;
    return std::chrono::milliseconds(full / 2 + static_cast<std::int64_t>(noise) % (full / 2 + 1));
  }

  const PostgresOptions options_;
  const postgres::ConnectionSettings settings_;
  NotificationHub hub_;
  class Pool pool_;
  postgres::Listener listener_;
  std::atomic<std::uint64_t> retries_ = 0;
};

Result<void> CheckOptions(const PostgresOptions& options) {
  if (options.pool_size == 0 || options.pool_size > kPoolMax || options.pool_overflow > kPoolMax)
    return Fail(ErrorKind::kInvalidInput, Format("a pool has between 1 and {} connections", kPoolMax));
  for (const std::int64_t time_ms :
       {options.pool_timeout_ms, options.connection_age_ms, options.connect_timeout_ms, options.statement_timeout_ms,
        options.idle_transaction_timeout_ms, options.silence_ms, options.retry_ms})
    if (time_ms < 0) return Fail(ErrorKind::kInvalidInput, "a time-out of the database is negative");
  return {};
}

constexpr Statement kServerLimits{
    "postgres.limits",
    "SELECT current_setting('max_connections')::bigint, current_setting('superuser_reserved_connections')::bigint"};

}  // namespace

Result<std::unique_ptr<Database>> OpenPostgres(PostgresOptions options) {
  HF_CHECK_OK(CheckOptions(options));
  HF_TRY(auto settings, postgres::MakeSettings(options));
  return std::make_unique<PostgresDatabase>(std::move(options), std::move(settings));
}

Result<ConnectionBudget> CheckConnectionBudget(Database& database, const PostgresOptions& options,
                                               std::uint64_t processes) {
  HF_TRY(const Rows rows, database.Read([](Session& session) { return session.Run(kServerLimits); }));
  const Row& limits = rows.rows.at(0);
  ConnectionBudget budget;
  const std::int64_t free = limits.at(0).Integer() - limits.at(1).Integer();
  budget.server_max = static_cast<std::uint64_t>(std::max<std::int64_t>(free, 0));
  const std::uint64_t each = options.pool_size + options.pool_overflow + 1;  // and the listener
  budget.wanted_max = each * processes;
  if (budget.wanted_max > budget.server_max) {
    budget.advice = Format(
        "{} processes may open {} connections each (pool {}, overflow {}, one to listen), {} in all, and the server "
        "gives {}: set its max_connections to at least {}, or the pool and its overflow to at most {} together",
        processes, each, options.pool_size, options.pool_overflow, budget.wanted_max, budget.server_max,
        budget.wanted_max + static_cast<std::uint64_t>(limits.at(1).Integer()),
        processes == 0 ? 0 : std::max<std::uint64_t>(budget.server_max / processes, 2) - 1);
  }
  return budget;
}

}  // namespace holdfast::store
