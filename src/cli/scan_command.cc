#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "base/deadline.h"
#include "base/format.h"
#include "catalog/search_config.h"
#include "cli/analyse.h"
#include "cli/commands.h"
#include "cli/judge.h"
#include "cli/report.h"
#include "io/file.h"
#include "report/template.h"

namespace holdfast::cli {
namespace {

using model::Finding;
using model::ImageAnalysis;

// Problems shown one by one; the rest is counted.
constexpr std::size_t kProblemsShown = 10;

ExitCode Complain(Logger& logger, const Error& error, ExitCode code) {
  logger.Log(LogLevel::kError, error.Message());
  return code;
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

// The matcher's order is by severity, and stays so where the key makes no difference.
void Order(SortKey key, std::vector<Finding>& findings) {
  if (key == SortKey::kSeverity) return;
  const auto weight = [key](const Finding& finding) -> double {
    if (key == SortKey::kRisk) return -finding.risk;
    if (key == SortKey::kEpss) return finding.facts.epss ? -finding.facts.epss->probability : 0;
    return finding.package;
  };
  std::ranges::sort(findings, {}, [&weight](const Finding& finding) {
    return std::tuple(weight(finding), -static_cast<int>(finding.severity), finding.package,
                      std::string_view(finding.id));
  });
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
  std::optional<Judge> judge;
  if (with_findings) {
    // Before the target is read: nobody wants to wait for a pull only to hear that the database is missing.
    ExitCode code = ExitCode::kInternal;
    auto opened = Judge::Open(options, logger, code);
    if (!opened) return Complain(logger, opened.error(), code);
    judge = *std::move(opened);
  }
  auto analysed = Analyse(options, limits, logger);
  if (!analysed) return Complain(logger, analysed.error(), ExitCodeForTarget(analysed.error().Kind()));
  ImageAnalysis* const analysis = &analysed->analysis;

  match::MatchResult matched;
  if (judge) {
    auto result = judge->Match(*analysis, limits);
    if (!result) return Complain(logger, result.error(), ExitCode::kDatabase);
    matched = *std::move(result);
    Order(options.sort, matched.findings);
  }
  ReportInput input{.analysis = *analysis,
                    .with_findings = with_findings,
                    .findings = matched.findings,
                    .silenced = matched.silenced,
                    .show_silenced = options.show_silenced,
                    .completeness = analysed->completeness ? &*analysed->completeness : nullptr,
                    .timestamp = Timestamp(),
                    .database = judge ? judge->Describe() : std::string()};
  for (const Output& output : options.outputs) {
    if (!output.template_file.empty()) input.custom = &templates->at(output.template_file);
    if (const auto written = WriteOutput(output, input, options); !written)
      return Complain(logger, written.error(), ExitCode::kOutput);
  }
  ReportSecrets(*analysis, logger);
  const bool partial = ReportProblems(*analysis, logger);
  if (Fails(options, matched.findings)) return ExitCode::kFindings;
  return partial ? ExitCode::kPartial : ExitCode::kOk;
}

}  // namespace holdfast::cli
