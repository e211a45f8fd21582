// All that the platform knows of an image, as policy gates want it.
#pragma once

#include <string_view>

#include "base/result.h"
#include "policy/facts.h"
#include "service/platform.h"
#include "store/accounts.h"
#include "store/images.h"

namespace holdfast::service {

// Requires: the image is analysed. `full_tag`: one of its tags, or another name to judge it by.
[[nodiscard]] Result<policy::ImageFacts> GatherFacts(const Platform& platform, const store::Account& account,
                                                     const store::Image& image, std::string_view full_tag);

// "docker.io/library/debian:12" in its parts; the tag is empty when there is none.
void SplitFullTag(std::string_view full_tag, std::string& registry, std::string& repository, std::string& tag);

}  // namespace holdfast::service
