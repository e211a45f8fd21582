// Keys of a folder of objects in order.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "blob/object_store.h"

namespace holdfast::blob {

inline constexpr std::size_t kSegmentBytesMax = 200;  // of one file name, before its mark
inline constexpr char kFileMark = ',';
inline constexpr char kContinuedMark = '+';

// The path of a key below the folder of objects.
[[nodiscard]] std::filesystem::path PathOfKey(std::string_view key);

[[nodiscard]] Result<std::vector<ObjectInfo>> ListFolder(const std::filesystem::path& objects, std::string_view prefix,
                                                         std::string_view after, std::size_t count_max);

}  // namespace holdfast::blob
