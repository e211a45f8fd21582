#include <algorithm>

#include "base/format.h"
#include "model/image_analysis_wire.h"
#include "sandbox/process.h"
#include "service/analyzer.h"
#include "service/layer_transfer.h"
#include "service/worker_protocol.h"

namespace holdfast::service {
namespace {

using sandbox::Channel;
using sandbox::ChildProcess;

class SandboxedAnalyzer final : public Analyzer {
 public:
  SandboxedAnalyzer(std::string program, const Limits& limits, const catalog::SearchConfig& searches)
      : program_(std::move(program)), limits_(limits), searches_(searches), search_id_(searches.Id()) {}

  // Starts the worker if there is none. From now on it has until the deadline.
  Result<void> Start(const Deadline& deadline) {
    HF_CHECK_OK(deadline.Check());
    // Its CPU time is limited, by the time of a scan (see RunWorker), and nobody fills it up.
    if (worker_ != nullptr && !life_.Check()) worker_.reset();
    if (worker_ == nullptr) {
      if (memory_ == nullptr) {
        HF_TRY(memory_, sandbox::SharedMemory::Make(kSlotMemoryBytes));
      }
      HF_TRY(worker_, ChildProcess::Start(program_, {"__worker"}, memory_.get()));
      life_ = Deadline::After(limits_.scan_time_ms_max);
      worker_->Pipe().SetDeadline(deadline);
      if (auto greeted = Greet(); !greeted) {
        worker_.reset();
        return greeted;
      }
    }
    worker_->Pipe().SetDeadline(deadline);
    return {};
  }

  Result<std::string> AnalyzeLayer(io::ByteSource& layer, const Deadline& deadline) override {
    HF_CHECK_OK(Start(deadline));
    Channel& channel = worker_->Pipe();
    LayerSender sender(channel, memory_->Writable());
    while (true) {
      const auto slot = sender.AwaitSlot();
      if (!slot) return WorkerLost(slot.error());
      if (slot->empty()) break;  // it has given up on this layer
      const auto size = layer.ReadSome(*slot);
      if (!size) {
        Abort(sender);
        return std::unexpected(size.error());
      }
      if (*size == 0) break;
      if (const auto sent = sender.SendSlot(*size); !sent) return WorkerLost(sent.error());
    }
    if (const auto sent = channel.Send(Code(Message::kLayerEnd), {}); !sent) return WorkerLost(sent.error());
    return ReceiveLayerAnswer(sender);
  }

  Result<model::ImageAnalysis> AnalyzeImage(const std::vector<std::string>& records,
                                            const Deadline& deadline) override {
    HF_CHECK_OK(Start(deadline));
    Channel& channel = worker_->Pipe();
    for (const std::string& record : records) {
      const auto sent = channel.SendLong(Code(Message::kRecordMore), Code(Message::kRecordLast), AsBytes(record));
      if (!sent) return WorkerLost(sent.error());
    }
    if (const auto sent = channel.Send(Code(Message::kAssemble), {}); !sent) return WorkerLost(sent.error());
    HF_TRY(const std::string bytes, ReceiveAnswer(channel.Receive()));
    return model::DecodeImageAnalysis(bytes);
  }

  Result<sbom::Document> ReadDocument(std::string_view text, const Deadline& deadline) override {
    HF_CHECK_OK(Start(deadline));
    Channel& channel = worker_->Pipe();
    const auto sent = channel.SendLong(Code(Message::kDocumentMore), Code(Message::kDocumentLast), AsBytes(text));
    if (!sent) return WorkerLost(sent.error());
    HF_TRY(const std::string bytes, ReceiveAnswer(channel.Receive()));
    return DecodeDocument(bytes);
  }

  const std::string& SearchId() const override { return search_id_; }

 private:
  Result<void> Greet() {
    Channel& channel = worker_->Pipe();
    // A worker that is gone already may have said why.
    (void)channel.Send(Code(Message::kHello), AsBytes(EncodeHello({limits_, searches_})));
    const auto ready = channel.Receive();
    if (!ready && ready.error().Kind() == ErrorKind::kLimit)
      return std::unexpected(ready.error().In("starting the worker process"));
    if (!ready) return Fail(ErrorKind::kUnavailable, "the worker process " + worker_->DescribeEnd());
    if (ready->type == Code(Message::kError)) return std::unexpected(DecodeError(AsText(ready->payload)));
    if (ready->type != Code(Message::kReady)) return Fail(ErrorKind::kInternal, "the worker speaks another protocol");
    return {};
  }

  // The worker forgets the layer that it was sent; or it is lost, which matters to the next request only.
  void Abort(LayerSender& sender) {
    if (worker_->Pipe().Send(Code(Message::kLayerAbort), {}))
      (void)ReceiveLayerAnswer(sender);
    else
      worker_.reset();
  }

  Result<std::string> ReceiveLayerAnswer(LayerSender& sender) {
    auto first = sender.Receive();
    if (first && first->type == Code(Message::kGaveUp)) first = sender.Receive();
    return ReceiveAnswer(first);
  }

  Result<std::string> ReceiveAnswer(const Result<Channel::Frame>& first) {
    Channel& channel = worker_->Pipe();
    if (!first) return WorkerLost(first.error());
    if (first->type == Code(Message::kError)) return std::unexpected(DecodeError(AsText(first->payload)));
    auto answer =
        channel.ReceiveLong(*first, Code(Message::kAnswerMore), Code(Message::kAnswerLast), RecordBytesMax(limits_));
    if (!answer) return WorkerLost(answer.error());
    return answer;
  }

  // The next request starts a new worker.
  std::unexpected<Error> WorkerLost(const Error& why) {
    constexpr std::string_view kWho = "the confined process that reads the image";
    if (why.Kind() == ErrorKind::kUnavailable) {
      const std::string end = worker_->DescribeEnd();
      worker_.reset();
      return Fail(ErrorKind::kCorrupt,
                  Format("{} {}: the input is hostile, or needs more memory than allowed", kWho, end));
    }
    // It still runs, and may send for ever: it is not waited for.
    worker_.reset();
    return std::unexpected(why.In(kWho));
  }

  std::string program_;
  Limits limits_;
  catalog::SearchConfig searches_;
  std::string search_id_;
  std::unique_ptr<sandbox::SharedMemory> memory_;  // of one worker after the other
  std::unique_ptr<ChildProcess> worker_;
  Deadline life_;  // after it, the next request gets another worker
};

}  // namespace

Result<std::unique_ptr<Analyzer>> MakeAnalyzer(SandboxMode mode, const std::string& program, const Limits& limits,
                                               const catalog::SearchConfig& searches, Logger& logger) {
  if (mode == SandboxMode::kOff) return MakeLocalAnalyzer(limits, searches);
  auto sandboxed = std::make_unique<SandboxedAnalyzer>(program, limits, searches);
  const auto started = sandboxed->Start(Deadline::After(limits.scan_time_ms_max));
  if (started) return sandboxed;
  if (mode == SandboxMode::kRequire) return std::unexpected(started.error().In("no sandbox"));
  logger.Warning(Format("reading the image without a sandbox: {}", started.error().Message()));
  return MakeLocalAnalyzer(limits, searches);
}

}  // namespace holdfast::service
