// The only list of providers.
#pragma once

#include "advisory/provider.h"

namespace holdfast::advisory {

// New ones for each build: some gather.
[[nodiscard]] Providers BuiltinProviders();

}  // namespace holdfast::advisory
