#include "sbom/spdx_document.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/text.h"
#include "sbom/distro_name.h"

namespace holdfast::sbom {
namespace {

constexpr std::string_view kDocumentId = "SPDXRef-DOCUMENT";
constexpr std::size_t kDescribedMax = 100'000;
// A licence's text is kept when it may be a name.
constexpr std::size_t kLicenseTextBytesMax = 200;

bool IsStated(std::string_view value) { return !value.empty() && value != "NOASSERTION" && value != "NONE"; }

// "Organization: Debian (team@example.org)", "Person: …".
std::string AgentOf(std::string_view agent) {
  for (const std::string_view kind : {"Organization:", "Person:"})
    if (agent.starts_with(kind)) return std::string(Trim(agent.substr(kind.size())));
  return IsStated(agent) ? std::string(agent) : std::string();
}

std::string LocatorOf(const SpdxPackage& package, std::string_view type) {
  const auto found = std::ranges::find(package.refs, type, &SpdxExternalRef::type);
  return found == package.refs.end() ? std::string() : found->locator;
}

void AddPaths(std::string_view list, StatedPackage& stated) {
  constexpr std::size_t kPathsMax = 10'000;
  while (!list.empty() && stated.locations.size() < kPathsMax)
    if (const std::string_view path = Trim(TakeUntil(list, ',')); !path.empty())
      stated.locations.push_back({.path = std::string(path)});
}

// Where tools say in words what SPDX 2 has no field for.
void ReadSourceInfo(std::string_view info, StatedPackage& stated) {
  constexpr std::string_view kOurs = "found by ", kSyft = "acquired package info from ",
                             kTrivy = "built package from: ";
  if (info.starts_with(kOurs)) {
    info.remove_prefix(kOurs.size());
    const std::size_t in = info.find(" in ");
    stated.cataloger = info.substr(0, in);
    if (in != std::string_view::npos) AddPaths(info.substr(in + 4), stated);
  } else if (info.starts_with(kSyft)) {
    const std::size_t colon = info.find(": ");
    if (colon != std::string_view::npos) AddPaths(info.substr(colon + 2), stated);
  } else if (info.starts_with(kTrivy)) {
    info.remove_prefix(kTrivy.size());
    const std::size_t blank = info.find(' ');
    stated.source_name = info.substr(0, blank);
    if (blank != std::string_view::npos) stated.source_version = Trim(info.substr(blank));
  }
}

// What our own writer annotates: "holdfast:advisory-name=org.example:a".
void ReadComment(std::string_view comment, StatedPackage& stated) {
  constexpr std::string_view kName = "holdfast:advisory-name=", kType = "holdfast:type=";
  if (comment.starts_with(kName)) stated.advisory_names.emplace_back(comment.substr(kName.size()));
  if (comment.starts_with(kType)) stated.type = comment.substr(kType.size());
}

bool IsPurposeOfSubjects(std::string_view purpose) {
  constexpr std::array<std::string_view, 6> kPurposes = {"container", "file",     "archive",
                                                         "device",    "firmware", "source"};
  return std::ranges::find(kPurposes, LowerCase(purpose)) != kPurposes.end();
}

bool IsOperatingSystem(const SpdxPackage& package) {
  const std::string purpose = LowerCase(package.purpose);
  return purpose == "operating-system" || purpose == "operatingsystem" ||
         package.id.starts_with("SPDXRef-OperatingSystem");
}

}  // namespace

void SpdxDocument::SetName(std::string_view name) {
  builder_.Analysis().source.name = builder_.Analysis().source.reference = CleanText(name);
}

void SpdxDocument::AddCreator(std::string_view creator) {
  constexpr std::string_view kTool = "Tool:";
  if (creator.starts_with(kTool)) builder_.SetTool(Trim(creator.substr(kTool.size())));
}

void SpdxDocument::SetComment(std::string_view comment) {
  if (comment.starts_with("This document is incomplete")) builder_.SaysIncomplete();
}

Result<void> SpdxDocument::Add(SpdxPackage package) {
  if (packages_.size() >= limits_.packages_max)
    return Fail(ErrorKind::kLimit, Format("more than {} packages", limits_.packages_max));
  packages_.push_back(std::move(package));
  return {};
}

void SpdxDocument::AddLicenseText(std::string id, std::string_view name, std::string_view text) {
  const std::string_view says = text.size() <= kLicenseTextBytesMax && IsStated(text) ? text : name;
  if (IsStated(says)) license_texts_.emplace(std::move(id), CleanText(says));
}

void SpdxDocument::AddRelationship(std::string_view from, std::string_view type, std::string_view to,
                                   std::string_view comment) {
  using enum model::RelationKind;
  // By far the most, in documents that list files.
  if (from.starts_with("SPDXRef-File-") || to.starts_with("SPDXRef-File-")) return;
  std::string a(from), b(to);
  if (type == "DESCRIBES" && from == kDocumentId && described_.size() < kDescribedMax)
    described_.insert(std::move(b));
  else if (type == "DESCRIBED_BY" && to == kDocumentId && described_.size() < kDescribedMax)
    described_.insert(std::move(a));
  else if (type == "DEPENDS_ON")
    builder_.Relate(kDependsOn, std::move(a), std::move(b));
  else if (type == "DEPENDENCY_OF")
    builder_.Relate(kDependsOn, std::move(b), std::move(a));
  else if (type == "CONTAINS")
    builder_.Relate(kContains, std::move(a), std::move(b));
  else if (type == "OTHER" &&
           (comment.starts_with("owns the files") || comment.starts_with("ownership-by-file-overlap")))
    builder_.Relate(kOwns, std::move(a), std::move(b));
}

// What the document is about is no package in it: the image, the folder, the project. Some documents describe each
// package instead.
bool SpdxDocument::IsSubject(const SpdxPackage& package) const {
  const std::string purl = LocatorOf(package, "purl");
  if (purl.starts_with("pkg:oci/") || purl.starts_with("pkg:docker/")) return true;
  if (purl.empty() && IsPurposeOfSubjects(package.purpose)) return true;
  // Trivy's lock files and folders, which group what is in them.
  if (purl.empty() && package.version.empty() && package.id.starts_with("SPDXRef-Application-")) return true;
  return described_.size() == 1 && described_.contains(package.id) && packages_.size() > 1;
}

StatedPackage SpdxDocument::State(SpdxPackage& package) const {
  StatedPackage stated;
  stated.purl = LocatorOf(package, "purl");
  stated.id = std::move(package.id);
  stated.name = std::move(package.name);
  stated.version = std::move(package.version);
  stated.supplier = AgentOf(package.supplier);
  if (stated.supplier.empty()) stated.supplier = AgentOf(package.originator);
  if (IsStated(package.homepage)) stated.homepage = std::move(package.homepage);
  for (SpdxExternalRef& ref : package.refs)
    if (ref.type == "cpe23Type" || ref.type == "cpe23") stated.cpes.push_back(std::move(ref.locator));
  std::string& license = IsStated(package.license_declared) ? package.license_declared : package.license_concluded;
  if (IsStated(license)) {
    const auto text = license_texts_.find(license);
    stated.licenses.push_back(text == license_texts_.end() ? std::move(license) : text->second);
  }
  ReadSourceInfo(package.source_info, stated);
  if (stated.locations.empty()) stated.locations.push_back({.path = std::move(package.file_name)});
  for (const std::string& comment : package.comments) ReadComment(comment, stated);
  return stated;
}

Result<Document> SpdxDocument::Finish() {
  for (std::size_t i = 0; i < packages_.size(); ++i) {
    SpdxPackage& package = packages_[i];
    if (IsOperatingSystem(package)) {
      builder_.SetDistro(DistroFrom(CleanText(package.name), CleanText(package.version)));
      continue;
    }
    if (IsSubject(package)) {
      if (!package.name.empty() && (described_.empty() || described_.contains(package.id))) SetName(package.name);
      continue;
    }
    HF_CHECK_OK(builder_.Add(State(package), Format("package {}", i)));
  }
  return builder_.Finish();
}

}  // namespace holdfast::sbom
