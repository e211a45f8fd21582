// Gate "dockerfile": what the Dockerfile says, or what the image's history suggests it said.
//
//   trigger                 trigger id
//   instruction             "instruction+HEALTHCHECK+not_exists", "instruction+RUN+like+<value>+<arguments>"
//   effective_user          "effective_user+root"
//   exposed_ports           "exposed_ports+22/tcp": the entry as it stands in the EXPOSE line
//   no_dockerfile_provided  "no_dockerfile_provided"
#pragma once

#include <span>
#include <string>

#include "policy/trigger.h"

namespace holdfast::policy {

[[nodiscard]] std::span<const Trigger> DockerfileTriggers();

// The user of the last stage: its last USER; else that of the earlier stage it is made FROM; else "root". With the
// group: "app:staff".
[[nodiscard]] std::string EffectiveUser(const Dockerfile& dockerfile);

}  // namespace holdfast::policy
