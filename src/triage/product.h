// Whether a product that a VEX document names is something in an image, or the image itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "image/reference.h"
#include "model/image_analysis.h"
#include "model/purl.h"
#include "triage/vex.h"

namespace holdfast::triage {

// The names of one image, and which packages stand for which package URLs. Borrows the analysis.
class ImageIdentity {
 public:
  explicit ImageIdentity(const model::ImageAnalysis& analysis);

  // Whether the product, as far as it speaks of the package, is in this image:
  //   an image's reference, digest or pkg:oci and pkg:docker URL, with the package among its subcomponents, if any
  //   the package's own URL
  //   the URL of a package that holds it (a Go program and its modules), with the package among its subcomponents
  // Names of images are compared as Docker reads them: nginx, docker.io/library/nginx and index.docker.io/library/nginx
  // are one. A URL without a version stands for all versions; qualifiers that it states must agree.
  struct Covered {
    bool covers = false;
    bool exactly = false;  // it names the version
  };
  [[nodiscard]] Covered Covers(const VexProduct& product, std::uint32_t package) const;

 private:
  using Parsed = std::optional<model::Purl>;

  [[nodiscard]] bool IsThisImage(std::string_view id) const;
  [[nodiscard]] bool IsThisImage(const model::Purl& purl) const;
  [[nodiscard]] bool IsOneOfNames(const image::Reference& reference) const;
  [[nodiscard]] bool HoldsPackage(const model::Purl& holder, std::uint32_t package) const;
  [[nodiscard]] bool OnPlatform(std::string_view cpe) const;

  const model::ImageAnalysis& analysis_;
  std::set<std::string, std::less<>> digests_;  // "sha256:…": manifest, image id, those of references
  std::set<std::string, std::less<>> tags_;
  std::set<std::string, std::less<>> names_;  // "docker.io/library/nginx"
};

// Whether the URL stands for the package.
[[nodiscard]] bool PurlCovers(const model::Purl& wanted, const model::Package& package);

}  // namespace holdfast::triage
