// Package: what a cataloger found, as a plain value.
//
// Everything that is particular to an ecosystem travels with the package as data (purl type, version
// scheme, attributes), so that shared code never asks which ecosystem it has in hand.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/purl.h"

namespace holdfast::model {

// Where a package was seen. `layer` counts from 0, the base layer.
struct Location {
  std::string
      path;  // absolute in the image, without leading '/': "var/lib/dpkg/status"; members of archives "a.jar:b.jar"
  std::uint32_t layer = 0;
  bool primary = true;  // false: supporting evidence, such as a file list

  friend auto operator<=>(const Location&, const Location&) = default;
};

// A file that the package database says belongs to the package.
struct OwnedFile {
  std::string path;       // as in Location
  std::string algorithm;  // "md5", "sha1", "sha256"; empty: no digest recorded
  std::string digest;     // lower-case hex

  friend bool operator==(const OwnedFile&, const OwnedFile&) = default;
};

struct License {
  std::string value;            // as found
  std::string spdx_expression;  // valid SPDX expression, or empty when `value` is not one

  friend bool operator==(const License&, const License&) = default;
};

// The package that this one was built from: Debian's source package, the source RPM, Alpine's origin.
// Distributions name their advisories after it.
struct Upstream {
  std::string name;
  std::string version;  // empty: the same as the package's

  friend bool operator==(const Upstream&, const Upstream&) = default;
};

struct Package {
  std::string name;
  std::string version;
  std::string
      type;  // Syft's word: "deb", "rpm", "apk", "python", "npm", "java-archive", "go-module", "gem", "rust-crate"
  std::string language;  // "python", "javascript", "java", "go", "ruby", "rust"; empty for distribution packages
  std::string
      version_scheme;     // id of the version order, see version/scheme.h: "dpkg", "rpm", "apk", "pep440", "npm", ...
  std::string ecosystem;  // as in OSV ("PyPI", "npm", "Maven", "Go", ...); empty: taken from the image's distribution
  // Names that advisories of the ecosystem may use, when they differ from `name`: Maven
  // "group:artifact" candidates, PEP 503 form. Empty: `name` alone.
  std::vector<std::string> advisory_names;

  Purl purl;  // of distribution packages with the "distro" qualifier; type empty: no package URL
  std::vector<Upstream> upstreams;
  std::string architecture;  // as the package database writes it
  std::string module_label;  // RPM modularity label "name:stream:…"; empty: not modular
  std::vector<License> licenses;
  std::string supplier;  // maintainer, vendor or author, free text
  std::string homepage;

  std::string cataloger;  // id of the cataloger that found it
  std::vector<Location> locations;
  std::vector<OwnedFile> files;
  // More facts under keys owned by the cataloger ("dpkg:section", "java:sha1"), sorted by key.
  std::vector<std::pair<std::string, std::string>> attributes;
  // Names or capabilities this package needs and offers, in the ecosystem's own words; edges are
  // resolved among packages of the same type by the squash. Versions are left out; '|' separates
  // alternatives within one need, in order of preference: "debconf|debconf-2.0".
  std::vector<std::string> depends;
  std::vector<std::string> provides;

  friend bool operator==(const Package&, const Package&) = default;
};

// Which distribution an image is, from os-release and its kin.
struct Distro {
  std::string id;                    // "debian"
  std::vector<std::string> id_like;  // "rhel", "fedora", ...
  std::string version_id;            // "12"; Debian's point release when known: "12.8"; empty for rolling releases
  std::string version_codename;      // "bookworm"
  std::string pretty_name;           // "Debian GNU/Linux 12 (bookworm)"
  std::string cpe_name;

  [[nodiscard]] bool Known() const { return !id.empty(); }
  friend bool operator==(const Distro&, const Distro&) = default;
};

enum class RelationKind : std::uint8_t {
  kDependsOn,  // `from` needs `to`
  kOwns,       // a distribution package `from` owns the files in which `to` was found
  kContains,   // `to` was found inside the archive that is `from`
};

// An edge between two packages, by their index in ImageAnalysis::packages.
struct Relation {
  RelationKind kind = RelationKind::kDependsOn;
  std::uint32_t from = 0;
  std::uint32_t to = 0;

  friend auto operator<=>(const Relation&, const Relation&) = default;
};

}  // namespace holdfast::model
