// The configuration of this process: file, environment and command line.
#pragma once

#include <string>

#include "base/log.h"
#include "base/result.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "config/config.h"

namespace holdfast::app {

// kInvalidInput with every error, one a line; warnings and notes go to the logger.
[[nodiscard]] Result<config::Configuration> LoadConfiguration(const cli::Options& options, Logger& logger);
// The folder of the configuration file, where there is one; else that in which one would be looked for.
[[nodiscard]] std::string ConfigurationFolder(const cli::Options& options);

[[nodiscard]] cli::ExitCode ConfigCheck(const cli::Options& options, Logger& logger);
[[nodiscard]] cli::ExitCode ConfigShow(const cli::Options& options, Logger& logger);

}  // namespace holdfast::app
