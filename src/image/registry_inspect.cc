#include "image/registry_inspect.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/format.h"
#include "image/manifest.h"
#include "image/resolve.h"
#include "io/json.h"
#include "io/sha256.h"

namespace holdfast::image {
namespace {

constexpr std::size_t kTagPagesMax = 10'000;
constexpr std::size_t kTagPageSize = 1'000;

std::string AcceptAll() {
  return Format("{}, {}, {}, {}", kOciManifest, kOciIndex, kDockerManifest, kDockerManifestList);
}

std::string HostOf(const std::string& domain) { return domain == "docker.io" ? "registry-1.docker.io" : domain; }

// Reads documents and keeps them.
class KeepingReader final : public DocumentReader {
 public:
  KeepingReader(RegistryClient& client, const Limits& limits) : client_(client), limits_(limits) {}

  // The one that the reference names.
  Result<Descriptor> ReadRoot(const Reference& reference) {
    HF_TRY(auto response, client_.Fetch({.what = "manifests/" + reference.ManifestKey(), .accept = AcceptAll()}));
    Descriptor root{.media_type = std::string(response.headers.Find("Content-Type").value_or(""))};
    HF_TRY(std::string text, response.body->ReadText(limits_.document_bytes_max));
    root.digest = Digest(io::Sha256Of(text));
    root.size_bytes = text.size();
    if (reference.digest && root.digest != *reference.digest)
      return Fail(ErrorKind::kCorrupt,
                  Format("{} sends a manifest with digest {}", client_.Host(), root.digest.Text()));
    texts_.emplace(root.digest, std::move(text));
    return root;
  }

  Result<std::string> ReadDocument(const Descriptor& descriptor) override {
    if (const auto known = texts_.find(descriptor.digest); known != texts_.end()) return known->second;
    const bool manifest = AcceptAll().contains(descriptor.media_type) && !descriptor.media_type.empty();
    HF_TRY(auto response, client_.Fetch({.what = (manifest ? "manifests/" : "blobs/") + descriptor.digest.Text(),
                                         .accept = manifest ? AcceptAll() : ""}));
    HF_TRY(std::string text, response.body->ReadText(limits_.document_bytes_max));
    texts_.emplace(descriptor.digest, text);
    return text;
  }

  [[nodiscard]] std::string Take(const Digest& digest) { return std::move(texts_[digest]); }

 private:
  RegistryClient& client_;
  const Limits& limits_;
  std::map<Digest, std::string> texts_;
};

// The value of a Link header's "next", as "tags/list?…" of the same repository (RFC 8288; distribution-spec, "Listing
// Tags"); empty: the last page.
std::string NextPage(const http::Response& response) {
  const auto link = response.headers.Find("Link");
  if (!link || !link->contains("rel=\"next\"")) return {};
  const std::size_t question = link->find('?');
  const std::size_t end = link->find('>');
  if (question == std::string_view::npos || end == std::string_view::npos || end < question) return {};
  return "tags/list" + std::string(link->substr(question, end - question));
}

// A multi-platform image has what fleets run on; when this host is something else, that is still what is meant.
std::optional<Platform> FallbackPlatform() {
  const auto amd64 = Platform::Parse("linux/amd64");
  return amd64 ? std::optional(*amd64) : std::nullopt;
}

}  // namespace

RegistryInspector::RegistryInspector(const RegistryContext& context, const Reference& repository, const Limits& limits)
    : limits_(limits), client_(context, HostOf(repository.domain), repository.path, context.options.credential) {}

Result<InspectedImage> RegistryInspector::Inspect(const Reference& reference, const std::optional<Platform>& platform) {
  KeepingReader documents(client_, limits_);
  HF_TRY(const Descriptor root, documents.ReadRoot(reference));
  auto resolved = ResolveImage(documents, root, platform, limits_);
  if (!resolved && resolved.error().Kind() == ErrorKind::kNotFound && !platform)
    resolved = ResolveImage(documents, root, FallbackPlatform(), limits_);
  if (!resolved) return std::unexpected(resolved.error());
  InspectedImage image{.manifest_digest = resolved->manifest_at.digest,
                       .config_digest = resolved->manifest.config.digest};
  for (const Descriptor& layer : resolved->manifest.layers) image.compressed_bytes += layer.size_bytes;
  image.config = documents.Take(image.config_digest);
  if (image.manifest_digest != root.digest) {
    image.index_digest = root.digest;
    image.index = documents.Take(root.digest);
  }
  image.manifest = documents.Take(image.manifest_digest);
  return image;
}

Result<Digest> RegistryInspector::ResolveTag(const Reference& reference) {
  const std::string what = "manifests/" + reference.ManifestKey();
  HF_TRY(const auto head, client_.Fetch({.what = what, .accept = AcceptAll(), .head = true}));
  if (const auto stated = head.headers.Find("Docker-Content-Digest"))
    if (auto digest = Digest::Parse(*stated)) return *digest;
  HF_TRY(const auto response, client_.Fetch({.what = what, .accept = AcceptAll()}));
  HF_TRY(const std::string text, response.body->ReadText(limits_.document_bytes_max));
  return Digest(io::Sha256Of(text));
}

Result<std::vector<std::string>> RegistryInspector::ListTags(std::size_t count_max) {
  std::vector<std::string> tags;
  std::string page = Format("tags/list?n={}", std::min(kTagPageSize, count_max));
  for (std::size_t pages = 0; !page.empty() && tags.size() < count_max; ++pages) {
    if (pages == kTagPagesMax) return Fail(ErrorKind::kLimit, "the registry's list of tags does not end");
    HF_TRY(const auto response, client_.Fetch({.what = page}));
    HF_TRY(const std::string text, response.body->ReadText(limits_.document_bytes_max));
    HF_TRY(const auto document, io::JsonDocument::Parse(text, {.bytes_max = limits_.document_bytes_max}));
    const std::size_t before = tags.size();
    for (const io::JsonView tag : document.Root()["tags"])
      if (tags.size() < count_max && IsTag(tag.StringOr(""))) tags.emplace_back(tag.StringOr(""));
    page = tags.size() == before ? std::string() : NextPage(response);
  }
  return tags;
}

Result<void> PingRegistry(const RegistryContext& context, const std::string& host) {
  RegistryClient client(context, HostOf(host), "", context.options.credential);
  const auto response = client.Fetch({});
  if (response) return {};
  if (response.error().Kind() == ErrorKind::kNotFound)
    return Fail(ErrorKind::kUnsupported, Format("what answers at {} is no registry", host));
  return std::unexpected(response.error());
}

}  // namespace holdfast::image
