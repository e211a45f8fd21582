// Image records as Anchore's clients read them (AnchoreImage, AnchoreImageTagSummary).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"
#include "service/queue_wait.h"
#include "store/images.h"

namespace holdfast::api {

// How long images wait, by their rows; of those that are not among them nothing is said.
using Waits = std::map<std::int64_t, service::QueueWait>;

// `account`: its name.
void WriteImage(io::JsonWriter& writer, const store::Image& image, std::string_view account, const Waits& waits = {});
[[nodiscard]] std::string ImageListJson(const std::vector<store::Image>& images, std::string_view account,
                                        const Waits& waits = {});
[[nodiscard]] std::string TagSummariesJson(const std::vector<store::TagSummary>& summaries);

}  // namespace holdfast::api
