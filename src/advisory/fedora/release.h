// What Bodhi's names of releases mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/ecosystem.h"

namespace holdfast::advisory {

// "Fedora 38", "Fedora 38 Modular" → Fedora and 38; "Fedora EPEL 10.1" → EPEL and 10. Nothing for others (containers,
// flatpaks, EPEL Next, ELN).
[[nodiscard]] std::optional<model::EcosystemRelease> ParseFedoraRelease(std::string_view name);

// The fix of `evr` in that release: of "2-1.el10_1" in EPEL 10, "2-1.el10".
[[nodiscard]] std::string FedoraFix(const model::EcosystemRelease& release, std::string evr);

}  // namespace holdfast::advisory
