// How much memory is allocated right now, in every build: what the heap holds, not what the process keeps back.
#pragma once

#include <malloc.h>

#include <cstddef>

#include "support/peak_memory.h"

#ifdef HF_TEST_SANITIZED
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace holdfast::test {

[[nodiscard]] inline std::size_t AllocatedBytes() {
#ifdef HF_TEST_SANITIZED
  return __sanitizer_get_current_allocated_bytes();
#else
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
#endif
}

}  // namespace holdfast::test
