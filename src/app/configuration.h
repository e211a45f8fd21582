// The configuration of this process: file, environment and command line.
#pragma once

#include "base/log.h"
#include "base/result.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "config/config.h"

namespace holdfast::app {

// kInvalidInput with every error, one a line; warnings and notes go to the logger.
[[nodiscard]] Result<config::Configuration> LoadConfiguration(const cli::Options& options, Logger& logger);

[[nodiscard]] cli::ExitCode ConfigCheck(const cli::Options& options, Logger& logger);
[[nodiscard]] cli::ExitCode ConfigShow(const cli::Options& options, Logger& logger);

}  // namespace holdfast::app
