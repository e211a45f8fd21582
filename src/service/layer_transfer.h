// The bytes of a layer on their way from the parent to its worker. For service only.
//
// They go through slots of shared memory, which are used in turn; the pipe only tells of them: kLayerSlot says how many
// bytes the next slot holds, kSlotsDone that the worker is done with the oldest kSlotsBack. A slot belongs to the
// worker from the one message to the other. Each layer begins with all slots free.
//
// A worker that lies gets bytes other than the layer's, and harms nobody else. The messages that the parent has sent
// and the worker has not read fit into any pipe, so that the parent waits for nothing but a slot; there it hears
// whatever the worker has to say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "io/byte_source.h"
#include "sandbox/channel.h"

namespace holdfast::service {

inline constexpr std::size_t kSlots = 4;
inline constexpr std::size_t kSlotBytes = 256 * 1024;
inline constexpr std::size_t kSlotMemoryBytes = kSlots * kSlotBytes;
// Slots are given back by the half: the parent wakes up less often, and has the other half to fill meanwhile.
inline constexpr std::size_t kSlotsBack = kSlots / 2;
static_assert(kSlots % kSlotsBack == 0, "else each side may wait for the other");

// The parent's side of one layer. It never reads the memory, and trusts nothing that it receives.
class LayerSender {
 public:
  LayerSender(sandbox::Channel& channel, MutableBytes memory) : channel_(channel), memory_(memory) {}

  // The next slot, to be filled. Empty when the worker says something else instead: no more is wanted, and Receive
  // has it. kCorrupt for a worker that gives back what it does not have; else the errors of Channel::Receive.
  [[nodiscard]] Result<MutableBytes> AwaitSlot();
  // The slot of AwaitSlot holds this much. Requires: 0 < size <= kSlotBytes.
  [[nodiscard]] Result<void> SendSlot(std::size_t size);
  // The next message that is not about slots, with the errors of AwaitSlot.
  [[nodiscard]] Result<sandbox::Channel::Frame> Receive();

 private:
  [[nodiscard]] Result<void> Hear();

  sandbox::Channel& channel_;
  MutableBytes memory_;
  std::uint64_t sent_ = 0, back_ = 0;  // slots ever
  std::optional<sandbox::Channel::Frame> said_;
};

// The worker's side of one layer: its bytes, as views of the memory.
class LayerReceiver final : public io::ByteSource {
 public:
  // `first` is what was received of it already.
  LayerReceiver(sandbox::Channel& channel, Bytes memory, const sandbox::Channel::Frame& first)
      : channel_(channel), memory_(memory), frame_(first) {}

  [[nodiscard]] Result<Bytes> Next(std::size_t max = io::kAnySize) override;

  // Has the parent said all that it has to say of this layer?
  [[nodiscard]] bool IsFinished() const;
  // Drops the rest.
  [[nodiscard]] Result<void> Finish();

 private:
  [[nodiscard]] Result<Bytes> Slot() const;
  [[nodiscard]] Result<Bytes> AtEnd() const;
  [[nodiscard]] Result<void> GiveBack();

  sandbox::Channel& channel_;
  Bytes memory_;
  sandbox::Channel::Frame frame_;
  Bytes rest_;  // of the slot that frame_ told of
  bool holding_ = false;
  std::uint64_t done_ = 0;  // slots ever
};

}  // namespace holdfast::service
