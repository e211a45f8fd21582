#include "service/remote_port.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/request_scope.h"
#include "http/url.h"
#include "model/image_analysis_wire.h"
#include "service/port_wire.h"
#include "service/worker_protocol.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kClaimWaitMs = 2'000;
constexpr std::int64_t kPauseFirstMs = 100;
constexpr std::int64_t kPauseMaxMs = 2'000;

class RemotePort final : public AnalyzerPort {
 public:
  explicit RemotePort(const RemotePortOptions& options) : options_(options) {}

  Result<std::vector<AnalyzeTask>> Claim(std::string_view analyzer, std::int64_t count) override {
    WireWriter body = Begin();
    body.Text(analyzer).Signed(count).Signed(kClaimWaitMs);
    HF_TRY(const std::string answer, Call("claim", body.Take()));
    WireReader reader(answer);
    std::vector<AnalyzeTask> tasks;
    for (std::uint64_t left = reader.Count(40); left > 0 && reader.Ok(); --left) tasks.push_back(GetTask(reader));
    HF_CHECK_OK(reader.Finish("tasks"));
    return tasks;
  }

  Result<std::vector<std::int64_t>> Extend(std::span<const store::JobLease> leases) override {
    WireWriter body = Begin();
    PutLeases(body, leases);
    HF_TRY(const std::string answer, Call("extend", body.Take()));
    WireReader reader(answer);
    std::vector<std::int64_t> lost;
    for (std::uint64_t left = reader.Count(1); left > 0 && reader.Ok(); --left) lost.push_back(reader.Signed());
    HF_CHECK_OK(reader.Finish("lost leases"));
    return lost;
  }

  Result<void> Return(std::span<const store::JobLease> leases) override {
    WireWriter body = Begin();
    PutLeases(body, leases);
    HF_CHECK_OK(Call("return", body.Take()));
    return {};
  }

  // A claim waits on the other side, so there is nothing to wait for here.
  void WaitForWork(std::int64_t) override {}

  Result<std::string> LoadRecord(const RecordKey& key) override {
    WireWriter body = Begin();
    PutRecordKey(body, key);
    return CallPatiently("load", body.Take());
  }

  Result<void> StoreRecord(const RecordKey& key, std::string_view record, std::uint64_t layer_bytes) override {
    WireWriter body = Begin();
    PutRecordKey(body, key);
    body.Unsigned(layer_bytes).Text(record);
    HF_CHECK_OK(CallPatiently("store", body.Take()));
    return {};
  }

  Result<std::vector<Result<void>>> CompleteAll(std::span<const Completion> done) override {
    WireWriter body = Begin();
    body.Unsigned(done.size());
    for (const Completion& one : done) {
      PutTask(body, WithoutSecrets(one.task));
      body.Text(model::EncodeImageAnalysis(one.analysis));
    }
    HF_TRY(const std::string answer, CallPatiently("complete", body.Take()));
    WireReader reader(answer);
    auto outcomes = GetOutcomes(reader);
    HF_CHECK_OK(reader.Finish("outcomes"));
    if (outcomes.size() != done.size())
      return holdfast::Fail(ErrorKind::kCorrupt, "the queue answers something else than it was asked");
    return outcomes;
  }

  Result<void> Fail(const AnalyzeTask& task, const Error& error) override {
    WireWriter body = Begin();
    PutTask(body, WithoutSecrets(task));
    body.Text(EncodeError(error));
    HF_CHECK_OK(CallPatiently("fail", body.Take()));
    return {};
  }

  Result<void> Postpone(const AnalyzeTask& task, const Error& error, std::int64_t ms) override {
    WireWriter body = Begin();
    PutTask(body, WithoutSecrets(task));
    body.Text(EncodeError(error)).Signed(ms);
    HF_CHECK_OK(Call("postpone", body.Take()));
    return {};
  }

  Result<void> Heartbeat(std::string_view analyzer, std::string_view base_url) override {
    WireWriter body = Begin();
    body.Text(analyzer).Text(base_url);
    HF_CHECK_OK(Call("heartbeat", body.Take()));
    return {};
  }

 private:
  static WireWriter Begin() {
    WireWriter writer;
    writer.Unsigned(kPortVersion);
    return writer;
  }

  static AnalyzeTask WithoutSecrets(AnalyzeTask task) {
    task.login = {};
    return task;
  }

  // What was worked for is not thrown away because the queue starts anew. All of these may arrive twice.
  Result<std::string> CallPatiently(std::string_view operation, const std::string& body) {
    const Deadline deadline = Deadline::After(static_cast<std::uint64_t>(options_.patience_ms));
    for (std::int64_t pause_ms = kPauseFirstMs;; pause_ms = std::min(2 * pause_ms, kPauseMaxMs)) {
      auto answer = Call(operation, body);
      if (answer || answer.error().Kind() != ErrorKind::kUnavailable || !deadline.Check()) return answer;
      std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
    }
  }

  Result<std::string> Call(std::string_view operation, std::string body) {
    HF_TRY(auto client, TakeClient());
    http::Request request{.method = "POST",
                          .url = Format("{}{}{}", options_.url, kPortPath, operation),
                          .body = std::move(body),
                          .tls = options_.tls};
    request.headers.Add("Authorization", Format("Bearer {}", options_.token.Reveal()));
    request.headers.Add("Content-Type", "application/octet-stream");
    if (const auto id = RequestScope::Current(); !id.empty()) request.headers.Add("X-Request-Id", std::string(id));
    HF_TRY_IN("the queue", auto response, client->Send(request));
    HF_TRY(std::string answer, response.body->ReadText(4 * options_.limits.evidence_layer_bytes_max));
    response.body.reset();
    GiveBack(std::move(client));
    if (response.status == 200) return answer;
    if (response.headers.Find("Content-Type") == "application/x-holdfast-error")
      return std::unexpected(DecodeError(answer));
    return holdfast::Fail(response.status == 401 ? ErrorKind::kDenied : ErrorKind::kUnavailable,
                          Format("the queue answers {}", response.status));
  }

  Result<std::unique_ptr<http::Client>> TakeClient() {
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        auto client = std::move(idle_.back());
        idle_.pop_back();
        return client;
      }
    }
    return http::MakeCurlClient(options_.http);
  }

  void GiveBack(std::unique_ptr<http::Client> client) {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(client));
  }

  RemotePortOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<http::Client>> idle_;
};

}  // namespace

Result<std::unique_ptr<AnalyzerPort>> MakeRemotePort(const RemotePortOptions& options) {
  RemotePortOptions clean = options;
  while (clean.url.ends_with('/')) clean.url.pop_back();
  HF_CHECK_OK(http::Url::Parse(clean.url));
  return std::make_unique<RemotePort>(clean);
}

}  // namespace holdfast::service
