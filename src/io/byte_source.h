// Byte sources and sinks: the seam between whoever has bytes and whoever reads them.
//
// A ByteSource hands out views of its own buffer, so that a pipeline (file → gzip → tar → parser)
// copies nothing. A source belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/deadline.h"
#include "base/result.h"

namespace holdfast::io {

inline constexpr std::size_t kAnySize = std::numeric_limits<std::size_t>::max();

class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  // The next bytes: at least one, at most `max` (max > 0). Empty means the end, now and for ever
  // after. The view lives until the next call on this source. After an error the source is dead:
  // each later call returns an error too.
  [[nodiscard]] virtual Result<Bytes> Next(std::size_t max = kAnySize) = 0;

  // Fills `into` as far as the source lasts; the result is short only at the end.
  [[nodiscard]] Result<std::size_t> ReadSome(MutableBytes into);
  // Fills `into` whole, or fails with kCorrupt "unexpected end of data".
  [[nodiscard]] Result<void> ReadExactly(MutableBytes into);
  // The rest of the source; kLimit when it is longer than `bytes_max`.
  [[nodiscard]] Result<std::vector<std::uint8_t>> ReadAll(std::uint64_t bytes_max);
  [[nodiscard]] Result<std::string> ReadText(std::uint64_t bytes_max);
  // Drops up to `count` bytes; returns how many there were.
  [[nodiscard]] Result<std::uint64_t> Skip(std::uint64_t count);
  // Reads to the end and drops everything; returns how many bytes there were.
  [[nodiscard]] Result<std::uint64_t> Drain();
};

class ByteSink {
 public:
  ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;
  virtual ~ByteSink() = default;

  // Takes all of `bytes`, or fails.
  [[nodiscard]] virtual Result<void> Write(Bytes bytes) = 0;
  [[nodiscard]] Result<void> WriteText(std::string_view text) { return Write(AsBytes(text)); }
};

// Bytes that can be read at any offset: a file, a buffer, retained content of a tar entry.
class RandomSource {
 public:
  RandomSource() = default;
  RandomSource(const RandomSource&) = delete;
  RandomSource& operator=(const RandomSource&) = delete;
  virtual ~RandomSource() = default;

  [[nodiscard]] virtual std::uint64_t Size() const = 0;
  // Fills `into` from `offset`. kCorrupt when [offset, offset + size) is not inside the content (the
  // content lied about itself), kLimit when that range was not retained.
  [[nodiscard]] virtual Result<void> ReadAt(std::uint64_t offset, MutableBytes into) const = 0;

  // The bytes of [offset, offset + size), at most `bytes_max` of them (else kLimit).
  [[nodiscard]] Result<std::vector<std::uint8_t>> ReadRange(std::uint64_t offset, std::uint64_t size,
                                                            std::uint64_t bytes_max) const;
};

// A source over bytes that outlive it. `chunk` bounds each view: tests use it to prove that readers
// do not depend on how the bytes are cut.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(Bytes bytes, std::size_t chunk = kAnySize) : rest_(bytes), chunk_(chunk) {}
  explicit MemorySource(std::string_view text, std::size_t chunk = kAnySize) : MemorySource(AsBytes(text), chunk) {}
  [[nodiscard]] Result<Bytes> Next(std::size_t max = kAnySize) override;

 private:
  Bytes rest_;
  std::size_t chunk_;
};

// Random access to bytes that outlive it.
class MemoryRandomSource final : public RandomSource {
 public:
  explicit MemoryRandomSource(Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t Size() const override { return bytes_.size(); }
  [[nodiscard]] Result<void> ReadAt(std::uint64_t offset, MutableBytes into) const override;

 private:
  Bytes bytes_;
};

// At most `limit` bytes of `inner` (which outlives it), then the end.
class SliceSource final : public ByteSource {
 public:
  SliceSource(ByteSource& inner, std::uint64_t limit) : inner_(inner), left_(limit) {}
  [[nodiscard]] Result<Bytes> Next(std::size_t max = kAnySize) override;
  [[nodiscard]] std::uint64_t Left() const { return left_; }

 private:
  ByteSource& inner_;
  std::uint64_t left_;
};

// `inner` (which outlives it) until a deadline, then kLimit: for sources that may trickle for ever. It looks at the
// clock between views and interrupts no wait; whoever waits has the deadline too.
class DeadlineSource final : public ByteSource {
 public:
  DeadlineSource(ByteSource& inner, const Deadline& deadline) : inner_(inner), deadline_(deadline) {}
  [[nodiscard]] Result<Bytes> Next(std::size_t max = kAnySize) override;

 private:
  ByteSource& inner_;
  Deadline deadline_;
};

// Collects into a string it owns.
class StringSink final : public ByteSink {
 public:
  [[nodiscard]] Result<void> Write(Bytes bytes) override {
    text_.append(AsText(bytes));
    return {};
  }
  [[nodiscard]] const std::string& Text() const { return text_; }
  [[nodiscard]] std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace holdfast::io
