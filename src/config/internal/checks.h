// What must hold between keys.
#pragma once

#include <functional>
#include <string_view>

#include "config/config.h"
#include "config/internal/variables.h"

namespace holdfast::config::internal {

// Told of each problem: the key, and what is wrong with it.
using Complain = std::function<void(Severity severity, std::string_view key, std::string message)>;

// Puts db_connect together: from ANCHORE_DB_* when it is empty, with a password when it has none, without the name of a
// Python driver; TLS files from the credentials folder.
void CompleteDatabase(Database& database, const Variables& variables, const Complain& complain);

void CheckTogether(const Configuration& configuration, const Complain& complain);

}  // namespace holdfast::config::internal
