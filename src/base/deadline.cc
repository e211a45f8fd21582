#include "base/deadline.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/format.h"

namespace holdfast {
namespace {

// More than any machine runs, and far from where adding to the clock overflows.
constexpr std::uint64_t kAllowedMsMax = 100ULL * 365 * 24 * 3600 * 1000;
constexpr std::int64_t kPollMs = 60'000;

}  // namespace

Deadline Deadline::After(std::uint64_t milliseconds) {
  Deadline deadline;
  deadline.allowed_ms_ = std::min(milliseconds, kAllowedMsMax);
  deadline.at_ = Clock::now() + std::chrono::milliseconds(deadline.allowed_ms_);
  return deadline;
}

Result<void> Deadline::Check() const {
  if (!at_ || Clock::now() < *at_) return {};
  const bool whole = allowed_ms_ % 1000 == 0;
  return Fail(ErrorKind::kLimit, Format("takes longer than the {} {} that are allowed",
                                        whole ? allowed_ms_ / 1000 : allowed_ms_, whole ? "s" : "ms"));
}

std::int64_t Deadline::LeftMs(std::int64_t most) const {
  if (!at_) return most;
  // Rounded up: who waits that long finds it passed.
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*at_ - Clock::now()).count();
  return std::clamp<std::int64_t>(left, 0, most);
}

Result<void> Deadline::Await(int descriptor, short events) const {
  pollfd waiting{.fd = descriptor, .events = events, .revents = 0};
  while (true) {
    HF_CHECK_OK(Check());
    const int ready = poll(&waiting, 1, static_cast<int>(LeftMs(kPollMs)));
    if (ready > 0) return {};  // an error of the descriptor too: whoever uses it hears of it
    if (ready < 0 && errno != EINTR)
      return Fail(ErrorKind::kUnavailable, Format("cannot wait: {}", std::strerror(errno)));
  }
}

Result<void> Deadline::AwaitReadable(int descriptor) const { return Await(descriptor, POLLIN); }
Result<void> Deadline::AwaitWritable(int descriptor) const { return Await(descriptor, POLLOUT); }

}  // namespace holdfast
