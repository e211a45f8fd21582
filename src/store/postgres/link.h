// Link: one socket to the server. It never waits for ever: a server that is silent for too long counts as gone.
// Belongs to one thread at a time.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "store/postgres/failure.h"
#include "store/postgres/settings.h"

namespace holdfast::store::postgres {

struct FreeConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, FreeResult>;

class Link {
 public:
  // Connects. kUnavailable when the server may take the connection later, kDenied for wrong credentials or a
  // certificate that does not fit, kNotFound for a database that is not there.
  [[nodiscard]] static Result<Link> Open(const ConnectionSettings& settings);

  [[nodiscard]] PGconn* Get() const { return connection_.get(); }
  // The next result of what was sent; null at the end of a command, or when the connection is lost.
  [[nodiscard]] ResultHandle Next(bool patient = false);
  [[nodiscard]] bool IsLost() const { return lost_ || PQstatus(connection_.get()) == CONNECTION_BAD; }
  // Whether an idle connection still stands, as far as this side can tell without asking the server.
  [[nodiscard]] bool LooksAlive() const;

  // What a result without success says.
  [[nodiscard]] static Failure Explain(std::string_view statement, const PGresult* result, bool writing);

 private:
  Link(PGconn* connection, std::int64_t silence_max_ms) : connection_(connection), silence_max_ms_(silence_max_ms) {}

  [[nodiscard]] bool Await(std::int64_t silence_max_ms);

  std::unique_ptr<PGconn, FreeConnection> connection_;
  std::int64_t silence_max_ms_;
  bool lost_ = false;
};

}  // namespace holdfast::store::postgres
