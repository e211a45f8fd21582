// Delivering the layers of a plan whose members can be opened in any order.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "image/plan.h"
#include "image/source.h"

namespace holdfast::image {

using OpenLayer = std::function<Result<std::unique_ptr<io::ByteSource>>(const LayerDescriptor&)>;

// Each layer once, base first, verified; those that the sink knows are left out.
[[nodiscard]] Result<void> DeliverPlanned(const Plan& plan, LayerSink& sink, const OpenLayer& open);

}  // namespace holdfast::image
