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

// Values are written into layer records: never renumber.
enum class SearchKind : std::uint8_t { kSecret = 0, kContent = 1 };

// What files were searched for.
struct SearchPattern {
  SearchKind kind = SearchKind::kSecret;
  std::string name, regex;

  friend bool operator==(const SearchPattern&, const SearchPattern&) = default;
};

// Lines of one visible file that match one pattern. What stands in them is not kept.
struct SearchHit {
  std::string path;                  // without leading '/'
  std::uint32_t layer = 0;           // that lists the path
  std::uint32_t pattern = 0;         // in ImageAnalysis::search_patterns
  std::vector<std::uint64_t> lines;  // counted from 0, ascending

  friend bool operator==(const SearchHit&, const SearchHit&) = default;
};

// A visible file that was kept whole, because the configuration names it.
struct RetrievedFile {
  std::string path;  // as it is named there, without leading '/'; links were followed
  std::string content;

  friend bool operator==(const RetrievedFile&, const RetrievedFile&) = default;
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
  // The configuration of searches that its layer records were made with (catalog/search_config.h); empty: none, so
  // that nothing is known of hits and retrieved files, not even that there are none.
  std::string search_id;
  std::vector<SearchPattern> search_patterns;
  std::vector<SearchHit> search_hits;          // sorted by path, then pattern
  std::vector<RetrievedFile> retrieved_files;  // sorted by path

  friend bool operator==(const ImageAnalysis&, const ImageAnalysis&) = default;
};

}  // namespace holdfast::model
