// Channel: frames over a pair of pipes, between the parent and a confined worker.
//
// A frame is one byte of type, four bytes of length (little endian), and that many bytes. Neither side
// trusts the other's lengths beyond kFrameBytesMax.
//
// On descriptors that do not block, each call waits for the other side until the deadline set last, then fails with
// kLimit; the channel is of no more use then, since a frame may have passed in part.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/deadline.h"
#include "base/result.h"

namespace holdfast::sandbox {

inline constexpr std::uint32_t kFrameBytesMax = 1U << 20;

class Channel {
 public:
  // Descriptors to read from and write to; the channel closes them.
  Channel(int read_descriptor, int write_descriptor) : read_(read_descriptor), write_(write_descriptor) {}
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void SetDeadline(const Deadline& deadline) { deadline_ = deadline; }

  // Requires: payload.size() <= kFrameBytesMax. kUnavailable when the other side is gone.
  [[nodiscard]] Result<void> Send(std::uint8_t type, Bytes payload);
  // A payload of any size, as frames of type `more`, and a last one of type `last`.
  [[nodiscard]] Result<void> SendLong(std::uint8_t more, std::uint8_t last, Bytes payload);

  struct Frame {
    std::uint8_t type = 0;
    Bytes payload;  // lives until the next Receive or ReceiveLong
  };
  // The next frame; kUnavailable when the other side is gone.
  [[nodiscard]] Result<Frame> Receive();
  // The counterpart of SendLong, after its first frame was received. kLimit beyond `bytes_max`; kCorrupt for frames
  // that SendLong does not make, such as an endless row of empty ones.
  [[nodiscard]] Result<std::string> ReceiveLong(const Frame& first, std::uint8_t more, std::uint8_t last,
                                                std::uint64_t bytes_max);

 private:
  [[nodiscard]] Result<void> ReadExactly(MutableBytes into);

  int read_;
  int write_;
  Deadline deadline_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace holdfast::sandbox
