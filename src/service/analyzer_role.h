// The analyzer role: claims images, pulls what is not known of them, analyses, hands back.
//
// Each of its threads has an analyzer (a confined worker process) of its own, so images beside each other add their
// memory up, not their risks. Leases are extended from one thread; work whose lease is lost is dropped when it is done.
//
// Where images are quick, because their layers are known, a thread claims several at once and what was found goes back
// several at once, so that they cost the database little each. What is claimed and waits behind an image that turns out
// to be slow is handed back for others.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
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
#include "service/record_cache.h"
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
  // Instead of pulling the image: for tests.
  std::function<Result<model::ImageAnalysis>(const AnalyzeTask&)> analyse = nullptr;
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
  using Clock = std::chrono::steady_clock;
  // A claimed task that no thread has begun.
  struct Waiting {
    std::int64_t token = 0;
    Clock::time_point since;
  };
  // What was found and not told yet.
  struct Found {
    Completion completion;
    std::int64_t took_ms = 0;
    Clock::time_point since;
  };

  void Work(Analyzer& analyzer);
  void KeepLeases();
  void Deliver();
  [[nodiscard]] std::int64_t CountToClaim() const;
  // False: it has been handed back.
  [[nodiscard]] bool Begin(const AnalyzeTask& task);
  void Analyse(Analyzer& analyzer, const AnalyzeTask& task);
  [[nodiscard]] Result<model::ImageAnalysis> Pull(Analyzer& analyzer, const AnalyzeTask& task, std::int64_t& pause_ms);
  void Hold(const std::vector<AnalyzeTask>& tasks);
  void Drop(const store::JobLease& lease);
  // Hands back what has been waiting for that long.
  void ReturnWaiting(std::chrono::milliseconds age);
  void ExtendLeases();
  // Waits for something to tell, and a little for more; empty: the role has stopped.
  [[nodiscard]] std::vector<Found> TakeFound();
  void Tell(std::vector<Found> found);
  void Report(const Completion& done, std::int64_t took_ms, const Result<void>& told);

  AnalyzerPort& port_;
  AnalyzerRoleOptions options_;
  AnalysisObserver* observer_;
  Logger& logger_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> abandoned_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, std::int64_t> held_;  // job id to token; with what waits and what was found
  std::map<std::int64_t, Waiting> waiting_;    // by job id
  std::deque<Found> found_;
  std::size_t working_ = 0;                     // threads that may still find something
  std::atomic<std::int64_t> usual_ms_ = 1'000;  // that an image took lately
  RecordCache records_;
  std::vector<std::unique_ptr<Analyzer>> analyzers_;
  std::vector<std::thread> threads_;
};

}  // namespace holdfast::service
