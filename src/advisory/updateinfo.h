// updateinfo.xml of RPM repositories: the errata whose packages are in the repository (createrepo_c,
// src/xml_parser_updateinfo.c; openSUSE "Standards Rpm Metadata UpdateInfo").
//
// Publishers are told apart by who sent the errata, an attribute of each: from="updates@fedoraproject.org". The
// document is one repository's, so that one erratum stands in several documents (see errata.h).
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/errata.h"
#include "advisory/provider.h"
#include "base/result.h"
#include "model/advisory.h"

namespace holdfast::advisory {

inline constexpr std::size_t kUpdateinfoNodesMax = 60'000'000;  // a tree of some 4 GB
inline constexpr std::size_t kUpdateinfoUpdatesMax = 1'000'000;
inline constexpr std::size_t kUpdateinfoPackagesMax = 200'000;  // of one erratum
inline constexpr std::size_t kUpdateinfoReferencesMax = 10'000;
inline constexpr std::size_t kUpdateinfoRecognitionBytes = 8 * 1024;  // the first erratum's sender stands there

// One erratum. Views are of the document.
struct Update {
  std::string_view from, status, type;  // "stable", "testing"; "security", "bugfix"
  std::string_view release;             // "Fedora 43", "Rocky Linux 9"; "0": nobody said
  std::string_view collection;          // of the first that has one: "rocky-linux-9-x86-64-baseos-rpms"
  model::Advisory head;                 // without `source` and `affected`; CVEs are those that the references name
  std::vector<ErratumBuild> builds;     // without ecosystem and release
};

// Whether the first erratum is from that sender. A cheap look at the document's beginning.
[[nodiscard]] bool IsUpdateinfoFrom(const Document& document, std::string_view sender);

// Gives each erratum to `read`, whose error is a problem of that erratum alone and names it, as a broken package in it
// is. kCorrupt when it is not XML, or no updateinfo, or without errata; kLimit.
[[nodiscard]] Result<void> ReadUpdateinfo(std::string_view text, AdvisorySink& sink,
                                          const std::function<Result<void>(Update&)>& read);

}  // namespace holdfast::advisory
