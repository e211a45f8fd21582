#include "sbom/anchore_types.h"

#include <algorithm>
#include <array>

namespace holdfast::sbom {
namespace {

struct Kind {
  std::string_view type;          // Package::type
  std::string_view content;       // content type; empty: in none
  std::string_view package_type;  // in reports; the content entries of the os type have it too
};

constexpr auto kKinds = std::to_array<Kind>({
    {"deb", "os", "dpkg"},
    {"rpm", "os", "rpm"},
    {"apk", "os", "APKG"},
    {"msrc-kb", "os", "kb"},
    {"npm", "npm", "npm"},
    {"gem", "gem", "gem"},
    {"python", "python", "python"},
    {"java-archive", "java", "java"},
    {"jenkins-plugin", "java", "java"},
    {"go-module", "go", "go"},
    {"binary", "binary", "binary"},
    {"dotnet", "", "nuget"},
    {"php-composer", "", "composer"},
});

constexpr std::array<std::string_view, 7> kContentTypes = {"os", "npm", "gem", "python", "java", "go", "binary"};

const Kind* FindKind(std::string_view type) {
  const auto* found = std::ranges::find(kKinds, type, &Kind::type);
  return found == kKinds.end() ? nullptr : found;
}

}  // namespace

std::span<const std::string_view> AnchorePackageContentTypes() { return kContentTypes; }

bool IsAnchorePackageContentType(std::string_view name) {
  return std::ranges::find(kContentTypes, name) != kContentTypes.end();
}

std::string_view AnchoreContentType(const model::Package& package) {
  const Kind* kind = FindKind(package.type);
  return kind == nullptr ? std::string_view() : kind->content;
}

std::string_view AnchorePackageType(const model::Package& package) {
  const Kind* kind = FindKind(package.type);
  return kind == nullptr ? std::string_view(package.type) : kind->package_type;
}

bool IsAnchoreOsPackage(const model::Package& package) {
  const Kind* kind = FindKind(package.type);
  if (kind != nullptr) return kind->content == "os";
  return package.ecosystem.empty() && package.language.empty();
}

}  // namespace holdfast::sbom
