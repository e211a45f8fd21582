#include "cli/options.h"

#include <CLI/CLI.hpp>

#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <utility>

#include "base/format.h"
#include "cli/report.h"

namespace holdfast::cli {
namespace {

constexpr std::uint64_t kTimeoutSecondsMax = 366 * 24 * 3600;
constexpr std::int64_t kGraceSecondsMax = 366 * 24 * 3600;

// A flag's value is checked and stored as text by CLI11, then read into Options: CLI11 stays in this file.
struct Raw {
  std::vector<std::string> outputs, templates;
  std::string fail_on, sandbox = "auto", color = "auto", severity = "vendor", sort = "severity";
};

const std::map<std::string, service::SandboxMode>& SandboxModes() {
  static const auto& modes =
      *new std::map<std::string, service::SandboxMode>{{"auto", service::SandboxMode::kAuto},
                                                       {"require", service::SandboxMode::kRequire},
                                                       {"off", service::SandboxMode::kOff}};
  return modes;
}

const std::map<std::string, ColorMode>& ColorModes() {
  static const auto& modes = *new std::map<std::string, ColorMode>{
      {"auto", ColorMode::kAuto}, {"always", ColorMode::kAlways}, {"never", ColorMode::kNever}};
  return modes;
}

const std::map<std::string, match::SeverityOrder>& SeverityOrders() {
  static const auto& orders =
      *new std::map<std::string, match::SeverityOrder>{{"vendor", match::SeverityOrder::kVendor},
                                                       {"nvd", match::SeverityOrder::kNvd},
                                                       {"highest", match::SeverityOrder::kHighest}};
  return orders;
}

const std::map<std::string, SortKey>& SortKeys() {
  static const auto& keys = *new std::map<std::string, SortKey>{{"severity", SortKey::kSeverity},
                                                                {"risk", SortKey::kRisk},
                                                                {"epss", SortKey::kEpss},
                                                                {"package", SortKey::kPackage}};
  return keys;
}

template <typename Map>
std::vector<std::string> Keys(const Map& map) {
  std::vector<std::string> keys;
  keys.reserve(map.size());
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

std::vector<std::string> Roles() { return {"api", "catalog", "queue", "policy-engine", "analyzer", "feeds"}; }

std::vector<std::string> Severities() { return {"negligible", "low", "medium", "high", "critical"}; }

void AddTalk(CLI::App& command, Options& options, Raw& raw) {
  command.add_flag("-q,--quiet", options.quiet, "Say nothing but errors on standard error");
  command.add_flag("-v,--verbose", options.verbose, "Say more; twice for even more");
  command.add_option("--color", raw.color, "When to use colours")
      ->check(CLI::IsMember(Keys(ColorModes())))
      ->type_name("WHEN");
}

void AddOutputs(CLI::App& command, Raw& raw) {
  command
      .add_option("-o,--output", raw.outputs, "Write the result as FORMAT, to FILE or standard output; may be repeated")
      ->type_name("FORMAT[=FILE]")
      ->allow_extra_args(false);
  command
      .add_option("-t,--template", raw.templates,
                  "Mustache template for -o template; may be repeated, for the templates among the outputs in turn")
      ->check(CLI::ExistingFile)
      ->type_name("FILE")
      ->allow_extra_args(false);
}

void AddTarget(CLI::App& command, Options& options, Raw& raw) {
  command
      .add_option(
          "TARGET", options.target,
          "Image reference, archive, layout, folder, file, or document that lists packages; scheme: registry:, "
          "docker:, podman:, oci-dir:, oci-archive:, docker-archive:, dir:, file:, sbom:, purl:, pkg:, or - for "
          "standard input")
      ->required();
  command.add_option("--platform", options.platform, "Which image of a multi-platform index: os/arch[/variant]")
      ->type_name("PLATFORM");
  command.add_option("--exclude", options.excludes, "Leave out paths of a folder that match GLOB; may be repeated")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  command
      .add_option("--insecure-registry", options.insecure_registries,
                  "Talk to registry HOST[:PORT] over plain HTTP or without checking its certificate; may be repeated")
      ->type_name("HOST")
      ->allow_extra_args(false);
  command
      .add_option("--ca-file", options.ca_file, "Trust the certificates in FILE for registries, besides the system's")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  command
      .add_option("--sandbox", raw.sandbox, "Read the target in a confined process: auto warns when that cannot be had")
      ->check(CLI::IsMember(Keys(SandboxModes())))
      ->type_name("MODE");
  command
      .add_option("--timeout", options.timeout_s,
                  Format("Give up when reading the target takes longer (default: {})", options.timeout_s))
      ->check(CLI::Range(std::uint64_t{1}, kTimeoutSecondsMax))
      ->type_name("SECONDS");
  AddTalk(command, options, raw);
}

void AddDatabase(CLI::App& command, Options& options) {
  command
      .add_option("--db", options.database,
                  "Advisory snapshot to use (default: $HOLDFAST_DB, else in the user's data folder)")
      ->type_name("FILE");
}

// What decides which findings there are.
void AddJudgement(CLI::App& command, Options& options, Raw& raw) {
  command
      .add_option("--vex", options.vex,
                  "VEX document (OpenVEX, CycloneDX, CSAF) of LEVEL own, supplier, distro or upstream; may be repeated")
      ->type_name("[LEVEL=]FILE")
      ->allow_extra_args(false);
  command.add_option("--ignore", options.ignore_files, "File of ignore rules; may be repeated")
      ->check(CLI::ExistingFile)
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_option("--severity", raw.severity, "Whose severity counts: the vendor's, NVD's, or the highest")
      ->check(CLI::IsMember(Keys(SeverityOrders())))
      ->type_name("WHOSE");
  command.add_flag("--only-fixed", options.only_fixed, "Silence findings that have no fix");
  command.add_flag("--hide-owned", options.hide_owned,
                   "Silence findings of language packages that a distribution package owns");
  command.add_flag("--kernel-headers", options.kernel_headers,
                   "With findings of packages that have a kernel's headers only");
}

struct Definition {
  CLI::App app{"Holdfast takes container images apart: what is in them, what is wrong with it, may they run?",
               "holdfast"};
  Options options;
  Raw raw;
  std::map<const CLI::App*, Command> commands;

  Definition() {
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "Help for all commands");
    AddScan();
    AddDb();
    AddServe();
    AddQueue();
    AddFsck();
    AddConfig();
    CLI::App* version = Add("version", "Print the version", Command::kVersion, app);
    AddTalk(*version, options, raw);
    CLI::App* completion = Add("completion", "Print a completion script", Command::kCompletion, app);
    completion->add_option("SHELL", options.target, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    Add("manual", "Print the manual page, in roff", Command::kManual, app);
  }

  [[nodiscard]] bool HasCommand(const std::string& name) const {
    const auto all = app.get_subcommands([&](const CLI::App* sub) { return sub->check_name(name); });
    return !all.empty();
  }

  CLI::App* Add(const char* name, const char* help, Command command, CLI::App& parent) {
    CLI::App* added = parent.add_subcommand(name, help);
    commands.emplace(added, command);
    return added;
  }

  void AddScan() {
    CLI::App* scan = Add("scan", "List the vulnerabilities of an image", Command::kScan, app);
    AddTarget(*scan, options, raw);
    AddOutputs(*scan, raw);
    AddDatabase(*scan, options);
    AddJudgement(*scan, options, raw);
    scan->add_option("--fail-on", raw.fail_on, "End with code 1 when a finding is at least this severe")
        ->check(CLI::IsMember(Severities(), CLI::ignore_case))
        ->type_name("SEVERITY");
    scan->add_option("--sort", raw.sort, "Order of the findings")
        ->check(CLI::IsMember(Keys(SortKeys())))
        ->type_name("KEY");
    scan->add_flag("--show-silenced", options.show_silenced, "List what was silenced below the table, and by whom");
    scan->add_flag("--secrets", options.secrets,
                   "Search files for secrets, too: paths and lines are in the json output, and nothing of what stands "
                   "there");
    CLI::App* sbom = Add("sbom", "List what is in an image", Command::kSbom, app);
    AddTarget(*sbom, options, raw);
    AddOutputs(*sbom, raw);
    AddWhy();
  }

  void AddWhy() {
    CLI::App* why = Add("why", "Explain why an image has a vulnerability, or why it has not", Command::kWhy, app);
    AddTarget(*why, options, raw);
    why->add_option("VULNERABILITY", options.vulnerability, "CVE-…, GHSA-…, or the id of an advisory")->required();
    why->add_option("PACKAGE", options.package, "Only packages of that name, or built from a source of that name");
    why->add_option("-o,--output", options.why_output, "Write the answer as text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->type_name("FORM");
    AddDatabase(*why, options);
    AddJudgement(*why, options, raw);
  }

  void AddDb() {
    CLI::App* db = app.add_subcommand("db", "Build and inspect advisory snapshots");
    db->require_subcommand(1);
    CLI::App* build = Add("build", "Make a snapshot from the advisories below a folder", Command::kDbBuild, *db);
    build
        ->add_option("DIR", options.target,
                     "Folder with advisories as their publishers give them, archives of them too, in any mix")
        ->required()
        ->check(CLI::ExistingDirectory);
    build->add_option("-o,--output", options.database, "File to write (default: as --db of scan)")->type_name("FILE");
    CLI::App* status = Add("status", "Tell age, size and sources of a snapshot", Command::kDbStatus, *db);
    CLI::App* check = Add("check", "Verify a snapshot byte by byte", Command::kDbCheck, *db);
    for (CLI::App* command : {status, check}) AddDatabase(*command, options);
    for (CLI::App* command : {build, status, check}) AddTalk(*command, options, raw);
    CLI::App* upgrade =
        Add("upgrade", "Bring the platform's database to this program's schema", Command::kDbUpgrade, *db);
    AddConfiguration(*upgrade);
    AddTalk(*upgrade, options, raw);
  }

  void AddConfiguration(CLI::App& command) {
    command
        .add_option("--config", options.config_file,
                    "Configuration file (default: config.yaml in $ANCHORE_CONFIG_DIR or /config, when it is there)")
        ->check(CLI::ExistingFile)
        ->type_name("FILE");
    command.add_option("--data", options.data_dir, "Folder for what this process keeps")->type_name("FOLDER");
  }

  void AddServe() {
    CLI::App* serve =
        Add("serve", "Run the platform: all roles in one process, or those that are named", Command::kServe, app);
    serve->add_option("ROLE", options.roles, "api, catalog, queue, policy-engine, analyzer, feeds")
        ->check(CLI::IsMember(Roles()));
    AddConfiguration(*serve);
    serve->add_option("--listen", options.listen, "Address and port to listen on, such as 127.0.0.1:8228")
        ->type_name("ADDRESS:PORT");
    AddTalk(*serve, options, raw);
  }

  void AddQueue() {
    CLI::App* queue = app.add_subcommand("queue", "Look at the platform's queues, and at what nobody could do");
    queue->require_subcommand(1);
    CLI::App* status = Add("status", "Count the jobs of each queue and lane", Command::kQueueStatus, *queue);
    CLI::App* dead = Add("dead", "List the jobs that failed for good, and why", Command::kQueueDead, *queue);
    CLI::App* requeue = Add("requeue", "Give dead jobs another chance", Command::kQueueRequeue, *queue);
    CLI::App* drop = Add("drop", "Forget dead jobs", Command::kQueueDrop, *queue);
    for (CLI::App* command : {requeue, drop}) {
      CLI::Option* jobs = command->add_option("JOB", options.jobs, "Numbers of dead jobs, as queue dead lists them");
      CLI::Option* all = command->add_flag("--all", options.all, "All dead jobs")->excludes(jobs);
      command->callback([command, jobs, all] {
        if (jobs->count() == 0 && all->count() == 0) throw CLI::RequiredError(command->get_name() + ": JOB or --all");
      });
    }
    for (CLI::App* command : {status, dead, requeue, drop}) {
      AddConfiguration(*command);
      AddTalk(*command, options, raw);
    }
  }

  void AddFsck() {
    CLI::App* fsck = Add("fsck", "Prove that the platform's database and its object store agree", Command::kFsck, app);
    fsck->add_flag("--deep", options.deep, "Read each object, too, and verify that it is what it should be");
    fsck->add_flag("--repair", options.repair,
                   "Remove what nobody needs, and records that analyzers make again; without it, nothing is changed");
    fsck->add_option("--grace", options.grace_s,
                     "What came to be this lately may belong to work that is under way (default: an hour)")
        ->check(CLI::Range(std::int64_t{0}, kGraceSecondsMax))
        ->type_name("SECONDS");
    fsck->add_option("-o,--output", options.fsck_output, "Write the result as table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->type_name("FORMAT");
    AddConfiguration(*fsck);
    AddTalk(*fsck, options, raw);
  }

  void AddConfig() {
    CLI::App* config = app.add_subcommand("config", "Look at the platform's configuration");
    config->require_subcommand(1);
    CLI::App* check = Add("check", "Tell everything that is wrong with it", Command::kConfigCheck, *config);
    CLI::App* show = Add("show", "Print all of it as it is in force, without secrets", Command::kConfigShow, *config);
    for (CLI::App* command : {check, show}) AddConfiguration(*command);
  }
};

// One template serves all outputs that need one; several serve one each.
std::string AssignTemplates(Options& options, const std::vector<std::string>& templates) {
  std::vector<Output*> wanting;
  for (Output& output : options.outputs)
    if (output.format == kTemplateFormat) wanting.push_back(&output);
  if (wanting.empty()) return templates.empty() ? "" : "--template is for -o template";
  if (templates.empty()) return "-o template needs a template: -t FILE";
  if (templates.size() > 1 && templates.size() != wanting.size())
    return Format("{} templates for {} outputs of the format template", templates.size(), wanting.size());
  for (std::size_t i = 0; i < wanting.size(); ++i) wanting[i]->template_file = templates[templates.size() == 1 ? 0 : i];
  return {};
}

std::string FinishOutputs(Options& options, const Raw& raw) {
  const bool with_findings = options.command == Command::kScan;
  std::set<std::string> files;
  for (const std::string& text : raw.outputs) {
    const std::size_t equals = text.find('=');
    Output output{text.substr(0, equals), equals == std::string::npos ? std::string() : text.substr(equals + 1), ""};
    if (!IsReportFormat(output.format, with_findings))
      return Format("{} output format '{}'; there are: {}",
                    IsReportFormat(output.format, true) ? "sbom finds no vulnerabilities and has no" : "unknown",
                    output.format, ReportFormatNames(with_findings));
    if (!files.insert(output.file).second)
      return output.file.empty() ? "two outputs to standard output; give the others a file: -o FORMAT=FILE"
                                 : Format("two outputs to {}", output.file);
    options.outputs.push_back(std::move(output));
  }
  return AssignTemplates(options, raw.templates);
}

// Reads Raw into Options; the result is a complaint, or empty.
std::string Finish(Definition& definition) {
  Options& options = definition.options;
  const Raw& raw = definition.raw;
  options.sandbox = SandboxModes().at(raw.sandbox);
  options.color = ColorModes().at(raw.color);
  options.severity = SeverityOrders().at(raw.severity);
  options.sort = SortKeys().at(raw.sort);
  if (!raw.fail_on.empty()) options.fail_on = model::ParseSeverity(raw.fail_on);
  if (std::string complaint = FinishOutputs(options, raw); !complaint.empty()) return complaint;
  if (options.outputs.empty()) options.outputs.push_back({"table", "", ""});
  if (options.database.empty()) options.database = DefaultDatabase();
  if (options.quiet && options.verbose > 0) return "--quiet and --verbose exclude each other";
  return {};
}

void Describe(const CLI::App& app, const std::string& name, std::vector<CommandHelp>& all) {
  CommandHelp help{.name = name, .help = app.get_description(), .argument = {}, .flags = {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      help.argument += (help.argument.empty() ? "" : " ") + option->get_name(true);
      continue;
    }
    FlagHelp flag{.names = option->get_name(false, true),
                  .argument = {},
                  .help = option->get_description(),
                  .choices = {},
                  .is_file = false};
    if (option->get_type_size() != 0)
      flag.argument = option->get_type_name().substr(0, option->get_type_name().find(':'));
    if (flag.argument == "SEVERITY") flag.choices = Severities();
    if (flag.argument == "WHEN") flag.choices = Keys(ColorModes());
    if (flag.argument == "MODE") flag.choices = Keys(SandboxModes());
    if (flag.argument == "WHOSE") flag.choices = Keys(SeverityOrders());
    if (flag.argument == "KEY") flag.choices = Keys(SortKeys());
    if (flag.argument == "FORM") flag.choices = {"text", "json"};
    if (flag.argument == "FORMAT") flag.choices = {"table", "json"};
    if (flag.argument == "FORMAT[=FILE]") flag.choices = ReportFormats(name != "sbom");
    flag.is_file = flag.argument == "FILE";
    help.flags.push_back(std::move(flag));
  }
  all.push_back(std::move(help));
  for (const CLI::App* sub : app.get_subcommands(nullptr))
    Describe(*sub, name.empty() ? sub->get_name() : name + " " + sub->get_name(), all);
}

}  // namespace

ParsedCommandLine ParseCommandLine(int argc, const char* const* argv) {
  Definition definition;
  ParsedCommandLine parsed;
  try {
    definition.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, complaint;
    parsed.stop = true;
    parsed.is_error = definition.app.exit(error, out, complaint) != 0;
    parsed.text = parsed.is_error ? complaint.str() : out.str();
    if (parsed.is_error && argc > 1 && argv[1][0] != '-' && !definition.HasCommand(argv[1]))
      parsed.text = Format("there is no command '{}'; see holdfast --help\n", argv[1]);
    return parsed;
  }
  for (const auto& [app, command] : definition.commands)
    if (app->parsed()) definition.options.command = command;
  if (std::string complaint = Finish(definition); !complaint.empty()) {
    parsed.stop = parsed.is_error = true;
    parsed.text = std::move(complaint) + "\n";
    return parsed;
  }
  parsed.options = std::move(definition.options);
  return parsed;
}

std::vector<CommandHelp> DescribeCommands() {
  const Definition definition;
  std::vector<CommandHelp> all;
  Describe(definition.app, "", all);
  return all;
}

std::string DefaultDatabase() {
  if (const char* named = std::getenv("HOLDFAST_DB"); named != nullptr && *named != '\0') return named;
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/')
    return std::string(data) + "/holdfast/advisories.hfdb";
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr ? home : "") + "/.local/share/holdfast/advisories.hfdb";
}

}  // namespace holdfast::cli
