// The confined side. Nothing here opens, connects or starts anything: the filter of ConfineThisProcess
// is in force before the first byte of a layer arrives.

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "model/image_analysis_wire.h"
#include "sandbox/channel.h"
#include "sandbox/confine.h"
#include "sandbox/shared_memory.h"
#include "service/analyzer.h"
#include "service/layer_transfer.h"
#include "service/worker_protocol.h"

namespace holdfast::service {
namespace {

using sandbox::Channel;

Result<void> Answer(Channel& channel, const Result<std::string>& answer) {
  if (answer) return channel.SendLong(Code(Message::kAnswerMore), Code(Message::kAnswerLast), AsBytes(*answer));
  return channel.Send(Code(Message::kError), AsBytes(EncodeError(answer.error())));
}

Result<std::string> AssembleImage(Channel& channel, Analyzer& analyzer, const Channel::Frame& first,
                                  const Limits& limits) {
  std::vector<std::string> records;
  Channel::Frame frame = first;
  while (frame.type != Code(Message::kAssemble)) {
    HF_TRY(auto record,
           channel.ReceiveLong(frame, Code(Message::kRecordMore), Code(Message::kRecordLast), RecordBytesMax(limits)));
    records.push_back(std::move(record));
    HF_TRY(frame, channel.Receive());
  }
  HF_TRY(const auto analysis, analyzer.AnalyzeImage(records, {}));
  return model::EncodeImageAnalysis(analysis);
}

Result<std::string> ReadDocument(Channel& channel, Analyzer& analyzer, const Channel::Frame& first) {
  HF_TRY(const std::string text, channel.ReceiveLong(first, Code(Message::kDocumentMore), Code(Message::kDocumentLast),
                                                     sbom::kDocumentBytesMax));
  HF_TRY(const sbom::Document document, analyzer.ReadDocument(text, {}));
  return EncodeDocument(document);
}

Result<void> Serve(Channel& channel, Bytes memory, Analyzer& analyzer, const Limits& limits) {
  while (true) {
    HF_TRY(const auto frame, channel.Receive());
    if (frame.type == Code(Message::kLayerSlot) || frame.type == Code(Message::kLayerEnd)) {
      LayerReceiver layer(channel, memory, frame);
      const auto record = analyzer.AnalyzeLayer(layer, {});
      if (!layer.IsFinished()) HF_CHECK_OK(channel.Send(Code(Message::kGaveUp), {}));
      HF_CHECK_OK(layer.Finish());
      HF_CHECK_OK(Answer(channel, record));
    } else if (frame.type == Code(Message::kDocumentMore) || frame.type == Code(Message::kDocumentLast)) {
      HF_CHECK_OK(Answer(channel, ReadDocument(channel, analyzer, frame)));
    } else {
      HF_CHECK_OK(Answer(channel, AssembleImage(channel, analyzer, frame, limits)));
    }
    // What one layer needed is given back before the next: the two never add up.
    malloc_trim(0);
  }
}

int Refuse(Channel& channel, const Error& why) {
  (void)channel.Send(Code(Message::kError), AsBytes(EncodeError(why)));
  return EXIT_FAILURE;
}

}  // namespace

int RunWorker() {
  // One heap for all threads: each further one would reserve 64 MiB of the address space allowed.
  mallopt(M_ARENA_MAX, 2);
  Channel channel(STDIN_FILENO, STDOUT_FILENO);
  const auto memory = sandbox::MapSharedMemory(kSlotMemoryBytes);
  if (!memory) return Refuse(channel, memory.error());
  const auto hello = channel.Receive();
  if (!hello || hello->type != Code(Message::kHello)) return EXIT_FAILURE;
  const auto asked = DecodeHello(AsText(hello->payload));
  if (!asked) return EXIT_FAILURE;
  const Limits* limits = &asked->limits;
  // Expressions of searches are compiled here, before anything hostile is near.
  const auto analyzer = MakeLocalAnalyzer(*limits, asked->searches, ReadAhead::kNo);
  if (!analyzer) return Refuse(channel, analyzer.error());
  // The parent ends a worker that takes too long. If the parent itself cannot: no more than what two threads use in a
  // worker's life and one more request, which is twice the time of a scan.
  const std::uint64_t cpu_seconds_max = std::max<std::uint64_t>(1, limits->scan_time_ms_max / 1000) * 4;
  const auto confined = sandbox::ConfineThisProcess(
      {.memory_bytes_max = limits->worker_memory_bytes_max, .cpu_seconds_max = cpu_seconds_max});
  if (!confined) return Refuse(channel, confined.error());
  if (!channel.Send(Code(Message::kReady), {})) return EXIT_FAILURE;
  // Ends when the parent closes its pipe; exit handlers would only try what the filter forbids.
  (void)Serve(channel, *memory, **analyzer, *limits);
  _exit(EXIT_SUCCESS);
}

}  // namespace holdfast::service
