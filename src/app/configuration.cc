#include "app/configuration.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/format.h"
#include "config/load.h"

namespace holdfast::app {
namespace {

config::Environment EnvironmentOfThisProcess() {
  config::Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (const std::size_t equals = text.find('='); equals != std::string_view::npos)
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::string DefaultFolder(const config::Environment& environment) {
  const auto folder = environment.find("ANCHORE_CONFIG_DIR");
  return folder == environment.end() ? std::string("/config") : folder->second;
}

// The file that is meant; empty: there is none, and the defaults hold.
std::string FindFile(const cli::Options& options, const config::Environment& environment) {
  if (!options.config_file.empty()) return options.config_file;
  const std::string file = DefaultFolder(environment) + "/config.yaml";
  return access(file.c_str(), F_OK) == 0 ? file : std::string();
}

Result<config::Checked> CheckAll(const cli::Options& options) {
  const config::Environment environment = EnvironmentOfThisProcess();
  const std::string file = FindFile(options, environment);
  std::string text;
  if (!file.empty()) {
    HF_TRY_IN(file, text, config::ReadSmallFile(file));
  }
  auto checked = config::Check(text, environment, &config::ReadSmallFile);
  if (!options.data_dir.empty()) checked.configuration.data_dir = options.data_dir;
  if (!options.listen.empty()) checked.configuration.listen = options.listen;
  return checked;
}

// Without the word for its severity, which the logger says.
std::string WithoutSeverity(const config::ConfigProblem& problem) {
  const std::string text = problem.Text();
  return text.substr(std::min(text.size(), text.find(": ") + 2));
}

cli::ExitCode Complain(Logger& logger, const Error& error) {
  logger.Log(LogLevel::kError, error.Message());
  return cli::ExitCode::kUsage;
}

}  // namespace

Result<config::Configuration> LoadConfiguration(const cli::Options& options, Logger& logger) {
  HF_TRY(auto checked, CheckAll(options));
  std::string errors;
  for (const config::ConfigProblem& problem : checked.problems) {
    if (problem.severity == config::Severity::kError)
      errors += (errors.empty() ? "" : "\n") + WithoutSeverity(problem);
    else
      logger.Log(problem.severity == config::Severity::kWarning ? LogLevel::kWarning : LogLevel::kInfo,
                 WithoutSeverity(problem));
  }
  if (!errors.empty()) return Fail(ErrorKind::kInvalidInput, errors);
  return std::move(checked.configuration);
}

std::string ConfigurationFolder(const cli::Options& options) {
  if (options.config_file.empty()) return DefaultFolder(EnvironmentOfThisProcess());
  return std::filesystem::absolute(options.config_file).parent_path();
}

cli::ExitCode ConfigCheck(const cli::Options& options, Logger& logger) {
  const auto checked = CheckAll(options);
  if (!checked) return Complain(logger, checked.error());
  for (const config::ConfigProblem& problem : checked->problems) std::printf("%s\n", problem.Text().c_str());
  if (checked->problems.empty()) std::printf("the configuration is in order\n");
  return checked->Usable() ? cli::ExitCode::kOk : cli::ExitCode::kUsage;
}

cli::ExitCode ConfigShow(const cli::Options& options, Logger& logger) {
  const auto checked = CheckAll(options);
  if (!checked) return Complain(logger, checked.error());
  const std::string text = config::Show(*checked);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return checked->Usable() ? cli::ExitCode::kOk : cli::ExitCode::kUsage;
}

}  // namespace holdfast::app
