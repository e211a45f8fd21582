// Says that the services of this process are alive.
#pragma once

#include <string>
#include <vector>

#include "service/background.h"
#include "service/platform.h"

namespace holdfast::service {

// `services` by their names in the list of services. The platform outlives the background.
void StartHeartbeats(Background& background, const Platform& platform, std::vector<std::string> services);

}  // namespace holdfast::service
