// The little JSON that tokens need: one object of scalars. What nests is checked and passed over.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace holdfast::crypto::internal {

struct Nested {};  // an array or an object

// Numbers lose their fraction; beyond 2^53 they are kCorrupt.
using FlatValue = std::variant<std::nullptr_t, bool, std::int64_t, std::string, Nested>;
using FlatObject = std::map<std::string, FlatValue, std::less<>>;

// RFC 8259. kCorrupt for anything else, for a name that comes twice, for nesting deeper than 8.
[[nodiscard]] Result<FlatObject> ParseFlatJson(std::string_view text);

// A JSON string with its quotes. Requires: UTF-8.
[[nodiscard]] std::string QuoteJson(std::string_view text);

[[nodiscard]] bool IsUtf8(std::string_view text);

}  // namespace holdfast::crypto::internal
