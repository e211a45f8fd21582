// One artifact of a Syft document.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "io/json.h"
#include "model/package.h"

namespace holdfast::sbom {

// What artifacts share while a document is read.
struct SyftContext {
  std::unordered_map<std::string, std::uint32_t> layers;  // by what documents call them: digest or diff id
  std::size_t files_left = 2'000'000;                     // owned files, of all packages
  std::size_t names_left = 2'000'000;                     // needed and provided
  bool cut = false;                                       // something was left out for it
};

struct SyftArtifact {
  std::string id;  // by which relations name it; older documents have none
  model::Package package;
  bool source_stated = false;  // that it has no upstream is a statement
  std::string bad_purl;        // why its package URL could not be read; empty: it could, or there is none
};

// kCorrupt without a name, or without the version that a package of a distribution must have.
[[nodiscard]] Result<SyftArtifact> ReadSyftArtifact(io::JsonView artifact, SyftContext& context);

}  // namespace holdfast::sbom
