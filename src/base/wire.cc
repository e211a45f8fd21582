#include "base/wire.h"

#include "base/format.h"

namespace holdfast {

WireWriter& WireWriter::Unsigned(std::uint64_t value) {
  while (value >= 0x80) {
    text_.push_back(static_cast<char>(0x80 | (value & 0x7f)));
    value >>= 7;
  }
  text_.push_back(static_cast<char>(value));
  return *this;
}

WireWriter& WireWriter::Signed(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return Unsigned((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

WireWriter& WireWriter::Text(std::string_view text) {
  Unsigned(text.size());
  text_.append(text);
  return *this;
}

WireWriter& WireWriter::Raw(Bytes bytes) {
  text_.append(AsText(bytes));
  return *this;
}

std::uint64_t WireReader::Unsigned() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; ok_ && shift < 64; shift += 7) {
    if (rest_.empty()) break;
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) break;  // more than 64 bits
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  ok_ = false;
  return 0;
}

std::int64_t WireReader::Signed() {
  const std::uint64_t bits = Unsigned();
  return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
}

std::string_view WireReader::Text() {
  const std::uint64_t size = Unsigned();
  if (!ok_ || size > rest_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view text = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(text.size());
  return text;
}

Bytes WireReader::Raw(std::size_t size) {
  if (!ok_ || size > rest_.size()) {
    ok_ = false;
    return {};
  }
  const Bytes bytes = AsBytes(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return bytes;
}

std::uint64_t WireReader::Count(std::size_t item_bytes_min) {
  const std::uint64_t count = Unsigned();
  if (count > rest_.size() / (item_bytes_min == 0 ? 1 : item_bytes_min)) ok_ = false;
  return ok_ ? count : 0;
}

Result<void> WireReader::Finish(std::string_view what) const {
  if (!ok_ || !rest_.empty()) return Fail(ErrorKind::kCorrupt, Format("damaged {}", what));
  return {};
}

}  // namespace holdfast
