// The database on a PostgreSQL server (14 or newer), shared by any number of processes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "store/database.h"

namespace holdfast::store {

struct PostgresOptions {
  // "postgresql://user:password@host:port/name?sslmode=…", also with a driver in the scheme ("postgresql+pg8000://"),
  // or libpq's "host=… dbname=…". Special characters of user and password are percent-encoded in a URL.
  std::string url;
  // Each of these replaces what the URL says, when it is not empty.
  std::string host, database, user, password;
  std::uint16_t port = 0;
  // As in libpq: disable, prefer, require, verify-ca, verify-full; files in PEM.
  std::string sslmode, sslrootcert, sslcert, sslkey;
  std::string application_name = "holdfast";

  std::uint64_t pool_size = 30;                  // connections that are kept
  std::uint64_t pool_overflow = 10;              // more, while they are needed
  std::int64_t overflow_idle_ms = 10'000;        // unused for so long, these are closed again
  std::int64_t pool_timeout_ms = 30'000;         // waiting for a connection: kUnavailable
  std::int64_t connection_age_ms = 30 * 60'000;  // then it is replaced, so that a balancer's changes are followed
  std::int64_t connect_timeout_ms = 10'000;
  std::int64_t statement_timeout_ms = 60'000;         // 0: none
  std::int64_t idle_transaction_timeout_ms = 60'000;  // between two statements of a transaction; 0: none
  // A server that is silent for so long beyond the statement's time-out has gone, whatever its socket says.
  std::int64_t silence_ms = 10'000;
  std::int64_t retry_ms = 10'000;  // how long a transaction is tried again while the server is away
  StatementObserver observer;
};

// Checks the options and does not connect: a server that is still starting is no reason to fail. kInvalidInput.
[[nodiscard]] Result<std::unique_ptr<Database>> OpenPostgres(PostgresOptions options);

struct ConnectionBudget {
  std::uint64_t server_max = 0;  // that the server gives to ordinary users
  std::uint64_t wanted_max = 0;  // that so many processes with these options may open together
  std::string advice;            // empty when they fit
};

// Whether the server has connections for `processes` with these options.
[[nodiscard]] Result<ConnectionBudget> CheckConnectionBudget(Database& database, const PostgresOptions& options,
                                                             std::uint64_t processes);

}  // namespace holdfast::store
