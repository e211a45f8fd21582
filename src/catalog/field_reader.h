// Reads the fields of binary headers whose byte order is stated by the file.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace holdfast::catalog {

// A view of one header. A read outside of it gives 0.
class FieldReader {
 public:
  FieldReader(Bytes bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  [[nodiscard]] std::uint16_t U16(std::size_t offset) const { return Load<std::uint16_t>(offset); }
  [[nodiscard]] std::uint32_t U32(std::size_t offset) const { return Load<std::uint32_t>(offset); }
  [[nodiscard]] std::uint64_t U64(std::size_t offset) const { return Load<std::uint64_t>(offset); }
  // 8 bytes when `wide`, else 4.
  [[nodiscard]] std::uint64_t Word(std::size_t offset, bool wide) const { return wide ? U64(offset) : U32(offset); }
  [[nodiscard]] Bytes Content() const { return bytes_; }
  // The bytes of [offset, offset + size) as far as they are there.
  [[nodiscard]] FieldReader Sub(std::size_t offset, std::size_t size) const {
    if (offset > bytes_.size()) return {{}, big_endian_};
    return {bytes_.subspan(offset, size < bytes_.size() - offset ? size : bytes_.size() - offset), big_endian_};
  }
  // A name in a field of fixed width: up to the first NUL.
  [[nodiscard]] std::string_view Name(std::size_t offset, std::size_t width) const {
    const std::string_view field = AsText(Sub(offset, width).bytes_);
    return field.substr(0, field.find('\0'));
  }

 private:
  template <typename T>
  T Load(std::size_t offset) const {
    if (offset > bytes_.size() || sizeof(T) > bytes_.size() - offset) return 0;
    return big_endian_ ? LoadBig<T>(bytes_, offset) : LoadLittle<T>(bytes_, offset);
  }

  Bytes bytes_;
  bool big_endian_;
};

}  // namespace holdfast::catalog
