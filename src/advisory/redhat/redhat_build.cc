// The package URL says all; where a document has none, the product id is read, which is the build's name:
// "openssl-1:3.0.7-27.el9.x86_64", and "…::nodejs:18" behind it for a module.

#include "advisory/redhat/redhat_build.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "model/ecosystem.h"
#include "model/purl.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kNameBytesMax = 512;
// Of a package URL, CPE or id: many products may refer to one.
constexpr std::size_t kIdentifierBytesMax = 2048;

bool IsNumber(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "nodejs:18:8090020230718160521:a75119d5" → "nodejs:18".
std::string LabelOf(std::string_view module) {
  const std::size_t colon = module.find(':');
  if (colon == std::string_view::npos) return std::string(module);
  return std::string(module.substr(0, module.find(':', colon + 1)));
}

bool IsFlatpak(std::string_view label) {
  return !label.empty() && (!label.contains(':') || label.ends_with(":flatpak"));
}

// The version of a module is its stream and build: "3.9-8040020240902080505.63cd9eba".
bool IsModuleBuild(std::string_view evr) {
  constexpr std::size_t kStampBytes = 19;
  const std::string_view release = evr.substr(std::min(evr.size(), evr.rfind('-') + 1));
  const std::size_t dot = release.find('.');
  return dot != std::string_view::npos && dot >= kStampBytes && IsNumber(release.substr(0, dot)) &&
         release.size() == dot + 9;
}

bool IsDebugging(std::string_view name) {
  return name.ends_with("-debuginfo") || name.ends_with("-debugsource") || name.contains("-debuginfo-");
}

// Epoch 0 is not written.
std::string Evr(std::string_view epoch, std::string_view version) {
  if (version.empty() || epoch.empty() || epoch == "0") return std::string(version);
  return Format("{}:{}", epoch, version);
}

std::optional<RedHatBuild> FromPurl(std::string_view text) {
  if (text.size() > kIdentifierBytesMax) return std::nullopt;
  const auto purl = model::Purl::Parse(text);
  if (!purl || purl->type != "rpm") return std::nullopt;
  RedHatBuild build;
  build.name = purl->name;
  build.evr = Evr(purl->Qualifier("epoch"), purl->version);
  build.architecture = purl->Qualifier("arch");
  build.module_label = LabelOf(purl->Qualifier("rpmmod"));
  return build;
}

std::optional<RedHatBuild> FromNevra(std::string_view id) {
  if (id.size() > kIdentifierBytesMax) return std::nullopt;
  RedHatBuild build;
  if (const std::size_t module = id.find("::"); module != std::string_view::npos) {
    build.module_label = LabelOf(id.substr(module + 2));
    id = id.substr(0, module);
  }
  const std::size_t colon = id.find(':');
  const std::size_t dash = id.substr(0, colon).rfind('-');
  const std::size_t dot = id.rfind('.');
  if (colon == std::string_view::npos || dash == std::string_view::npos || dot == std::string_view::npos || dot < colon)
    return std::nullopt;
  const std::string_view epoch = id.substr(dash + 1, colon - dash - 1);
  const std::string_view version = id.substr(colon + 1, dot - colon - 1);
  if (!IsNumber(epoch) || !version.contains('-')) return std::nullopt;
  build.name = id.substr(0, dash);
  build.evr = Evr(epoch, version);
  build.architecture = id.substr(dot + 1);
  return build;
}

// A module that stands between package and platform: "pkg:rpmmod/redhat/nodejs@18:8090…:a75119d5".
std::string LabelOfContainer(const CsafProduct& container) {
  if (!container.purl.starts_with("pkg:rpmmod/") || container.purl.size() > kIdentifierBytesMax) return {};
  const auto purl = model::Purl::Parse(container.purl);
  return purl ? LabelOf(Format("{}:{}", purl->name, purl->version)) : std::string();
}

}  // namespace

std::string RedHatReleaseOf(std::string_view cpe) {
  for (const std::string_view prefix : {"cpe:/o:redhat:", "cpe:/a:redhat:"}) {
    if (!cpe.starts_with(prefix)) continue;
    const std::string_view product = cpe.substr(prefix.size());
    if (product.size() > kNameBytesMax || !product.contains(':')) return {};
    return model::SplitEcosystem(Format("Red Hat:{}", product)).release;
  }
  return {};
}

std::optional<RedHatBuild> RedHatBuildOf(const CsafItem& item) {
  std::string release = RedHatReleaseOf(item.platform.cpe);
  if (release.empty()) return std::nullopt;
  auto build = item.component.purl.empty() ? FromNevra(item.component.id) : FromPurl(item.component.purl);
  if (!build || build->name.empty() || build->module_label.size() > kNameBytesMax ||
      build->name.size() > kNameBytesMax || build->evr.size() > kNameBytesMax)
    return std::nullopt;
  build->release = std::move(release);
  if (build->module_label.empty()) build->module_label = LabelOfContainer(item.container);
  if (IsFlatpak(build->module_label) || IsModuleBuild(build->evr) || IsDebugging(build->name)) return std::nullopt;
  return build;
}

}  // namespace holdfast::advisory
