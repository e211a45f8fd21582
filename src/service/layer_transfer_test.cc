// Both sides of a layer's way against each other, and each against messages that the other never sends.

#include "service/layer_transfer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/wire.h"
#include "service/worker_protocol.h"
#include "support/test_support.h"

namespace holdfast::service {
namespace {

using sandbox::Channel;
using test::ExpectError;
using test::Value;

struct Transfer {
  Transfer() {
    int down[2], up[2];
    if (pipe(down) != 0 || pipe(up) != 0) std::abort();
    parent = std::make_unique<Channel>(up[0], down[1]);
    worker = std::make_unique<Channel>(down[0], up[1]);
  }
  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(kSlotMemoryBytes);
  std::unique_ptr<Channel> parent, worker;
};

void SendAll(LayerSender& sender, std::string_view layer) {
  while (!layer.empty()) {
    const MutableBytes slot = Value(sender.AwaitSlot());
    ASSERT_FALSE(slot.empty());
    const std::size_t size = std::min(slot.size(), layer.size());
    std::copy_n(layer.begin(), size, slot.begin());
    layer.remove_prefix(size);
    ASSERT_TRUE(sender.SendSlot(size));
  }
}

std::string Pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

TEST(LayerTransfer, CarriesLayersOfAllSizesOneAfterTheOther) {
  Transfer transfer;
  std::vector<std::string> layers;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, kSlotBytes, kSlotBytes + 1, kSlotMemoryBytes, 3 * kSlotMemoryBytes + 17})
    layers.push_back(Pattern(size));
  std::thread parent([&] {
    for (const std::string& layer : layers) {
      LayerSender sender(*transfer.parent, transfer.memory);
      SendAll(sender, layer);
      EXPECT_TRUE(transfer.parent->Send(Code(Message::kLayerEnd), {}));
      EXPECT_EQ(Value(sender.Receive()).type, Code(Message::kAnswerLast));
    }
  });
  for (const std::string& layer : layers) {
    LayerReceiver receiver(*transfer.worker, transfer.memory, Value(transfer.worker->Receive()));
    EXPECT_TRUE(Value(receiver.ReadText(layer.size())) == layer) << layer.size();
    EXPECT_TRUE(receiver.IsFinished());
    EXPECT_TRUE(Value(receiver.Next()).empty());
    EXPECT_TRUE(transfer.worker->Send(Code(Message::kAnswerLast), {}));
  }
  parent.join();
}

TEST(LayerTransfer, ALayerWhoseSourceFailedEndsWithAnError) {
  Transfer transfer;
  LayerSender sender(*transfer.parent, transfer.memory);
  SendAll(sender, Pattern(kSlotBytes + 5));
  EXPECT_TRUE(transfer.parent->Send(Code(Message::kLayerAbort), {}));
  LayerReceiver receiver(*transfer.worker, transfer.memory, Value(transfer.worker->Receive()));
  EXPECT_EQ(Value(receiver.Skip(kSlotBytes + 5)), kSlotBytes + 5);
  for (int i = 0; i < 2; ++i) ExpectError(receiver.Next(), ErrorKind::kUnavailable, "source of the layer failed");
  EXPECT_TRUE(receiver.IsFinished());
}

TEST(LayerTransfer, ASenderOutOfSlotsHearsThatNoMoreIsWanted) {
  Transfer transfer;
  LayerSender sender(*transfer.parent, transfer.memory);
  SendAll(sender, Pattern(kSlotMemoryBytes));
  ASSERT_TRUE(transfer.worker->Send(Code(Message::kGaveUp), {}));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(Value(sender.AwaitSlot()).empty());
  EXPECT_EQ(Value(sender.Receive()).type, Code(Message::kGaveUp));
}

TEST(LayerTransfer, ASenderWaitsNoLongerThanAWorkerLivesOrTheDeadlineAllows) {
  for (const bool lives : {true, false}) {
    Transfer transfer;
    int up[2];
    ASSERT_EQ(pipe2(up, O_NONBLOCK), 0);
    Channel silent(up[0], open("/dev/null", O_WRONLY));
    silent.SetDeadline(Deadline::After(20));
    LayerSender sender(silent, transfer.memory);
    SendAll(sender, Pattern(kSlotMemoryBytes));
    if (!lives) close(up[1]);
    ExpectError(sender.AwaitSlot(), lives ? ErrorKind::kLimit : ErrorKind::kUnavailable);
    if (lives) close(up[1]);
  }
}

TEST(LayerTransfer, ASenderTakesBackNoMoreThanItSent) {
  for (const std::size_t sent : {std::size_t{0}, kSlotsBack - 1, kSlots}) {
    Transfer transfer;
    LayerSender sender(*transfer.parent, transfer.memory);
    if (sent > 0) SendAll(sender, Pattern(sent * kSlotBytes));
    for (std::size_t i = 0; i <= sent / kSlotsBack; ++i)
      ASSERT_TRUE(transfer.worker->Send(Code(Message::kSlotsDone), {}));
    ExpectError(sender.Receive(), ErrorKind::kCorrupt, "gives back");
  }
  Transfer transfer;
  LayerSender sender(*transfer.parent, transfer.memory);
  SendAll(sender, Pattern(kSlotMemoryBytes));
  ASSERT_TRUE(transfer.worker->Send(Code(Message::kSlotsDone), AsBytes("3")));
  ExpectError(sender.AwaitSlot(), ErrorKind::kCorrupt, "gives back");
}

TEST(LayerTransfer, AReceiverRefusesSlotsOfASizeThatNoneHas) {
  const std::string sizes[] = {"", "\x01\x01", WireWriter().Unsigned(0).Take(),
                               WireWriter().Unsigned(kSlotBytes + 1).Take(), std::string(10, '\xff')};
  for (const std::string& size : sizes) {
    Transfer transfer;
    ASSERT_TRUE(transfer.parent->Send(Code(Message::kLayerSlot), AsBytes(size)));
    LayerReceiver receiver(*transfer.worker, transfer.memory, Value(transfer.worker->Receive()));
    for (int i = 0; i < 2; ++i) EXPECT_FALSE(receiver.Next());
  }
}

}  // namespace
}  // namespace holdfast::service
