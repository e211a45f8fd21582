// What the readers of the three forms of VEX share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"
#include "triage/vex.h"

namespace holdfast::triage {

// Gathers the statements of one document and keeps its bounds.
class VexCollector {
 public:
  explicit VexCollector(VexDocument& document) : document_(document) {}

  // One more product or subcomponent is named; kLimit.
  [[nodiscard]] Result<void> Named();
  // kLimit.
  [[nodiscard]] Result<void> Add(VexStatement statement);
  void LeaveOut(std::string why);

 private:
  VexDocument& document_;
  std::size_t named_ = 0;
};

[[nodiscard]] bool LooksLikeOpenVex(io::JsonView root);
[[nodiscard]] Result<void> ReadOpenVex(io::JsonView root, VexDocument& document);
[[nodiscard]] bool LooksLikeCycloneDx(io::JsonView root);
[[nodiscard]] Result<void> ReadCycloneDxVex(io::JsonView root, VexDocument& document);
// LooksLikeCsaf is advisory/csaf.h's.
[[nodiscard]] Result<void> ReadCsafVex(io::JsonView root, VexDocument& document);

}  // namespace holdfast::triage
