// One product of Red Hat's documents as a package of a release.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "advisory/csaf.h"

namespace holdfast::advisory {

struct RedHatBuild {
  std::string release;       // as model::SplitEcosystem gives it
  std::string name;          // package or component
  std::string evr;           // empty: a component, whatever its version
  std::string architecture;  // "src", a machine, or empty: not stated
  std::string module_label;  // "nodejs:18"; empty: not modular
};

// "cpe:/a:redhat:rhel_eus:9.2::appstream" → "rhel_eus:9.2"; empty when it is no product of Red Hat with a version.
[[nodiscard]] std::string RedHatReleaseOf(std::string_view cpe);

// Nothing for what is no RPM package of a platform, and for what redhat.h says is left out.
[[nodiscard]] std::optional<RedHatBuild> RedHatBuildOf(const CsafItem& item);

}  // namespace holdfast::advisory
