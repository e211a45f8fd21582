// What Anchore's clients know as an entry of each type, with our source of each value:
//
//   os       one per package; "licenses" is "license" cut at blanks; sizes are text, in bytes
//   npm, gem "location" is the file that describes the package
//   python   "location" is the folder that holds it
//   java     "location" leads through nested archives: "/app.war:WEB-INF/lib/x.jar"; three versions, any may be "N/A"
//   go, binary, and whatever else may come: the general form
#include "sbom/anchore_content.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "io/json.h"
#include "sbom/anchore_types.h"
#include "sbom/cpe.h"

namespace holdfast::sbom {
namespace {

using io::JsonWriter;
using model::Package;

constexpr std::size_t kFlushBytes = 256 * 1024;
constexpr std::string_view kUnknown = "Unknown";
constexpr std::string_view kNotAvailable = "N/A";

std::string_view Or(std::string_view value, std::string_view fallback) { return value.empty() ? fallback : value; }

std::string_view Attribute(const Package& package, std::string_view key) {
  const auto found = std::ranges::find(package.attributes, key, &std::pair<std::string, std::string>::first);
  return found == package.attributes.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<std::string> Licenses(const Package& package) {
  std::vector<std::string> licenses;
  for (const model::License& license : package.licenses)
    if (std::ranges::find(licenses, license.value) == licenses.end()) licenses.push_back(license.value);
  return licenses;
}

std::string Joined(const std::vector<std::string>& values) {
  std::string joined;
  for (const std::string& value : values) joined += (joined.empty() ? "" : " ") + value;
  return joined;
}

void WriteStrings(JsonWriter& writer, std::string_view key, const std::vector<std::string>& values) {
  writer.Key(key).BeginArray();
  for (const std::string& value : values) writer.String(value);
  writer.EndArray();
}

void WriteWords(JsonWriter& writer, std::string_view key, std::string_view text) {
  writer.Key(key).BeginArray();
  while (!text.empty())
    if (const std::string_view word = TakeUntil(text, ' '); !word.empty()) writer.String(word);
  writer.EndArray();
}

std::string LocationOf(const Package& package) {
  return package.locations.empty() ? std::string() : "/" + package.locations.front().path;
}

// dpkg counts kibibytes; Anchore makes bytes of them by the factor 1000.
std::string SizeOf(const Package& package) {
  const std::string_view kibibytes = Attribute(package, "dpkg:installed-size");
  if (!kibibytes.empty() && kibibytes.find_first_not_of("0123456789") == std::string_view::npos)
    return std::string(kibibytes) + "000";
  for (const std::string_view key : {"rpm:size", "apk:installed-size"})
    if (const std::string_view size = Attribute(package, key); !size.empty()) return std::string(size);
  return std::string(kNotAvailable);
}

std::string SourceOf(const Package& package) {
  if (package.type == "rpm") return std::string(Or(Attribute(package, "rpm:source-rpm"), kNotAvailable));
  const model::Upstream* source = package.upstreams.empty() ? nullptr : &package.upstreams.front();
  if (package.type == "apk") return source == nullptr ? package.name : source->name;
  if (source == nullptr) return std::string(kNotAvailable);
  return source->name + "-" + (source->version.empty() ? package.version : source->version);
}

void WriteOs(JsonWriter& writer, const Package& package) {
  const bool deb = package.type == "deb";
  const std::string license(Or(Joined(Licenses(package)), deb ? kUnknown : kNotAvailable));
  std::string origin(Or(package.supplier, kNotAvailable));
  if (deb && !package.supplier.empty()) origin += " (maintainer)";
  writer.Field("package", package.name).Field("version", package.version);
  writer.Field("type", AnchorePackageType(package)).Field("size", SizeOf(package)).Field("origin", origin);
  writer.Field("license", license);
  WriteWords(writer, "licenses", license);
  WriteStrings(writer, "cpes", CpesOf(package));
  writer.Field("sourcepkg", SourceOf(package));
}

// The form that all language packages but Java's share.
void WriteLanguage(JsonWriter& writer, const Package& package, std::string_view type, std::string_view location) {
  std::vector<std::string> licenses = Licenses(package);
  const std::string license(Or(Joined(licenses), kUnknown));
  if (licenses.empty()) licenses.emplace_back(kUnknown);
  writer.Field("package", package.name).Field("type", type).Field("location", Or(location, kUnknown));
  writer.Field("version", Or(package.version, kUnknown)).Field("origin", Or(package.supplier, kUnknown));
  writer.Field("license", license);
  WriteStrings(writer, "licenses", licenses);
  WriteStrings(writer, "cpes", CpesOf(package));
}

void WriteNpm(JsonWriter& writer, const Package& package) {
  WriteLanguage(writer, package, "NPM", LocationOf(package));
}
void WriteGem(JsonWriter& writer, const Package& package) {
  WriteLanguage(writer, package, "GEM", LocationOf(package));
}
void WriteGo(JsonWriter& writer, const Package& package) { WriteLanguage(writer, package, "GO", LocationOf(package)); }
void WriteBinary(JsonWriter& writer, const Package& package) {
  WriteLanguage(writer, package, "BINARY", LocationOf(package));
}

void WritePython(JsonWriter& writer, const Package& package) {
  std::string location(Attribute(package, "python:site-packages"));
  if (!location.empty()) location = "/" + location;
  // "…/site-packages/x-1.0.dist-info/METADATA"
  if (location.empty()) location = LocationOf(package);
  if (location.ends_with("/METADATA") || location.ends_with("/PKG-INFO")) location = FolderOf(FolderOf(location));
  WriteLanguage(writer, package, "PYTHON", location);
}

// "JAVA-JAR" and so on, from the extension of the innermost archive.
std::string JavaType(const Package& package) {
  const std::string location = LocationOf(package);
  const std::size_t dot = location.rfind('.');
  std::string extension = dot == std::string::npos ? std::string() : location.substr(dot + 1);
  if (extension.empty() || extension.find_first_of("/:") != std::string::npos) extension = "jar";
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return "JAVA-" + extension;
}

void WriteJava(JsonWriter& writer, const Package& package) {
  const std::string& group = package.purl.name_space;
  // A group says that the version is Maven's; a document may state Maven's version itself.
  std::string_view maven_version = Attribute(package, "java:pom-version");
  if (maven_version.empty() && !group.empty()) maven_version = package.version;
  const std::string_view vendor = Or(Attribute(package, "java:specification-vendor"), package.supplier);
  writer.Field("package", package.name).Field("type", JavaType(package));
  writer.Field("location", Or(LocationOf(package), kUnknown));
  writer.Field("specification-version", Or(Attribute(package, "java:specification-version"), kNotAvailable));
  writer.Field("implementation-version", Or(Attribute(package, "java:implementation-version"), kNotAvailable));
  writer.Field("maven-version", Or(maven_version, kNotAvailable));
  writer.Field("origin", Or(group, Or(vendor, kNotAvailable)));
  WriteStrings(writer, "cpes", CpesOf(package));
  writer.Key("metadata").BeginObject();
  if (!group.empty())
    writer.Field("pom.properties",
                 Format("groupId={}\nartifactId={}\nversion={}", group, package.name, package.version));
  writer.EndObject();
  writer.Field("version", Or(Or(maven_version, package.version), kNotAvailable));
}

using EntryWriter = void (*)(JsonWriter&, const Package&);
struct WriterOfType {
  std::string_view content_type;
  EntryWriter write;
};
constexpr std::array kWriters = {
    WriterOfType{"os", &WriteOs},         WriterOfType{"npm", &WriteNpm},   WriterOfType{"gem", &WriteGem},
    WriterOfType{"python", &WritePython}, WriterOfType{"java", &WriteJava}, WriterOfType{"go", &WriteGo},
    WriterOfType{"binary", &WriteBinary},
};

std::vector<bool> OwnedPackages(const model::ImageAnalysis& analysis) {
  std::vector<bool> owned(analysis.packages.size());
  for (const model::Relation& relation : analysis.relations)
    if (relation.kind == model::RelationKind::kOwns) owned[relation.to] = true;
  return owned;
}

struct FileLook {
  std::string_view type;
  std::string_view link;  // empty: none
};

FileLook LookOf(const vfs::SquashedTree::File& file, const vfs::SquashedTree& tree) {
  // The tree shows a hard link as what it links to; the entry says that it is one.
  const vfs::Entry entry = file.entry ? tree.At(*file.entry) : vfs::Entry{.path = {}, .type = file.type};
  switch (entry.type) {
    case vfs::FileType::kRegular: return {"file", {}};
    case vfs::FileType::kDirectory: return {"dir", {}};
    case vfs::FileType::kSymlink: return {"slink", entry.link_target};
    case vfs::FileType::kHardLink: return {"hlink", entry.link_target};
    case vfs::FileType::kCharDevice:
    case vfs::FileType::kBlockDevice:
    case vfs::FileType::kFifo: break;
  }
  return {"dev", {}};
}

void WriteFile(JsonWriter& writer, const vfs::SquashedTree::File& file, const vfs::SquashedTree& tree) {
  const FileLook look = LookOf(file, tree);
  const vfs::Entry entry = file.entry ? tree.At(*file.entry) : vfs::Entry{.path = {}, .type = file.type, .mode = 0755};
  const bool has_content = file.content && tree.At(*file.content).type == vfs::FileType::kRegular;
  const std::uint64_t size = has_content            ? tree.At(*file.content).size_bytes
                             : look.type == "slink" ? look.link.size()
                                                    : 0;
  writer.BeginObject();
  writer.Field("filename", "/" + file.path).Field("type", look.type);
  writer.Field("mode", Format("{:05o}", entry.mode & 07777U)).Key("size").Unsigned(size);
  writer.Key("uid").Unsigned(entry.uid).Key("gid").Unsigned(entry.gid).Key("sha256");
  if (has_content)
    writer.String(tree.At(*file.content).digest.Hex());
  else
    writer.Null();
  writer.Key("linkdest");
  if (look.link.empty())
    writer.Null();
  else
    writer.String(look.type == "hlink" ? "/" + std::string(look.link) : std::string(look.link));
  writer.EndObject();
}

}  // namespace

Result<void> WriteAnchorePackages(std::string_view content_type, const model::ImageAnalysis& analysis,
                                  const AnchoreContentOptions& options, io::ByteSink& sink) {
  const auto entry = std::ranges::find(kWriters, content_type, &WriterOfType::content_type);
  if (entry == kWriters.end())
    return Fail(ErrorKind::kInvalidInput, Format("no packages are listed under the content type '{}'", content_type));
  const std::vector<bool> owned = OwnedPackages(analysis);
  JsonWriter writer;
  writer.BeginArray();
  for (std::size_t i = 0; i < analysis.packages.size(); ++i) {
    const Package& package = analysis.packages[i];
    if (AnchoreContentType(package) != content_type || (owned[i] && !options.with_owned)) continue;
    writer.BeginObject();
    entry->write(writer, package);
    writer.EndObject();
    if (writer.Text().size() >= kFlushBytes) HF_CHECK_OK(sink.WriteText(writer.Take()));
  }
  writer.EndArray();
  return sink.WriteText(writer.Take());
}

Result<void> WriteAnchoreFiles(const vfs::SquashedTree& tree, io::ByteSink& sink) {
  JsonWriter writer;
  writer.BeginArray();
  Result<void> written;
  tree.ForEach([&](const vfs::SquashedTree::File& file) {
    if (!written || file.path.empty()) return;
    WriteFile(writer, file, tree);
    if (writer.Text().size() >= kFlushBytes) written = sink.WriteText(writer.Take());
  });
  HF_CHECK_OK(std::move(written));
  writer.EndArray();
  return sink.WriteText(writer.Take());
}

}  // namespace holdfast::sbom
