#include <algorithm>

#include "base/format.h"
#include "model/image_analysis_wire.h"
#include "sandbox/process.h"
#include "service/analyzer.h"
#include "service/worker_protocol.h"

namespace holdfast::service {
namespace {

using sandbox::Channel;
using sandbox::ChildProcess;

class SandboxedAnalyzer final : public Analyzer {
 public:
  SandboxedAnalyzer(std::string program, const Limits& limits, const catalog::SearchConfig& searches)
      : program_(std::move(program)), limits_(limits), searches_(searches), search_id_(searches.Id()) {}

  // Starts the worker if there is none.
  Result<void> Start() {
    if (worker_ != nullptr) return {};
    HF_TRY(auto worker, ChildProcess::Start(program_, {"__worker"}));
    HF_CHECK_OK(worker->Pipe().Send(Code(Message::kHello), AsBytes(EncodeHello({limits_, searches_}))));
    const auto ready = worker->Pipe().Receive();
    if (!ready) return Fail(ErrorKind::kUnavailable, "the worker process " + worker->DescribeEnd());
    if (ready->type == Code(Message::kError)) return std::unexpected(DecodeError(AsText(ready->payload)));
    if (ready->type != Code(Message::kReady)) return Fail(ErrorKind::kInternal, "the worker speaks another protocol");
    worker_ = std::move(worker);
    return {};
  }

  Result<std::string> AnalyzeLayer(io::ByteSource& layer) override {
    HF_CHECK_OK(Start());
    Channel& channel = worker_->Pipe();
    while (true) {
      const auto view = layer.Next(sandbox::kFrameBytesMax);
      if (!view) {
        if (!channel.Send(Code(Message::kLayerAbort), {}) || !ReceiveAnswer()) worker_.reset();
        return std::unexpected(view.error());
      }
      if (view->empty()) break;
      if (!channel.Send(Code(Message::kLayerData), *view)) return WorkerLost();
      if (channel.HasInput()) break;  // it has given up on this layer, or is gone
    }
    if (!channel.Send(Code(Message::kLayerEnd), {})) return WorkerLost();
    return ReceiveAnswer();
  }

  Result<model::ImageAnalysis> AnalyzeImage(const std::vector<std::string>& records) override {
    HF_CHECK_OK(Start());
    Channel& channel = worker_->Pipe();
    for (const std::string& record : records)
      if (!channel.SendLong(Code(Message::kRecordMore), Code(Message::kRecordLast), AsBytes(record)))
        return std::unexpected(WorkerLost().error());
    if (!channel.Send(Code(Message::kAssemble), {})) return std::unexpected(WorkerLost().error());
    HF_TRY(const std::string bytes, ReceiveAnswer());
    return model::DecodeImageAnalysis(bytes);
  }

  const std::string& SearchId() const override { return search_id_; }

 private:
  Result<std::string> ReceiveAnswer() {
    Channel& channel = worker_->Pipe();
    const auto first = channel.Receive();
    if (!first) return WorkerLost();
    if (first->type == Code(Message::kError)) return std::unexpected(DecodeError(AsText(first->payload)));
    auto answer = channel.ReceiveLong(*first, Code(Message::kAnswerMore), Code(Message::kAnswerLast),
                                      2 * limits_.evidence_layer_bytes_max);
    if (!answer) return WorkerLost();
    return answer;
  }

  // The next request starts a new worker.
  Result<std::string> WorkerLost() {
    const std::string end = worker_->DescribeEnd();
    worker_.reset();
    return Fail(
        ErrorKind::kCorrupt,
        Format("the confined process that reads the image {}: the input is hostile, or needs more memory than allowed",
               end));
  }

  std::string program_;
  Limits limits_;
  catalog::SearchConfig searches_;
  std::string search_id_;
  std::unique_ptr<ChildProcess> worker_;
};

}  // namespace

Result<std::unique_ptr<Analyzer>> MakeAnalyzer(SandboxMode mode, const std::string& program, const Limits& limits,
                                               const catalog::SearchConfig& searches, Logger& logger) {
  if (mode == SandboxMode::kOff) return MakeLocalAnalyzer(limits, searches);
  auto sandboxed = std::make_unique<SandboxedAnalyzer>(program, limits, searches);
  const auto started = sandboxed->Start();
  if (started) return sandboxed;
  if (mode == SandboxMode::kRequire) return std::unexpected(started.error().In("no sandbox"));
  logger.Warning(Format("reading the image without a sandbox: {}", started.error().Message()));
  return MakeLocalAnalyzer(limits, searches);
}

}  // namespace holdfast::service
