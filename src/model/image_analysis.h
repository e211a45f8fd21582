// ImageAnalysis: everything that is known of one image after its layers were walked and squashed.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/problem.h"
#include "model/package.h"

namespace holdfast::model {

struct LayerSummary {
  std::string digest;   // of the blob as stored; empty where the source has none (a directory)
  std::string diff_id;  // of the uncompressed tar
  std::string media_type;
  std::uint64_t compressed_bytes = 0;
  std::uint64_t bytes = 0;  // uncompressed tar
  std::uint64_t entries = 0;

  friend bool operator==(const LayerSummary&, const LayerSummary&) = default;
};

// What the target was and where it came from.
struct ImageSource {
  std::string kind;       // "registry", "docker-archive", "oci-dir", "dir", ...
  std::string reference;  // as the user named it
  std::string name;       // "docker.io/library/debian"; empty for files and directories
  std::vector<std::string> tags;
  std::string manifest_digest;  // empty where there is none
  std::string image_id;         // digest of the config
  std::string architecture, os, variant;
  std::string created;  // RFC 3339
  std::vector<std::pair<std::string, std::string>> labels;

  friend bool operator==(const ImageSource&, const ImageSource&) = default;
};

struct ImageAnalysis {
  ImageSource source;
  Distro distro;
  std::vector<LayerSummary> layers;
  std::vector<Package> packages;    // sorted by type, name, version, first location
  std::vector<Relation> relations;  // sorted
  std::uint64_t files = 0;          // entries visible after the squash
  std::vector<Problem> problems;
  std::uint64_t problems_dropped = 0;  // beyond Limits::problems_max

  friend bool operator==(const ImageAnalysis&, const ImageAnalysis&) = default;
};

}  // namespace holdfast::model
