// The status file is one paragraph a package. What belongs to it lies in files beside it, found by name:
//
//   var/lib/dpkg/status           Package: libc6, Architecture: amd64, Multi-Arch: same
//   var/lib/dpkg/info/libc6:amd64.list       ":amd64" only for packages that are "Multi-Arch: same"
//   var/lib/dpkg/status.d/libc6              distroless: one paragraph a file
//   var/lib/dpkg/status.d/libc6.md5sums
//   usr/share/doc/libc6/copyright            or the folder is a link to the one of a package of the same source
#include "catalog/dpkg/dpkg.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "catalog/control_text.h"
#include "catalog/distro.h"
#include "catalog/dpkg/copyright.h"
#include "catalog/dpkg/file_list.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint64_t kStatusBytesMax = 64 * kMiB;
constexpr std::uint64_t kListBytesMax = 32 * kMiB;
constexpr std::uint64_t kCopyrightBytesMax = 8 * kMiB;
// Of one database; Debian has some 70,000 packages in all, a full desktop some 500,000 files.
constexpr std::size_t kPackagesMax = 200'000;
constexpr std::size_t kFilesMax = 2'000'000;

constexpr std::array kClaims = {
    Claim{"**/lib/dpkg/status", EvidenceForm::kRaw, kStatusBytesMax},
    Claim{"**/lib/dpkg/status.d/*", EvidenceForm::kRaw, kListBytesMax},
    Claim{"**/lib/dpkg/info/*.list", EvidenceForm::kRaw, kListBytesMax},
    Claim{"**/lib/dpkg/info/*.md5sums", EvidenceForm::kRaw, kListBytesMax},
    Claim{"**/lib/dpkg/info/*.conffiles", EvidenceForm::kRaw, kListBytesMax},
    Claim{"**/lib/opkg/status", EvidenceForm::kRaw, kStatusBytesMax},
    Claim{"**/lib/opkg/info/*.control", EvidenceForm::kRaw, kListBytesMax},
    Claim{"**/lib/opkg/info/*.list", EvidenceForm::kRaw, kListBytesMax},
    Claim{"**/usr/share/doc/*/copyright", EvidenceForm::kRaw, kCopyrightBytesMax},
};
constexpr CatalogerInfo kInfo{.name = "dpkg-db", .version = 1, .claims = kClaims, .database = true};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kAttributes = {{
    {"dpkg:description", "Description"},
    {"dpkg:essential", "Essential"},
    {"dpkg:installed-size", "Installed-Size"},
    {"dpkg:multi-arch", "Multi-Arch"},
    {"dpkg:priority", "Priority"},
    {"dpkg:section", "Section"},
}};

// Third word of Status: "install ok installed".
std::string_view State(const ControlParagraph& paragraph) {
  std::string_view status = paragraph.FindLine("Status");
  return status.substr(status.rfind(' ') + 1);
}

bool IsInstalled(const ControlParagraph& paragraph) {
  const std::string_view state = State(paragraph);
  return state != "not-installed" && state != "config-files";
}

// "libc6 (>= 2.36) [amd64] | libc6.1:any <!nocheck>" → "libc6|libc6.1"
std::string Alternatives(std::string_view term) {
  std::string names;
  while (!term.empty()) {
    const std::string_view alternative = Trim(TakeUntil(term, '|'));
    const std::string_view name = alternative.substr(0, alternative.find_first_of(" \t\r\n(:[<"));
    if (name.empty()) continue;
    if (!names.empty()) names += '|';
    names += name;
  }
  return names;
}

void AppendTerms(std::string_view field, std::vector<std::string>& terms) {
  while (!field.empty())
    if (std::string names = Alternatives(TakeUntil(field, ',')); !names.empty()) terms.push_back(std::move(names));
}

// "bash (5.2.15-2)", or "bash" alone.
void AddUpstream(const ControlParagraph& paragraph, model::Package& package) {
  std::string_view source = paragraph.FindLine("Source");
  std::string_view name = Trim(TakeUntil(source, '('));
  std::string_view version = Trim(TakeUntil(source, ')'));
  // OpenWrt's Source is the path of a recipe; the name is in a field of its own.
  if (const std::string_view source_name = paragraph.FindLine("SourceName"); !source_name.empty()) {
    name = source_name == package.name ? std::string_view() : source_name;
    version = {};
  }
  if (name.empty() || name.find('/') != std::string_view::npos) return;
  package.upstreams.push_back({CleanText(name), version == package.version ? "" : CleanText(version)});
}

// One database: a status file, or one file of status.d.
class Database {
 public:
  Database(const EvidenceTree& tree, const EvidenceFile& status, PackageSink& sink)
      : tree_(tree), status_(status), sink_(sink) {
    const std::string_view folder = FolderOf(status.path);
    distroless_ = FileNameOf(folder) == "status.d";
    home_ = distroless_ ? FolderOf(folder) : folder;
    opkg_ = FileNameOf(home_) == "opkg";
    root_ = FolderOf(FolderOf(home_));  // "…/lib/dpkg" → "…", and without the "var" or "usr" before it
    if (FileNameOf(root_) == "var" || FileNameOf(root_) == "usr") root_ = FolderOf(root_);
  }

  Result<void> Read() {
    HF_TRY(const std::string text, tree_.Read(status_, kStatusBytesMax));
    ControlReader reader(text);
    for (ControlParagraph paragraph; reader.Next(paragraph);) {
      if (packages_.size() >= kPackagesMax)
        return Finish(Fail(ErrorKind::kLimit, Format("more than {} packages", kPackagesMax)));
      AddPackages(paragraph);
    }
    return Finish({});
  }

 private:
  void AddPackages(const ControlParagraph& paragraph);
  void AddPackage(const ControlParagraph& paragraph);
  void AddFiles(const ControlParagraph& paragraph, model::Package& package);
  void AddLicenses(const ControlParagraph& paragraph, model::Package& package);
  void ShareLicenses();
  void SetPurl(model::Package& package) const;
  Result<void> Finish(Result<void> result);

  // Text of a file that belongs to `package` and is now named among its locations; empty when absent.
  std::string Supporting(const std::string& path, std::uint64_t bytes_max, model::Package& package) const;
  // The same for info/NAME.EXTENSION or info/NAME:ARCHITECTURE.EXTENSION.
  std::string InfoFile(std::string_view extension, model::Package& package) const;
  std::string DocFolder(std::string_view name) const {
    return ResolvePath(root_, "usr/share/doc/" + std::string(name));
  }

  const EvidenceTree& tree_;
  const EvidenceFile& status_;
  PackageSink& sink_;
  std::string_view home_;  // "var/lib/dpkg"
  std::string_view root_;  // of the paths it records; "" for the image's own
  bool distroless_ = false;
  bool opkg_ = false;
  std::vector<model::Package> packages_;
  std::set<std::tuple<std::string, std::string, std::string>> seen_;  // name, version, architecture
  std::size_t files_left_ = kFilesMax;
  bool files_cut_ = false;
};

std::string Database::Supporting(const std::string& path, std::uint64_t bytes_max, model::Package& package) const {
  const EvidenceFile* file = tree_.Find(path);
  if (file == nullptr) return {};
  auto text = tree_.Read(*file, bytes_max);
  if (!text) {
    sink_.Problem(path, text.error());
    return {};
  }
  package.locations.push_back(file->Here());
  package.locations.back().primary = false;
  return *std::move(text);
}

std::string Database::InfoFile(std::string_view extension, model::Package& package) const {
  const std::string with_architecture =
      Format("{}/info/{}:{}.{}", home_, package.name, package.architecture, extension);
  if (tree_.Find(with_architecture) != nullptr) return Supporting(with_architecture, kListBytesMax, package);
  return Supporting(Format("{}/info/{}.{}", home_, package.name, extension), kListBytesMax, package);
}

void Database::AddFiles(const ControlParagraph& paragraph, model::Package& package) {
  std::string md5sums, list, conffiles;
  if (distroless_) {
    // Old images cut the name of the status file at the first dot.
    md5sums = Supporting(status_.path + ".md5sums", kListBytesMax, package);
  } else {
    list = InfoFile("list", package);
    md5sums = InfoFile("md5sums", package);
    conffiles = InfoFile("conffiles", package);
  }
  if (files_left_ == 0) {
    files_cut_ = files_cut_ || !list.empty() || !md5sums.empty();
    return;
  }
  package.files = ParseFileLists({list, md5sums, conffiles, paragraph.Find("Conffiles")}, root_, files_left_);
  files_left_ -= package.files.size();
}

void Database::AddLicenses(const ControlParagraph& paragraph, model::Package& package) {
  if (const std::string license = CleanText(paragraph.FindLine("License")); !license.empty())
    package.licenses.push_back({license, ""});
  const std::string text = Supporting(DocFolder(package.name) + "/copyright", kCopyrightBytesMax, package);
  for (std::string& license : ParseCopyright(text)) package.licenses.push_back({std::move(license), ""});
}

// Debian policy 12.3: a package's folder in usr/share/doc may be a link to that of another one which is built from
// the same source and which it depends on; so the copyright file is that one's.
void Database::ShareLicenses() {
  std::unordered_map<std::string_view, const model::Package*> by_name;
  for (const model::Package& package : packages_) by_name.emplace(package.name, &package);
  const auto source = [](const model::Package& package) -> std::string_view {
    return package.upstreams.empty() ? package.name : package.upstreams.front().name;
  };
  for (model::Package& package : packages_) {
    if (!package.licenses.empty() || !tree_.Exists(DocFolder(package.name))) continue;
    for (const std::string& needed : package.depends) {
      const auto other = by_name.find(needed);
      if (other == by_name.end() || source(*other->second) != source(package) || other->second->licenses.empty())
        continue;
      package.licenses = other->second->licenses;
      break;
    }
  }
}

void Database::SetPurl(model::Package& package) const {
  const model::Distro& distro = tree_.Distro();
  model::Purl purl{.type = opkg_ ? "opkg" : "deb",
                   .name_space = distro.id,
                   .name = package.name,
                   .version = package.version,
                   .qualifiers = {},
                   .subpath = {}};
  if (!package.architecture.empty()) purl.qualifiers.emplace_back("arch", package.architecture);
  if (std::string release = DistroQualifier(distro); !release.empty())
    purl.qualifiers.emplace_back("distro", std::move(release));
  if (!package.upstreams.empty()) {
    const model::Upstream& upstream = package.upstreams.front();
    purl.qualifiers.emplace_back("upstream",
                                 upstream.version.empty() ? upstream.name : upstream.name + "@" + upstream.version);
  }
  package.purl = model::Purl::Make(std::move(purl)).value_or(model::Purl());
}

// One, but for a paragraph in which the blank line between two records is damaged: each is a package all the same.
void Database::AddPackages(const ControlParagraph& paragraph) {
  ControlParagraph record;
  bool named = false;
  for (const ControlField& field : paragraph.fields) {
    if (LowerCase(field.name) == "package" && std::exchange(named, true)) {
      record.bad_lines = 1;
      record.first_bad_line = "another Package in it";
      AddPackage(record);
      record = {};
    }
    record.fields.push_back(field);
  }
  record.bad_lines += paragraph.bad_lines;
  if (paragraph.bad_lines > 0) record.first_bad_line = paragraph.first_bad_line;
  AddPackage(record);
}

void Database::AddPackage(const ControlParagraph& paragraph) {
  if (!IsInstalled(paragraph)) return;
  model::Package package;
  package.name = CleanText(paragraph.FindLine("Package"));
  package.version = CleanText(paragraph.FindLine("Version"));
  package.architecture = CleanText(paragraph.FindLine("Architecture"));
  if (package.name.empty() || package.version.empty() || paragraph.bad_lines > 0) {
    const bool kept = !package.name.empty() && !package.version.empty();
    const std::string_view line = paragraph.bad_lines > 0 ? paragraph.first_bad_line : std::string_view();
    sink_.Problem(status_.path,
                  Error(ErrorKind::kCorrupt, Format("{} record of package \"{}\"{}{}", kept ? "damaged" : "unusable",
                                                    package.name, line.empty() ? "" : ": ", CleanText(line, 80))));
    if (!kept) return;
  }
  if (!seen_.emplace(package.name, package.version, package.architecture).second) return;

  package.type = "deb";
  package.version_scheme = "dpkg";
  package.locations.push_back(status_.Here());
  package.supplier = CleanText(paragraph.FindLine("Maintainer"));
  package.homepage = CleanText(paragraph.FindLine("Homepage"));
  AppendTerms(paragraph.Find("Pre-Depends"), package.depends);
  AppendTerms(paragraph.Find("Depends"), package.depends);
  AppendTerms(paragraph.Find("Provides"), package.provides);
  for (const auto& [key, field] : kAttributes)
    if (std::string value = CleanText(paragraph.FindLine(field)); !value.empty())
      package.attributes.emplace_back(key, std::move(value));
  if (const std::string_view state = State(paragraph); !state.empty() && state != "installed")
    package.attributes.emplace_back("dpkg:status", CleanText(state));

  AddUpstream(paragraph, package);
  AddFiles(paragraph, package);
  if (opkg_) {
    // The status file of opkg has what it needs itself, the control file beside it what the package said.
    const std::string control = InfoFile("control", package);
    ControlReader reader(control);
    if (ControlParagraph said; reader.Next(said)) {
      if (package.upstreams.empty()) AddUpstream(said, package);
      if (package.supplier.empty()) package.supplier = CleanText(said.FindLine("Maintainer"));
      AddLicenses(said, package);
    }
  } else {
    AddLicenses(paragraph, package);
  }
  SetPurl(package);
  packages_.push_back(std::move(package));
}

Result<void> Database::Finish(Result<void> result) {
  if (files_cut_) sink_.Problem(status_.path, Error(ErrorKind::kLimit, Format("more than {} owned files", kFilesMax)));
  ShareLicenses();
  for (model::Package& package : packages_) sink_.Add(std::move(package));
  return result;
}

class DpkgCataloger final : public Cataloger {
 public:
  const CatalogerInfo& Info() const override { return kInfo; }

  void Catalog(const EvidenceTree& tree, PackageSink& sink) const override {
    for (const EvidenceFile& file : tree.Files()) {
      const std::string_view folder = FileNameOf(FolderOf(file.path));
      const bool distroless = folder == "status.d" && !file.path.ends_with(".md5sums");
      const bool status = (folder == "dpkg" || folder == "opkg") && FileNameOf(file.path) == "status";
      if (!distroless && !status) continue;
      if (const auto read = Database(tree, file, sink).Read(); !read) sink.Problem(file.path, read.error());
    }
  }
};

}  // namespace

std::unique_ptr<Cataloger> MakeDpkgCataloger() { return std::make_unique<DpkgCataloger>(); }

}  // namespace holdfast::catalog
