#include "policy/gates/builtin.h"

#include <vector>

#include "policy/gates/always.h"
#include "policy/gates/dockerfile.h"
#include "policy/gates/vulnerabilities.h"

namespace holdfast::policy {

std::span<const Trigger> BuiltinTriggers() {
  static const std::vector<Trigger> triggers = [] {
    std::vector<Trigger> all;
    for (const std::span<const Trigger> gate : {AlwaysTriggers(), DockerfileTriggers(), VulnerabilitiesTriggers()})
      all.insert(all.end(), gate.begin(), gate.end());
    return all;
  }();
  return triggers;
}

}  // namespace holdfast::policy
