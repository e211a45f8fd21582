#include "sbom/package_facts.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "model/ecosystem.h"
#include "model/maven.h"
#include "model/source_rpm.h"

namespace holdfast::sbom {
namespace {

using model::Package;

// Go's words for "built from a checkout" and for releases of the toolchain.
void NormaliseGoVersion(Package& package) {
  if (package.version == "(devel)") package.version.clear();
  if (package.name == "stdlib" && package.version.starts_with("go")) package.version.erase(0, 2);
}

bool IsEpoch(std::string_view text) {
  constexpr std::size_t kDigitsMax = 10;
  return !text.empty() && text.size() <= kDigitsMax && text != "0" &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void AddUpstream(std::string name, std::string version, Package& package) {
  if (name.empty() || (name == package.name && version.empty())) return;
  if (version == package.version) version.clear();
  package.upstreams.push_back({std::move(name), std::move(version)});
}

// A source RPM's name has no epoch: where the rest is the same, the package's own version says more.
void AddSourceRpm(const std::string& source_rpm, Package& package) {
  auto upstream = model::ParseSourceRpm(source_rpm);
  if (!upstream) return;
  const std::string_view own = package.version;
  if (own.substr(own.find(':') + 1) == upstream->version) upstream->version.clear();
  package.upstreams.push_back(*std::move(upstream));
}

void AddEpoch(std::string_view epoch, Package& package) {
  const bool has_epochs = package.version_scheme == "dpkg" || package.version_scheme == "rpm";
  if (has_epochs && IsEpoch(epoch) && !package.version.empty() && !package.version.contains(':'))
    package.version = Format("{}:{}", epoch, package.version);
}

void AddMavenNames(std::string_view group, const std::string& artifact, Package& package) {
  for (std::string& name : model::MavenAdvisoryNames(group, artifact))
    if (std::ranges::find(package.advisory_names, name) == package.advisory_names.end())
      package.advisory_names.push_back(std::move(name));
}

bool IsDatabasePath(const Package& package, std::string_view path) {
  return package.type != "deb" || (!path.contains("dpkg/info/") && !path.ends_with("/copyright"));
}

// What the qualifiers of the package URL say, where the metadata says nothing.
void CompleteFromPurl(Package& package) {
  const model::Purl& purl = package.purl;
  if (!package.ecosystem.empty() || package.version_scheme.empty()) return;
  if (package.architecture.empty()) package.architecture = purl.Qualifier("arch");
  if (package.module_label.empty()) package.module_label = purl.Qualifier("rpmmod");
  AddEpoch(purl.Qualifier("epoch"), package);
  const std::string upstream(purl.Qualifier("upstream"));
  if (!package.upstreams.empty() || upstream.empty()) return;
  if (package.type == "rpm") return AddSourceRpm(upstream, package);
  const std::size_t at = upstream.find('@');
  AddUpstream(upstream.substr(0, at), at == std::string::npos ? "" : upstream.substr(at + 1), package);
}

void SetNames(Package& package) {
  if (package.ecosystem == "Go") NormaliseGoVersion(package);
  if (package.ecosystem == "Maven" && package.advisory_names.empty())
    AddMavenNames(package.purl.name_space, package.name, package);
  if (package.ecosystem == "Packagist" && !package.purl.name_space.empty())
    package.advisory_names.push_back(package.purl.name_space + "/" + package.purl.name);
  if (package.ecosystem != "PyPI") return;
  std::string normal = model::NormalisePackageName(package.ecosystem, package.name);
  if (normal == package.name) return;
  package.provides = {normal};
  package.advisory_names = {std::move(normal)};
}

}  // namespace holdfast::sbom
