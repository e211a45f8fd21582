// What the platform asks of registries, and with whose credentials.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "image/credentials.h"
#include "image/reference.h"
#include "service/platform.h"
#include "store/registries.h"

namespace holdfast::service {

// How to reach the registry of one reference.
struct RegistryLogin {
  image::Credential credential;  // empty: anonymous
  bool verify = true;            // certificates
};

// An image as its registry describes it; no layer was read.
struct RemoteImage {
  Digest digest;  // of the manifest for the platform wanted
  std::string manifest;
  std::optional<Digest> index_digest;  // when an index led to it
  std::string index;
  Digest image_id;  // of the config
  std::string config;
  std::uint64_t compressed_bytes = 0;  // all layers, as stated
};

// However long a registry asks to be left alone, it is asked again after this.
inline constexpr std::int64_t kHostPauseMsMax = 900'000;

// Implemented over the registries of the world, and by a fake in tests. Safe to share. Errors: kNotFound, kDenied,
// kUnavailable, kUnsupported (no image, no such platform), kCorrupt, kLimit; kConflict when it cannot be found out
// whose turn it is to ask: it is not the registry's fault, and will be known soon.
class Registries {
 public:
  virtual ~Registries() = default;
  [[nodiscard]] virtual Result<RemoteImage> Inspect(const image::Reference& reference, const RegistryLogin& login) = 0;
  // What the reference's tag points at now: the digest of a manifest or of an index. Costs one HEAD request.
  [[nodiscard]] virtual Result<Digest> ResolveTag(const image::Reference& reference, const RegistryLogin& login) = 0;
  // In the registry's order, at most `count_max`.
  [[nodiscard]] virtual Result<std::vector<std::string>> ListTags(const image::Reference& repository,
                                                                  const RegistryLogin& login,
                                                                  std::size_t count_max) = 0;
  // Whether the registry of that host takes the credentials.
  [[nodiscard]] virtual Result<void> Ping(std::string_view host, const RegistryLogin& login) = 0;
  // For how long the host asked to be left alone, by whatever replica it was asked; until then every question is
  // kUnavailable. 0: it did not.
  [[nodiscard]] virtual Result<std::int64_t> PausedForMs(std::string_view host) = 0;
};

// A reference as Anchore stores it: "docker.io", "debian" (not "library/debian", unless it was written so), "12".
struct ImageName {
  std::string registry, repository, tag;
  image::Reference reference;

  [[nodiscard]] std::string FullTag() const { return registry + "/" + repository + ":" + tag; }
};
// kInvalidInput. Without tag and digest the tag is "latest"; with a digest alone it is empty.
[[nodiscard]] Result<ImageName> ParseImageName(std::string_view text);

// The account's credentials for a repository: those of the registry itself, else of the stored name with a '*' that
// matches longest, else none.
[[nodiscard]] Result<RegistryLogin> FindLogin(const Platform& platform, std::int64_t account_id,
                                              std::string_view registry, std::string_view repository);
// The same, of what is stored for the account, secrets sealed.
[[nodiscard]] Result<RegistryLogin> ChooseLogin(const crypto::Sealer& sealer, std::span<const store::Registry> stored,
                                                std::string_view registry, std::string_view repository);

// Registry records. `secret` is in the clear here and sealed in the database; what is read back has it empty.
[[nodiscard]] Result<std::vector<store::Registry>> ListRegistries(const Platform& platform, std::int64_t account_id);
// kNotFound.
[[nodiscard]] Result<store::Registry> GetRegistry(const Platform& platform, std::int64_t account_id,
                                                  std::string_view registry);
// kInvalidInput for a name with a scheme or a slash at the end, and for an unknown type; kUnsupported for types and
// users whose credentials a cloud makes.
[[nodiscard]] Result<void> CheckRegistry(const store::Registry& registry);
// As CheckRegistry, and kConflict when it exists.
[[nodiscard]] Result<store::Registry> AddRegistry(const Platform& platform, store::Registry registry);
// As CheckRegistry, and kNotFound.
[[nodiscard]] Result<store::Registry> ReplaceRegistry(const Platform& platform, store::Registry registry);
[[nodiscard]] Result<void> RemoveRegistry(const Platform& platform, std::int64_t account_id, std::string_view registry);

}  // namespace holdfast::service
