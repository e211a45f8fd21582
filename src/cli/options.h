// The command line, parsed. One place defines every command and flag; usage, completion scripts and the
// manual page are made from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "cli/terminal.h"
#include "match/rating.h"
#include "model/severity.h"
#include "service/analyzer.h"

namespace holdfast::cli {

enum class Command : std::uint8_t {
  kScan,
  kSbom,
  kWhy,
  kDbBuild,
  kDbStatus,
  kDbCheck,
  kDbUpgrade,
  kServe,
  kConfigCheck,
  kConfigShow,
  kQueueStatus,
  kQueueDead,
  kQueueRequeue,
  kQueueDrop,
  kFsck,
  kVersion,
  kCompletion,
  kManual,
};

// "-o FORMAT[=FILE]"; an empty file is standard output.
struct Output {
  std::string format;
  std::string file;
  std::string template_file;  // of the format "template": the -t that belongs to it
  friend bool operator==(const Output&, const Output&) = default;
};

enum class SortKey : std::uint8_t { kSeverity, kRisk, kEpss, kPackage };

struct Options {
  Command command = Command::kScan;
  std::string target;  // of scan and sbom; the folder of db build; the shell of completion
  std::vector<Output> outputs;
  std::optional<model::Severity> fail_on;
  bool only_fixed = false;
  bool hide_owned = false;
  std::vector<std::string> vex;           // "[LEVEL=]FILE"
  std::vector<std::string> ignore_files;  // of ignore rules
  match::SeverityOrder severity = match::SeverityOrder::kVendor;
  SortKey sort = SortKey::kSeverity;
  bool kernel_headers = false;
  bool show_silenced = false;
  std::string vulnerability, package;  // what why asks about
  std::string why_output = "text";     // or "json"
  bool secrets = false;                // search files for secrets
  std::string platform;
  std::string database;  // file of the advisory snapshot
  std::vector<std::string> excludes;
  std::vector<std::string> insecure_registries;
  std::string ca_file;
  std::uint64_t timeout_s = Limits{}.scan_time_ms_max / 1000;
  service::SandboxMode sandbox = service::SandboxMode::kAuto;
  ColorMode color = ColorMode::kAuto;
  // Of serve, db upgrade, queue, fsck and config.
  std::vector<std::string> roles;  // none: all
  std::string data_dir, listen, config_file;
  std::vector<std::int64_t> jobs;       // of queue requeue and drop
  bool all = false;                     // dead jobs, instead of `jobs`
  bool deep = false, repair = false;    // of fsck
  std::optional<std::int64_t> grace_s;  // of fsck; none: the platform's
  std::string fsck_output = "table";    // or "json"
  bool quiet = false;
  int verbose = 0;
};

struct ParsedCommandLine {
  Options options;
  // When set, print `text` and end with `exit_code`: help was asked for, or the command line is wrong.
  bool stop = false;
  bool is_error = false;
  std::string text;
};

[[nodiscard]] ParsedCommandLine ParseCommandLine(int argc, const char* const* argv);

// What completion scripts and the manual page are made from: commands with their flags and help.
struct FlagHelp {
  std::string names;     // "-o,--output"
  std::string argument;  // "FORMAT[=FILE]", or empty
  std::string help;
  std::vector<std::string> choices;
  bool is_file = false;
};
struct CommandHelp {
  std::string name;  // "db build"; empty for holdfast itself
  std::string help;
  std::string argument;  // "TARGET"
  std::vector<FlagHelp> flags;
};
[[nodiscard]] std::vector<CommandHelp> DescribeCommands();

// $HOLDFAST_DB, else $XDG_DATA_HOME/holdfast/advisories.hfdb, else ~/.local/share/holdfast/advisories.hfdb.
[[nodiscard]] std::string DefaultDatabase();

}  // namespace holdfast::cli
