#include "cli/judge.h"

#include <array>
#include <utility>

#include "base/format.h"
#include "cli/commands.h"
#include "io/file.h"

namespace holdfast::cli {
namespace {

constexpr std::size_t kDateBytes = std::string_view("2026-11-25").size();

Result<std::string> ReadText(const std::string& path, std::size_t bytes_max) {
  HF_TRY(const auto file, io::OpenFile(path));
  HF_TRY_IN("reading " + path, std::string text, file->ReadText(bytes_max));
  return text;
}

// "supplier=FILE", or FILE alone, which is one's own.
Result<triage::VexDocument> ReadVexFile(const std::string& argument, Logger& logger) {
  using enum triage::VexLevel;
  triage::VexLevel level = kOwn;
  std::string path = argument;
  for (const triage::VexLevel named : std::array{kUpstream, kDistro, kSupplier, kOwn}) {
    const std::string prefix = Format("{}=", triage::VexLevelName(named));
    if (!argument.starts_with(prefix)) continue;
    level = named;
    path = argument.substr(prefix.size());
  }
  HF_TRY(const std::string text, ReadText(path, triage::kVexBytesMax));
  HF_TRY_IN(path, auto document, triage::ReadVex(text, path, level));
  for (const std::string& problem : document.problems) logger.Warning(Format("{}: left out: {}", path, problem));
  return document;
}

}  // namespace

Result<Judge> Judge::Open(const Options& options, Logger& logger, ExitCode& code) {
  Judge judge(options);
  code = ExitCode::kDatabase;
  auto opened = service::AdvisoryDatabase::Open(options.database);
  if (!opened && opened.error().Kind() == ErrorKind::kNotFound)
    return Fail(ErrorKind::kNotFound,
                Format("no advisory snapshot at {}; make one with 'holdfast db build DIR', or name one with --db",
                       options.database));
  if (!opened) return std::unexpected(opened.error());
  judge.database_ = *std::move(opened);
  code = ExitCode::kUsage;
  for (const std::string& argument : options.vex) {
    HF_TRY(auto document, ReadVexFile(argument, logger));
    judge.documents_.push_back(std::move(document));
  }
  for (const std::string& path : options.ignore_files) {
    HF_TRY(const std::string text, ReadText(path, triage::kIgnoreBytesMax));
    HF_TRY_IN("reading ignore rules", auto rules, triage::ReadIgnoreRules(text, path));
    std::ranges::move(rules, std::back_inserter(judge.rules_));
  }
  return judge;
}

Result<match::MatchResult> Judge::Match(model::ImageAnalysis& analysis, const Limits& limits) const {
  const std::string today = Timestamp().substr(0, kDateBytes);
  HF_TRY(auto matched, database_->Match(analysis, {.limits = limits,
                                                   .today = today,
                                                   .severity = options_->severity,
                                                   .kernel_headers = options_->kernel_headers}));
  triage::ApplyVex(documents_, analysis, matched);
  triage::ApplyIgnoreRules(rules_, analysis, today, matched);
  triage::ApplyPreferences({.only_fixed = options_->only_fixed, .hide_owned = options_->hide_owned}, matched);
  analysis.problems.insert(analysis.problems.end(), matched.problems.begin(), matched.problems.end());
  analysis.problems_dropped += matched.problems_dropped;
  return matched;
}

Result<match::WhyAnswer> Judge::Explain(const match::WhyQuestion& question, const model::ImageAnalysis& analysis,
                                        const match::MatchResult& matched) const {
  return database_->Explain(question, analysis, matched);
}

}  // namespace holdfast::cli
