// Platform: what an image was built for, and which entry of an index serves a wanted one. The rules are
// containerd's (platforms package): names are normalised ("x86_64" is amd64, "aarch64" is arm64, arm
// without variant is v7, arm64 v8 is arm64), and an older variant of the same architecture will do.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast::image {

struct Platform {
  std::string os, architecture, variant, os_version;

  // "linux/arm64", "linux/arm/v7", "arm64" (linux), "windows/amd64:10.0.17763.1"; normalised.
  [[nodiscard]] static Result<Platform> Parse(std::string_view text);
  // Linux on the processor that this program was built for.
  [[nodiscard]] static Platform Host();

  [[nodiscard]] Platform Normalised() const;
  // "linux/arm/v7".
  [[nodiscard]] std::string Text() const;

  friend bool operator==(const Platform&, const Platform&) = default;
};

// How well `offered` serves `wanted`: 0 is exact, larger is worse, nothing is not at all. An os.version that is wanted
// must be the same in its first three parts (the Windows build).
[[nodiscard]] std::optional<int> MatchPlatform(const Platform& wanted, const Platform& offered);

}  // namespace holdfast::image
