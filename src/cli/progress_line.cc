#include "cli/progress_line.h"

#include <algorithm>
#include <cstdio>

#include "base/format.h"
#include "base/limits.h"

namespace holdfast::cli {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);

std::string Megabytes(std::uint64_t bytes) { return Format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

}  // namespace

void ProgressLine::Advance(std::uint64_t bytes) {
  done_ += bytes;
  if (!visible_ || Clock::now() - last_ < kInterval) return;
  last_ = Clock::now();
  drawn_ = true;
  std::string line = "\r\x1b[Kreading " + Megabytes(done_);
  if (total_ != 0)
    line += Format(" of {} ({} %)", Megabytes(total_), std::min<std::uint64_t>(done_ * 100 / total_, 100));
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void ProgressLine::Clear() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace holdfast::cli
