#include "triage/product.h"

#include <algorithm>
#include <utility>

#include "base/format.h"

namespace holdfast::triage {
namespace {

constexpr std::string_view kDockerIndex = "index.docker.io/";

// Go's versions are written with and without the letters in front.
std::string_view BareVersion(std::string_view type, std::string_view version) {
  if (type != "golang") return version;
  if (version.starts_with("go")) return version.substr(2);
  return version.starts_with('v') ? version.substr(1) : version;
}

bool SameArchitecture(std::string_view a, std::string_view b) {
  const auto is_any = [](std::string_view name) { return name.empty() || name == "noarch" || name == "all"; };
  return a == b || is_any(a) || is_any(b);
}

std::optional<image::Reference> ParseReference(std::string_view text) {
  std::string plain(text);
  if (plain.starts_with(kDockerIndex)) plain = "docker.io/" + plain.substr(kDockerIndex.size());
  auto reference = image::Reference::Parse(plain);
  return reference ? std::optional(*std::move(reference)) : std::nullopt;
}

// "cpe:/o:redhat:enterprise_linux:9::baseos" and "cpe:2.3:o:redhat:enterprise_linux:9:…" → "redhat:enterprise_linux:9".
std::string PlatformOf(std::string_view cpe) {
  for (const std::string_view prefix : {"cpe:2.3:o:", "cpe:/o:", "cpe:2.3:a:", "cpe:/a:"}) {
    if (!cpe.starts_with(prefix)) continue;
    cpe.remove_prefix(prefix.size());
    std::size_t end = 0;
    for (int part = 0; part < 3 && end != std::string_view::npos; ++part) end = cpe.find(':', part == 0 ? 0 : end + 1);
    return std::string(cpe.substr(0, end));
  }
  return {};
}

}  // namespace

bool PurlCovers(const model::Purl& wanted, const model::Package& package) {
  const model::Purl& own = package.purl;
  if (wanted.type != own.type || wanted.name_space != own.name_space) return false;
  const std::string_view architecture = wanted.Qualifier("arch");
  const bool source = architecture == "src" || architecture == "source";
  bool named = wanted.name == own.name;
  std::string_view version = own.version;
  for (const model::Upstream& upstream : package.upstreams) {
    if (named || !source || upstream.name != wanted.name) continue;
    named = true;
    if (!upstream.version.empty()) version = upstream.version;
  }
  if (!named || (!source && !SameArchitecture(architecture, own.Qualifier("arch")))) return false;
  const std::string_view epoch = wanted.Qualifier("epoch");
  if (!epoch.empty() && !own.Qualifier("epoch").empty() && epoch != own.Qualifier("epoch")) return false;
  return wanted.version.empty() || BareVersion(wanted.type, wanted.version) == BareVersion(own.type, version);
}

ImageIdentity::ImageIdentity(const model::ImageAnalysis& analysis) : analysis_(analysis) {
  const model::ImageSource& source = analysis.source;
  for (const std::string* digest : {&source.manifest_digest, &source.image_id})
    if (!digest->empty()) digests_.insert(*digest);
  std::vector<std::string_view> texts(source.tags.begin(), source.tags.end());
  texts.insert(texts.end(), {source.reference, source.name});
  for (const std::string_view text : texts) {
    if (image::IsTag(text) && !text.contains('/')) tags_.emplace(text);
    const auto reference = text.empty() ? std::nullopt : ParseReference(text);
    if (!reference) continue;
    names_.insert(reference->Name());
    if (reference->digest) digests_.insert(reference->digest->Text());
    if (!reference->tag.empty()) tags_.insert(reference->tag);
  }
}

bool ImageIdentity::IsOneOfNames(const image::Reference& reference) const {
  if (!names_.contains(reference.Name())) return false;
  if (!reference.tag.empty() && !tags_.contains(reference.tag)) return false;
  return !reference.digest || digests_.contains(reference.digest->Text());
}

bool ImageIdentity::IsThisImage(const model::Purl& purl) const {
  if (purl.type != "oci" && purl.type != "docker") return false;
  if (!purl.version.empty() && !digests_.contains(purl.version) && !tags_.contains(purl.version)) return false;
  const std::string_view tag = purl.Qualifier("tag");
  if (!tag.empty() && !tags_.contains(tag)) return false;
  const std::string_view url = purl.Qualifier("repository_url");
  if (purl.type == "oci" && url.empty()) {
    return std::ranges::any_of(names_, [&](std::string_view name) {
      return name.ends_with(purl.name) && name.substr(0, name.size() - purl.name.size()).ends_with('/');
    });
  }
  std::string name = purl.name_space.empty() ? purl.name : purl.name_space + "/" + purl.name;
  if (purl.type == "oci") name = url.ends_with("/" + purl.name) ? std::string(url) : Format("{}/{}", url, purl.name);
  const auto reference = ParseReference(name);
  return reference && names_.contains(reference->Name());
}

bool ImageIdentity::IsThisImage(std::string_view id) const {
  // A file or folder is called by its path.
  if (digests_.contains(id) || (!id.empty() && id == analysis_.source.reference)) return true;
  const auto reference = ParseReference(id);
  return reference && IsOneOfNames(*reference);
}

// A package holds another when it was found in the same file, or owns or contains it.
bool ImageIdentity::HoldsPackage(const model::Purl& holder, std::uint32_t package) const {
  const model::Package& held = analysis_.packages[package];
  const auto same_file = [&](const model::Package& other) {
    return !other.locations.empty() && !held.locations.empty() &&
           other.locations.front().path == held.locations.front().path;
  };
  for (std::uint32_t i = 0; i < analysis_.packages.size(); ++i) {
    const model::Package& other = analysis_.packages[i];
    if (i == package || !PurlCovers(holder, other)) continue;
    const auto relates = [&](const model::Relation& relation) {
      return relation.from == i && relation.to == package && relation.kind != model::RelationKind::kDependsOn;
    };
    if (same_file(other) || std::ranges::any_of(analysis_.relations, relates)) return true;
  }
  return false;
}

bool ImageIdentity::OnPlatform(std::string_view cpe) const {
  if (cpe.empty()) return true;
  const std::string wanted = PlatformOf(cpe);
  const std::string own = PlatformOf(analysis_.distro.cpe_name);
  if (wanted.empty() || own.empty()) return false;
  // "redhat:enterprise_linux:9" is the platform of 9.4.
  return own == wanted || own.starts_with(wanted + ".");
}

ImageIdentity::Covered ImageIdentity::Covers(const VexProduct& product, std::uint32_t package) const {
  if (!OnPlatform(product.platform_cpe)) return {};
  const model::Package& own = analysis_.packages[package];
  Covered part{product.subcomponents.empty(), false};
  for (const std::string& text : product.subcomponents) {
    const auto purl = model::Purl::Parse(text);
    if (!purl || !PurlCovers(*purl, own)) continue;
    part.covers = true;
    part.exactly = part.exactly || !purl->version.empty();
  }
  for (const std::string& id : product.ids) {
    if (!part.covers) break;
    const auto purl = model::Purl::Parse(id);
    if (purl ? IsThisImage(*purl) : IsThisImage(id)) return part;
    if (!purl) continue;
    if (PurlCovers(*purl, own)) return {true, !purl->version.empty()};
    if (!product.subcomponents.empty() && HoldsPackage(*purl, package)) return part;
  }
  return {};
}

}  // namespace holdfast::triage
