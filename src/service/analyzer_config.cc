#include "service/analyzer_config.h"

#include "io/file.h"

namespace holdfast::service {

Result<catalog::SearchConfig> ReadAnalyzerConfig(const std::string& named, const std::filesystem::path& folder,
                                                 Logger& logger) {
  const std::filesystem::path path = folder / (named.empty() ? "analyzer_config.yaml" : named);
  auto file = io::OpenFile(path);
  if (!file && named.empty() && file.error().Kind() == ErrorKind::kNotFound) return catalog::DefaultSearchConfig();
  if (!file) return std::unexpected(file.error());
  HF_TRY_IN(path.string(), const std::string text, (*file)->ReadText(kMiB));
  HF_TRY_IN(path.string(), auto parsed, catalog::ParseSearchConfig(text));
  for (const std::string& note : parsed.notes) logger.Warning(path.string() + ": " + note);
  return std::move(parsed.config);
}

}  // namespace holdfast::service
