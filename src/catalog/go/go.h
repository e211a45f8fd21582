// Cataloger "go-binary": modules linked into executables by Go, from the build information inside them.
//
// Format: Go, runtime/debug BuildInfo.String ("path", "mod", "dep", "=>" and "build" lines, tab-separated).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/cataloger.h"

namespace holdfast::catalog {

struct GoModule {
  std::string path, version, sum;
  // The module that the go.mod file names, when a replacement of it was linked.
  std::string replaced_path, replaced_version;
  std::string replaced_by_folder;  // the replacement is a folder, which has no version: path is the original's
};

struct GoBuildInfo {
  std::string go_version;  // "go1.22.3 X:boringcrypto"
  std::string path;        // of the main package
  std::vector<GoModule> modules;
  bool has_main = false;  // the first module is the main one
  std::vector<std::pair<std::string, std::string>> settings;

  // Value of a build setting, or "".
  [[nodiscard]] std::string_view Setting(std::string_view key) const;
};

// Go version, '\n', module info. A bad line is added to `problems` and skipped. kLimit: too many lines.
[[nodiscard]] Result<GoBuildInfo> ParseGoBuildInfo(std::string_view text, std::vector<Error>& problems);

// "go1.22.3 X:boringcrypto" → "1.22.3", "devel go1.23-4c8b2 Tue …" → "1.23-4c8b2".
[[nodiscard]] std::string GoReleaseOf(std::string_view go_version);

// The main module's version: stated, else set by -ldflags "-X main.version=1.2.3", else the pseudo-version of the
// revision ("v0.0.0-20240102030405-0123456789ab"), else empty.
[[nodiscard]] std::string GoMainVersion(const GoBuildInfo& info);

// What it makes of a file:
//   a package for each module, replacements in place of what they replace, and "stdlib" with the version of Go;
//   type "go-module", order "go", ecosystem "Go", purl pkg:golang/PATH@VERSION. The main module depends on the others.
//   attributes "go:h1" (checksum), "go:replaces" (PATH@VERSION), "go:replaced-by" (a folder); of the main module
//   "go:main-package", "go:stated-version" (when the version comes from elsewhere), "go:build:KEY" for each build
//   setting; of stdlib "go:version" as stated
[[nodiscard]] std::unique_ptr<Cataloger> MakeGoBinaryCataloger();

}  // namespace holdfast::catalog
