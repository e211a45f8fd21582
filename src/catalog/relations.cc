#include "catalog/relations.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace holdfast::catalog {
namespace {

using model::Package;
using model::Relation;
using model::RelationKind;

// More edges than this say nothing to anybody, and are a way to exhaust memory.
constexpr std::size_t kRelationsMax = 2'000'000;

// Of "a.jar:b.jar" the outer one is looked for; names may hold ':' themselves, but not thousands of them.
constexpr int kColonsMax = 64;

using OwnerByPlace = std::unordered_map<vfs::SquashedTree::Place, std::uint32_t>;

// Distribution packages have no ecosystem of their own: theirs is the image's distribution.
bool IsDistroPackage(const Package& package) { return package.ecosystem.empty(); }

const model::Location* PrimaryLocation(const Package& package) {
  for (const auto& location : package.locations)
    if (location.primary) return &location;
  return nullptr;
}

// Where a language package was found; null for one of the distribution.
const model::Location* LanguageLocation(const Package& package) {
  return IsDistroPackage(package) ? nullptr : PrimaryLocation(package);
}

// Names of the files in which language packages were found, and of the archives around them: few names, in an image
// whose owned files are many.
class LanguageFileNames {
 public:
  explicit LanguageFileNames(const std::vector<Package>& packages) {
    for (const Package& package : packages) {
      const model::Location* location = LanguageLocation(package);
      if (location == nullptr) continue;
      ForEachCandidate(location->path, [this](std::string_view path) {
        names_.insert(NameOf(path));
        return true;
      });
    }
  }
  [[nodiscard]] bool IsEmpty() const { return names_.empty(); }
  [[nodiscard]] bool HasNameOf(std::string_view path) const { return names_.contains(NameOf(path)); }

  // Of "a.jar:b.jar" it is a.jar that has an owner; but a ':' may also be part of a file's name. Calls until false.
  template <typename Visit>
  static void ForEachCandidate(std::string_view path, Visit visit) {
    for (int colons = 0; colons < kColonsMax && visit(path); ++colons, path = path.substr(0, path.rfind(':')))
      if (path.find(':') == std::string_view::npos) return;
  }

 private:
  static std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

  std::unordered_set<std::string_view> names_;
};

// Package databases write paths as packaged ("lib/x"); the image may have moved them ("usr/lib/x").
OwnerByPlace IndexOwnedFiles(const std::vector<Package>& packages, const vfs::SquashedTree& tree,
                             const LanguageFileNames& names) {
  OwnerByPlace owners;
  for (std::uint32_t i = 0; i < packages.size(); ++i) {
    if (!IsDistroPackage(packages[i])) continue;
    for (const auto& file : packages[i].files) {
      if (!names.HasNameOf(file.path)) continue;
      if (const auto place = tree.Locate(file.path)) owners.try_emplace(*place, i);
    }
  }
  return owners;
}

void AddOwners(const std::vector<Package>& packages, const vfs::SquashedTree& tree, std::vector<Relation>& relations) {
  const LanguageFileNames names(packages);
  if (names.IsEmpty()) return;
  const OwnerByPlace owners = IndexOwnedFiles(packages, tree, names);
  for (std::uint32_t i = 0; i < packages.size(); ++i) {
    const model::Location* location = LanguageLocation(packages[i]);
    if (location == nullptr) continue;
    LanguageFileNames::ForEachCandidate(location->path, [&](std::string_view path) {
      const auto place = tree.Locate(path);
      const auto owner = place ? owners.find(*place) : owners.end();
      if (owner != owners.end()) relations.push_back({RelationKind::kOwns, owner->second, i});
      return owner == owners.end();
    });
  }
}

void AddContainers(const std::vector<Package>& packages, std::vector<Relation>& relations) {
  std::unordered_map<std::string_view, std::uint32_t> by_location;
  for (std::uint32_t i = 0; i < packages.size(); ++i)
    if (const auto* location = PrimaryLocation(packages[i])) by_location.try_emplace(location->path, i);
  for (std::uint32_t i = 0; i < packages.size(); ++i) {
    const auto* location = PrimaryLocation(packages[i]);
    if (location == nullptr) continue;
    std::string_view path = location->path;
    // Several packages of one archive: the first one stands for it and contains the others.
    if (const auto same = by_location.find(path); same != by_location.end() && same->second != i) {
      relations.push_back({RelationKind::kContains, same->second, i});
      continue;
    }
    for (int colons = 0; colons < kColonsMax && path.find(':') != std::string_view::npos; ++colons) {
      path = path.substr(0, path.rfind(':'));
      if (const auto outer = by_location.find(path); outer != by_location.end()) {
        relations.push_back({RelationKind::kContains, outer->second, i});
        break;
      }
    }
  }
}

class Providers {
 public:
  explicit Providers(const std::vector<Package>& packages) {
    for (std::uint32_t i = 0; i < packages.size(); ++i) {
      auto& names = by_type_[packages[i].type];
      names.try_emplace(packages[i].name, i);
    }
    // A package of that name goes before one that only provides it.
    for (std::uint32_t i = 0; i < packages.size(); ++i)
      for (const std::string& name : packages[i].provides) by_type_[packages[i].type].try_emplace(name, i);
  }

  // The first of the alternatives "a | b" that is there.
  [[nodiscard]] const std::uint32_t* Find(std::string_view type, std::string_view need) const {
    const auto names = by_type_.find(type);
    while (names != by_type_.end()) {
      const std::size_t bar = need.find('|');
      std::string_view one = need.substr(0, bar);
      while (one.starts_with(' ')) one.remove_prefix(1);
      while (one.ends_with(' ')) one.remove_suffix(1);
      if (const auto found = names->second.find(one); found != names->second.end()) return &found->second;
      if (bar == std::string_view::npos) break;
      need.remove_prefix(bar + 1);
    }
    return nullptr;
  }

 private:
  std::unordered_map<std::string_view, std::unordered_map<std::string_view, std::uint32_t>> by_type_;
};

void AddDependencies(const std::vector<Package>& packages, std::vector<Relation>& relations) {
  const Providers providers(packages);
  for (std::uint32_t i = 0; i < packages.size(); ++i)
    for (const std::string& need : packages[i].depends) {
      const std::uint32_t* found = providers.Find(packages[i].type, need);
      if (found == nullptr || *found == i) continue;
      if (relations.size() >= kRelationsMax) return;
      relations.push_back({RelationKind::kDependsOn, i, *found});
    }
}

}  // namespace

std::vector<Relation> FindRelations(const std::vector<Package>& packages, const vfs::SquashedTree& tree) {
  std::vector<Relation> relations;
  AddOwners(packages, tree, relations);
  // Only archives nest; distribution packages all share the location of their database.
  std::vector<Relation> contained;
  AddContainers(packages, contained);
  std::erase_if(contained, [&](const Relation& r) {
    return IsDistroPackage(packages[r.from]) || packages[r.from].type != packages[r.to].type;
  });
  relations.insert(relations.end(), contained.begin(), contained.end());
  AddDependencies(packages, relations);
  std::sort(relations.begin(), relations.end());
  relations.erase(std::unique(relations.begin(), relations.end()), relations.end());
  return relations;
}

}  // namespace holdfast::catalog
