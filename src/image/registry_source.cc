#include "image/registry_source.h"

#include <map>
#include <utility>
#include <vector>

#include "base/format.h"
#include "image/blob_source.h"
#include "image/deliver.h"
#include "image/manifest.h"
#include "image/resolve.h"
#include "image/verify.h"
#include "io/sha256.h"

namespace holdfast::image {
namespace {

constexpr std::string_view kDockerHub = "docker.io";
constexpr std::string_view kDockerHubHost = "registry-1.docker.io";

std::string AcceptAll() {
  return Format("{}, {}, {}, {}", kOciManifest, kOciIndex, kDockerManifest, kDockerManifestList);
}

bool IsManifestLike(std::string_view type) {
  return type == kOciManifest || type == kOciIndex || type == kDockerManifest || type == kDockerManifestList;
}

class RegistrySource final : public Source, private DocumentReader {
 public:
  RegistrySource(Reference reference, RegistryAccess access, Logger& logger)
      : reference_(std::move(reference)),
        access_(std::move(access)),
        context_{*access_.client, *access_.pacer, access_.options, logger} {}

  Result<ImageDescription> Pull(LayerSink& sink) override {
    auto description = PullFromAny(sink);
    if (!description) return std::unexpected(std::move(description).error().In(reference_.FamiliarText()));
    return description;
  }

 private:
  // Mirrors first, the registry itself last. The first that has the manifest serves everything, but for what it
  // lacks or fails to deliver: those after it are asked for that.
  Result<ImageDescription> PullFromAny(LayerSink& sink) {
    HF_CHECK_OK(MakeClients());
    Result<Descriptor> root = Fail(ErrorKind::kInternal, "no registry to ask");
    for (RegistryClient* client : Usable()) {
      root = FetchRoot(*client);
      if (root) break;
      LeaveOut(*client, root.error());
    }
    if (!root) return std::unexpected(root.error());
    HF_TRY(const ResolvedImage image, ResolveImage(*this, *root, access_.platform, access_.limits));
    HF_TRY(StatedLayers stated, LayersOf(image));
    for (const LayerDescriptor& layer : stated.layers)
      if (layer.size_bytes > access_.limits.layer_compressed_bytes_max)
        return Fail(ErrorKind::kLimit, Format("layer {} has {} bytes, limit {}", layer.digest->Short(),
                                              layer.size_bytes, access_.limits.layer_compressed_bytes_max));
    Plan plan{
        .format = ArchiveFormat::kOci, .layers = std::move(stated.layers), .problems = std::move(stated.problems)};
    HF_CHECK_OK(DeliverWanted(plan, sink, [&](const LayerDescriptor& layer) { return DeliverBlob(layer, sink); }));
    plan.source.kind = "registry";
    plan.source.reference = reference_.FamiliarText();
    plan.source.name = reference_.Name();
    if (const std::string tag = reference_.TagOrLatest(); !tag.empty())
      plan.source.tags.push_back(reference_.FamiliarName() + ":" + tag);
    DescribeImage(image, plan.source);
    return ImageDescription{std::move(plan.source), std::move(plan.layers), std::move(plan.problems)};
  }

  // The hosts to ask, in their order. The registry itself is always one of them.
  [[nodiscard]] std::vector<RegistryClient*> Usable() const {
    std::vector<RegistryClient*> usable;
    for (const auto& client : clients_)
      if (!client->GivenUp() || client == clients_.back()) usable.push_back(client.get());
    return usable;
  }

  void PassOver(const RegistryClient& client, const Error& error) {
    if (&client != clients_.back().get()) context_.logger.Info(Format("mirror {}: {}", client.Host(), error.Message()));
  }
  void LeaveOut(RegistryClient& client, const Error& error) {
    PassOver(client, error);
    client.GiveUp();
  }

  // Bytes that came are gone to the sink before their digest is known. So where it is another, the layer is
  // delivered again, without the host that began it. Ends: each turn leaves out a mirror.
  Result<void> DeliverBlob(const LayerDescriptor& layer, LayerSink& sink) {
    while (true) {
      BlobSource blob(Usable(), *layer.digest, layer.size_bytes);
      bool other_bytes = false;
      auto delivered = DeliverLayer(sink, layer, blob, &other_bytes);
      RegistryClient* const server = blob.FirstServer();
      if (delivered || !other_bytes || server == nullptr || server == clients_.back().get()) return delivered;
      LeaveOut(*server, delivered.error());
    }
  }

  Result<void> MakeClients() {
    const auto add = [&](const std::string& host, const std::string& path, Credential credential) {
      clients_.push_back(std::make_unique<RegistryClient>(context_, host, path, std::move(credential)));
    };
    if (const auto mirrors = access_.options.mirrors.find(reference_.domain);
        mirrors != access_.options.mirrors.end()) {
      for (const std::string& mirror : mirrors->second) {
        const std::size_t slash = mirror.find('/');
        const std::string host = mirror.substr(0, slash);
        const std::string path = (slash == std::string::npos ? "" : mirror.substr(slash + 1) + "/") + reference_.path;
        HF_TRY(Credential credential, access_.keychain->Find(host, path));
        add(host, path, std::move(credential));
      }
    }
    Credential credential = access_.options.credential;
    if (credential.Empty()) {
      HF_TRY(credential, access_.keychain->Find(reference_.domain, reference_.path));
    }
    add(std::string(reference_.domain == kDockerHub ? kDockerHubHost : reference_.domain), reference_.path,
        std::move(credential));
    return {};
  }

  Result<std::string> FetchDocument(RegistryClient& registry, const std::string& what, std::string* type) {
    const bool manifest = what.starts_with("manifests/");
    const RegistryClient::Get get{.what = what, .accept = manifest ? AcceptAll() : "", .accept_gzip = manifest};
    http::Retries retries(access_.options.retry, *access_.pacer);
    while (true) {
      HF_TRY(auto response, registry.Fetch(get));
      auto text = response.body->ReadText(access_.limits.document_bytes_max);
      if (!text && text.error().Kind() == ErrorKind::kUnavailable && retries.Wait()) continue;
      if (!text) return std::unexpected(std::move(text).error().In(Format("reading {}", what)));
      if (type != nullptr) *type = response.headers.Find("Content-Type").value_or("");
      return text;
    }
  }

  // The document that the name leads to, whose digest is known only if the name has one.
  Result<Descriptor> FetchRoot(RegistryClient& registry) {
    Descriptor root;
    HF_TRY(std::string text, FetchDocument(registry, "manifests/" + reference_.ManifestKey(), &root.media_type));
    root.digest = Digest(io::Sha256Of(text));
    root.size_bytes = text.size();
    if (reference_.digest && root.digest != *reference_.digest)
      return Fail(ErrorKind::kCorrupt,
                  Format("{} sends a manifest with digest {}", registry.Host(), root.digest.Text()));
    root_ = root.digest;
    root_text_ = std::move(text);
    return root;
  }

  // Verified here already: another host may have what this one lacks or has damaged.
  Result<std::string> ReadDocument(const Descriptor& descriptor) override {
    if (descriptor.digest == root_) return root_text_;
    const bool manifest = IsManifestLike(descriptor.media_type);
    const std::string what = (manifest ? "manifests/" : "blobs/") + descriptor.digest.Text();
    Result<std::string> text = Fail(ErrorKind::kInternal, "no registry to ask");
    for (RegistryClient* client : Usable()) {
      text = FetchDocument(*client, what, nullptr);
      const auto verified = text ? VerifyDocument(*text, descriptor) : Result<void>();
      if (text && verified) return text;
      const Error& error = text ? verified.error() : text.error();
      if (error.Kind() == ErrorKind::kNotFound) {
        PassOver(*client, error);
      } else {
        LeaveOut(*client, error);
      }
    }
    return text;
  }

  Reference reference_;
  RegistryAccess access_;
  RegistryContext context_;
  std::vector<std::unique_ptr<RegistryClient>> clients_;
  Digest root_;
  std::string root_text_;
};

}  // namespace

std::unique_ptr<Source> MakeRegistrySource(Reference reference, RegistryAccess access, Logger& logger) {
  return std::make_unique<RegistrySource>(std::move(reference), std::move(access), logger);
}

}  // namespace holdfast::image
