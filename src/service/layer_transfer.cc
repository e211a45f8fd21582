#include "service/layer_transfer.h"

#include <algorithm>
#include <utility>

#include "base/wire.h"
#include "service/worker_protocol.h"

namespace holdfast::service {
namespace {

constexpr std::size_t SlotOffset(std::uint64_t slots_before) {
  return static_cast<std::size_t>(slots_before % kSlots) * kSlotBytes;
}

}  // namespace

Result<MutableBytes> LayerSender::AwaitSlot() {
  while (!said_ && sent_ - back_ == kSlots) HF_CHECK_OK(Hear());
  if (said_) return MutableBytes{};
  return memory_.subspan(SlotOffset(sent_), kSlotBytes);
}

Result<void> LayerSender::SendSlot(std::size_t size) {
  HF_ASSERT(size > 0 && size <= kSlotBytes);
  ++sent_;
  return channel_.Send(Code(Message::kLayerSlot), AsBytes(WireWriter().Unsigned(size).Take()));
}

Result<sandbox::Channel::Frame> LayerSender::Receive() {
  while (!said_) HF_CHECK_OK(Hear());
  return *std::exchange(said_, std::nullopt);
}

// One message: slots that come back, or something else, which is kept.
Result<void> LayerSender::Hear() {
  HF_TRY(const auto frame, channel_.Receive());
  if (frame.type != Code(Message::kSlotsDone)) {
    said_ = frame;
    return {};
  }
  if (!frame.payload.empty() || sent_ - back_ < kSlotsBack)
    return Fail(ErrorKind::kCorrupt, "it gives back memory that it does not have");
  back_ += kSlotsBack;
  return {};
}

Result<Bytes> LayerReceiver::Next(std::size_t max) {
  if (rest_.empty()) {
    if (holding_) HF_CHECK_OK(GiveBack());
    if (IsFinished()) return AtEnd();
    HF_TRY(rest_, Slot());
    holding_ = true;
  }
  const Bytes view = rest_.first(std::min(rest_.size(), max));
  rest_ = rest_.subspan(view.size());
  return view;
}

bool LayerReceiver::IsFinished() const { return frame_.type != Code(Message::kLayerSlot); }

Result<void> LayerReceiver::Finish() {
  while (!IsFinished()) {
    HF_TRY(frame_, channel_.Receive());
  }
  return {};
}

Result<Bytes> LayerReceiver::Slot() const {
  WireReader reader(AsText(frame_.payload));
  const std::uint64_t size = reader.Unsigned();
  HF_CHECK_OK(reader.Finish("size of a slot"));
  if (size == 0 || size > kSlotBytes) return Fail(ErrorKind::kInternal, "a slot of a size that none has");
  return memory_.subspan(SlotOffset(done_), static_cast<std::size_t>(size));
}

Result<Bytes> LayerReceiver::AtEnd() const {
  if (frame_.type == Code(Message::kLayerEnd)) return Bytes{};
  return Fail(ErrorKind::kUnavailable, "the source of the layer failed");
}

// The slot that was read, and then waits for the next.
Result<void> LayerReceiver::GiveBack() {
  ++done_;
  if (done_ % kSlotsBack == 0) HF_CHECK_OK(channel_.Send(Code(Message::kSlotsDone), {}));
  HF_TRY(frame_, channel_.Receive());
  holding_ = false;
  return {};
}

}  // namespace holdfast::service
