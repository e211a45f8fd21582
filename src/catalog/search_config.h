// SearchConfig: what is looked for in the files of an image beside packages, and which files are kept whole. A value;
// it travels to the confined worker, and its id is part of the identity of layer records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/image_analysis.h"

namespace holdfast::catalog {

struct NamedRegex {
  std::string name, regex;
  friend bool operator==(const NamedRegex&, const NamedRegex&) = default;
};

struct Search {
  std::vector<NamedRegex> patterns;  // none: no search
  std::uint64_t file_bytes_max = 10 * 1000 * 1000;
  friend bool operator==(const Search&, const Search&) = default;
};

struct SearchConfig {
  static constexpr std::size_t kPathsMax = 1000;
  static constexpr std::size_t kPatternsMax = 200;  // of both searches together
  static constexpr std::size_t kNameBytesMax = 256;
  static constexpr std::size_t kEncodedBytesMax = 512 * kKiB;  // it is sent in one piece
  static constexpr std::uint64_t kFileBytesMax = 1024 * kGiB;
  static constexpr std::uint64_t kRetrievedFileBytesMax = 64 * kMiB;

  std::vector<std::string> retrieved_paths;  // clean: without leading '/'
  std::uint64_t retrieved_file_bytes_max = 1000 * kKiB;
  Search secrets, contents;

  [[nodiscard]] bool IsEmpty() const {
    return retrieved_paths.empty() && secrets.patterns.empty() && contents.patterns.empty();
  }
  // Names the configuration: equal exactly for equal ones; empty for one that is empty.
  [[nodiscard]] std::string Id() const;
  // All patterns, secrets first; their indexes are those of hits.
  [[nodiscard]] std::vector<model::SearchPattern> Patterns() const;

  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static Result<SearchConfig> Decode(std::string_view bytes);

  friend bool operator==(const SearchConfig&, const SearchConfig&) = default;
};

// What is searched unless somebody says otherwise: Anchore's five kinds of secrets, and /etc/passwd is kept.
[[nodiscard]] SearchConfig DefaultSearchConfig();

struct ParsedSearchConfig {
  SearchConfig config;
  std::vector<std::string> notes;  // what was understood, and has no effect here
};

// The sections retrieve_files, secret_search and content_search of Anchore's analyzer_config.yaml (the first one also
// under its later name, file_contents); other sections belong to others. A section that is absent keeps its default;
// "enabled: false" or an empty list turns it off. An item is "NAME=regex" in regexp_match and "KEY=value" in
// match_params: MAXFILESIZE in bytes, STOREONMATCH is noted (what matched is never stored). kInvalidInput and kLimit
// name the section.
[[nodiscard]] Result<ParsedSearchConfig> ParseSearchConfig(std::string_view yaml);

}  // namespace holdfast::catalog
