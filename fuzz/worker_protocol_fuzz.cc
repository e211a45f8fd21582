// What a compromised worker may send to its parent: frames over a pipe, errors, greetings, slots given back. And the
// worker's half of a layer, which must not look outside of the memory either.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "sandbox/channel.h"
#include "service/layer_transfer.h"
#include "service/worker_protocol.h"

namespace {

using holdfast::Bytes;
using holdfast::sandbox::Channel;
using holdfast::service::Code;
using holdfast::service::Message;

// A channel on which these bytes arrive; what is sent goes nowhere.
std::unique_ptr<Channel> Receiving(Bytes bytes) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  if (write(ends[1], bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
  close(ends[1]);
  return std::make_unique<Channel>(ends[0], open("/dev/null", O_WRONLY | O_CLOEXEC));
}

void ReceiveAnswers(Bytes bytes) {
  const auto channel = Receiving(bytes);
  while (const auto frame = channel->Receive()) {
    if (frame->payload.size() > holdfast::sandbox::kFrameBytesMax) std::abort();
    const auto all = channel->ReceiveLong(*frame, Code(Message::kAnswerMore), Code(Message::kAnswerLast), 1000);
    if (all && all->size() > 1000) std::abort();
  }
}

void SendLayer(Bytes bytes, holdfast::MutableBytes memory) {
  const auto channel = Receiving(bytes);
  holdfast::service::LayerSender sender(*channel, memory);
  while (const auto slot = sender.AwaitSlot()) {
    if (slot->empty()) break;
    if (slot->data() < memory.data() || slot->data() + slot->size() > memory.data() + memory.size()) std::abort();
    if (!sender.SendSlot(slot->size())) std::abort();
  }
  while (sender.Receive()) {
  }
}

void ReceiveLayer(Bytes bytes, Bytes memory) {
  const auto channel = Receiving(bytes);
  const auto first = channel->Receive();
  if (!first) return;
  holdfast::service::LayerReceiver layer(*channel, memory, *first);
  while (const auto view = layer.Next()) {
    if (view->empty()) break;
    if (view->data() < memory.data() || view->data() + view->size() > memory.data() + memory.size()) std::abort();
  }
  (void)layer.Finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 60'000) return 0;  // a pipe takes 64 KiB without a reader
  const Bytes bytes(data, size);
  (void)holdfast::service::DecodeError(holdfast::AsText(bytes));
  (void)holdfast::service::DecodeHello(holdfast::AsText(bytes));
  (void)holdfast::service::DecodeDocument(holdfast::AsText(bytes));
  ReceiveAnswers(bytes);
  static std::vector<std::uint8_t> memory(holdfast::service::kSlotMemoryBytes);
  SendLayer(bytes, memory);
  ReceiveLayer(bytes, memory);
  return 0;
}
