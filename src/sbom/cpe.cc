#include "sbom/cpe.h"

#include <algorithm>

#include "base/text.h"
#include "sbom/syft_json.h"

namespace holdfast::sbom {
namespace {

std::string Component(std::string_view text) {
  if (text.empty()) return "*";
  std::string component;
  for (const char c : LowerCase(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    // Names have no blanks, and no bytes beyond ASCII.
    if (c == ' ' || static_cast<unsigned char>(c) >= 0x7f) {
      component += '_';
      continue;
    }
    if (!plain) component += '\\';
    component += c;
  }
  return component;
}

// The part of a name that vendors use: of "@scope/name" and "github.com/owner/name" the last segment.
std::string_view ProductOf(const model::Package& package) {
  const std::string_view name = package.name;
  if (!package.purl.name.empty() && name.ends_with(package.purl.name)) return package.purl.name;
  return name.substr(name.rfind('/') + 1);
}

}  // namespace

std::string MakeCpe(std::string_view vendor, std::string_view product, std::string_view version) {
  return "cpe:2.3:a:" + Component(vendor) + ":" + Component(product) + ":" + Component(version) + ":*:*:*:*:*:*:*";
}

std::vector<std::string> CpesOf(const model::Package& package) {
  std::vector<std::string> cpes;
  const auto stated =
      std::ranges::find(package.attributes, kCpesAttribute, &std::pair<std::string, std::string>::first);
  if (stated != package.attributes.end()) {
    for (std::string_view rest = stated->second; !rest.empty();)
      if (const std::string_view cpe = TakeUntil(rest, ' '); !cpe.empty()) cpes.emplace_back(cpe);
    return cpes;
  }
  const std::string_view product = ProductOf(package);
  // A distribution's epoch is no part of what vendors call the version.
  std::string_view version = package.version;
  if (package.ecosystem.empty() && version.find(':') != std::string_view::npos)
    version.remove_prefix(version.find(':') + 1);
  cpes.push_back(MakeCpe(product, product, version));
  return cpes;
}

}  // namespace holdfast::sbom
