#include "image/deliver.h"

#include <set>
#include <string>
#include <vector>

#include "image/verify.h"

namespace holdfast::image {

Result<void> DeliverWanted(const Plan& plan, LayerSink& sink, const DeliverOne& deliver) {
  std::set<std::string> seen;
  std::vector<const LayerDescriptor*> wanted;
  std::uint64_t total = 0;
  for (const LayerDescriptor& layer : plan.layers) {
    if (!seen.insert(layer.key).second || sink.IsKnown(layer)) continue;
    wanted.push_back(&layer);
    total += layer.size_bytes;
  }
  sink.ExpectBytes(total);
  for (const LayerDescriptor* layer : wanted) HF_CHECK_OK(deliver(*layer));
  return {};
}

Result<void> DeliverPlanned(const Plan& plan, LayerSink& sink, const OpenLayer& open) {
  return DeliverWanted(plan, sink, [&](const LayerDescriptor& layer) -> Result<void> {
    HF_TRY(const auto bytes, open(layer));
    return DeliverLayer(sink, layer, *bytes);
  });
}

}  // namespace holdfast::image
