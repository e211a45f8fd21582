// What libpq is told to connect.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/postgres/postgres_database.h"

namespace holdfast::store::postgres {

struct ConnectionSettings {
  std::vector<std::pair<std::string, std::string>> keywords;
  std::string password;  // to keep it out of messages
  // A server that says nothing for so long has gone, whatever its socket says; 0: wait for ever.
  std::int64_t silence_max_ms = 0;
};

// kInvalidInput; the message repeats nothing of the URL.
[[nodiscard]] Result<ConnectionSettings> MakeSettings(const PostgresOptions& options);

}  // namespace holdfast::store::postgres
