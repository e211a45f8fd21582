// The whole command line program but for main.
#pragma once

#include <functional>

#include "base/log.h"
#include "cli/exit_code.h"
#include "cli/options.h"

namespace holdfast::cli {

// The commands that need what only the whole program has: databases, object stores, servers.
struct ServiceCommands {
  std::function<ExitCode(const Options&, Logger&)> serve, db_upgrade, config_check, config_show, queue_status,
      queue_dead, queue_requeue, queue_drop, fsck;
};

// Runs one command and returns the process's exit code. Data goes to standard output, talk to standard error.
int Run(int argc, const char* const* argv, const ServiceCommands& services);

}  // namespace holdfast::cli
