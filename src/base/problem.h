// Problem: something that was wrong with the input and was survived. Problems travel with the result,
// so that a partial answer always says what is missing from it.
#pragma once

#include <string>

#include "base/error.h"

namespace holdfast {

struct Problem {
  std::string path;  // the file (or archive member, "a.jar:b.jar") it is about; empty: the whole layer or image
  ErrorKind kind = ErrorKind::kCorrupt;
  std::string message;

  friend bool operator==(const Problem&, const Problem&) = default;
};

// kUnsupported, kCorrupt and kLimit mean that content was not looked at, so the result is partial.
[[nodiscard]] inline bool MakesPartial(const Problem& problem) {
  return problem.kind == ErrorKind::kCorrupt || problem.kind == ErrorKind::kLimit ||
         problem.kind == ErrorKind::kUnsupported;
}

}  // namespace holdfast
