// A progress line on a terminal; nothing elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "service/analyse_image.h"

namespace holdfast::cli {

class ProgressLine final : public service::Progress {
 public:
  explicit ProgressLine(bool visible) : visible_(visible) {}
  ~ProgressLine() override { Clear(); }

  void Expect(std::uint64_t bytes_total) override { total_ = bytes_total; }
  void Advance(std::uint64_t bytes) override;
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool visible_;
  bool drawn_ = false;
  std::uint64_t total_ = 0, done_ = 0;
  Clock::time_point last_ = Clock::now();
};

}  // namespace holdfast::cli
