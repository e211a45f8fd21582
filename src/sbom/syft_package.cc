// What a package is, beyond name and version, stands in "metadata", in a shape of its own for each kind. Where that is
// missing (documents converted from other formats), the package URL says the same in its qualifiers.
#include "sbom/syft_package.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "model/license.h"
#include "model/maven.h"
#include "sbom/package_facts.h"
#include "sbom/syft_json.h"
#include "sbom/syft_types.h"

namespace holdfast::sbom {
namespace {

using io::JsonView;
using model::Package;

constexpr std::size_t kLicensesMax = 1'000;
constexpr std::size_t kLocationsMax = 10'000;
constexpr std::size_t kCpesMax = 200;
constexpr std::size_t kSettingsMax = 1'000;

std::string Clean(JsonView value) { return CleanText(value.StringOr("")); }

std::string PathOf(JsonView value, std::string_view base = {}) {
  const std::string_view path = value.StringOr("");
  if (path.empty() || path.size() > Limits{}.path_bytes_max) return {};
  return ResolvePath(path.starts_with('/') ? std::string_view() : base, CleanText(path, Limits{}.path_bytes_max));
}

void Annotate(Package& package, std::string_view key, std::string value) {
  if (!value.empty()) package.attributes.emplace_back(key, std::move(value));
}

std::string NumberText(JsonView value) {
  const auto number = value.Integer();
  return number && *number > 0 ? Format("{}", *number) : std::string();
}

// Calls `each(key, value)` for {"key": "value"} and for [{"key": …, "value": …}].
template <typename Each>
void ForEachPair(JsonView pairs, Each each) {
  const std::size_t count = std::min(pairs.Size(), kSettingsMax);
  for (std::size_t i = 0; i < count; ++i) {
    const JsonView one = pairs.At(i);
    if (pairs.IsObject())
      each(pairs.KeyAt(i), one.StringOr(""));
    else
      each(one["key"].StringOr(""), one["value"].StringOr(""));
  }
}

// The name at the start of "libc6 (>= 2.36)", "so:libz.so.1=1.3", up to any of `ends`.
std::string NameBefore(std::string_view text, std::string_view ends) {
  return CleanText(text.substr(0, text.find_first_of(ends)));
}

// A list of needs or offers; until schema 6 Alpine's were one string.
void AddNames(JsonView list, std::string_view ends, SyftContext& context, std::vector<std::string>& names) {
  const auto add = [&](std::string_view text) {
    std::string alternatives;
    while (!text.empty()) {
      const std::string name = NameBefore(Trim(TakeUntil(text, '|')), ends);
      if (!name.empty()) alternatives += (alternatives.empty() ? "" : "|") + name;
    }
    if (alternatives.empty() || alternatives.starts_with('!')) return;
    if (context.names_left == 0) {
      context.cut = true;
      return;
    }
    --context.names_left;
    names.push_back(std::move(alternatives));
  };
  if (auto text = list.String())
    for (std::string_view rest = *text; !rest.empty();) add(TakeUntil(rest, ' '));
  if (list.IsArray())
    for (const JsonView one : list) add(one.StringOr(""));
}

// {"path", "digest": {"algorithm", "value"}}; at first "checksum", "md5" or "sha256" instead of the digest.
model::OwnedFile ReadFile(JsonView file, std::string_view base) {
  model::OwnedFile owned{PathOf(file["path"], base), LowerCase(file["digest"]["algorithm"].StringOr("")),
                         std::string(file["digest"]["value"].StringOr(""))};
  for (const auto* key : {"md5", "sha256"})
    if (owned.digest.empty() && file[key].IsString()) {
      owned.algorithm = key;
      owned.digest = file[key].StringOr("");
    }
  if (owned.digest.empty()) owned.digest = file["checksum"].StringOr("");
  if (owned.digest.starts_with("Q1")) {  // Alpine's way: SHA-1 in Base64
    const auto bytes = DecodeBase64(std::string_view(owned.digest).substr(2));
    owned.digest = bytes ? ToHex(*bytes) : std::string();
    owned.algorithm = "sha1";
  }
  owned.digest = LowerCase(owned.digest);
  if (owned.algorithm.empty() || owned.algorithm.size() > 16 || owned.digest.size() > 128 || !IsHex(owned.digest))
    owned.digest.clear();
  if (owned.digest.empty()) owned.algorithm.clear();
  return owned;
}

// Packages share folders, so their files alone are told. RPM's lists have modes; in Alpine's, folders have no digest.
bool IsFolder(JsonView file, const Package& package, const model::OwnedFile& owned) {
  constexpr std::int64_t kModeTypeMask = 0170000, kModeFolder = 0040000;
  return (file["mode"].Integer().value_or(0) & kModeTypeMask) == kModeFolder ||
         (package.type == "apk" && owned.digest.empty());
}

void AddFiles(JsonView files, std::string_view base, SyftContext& context, Package& package) {
  if (!files.IsArray()) return;
  for (const JsonView file : files) {
    model::OwnedFile owned = ReadFile(file, base);
    if (owned.path.empty() || IsFolder(file, package, owned)) continue;
    if (context.files_left == 0) {
      context.cut = true;
      return;
    }
    --context.files_left;
    package.files.push_back(std::move(owned));
  }
}

void ReadDpkg(JsonView metadata, SyftContext& context, Package& package) {
  constexpr std::string_view kEnds = " (:[<";
  package.architecture = Clean(metadata["architecture"]);
  package.supplier = Clean(metadata["maintainer"]);
  AddUpstream(Clean(metadata["source"]), Clean(metadata["sourceVersion"]), package);
  AddNames(metadata["preDepends"], kEnds, context, package.depends);
  AddNames(metadata["depends"], kEnds, context, package.depends);
  AddNames(metadata["provides"], kEnds, context, package.provides);
  AddFiles(metadata["files"], {}, context, package);
  Annotate(package, "dpkg:installed-size", NumberText(metadata["installedSize"]));
}

void ReadApk(JsonView metadata, SyftContext& context, Package& package) {
  constexpr std::string_view kEnds = "=<>~@";
  package.architecture = Clean(metadata["architecture"]);
  package.supplier = Clean(metadata["maintainer"]);
  package.homepage = Clean(metadata["url"]);
  AddUpstream(Clean(metadata["originPackage"]), {}, package);
  AddNames(metadata["pullDependencies"], kEnds, context, package.depends);
  AddNames(metadata["provides"], kEnds, context, package.provides);
  AddFiles(metadata["files"], {}, context, package);
  Annotate(package, "apk:checksum", Clean(metadata["pullChecksum"]));
  Annotate(package, "apk:commit", Clean(metadata["gitCommitOfApkPort"]));
  Annotate(package, "apk:description", Clean(metadata["description"]));
  Annotate(package, "apk:installed-size", NumberText(metadata["installedSize"]));
}

void ReadRpm(JsonView metadata, SyftContext& context, Package& package) {
  package.architecture = Clean(metadata["architecture"].IsString() ? metadata["architecture"] : metadata["arch"]);
  package.supplier = Clean(metadata["vendor"]);
  package.module_label = Clean(metadata["modularityLabel"]);
  // The first documents had the epoch here alone, and 0 for none.
  const auto epoch = metadata["epoch"].Integer();
  if (epoch && *epoch > 0 && package.version.find(':') == std::string::npos)
    package.version = Format("{}:{}", *epoch, package.version);
  AddSourceRpm(Clean(metadata["sourceRpm"]), package);
  AddNames(metadata["requires"], {}, context, package.depends);
  AddNames(metadata["provides"], {}, context, package.provides);
  std::erase_if(package.depends, [](const auto& name) { return name.starts_with("rpmlib(") || name.starts_with('('); });
  AddFiles(metadata["files"], {}, context, package);
  Annotate(package, "rpm:size", NumberText(metadata["size"]));
  Annotate(package, "rpm:source-rpm", Clean(metadata["sourceRpm"]));
}

void ReadPython(JsonView metadata, SyftContext& context, Package& package) {
  package.supplier = Clean(metadata["author"]);
  const std::string email = Clean(metadata["authorEmail"]);
  if (!email.empty() && email.find('<') == std::string::npos && !package.supplier.empty())
    package.supplier += " <" + email + ">";
  if (package.supplier.empty()) package.supplier = email;
  const std::string home = PathOf(metadata["sitePackagesRootPath"]);
  AddFiles(metadata["files"], home, context, package);
  Annotate(package, "python:direct-url", Clean(metadata["directUrlOrigin"]["url"]));
  Annotate(package, "python:requires-python", Clean(metadata["requiresPython"]));
  Annotate(package, "python:site-packages", home);
  std::string names;
  for (const JsonView name : metadata["topLevelPackages"])
    if (names.size() < 4096) names += (names.empty() ? "" : " ") + Clean(name);
  Annotate(package, "python:top-level", CleanText(names));
}

void ReadNpm(JsonView metadata, SyftContext&, Package& package) {
  package.supplier = Clean(metadata["author"]);
  package.homepage = Clean(metadata["homepage"]);
  Annotate(package, "npm:description", Clean(metadata["description"]));
}

void ReadGem(JsonView metadata, SyftContext&, Package& package) {
  package.homepage = Clean(metadata["homepage"]);
  for (const JsonView author : metadata["authors"])
    if (package.supplier.size() < 4096) package.supplier += (package.supplier.empty() ? "" : ", ") + Clean(author);
}

// Standard library and main module are told apart from Go's own words for them, as the cataloger of executables does.
void ReadGo(JsonView metadata, SyftContext&, Package& package) {
  Annotate(package, "go:h1", Clean(metadata["h1Digest"]));
  if (package.name == "stdlib") Annotate(package, "go:version", Clean(metadata["goCompiledVersion"]));
  ForEachPair(metadata["goBuildSettings"], [&](std::string_view key, std::string_view value) {
    Annotate(package, "go:build:" + CleanText(key, 128), CleanText(value));
  });
}

void ReadRust(JsonView metadata, SyftContext&, Package& package) {
  Annotate(package, "rust:source", Clean(metadata["source"]));
}

struct Manifest {
  std::string group_id, vendor_id, symbolic_name, module_name, vendor;

  explicit Manifest(JsonView main) {
    ForEachPair(main, [&](std::string_view key, std::string_view value) {
      if (value.find("${") != std::string_view::npos) return;
      const std::string name = LowerCase(key);
      if (name == "group-id") group_id = CleanText(value);
      if (name == "implementation-vendor-id") vendor_id = CleanText(value);
      if (name == "bundle-symbolicname") symbolic_name = CleanText(value.substr(0, value.find(';')));
      if (name == "automatic-module-name") module_name = CleanText(value);
      if (name == "implementation-vendor") vendor = CleanText(value);
    });
  }
};

// The version attributes of a manifest that content listings show.
void AnnotateManifest(JsonView main, Package& package) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kKept = {{
      {"implementation-version", "java:implementation-version"},
      {"specification-vendor", "java:specification-vendor"},
      {"specification-version", "java:specification-version"},
  }};
  ForEachPair(main, [&](std::string_view key, std::string_view value) {
    for (const auto& [name, attribute] : kKept)
      if (EqualsIgnoreCase(key, name)) Annotate(package, attribute, CleanText(value));
  });
}

bool IsArchiveName(std::string_view name) {
  constexpr std::array<std::string_view, 11> kExtensions = {".jar", ".war", ".ear", ".par",  ".sar", ".nar",
                                                            ".jpi", ".hpi", ".kar", ".lpkg", ".zip"};
  const std::string lower = LowerCase(name);
  return std::ranges::any_of(kExtensions, [&](std::string_view extension) { return lower.ends_with(extension); });
}

// "/app.war:WEB-INF/lib/x.jar:org.example:shaded" → "app.war:WEB-INF/lib/x.jar"
std::string ArchivePath(JsonView virtual_path) {
  std::string_view path = virtual_path.StringOr("");
  while (path.find(':') != std::string_view::npos && !IsArchiveName(path)) path = path.substr(0, path.rfind(':'));
  while (path.starts_with('/')) path.remove_prefix(1);
  return path.size() > Limits{}.path_bytes_max ? std::string() : CleanText(path, Limits{}.path_bytes_max);
}

void ReadJava(JsonView metadata, SyftContext&, Package& package) {
  const Manifest manifest(metadata["manifest"]["main"]);
  const JsonView pom = metadata["pomProperties"];
  const std::string artifact = pom["artifactId"].StringOr("").empty() ? package.name : Clean(pom["artifactId"]);
  const std::string pom_group = Clean(pom["groupId"]), project_group = Clean(metadata["pomProject"]["groupId"]);
  for (const std::string& group : {pom_group, package.purl.name_space, project_group})
    if (!group.empty()) AddMavenNames(group, artifact, package);
  const std::string guess =
      model::GuessMavenGroup({.artifact = artifact,
                              .group_id = manifest.group_id.empty() ? manifest.vendor_id : manifest.group_id,
                              .symbolic_name = manifest.symbolic_name,
                              .module_name = manifest.module_name});
  if (pom_group.empty()) AddMavenNames(guess, artifact, package);
  package.supplier = manifest.vendor;
  AnnotateManifest(metadata["manifest"]["main"], package);
  if (const std::string version = Clean(pom["version"]); !version.empty())
    Annotate(package, "java:pom-version", version);
  for (const JsonView digest : metadata["digest"])
    if (digest["algorithm"].StringOr("") == "sha1") Annotate(package, "java:sha1", Clean(digest["value"]));
  const std::string path = ArchivePath(metadata["virtualPath"]);
  if (!path.empty() && !package.locations.empty()) package.locations.front().path = path;
}

using MetadataReader = void (*)(JsonView, SyftContext&, Package&);
struct ReaderOfType {
  std::string_view type;
  MetadataReader read;
};
constexpr std::array kReaders = {
    ReaderOfType{"deb", &ReadDpkg},
    ReaderOfType{"apk", &ReadApk},
    ReaderOfType{"rpm", &ReadRpm},
    ReaderOfType{"python", &ReadPython},
    ReaderOfType{"npm", &ReadNpm},
    ReaderOfType{"gem", &ReadGem},
    ReaderOfType{"java-archive", &ReadJava},
    ReaderOfType{"go-module", &ReadGo},
    ReaderOfType{"jenkins-plugin", &ReadJava},
    ReaderOfType{"rust-crate", &ReadRust},
};

// {"value", "spdxExpression"}, or the value alone.
void AddLicenses(JsonView list, Package& package) {
  if (!list.IsArray()) return;
  for (const JsonView one : list) {
    if (package.licenses.size() >= kLicensesMax) return;
    const std::string expression = Clean(one["spdxExpression"]);
    std::string value = one.IsString() ? Clean(one) : Clean(one["value"]);
    if (value.empty()) value = expression;
    if (value.empty()) continue;
    model::License license = model::NormaliseLicense(value);
    // Syft's expression is taken when it is one.
    if (license.spdx_expression.empty() && !expression.empty())
      license.spdx_expression = model::NormaliseLicense(expression).spdx_expression;
    if (std::ranges::find(package.licenses, license) == package.licenses.end())
      package.licenses.push_back(std::move(license));
  }
}

void AddCpes(JsonView list, Package& package) {
  std::string cpes;
  std::size_t count = 0;
  for (const JsonView one : list) {
    if (++count > kCpesMax) break;
    if (one["source"].StringOr("") == kGeneratedCpeSource) continue;
    const std::string cpe = one.IsString() ? Clean(one) : Clean(one["cpe"]);
    if (cpe.starts_with("cpe:") && cpe.find(' ') == std::string::npos) cpes += (cpes.empty() ? "" : " ") + cpe;
  }
  Annotate(package, kCpesAttribute, std::move(cpes));
}

// Documents say since schema 7 which location is evidence and which supports it; before, the database itself counts.
bool IsPrimary(JsonView location, const Package& package, std::string_view path) {
  if (const auto evidence = location["annotations"]["evidence"].String()) return *evidence == "primary";
  return IsDatabasePath(package, path);
}

void AddLocations(JsonView list, const SyftContext& context, Package& package) {
  if (!list.IsArray()) return;
  for (const JsonView one : list) {
    if (package.locations.size() >= kLocationsMax) break;
    model::Location location;
    location.path = PathOf(one["path"]);
    if (location.path.empty()) continue;
    const auto layer = context.layers.find(std::string(one["layerID"].StringOr("")));
    if (layer != context.layers.end()) location.layer = layer->second;
    location.primary = IsPrimary(one, package, location.path);
    package.locations.push_back(std::move(location));
  }
  std::ranges::sort(package.locations, {}, [](const model::Location& location) {
    return std::tuple(!location.primary, std::string_view(location.path), location.layer);
  });
}

}  // namespace

Result<SyftArtifact> ReadSyftArtifact(JsonView artifact, SyftContext& context) {
  SyftArtifact result;
  Package& package = result.package;
  result.id = Clean(artifact["id"]);
  package.name = Clean(artifact["name"]);
  package.version = Clean(artifact["version"]);
  package.type = Clean(artifact["type"]);
  if (package.name.empty()) return Fail(ErrorKind::kCorrupt, "without a name");
  if (const std::string_view text = artifact["purl"].StringOr(""); !text.empty()) {
    if (auto purl = model::Purl::Parse(text))
      package.purl = *std::move(purl);
    else
      result.bad_purl = purl.error().Message();
  }
  const SyftType* type = FindSyftType(package.type, package.purl.type);
  if (type != nullptr) {
    package.type = type->type;
    package.language = type->language;
    package.ecosystem = type->ecosystem;
    package.version_scheme = type->version_scheme;
  } else {
    package.language = Clean(artifact["language"]);
  }
  const bool of_distribution = type != nullptr && type->language.empty() && type->ecosystem.empty();
  if (of_distribution && package.version.empty())
    return Fail(ErrorKind::kCorrupt, Format("\"{}\": without a version", package.name));
  // Documents that were converted from other formats have no metadata.
  result.source_stated = artifact["metadata"].Size() > 0;
  package.cataloger = Clean(artifact["foundBy"]);
  AddLocations(artifact["locations"], context, package);
  AddLicenses(artifact["licenses"], package);
  AddCpes(artifact["cpes"], package);
  for (const ReaderOfType& reader : kReaders)
    if (reader.type == package.type) reader.read(artifact["metadata"], context, package);
  CompleteFromPurl(package);
  SetNames(package);
  std::ranges::sort(package.attributes);
  const auto repeated = std::ranges::unique(package.attributes, {}, &std::pair<std::string, std::string>::first);
  package.attributes.erase(repeated.begin(), repeated.end());
  return result;
}

}  // namespace holdfast::sbom
