// One function a command.
#pragma once

#include "base/log.h"
#include "cli/exit_code.h"
#include "cli/options.h"

namespace holdfast::cli {

// scan and sbom.
[[nodiscard]] ExitCode RunScan(const Options& options, Logger& logger);

[[nodiscard]] ExitCode RunWhy(const Options& options, Logger& logger);

[[nodiscard]] ExitCode RunDbBuild(const Options& options, Logger& logger);
[[nodiscard]] ExitCode RunDbStatus(const Options& options, Logger& logger);
[[nodiscard]] ExitCode RunDbCheck(const Options& options, Logger& logger);

// Now, in UTC: "2026-11-24T03:00:00Z". SOURCE_DATE_EPOCH, when set, stands for the clock
// (reproducible-builds.org/specs/source-date-epoch).
[[nodiscard]] std::string Timestamp();

}  // namespace holdfast::cli
