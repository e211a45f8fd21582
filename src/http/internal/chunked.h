// Decoder of the chunked transfer coding (RFC 9112 section 7.1), as strict as request_head.h. Chunk extensions and
// trailers are checked for control characters and dropped; all of them together are bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/internal/request_head.h"

namespace holdfast::http {

class ChunkedDecoder {
 public:
  explicit ChunkedDecoder(std::uint64_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  // Decodes what can be, appends to `body`, and returns how much of `bytes` it took: all of it, unless Done.
  // 400 for bad framing, 413 when a chunk's length says that the body will be too long.
  [[nodiscard]] OrRefusal<std::size_t> Feed(std::string_view bytes, std::string& body);
  [[nodiscard]] bool Done() const { return state_ == State::kDone; }

 private:
  enum class State : std::uint8_t {
    kSize,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,  // of a line after the last chunk
    kTrailer,
    kTrailerLf,
    kEndLf,
    kDone,
  };
  [[nodiscard]] OrRefusal<void> Step(char c);
  [[nodiscard]] OrRefusal<void> StepSize(char c);
  [[nodiscard]] OrRefusal<void> StepText(char c, State at_cr);
  [[nodiscard]] OrRefusal<void> AfterSize();

  std::uint64_t body_bytes_max_;
  std::uint64_t decoded_ = 0;   // content of all chunks so far, by their stated lengths
  std::uint64_t left_ = 0;      // of this chunk
  std::uint64_t size_ = 0;      // as far as it is read
  std::size_t digits_ = 0;      // of size_
  std::size_t text_bytes_ = 0;  // of extensions and trailers
  State state_ = State::kSize;
};

}  // namespace holdfast::http
