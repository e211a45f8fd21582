// Package URL, the cross-tool name of a package (package-url/purl-spec, PURL-SPECIFICATION.rst).
//
// A Purl is kept canonical: lower-case type, decoded components, qualifiers sorted by key without
// empty values. Type-specific normalisation (PURL-TYPES.rst) is applied by Parse and Make alike.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace holdfast::model {

struct Purl {
  std::string type;                                             // "deb"
  std::string name_space;                                       // "debian"; segments joined by '/'
  std::string name;                                             // "openssl"
  std::string version;                                          // "3.0.11-1~deb12u2"
  std::vector<std::pair<std::string, std::string>> qualifiers;  // sorted by key
  std::string subpath;

  // kInvalidInput with the reason when `text` is not a package URL.
  [[nodiscard]] static Result<Purl> Parse(std::string_view text);
  // Normalises the components in place (case, slashes, type rules); kInvalidInput when type or name are missing.
  [[nodiscard]] static Result<Purl> Make(Purl components);

  // Canonical text: "pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64".
  [[nodiscard]] std::string Text() const;
  // Value of a qualifier, or "".
  [[nodiscard]] std::string_view Qualifier(std::string_view key) const;

  friend bool operator==(const Purl&, const Purl&) = default;
};

}  // namespace holdfast::model
