#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/deadline.h"
#include "base/format.h"
#include "catalog/search_config.h"
#include "cli/commands.h"
#include "cli/progress_line.h"
#include "cli/report.h"
#include "cli/target.h"
#include "image/archive_source.h"
#include "image/open.h"
#include "io/file.h"
#include "report/template.h"
#include "service/analyse_image.h"
#include "service/match_image.h"

namespace holdfast::cli {
namespace {

using model::Finding;
using model::ImageAnalysis;

constexpr std::size_t kDateBytes = std::string_view("2026-11-25").size();
// Problems shown one by one; the rest is counted.
constexpr std::size_t kProblemsShown = 10;
constexpr std::uint64_t kDocumentWorkerBytesMax = 2 * kGiB;

ExitCode Complain(Logger& logger, const Error& error, ExitCode code) {
  logger.Log(LogLevel::kError, error.Message());
  return code;
}

Result<image::SourceOptions> SourceOptionsOf(const Options& options) {
  image::SourceOptions source;
  if (!options.platform.empty()) {
    HF_TRY(source.platform, image::Platform::Parse(options.platform));
  }
  source.excludes = options.excludes;
  source.registry.insecure_hosts = options.insecure_registries;
  source.registry.ca_file = options.ca_file;
  source.registry.certificates_folder = "/etc/docker/certs.d";
  return source;
}

// Searches cost time, so they are made only when they are asked for.
catalog::SearchConfig SearchesOf(const Options& options) {
  if (!options.secrets) return {};
  return {.secrets = catalog::DefaultSearchConfig().secrets};
}

Result<std::unique_ptr<image::Source>> OpenImage(const Options& options, const Limits& limits, Target target,
                                                 const Deadline& deadline, Logger& logger) {
  HF_TRY(auto source_options, SourceOptionsOf(options));
  source_options.deadline = deadline;
  if (target.stream == nullptr) return image::OpenSource(options.target, source_options, logger);
  return image::MakeArchiveStreamSource(std::move(target.stream), "", options.target,
                                        {.platform = source_options.platform, .limits = limits, .deadline = deadline});
}

struct Analysed {
  ImageAnalysis analysis;
  std::optional<sbom::Completeness> completeness;  // of the document that it was read from
};

Result<std::unique_ptr<service::Analyzer>> StartAnalyzer(const Options& options, const Limits& limits, Logger& logger) {
  return service::MakeAnalyzer(options.sandbox, "/proc/self/exe", limits, SearchesOf(options), logger);
}

Result<Analysed> AnalyseDocument(const Options& options, std::string_view text, Limits limits, const Deadline& deadline,
                                 Logger& logger) {
  // A tree of the longest document, and the packages in it, take some ten times its length.
  limits.worker_memory_bytes_max = std::max(limits.worker_memory_bytes_max, kDocumentWorkerBytesMax);
  HF_TRY(const auto analyzer, StartAnalyzer(options, limits, logger));
  HF_TRY(auto document, analyzer->ReadDocument(text, deadline));
  document.analysis.source.reference = options.target;
  if (options.secrets) logger.Warning("a document has no files that could be searched for secrets");
  if (!options.platform.empty() || !options.excludes.empty())
    logger.Warning("--platform and --exclude say nothing to a document");
  return Analysed{std::move(document.analysis), std::move(document.completeness)};
}

Result<Analysed> Analyse(const Options& options, const Limits& limits, Logger& logger) {
  const Deadline deadline = Deadline::After(limits.scan_time_ms_max);
  HF_TRY(auto target, LookAtTarget(options.target, deadline));
  if (target.document) return AnalyseDocument(options, *target.document, limits, deadline, logger);
  HF_TRY(const auto analyzer, StartAnalyzer(options, limits, logger));
  const bool like_document = target.like_document;
  HF_TRY(const auto source, OpenImage(options, limits, std::move(target), deadline, logger));
  ProgressLine progress(!options.quiet && isatty(STDERR_FILENO) != 0);
  HF_TRY(auto analysis, service::AnalyseImage(*source, *analyzer, progress, deadline));
  // A list that nobody can read must not pass for a file without packages.
  if (like_document && analysis.packages.empty())
    analysis.problems.push_back(
        {{},
         ErrorKind::kUnsupported,
         "the file holds no packages, and is no document of a known format that lists packages"});
  return Analysed{std::move(analysis), std::nullopt};
}

// Returns how many findings were left out.
std::size_t KeepWanted(const Options& options, std::vector<Finding>& findings, Logger& logger) {
  const std::size_t before = findings.size();
  if (options.only_fixed)
    std::erase_if(findings, [](const Finding& finding) { return finding.fixed_versions.empty(); });
  const std::size_t fixed = findings.size();
  if (options.hide_owned) std::erase_if(findings, [](const Finding& finding) { return finding.owned_by >= 0; });
  if (before != fixed) logger.Info(Format("left out {} findings that have no fix", before - fixed));
  if (fixed != findings.size())
    logger.Info(Format("left out {} findings of packages that a distribution package owns", fixed - findings.size()));
  return before - findings.size();
}

// The templates of the outputs, by file. Whoever wrote one wants to hear of a mistake before the image is read.
using Templates = std::map<std::string, report::Template>;
Result<Templates> ReadTemplates(const std::vector<Output>& outputs) {
  Templates templates;
  for (const Output& output : outputs) {
    const std::string& path = output.template_file;
    if (path.empty() || templates.contains(path)) continue;
    HF_TRY(const auto file, io::OpenFile(path));
    HF_TRY_IN("reading " + path, const std::string text, file->ReadText(report::TemplateLimits{}.template_bytes_max));
    HF_TRY_IN(path, auto parsed, report::Template::Parse(text));
    templates.emplace(path, std::move(parsed));
  }
  return templates;
}

Result<void> WriteOutput(const Output& output, const ReportInput& input, const Options& options) {
  if (!output.file.empty()) {
    HF_TRY(const auto file, io::FileWriter::Create(output.file));
    HF_CHECK_OK(WriteReport(output.format, input, {}, *file));
    return file->Commit();
  }
  io::DescriptorSink sink(STDOUT_FILENO);
  return WriteReport(output.format, input,
                     {.width = TerminalWidth(STDOUT_FILENO), .color = UseColor(options.color, STDOUT_FILENO)}, sink);
}

void ReportSecrets(const ImageAnalysis& analysis, Logger& logger) {
  if (analysis.search_id.empty()) return;
  std::set<std::string_view> files;
  for (const model::SearchHit& hit : analysis.search_hits) files.insert(hit.path);
  logger.Info(Format("{} files hold what looks like secrets", files.size()));
  for (const std::string_view path : files) logger.Debug(Format("what looks like a secret: {}", path));
}

bool ReportProblems(const ImageAnalysis& analysis, Logger& logger) {
  std::size_t partial = analysis.problems_dropped;
  for (const Problem& problem : analysis.problems) {
    const std::string text = problem.path.empty() ? problem.message : problem.path + ": " + problem.message;
    if (MakesPartial(problem) ? partial++ < kProblemsShown : problem.path.empty())
      logger.Warning(text);
    else if (!MakesPartial(problem))
      logger.Debug(text);
  }
  if (partial > kProblemsShown)
    logger.Warning(Format("{} more problems, listed in the json output", partial - kProblemsShown));
  return partial > 0;
}

bool Fails(const Options& options, const std::vector<Finding>& findings) {
  return options.fail_on && std::any_of(findings.begin(), findings.end(),
                                        [&](const Finding& finding) { return finding.severity >= *options.fail_on; });
}

}  // namespace

std::string Timestamp() {
  std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  if (const char* fixed = std::getenv("SOURCE_DATE_EPOCH"); fixed != nullptr && *fixed != '\0')
    now = static_cast<std::time_t>(std::strtoll(fixed, nullptr, 10));
  std::tm parts{};
  gmtime_r(&now, &parts);
  return Format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                parts.tm_hour, parts.tm_min, parts.tm_sec);
}

ExitCode RunScan(const Options& options, Logger& logger) {
  const Limits limits{.scan_time_ms_max = options.timeout_s * 1000};
  const bool with_findings = options.command == Command::kScan;
  const auto templates = ReadTemplates(options.outputs);
  if (!templates) return Complain(logger, templates.error(), ExitCode::kUsage);
  std::unique_ptr<service::AdvisoryDatabase> database;
  if (with_findings) {
    // Before the target is read: nobody wants to wait for a pull only to hear that the database is missing.
    auto opened = service::AdvisoryDatabase::Open(options.database);
    if (!opened && opened.error().Kind() == ErrorKind::kNotFound)
      return Complain(
          logger,
          Error(ErrorKind::kNotFound,
                Format("no advisory snapshot at {}; make one with 'holdfast db build DIR', or name one with --db",
                       options.database)),
          ExitCode::kDatabase);
    if (!opened) return Complain(logger, opened.error(), ExitCode::kDatabase);
    database = *std::move(opened);
  }
  auto analysed = Analyse(options, limits, logger);
  if (!analysed) return Complain(logger, analysed.error(), ExitCodeForTarget(analysed.error().Kind()));
  ImageAnalysis* const analysis = &analysed->analysis;

  std::vector<Finding> findings;
  std::size_t suppressed = 0;
  if (database != nullptr) {
    auto matched = database->Match(*analysis, {.limits = limits, .today = Timestamp().substr(0, kDateBytes)});
    if (!matched) return Complain(logger, matched.error(), ExitCode::kDatabase);
    findings = std::move(matched->findings);
    analysis->problems.insert(analysis->problems.end(), matched->problems.begin(), matched->problems.end());
    analysis->problems_dropped += matched->problems_dropped;
    suppressed = KeepWanted(options, findings, logger);
  }
  ReportInput input{.analysis = *analysis,
                    .with_findings = with_findings,
                    .findings = findings,
                    .suppressed = suppressed,
                    .completeness = analysed->completeness ? &*analysed->completeness : nullptr,
                    .timestamp = Timestamp(),
                    .database = database == nullptr ? std::string() : database->Describe()};
  for (const Output& output : options.outputs) {
    if (!output.template_file.empty()) input.custom = &templates->at(output.template_file);
    if (const auto written = WriteOutput(output, input, options); !written)
      return Complain(logger, written.error(), ExitCode::kOutput);
  }
  ReportSecrets(*analysis, logger);
  const bool partial = ReportProblems(*analysis, logger);
  if (Fails(options, findings)) return ExitCode::kFindings;
  return partial ? ExitCode::kPartial : ExitCode::kOk;
}

}  // namespace holdfast::cli
