// Peak resident memory of this process over a stretch of a test.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HF_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HF_TEST_SANITIZED 1
#endif
#endif

namespace holdfast::test {

// Sanitizers keep freed memory back: what they use says nothing of what the code holds.
#ifdef HF_TEST_SANITIZED
inline constexpr bool kMemoryIsMeaningful = false;
#else
inline constexpr bool kMemoryIsMeaningful = true;
#endif

class PeakMemory {
 public:
  // Starts to measure (proc(5), "clear_refs", value 5).
  PeakMemory() {
    std::ofstream("/proc/self/clear_refs") << "5" << std::flush;
    start_ = Status("VmRSS:");
  }
  // By how much resident memory rose since then, at its highest; nothing where that cannot be known.
  [[nodiscard]] std::optional<std::uint64_t> GrowthBytes() const {
    const std::uint64_t peak = Status("VmHWM:");
    if (!kMemoryIsMeaningful || start_ == 0 || peak < start_) return std::nullopt;
    return peak - start_;
  }

 private:
  static std::uint64_t Status(const std::string& field) {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);)
      if (line.starts_with(field)) return std::stoull(line.substr(field.size())) * 1024;
    return 0;
  }

  std::uint64_t start_ = 0;
};

}  // namespace holdfast::test
