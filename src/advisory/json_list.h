// JSON documents that are one long list, cut into its elements: a tree of the whole takes several times the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace holdfast::advisory {

struct JsonList {
  std::vector<std::string_view> elements;  // of the text that was cut
  std::string rest;                        // the document with an empty list
};

// Cuts an object at the member `key`, which is an array; neither the elements nor the rest are parsed, only brackets
// and strings are told apart. kCorrupt where there is no such member, or brackets do not match; kLimit for more than
// `elements_max`.
[[nodiscard]] Result<JsonList> SplitJsonList(std::string_view text, std::string_view key, std::size_t elements_max);

}  // namespace holdfast::advisory
