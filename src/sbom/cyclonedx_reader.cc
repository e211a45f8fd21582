// CycloneDX says the same in JSON and XML: what is a list in the one is an element with children of one name in the
// other, and a few members are attributes. Node hides that, so that there is one reader.
//
// Its fields tell little of a package of a distribution; tools put the rest into properties, each under its own names:
// "holdfast:upstream", "syft:metadata:source", "aquasecurity:trivy:SrcName".

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "sbom/distro_name.h"
#include "sbom/document_builder.h"
#include "sbom/document_readers.h"

namespace holdfast::sbom {
namespace {

using io::JsonView;
using io::XmlView;

// Lists within one component.
constexpr std::size_t kItemsMax = 100'000;
constexpr int kMinorVersionMax = 7;

class Node {
 public:
  explicit Node(JsonView json) : json_(json) {}
  explicit Node(XmlView xml) : xml_(xml), is_xml_(true) {}

  [[nodiscard]] Node Child(std::string_view name) const { return is_xml_ ? Node(xml_[name]) : Node(json_[name]); }
  [[nodiscard]] bool IsNull() const { return is_xml_ ? xml_.IsNull() : json_.IsNull(); }
  [[nodiscard]] std::string_view Text() const { return is_xml_ ? xml_.Text() : json_.StringOr(""); }
  [[nodiscard]] std::string_view Text(std::string_view name) const { return Child(name).Text(); }
  // What is an attribute in XML.
  [[nodiscard]] std::string_view Attribute(std::string_view name) const {
    return is_xml_ ? xml_.Attribute(name) : json_[name].StringOr("");
  }
  // A property's value is its text in XML.
  [[nodiscard]] std::string_view ValueOfPair() const { return is_xml_ ? xml_.Text() : json_["value"].StringOr(""); }

  // The items of the list `list`, which XML calls `item`.
  template <typename Each>
  void ForEach(std::string_view list, std::string_view item, Each each) const {
    if (is_xml_) {
      for (const XmlView one : xml_[list].Named(item)) each(Node(one));
    } else if (const JsonView items = json_[list]; items.IsArray()) {
      for (const JsonView one : items) each(Node(one));
    }
  }
  // Children in XML; JSON has no such thing.
  template <typename Each>
  void ForEachChild(std::string_view name, Each each) const {
    for (const XmlView one : xml_.Named(name)) each(Node(one));
  }
  // Choices in a list, such as licences and expressions: in XML by the element's name, in JSON by the member's.
  template <typename Each>
  void ForEachChoice(std::string_view list, Each each) const {
    if (is_xml_) {
      for (const XmlView one : xml_[list].Children()) each(one.Name(), Node(one));
    } else if (const JsonView items = json_[list]; items.IsArray()) {
      for (const JsonView one : items)
        for (std::size_t i = 0; one.IsObject() && i < one.Size(); ++i) each(one.KeyAt(i), Node(one.At(i)));
    }
  }

 private:
  JsonView json_;
  XmlView xml_;
  bool is_xml_ = false;
};

std::string Joined(std::string group, const std::string& name) { return group.empty() ? name : group + "/" + name; }

using Field = std::string StatedPackage::*;
struct KnownProperty {
  std::string_view name;
  Field field;
};
constexpr auto kProperties = std::to_array<KnownProperty>({
    {"holdfast:type", &StatedPackage::type},
    {"holdfast:cataloger", &StatedPackage::cataloger},
    {"holdfast:architecture", &StatedPackage::architecture},
    {"holdfast:module", &StatedPackage::module_label},
    {"holdfast:owned-by", &StatedPackage::owner},
    {"holdfast:homepage", &StatedPackage::homepage},
    {"syft:package:type", &StatedPackage::type},
    {"syft:package:foundBy", &StatedPackage::cataloger},
    {"syft:metadata:architecture", &StatedPackage::architecture},
    {"syft:metadata:modularityLabel", &StatedPackage::module_label},
    {"syft:metadata:source", &StatedPackage::source_name},
    {"syft:metadata:sourceVersion", &StatedPackage::source_version},
    {"syft:metadata:originPackage", &StatedPackage::source_name},
    {"syft:metadata:sourceRpm", &StatedPackage::source_rpm},
    {"syft:metadata:epoch", &StatedPackage::epoch},
    {"aquasecurity:trivy:Modularitylabel", &StatedPackage::module_label},
    {"aquasecurity:trivy:SrcName", &StatedPackage::source_name},
    {"aquasecurity:trivy:SrcVersion", &StatedPackage::source_version},
    {"aquasecurity:trivy:SrcRelease", &StatedPackage::source_release},
    {"aquasecurity:trivy:SrcEpoch", &StatedPackage::source_epoch},
    {"aquasecurity:trivy:LayerDiffID", &StatedPackage::layer},
    {"SrcName", &StatedPackage::source_name},
    {"SrcVersion", &StatedPackage::source_version},
    {"SrcRelease", &StatedPackage::source_release},
    {"SrcEpoch", &StatedPackage::source_epoch},
});

class CycloneDxReader {
 public:
  CycloneDxReader(Node root, std::string format, const Limits& limits)
      : root_(root), builder_(std::move(format), limits) {}

  Result<Document> Read(std::string_view version) {
    CheckVersion(version);
    ReadMetadata();
    HF_CHECK_OK(ReadComponents());
    ReadDependencies();
    root_.ForEach("compositions", "composition", [&](Node one) {
      if (one.Text("aggregate").starts_with("incomplete")) builder_.SaysIncomplete();
    });
    return builder_.Finish();
  }

 private:
  void CheckVersion(std::string_view version);
  void ReadMetadata();
  void ReadTargetProperty(std::string_view name, const std::string& value);
  [[nodiscard]] Result<void> ReadComponents();
  [[nodiscard]] Result<void> ReadComponent(Node component);
  void ReadOperatingSystem(Node component);
  void ReadProperty(std::string_view name, std::string_view value, StatedPackage& stated);
  void ReadDependencies();

  Node root_;
  DocumentBuilder builder_;
  std::size_t components_ = 0;
};

void CycloneDxReader::CheckVersion(std::string_view version) {
  int major = 0, minor = 0;
  const char* const end = version.data() + version.size();
  const auto parsed = std::from_chars(version.data(), end, major);
  if (parsed.ec == std::errc() && parsed.ptr != end) (void)std::from_chars(parsed.ptr + 1, end, minor);
  if (major > 1 || minor > kMinorVersionMax)
    builder_.Report(ErrorKind::kUnsupported,
                    Format("CycloneDX {} is newer than 1.{}, the last one known: something may be missing",
                           CleanText(version), kMinorVersionMax));
}

void CycloneDxReader::ReadMetadata() {
  const Node metadata = root_.Child("metadata");
  const auto tool = [&](Node one) {
    const std::string_view name = one.Text("name"), version = one.Text("version");
    if (!name.empty()) builder_.SetTool(version.empty() ? std::string(name) : Format("{} {}", name, version));
  };
  metadata.ForEach("tools", "tool", tool);
  metadata.Child("tools").ForEach("components", "component", tool);
  model::ImageSource& source = builder_.Analysis().source;
  const Node target = metadata.Child("component");
  source.name = Joined(CleanText(target.Text("group")), CleanText(target.Text("name")));
  source.reference = source.name;
  if (const std::string version = CleanText(target.Text("version")); version.starts_with("sha256:"))
    source.manifest_digest = version;
  target.ForEach("properties", "property", [&](Node property) {
    ReadTargetProperty(property.Attribute("name"), CleanText(property.ValueOfPair()));
  });
  metadata.ForEach("properties", "property", [&](Node property) {
    const std::string_view name = property.Attribute("name"), value = property.ValueOfPair();
    if (name == "holdfast:complete" && value == "false") builder_.SaysIncomplete();
    if (name == "holdfast:problem")
      builder_.Report(ErrorKind::kNotFound, "stated by the document: " + CleanText(value));
  });
}

// Trivy's facts of the image; "DiffID" stands there once for each layer, in order.
void CycloneDxReader::ReadTargetProperty(std::string_view name, const std::string& value) {
  constexpr std::size_t kTagsMax = 1'000;
  model::ImageSource& source = builder_.Analysis().source;
  if (name == "aquasecurity:trivy:ImageID") source.image_id = value;
  if (name == "aquasecurity:trivy:DiffID") (void)builder_.LayerOf(value);
  if (name == "aquasecurity:trivy:RepoTag" && source.tags.size() < kTagsMax) source.tags.push_back(value);
  if (name == "aquasecurity:trivy:RepoDigest" && value.contains('@'))
    source.manifest_digest = value.substr(value.find('@') + 1);
}

// Components nest: those of archives in archives, and of groups.
Result<void> CycloneDxReader::ReadComponents() {
  std::vector<Node> pending;
  const auto add = [&](Node component) { pending.push_back(component); };
  root_.Child("metadata").Child("component").ForEach("components", "component", add);
  root_.ForEach("components", "component", add);
  while (!pending.empty()) {
    const Node component = pending.back();
    pending.pop_back();
    HF_CHECK_OK(ReadComponent(component));
    component.ForEach("components", "component", add);
  }
  return {};
}

// Files, devices and the like are no packages; nor are applications that only group what is in them, such as Trivy's
// lock files, nor the images that a list of deployments names.
bool IsPackage(Node component) {
  constexpr std::array<std::string_view, 8> kOthers = {"file",     "device", "device-driver",       "firmware",
                                                       "platform", "data",   "cryptographic-asset", "container"};
  const std::string_view type = component.Attribute("type"), purl = component.Text("purl");
  if (purl.starts_with("pkg:oci/") || purl.starts_with("pkg:docker/")) return false;
  if (!purl.empty()) return true;
  if (std::ranges::find(kOthers, type) != kOthers.end()) return false;
  return type != "application" || !component.Text("version").empty() || !component.Text("cpe").empty();
}

void ReadLicenses(Node component, StatedPackage& stated) {
  component.ForEachChoice("licenses", [&](std::string_view choice, Node one) {
    if (stated.licenses.size() >= kItemsMax) return;
    if (choice == "expression") stated.licenses.emplace_back(one.Text());
    if (choice != "license") return;
    const std::string_view id = one.Text("id");
    stated.licenses.emplace_back(id.empty() ? one.Text("name") : id);
  });
}

std::string_view SupplierOf(Node component) {
  for (const std::string_view who : {"supplier", "manufacturer"})
    if (const std::string_view name = component.Child(who).Text("name"); !name.empty()) return name;
  if (const std::string_view publisher = component.Text("publisher"); !publisher.empty()) return publisher;
  return component.Text("author");
}

Result<void> CycloneDxReader::ReadComponent(Node component) {
  const std::size_t number = components_++;
  if (component.Attribute("type") == "operating-system") {
    ReadOperatingSystem(component);
    return {};
  }
  if (!IsPackage(component)) return {};
  StatedPackage stated;
  stated.id = component.Attribute("bom-ref");
  stated.group = component.Text("group");
  stated.name = component.Text("name");
  stated.version = component.Text("version");
  stated.purl = component.Text("purl");
  stated.supplier = SupplierOf(component);
  if (const std::string_view cpe = component.Text("cpe"); !cpe.empty()) stated.cpes.emplace_back(cpe);
  ReadLicenses(component, stated);
  component.ForEach("properties", "property",
                    [&](Node property) { ReadProperty(property.Attribute("name"), property.ValueOfPair(), stated); });
  component.Child("evidence").ForEach("occurrences", "occurrence", [&](Node one) {
    if (stated.locations.size() < kItemsMax) stated.locations.push_back({.path = std::string(one.Text("location"))});
  });
  component.ForEach("externalReferences", "reference", [&](Node one) {
    if (one.Attribute("type") == "website" && stated.homepage.empty()) stated.homepage = one.Text("url");
  });
  return builder_.Add(std::move(stated), Format("component {}", number));
}

void CycloneDxReader::ReadOperatingSystem(Node component) {
  model::Distro distro = DistroFrom(CleanText(component.Text("name")), CleanText(component.Text("version")));
  distro.pretty_name = CleanText(component.Text("description"));
  component.ForEach("properties", "property", [&](Node property) {
    const std::string_view name = property.Attribute("name");
    const std::string value = CleanText(property.ValueOfPair());
    if (name == "syft:distro:id") distro.id = DistroId(value);
    if (name == "syft:distro:versionID") distro.version_id = value;
    if (name == "syft:distro:versionCodename") distro.version_codename = value;
    if (name == "syft:distro:prettyName") distro.pretty_name = value;
    constexpr std::size_t kIdLikeMax = 16;
    if (name.starts_with("syft:distro:idLike") && distro.id_like.size() < kIdLikeMax) distro.id_like.push_back(value);
  });
  builder_.SetDistro(std::move(distro));
}

void CycloneDxReader::ReadProperty(std::string_view name, std::string_view value, StatedPackage& stated) {
  constexpr std::string_view kOurs = "holdfast:", kSyftLocation = "syft:location:";
  const auto* known = std::ranges::find(kProperties, name, &KnownProperty::name);
  if (known != kProperties.end()) {
    stated.*(known->field) = value;
  } else if (name == "holdfast:upstream" && stated.upstreams.size() < kItemsMax) {
    const std::size_t at = value.rfind('@');
    stated.upstreams.push_back(
        {std::string(value.substr(0, at)), at == std::string_view::npos ? "" : std::string(value.substr(at + 1))});
  } else if (name == "holdfast:advisory-name") {
    if (stated.advisory_names.size() < kItemsMax) stated.advisory_names.emplace_back(value);
  } else if (name == "syft:cpe23") {
    if (stated.cpes.size() < kItemsMax) stated.cpes.emplace_back(value);
  } else if (name == "holdfast:location" || name == "aquasecurity:trivy:FilePath" || name == "SrcFile" ||
             (name.starts_with(kSyftLocation) && name.ends_with(":path"))) {
    if (stated.locations.size() < kItemsMax) stated.locations.push_back({.path = std::string(value)});
  } else if (name == "holdfast:layer" || (name.starts_with(kSyftLocation) && name.ends_with(":layerID"))) {
    if (!stated.locations.empty()) stated.locations.back().layer = builder_.LayerOf(value);
  } else if (name.starts_with(kOurs) && stated.attributes.size() < kItemsMax) {
    stated.attributes.emplace_back(name.substr(kOurs.size()), value);
  }
}

void CycloneDxReader::ReadDependencies() {
  const auto relate = [&](std::string_view from, std::string_view to) {
    builder_.Relate(model::RelationKind::kDependsOn, std::string(from), std::string(to));
  };
  root_.ForEach("dependencies", "dependency", [&](Node one) {
    const std::string_view from = one.Attribute("ref");
    one.ForEach("dependsOn", "", [&](Node to) { relate(from, to.Text()); });
    one.ForEachChild("dependency", [&](Node to) { relate(from, to.Attribute("ref")); });
  });
}

// "http://cyclonedx.org/schema/bom/1.4": what XML has instead of the version.
std::string_view VersionOfNamespace(XmlView root) {
  const std::string_view name_space = root.Attribute("xmlns");
  return name_space.substr(std::min(name_space.size(), name_space.rfind('/') + 1));
}

std::string FormatOf(std::string_view version, std::string_view form) {
  constexpr std::size_t kVersionBytesMax = 20;
  return Format("CycloneDX {} {}", CleanText(version, kVersionBytesMax), form);
}

}  // namespace

Result<Document> ReadCycloneDx(JsonView root, const Limits& limits) {
  const std::string_view version = root["specVersion"].StringOr("");
  return CycloneDxReader(Node(root), FormatOf(version, "JSON"), limits).Read(version);
}

Result<Document> ReadCycloneDx(XmlView root, const Limits& limits) {
  const std::string_view version = VersionOfNamespace(root);
  return CycloneDxReader(Node(root), FormatOf(version, "XML"), limits).Read(version);
}

}  // namespace holdfast::sbom
