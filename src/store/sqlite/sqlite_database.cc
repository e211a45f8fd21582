#include "store/sqlite/sqlite_database.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

#include "base/format.h"
#include "store/driver_session.h"
#include "store/notification_hub.h"
#include "store/sqlite/connection.h"
#include "store/waiting_line.h"

namespace holdfast::store {
namespace {

using sqlite::Connection;

constexpr std::uint64_t kReadersMax = 256;

// A write begins with the lock: a transaction that reads first and then wants to write could only fail.
constexpr Statement kBeginRead{"begin", "BEGIN"};
constexpr Statement kBeginWrite{"begin", "BEGIN IMMEDIATE"};
constexpr Statement kCommit{"commit", "COMMIT"};
constexpr Statement kRollback{"rollback", "ROLLBACK"};

class SqliteSession final : public DriverSession {
 public:
  SqliteSession(Connection& connection, Access access, const StatementObserver& observer)
      : DriverSession(access, observer), connection_(connection) {}

  [[nodiscard]] Dialect Kind() const override { return Dialect::kSqlite; }

 private:
  [[nodiscard]] Result<Rows> RunOne(const Statement& statement, const Parameters& parameters) override {
    return connection_.Run(statement, parameters);
  }
  // Nothing travels, so a statement for each row costs no more.
  [[nodiscard]] Result<Rows> RunAll(const SetStatement& statement, std::span<const Parameters> rows) override {
    Rows together;
    for (const Parameters& row : rows) {
      HF_TRY(Rows result, connection_.Run({statement.name, statement.each}, row));
      together.changed += result.changed;
      std::ranges::move(result.rows, std::back_inserter(together.rows));
    }
    return together;
  }
  [[nodiscard]] Result<void> RunText(const Statement& script) override {
    return connection_.RunScript(script.name, ExpandSql(script, Dialect::kSqlite));
  }

  Connection& connection_;
};

// Connections of one kind, made when they are first needed.
class Pool {
 public:
  Pool(std::uint64_t size, Access access) : line_(size), access_(access) {}

  [[nodiscard]] Result<std::unique_ptr<Connection>> Take(const SqliteOptions& options) {
    if (!line_.Take(std::chrono::milliseconds(options.pool_timeout_ms)))
      return Fail(ErrorKind::kUnavailable,
                  Format("no {} connection to the database became free within {} ms",
                         access_ == Access::kRead ? "reading" : "writing", options.pool_timeout_ms));
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
    }
    auto made = Connection::Open(options, access_);
    if (made) {
      const std::lock_guard lock(mutex_);
      ++open_;
    } else {
      line_.Give();
    }
    return made;
  }

  void Give(std::unique_ptr<Connection> connection) {
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(connection));
    }
    line_.Give();
  }

  // A connection that cannot be brought back to order.
  void Drop(std::unique_ptr<Connection> connection) {
    connection.reset();
    {
      const std::lock_guard lock(mutex_);
      --open_;
    }
    line_.Give();
  }

  void AddTo(PoolStatus& status) const {
    status.size_max += line_.Permits();
    status.busy += line_.Taken();
    status.waiting += line_.Waiting();
    const std::lock_guard lock(mutex_);
    status.open += open_;
  }

 private:
  WaitingLine line_;
  Access access_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::uint64_t open_ = 0;
};

// Gives the connection back when the transaction is over, however it ends.
class Lease {
 public:
  Lease(Pool& pool, std::unique_ptr<Connection> connection) : pool_(pool), connection_(std::move(connection)) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    const bool rolled_back = !connection_->InTransaction() || connection_->Run(kRollback, {}).has_value();
    if (rolled_back) {
      pool_.Give(std::move(connection_));
    } else {
      pool_.Drop(std::move(connection_));
    }
  }
  [[nodiscard]] Connection& operator*() const { return *connection_; }

 private:
  Pool& pool_;
  std::unique_ptr<Connection> connection_;
};

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(SqliteOptions options)
      : options_(std::move(options)), readers_(options_.readers, Access::kRead), writer_(1, Access::kWrite) {}

  [[nodiscard]] Result<void> Open() {
    HF_TRY(auto connection, writer_.Take(options_));
    writer_.Give(std::move(connection));
    return {};
  }

  [[nodiscard]] Dialect Kind() const override { return Dialect::kSqlite; }

  [[nodiscard]] PoolStatus Pool() const override {
    PoolStatus status;
    readers_.AddTo(status);
    writer_.AddTo(status);
    return status;
  }

  [[nodiscard]] Result<void> Transact(Access access, const std::function<Result<void>(Session&)>& work) override {
    auto& pool = access == Access::kRead ? readers_ : writer_;
    std::set<std::string, std::less<>> channels;
    {
      HF_TRY(auto connection, pool.Take(options_));
      const Lease lease(pool, std::move(connection));
      HF_CHECK_OK((*lease).Run(access == Access::kRead ? kBeginRead : kBeginWrite, {}));
      SqliteSession session(*lease, access, options_.observer);
      auto done = work(session);
      if (session.Failure()) return std::unexpected(*session.Failure());
      HF_CHECK_OK(done);
      HF_CHECK_OK(Commit(*lease, access));
      channels = session.Channels();
    }
    for (const std::string& channel : channels) hub_.Publish(channel);
    return {};
  }

  [[nodiscard]] bool WaitFor(std::string_view channel, std::int64_t timeout_ms) override {
    return hub_.WaitFor(channel, timeout_ms);
  }
  void StopWaiting() override { hub_.Stop(); }

 private:
  [[nodiscard]] Result<void> Commit(Connection& connection, Access access) {
    const StatementObserver none;
    const StatementObserver& observer = access == Access::kWrite ? options_.observer : none;
    const auto done = Observe(observer, kCommit.name, access, [&] { return connection.Run(kCommit, {}); });
    if (!done) return std::unexpected(done.error());
    return {};
  }

  SqliteOptions options_;
  NotificationHub hub_;
  class Pool readers_;
  class Pool writer_;
};

}  // namespace

Result<std::unique_ptr<Database>> OpenSqlite(SqliteOptions options) {
  if (options.path.empty()) return Fail(ErrorKind::kInvalidInput, "the database has no path");
  if (options.readers == 0 || options.readers > kReadersMax)
    return Fail(ErrorKind::kInvalidInput, Format("between 1 and {} reading connections", kReadersMax));
  auto database = std::make_unique<SqliteDatabase>(std::move(options));
  HF_CHECK_OK(database->Open());
  return database;
}

}  // namespace holdfast::store
