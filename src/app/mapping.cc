#include "app/mapping.h"

#include "http/address.h"
#include "service/analyzer_config.h"

namespace holdfast::app {

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

Result<catalog::SearchConfig> SearchConfigOf(const config::Configuration& configuration, const std::string& folder,
                                             Logger& logger) {
  return service::ReadAnalyzerConfig(configuration.analyzer.analyzer_config_file, folder, logger);
}

}  // namespace holdfast::app
