#include "http/internal/chunked.h"

#include <algorithm>

#include "base/format.h"

namespace holdfast::http {
namespace {

constexpr std::size_t kTextBytesMax = 16 * 1024;
constexpr std::size_t kSizeDigitsMax = 15;  // no 64-bit number is overrun by these

std::unexpected<Refusal> BadChunk() {
  return std::unexpected(Refusal{.status = 400, .message = "the chunked body is malformed"});
}

}  // namespace

OrRefusal<std::size_t> ChunkedDecoder::Feed(std::string_view bytes, std::string& body) {
  std::size_t at = 0;
  while (at < bytes.size() && !Done()) {
    if (state_ == State::kData) {
      const std::string_view data =
          bytes.substr(at, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at)));
      body.append(data);
      at += data.size();
      left_ -= data.size();
      if (left_ == 0) state_ = State::kDataCr;
      continue;
    }
    if (auto fine = Step(bytes[at]); !fine) return std::unexpected(fine.error());
    ++at;
  }
  return at;
}

OrRefusal<void> ChunkedDecoder::Step(char c) {
  const auto expect = [&](char wanted, State next) -> OrRefusal<void> {
    if (c != wanted) return BadChunk();
    state_ = next;
    return {};
  };
  switch (state_) {
    case State::kSize: return StepSize(c);
    case State::kExtension: return StepText(c, State::kSizeLf);
    case State::kSizeLf: return c == '\n' ? AfterSize() : BadChunk();
    case State::kDataCr: return expect('\r', State::kDataLf);
    case State::kDataLf: return expect('\n', State::kSize);
    case State::kTrailerStart:
      if (c == '\r') return expect('\r', State::kEndLf);
      state_ = State::kTrailer;
      return c == ' ' || c == '\t' ? BadChunk() : StepText(c, State::kTrailerLf);
    case State::kTrailer: return StepText(c, State::kTrailerLf);
    case State::kTrailerLf: return expect('\n', State::kTrailerStart);
    case State::kEndLf: return expect('\n', State::kDone);
    case State::kData:
    case State::kDone: break;
  }
  return BadChunk();
}

OrRefusal<void> ChunkedDecoder::StepSize(char c) {
  if (const int digit = HexDigit(c); digit >= 0) {
    if (++digits_ > kSizeDigitsMax) return BadChunk();
    size_ = size_ * 16 + static_cast<std::uint64_t>(digit);
    return {};
  }
  if (digits_ == 0) return BadChunk();
  if (c == '\r') {
    state_ = State::kSizeLf;
    return {};
  }
  if (c != ';') return BadChunk();
  state_ = State::kExtension;
  return StepText(c, State::kSizeLf);
}

OrRefusal<void> ChunkedDecoder::AfterSize() {
  if (size_ > body_bytes_max_ - decoded_)
    return std::unexpected(
        Refusal{.status = 413, .message = Format("the body has more than {} bytes", body_bytes_max_)});
  decoded_ += size_;
  left_ = size_;
  state_ = size_ == 0 ? State::kTrailerStart : State::kData;
  size_ = 0;
  digits_ = 0;
  return {};
}

// A character of an extension or trailer, up to the end of its line.
OrRefusal<void> ChunkedDecoder::StepText(char c, State at_cr) {
  if (c == '\r') {
    state_ = at_cr;
    return {};
  }
  if (!IsFieldValue({&c, 1}) || ++text_bytes_ > kTextBytesMax) return BadChunk();
  return {};
}

}  // namespace holdfast::http
