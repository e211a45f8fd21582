// How snapshots get from one site to another: db export, import, update and keygen.

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/format.h"
#include "cli/commands.h"
#include "crypto/signature.h"
#include "service/snapshot_mirror.h"
#include "service/snapshot_update.h"

namespace holdfast::cli {
namespace {

double Megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

// What may be trusted, of import and update.
Result<service::UpdateOptions> UpdateOptionsOf(const Options& options) {
  if (options.db.key_files.empty() && !options.db.allow_unsigned)
    return Fail(ErrorKind::kInvalidInput,
                "whose snapshots may be taken? Give --key FILE, the public half of the publisher's key (.pub), or "
                "--allow-unsigned");
  service::UpdateOptions update{.snapshot = options.database,
                                .keys = {},
                                .allow_unsigned = options.db.allow_unsigned,
                                .allow_older = options.db.allow_older};
  update.now_ms = SystemClock().NowMs();
  HF_TRY(update.keys, crypto::TrustedKeys::Load({options.db.key_files.begin(), options.db.key_files.end()}));
  return update;
}

ExitCode Tell(const Result<service::UpdateReport>& report, const Options& options, Logger& logger) {
  if (!report) {
    const bool older = report.error().Kind() == ErrorKind::kConflict;
    return DbFailure(logger, older ? Error(ErrorKind::kConflict, report.error().Message() + "; --allow-older takes it")
                                   : report.error());
  }
  if (report->unchanged) {
    logger.Info(Format("{}: nothing is new since {}", options.database, report->snapshot.built));
    return ExitCode::kOk;
  }
  logger.Info(Format("{}: {} advisories, built {}; {} of {} chunks moved, {:.2f} of {:.2f} MB; {}", options.database,
                     report->snapshot.advisories, report->snapshot.built, report->chunks_fetched, report->chunks,
                     Megabytes(report->bytes_moved), Megabytes(report->bytes),
                     report->signed_by.empty() ? "its signature was not verified" : "signed by " + report->signed_by));
  return ExitCode::kOk;
}

}  // namespace

ExitCode RunDbExport(const Options& options, Logger& logger) {
  const auto done = [&]() -> Result<service::ExportReport> {
    std::optional<crypto::SigningKey> key;
    if (!options.db.sign_key.empty()) {
      HF_TRY(key, crypto::SigningKey::Load(options.db.sign_key));
    }
    const service::ExportOptions exporting{
        .key = key ? &*key : nullptr, .keep_days = options.db.keep_days, .now_ms = SystemClock().NowMs()};
    return options.db.to_file.empty() ? service::ExportToMirror(options.database, options.db.to_folder, exporting)
                                      : service::ExportToFile(options.database, options.db.to_file, exporting);
  }();
  if (!done) return DbFailure(logger, done.error());
  if (options.db.sign_key.empty())
    logger.Warning("it is not signed: who follows it has to take it on trust; see --sign");
  logger.Info(Format("{}: built {}; {} of {} chunks are new, {:.2f} of {:.2f} MB",
                     options.db.to_file.empty() ? options.db.to_folder : options.db.to_file, done->snapshot.built,
                     done->chunks_new, done->chunks, Megabytes(done->bytes_new), Megabytes(done->bytes)));
  return ExitCode::kOk;
}

ExitCode RunDbImport(const Options& options, Logger& logger) {
  const auto update = UpdateOptionsOf(options);
  if (!update) return DbFailure(logger, update.error());
  std::error_code error;
  if (std::filesystem::is_directory(options.target, error))
    return Tell(service::UpdateFromMirror(options.target, {.logger = &logger}, *update, logger), options, logger);
  return Tell(service::ImportFromFile(options.target, *update, logger), options, logger);
}

ExitCode RunDbUpdate(const Options& options, Logger& logger) {
  const auto update = UpdateOptionsOf(options);
  if (!update) return DbFailure(logger, update.error());
  service::MirrorOptions reading{.logger = &logger};
  reading.tls.ca_file = options.ca_file;
  return Tell(service::UpdateFromMirror(options.db.from, reading, *update, logger), options, logger);
}

ExitCode RunDbKeygen(const Options& options, Logger& logger) {
  const auto key = crypto::SigningKey::CreateFile(options.target);
  if (!key) return DbFailure(logger, key.error());
  std::fwrite(key->PublicText().data(), 1, key->PublicText().size(), stdout);
  logger.Info(Format("{} signs (db export --sign); give {}.pub to those who follow (db update --key)", options.target,
                     options.target));
  return ExitCode::kOk;
}

}  // namespace holdfast::cli
