// `holdfast fsck`: whether the platform's database and its object store agree.
#pragma once

#include "base/log.h"
#include "cli/exit_code.h"
#include "cli/options.h"

namespace holdfast::app {

// kOk: nothing is wrong, or all of it was mended; kFindings: something is; kUsage: it could not be found out.
[[nodiscard]] cli::ExitCode Fsck(const cli::Options& options, Logger& logger);

}  // namespace holdfast::app
