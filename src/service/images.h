// Images of an account: added by name, found by tag, digest or id, deleted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "service/platform.h"
#include "service/registries.h"
#include "store/accounts.h"
#include "store/images.h"
#include "store/jobs.h"

namespace holdfast::service {

// What a client may say when it adds an image.
struct AddImageOptions {
  std::optional<std::string> dockerfile;   // base64
  std::optional<std::string> annotations;  // JSON object of texts
  std::optional<std::int64_t> created_at;  // of a tag with a digest: when the tag got it
  bool force = false;                      // analyse again
  bool watch_tag = false;                  // tag_update subscription
  std::int64_t compressed_bytes_max = -1;  // -1: no limit
  store::Lane lane = store::Lane::kOnDemand;
  // What else belongs into the transaction that records the image. May be called again, see Database::Transact.
  std::function<Result<void>(store::Session&, const store::Image&)> also = nullptr;
};

// What is added at the same time is recorded in one transaction. Safe to share; the platform outlives it.
class ImageAdder {
 public:
  explicit ImageAdder(const Platform& platform);
  ~ImageAdder();
  ImageAdder(const ImageAdder&) = delete;
  ImageAdder& operator=(const ImageAdder&) = delete;

  // An image will be added soon, or not: others that are added wait a moment for it until this is gone.
  [[nodiscard]] std::shared_ptr<void> Announce();

 private:
  friend Result<store::Image> AddImage(const Platform&, const store::Account&, const ImageName&, const RemoteImage&,
                                       const AddImageOptions&);
  struct Gathered;
  std::unique_ptr<Gathered> gathered_;
};

// Records an image that a registry described under that name, and has it analysed if it needs to be: when it is new,
// when the last analysis failed, when it was being deleted, or when forced. Content whose analysis is known (from
// another tag, repository or account) is not analysed again. kLimit when it is larger than allowed; kInvalidInput for
// a Dockerfile that is given for a known image without force, or that is not base64.
[[nodiscard]] Result<store::Image> AddImage(const Platform& platform, const store::Account& account,
                                            const ImageName& name, const RemoteImage& remote,
                                            const AddImageOptions& options);

// kNotFound. By the digest of the image or of its index.
[[nodiscard]] Result<store::Image> GetImage(const Platform& platform, const store::Account& account,
                                            std::string_view digest);
// By the digest of the config, 64 hex digits; else it is tried as a digest.
[[nodiscard]] Result<store::Image> GetImageById(const Platform& platform, const store::Account& account,
                                                std::string_view id);

// kNotFound while the image is not analysed.
[[nodiscard]] Result<void> CheckAnalysed(const store::Image& image);
// By digest, and kNotFound while it is not analysed.
[[nodiscard]] Result<store::Image> GetAnalysedImage(const Platform& platform, const store::Account& account,
                                                    std::string_view digest);

// A document of the image (manifest, parent_manifest, config, dockerfile, sbom); nothing when there is none.
[[nodiscard]] Result<std::optional<std::string>> LoadImageDocument(const Platform& platform, const store::Image& image,
                                                                   std::string_view kind);

struct Deletion {
  std::string digest;
  std::string status;  // deleting, not_found, delete_failed
  std::string detail;
};
// Refused, as a status, while the image is analysed, and while it is the newest of a tag with an active subscription;
// `force` overrides both and ends those subscriptions.
[[nodiscard]] Result<Deletion> StartImageDeletion(const Platform& platform, const store::Account& account,
                                                  std::string_view digest, bool force);
// Removes up to `count` images whose deletion was started; how many it was.
[[nodiscard]] Result<std::size_t> PurgeDeletedImages(const Platform& platform, std::int64_t count);

}  // namespace holdfast::service
