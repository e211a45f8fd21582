// Writing tars: ustar headers, with PAX records before them for what does not fit (POSIX.1-2017, pax).
#pragma once

#include <cstdint>
#include <string>

#include "io/tar.h"

namespace holdfast::image {

// All blocks that stand before the content of `entry`. Contents are then padded with TarPadding zeros.
[[nodiscard]] std::string TarHeader(const io::TarEntry& entry);
[[nodiscard]] std::size_t TarPadding(std::uint64_t size_bytes);
// Two blocks of zeros.
[[nodiscard]] std::string TarEnd();

}  // namespace holdfast::image
