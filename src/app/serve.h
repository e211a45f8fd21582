// `holdfast serve`: reads the configuration, constructs everything, runs roles until the process is told to stop.
#pragma once

#include "base/result.h"
#include "cli/run.h"

namespace holdfast::app {

// What main gives to the command line: the commands that need drivers.
[[nodiscard]] cli::ServiceCommands ServiceCommandsOfThisProgram();

}  // namespace holdfast::app
