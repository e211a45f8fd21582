// What the writers of all formats are told besides the analysis. With equal options and input, the output
// is equal byte for byte: nothing here reads a clock or makes random numbers.
#pragma once

#include <span>
#include <string>

#include "model/finding.h"
#include "sbom/completeness.h"

namespace holdfast::sbom {

struct WriteOptions {
  std::string tool_name = "holdfast";
  std::string tool_version;
  std::string timestamp;       // RFC 3339, in UTC
  std::string database;        // the snapshot that findings came from, in words; empty: none was used
  bool with_findings = false;  // false: the document is about content, and says nothing of vulnerabilities
  std::span<const model::SilencedFinding> silenced;  // borrowed; told with findings, by formats that have a place
  const Completeness* completeness = nullptr;        // of the document that was read; the native JSON tells it
};

}  // namespace holdfast::sbom
