// JSON documents whose bytes are covered by a digest must have one reading only.
#pragma once

#include <span>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "io/json.h"

namespace holdfast::image {

// Parses an object within document_bytes_max and document_depth_max. kCorrupt also for duplicate keys at
// any depth, and for keys of the top level that are one of `known` but for their case.
[[nodiscard]] Result<io::JsonDocument> ParseStrictJson(std::string_view text, std::span<const std::string_view> known,
                                                       const Limits& limits);

}  // namespace holdfast::image
