// The analyzer role: claims images, pulls what is not known of them, analyses, hands back.
//
// Each of its threads has an analyzer (a confined worker process) of its own, so images beside each other add their
// memory up, not their risks. Leases are extended from one thread; work whose lease is lost is dropped when it is done.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "base/log.h"
#include "base/result.h"
#include "catalog/search_config.h"
#include "image/open.h"
#include "service/analyzer.h"
#include "service/work.h"

namespace holdfast::service {

struct AnalyzerRoleOptions {
  std::string name;      // host id
  std::string base_url;  // for the list of services
  std::size_t threads = 1;
  SandboxMode sandbox = SandboxMode::kAuto;
  std::string program = "/proc/self/exe";
  std::int64_t poll_ms = 1'000;
  bool drop_owned_packages = true;  // owned_packages.h
  Limits limits;                    // scan_time_ms_max: of one image; an analysis that takes longer fails
  catalog::SearchConfig searches;
  image::SourceOptions sources;  // certificates, mirrors, insecure hosts
};

// How many analyses ended how, and how long they took; for metrics.
class AnalysisObserver {
 public:
  virtual ~AnalysisObserver() = default;
  virtual void Analysed(bool success, std::int64_t milliseconds) = 0;
};

class AnalyzerRole {
 public:
  // Port, logger and observer (may be null) outlive the role.
  AnalyzerRole(AnalyzerPort& port, AnalyzerRoleOptions options, AnalysisObserver* observer, Logger& logger);
  ~AnalyzerRole() { Stop(0); }
  AnalyzerRole(const AnalyzerRole&) = delete;
  AnalyzerRole& operator=(const AnalyzerRole&) = delete;

  // kUnavailable when a sandbox is required and cannot be had.
  [[nodiscard]] Result<void> Start();
  // Claims no more; waits that long for what is under way, then hands it back.
  void Stop(std::int64_t drain_ms);

 private:
  void Work(Analyzer& analyzer);
  void KeepLeases();
  void Analyse(Analyzer& analyzer, const AnalyzeTask& task);
  [[nodiscard]] Result<model::ImageAnalysis> Pull(Analyzer& analyzer, const AnalyzeTask& task, std::int64_t& pause_ms);
  void Hold(const store::JobLease& lease);
  void Drop(const store::JobLease& lease);

  AnalyzerPort& port_;
  AnalyzerRoleOptions options_;
  AnalysisObserver* observer_;
  Logger& logger_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> abandoned_ = false;
  std::mutex mutex_;
  std::condition_variable dropped_;
  std::map<std::int64_t, std::int64_t> held_;  // job id to token
  std::vector<std::unique_ptr<Analyzer>> analyzers_;
  std::vector<std::thread> threads_;
};

}  // namespace holdfast::service
