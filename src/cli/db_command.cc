#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "advisory/snapshot.h"
#include "base/clock.h"
#include "base/format.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "io/json.h"

namespace holdfast::cli {
namespace {

constexpr std::size_t kProblemsShown = 10;
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// How old something is. A date that is none, to come, or of before there were advisories (CVE began in 1999, some
// are about the years before it) tells no age: feeds do hold such dates.
struct Age {
  std::int64_t days = 0;
  bool odd = false;
  bool known = false;
};

Age AgeOf(std::string_view date, std::int64_t now_ms) {
  constexpr std::string_view kOldest = "1988-01-01";
  if (date.empty()) return {};
  const auto time = ParseTime(date);
  if (!time || *time > now_ms + kDayMs || *time < ParseTime(kOldest).value_or(0)) return {.odd = true};
  return {.days = std::max<std::int64_t>(now_ms - *time, 0) / kDayMs, .known = true};
}

std::string Describe(const Age& age) {
  if (age.odd) return "odd date";
  if (!age.known) return "";
  return age.days == 1 ? "1 day" : Format("{} days", age.days);
}

class Status {
 public:
  Status(const Options& options, const advisory::SnapshotInfo& info)
      : options_(options), info_(info), now_ms_(ParseTime(Timestamp()).value_or(0)) {}

  [[nodiscard]] std::string Text() const {
    std::string text = Format(
        "file             {}\nbuilt            {} ({} ago)\ncontent          {}\nadvisories       {} ({} withdrawn)\n"
        "packages         {}\nvulnerabilities  {} with facts\nsize             {:.1f} MB\n\n",
        options_.database, info_.built, Describe(AgeOf(info_.built, now_ms_)), info_.content.Text(), info_.advisories,
        info_.withdrawn, info_.packages, info_.vulnerabilities, static_cast<double>(info_.file_bytes) / 1e6);
    Table sources({{"SOURCE"}, {"ADVISORIES", 10, true}, {"FACTS", 5, true}, {"NEWEST"}, {"AGE"}, {"READ"}, {""}});
    for (const auto& source : info_.sources)
      sources.Add({{source.name},
                   {Format("{}", source.advisories)},
                   {Format("{}", source.facts)},
                   {source.newest_modified},
                   {Describe(AgeOf(source.newest_modified, now_ms_))},
                   {source.read},
                   {source.failure.empty() ? "" : "kept: " + source.failure}});
    Table coverage({{"ECOSYSTEM"}, {"RELEASE"}, {"PACKAGES", 8, true}});
    for (const auto& row : info_.coverage)
      coverage.Add({{row.release.ecosystem}, {row.release.release}, {Format("{}", row.packages)}});
    return text + sources.Render(0, false) + "\n" + coverage.Render(0, false);
  }

  [[nodiscard]] std::string Json() const {
    io::JsonWriter writer(2);
    writer.BeginObject().Field("file", options_.database).Field("built", info_.built);
    PutAge(writer, AgeOf(info_.built, now_ms_));
    writer.Field("content", info_.content.Text());
    writer.Key("advisories").Unsigned(info_.advisories).Key("withdrawn").Unsigned(info_.withdrawn);
    writer.Key("packages").Unsigned(info_.packages).Key("vulnerabilities").Unsigned(info_.vulnerabilities);
    writer.Key("file_bytes").Unsigned(info_.file_bytes);
    writer.Key("old").Bool(!Old().empty()).Key("sources").BeginArray();
    for (const auto& source : info_.sources) {
      writer.BeginObject().Field("name", source.name).Key("advisories").Unsigned(source.advisories);
      writer.Key("facts").Unsigned(source.facts).Field("newest", source.newest_modified);
      PutAge(writer, AgeOf(source.newest_modified, now_ms_));
      writer.Field("read", source.read).OptionalField("failure", source.failure).EndObject();
    }
    writer.EndArray().Key("coverage").BeginArray();
    for (const auto& row : info_.coverage)
      writer.BeginObject()
          .Field("ecosystem", row.release.ecosystem)
          .Field("release", row.release.release)
          .Key("packages")
          .Unsigned(row.packages)
          .EndObject();
    return writer.EndArray().EndObject().Take() + "\n";
  }

  // Why it is too old; empty when it is not.
  [[nodiscard]] std::string Old() const {
    const Age age = AgeOf(info_.built, now_ms_);
    if (age.odd) return Format("it says that it was built at {}, which cannot be", info_.built);
    if (age.days <= options_.db.max_age_days) return {};
    return Format("it was built {} days ago: newer vulnerabilities are not found", age.days);
  }

  void Warn(Logger& logger) const {
    if (const std::string old = Old(); !old.empty()) logger.Warning(Format("{}: {}", options_.database, old));
    for (const auto& source : info_.sources)
      if (!source.failure.empty())
        logger.Warning(Format("{}: the data is that of {}: {}", source.name, source.read, source.failure));
  }

 private:
  static void PutAge(io::JsonWriter& writer, const Age& age) {
    writer.Key("age_days");
    if (age.known) {
      writer.Integer(age.days);
    } else {
      writer.Null();
    }
    if (age.odd) writer.Key("odd_date").Bool(true);
  }

  const Options& options_;
  const advisory::SnapshotInfo& info_;
  std::int64_t now_ms_;
};

}  // namespace

ExitCode DbFailure(Logger& logger, const Error& error) {
  logger.Log(LogLevel::kError, error.Message());
  return error.Kind() == ErrorKind::kInvalidInput ? ExitCode::kUsage : ExitCode::kDatabase;
}

ExitCode RunDbBuild(const Options& options, Logger& logger) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(options.database).parent_path(), error);
  if (std::filesystem::exists(options.database, error) && !std::filesystem::is_regular_file(options.database, error)) {
    logger.Log(LogLevel::kError, Format("{} is not a file", options.database));
    return ExitCode::kDatabase;
  }
  const auto report = advisory::BuildSnapshot(advisory::BuiltinProviders(), options.target, options.database,
                                              {.built = Timestamp(),
                                               .sources_folder = options.db.keep_folder,
                                               .share_min = static_cast<double>(options.db.share_min_percent) / 100});
  if (!report) {
    logger.Log(LogLevel::kError, report.error().Message());
    return ExitCode::kDatabase;
  }
  std::size_t shown = 0;
  for (const Problem& problem : report->problems)
    if (shown++ < kProblemsShown) logger.Warning(problem.path + ": " + problem.message);
  if (report->rejected > kProblemsShown)
    logger.Warning(Format("{} more documents were rejected", report->rejected - kProblemsShown));
  for (const auto& kept : report->kept)
    logger.Warning(Format("{}: its data of {} is kept: {}", kept.name, kept.read, kept.failure));
  for (const auto& [kind, count] : report->skipped) logger.Debug(Format("skipped {} files: {}", count, kind));
  logger.Info(Format("{}: {} advisories about {} packages, from {} documents", options.database,
                     report->snapshot.advisories, report->snapshot.packages, report->documents));
  return ExitCode::kOk;
}

ExitCode RunDbStatus(const Options& options, Logger& logger) {
  const auto snapshot = advisory::Snapshot::Open(options.database);
  if (!snapshot) return DbFailure(logger, snapshot.error());
  const Status status(options, (*snapshot)->Info());
  Print(options.list_output == "json" ? status.Json() : status.Text());
  status.Warn(logger);
  return ExitCode::kOk;
}

ExitCode RunDbCheck(const Options& options, Logger& logger) {
  if (const auto verified = advisory::Snapshot::Verify(options.database); !verified)
    return DbFailure(logger, verified.error());
  logger.Info(Format("{} is byte for byte as it was built", options.database));
  return ExitCode::kOk;
}

}  // namespace holdfast::cli
