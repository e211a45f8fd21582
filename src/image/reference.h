// Reference: the name of an image, read as Docker's clients read it (distribution/reference grammar;
// the same rules in podman, containerd, skopeo):
//
//   reference := name [":" tag] ["@" digest]      name := [domain "/"] path
//
// "debian" means docker.io/library/debian:latest. The part before the first '/' is a domain only when it
// holds a '.', a ':' or an upper-case letter, or is "localhost": so "test_com/foo" is a Docker Hub name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace holdfast::image {

inline constexpr std::size_t kRepositoryPathBytesMax = 255;
inline constexpr std::size_t kTagBytesMax = 128;

struct Reference {
  std::string domain;  // "docker.io", "localhost:5000", "[::1]:5000"; never empty
  std::string path;    // "library/debian"
  std::string tag;     // empty when none was given
  std::optional<Digest> digest;

  // kInvalidInput, with the rule that is broken; kUnsupported for digests that are not SHA-256.
  [[nodiscard]] static Result<Reference> Parse(std::string_view text);

  // "docker.io/library/debian".
  [[nodiscard]] std::string Name() const { return domain + "/" + path; }
  // "docker.io/library/debian:12@sha256:…", with what was given.
  [[nodiscard]] std::string Text() const;
  // As people write it: "debian", "debian:12", "localhost:5000/a".
  [[nodiscard]] std::string FamiliarName() const;
  [[nodiscard]] std::string FamiliarText() const;
  // What to ask the registry for: the digest if there is one, else the tag, else "latest".
  [[nodiscard]] std::string ManifestKey() const;
  // The tag, or "latest" when there is neither tag nor digest.
  [[nodiscard]] std::string TagOrLatest() const;

  friend bool operator==(const Reference&, const Reference&) = default;
};

// [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}
[[nodiscard]] bool IsTag(std::string_view text);

}  // namespace holdfast::image
