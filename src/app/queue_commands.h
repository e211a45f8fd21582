// `holdfast queue`: what waits in the platform's queues, and what became of the jobs that nobody could do.
#pragma once

#include "base/log.h"
#include "cli/exit_code.h"
#include "cli/options.h"

namespace holdfast::app {

// How many jobs wait, are held and are dead, by queue and lane.
[[nodiscard]] cli::ExitCode QueueStatus(const cli::Options& options, Logger& logger);
// The dead ones, with the reason of their last failure.
[[nodiscard]] cli::ExitCode QueueDead(const cli::Options& options, Logger& logger);
// Puts dead jobs back into their queues, or forgets them: those in Options::jobs, all of them when there are none.
[[nodiscard]] cli::ExitCode QueueRequeue(const cli::Options& options, Logger& logger);
[[nodiscard]] cli::ExitCode QueueDrop(const cli::Options& options, Logger& logger);

}  // namespace holdfast::app
