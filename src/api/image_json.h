// Image records as Anchore's clients read them (AnchoreImage, AnchoreImageTagSummary).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"
#include "store/images.h"

namespace holdfast::api {

// `account`: its name.
void WriteImage(io::JsonWriter& writer, const store::Image& image, std::string_view account);
[[nodiscard]] std::string ImageListJson(const std::vector<store::Image>& images, std::string_view account);
[[nodiscard]] std::string TagSummariesJson(const std::vector<store::TagSummary>& summaries);

}  // namespace holdfast::api
