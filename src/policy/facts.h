// ImageFacts: all that one image offers to the gates. A plain value, filled by whoever evaluates; the gates know no
// other world, so an evaluation is a function of bundle and facts.
//
// What is not known is absent, not empty: an image without packages has an empty list, an image whose packages were
// not looked at has none. A rule whose trigger needs an absent fact is reported (evaluate.h), never passed over.
// A new kind of fact: a member here, a value of Fact, a line in OfferedFacts and in FactName.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/severity.h"
#include "policy/dockerfile.h"

namespace holdfast::policy {

enum class Fact : std::uint8_t { kDistro, kPackages, kVulnerabilities, kFeed, kDockerfile };
inline constexpr std::uint8_t kFactCount = 5;
[[nodiscard]] std::string_view FactName(Fact fact);  // "distro", "packages", ...

class FactSet {
 public:
  constexpr FactSet() = default;
  constexpr FactSet(std::initializer_list<Fact> facts) {
    for (const Fact fact : facts) Add(fact);
  }
  constexpr void Add(Fact fact) { bits_ |= Bit(fact); }
  [[nodiscard]] constexpr bool Has(Fact fact) const { return (bits_ & Bit(fact)) != 0; }
  [[nodiscard]] constexpr FactSet Without(FactSet other) const { return FactSet(bits_ & ~other.bits_); }
  [[nodiscard]] constexpr bool Empty() const { return bits_ == 0; }
  friend constexpr bool operator==(FactSet, FactSet) = default;

 private:
  constexpr explicit FactSet(std::uint32_t bits) : bits_(bits) {}
  [[nodiscard]] static constexpr std::uint32_t Bit(Fact fact) {
    return std::uint32_t{1} << static_cast<unsigned>(fact);
  }
  std::uint32_t bits_ = 0;
};

struct DistroFact {
  std::string name;               // "debian"; empty: none was recognised
  std::string version;            // "12"
  std::vector<std::string> like;  // "rhel", "fedora", ...

  friend bool operator==(const DistroFact&, const DistroFact&) = default;
};

struct PackageFact {
  std::string name, version;
  std::string type;    // "deb", "rpm", "apk", "python", "npm", "java-archive", ...
  bool is_os = false;  // a distribution's package
  std::string path;    // absolute; empty for the distribution's

  friend bool operator==(const PackageFact&, const PackageFact&) = default;
};

// Version 3 scores, each the maximum of those known; -1 for none.
struct CvssScores {
  double base = -1.0, exploitability = -1.0, impact = -1.0;
  friend bool operator==(const CvssScores&, const CvssScores&) = default;
};

// A vulnerability of a package of the image.
struct VulnerabilityFact {
  std::string id;  // "CVE-2024-1"
  model::Severity severity = model::Severity::kUnknown;
  PackageFact package;
  std::vector<std::string> fix_versions;        // empty: no fix is known
  std::optional<std::int64_t> fix_observed_at;  // epoch seconds: when a fix was first known
  bool will_not_fix = false;
  std::string feed_group;                   // "debian:12", "github:npm"
  std::optional<std::int64_t> detected_at;  // epoch seconds: when first found in this image
  std::string link;                         // may be empty
  CvssScores nvd, vendor;

  friend bool operator==(const VulnerabilityFact&, const VulnerabilityFact&) = default;
};

// What is known of vulnerability data for the image's distribution.
struct FeedFact {
  bool data_available = false;
  std::optional<std::int64_t> newest_sync;  // epoch seconds

  friend bool operator==(const FeedFact&, const FeedFact&) = default;
};

struct ImageFacts {
  // Always known.
  std::string account;
  std::string image_id;           // hex, with or without "sha256:"
  std::string image_digest;       // "sha256:…"
  std::string registry;           // "docker.io"
  std::string repository;         // "library/debian"
  std::string tag;                // "12"; may be empty when evaluated by digest
  std::int64_t evaluated_at = 0;  // epoch seconds: the only clock there is

  std::optional<DistroFact> distro;
  std::optional<std::vector<PackageFact>> packages;
  std::optional<std::vector<VulnerabilityFact>> vulnerabilities;
  std::optional<FeedFact> feed;
  std::optional<Dockerfile> dockerfile;

  // "docker.io/library/debian:12"
  [[nodiscard]] std::string FullTag() const;
};

[[nodiscard]] FactSet OfferedFacts(const ImageFacts& facts);
// How many things a rule that looks at everything would look at; for bounding work.
[[nodiscard]] std::uint64_t SizeOf(const ImageFacts& facts);

}  // namespace holdfast::policy
