// NVD's configurations as rows of advisories (nvd.nist.gov/developers/vulnerabilities, "configurations"; schema
// cve_api_json_2.0, defs config, node, cpe_match).
//
// A configuration is a tree of two levels: nodes, and CPE names with a range of versions each. A name that is
// vulnerable gives a range or a version of its product; where a configuration demands all of its nodes (AND), a node
// of names that are not vulnerable tells the platforms one of which it must run on. Of several such nodes the one of
// operating systems is kept, else the first: the others narrow things down that an image does not tell. What is not
// vulnerable beside others that are says nothing. Hardware has no rows.
//
//   ecosystem "CPE", package "vendor:product", unquoted, lower case; target_software as in the name
//   versionEndExcluding      a fixed version: the row is kFixed; other ranges are in a row of their own, kUnknown
//   versionStartExcluding    begins right above that version, written with a '+' behind it (version/calver.cc)
//   a version in the name    exactly that one; an update is part of it: "1.8.0_191" of 1.8.0 update191, else "1.0-rc1"
//   no version, no range     every version
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/json.h"
#include "model/advisory.h"

namespace holdfast::advisory {

inline constexpr std::size_t kNvdNodesMax = 50'000;    // of one vulnerability
inline constexpr std::size_t kNvdMatchesMax = 50'000;  // likewise: CPE names
inline constexpr std::size_t kNvdVersionBytesMax = 256;
// Each row repeats them. Who names more (models of hardware, as a rule) narrows nothing down: the rows have none.
inline constexpr std::size_t kNvdPlatformsMax = 16;

struct NvdRows {
  std::vector<model::Affected> rows;  // by package
  std::uint64_t bad = 0;              // CPE names and negated parts that were left out
  std::string first_bad;              // what was wrong with the first of them
};

// kLimit as above.
[[nodiscard]] Result<NvdRows> ParseNvdRows(io::JsonView configurations);

// In few bytes, and back: rows wait for the end of all documents. kCorrupt.
[[nodiscard]] std::string EncodeNvdRows(const std::vector<model::Affected>& rows);
[[nodiscard]] Result<std::vector<model::Affected>> DecodeNvdRows(std::string_view record);

}  // namespace holdfast::advisory
