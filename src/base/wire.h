// The compact binary form of our own values: unsigned varints (LEB128), and texts with their length in
// front. Used for layer records and for what crosses the pipe to the sandboxed worker, so the reader
// trusts nothing: it never allocates by a stated length that the input does not hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast {

class WireWriter {
 public:
  WireWriter& Unsigned(std::uint64_t value);
  WireWriter& Signed(std::int64_t value);  // zigzag
  WireWriter& Bool(bool value) { return Unsigned(value ? 1 : 0); }
  WireWriter& Text(std::string_view text);
  WireWriter& Raw(Bytes bytes);  // no length in front

  [[nodiscard]] std::size_t Size() const { return text_.size(); }
  [[nodiscard]] std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

// After the first bad read every further one answers zero or empty; check Finish once at the end.
// Views that it hands out point into the bytes it was given.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::uint64_t Unsigned();
  [[nodiscard]] std::int64_t Signed();
  [[nodiscard]] bool Bool() { return Unsigned() != 0; }
  [[nodiscard]] std::string_view Text();
  [[nodiscard]] Bytes Raw(std::size_t size);
  // A number of items that follow, each of at least `item_bytes_min` bytes: bad when they cannot fit.
  [[nodiscard]] std::uint64_t Count(std::size_t item_bytes_min);
  // A value of an enum whose last enumerator is `last`.
  template <typename Enum>
  [[nodiscard]] Enum Enumerator(Enum last) {
    const std::uint64_t value = Unsigned();
    if (value > static_cast<std::uint64_t>(last)) {
      ok_ = false;
      return Enum{};
    }
    return static_cast<Enum>(value);
  }

  [[nodiscard]] bool Ok() const { return ok_; }
  [[nodiscard]] std::string_view Rest() const { return rest_; }
  // kCorrupt "damaged <what>" when a read failed or bytes are left over.
  [[nodiscard]] Result<void> Finish(std::string_view what) const;

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace holdfast
