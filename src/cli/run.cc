#include "cli/run.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/format.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/options.h"
#include "cli/version.h"

namespace holdfast::cli {
namespace {

void Print(std::FILE* stream, const std::string& text) { std::fwrite(text.data(), 1, text.size(), stream); }

LogLevel LeastLevel(const Options& options) {
  if (options.quiet) return LogLevel::kError;
  return options.verbose > 0 ? LogLevel::kDebug : LogLevel::kInfo;
}

ExitCode Dispatch(const Options& options, const ServiceCommands& services, Logger& logger) {
  switch (options.command) {
    case Command::kScan:
    case Command::kSbom: return RunScan(options, logger);
    case Command::kWhy: return RunWhy(options, logger);
    case Command::kDbBuild: return RunDbBuild(options, logger);
    case Command::kDbStatus: return RunDbStatus(options, logger);
    case Command::kDbCheck: return RunDbCheck(options, logger);
    case Command::kDbUpgrade: return services.db_upgrade(options, logger);
    case Command::kServe: return services.serve(options, logger);
    case Command::kQueueStatus: return services.queue_status(options, logger);
    case Command::kQueueDead: return services.queue_dead(options, logger);
    case Command::kQueueRequeue: return services.queue_requeue(options, logger);
    case Command::kQueueDrop: return services.queue_drop(options, logger);
    case Command::kFsck: return services.fsck(options, logger);
    case Command::kConfigCheck: return services.config_check(options, logger);
    case Command::kConfigShow: return services.config_show(options, logger);
    case Command::kVersion: Print(stdout, Format("holdfast {}\n", kVersion)); return ExitCode::kOk;
    case Command::kCompletion: Print(stdout, CompletionScript(options.target)); return ExitCode::kOk;
    case Command::kManual: Print(stdout, ManualPage()); return ExitCode::kOk;
  }
  return ExitCode::kInternal;
}

}  // namespace

int Run(int argc, const char* const* argv, const ServiceCommands& services) {
  const ParsedCommandLine parsed = ParseCommandLine(argc, argv);
  if (parsed.stop) {
    Print(parsed.is_error ? stderr : stdout, parsed.is_error ? "holdfast: " + parsed.text : parsed.text);
    return static_cast<int>(parsed.is_error ? ExitCode::kUsage : ExitCode::kOk);
  }
  TerminalLogger logger(LeastLevel(parsed.options), UseColor(parsed.options.color, STDERR_FILENO));
  const ExitCode code = Dispatch(parsed.options, services, logger);
  // A full disk or a closed pipe shows only now for what went through the C library.
  if (std::fflush(stdout) != 0 && code == ExitCode::kOk) return static_cast<int>(ExitCode::kOutput);
  return static_cast<int>(code);
}

}  // namespace holdfast::cli
