// The file that says what analyzers search for: Anchore's analyzer_config.yaml.
#pragma once

#include <filesystem>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "catalog/search_config.h"

namespace holdfast::service {

// `named` is services.analyzer.analyzer_config_file, relative to `folder`, that of the configuration; the file must
// exist. When nothing is named, analyzer_config.yaml in `folder`, or the default when there is none. What has no effect
// is logged as a warning; nothing of the patterns is.
[[nodiscard]] Result<catalog::SearchConfig> ReadAnalyzerConfig(const std::string& named,
                                                               const std::filesystem::path& folder, Logger& logger);

}  // namespace holdfast::service
