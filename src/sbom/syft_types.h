// Syft's words for kinds of packages, and what Holdfast's own catalogers set for them.
#pragma once

#include <string_view>

namespace holdfast::sbom {

struct SyftType {
  std::string_view type;            // "java-archive"; Package::type has the same words
  std::string_view purl_type;       // "maven"
  std::string_view language;        // "java"; empty for packages of distributions
  std::string_view ecosystem;       // OSV's, see model/ecosystem.h; empty: of the distribution, or none
  std::string_view version_scheme;  // see version/scheme.h; empty: versions cannot be compared
  std::string_view metadata_type;   // of the newest schema: "java-archive"

  // Can advisories be asked about it?
  [[nodiscard]] bool Matchable() const { return !version_scheme.empty(); }
};

// By the type that a document states, else by the type of its package URL, which documents that were converted from
// another format have instead; nullptr when neither is known.
[[nodiscard]] const SyftType* FindSyftType(std::string_view type, std::string_view purl_type);

}  // namespace holdfast::sbom
