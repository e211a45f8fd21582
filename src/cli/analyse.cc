#include "cli/analyse.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/deadline.h"
#include "cli/progress_line.h"
#include "cli/target.h"
#include "image/archive_source.h"
#include "image/open.h"
#include "service/analyse_image.h"

namespace holdfast::cli {
namespace {

using model::ImageAnalysis;

constexpr std::uint64_t kDocumentWorkerBytesMax = 2 * kGiB;

Result<image::SourceOptions> SourceOptionsOf(const Options& options) {
  image::SourceOptions source;
  if (!options.platform.empty()) {
    HF_TRY(source.platform, image::Platform::Parse(options.platform));
  }
  source.excludes = options.excludes;
  source.registry.insecure_hosts = options.insecure_registries;
  source.registry.ca_file = options.ca_file;
  source.registry.certificates_folder = "/etc/docker/certs.d";
  return source;
}

// Searches cost time, so they are made only when they are asked for.
catalog::SearchConfig SearchesOf(const Options& options) {
  if (!options.secrets) return {};
  return {.secrets = catalog::DefaultSearchConfig().secrets};
}

Result<std::unique_ptr<image::Source>> OpenImage(const Options& options, const Limits& limits, Target target,
                                                 const Deadline& deadline, Logger& logger) {
  HF_TRY(auto source_options, SourceOptionsOf(options));
  source_options.deadline = deadline;
  if (target.stream == nullptr) return image::OpenSource(options.target, source_options, logger);
  return image::MakeArchiveStreamSource(std::move(target.stream), "", options.target,
                                        {.platform = source_options.platform, .limits = limits, .deadline = deadline});
}

Result<std::unique_ptr<service::Analyzer>> StartAnalyzer(const Options& options, const Limits& limits, Logger& logger) {
  return service::MakeAnalyzer(options.sandbox, "/proc/self/exe", limits, SearchesOf(options), logger);
}

Result<Analysed> AnalyseDocument(const Options& options, std::string_view text, Limits limits, const Deadline& deadline,
                                 Logger& logger) {
  // A tree of the longest document, and the packages in it, take some ten times its length.
  limits.worker_memory_bytes_max = std::max(limits.worker_memory_bytes_max, kDocumentWorkerBytesMax);
  HF_TRY(const auto analyzer, StartAnalyzer(options, limits, logger));
  HF_TRY(auto document, analyzer->ReadDocument(text, deadline));
  document.analysis.source.reference = options.target;
  if (options.secrets) logger.Warning("a document has no files that could be searched for secrets");
  if (!options.platform.empty() || !options.excludes.empty())
    logger.Warning("--platform and --exclude say nothing to a document");
  return Analysed{std::move(document.analysis), std::move(document.completeness)};
}

}  // namespace

Result<Analysed> Analyse(const Options& options, const Limits& limits, Logger& logger) {
  const Deadline deadline = Deadline::After(limits.scan_time_ms_max);
  HF_TRY(auto target, LookAtTarget(options.target, deadline));
  if (target.document) return AnalyseDocument(options, *target.document, limits, deadline, logger);
  HF_TRY(const auto analyzer, StartAnalyzer(options, limits, logger));
  const bool like_document = target.like_document;
  HF_TRY(const auto source, OpenImage(options, limits, std::move(target), deadline, logger));
  ProgressLine progress(!options.quiet && isatty(STDERR_FILENO) != 0);
  HF_TRY(auto analysis, service::AnalyseImage(*source, *analyzer, progress, deadline));
  // A list that nobody can read must not pass for a file without packages.
  if (like_document && analysis.packages.empty())
    analysis.problems.push_back(
        {{},
         ErrorKind::kUnsupported,
         "the file holds no packages, and is no document of a known format that lists packages"});
  return Analysed{std::move(analysis), std::nullopt};
}

}  // namespace holdfast::cli
