#include "app/mapping.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/format.h"
#include "config/load.h"
#include "crypto/signature.h"
#include "http/address.h"
#include "policy/default_bundle.h"
#include "service/analyzer_config.h"
#include "service/policies.h"

namespace holdfast::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kAnalyzeSecondsMax = 30 * 86'400;
constexpr std::int64_t kMirrorRetriesMs = 60'000;
constexpr std::size_t kPoliciesMax = 1'000;

Result<std::string> ReadPolicy(const fs::path& file) {
  HF_TRY_IN(file.string(), std::string text, config::ReadSmallFile(file));
  if (const auto refusal = service::CheckPolicy(text))
    return Fail(ErrorKind::kInvalidInput, Format("{} is no valid policy bundle: {}", file.string(), refusal->details));
  return text;
}

// The files *.json of a folder, by name. One that is not there is no error: Anchore's own configuration names one.
Result<std::vector<fs::path>> ListPolicies(const fs::path& folder, Logger& logger) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
    if (files.size() > kPoliciesMax) return Fail(ErrorKind::kLimit, Format("{} has too many files", folder.string()));
  }
  if (error) logger.Warning(Format("policy_bundles_dir {}: {}", folder.string(), error.message()));
  std::ranges::sort(files);
  return files;
}

// The active one first; none when only the built-in one is wanted.
Result<std::vector<std::string>> ReadPolicies(const config::Configuration& configuration, const fs::path& folder,
                                              Logger& logger) {
  std::vector<std::string> policies;
  std::vector<fs::path> others;
  if (!configuration.policy_bundles_dir.empty()) {
    HF_TRY(others, ListPolicies(folder / configuration.policy_bundles_dir, logger));
  }
  const fs::path first = folder / configuration.default_bundle_file;
  if (!configuration.default_bundle_file.empty()) {
    HF_TRY(policies.emplace_back(), ReadPolicy(first));
  } else if (!others.empty()) {
    policies.emplace_back(policy::DefaultBundleText());
  }
  for (const fs::path& file : others) {
    std::error_code ignored;
    if (fs::equivalent(file, first, ignored)) continue;
    HF_TRY(policies.emplace_back(), ReadPolicy(file));
  }
  return policies;
}

}  // namespace

std::int64_t CompressedBytesMax(const config::Configuration& configuration) {
  const std::int64_t mb = configuration.max_compressed_image_size_mb;
  return mb < 0 ? -1 : mb * 1'000'000;
}

service::WatcherOptions WatcherOptionsOf(const config::Configuration& configuration) {
  const config::CatalogTimers& timers = configuration.catalog.cycle_timers;
  const auto ms = [](std::int64_t seconds) { return seconds * 1000; };
  return {.periods = {.tag_update = ms(timers.image_watcher),
                      .repo_update = ms(timers.repo_watcher),
                      .policy_eval = ms(timers.policy_eval),
                      .vuln_update = ms(timers.vulnerability_scan),
                      .services = ms(timers.service_watcher),
                      .image_gc = ms(timers.image_gc),
                      .import_gc = ms(timers.import_gc),
                      .event_retention = ms(timers.events_gc),
                      .archive_tasks = ms(timers.archive_tasks)},
          .compressed_bytes_max = CompressedBytesMax(configuration),
          .event_life_ms = configuration.catalog.event_log_max_retention_age_days * 86'400'000};
}

Result<service::WebhookOptions> WebhookOptionsOf(const config::Configuration& configuration) {
  const config::Webhooks& wanted = configuration.webhooks;
  service::WebhookOptions options{.username = wanted.webhook_user,
                                  .password = wanted.webhook_pass,
                                  .verify = wanted.ssl_verify,
                                  .signing_secret = wanted.signing_secret,
                                  .period_ms = configuration.catalog.cycle_timers.notifications * 1000};
  for (const auto& [name, target] : wanted.targets)
    if (!target.url.empty())
      options.targets.push_back(
          {.name = name, .url = target.url, .username = target.webhook_user, .password = target.webhook_pass});
  for (const std::string& text : configuration.ssrf_allow) {
    HF_TRY_IN("ssrf.allow", auto range, http::AddressRange::Parse(text));
    options.addresses.exceptions.push_back(range);
  }
  return options;
}

service::Logins::Options LoginOptionsOf(const config::Configuration& configuration) {
  const config::LoginThrottle& throttle = configuration.login_throttle;
  return {.failures_max = throttle.enabled ? throttle.attempts_max : 0,
          .failures_window_ms = throttle.window_seconds * 1000};
}

service::RemotePortOptions RemotePortOptionsOf(const config::Configuration& configuration) {
  const config::Analyzer& analyzer = configuration.analyzer;
  const auto first = [](std::int64_t seconds, std::int64_t otherwise) { return seconds > 0 ? seconds : otherwise; };
  const std::int64_t connect_s =
      first(analyzer.catalog_client_conn_timeout, configuration.global_client_connect_timeout);
  const std::int64_t read_s = first(analyzer.catalog_client_read_timeout, configuration.global_client_read_timeout);
  service::RemotePortOptions options{
      .url = configuration.queue_url,
      .token = configuration.internal_token,
      .tls = {.verify = configuration.internal_ssl_verify, .ca_file = configuration.internal_ssl_ca_file},
      .http = {},
      .limits = {}};
  options.http.connect_timeout_ms = first(connect_s * 1000, options.http.connect_timeout_ms);
  options.http.stall_timeout_s = first(read_s, options.http.stall_timeout_s);
  return options;
}

Result<service::MirrorFeedOptions> MirrorFeedOptionsOf(const config::Configuration& configuration, Logger& logger) {
  const config::AdvisoryMirror& mirror = configuration.advisory_mirror;
  if (mirror.key_files.empty() && !mirror.allow_unsigned)
    return Fail(ErrorKind::kInvalidInput,
                "advisory_mirror.url needs advisory_mirror.key_files: whose snapshots may be taken?");
  service::MirrorFeedOptions options{.from = mirror.url,
                                     .key_files = {mirror.key_files.begin(), mirror.key_files.end()},
                                     .allow_unsigned = mirror.allow_unsigned,
                                     .reading = {}};
  options.reading.tls.verify = configuration.policy_engine.sync_ssl_verify;
  options.reading.connect_timeout_ms = configuration.policy_engine.sync_connection_timeout_seconds * 1000;
  options.reading.stall_timeout_s = configuration.policy_engine.sync_read_timeout_seconds;
  options.reading.retries.total_ms_max = kMirrorRetriesMs;
  options.reading.logger = &logger;
  // They are read with each synchronisation, so that they can be replaced meanwhile; that they are there is told now.
  if (const auto keys = crypto::TrustedKeys::Load(options.key_files); !keys)
    logger.Warning(Format("advisory_mirror.key_files: {}", keys.error().Message()));
  return options;
}

service::AnalyzerRoleOptions AnalyzerOptionsOf(const config::Configuration& configuration, const ProcessName& name,
                                               catalog::SearchConfig searches) {
  service::AnalyzerRoleOptions options{
      .name = name.host_id,
      .base_url = name.base_url,
      .threads = static_cast<std::size_t>(std::clamp<std::int64_t>(configuration.analyzer.max_threads, 1, 64)),
      .drop_owned_packages = configuration.analyzer.enable_owned_package_filtering,
      .searches = std::move(searches)};
  options.limits.scan_time_ms_max = static_cast<std::uint64_t>(
      std::clamp<std::int64_t>(configuration.image_analyze_timeout_seconds, 1, kAnalyzeSecondsMax) * 1000);
  return options;
}

Result<ConfiguredFiles> ReadConfiguredFiles(const config::Configuration& configuration, const std::string& folder,
                                            Logger& logger) {
  ConfiguredFiles files;
  HF_TRY(files.searches, service::ReadAnalyzerConfig(configuration.analyzer.analyzer_config_file, folder, logger));
  HF_TRY(files.policies, ReadPolicies(configuration, folder, logger));
  return files;
}

}  // namespace holdfast::app
