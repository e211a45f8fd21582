// Delivering the layers of a plan whose members can be opened in any order.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "image/plan.h"
#include "image/source.h"

namespace holdfast::image {

using OpenLayer = std::function<Result<std::unique_ptr<io::ByteSource>>(const LayerDescriptor&)>;

using DeliverOne = std::function<Result<void>(const LayerDescriptor&)>;

// Calls `deliver` once for each layer, base first; those that the sink knows are left out.
[[nodiscard]] Result<void> DeliverWanted(const Plan& plan, LayerSink& sink, const DeliverOne& deliver);
// The same for layers that lie in one place: opened, verified and handed over.
[[nodiscard]] Result<void> DeliverPlanned(const Plan& plan, LayerSink& sink, const OpenLayer& open);

}  // namespace holdfast::image
