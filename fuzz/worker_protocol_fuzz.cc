// What a compromised worker may send to its parent: frames over a pipe, errors, greetings.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "sandbox/channel.h"
#include "service/worker_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using holdfast::service::Code;
  using holdfast::service::Message;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)holdfast::service::DecodeError(text);
  (void)holdfast::service::DecodeHello(text);

  std::array<int, 2> ends{};
  if (size > 60'000 || pipe2(ends.data(), O_CLOEXEC) != 0) return 0;  // a pipe takes 64 KiB without a reader
  if (write(ends[1], data, size) != static_cast<ssize_t>(size)) std::abort();
  close(ends[1]);
  holdfast::sandbox::Channel channel(ends[0], ends[0]);
  while (const auto frame = channel.Receive()) {
    if (frame->payload.size() > holdfast::sandbox::kFrameBytesMax) std::abort();
    const auto all = channel.ReceiveLong(*frame, Code(Message::kAnswerMore), Code(Message::kAnswerLast), 1000);
    if (all && all->size() > 1000) std::abort();
  }
  return 0;
}
