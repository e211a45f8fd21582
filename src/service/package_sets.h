// What the database keeps of an image's packages: contexts (a package as the matcher sees it) in sets, one set for
// each layer that brought packages. The set of a base layer is the same for all images on that base, until one of
// them changes its packages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/image_analysis.h"
#include "store/analyses.h"

namespace holdfast::service {

struct PackageSet {
  struct Member {
    std::size_t context = 0;  // index in PackageSets::contexts
    std::string path;         // where the package was found
    bool owned = false;       // a distribution package owns it
  };
  std::string key;  // hash of all members
  std::vector<Member> members;
};

struct PackageSets {
  std::vector<store::NewContext> contexts;  // distinct
  std::vector<PackageSet> sets;             // base layer first; layers that brought no package have none
};
[[nodiscard]] PackageSets GroupPackages(const model::ImageAnalysis& analysis);

// An identity is an encoded image analysis of one package (and, for a package of the distribution, its distribution)
// with what matching depends on and nothing else. kCorrupt.
[[nodiscard]] Result<model::ImageAnalysis> DecodeIdentity(std::string_view identity);

// A member as stored.
struct StoredMember {
  std::int64_t context_id = 0;
  std::string path;
  bool owned = false;
  friend bool operator==(const StoredMember&, const StoredMember&) = default;
};
[[nodiscard]] std::string EncodeMembers(const std::vector<StoredMember>& members);
[[nodiscard]] Result<std::vector<StoredMember>> DecodeMembers(std::string_view bytes);

}  // namespace holdfast::service
