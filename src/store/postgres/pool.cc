#include "store/postgres/pool.h"

#include "base/format.h"

namespace holdfast::store::postgres {

Pool::Pool(const ConnectionSettings& settings, const PostgresOptions& options)
    : settings_(settings),
      size_(options.pool_size),
      timeout_(options.pool_timeout_ms),
      age_max_(options.connection_age_ms),
      overflow_idle_max_(options.overflow_idle_ms),
      line_(options.pool_size + options.pool_overflow) {}

Pool::Lease::~Lease() {
  // A transaction that was not committed ends here.
  if (!connection_->Rollback() || connection_->AfterError() >= Recovery::kReplace) connection_.reset();
  pool_.Give(std::move(connection_), generation_);
}

bool Pool::IsFresh(const Connection& connection) const {
  return connection.LooksAlive() && std::chrono::steady_clock::now() - connection.MadeAt() < age_max_;
}

std::unique_ptr<Connection> Pool::TakeIdle(std::uint64_t& generation) {
  for (;;) {
    std::unique_ptr<Connection> connection;
    {
      const std::lock_guard lock(mutex_);
      generation = generation_;
      if (idle_.empty()) {
        ++open_;  // the caller makes one
        return nullptr;
      }
      connection = std::move(idle_.back().connection);
      idle_.pop_back();
      if (IsFresh(*connection)) return connection;
      --open_;
    }
    connection.reset();  // outside the lock: it says good-bye to the server
  }
}

std::expected<std::unique_ptr<Pool::Lease>, Failure> Pool::Take() {
  if (!line_.Take(timeout_))
    return std::unexpected(
        Failure{Error(ErrorKind::kUnavailable, Format("none of {} connections to the database became free within {} ms",
                                                      line_.Permits(), timeout_.count()))});
  std::uint64_t generation = 0;
  auto connection = TakeIdle(generation);
  if (connection == nullptr) {
    auto made = Connection::Open(settings_);
    if (!made) {
      Give(nullptr, generation);
      const bool later = made.error().Kind() == ErrorKind::kUnavailable;
      return std::unexpected(Failure{std::move(made).error(), later ? Recovery::kReplace : Recovery::kNone});
    }
    connection = *std::move(made);
  }
  return std::make_unique<Lease>(*this, std::move(connection), generation);
}

void Pool::Give(std::unique_ptr<Connection> connection, std::uint64_t generation) {
  std::vector<std::unique_ptr<Connection>> retired;
  {
    const std::lock_guard lock(mutex_);
    if (connection != nullptr && generation == generation_) {
      idle_.push_back({std::move(connection), std::chrono::steady_clock::now()});
    } else {
      --open_;
    }
    retired = RetireOverflow();
  }
  connection.reset();
  line_.Give();
}

std::vector<std::unique_ptr<Connection>> Pool::RetireOverflow() {
  const auto before = std::chrono::steady_clock::now() - overflow_idle_max_;
  std::vector<std::unique_ptr<Connection>> retired;
  std::size_t count = 0;
  while (count < idle_.size() && open_ > size_ && idle_[count].since <= before) {
    retired.push_back(std::move(idle_[count++].connection));
    --open_;
  }
  idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(count));
  return retired;
}

void Pool::ForgetAll() {
  std::vector<Idle> forgotten;
  const std::lock_guard lock(mutex_);
  ++generation_;
  open_ -= idle_.size();
  forgotten.swap(idle_);
}

PoolStatus Pool::Status() const {
  const std::lock_guard lock(mutex_);
  return {.size_max = line_.Permits(), .open = open_, .busy = line_.Taken(), .waiting = line_.Waiting()};
}

}  // namespace holdfast::store::postgres
