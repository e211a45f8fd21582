#include "base/result.h"

#include <cstdio>

namespace holdfast {

void AssertFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "holdfast: internal error: %s does not hold (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace holdfast
