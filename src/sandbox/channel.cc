#include "sandbox/channel.h"

#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/format.h"

namespace holdfast::sandbox {
namespace {

constexpr std::size_t kHeaderBytes = 5;

Result<void> WriteAll(int descriptor, iovec* parts, int count, const Deadline& deadline) {
  while (count > 0) {
    const ssize_t written = writev(descriptor, parts, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {
        if (auto ready = deadline.AwaitWritable(descriptor); !ready) return ready;
        continue;
      }
      return Fail(ErrorKind::kUnavailable, Format("the other process is gone: {}", std::strerror(errno)));
    }
    auto left = static_cast<std::size_t>(written);
    while (count > 0 && left >= parts->iov_len) {
      left -= parts->iov_len;
      ++parts;
      --count;
    }
    if (count > 0) {
      parts->iov_base = static_cast<std::uint8_t*>(parts->iov_base) + left;
      parts->iov_len -= left;
    }
  }
  return {};
}

}  // namespace

Channel::~Channel() {
  close(read_);
  if (write_ != read_) close(write_);
}

Result<void> Channel::Send(std::uint8_t type, Bytes payload) {
  HF_ASSERT(payload.size() <= kFrameBytesMax);
  const auto size = static_cast<std::uint32_t>(payload.size());
  std::array<std::uint8_t, kHeaderBytes> header{
      type, static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8),
      static_cast<std::uint8_t>(size >> 16), static_cast<std::uint8_t>(size >> 24)};
  // writev takes pointers to non-const, and does not write through them.
  std::array<iovec, 2> parts{iovec{header.data(), header.size()},
                             iovec{const_cast<std::uint8_t*>(payload.data()), payload.size()}};
  return WriteAll(write_, parts.data(), payload.empty() ? 1 : 2, deadline_);
}

Result<void> Channel::SendLong(std::uint8_t more, std::uint8_t last, Bytes payload) {
  while (payload.size() > kFrameBytesMax) {
    HF_CHECK_OK(Send(more, payload.first(kFrameBytesMax)));
    payload = payload.subspan(kFrameBytesMax);
  }
  return Send(last, payload);
}

Result<void> Channel::ReadExactly(MutableBytes into) {
  while (!into.empty()) {
    const ssize_t count = read(read_, into.data(), into.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {
      HF_CHECK_OK(deadline_.AwaitReadable(read_));
      continue;
    }
    if (count <= 0) return Fail(ErrorKind::kUnavailable, "the other process is gone");
    into = into.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<Channel::Frame> Channel::Receive() {
  std::array<std::uint8_t, kHeaderBytes> header{};
  HF_CHECK_OK(ReadExactly(header));
  const auto size = LoadLittle<std::uint32_t>(header, 1);
  if (size > kFrameBytesMax) return Fail(ErrorKind::kCorrupt, "a frame larger than any can be");
  buffer_.resize(size);
  HF_CHECK_OK(ReadExactly(buffer_));
  return Frame{header[0], buffer_};
}

Result<std::string> Channel::ReceiveLong(const Frame& first, std::uint8_t more, std::uint8_t last,
                                         std::uint64_t bytes_max) {
  std::string all;
  Frame frame = first;
  while (true) {
    if (frame.type != more && frame.type != last) return Fail(ErrorKind::kCorrupt, "an unexpected frame");
    if (frame.type == more && frame.payload.empty()) return Fail(ErrorKind::kCorrupt, "an empty frame");
    if (frame.payload.size() > bytes_max - all.size())
      return Fail(ErrorKind::kLimit, Format("an answer of more than {} bytes", bytes_max));
    all.append(AsText(frame.payload));
    if (frame.type == last) return all;
    HF_TRY(frame, Receive());
  }
}

}  // namespace holdfast::sandbox
