// An archive is at first nameless. Its identity is, in this order: the pom.properties that agrees with the file
// name (or the only one), the manifest, the file name. Every further pom.properties is a package that was
// shaded into the archive. Group ids come from pom.properties, else from manifest fields that hold one; a
// wrong group id would silently match nothing, so every plausible one becomes an advisory name.

#include "catalog/java/java.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/format.h"
#include "catalog/java/known_groups.h"
#include "model/maven.h"

namespace holdfast::catalog {
namespace {

constexpr std::array kClaims = {
    Claim{"**/*.jar", EvidenceForm::kArchive}, Claim{"**/*.war", EvidenceForm::kArchive},
    Claim{"**/*.ear", EvidenceForm::kArchive}, Claim{"**/*.par", EvidenceForm::kArchive},
    Claim{"**/*.sar", EvidenceForm::kArchive}, Claim{"**/*.nar", EvidenceForm::kArchive},
    Claim{"**/*.jpi", EvidenceForm::kArchive}, Claim{"**/*.hpi", EvidenceForm::kArchive},
    Claim{"**/*.kar", EvidenceForm::kArchive}, Claim{"**/*.lpkg", EvidenceForm::kArchive},
    Claim{"**/*.JAR", EvidenceForm::kArchive}, Claim{"**/*.WAR", EvidenceForm::kArchive},
    Claim{"**/*.EAR", EvidenceForm::kArchive},
};

constexpr CatalogerInfo kInfo{.name = "java-archive", .version = 2, .claims = kClaims};

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\f')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lower;
}

std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string Find(const JavaAttributes& attributes, std::string_view name) {
  for (const auto& [key, value] : attributes)
    if (key == name) return value;
  return {};
}

// The first of these that is there and not an unfilled template ("${project.version}").
std::string FindFirst(const JavaAttributes& attributes, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (std::string value = Find(attributes, name); !value.empty() && value.find("${") == std::string::npos)
      return value;
  return {};
}

struct Coordinates {
  std::string group, artifact, version;
};

// What is known of one archive, gathered from its parts.
struct Archive {
  std::string member;  // empty for the outermost
  std::string sha1;
  JavaAttributes manifest;
  std::vector<Coordinates> poms;
};

std::optional<Coordinates> ReadPom(std::string_view text) {
  const JavaAttributes properties = ParseProperties(text);
  Coordinates pom{Find(properties, "groupId"), Find(properties, "artifactId"), Find(properties, "version")};
  if (pom.artifact.empty() || pom.version.empty() || pom.version.find("${") != std::string::npos) return std::nullopt;
  return pom;
}

// "io.micrometer#micrometer-core;1.12.5", as Gradle's plug-in for such information writes titles.
std::string GroupOfTitle(std::string_view title, std::string_view artifact) {
  const std::size_t hash = title.find('#');
  if (hash == std::string_view::npos || hash == 0) return {};
  const std::string_view rest = title.substr(hash + 1);
  return rest.substr(0, rest.find(';')) == artifact ? std::string(title.substr(0, hash)) : std::string();
}

// "jackson-core" and version "2.9.8" out of what the manifest says; the file name fills the gaps.
Coordinates FromManifest(const JavaAttributes& manifest, const JavaFileName& file) {
  Coordinates found;
  // "Bundle-SymbolicName: org.apache.commons.lang3;singleton:=true"; made by Maven, its last segment is the artifact.
  std::string symbolic = FindFirst(manifest, {"bundle-symbolicname"});
  symbolic = std::string(Trim(std::string_view(symbolic).substr(0, symbolic.find(';'))));
  const bool by_maven = FindFirst(manifest, {"created-by"}).find("Maven Bundle Plugin") != std::string::npos;
  // A file name with a version is how Maven names artifacts; one without may be anything ("app.jar").
  if (!file.version.empty()) found.artifact = file.name;
  if (found.artifact.empty() && by_maven) found.artifact = symbolic.substr(symbolic.rfind('.') + 1);
  if (found.artifact.empty()) found.artifact = file.name;
  if (found.artifact.empty())
    found.artifact = FindFirst(manifest, {"bundle-name", "short-name", "extension-name", "implementation-title"});
  found.version = file.version;
  if (found.version.empty())
    found.version =
        FindFirst(manifest, {"implementation-version", "specification-version", "plugin-version", "bundle-version"});
  found.group = GroupOfTitle(FindFirst(manifest, {"implementation-title"}), found.artifact);
  if (found.group.empty()) found.group = FindKnownGroup(found.artifact, found.version);
  if (!found.group.empty()) return found;
  const std::string group = FindFirst(manifest, {"group-id", "implementation-vendor-id"});
  const std::string module = FindFirst(manifest, {"automatic-module-name"});
  found.group = model::GuessMavenGroup(
      {.artifact = found.artifact, .group_id = group, .symbolic_name = symbolic, .module_name = module});
  return found;
}

// Does this pom describe the archive itself, and not something shaded into it?
bool Describes(const Coordinates& pom, const JavaFileName& file) {
  return pom.artifact == file.name || file.name.starts_with(pom.artifact) || pom.artifact.starts_with(file.name);
}

// Do the numbers that both versions begin with differ? "31.1.0.jre" agrees with "31.1-jre", "build-7" with everything.
bool VersionsConflict(std::string_view a, std::string_view b) {
  const auto take_number = [](std::string_view& version) {
    const std::size_t end = std::min(version.find_first_not_of("0123456789"), version.size());
    std::string_view number = version.substr(0, end);
    version.remove_prefix(std::min(end + 1, version.size()));
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size() - (number.empty() ? 0 : 1)));
    return number;
  };
  while (true) {
    const std::string_view left = take_number(a), right = take_number(b);
    if (left.empty() || right.empty()) return false;
    if (left != right) return true;
  }
}

// Does the manifest call the archive as its file is called, and give it another version than the pom? Then the pom
// came with something shaded into an archive that was built without Maven (guice.jar with cglib inside).
bool ManifestDisowns(const Archive& archive, const Coordinates& pom, const JavaFileName& file) {
  const std::string name = LowerCase(file.name);
  const auto is_named = [&](std::string_view key) {
    const std::string value = LowerCase(Find(archive.manifest, key));
    return !name.empty() && value == name;
  };
  const std::string version = FindFirst(archive.manifest, {"implementation-version", "bundle-version"});
  return (is_named("bundle-name") || is_named("implementation-title") || is_named("bundle-symbolicname")) &&
         VersionsConflict(version, pom.version);
}

const Coordinates* FindOwnPom(const Archive& archive, const JavaFileName& file) {
  for (const Coordinates& pom : archive.poms)
    if (pom.artifact == file.name) return &pom;
  if (archive.poms.size() == 1) {
    const Coordinates& only = archive.poms[0];
    const bool own = Describes(only, file) || (file.version.empty() && !ManifestDisowns(archive, only, file));
    return own ? &only : nullptr;
  }
  for (const Coordinates& pom : archive.poms)
    if (!file.name.empty() && Describes(pom, file)) return &pom;
  return nullptr;
}

model::Package MakePackage(const EvidenceFile& file, const Archive& archive, const Coordinates& found) {
  model::Package package;
  package.name = found.artifact;
  package.version = found.version;
  const std::string name = archive.member.empty() ? file.path : archive.member;
  const bool plugin = name.ends_with(".hpi") || name.ends_with(".jpi");
  package.type = plugin ? "jenkins-plugin" : "java-archive";
  package.language = "java";
  package.ecosystem = "Maven";
  package.version_scheme = "maven";
  package.advisory_names = model::MavenAdvisoryNames(found.group, found.artifact);
  if (auto purl = model::Purl::Make(
          {.type = "maven", .name_space = found.group, .name = found.artifact, .version = found.version}))
    package.purl = *std::move(purl);
  package.locations.push_back(file.Here(archive.member));
  return package;
}

void AddOwn(const EvidenceFile& file, const Archive& archive, const Coordinates& found, PackageSink& sink) {
  if (found.artifact.empty()) return;
  model::Package package = MakePackage(file, archive, found);
  package.supplier = FindFirst(archive.manifest, {"implementation-vendor", "bundle-vendor", "specification-vendor"});
  if (const std::string license = FindFirst(archive.manifest, {"bundle-license"}); !license.empty())
    package.licenses.push_back({license.substr(0, license.find(';')), {}});
  package.attributes.emplace_back("java:sha1", archive.sha1);
  sink.Add(std::move(package));
}

void AddPackages(const EvidenceFile& file, const Archive& archive, PackageSink& sink) {
  const std::string& path = archive.member.empty() ? file.path : archive.member;
  const JavaFileName name = ParseJavaFileName(path.substr(path.rfind(':') + 1));
  const Coordinates* own = FindOwnPom(archive, name);
  if (own != nullptr) {
    AddOwn(file, archive, *own, sink);
  } else {
    // Also without a version: it is there, and who reads the list may know it.
    AddOwn(file, archive, FromManifest(archive.manifest, name), sink);
  }
  for (const Coordinates& pom : archive.poms)
    if (&pom != own) sink.Add(MakePackage(file, archive, pom));
}

Error ReadProblem(std::string_view text) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::kInternal); ++kind) {
    const std::string_view name = ErrorKindName(static_cast<ErrorKind>(kind));
    if (text.starts_with(name) && text.substr(name.size()).starts_with(": "))
      return {static_cast<ErrorKind>(kind), std::string(text.substr(name.size() + 2))};
  }
  return {ErrorKind::kCorrupt, std::string(text)};
}

// "inner.jar:deeper.jar:META-INF/MANIFEST.MF": the archive is all before the last ':'. No part has one of its own.
std::string_view MemberOf(std::string_view part, std::string_view& rest) {
  const std::size_t colon = part.rfind(':');
  rest = part.substr(colon == std::string_view::npos ? 0 : colon + 1);
  return colon == std::string_view::npos ? std::string_view() : part.substr(0, colon);
}

Result<void> ParseArchive(const EvidenceFile& file, const Parts& parts, PackageSink& sink) {
  std::vector<Archive> archives;
  std::map<std::string, std::size_t, std::less<>> by_member;
  for (const Part& part : parts) {
    std::string_view rest;
    const std::string_view member = MemberOf(part.name, rest);
    const auto [at, added] = by_member.try_emplace(std::string(member), archives.size());
    if (added) archives.push_back({.member = std::string(member), .sha1 = {}, .manifest = {}, .poms = {}});
    Archive& archive = archives[at->second];
    if (rest == "#sha1") {
      archive.sha1 = part.bytes;
    } else if (rest == "#problem") {
      sink.Problem(file.Here(member).path, ReadProblem(part.bytes));
    } else if (rest.ends_with("pom.properties")) {
      if (auto pom = ReadPom(part.bytes)) archive.poms.push_back(*std::move(pom));
    } else if (archive.manifest.empty()) {
      archive.manifest = ParseManifest(part.bytes);
    }
  }
  for (const Archive& archive : archives) AddPackages(file, archive, sink);
  return {};
}

}  // namespace

JavaAttributes ParseManifest(std::string_view text) {
  JavaAttributes attributes;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) break;  // the main section ends
    if (line.starts_with(' ')) {
      if (!attributes.empty()) attributes.back().second.append(line.substr(1));
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    attributes.emplace_back(LowerCase(line.substr(0, colon)), Trim(line.substr(colon + 1)));
  }
  return attributes;
}

JavaAttributes ParseProperties(std::string_view text) {
  JavaAttributes properties;
  while (!text.empty()) {
    const std::string_view line = Trim(TakeLine(text));
    if (line.empty() || line.starts_with('#') || line.starts_with('!')) continue;
    const std::size_t end = line.find_first_of("=: \t");
    const std::string_view key = line.substr(0, end);
    std::string_view value = end == std::string_view::npos ? std::string_view() : Trim(line.substr(end));
    if (value.starts_with('=') || value.starts_with(':')) value = Trim(value.substr(1));
    std::string plain;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '\\' && i + 1 < value.size()) ++i;
      plain.push_back(value[i]);
    }
    properties.emplace_back(key, std::move(plain));
  }
  return properties;
}

JavaFileName ParseJavaFileName(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  name = name.substr(0, name.rfind('.'));
  for (const char separator : {'-', '_'})
    for (std::size_t i = 1; i + 1 < name.size(); ++i)
      if (name[i] == separator && name[i + 1] >= '0' && name[i + 1] <= '9')
        return {std::string(name.substr(0, i)), std::string(name.substr(i + 1))};
  return {std::string(name), {}};
}

std::unique_ptr<Cataloger> MakeJavaArchiveCataloger() { return FromPartsParser(kInfo, &ParseArchive); }

}  // namespace holdfast::catalog
