#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "advisory/snapshot.h"
#include "base/format.h"
#include "cli/commands.h"
#include "cli/table.h"

namespace holdfast::cli {
namespace {

constexpr std::size_t kProblemsShown = 10;

ExitCode Complain(Logger& logger, const Error& error) {
  logger.Log(LogLevel::kError, error.Message());
  return ExitCode::kDatabase;
}

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string Describe(const Options& options, const advisory::SnapshotInfo& info) {
  std::string text = Format(
      "file        {}\nbuilt       {}\ncontent     {}\nadvisories  {} ({} withdrawn)\npackages    {}\nsize        "
      "{:.1f} MB\n\n",
      options.database, info.built, info.content.Text(), info.advisories, info.withdrawn, info.packages,
      static_cast<double>(info.file_bytes) / 1e6);
  Table sources({{"SOURCE"}, {"ADVISORIES", 10, true}, {"NEWEST"}});
  for (const auto& source : info.sources)
    sources.Add({{source.name}, {Format("{}", source.advisories)}, {source.newest_modified}});
  Table coverage({{"ECOSYSTEM"}, {"RELEASE"}, {"PACKAGES", 8, true}});
  for (const auto& row : info.coverage)
    coverage.Add({{row.release.ecosystem}, {row.release.release}, {Format("{}", row.packages)}});
  return text + sources.Render(0, false) + "\n" + coverage.Render(0, false);
}

}  // namespace

ExitCode RunDbBuild(const Options& options, Logger& logger) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(options.database).parent_path(), error);
  if (std::filesystem::exists(options.database, error) && !std::filesystem::is_regular_file(options.database, error))
    return Complain(logger, Error(ErrorKind::kInvalidInput, Format("{} is not a file", options.database)));
  const auto report =
      advisory::BuildSnapshot(advisory::BuiltinProviders(), options.target, options.database, {.built = Timestamp()});
  if (!report) return Complain(logger, report.error());
  std::size_t shown = 0;
  for (const Problem& problem : report->problems)
    if (shown++ < kProblemsShown) logger.Warning(problem.path + ": " + problem.message);
  if (report->rejected > kProblemsShown)
    logger.Warning(Format("{} more documents were rejected", report->rejected - kProblemsShown));
  for (const auto& [kind, count] : report->skipped) logger.Debug(Format("skipped {} files: {}", count, kind));
  logger.Info(Format("{}: {} advisories about {} packages, from {} documents", options.database,
                     report->snapshot.advisories, report->snapshot.packages, report->documents));
  return ExitCode::kOk;
}

ExitCode RunDbStatus(const Options& options, Logger& logger) {
  const auto snapshot = advisory::Snapshot::Open(options.database);
  if (!snapshot) return Complain(logger, snapshot.error());
  Print(Describe(options, (*snapshot)->Info()));
  return ExitCode::kOk;
}

ExitCode RunDbCheck(const Options& options, Logger& logger) {
  if (const auto verified = advisory::Snapshot::Verify(options.database); !verified)
    return Complain(logger, verified.error());
  logger.Info(Format("{} is byte for byte as it was built", options.database));
  return ExitCode::kOk;
}

}  // namespace holdfast::cli
