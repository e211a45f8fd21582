#include "sbom/document_builder.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/text.h"
#include "model/ecosystem.h"
#include "model/license.h"
#include "sbom/distro_name.h"
#include "sbom/package_facts.h"
#include "sbom/syft_json.h"
#include "sbom/syft_types.h"

namespace holdfast::sbom {
namespace {

using model::Package;

constexpr std::size_t kLicensesMax = 100;
constexpr std::size_t kLocationsMax = 10'000;
constexpr std::size_t kCpesMax = 200;
constexpr std::size_t kNamesMax = 100;
constexpr std::size_t kAttributesMax = 1'000;
// Records that are named when they are bad; the rest is counted.
constexpr std::uint64_t kBadRecordsNamed = 100;

// The namespace is part of the name: "@babel/core", "github.com/pkg/errors", "symfony/http-kernel".
bool HasNamespaceInName(std::string_view purl_type) {
  constexpr std::array<std::string_view, 5> kTypes = {"npm", "golang", "composer", "swift", "github"};
  return std::ranges::find(kTypes, purl_type) != kTypes.end();
}

std::string Joined(std::string_view group, std::string_view name) {
  return group.empty() ? std::string(name) : Format("{}/{}", group, name);
}

// Package URLs lose the case of names for some types, and the difference of '-', '_' and '.' for Python's: the stated
// name has them.
bool SameName(std::string_view stated, std::string_view from_purl, const model::Purl& purl) {
  if (purl.type != "pypi") return EqualsIgnoreCase(stated, from_purl);
  return model::NormalisePackageName("PyPI", stated) == model::NormalisePackageName("PyPI", from_purl);
}

std::string NameOf(const StatedPackage& stated, const model::Purl& purl) {
  const std::string name = CleanText(stated.name), group = CleanText(stated.group);
  if (purl.type.empty()) return name;
  const std::string from_purl = HasNamespaceInName(purl.type) ? Joined(purl.name_space, purl.name) : purl.name;
  if (const std::string joined = Joined(group, name); SameName(joined, from_purl, purl)) return joined;
  return SameName(name, from_purl, purl) ? name : CleanText(from_purl);
}

// Of RPM packages some documents state the version alone, and the release in the package URL only.
std::string VersionOf(const StatedPackage& stated, const model::Purl& purl) {
  std::string version = CleanText(stated.version);
  if (version == "UNKNOWN" || version == "NOASSERTION") version.clear();
  const std::string from_purl = CleanText(purl.version);
  if (version.empty() || (purl.type == "rpm" && from_purl.starts_with(version + "-"))) return from_purl;
  return version;
}

void SetType(const StatedPackage& stated, Package& package) {
  // Both names of dpkg's smaller brother, whose database has dpkg's form.
  const bool small = package.purl.type == "opkg";
  const SyftType* type = FindSyftType(CleanText(stated.type), small ? "deb" : package.purl.type);
  if (type != nullptr) {
    package.type = type->type;
    package.language = type->language;
    package.ecosystem = type->ecosystem;
    package.version_scheme = type->version_scheme;
    return;
  }
  package.type = CleanText(stated.type);
  if (package.type.empty()) package.type = package.purl.type;
  if (package.type.empty()) package.type = kUnknownType;
}

std::string SourceVersionOf(const StatedPackage& stated) {
  std::string version = CleanText(stated.source_version);
  if (!version.empty() && !stated.source_release.empty()) version += "-" + CleanText(stated.source_release);
  if (!version.empty() && !stated.source_epoch.empty() && stated.source_epoch != "0" && !version.contains(':'))
    version = CleanText(stated.source_epoch) + ":" + version;
  return version;
}

void SetSources(const StatedPackage& stated, Package& package) {
  for (const model::Upstream& upstream : stated.upstreams) {
    if (package.upstreams.size() >= kNamesMax) break;
    AddUpstream(CleanText(upstream.name), CleanText(upstream.version), package);
  }
  if (package.upstreams.empty() && !stated.source_rpm.empty()) AddSourceRpm(CleanText(stated.source_rpm), package);
  if (!package.upstreams.empty() || stated.source_name.empty()) return;
  const std::string own = package.version.substr(package.version.find(':') + 1);
  std::string version = SourceVersionOf(stated);
  if (version == own || version == package.version) version.clear();
  // An RPM's source is always told, also when it has the package's name.
  if (package.type == "rpm")
    package.upstreams.push_back({CleanText(stated.source_name), std::move(version)});
  else
    AddUpstream(CleanText(stated.source_name), std::move(version), package);
}

void SetLicenses(const StatedPackage& stated, Package& package) {
  for (const std::string& text : stated.licenses) {
    if (package.licenses.size() >= kLicensesMax) return;
    const std::string clean = CleanText(text);
    if (clean.empty()) continue;
    model::License license = model::NormaliseLicense(clean);
    if (std::ranges::find(package.licenses, license) == package.licenses.end())
      package.licenses.push_back(std::move(license));
  }
}

void SetAttributes(StatedPackage& stated, Package& package) {
  std::string cpes;
  for (std::size_t i = 0; i < std::min(stated.cpes.size(), kCpesMax); ++i)
    if (const std::string& cpe = stated.cpes[i]; cpe.starts_with("cpe:") && !cpe.contains(' '))
      cpes += (cpes.empty() ? "" : " ") + CleanText(cpe);
  for (auto& [key, value] : stated.attributes)
    if (package.attributes.size() < kAttributesMax) package.attributes.emplace_back(CleanText(key), CleanText(value));
  if (!cpes.empty()) package.attributes.emplace_back(kCpesAttribute, std::move(cpes));
  std::ranges::sort(package.attributes);
  const auto repeated = std::ranges::unique(package.attributes, {}, &std::pair<std::string, std::string>::first);
  package.attributes.erase(repeated.begin(), repeated.end());
}

void SetLocations(StatedPackage& stated, Package& package) {
  constexpr std::size_t kPathBytesMax = 4096 + 256;
  for (model::Location& location : stated.locations) {
    if (location.path.size() > kPathBytesMax) location.path.clear();
    location.path = ResolvePath({}, CleanText(location.path, kPathBytesMax));
    location.primary = IsDatabasePath(package, location.path);
  }
  for (const bool primary : {true, false})
    for (model::Location& location : stated.locations)
      if (location.primary == primary && !location.path.empty() && package.locations.size() < kLocationsMax)
        package.locations.push_back(std::move(location));
}

Package PackageOf(StatedPackage& stated, model::Purl purl) {
  Package package;
  package.purl = std::move(purl);
  package.name = NameOf(stated, package.purl);
  package.version = VersionOf(stated, package.purl);
  SetType(stated, package);
  package.cataloger = CleanText(stated.cataloger);
  package.architecture = CleanText(stated.architecture);
  package.module_label = CleanText(stated.module_label);
  package.supplier = CleanText(stated.supplier);
  package.homepage = CleanText(stated.homepage);
  AddEpoch(stated.epoch, package);
  AddEpoch(package.purl.Qualifier("epoch"), package);
  if (package.ecosystem.empty()) SetSources(stated, package);
  CompleteFromPurl(package);
  for (const std::string& name : stated.advisory_names)
    if (package.advisory_names.size() < kNamesMax) package.advisory_names.push_back(CleanText(name));
  if (package.purl.type.empty() && package.ecosystem == "Maven" && package.advisory_names.empty())
    AddMavenNames(CleanText(stated.group), package.name, package);
  SetNames(package);
  SetLicenses(stated, package);
  SetLocations(stated, package);
  SetAttributes(stated, package);
  return package;
}

}  // namespace

DocumentBuilder::DocumentBuilder(std::string format, const Limits& limits) : limits_(limits), distros_(1) {
  assessed_.format = std::move(format);
  analysis_.source.kind = "sbom";
}

void DocumentBuilder::SetTool(std::string_view name) {
  constexpr std::size_t kToolBytesMax = 200;
  if (assessed_.tool.empty()) assessed_.tool = CleanText(name, kToolBytesMax);
}

void DocumentBuilder::SetDistro(model::Distro distro) {
  if (analysis_.distro.Known()) return;
  analysis_.distro = std::move(distro);
  distro_stated_ = analysis_.distro.Known();
}

std::uint32_t DocumentBuilder::LayerOf(std::string_view diff_id) {
  if (diff_id.empty()) return 0;
  std::string id = CleanText(diff_id);
  if (const auto known = layers_.find(id); known != layers_.end()) return known->second;
  if (layers_.size() >= limits_.layers_max) return 0;
  const auto index = static_cast<std::uint32_t>(analysis_.layers.size());
  analysis_.layers.push_back({.diff_id = id});
  layers_.emplace(std::move(id), index);
  return index;
}

void DocumentBuilder::Report(ErrorKind kind, std::string message) {
  if (analysis_.problems.size() < limits_.problems_max)
    analysis_.problems.push_back({{}, kind, std::move(message)});
  else
    ++analysis_.problems_dropped;
}

void DocumentBuilder::BadRecord(const std::string& which, const Error& why) {
  if (assessed_.bad_records++ < kBadRecordsNamed) Report(why.Kind(), why.In(which).Message());
}

Result<void> DocumentBuilder::Add(StatedPackage stated, const std::string& which) {
  model::Purl purl;
  if (!stated.purl.empty()) {
    auto parsed = model::Purl::Parse(stated.purl);
    if (parsed)
      purl = *std::move(parsed);
    else
      BadRecord(which, Error(ErrorKind::kCorrupt, Format("the package URL of \"{}\": {}", CleanText(stated.name),
                                                         parsed.error().Message())));
  }
  Package package = PackageOf(stated, std::move(purl));
  if (package.name.empty()) {
    BadRecord(which, Error(ErrorKind::kCorrupt, "without a name"));
    return {};
  }
  if (!stated.layer.empty()) {
    const std::uint32_t layer = LayerOf(stated.layer);
    for (model::Location& location : package.locations) location.layer = layer;
  }
  if (!stated.owner.empty()) Relate(model::RelationKind::kOwns, std::move(stated.owner), stated.id);
  const bool source_stated = !stated.source_name.empty() || !stated.source_rpm.empty();
  return Add(std::move(stated.id), std::move(package), source_stated);
}

Result<void> DocumentBuilder::Add(std::string id, Package package, bool source_stated) {
  if (items_.size() >= limits_.packages_max)
    return Fail(ErrorKind::kLimit, Format("more than {} packages", limits_.packages_max));
  Item item{std::move(id), std::move(package), source_stated};
  item.distro = InternDistro(DistroOf(item.package.purl));
  ++distros_[item.distro].second;
  items_.push_back(std::move(item));
  return {};
}

void DocumentBuilder::Relate(model::RelationKind kind, std::string from, std::string to) {
  if (!from.empty() && !to.empty()) relations_.push_back({kind, std::move(from), std::move(to)});
}

std::size_t DocumentBuilder::InternDistro(const model::Distro& distro) {
  if (!distro.Known()) return 0;
  const auto [found, added] =
      distro_index_.try_emplace({distro.id, distro.version_id, distro.version_codename}, distros_.size());
  if (added) distros_.emplace_back(distro, 0);
  return found->second;
}

// The distribution that most packages name, unless the document names one; with what the packages know besides.
void DocumentBuilder::ChooseDistro() {
  const std::pair<model::Distro, std::uint64_t>* most = nullptr;
  for (std::size_t i = 1; i < distros_.size(); ++i) {
    const auto& one = distros_[i];
    if (analysis_.distro.Known() && one.first.id != analysis_.distro.id) continue;
    if (most == nullptr || one.second > most->second) most = &one;
  }
  if (most == nullptr) return;
  model::Distro& distro = analysis_.distro;
  if (!distro.Known())
    distro = most->first;
  else if (distro.version_id.empty() && distro.version_codename.empty())
    std::tie(distro.version_id, distro.version_codename) =
        std::tie(most->first.version_id, most->first.version_codename);
}

// Where the document names the distribution itself, the namespace of a package URL alone does not speak against it:
// Wolfi's packages are in Chainguard's images.
bool DocumentBuilder::IsOfOtherDistro(const Item& item) const {
  const model::Distro& distro = distros_[item.distro].first;
  const bool by_namespace = distro.version_id.empty() && distro.version_codename.empty();
  if (!distro.Known() || (by_namespace && distro_stated_)) return false;
  return !SameDistro(distro, analysis_.distro);
}

void DocumentBuilder::TakePackages() {
  const auto key = [](const Item& item) {
    const Package& p = item.package;
    return std::tie(p.type, p.name, p.version, p.architecture, p.locations, item.id);
  };
  std::ranges::sort(items_, [&](const Item& a, const Item& b) { return key(a) < key(b); });
  analysis_.packages.reserve(items_.size());
  for (Item& item : items_) {
    // Its versions mean nothing to the advisories of the distribution that is asked.
    const bool other = IsOfOtherDistro(item);
    if (other) item.package.version_scheme.clear();
    assessed_.other_distro.push_back(other);
    assessed_.source_stated.push_back(item.source_stated);
    analysis_.packages.push_back(std::move(item.package));
  }
}

void DocumentBuilder::ResolveRelations() {
  std::unordered_map<std::string_view, std::uint32_t> by_id;
  std::uint64_t repeated_ids = 0;
  for (std::uint32_t i = 0; i < items_.size(); ++i)
    if (!items_[i].id.empty() && !by_id.emplace(items_[i].id, i).second) ++repeated_ids;
  if (repeated_ids > 0)
    Report(ErrorKind::kCorrupt, Format("{} packages have the id of another one: relations may be wrong", repeated_ids));
  for (const StatedRelation& relation : relations_) {
    const auto from = by_id.find(relation.from), to = by_id.find(relation.to);
    if (from == by_id.end() || to == by_id.end() || from->second == to->second) continue;
    analysis_.relations.push_back({relation.kind, from->second, to->second});
  }
  std::ranges::sort(analysis_.relations);
  const auto repeated = std::ranges::unique(analysis_.relations);
  analysis_.relations.erase(repeated.begin(), repeated.end());
}

Document DocumentBuilder::Finish() {
  ChooseDistro();
  TakePackages();
  ResolveRelations();
  Completeness completeness = Assess(assessed_, limits_, analysis_);
  return {std::move(analysis_), std::move(completeness)};
}

}  // namespace holdfast::sbom
