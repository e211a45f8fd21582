// Pool: so many connections to one server, made when they are needed, given out first come, first served. Those beyond
// its size are closed once they were idle for a while, not at once: under load the next request would open them again,
// which costs the server more than most statements do.
// Safe to use from several threads.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "store/postgres/connection.h"
#include "store/waiting_line.h"

namespace holdfast::store::postgres {

class Pool {
 public:
  Pool(const ConnectionSettings& settings, const PostgresOptions& options);

  // Gives its connection back at the end.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection, std::uint64_t generation)
        : pool_(pool), connection_(std::move(connection)), generation_(generation) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    [[nodiscard]] Connection& operator*() const { return *connection_; }
    [[nodiscard]] Connection* operator->() const { return connection_.get(); }

   private:
    Pool& pool_;
    std::unique_ptr<Connection> connection_;
    std::uint64_t generation_;
  };

  // kUnavailable when none becomes free in time, without recovery; the errors of Link::Open.
  [[nodiscard]] std::expected<std::unique_ptr<Lease>, Failure> Take();
  // The connections made so far are of no use.
  void ForgetAll();
  [[nodiscard]] PoolStatus Status() const;

 private:
  [[nodiscard]] std::unique_ptr<Connection> TakeIdle(std::uint64_t& generation);
  void Give(std::unique_ptr<Connection> connection, std::uint64_t generation);
  [[nodiscard]] bool IsFresh(const Connection& connection) const;
  // Out of idle_ what is no longer needed; the caller closes them without the lock.
  [[nodiscard]] std::vector<std::unique_ptr<Connection>> RetireOverflow();

  const ConnectionSettings& settings_;
  const std::uint64_t size_;
  const std::chrono::milliseconds timeout_;
  const std::chrono::milliseconds age_max_;
  const std::chrono::milliseconds overflow_idle_max_;
  WaitingLine line_;
  mutable std::mutex mutex_;
  struct Idle {
    std::unique_ptr<Connection> connection;
    std::chrono::steady_clock::time_point since;
  };
  std::vector<Idle> idle_;  // the last one used is the next one: its server side is warm
  std::uint64_t open_ = 0;
  std::uint64_t generation_ = 0;  // +1 at each ForgetAll
};

}  // namespace holdfast::store::postgres
