// The metadata is a message header of RFC 822 kind (the Python standard library reads it with its email parser), with
// fields that repeat, and a body that is the description. Beside it lie, each in a file of its own, the list of
// installed files, the importable names, and where pip had the package from if not from an index.
#include "catalog/python/python.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/format.h"
#include "base/limits.h"
#include "catalog/control_text.h"
#include "catalog/python/record.h"
#include "io/json.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint64_t kMetadataBytesMax = 8 * kMiB;
constexpr std::uint64_t kListBytesMax = 32 * kMiB;
constexpr std::size_t kFilesMax = 2'000'000;  // of one image
constexpr std::size_t kDependsMax = 10'000;   // of one package

constexpr std::array kClaims = {
    Claim{"**/*.dist-info/METADATA", EvidenceForm::kRaw, kMetadataBytesMax},
    Claim{"**/*.dist-info/RECORD", EvidenceForm::kRaw, kListBytesMax},
    Claim{"**/*.dist-info/direct_url.json", EvidenceForm::kRaw, kMetadataBytesMax},
    Claim{"**/*.dist-info/top_level.txt", EvidenceForm::kRaw, kMetadataBytesMax},
    Claim{"**/*.egg-info/PKG-INFO", EvidenceForm::kRaw, kMetadataBytesMax},
    Claim{"**/*.egg-info/installed-files.txt", EvidenceForm::kRaw, kListBytesMax},
    Claim{"**/*.egg-info/requires.txt", EvidenceForm::kRaw, kMetadataBytesMax},
    Claim{"**/*.egg-info/top_level.txt", EvidenceForm::kRaw, kMetadataBytesMax},
    Claim{"**/EGG-INFO/PKG-INFO", EvidenceForm::kRaw, kMetadataBytesMax},
    Claim{"**/EGG-INFO/requires.txt", EvidenceForm::kRaw, kMetadataBytesMax},
    Claim{"**/EGG-INFO/top_level.txt", EvidenceForm::kRaw, kMetadataBytesMax},
    Claim{"**/*.egg-info", EvidenceForm::kRaw, kMetadataBytesMax},
};
constexpr CatalogerInfo kInfo{.name = "python-installed", .version = 1, .claims = kClaims};

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

// distutils wrote "UNKNOWN" for what the author left out.
std::string Stated(std::string_view value) {
  std::string text = CleanText(value);
  return text == "UNKNOWN" ? std::string() : text;
}

std::string StatedLine(const ControlParagraph& header, std::string_view field) {
  return Stated(header.FindLine(field));
}

// Calls `each(value)` for all fields of that name.
template <typename Each>
void ForEachField(const ControlParagraph& header, std::string_view name, Each each) {
  for (const ControlField& field : header.fields)
    if (EqualsIgnoreCase(field.name, name)) each(field.value);
}

// "urllib3[socks] (<3,>=1.21) ; python_version >= '3.8'" → "urllib3". Empty for what only an extra asks for.
std::string RequiredName(std::string_view requirement) {
  const std::string_view name = TakeUntil(requirement, ';');
  // "extra" is a word of the marker language (PEP 508) that has no other use.
  if (requirement.find("extra") != std::string_view::npos) return {};
  const std::string_view trimmed = Trim(name);
  const auto end = std::ranges::find_if_not(trimmed, IsNameCharacter);
  return NormalPythonName(trimmed.substr(0, static_cast<std::size_t>(end - trimmed.begin())));
}

void AddRequired(std::string_view requirement, model::Package& package) {
  if (package.depends.size() >= kDependsMax) return;
  if (std::string name = RequiredName(requirement); !name.empty()) package.depends.push_back(std::move(name));
}

// requires.txt: what is always needed comes first; "[extra]" and "[:marker]" sections follow.
void AddRequiresText(std::string_view text, model::Package& package) {
  while (!text.empty()) {
    const std::string_view line = Trim(TakeLine(text));
    if (line.starts_with('[')) return;
    if (!line.starts_with('#')) AddRequired(line, package);
  }
}

// "License :: OSI Approved :: MIT License" → "MIT License"
std::string ClassifierLicense(std::string_view classifier) {
  constexpr std::string_view kLicense = "License :: ", kApproved = "License :: OSI Approved";
  classifier = Trim(classifier);
  if (!classifier.starts_with(kLicense) || classifier == kApproved) return {};
  return CleanText(classifier.substr(classifier.rfind(":: ") + 3));
}

void AddLicenses(const ControlParagraph& header, model::Package& package) {
  const auto add = [&](std::string license) {
    const bool known = std::ranges::find(package.licenses, license, &model::License::value) != package.licenses.end();
    if (!license.empty() && !known) package.licenses.push_back({std::move(license), ""});
  };
  add(StatedLine(header, "License-Expression"));
  if (!package.licenses.empty()) return;
  // Some put the whole text there.
  const std::string_view license = header.Find("License");
  if (license.find('\n') == std::string_view::npos) add(Stated(license));
  if (!package.licenses.empty()) return;
  ForEachField(header, "Classifier", [&](std::string_view value) { add(ClassifierLicense(value)); });
  if (package.licenses.empty()) add(StatedLine(header, "License"));
}

std::string Homepage(const ControlParagraph& header) {
  std::string homepage = StatedLine(header, "Home-page");
  ForEachField(header, "Project-URL", [&](std::string_view value) {
    const std::string label = LowerCase(Trim(TakeUntil(value, ',')));
    if (homepage.empty() && (label == "homepage" || label == "home-page" || label == "home page"))
      homepage = Stated(value);
  });
  return homepage;
}

std::string Supplier(const ControlParagraph& header) {
  for (const auto& [who, where] : {std::pair{"Author", "Author-email"}, std::pair{"Maintainer", "Maintainer-email"}}) {
    std::string name = StatedLine(header, who);
    const std::string email = StatedLine(header, where);
    if (!name.empty() && !email.empty() && email.find('<') == std::string::npos) name += " <" + email + ">";
    if (name.empty()) name = email;
    if (!name.empty()) return name;
  }
  return {};
}

// Without a user name and password.
std::string WithoutCredentials(std::string_view url) {
  std::string clean = CleanText(url);
  const std::size_t scheme = clean.find("://");
  if (scheme == std::string::npos) return clean;
  const std::size_t begin = scheme + 3, host_end = clean.find('/', begin);
  const std::size_t at = clean.rfind('@', host_end);
  if (at != std::string::npos && at >= begin) clean.erase(begin, at + 1 - begin);
  return clean;
}

void AddAttribute(model::Package& package, std::string_view key, std::string value) {
  if (!value.empty()) package.attributes.emplace_back(key, std::move(value));
}

// PEP 610.
Result<void> AddDirectUrl(std::string_view text, model::Package& package) {
  HF_TRY(const auto document, io::JsonDocument::Parse(text));
  const io::JsonView root = document.Root();
  AddAttribute(package, "python:direct-url", WithoutCredentials(root["url"].StringOr("")));
  AddAttribute(package, "python:commit", CleanText(root["vcs_info"]["commit_id"].StringOr("")));
  if (root["dir_info"]["editable"].Bool().value_or(false)) AddAttribute(package, "python:editable", "true");
  return {};
}

std::string WithoutSuffix(std::string_view text, std::string_view suffix) {
  return std::string(text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text);
}

// One installed package: its metadata file and what lies beside it.
class Installed {
 public:
  Installed(const EvidenceTree& tree, const EvidenceFile& metadata, PackageSink& sink)
      : tree_(tree), metadata_(metadata), sink_(sink) {
    // "…/x-1.0.dist-info/METADATA" and "…/x-1.0.egg-info"
    folder_ = metadata.path.ends_with(".egg-info") ? std::string_view(metadata.path) : FolderOf(metadata.path);
    site_packages_ = FolderOf(folder_);
    label_ = FileNameOf(folder_);
    if (label_ == "EGG-INFO") {
      label_ = FileNameOf(site_packages_);
      site_packages_ = FolderOf(site_packages_);
    }
  }

  Result<void> Read(std::size_t& files_left);

 private:
  void SetName(const ControlParagraph& header);
  void AddFiles(std::size_t& files_left);
  void AddAttributes(const ControlParagraph& header);
  std::string Beside(std::string_view name, std::uint64_t bytes_max);

  const EvidenceTree& tree_;
  const EvidenceFile& metadata_;
  PackageSink& sink_;
  std::string_view folder_, site_packages_, label_;
  model::Package package_;
};

std::string Installed::Beside(std::string_view name, std::uint64_t bytes_max) {
  const std::string path = Format("{}/{}", folder_, name);
  const EvidenceFile* file = tree_.Find(path);
  if (file == nullptr) return {};
  auto text = tree_.Read(*file, bytes_max);
  if (!text) {
    sink_.Problem(path, text.error());
    return {};
  }
  package_.locations.push_back(file->Here());
  package_.locations.back().primary = false;
  return *std::move(text);
}

void Installed::SetName(const ControlParagraph& header) {
  package_.name = StatedLine(header, "Name");
  package_.version = StatedLine(header, "Version");
  if (!package_.name.empty() && !package_.version.empty()) return;
  // "name-version.dist-info", "name-version-py3.11.egg-info": neither part has a '-' of its own.
  std::string label = label_ == FileNameOf(folder_) ? std::string(label_) : WithoutSuffix(label_, ".egg");
  label = WithoutSuffix(WithoutSuffix(label, ".dist-info"), ".egg-info");
  std::string_view rest = label;
  const std::string_view name = TakeUntil(rest, '-');
  const std::string_view version = TakeUntil(rest, '-');
  if (package_.name.empty()) package_.name = CleanText(name);
  if (package_.version.empty()) package_.version = CleanText(version);
}

void Installed::AddFiles(std::size_t& files_left) {
  const std::string record = Beside("RECORD", kListBytesMax);
  const std::string installed = record.empty() ? Beside("installed-files.txt", kListBytesMax) : std::string();
  package_.files = record.empty() ? ParseInstalledFiles(installed, folder_, files_left)
                                  : ParseRecord(record, site_packages_, files_left);
  files_left -= package_.files.size();
  if (files_left == 0 && package_.files.empty() && record.size() + installed.size() > 0)
    sink_.Problem(metadata_.path, Error(ErrorKind::kLimit, Format("more than {} owned files", kFilesMax)));
}

void Installed::AddAttributes(const ControlParagraph& header) {
  if (const std::string text = Beside("direct_url.json", kMetadataBytesMax); !text.empty())
    if (const auto added = AddDirectUrl(text, package_); !added)
      sink_.Problem(Format("{}/direct_url.json", folder_), added.error());
  AddAttribute(package_, "python:requires-python", StatedLine(header, "Requires-Python"));
  AddAttribute(package_, "python:site-packages", std::string(site_packages_));
  AddAttribute(package_, "python:summary", StatedLine(header, "Summary"));
  AddAttribute(package_, "python:top-level", CleanText(Beside("top_level.txt", kMetadataBytesMax)));
  std::ranges::sort(package_.attributes);
}

Result<void> Installed::Read(std::size_t& files_left) {
  HF_TRY(const std::string text, tree_.Read(metadata_, kMetadataBytesMax));
  std::string_view rest = text;
  if (constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf"; rest.starts_with(kByteOrderMark))
    rest.remove_prefix(kByteOrderMark.size());
  ControlReader reader(rest, BlankLine::kContinues);
  ControlParagraph header;
  std::ignore = reader.Next(header);
  SetName(header);
  if (package_.name.empty() || package_.version.empty())
    return Fail(ErrorKind::kCorrupt, "Python metadata without name or version");
  if (header.bad_lines > 0)
    sink_.Problem(metadata_.path, Error(ErrorKind::kCorrupt, Format("damaged metadata of \"{}\": {}", package_.name,
                                                                    CleanText(header.first_bad_line, 80))));
  package_.type = package_.language = "python";
  package_.version_scheme = "pep440";
  package_.ecosystem = "PyPI";
  package_.locations.push_back(metadata_.Here());
  const std::string normal = NormalPythonName(package_.name);
  if (normal != package_.name) {
    package_.advisory_names = {normal};
    package_.provides = {normal};
  }
  package_.purl =
      model::Purl::Make({.type = "pypi", .name = normal, .version = package_.version}).value_or(model::Purl());
  package_.homepage = Homepage(header);
  package_.supplier = Supplier(header);
  AddLicenses(header, package_);
  ForEachField(header, "Requires-Dist", [&](std::string_view value) { AddRequired(value, package_); });
  if (package_.depends.empty() && !label_.ends_with(".dist-info"))
    AddRequiresText(Beside("requires.txt", kMetadataBytesMax), package_);
  AddFiles(files_left);
  AddAttributes(header);
  sink_.Add(std::move(package_));
  return {};
}

bool IsMetadata(std::string_view path) {
  const std::string_view name = FileNameOf(path);
  return name == "METADATA" || name == "PKG-INFO" || name.ends_with(".egg-info");
}

class PythonCataloger final : public Cataloger {
 public:
  const CatalogerInfo& Info() const override { return kInfo; }

  void Catalog(const EvidenceTree& tree, PackageSink& sink) const override {
    std::size_t files_left = kFilesMax;
    for (const EvidenceFile& file : tree.Files()) {
      if (!IsMetadata(file.path)) continue;
      if (const auto read = Installed(tree, file, sink).Read(files_left); !read) sink.Problem(file.path, read.error());
    }
  }
};

}  // namespace

std::string NormalPythonName(std::string_view name) {
  std::string normal;
  for (const char c : name) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (!separator)
      normal += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    else if (!normal.ends_with('-'))
      normal += '-';
  }
  return normal;
}

std::unique_ptr<Cataloger> MakePythonCataloger() { return std::make_unique<PythonCataloger>(); }

}  // namespace holdfast::catalog
