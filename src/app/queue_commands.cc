#include "app/queue_commands.h"

#include <unistd.h>

#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/configuration.h"
#include "app/stores.h"
#include "base/clock.h"
#include "base/format.h"
#include "cli/table.h"
#include "service/queue_wait.h"
#include "service/work.h"
#include "store/jobs.h"

namespace holdfast::app {
namespace {

constexpr std::int64_t kPage = 500;

using Act = std::function<Result<void>(store::Database&)>;

cli::ExitCode WithDatabase(const cli::Options& options, Logger& logger, const Act& act) {
  const auto done = [&]() -> Result<void> {
    HF_TRY(const auto configuration, LoadConfiguration(options, logger));
    HF_TRY(const auto database, OpenExistingDatabase(configuration));
    return act(*database);
  }();
  if (done) return cli::ExitCode::kOk;
  logger.Log(LogLevel::kError, done.error().Message());
  return done.error().Kind() == ErrorKind::kInvalidInput ? cli::ExitCode::kUsage : cli::ExitCode::kDatabase;
}

void Print(const cli::Options& options, Logger& logger, const cli::Table& table, std::string_view when_empty) {
  if (table.Empty()) return logger.Info(when_empty);
  const std::string text = table.Render(cli::TerminalWidth(STDOUT_FILENO), cli::UseColor(options.color, STDOUT_FILENO));
  std::fwrite(text.data(), 1, text.size(), stdout);
}

Result<void> ForEachDead(store::Database& database, const std::function<Result<void>(const store::DeadJob&)>& visit) {
  for (std::int64_t after = 0;;) {
    HF_TRY(const auto page,
           database.Read([&](store::Session& session) { return store::ListDeadJobs(session, "", after, kPage); }));
    for (const store::DeadJob& job : page) HF_CHECK_OK(visit(job));
    if (page.size() < static_cast<std::size_t>(kPage)) return {};
    after = page.back().id;
  }
}

using ChangeJob = Result<bool> (*)(store::Session& session, const store::DeadJob& job, std::int64_t now);

// Changes those of the dead jobs that are meant, each in a transaction of its own; gives how many.
Result<std::int64_t> ChangeDead(const cli::Options& options, Logger& logger, store::Database& database,
                                ChangeJob change) {
  std::vector<std::int64_t> left = options.jobs;
  std::int64_t changed = 0;
  HF_CHECK_OK(ForEachDead(database, [&](const store::DeadJob& job) -> Result<void> {
    if (!options.all && std::erase(left, job.id) == 0) return {};
    HF_TRY(const bool done,
           database.Write([&](store::Session& session) { return change(session, job, SystemClock().NowMs()); }));
    if (!done) logger.Warning(Format("job {}: another one of the same kind has taken its place", job.id));
    changed += done ? 1 : 0;
    return {};
  }));
  if (left.empty()) return changed;
  return Fail(ErrorKind::kInvalidInput,
              Format("job {} is not among the dead; {} others are done", left.front(), changed));
}

cli::ExitCode ChangeAndSay(const cli::Options& options, Logger& logger, ChangeJob change, std::string_view done_word) {
  return WithDatabase(options, logger, [&](store::Database& database) -> Result<void> {
    HF_TRY(const std::int64_t changed, ChangeDead(options, logger, database, change));
    logger.Info(Format("{} {}", changed, done_word));
    return {};
  });
}

// About how long the last of so many jobs waits.
std::string WaitText(const std::optional<double>& pace_ms, std::int64_t jobs) {
  if (!pace_ms) return "unknown";
  return Format("about {:.0f} s", *pace_ms * static_cast<double>(jobs) / 1000);
}

}  // namespace

cli::ExitCode QueueStatus(const cli::Options& options, Logger& logger) {
  return WithDatabase(options, logger, [&](store::Database& database) -> Result<void> {
    HF_TRY(const auto lanes, database.Read([](store::Session& session) { return store::CountJobs(session); }));
    HF_TRY(const auto pace_ms, database.Read([](store::Session& session) {
      return service::AnalysisPaceMs(session, SystemClock().NowMs());
    }));
    cli::Table table({{"QUEUE"}, {"LANE"}, {"WAITING", 7, true}, {"HELD", 4, true}, {"DEAD", 4, true}, {"WAIT", 4}});
    std::int64_t ahead = 0;  // in this and the lanes that go before
    for (const store::LaneDepth& depth : lanes) {
      const bool analyze = depth.kind == service::kAnalyzeJob;
      if (analyze) ahead += depth.queued;
      table.Add({{depth.kind},
                 {std::string(store::LaneName(depth.lane))},
                 {std::to_string(depth.queued)},
                 {std::to_string(depth.leased)},
                 {std::to_string(depth.dead), depth.dead > 0 ? cli::Style::kBold : cli::Style::kPlain},
                 {analyze && depth.queued > 0 ? WaitText(pace_ms, ahead) : ""}});
    }
    Print(options, logger, table, "all queues are empty");
    return {};
  });
}

cli::ExitCode QueueDead(const cli::Options& options, Logger& logger) {
  return WithDatabase(options, logger, [&](store::Database& database) -> Result<void> {
    cli::Table table({{"JOB", 3, true}, {"QUEUE"}, {"KEY"}, {"REASON", 20}});
    HF_CHECK_OK(ForEachDead(database, [&](const store::DeadJob& job) -> Result<void> {
      table.Add({{std::to_string(job.id)}, {job.kind}, {job.key}, {job.error}});
      return {};
    }));
    Print(options, logger, table, "no job is dead");
    return {};
  });
}

cli::ExitCode QueueRequeue(const cli::Options& options, Logger& logger) {
  return ChangeAndSay(options, logger, &service::RequeueDead, "put back");
}

cli::ExitCode QueueDrop(const cli::Options& options, Logger& logger) {
  const ChangeJob drop = [](store::Session& session, const store::DeadJob& job, std::int64_t) {
    return store::DeleteDeadJob(session, job.id);
  };
  return ChangeAndSay(options, logger, drop, "dropped");
}

}  // namespace holdfast::app
