// Work for analyzers: which image to analyse, with what is needed to pull it, and the way back for what was found.
//
// AnalyzerPort is all that an analyzer knows of the platform. In one process it is LocalAnalyzerPort; an analyzer in a
// process of its own speaks to the queue role over HTTP (api/internal) and reaches a LocalAnalyzerPort there. So an
// analyzer needs no database, no object store and no long-lived secret.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/error.h"
#include "base/result.h"
#include "model/image_analysis.h"
#include "service/platform.h"
#include "service/record_store.h"
#include "service/registries.h"
#include "store/jobs.h"

namespace holdfast::service {

// The kind of job that an image's analysis is; its key is the image's row.
inline constexpr std::string_view kAnalyzeJob = "analyze";

// One image to analyse. Holds a credential: never logged, never stored.
struct AnalyzeTask {
  store::JobLease lease;
  std::int64_t image_row = 0;
  std::string reference;  // "registry/repository@sha256:…"
  Digest digest;
  RegistryLogin login;
  std::string request_id;  // that asked for the image; empty: none, or not known
};

// What came of a task.
struct Completion {
  AnalyzeTask task;
  model::ImageAnalysis analysis;
};

// What a job of kind kAnalyzeJob carries: the image, and the request that asked for it.
[[nodiscard]] std::string AnalyzePayload(std::int64_t image_row, std::string_view request_id);

class AnalyzerPort : public RecordStore {
 public:
  // Up to `count` tasks, held for kLeaseMs unless extended.
  [[nodiscard]] virtual Result<std::vector<AnalyzeTask>> Claim(std::string_view analyzer, std::int64_t count) = 0;
  // Ids of the jobs that are lost: their work should stop.
  [[nodiscard]] virtual Result<std::vector<std::int64_t>> Extend(std::span<const store::JobLease> leases) = 0;
  // Gives tasks back that were not begun, or whose analyzer stops.
  [[nodiscard]] virtual Result<void> Return(std::span<const store::JobLease> leases) = 0;
  // Waits until there may be work, or the time is over.
  virtual void WaitForWork(std::int64_t timeout_ms) = 0;

  // For each, in order: kConflict when the lease was lost and nothing was stored, or why it could not be stored.
  // An error of the whole: nobody knows what was stored; doing it again is harmless.
  [[nodiscard]] virtual Result<std::vector<Result<void>>> CompleteAll(std::span<const Completion> done) = 0;
  [[nodiscard]] Result<void> Complete(const AnalyzeTask& task, model::ImageAnalysis analysis);
  [[nodiscard]] virtual Result<void> Fail(const AnalyzeTask& task, const Error& error) = 0;
  // The task's registry asked to be left alone for that long, at most kHostPauseMsMax: nobody asks it meanwhile, and
  // the task waits. This attempt is not counted.
  [[nodiscard]] virtual Result<void> Postpone(const AnalyzeTask& task, const Error& error, std::int64_t ms) = 0;
  // Says that the analyzer is alive, for the list of services.
  [[nodiscard]] virtual Result<void> Heartbeat(std::string_view analyzer, std::string_view base_url) = 0;
};

// How long a claim holds without being extended: a lost analyzer's work is taken over within this time.
inline constexpr std::int64_t kLeaseMs = 30'000;

class LocalAnalyzerPort final : public AnalyzerPort {
 public:
  explicit LocalAnalyzerPort(const Platform& platform) : platform_(platform) {}

  [[nodiscard]] Result<std::vector<AnalyzeTask>> Claim(std::string_view analyzer, std::int64_t count) override;
  [[nodiscard]] Result<std::vector<std::int64_t>> Extend(std::span<const store::JobLease> leases) override;
  [[nodiscard]] Result<void> Return(std::span<const store::JobLease> leases) override;
  void WaitForWork(std::int64_t timeout_ms) override;
  [[nodiscard]] Result<std::string> LoadRecord(const RecordKey& key) override;
  [[nodiscard]] Result<void> StoreRecord(const RecordKey& key, std::string_view record,
                                         std::uint64_t layer_bytes) override;
  [[nodiscard]] Result<std::vector<Result<void>>> CompleteAll(std::span<const Completion> done) override;
  [[nodiscard]] Result<void> Fail(const AnalyzeTask& task, const Error& error) override;
  [[nodiscard]] Result<void> Postpone(const AnalyzeTask& task, const Error& error, std::int64_t ms) override;
  [[nodiscard]] Result<void> Heartbeat(std::string_view analyzer, std::string_view base_url) override;

 private:
  [[nodiscard]] Result<std::vector<Result<void>>> CompleteTogether(std::span<const Completion> done);

  const Platform& platform_;
};

// A second chance for a dead job: it waits again, and so does its image. False as store::RequeueDeadJob.
[[nodiscard]] Result<bool> RequeueDead(store::Session& session, const store::DeadJob& job, std::int64_t now);

// Jobs whose workers were lost wait again; images whose analysis has failed for good are told so. Called now and then
// by the queue role. An analysis that was begun longer than `analyze_ms_max` ago is taken to be lost, even if its
// analyzer says that it is at it.
[[nodiscard]] Result<void> ReapLostWork(const Platform& platform, std::int64_t analyze_ms_max);

}  // namespace holdfast::service
