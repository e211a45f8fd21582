// From an analysis to findings as the command line wants them: matching, then VEX documents, ignore rules and what
// flags leave out. scan and why judge alike.
#pragma once

#include <memory>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "match/matcher.h"
#include "match/why.h"
#include "model/image_analysis.h"
#include "service/match_image.h"
#include "triage/triage.h"

namespace holdfast::cli {

class Judge {
 public:
  // Opens the snapshot and reads all documents, before anything that takes long. `code` is set with an error.
  [[nodiscard]] static Result<Judge> Open(const Options& options, Logger& logger, ExitCode& code);

  // Problems of matching are added to the analysis.
  [[nodiscard]] Result<match::MatchResult> Match(model::ImageAnalysis& analysis, const Limits& limits) const;
  [[nodiscard]] Result<match::WhyAnswer> Explain(const match::WhyQuestion& question,
                                                 const model::ImageAnalysis& analysis,
                                                 const match::MatchResult& matched) const;
  [[nodiscard]] std::string Describe() const { return database_->Describe(); }

 private:
  explicit Judge(const Options& options) : options_(&options) {}

  const Options* options_;  // they outlive it
  std::unique_ptr<service::AdvisoryDatabase> database_;
  std::vector<triage::VexDocument> documents_;
  std::vector<triage::IgnoreRule> rules_;
};

}  // namespace holdfast::cli
