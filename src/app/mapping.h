// From what the configuration says to what use cases take.
#pragma once

#include <cstdint>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "catalog/search_config.h"
#include "config/config.h"
#include "service/watchers.h"
#include "service/webhooks.h"

namespace holdfast::app {

// Of an image; -1: no limit.
[[nodiscard]] std::int64_t CompressedBytesMax(const config::Configuration& configuration);
[[nodiscard]] service::WatcherOptions WatcherOptionsOf(const config::Configuration& configuration);
// kInvalidInput for an address range that is none.
[[nodiscard]] Result<service::WebhookOptions> WebhookOptionsOf(const config::Configuration& configuration);
// Of services.analyzer.analyzer_config_file, or the default.
// `folder`: where the configuration file lies.
[[nodiscard]] Result<catalog::SearchConfig> SearchConfigOf(const config::Configuration& configuration,
                                                           const std::string& folder, Logger& logger);

}  // namespace holdfast::app
