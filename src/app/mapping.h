// From what the configuration says to what use cases take.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "catalog/search_config.h"
#include "config/config.h"
#include "service/accounts.h"
#include "service/analyzer_role.h"
#include "service/feeds.h"
#include "service/remote_port.h"
#include "service/watchers.h"
#include "service/webhooks.h"

namespace holdfast::app {

// Of an image; -1: no limit.
[[nodiscard]] std::int64_t CompressedBytesMax(const config::Configuration& configuration);
[[nodiscard]] service::WatcherOptions WatcherOptionsOf(const config::Configuration& configuration);
// kInvalidInput for an address range that is none.
[[nodiscard]] Result<service::WebhookOptions> WebhookOptionsOf(const config::Configuration& configuration);
[[nodiscard]] service::Logins::Options LoginOptionsOf(const config::Configuration& configuration);
// Of an analyzer in a process of its own.
[[nodiscard]] service::RemotePortOptions RemotePortOptionsOf(const config::Configuration& configuration);
// kInvalidInput when nothing says whose snapshots to take.
[[nodiscard]] Result<service::MirrorFeedOptions> MirrorFeedOptionsOf(const config::Configuration& configuration,
                                                                     Logger& logger);
struct ProcessName {
  std::string host_id, base_url;
};
[[nodiscard]] service::AnalyzerRoleOptions AnalyzerOptionsOf(const config::Configuration& configuration,
                                                             const ProcessName& name, catalog::SearchConfig searches);

// What the configuration names, read.
struct ConfiguredFiles {
  catalog::SearchConfig searches;     // analyzer_config_file, or the default
  std::vector<std::string> policies;  // bundles of new accounts, see service::Platform; none: the built-in one
};
// `folder`: where the configuration file lies. kInvalidInput for a file that is not there or makes no sense.
[[nodiscard]] Result<ConfiguredFiles> ReadConfiguredFiles(const config::Configuration& configuration,
                                                          const std::string& folder, Logger& logger);

}  // namespace holdfast::app
