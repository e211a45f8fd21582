// How much of what matching asks for a document states: what is missing, what that costs, and a grade.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::sbom {

enum class Grade : std::uint8_t {
  kA,  // everything that matching asks for is stated
  kB,  // what is missing changes no finding, or belongs to packages that no advisory speaks of
  kC,  // some packages are matched in part, or not at all
  kD,  // more than half of the packages are not matched
  kF,  // nothing is matched
};

// "A" to "F": stable, used in machine-readable output.
[[nodiscard]] std::string_view GradeName(Grade grade);

// One thing that is missing.
struct Gap {
  std::string id;              // stable: "no-source-name"
  std::uint64_t packages = 0;  // that lack it; 0: the document does
  std::string message;         // what it costs: "12 deb packages have no source name: …"

  friend bool operator==(const Gap&, const Gap&) = default;
};

struct Completeness {
  std::string format;  // "CycloneDX 1.6 JSON"
  std::string tool;    // that wrote the document, as it says; may be empty
  Grade grade = Grade::kA;
  std::vector<Gap> gaps;

  friend bool operator==(const Completeness&, const Completeness&) = default;
};

// For people, lines that end with a line feed: format, tool and grade, then each gap. Safe to print.
[[nodiscard]] std::string DescribeCompleteness(const Completeness& completeness);

}  // namespace holdfast::sbom
