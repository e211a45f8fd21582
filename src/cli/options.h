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
#include "match/matcher.h"
#include "match/rating.h"
#include "model/severity.h"
#include "service/analyzer.h"

namespace holdfast::cli {

enum class Command : std::uint8_t {
  kScan,
  kSbom,
  kWhy,
  kDbBuild,
  kDbExport,
  kDbImport,
  kDbUpdate,
  kDbKeygen,
  kDbDiff,
  kDbSearch,
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

// Of the db commands.
struct DbOptions {
  std::string keep_folder;                   // of db build; empty: nothing is kept
  int share_min_percent = 50;                // likewise
  std::int64_t max_age_days = 5;             // of db status
  std::string to_file, to_folder, sign_key;  // of db export
  std::int64_t keep_days = 7;                // likewise
  std::string from;                          // of db update
  std::vector<std::string> key_files;        // of db update and db import
  bool allow_unsigned = false, allow_older = false;
};

struct Options {
  Command command = Command::kScan;
  // Of scan and sbom; the folder of db build; what db import, search and diff are about; the shell of completion.
  std::string target;
  std::string second_target;  // of db diff
  std::vector<Output> outputs;
  std::optional<model::Severity> fail_on;
  bool only_fixed = false;
  bool hide_owned = false;
  std::vector<std::string> vex;           // "[LEVEL=]FILE"
  std::vector<std::string> ignore_files;  // of ignore rules
  match::SeverityOrder severity = match::SeverityOrder::kVendor;
  SortKey sort = SortKey::kSeverity;
  match::CpeSearch cpe = match::CpeSearch::kOff;
  bool kernel_headers = false;
  bool show_silenced = false;
  std::string vulnerability, package;  // what why asks about
  std::string why_output = "text";     // or "json"
  bool secrets = false;                // search files for secrets
  std::string platform;
  std::string database;  // file of the advisory snapshot
  DbOptions db;
  std::string list_output = "table";  // or "json": of fsck, db status, db diff and db search
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
