// Result<T>: a value or an Error. HF_TRY passes errors up:
//
//   HF_TRY(auto header, ReadHeader(source));          // declares header, or returns the error
//   HF_TRY_IN("reading header", header, Read());      // the same, adding a context frame
//   HF_CHECK_OK(sink.Flush());                        // for Result<void>
#pragma once

#include <cstdlib>
#include <expected>
#include <string>
#include <utility>

#include "base/error.h"

namespace holdfast {

template <typename T = void>
using Result = std::expected<T, Error>;

// `return Fail(ErrorKind::kCorrupt, "…")` in any function that returns a Result.
[[nodiscard]] inline std::unexpected<Error> Fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error(kind, std::move(message)));
}

}  // namespace holdfast

#define HF_CONCAT_INNER(a, b) a##b
#define HF_CONCAT(a, b) HF_CONCAT_INNER(a, b)

#define HF_TRY_IMPL(temporary, declaration, ...)          \
  auto temporary = (__VA_ARGS__);                         \
  if (!temporary) [[unlikely]]                            \
    return std::unexpected(std::move(temporary).error()); \
  declaration = *std::move(temporary)
#define HF_TRY(declaration, ...) HF_TRY_IMPL(HF_CONCAT(hf_try_, __LINE__), declaration, __VA_ARGS__)

#define HF_TRY_IN_IMPL(temporary, frame, declaration, ...)          \
  auto temporary = (__VA_ARGS__);                                   \
  if (!temporary) [[unlikely]]                                      \
    return std::unexpected(std::move(temporary).error().In(frame)); \
  declaration = *std::move(temporary)
#define HF_TRY_IN(frame, declaration, ...) HF_TRY_IN_IMPL(HF_CONCAT(hf_try_, __LINE__), frame, declaration, __VA_ARGS__)

#define HF_CHECK_OK_IMPL(temporary, ...)                         \
  do {                                                           \
    if (auto temporary = (__VA_ARGS__); !temporary) [[unlikely]] \
      return std::unexpected(std::move(temporary).error());      \
  } while (false)
// The argument may be a lambda that uses the macro itself.
#define HF_CHECK_OK(...) HF_CHECK_OK_IMPL(HF_CONCAT(hf_status_, __COUNTER__), __VA_ARGS__)

// A broken invariant is our bug: it ends the process (or the sandboxed worker) at once.
#define HF_ASSERT(condition) ((condition) ? void(0) : ::holdfast::AssertFailed(#condition, __FILE__, __LINE__))

namespace holdfast {
[[noreturn]] void AssertFailed(const char* condition, const char* file, int line);
}  // namespace holdfast
