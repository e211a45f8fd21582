// SUSE's CSAF documents, a form of suse.h's.
#pragma once

#include <string>
#include <string_view>

#include "advisory/provider.h"
#include "base/result.h"
#include "io/json.h"

namespace holdfast::advisory {

[[nodiscard]] bool LooksLikeSuseCsaf(io::JsonView root);
// Gives the document's advisory. kCorrupt, kLimit as ParseCsaf, and for an id that is not SUSE's.
[[nodiscard]] Result<void> ReadSuseCsaf(io::JsonView root, AdvisorySink& sink);

struct SuseBuild {
  std::string name, version, architecture;  // the latter two empty where they are not stated
};
// "bind-9.9.4P2-0.6.1.x86_64", "ctdb-4.19.2-1.1", "ctdb" in documents that may name packages without a version.
// kCorrupt.
[[nodiscard]] Result<SuseBuild> ParseSuseBuild(std::string_view id, bool with_version);

}  // namespace holdfast::advisory
