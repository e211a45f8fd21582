#include "app/fsck_command.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "app/configuration.h"
#include "app/stores.h"
#include "base/clock.h"
#include "base/format.h"
#include "cli/table.h"
#include "io/json.h"
#include "service/integrity.h"

namespace holdfast::app {
namespace {

using service::IntegrityProblem;
using service::IntegrityReport;

Result<IntegrityReport> Look(const cli::Options& options, Logger& logger) {
  HF_TRY(const auto configuration, LoadConfiguration(options, logger));
  const SystemClock clock;
  HF_TRY(const auto database, OpenExistingDatabase(configuration));
  HF_TRY(const auto objects, OpenObjects(configuration, *database, clock));
  const std::int64_t grace_ms = options.grace_s ? *options.grace_s * 1000 : service::kOrphanGraceMs;
  return service::CheckIntegrity({.database = *database, .objects = *objects, .clock = clock},
                                 {.deep = options.deep, .repair = options.repair, .grace_ms = grace_ms});
}

// The form is that of docs/schema/holdfast-fsck-1.json.
std::string Json(const cli::Options& options, const IntegrityReport& report) {
  io::JsonWriter writer(2);
  writer.BeginObject().Field("schema", "holdfast-fsck-1").Key("clean").Bool(report.IsClean());
  writer.Key("deep").Bool(options.deep).Key("repair").Bool(options.repair);
  writer.Key("objects")
      .BeginObject()
      .Key("listed")
      .Unsigned(report.objects)
      .Key("bytes")
      .Unsigned(report.object_bytes)
      .Key("in_flight")
      .Unsigned(report.objects_in_flight)
      .Key("read")
      .Unsigned(report.objects_read)
      .EndObject();
  writer.Key("problems").BeginArray();
  for (const IntegrityProblem& problem : report.problems) {
    if (problem.count == 0) continue;
    writer.BeginObject().Field("kind", problem.kind).Field("class", problem.damage ? "damage" : "waste");
    writer.Field("meaning", problem.meaning).Key("count").Unsigned(problem.count);
    writer.Key("mended").Unsigned(problem.mended).Key("examples").BeginArray();
    for (const std::string& example : problem.examples) writer.String(example);
    writer.EndArray().EndObject();
  }
  writer.EndArray().Key("looked_for").BeginArray();
  for (const IntegrityProblem& problem : report.problems) writer.String(problem.kind);
  writer.EndArray().EndObject();
  return writer.Take() + "\n";
}

std::string Table(const cli::Options& options, const IntegrityReport& report) {
  cli::Table table({{"KIND"}, {"CLASS"}, {"FOUND", 5, true}, {"MENDED", 6, true}, {"MEANING", 20}, {"EXAMPLES", 20}});
  for (const IntegrityProblem& problem : report.problems) {
    if (problem.count == 0) continue;
    std::string examples;
    for (const std::string& example : problem.examples) examples += (examples.empty() ? "" : ", ") + example;
    table.Add({{problem.kind},
               {problem.damage ? "damage" : "waste", problem.damage ? cli::Style::kBold : cli::Style::kPlain},
               {std::to_string(problem.count)},
               {std::to_string(problem.mended)},
               {problem.meaning},
               {examples}});
  }
  if (table.Empty()) return {};
  return table.Render(cli::TerminalWidth(STDOUT_FILENO), cli::UseColor(options.color, STDOUT_FILENO));
}

}  // namespace

cli::ExitCode Fsck(const cli::Options& options, Logger& logger) {
  const auto report = Look(options, logger);
  if (!report) {
    logger.Log(LogLevel::kError, report.error().Message());
    return cli::ExitCode::kUsage;
  }
  const std::string text = options.list_output == "json" ? Json(options, *report) : Table(options, *report);
  std::fwrite(text.data(), 1, text.size(), stdout);
  logger.Info(Format("{} objects listed, {} read, {} too young to judge; {}", report->objects, report->objects_read,
                     report->objects_in_flight, report->IsClean() ? "nothing is wrong" : "something is wrong"));
  return report->IsClean() ? cli::ExitCode::kOk : cli::ExitCode::kFindings;
}

}  // namespace holdfast::app
