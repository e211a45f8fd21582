// Bundle: an Anchore policy bundle (version "1_0"), read, checked and bound to the triggers of this build.
//
// Reading collects every problem instead of stopping at the first. A bundle with problems of severity error is not
// valid: it must not be accepted from a user. One that was accepted by an earlier build may have become so; it can
// still be evaluated, and then says so and stops (evaluate.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/json.h"
#include "policy/action.h"
#include "policy/allowlist.h"
#include "policy/pattern.h"
#include "policy/trigger.h"

namespace holdfast::policy {

inline constexpr std::string_view kBundleVersion = "1_0";

enum class ProblemSeverity : std::uint8_t { kWarn, kError };
[[nodiscard]] std::string_view ProblemSeverityName(ProblemSeverity severity);  // "warn", "error"

// An element of Anchore's `validation_details` and `evaluation_problems`.
struct BundleProblem {
  ProblemSeverity severity = ProblemSeverity::kError;
  std::string_view type;  // one of problem_type below
  std::string details;    // begins with the JSON path: "policies[0].rules[2].gate: …"

  friend bool operator==(const BundleProblem&, const BundleProblem&) = default;
};

namespace problem_type {
inline constexpr std::string_view kSchema = "SchemaError";  // a field that is missing or of the wrong type
inline constexpr std::string_view kVersion = "UnsupportedVersionError";
inline constexpr std::string_view kDuplicate = "DuplicateIdentifierFoundError";
inline constexpr std::string_view kDangling = "ReferencedObjectNotFoundError";
inline constexpr std::string_view kGate = "GateNotFoundError";
inline constexpr std::string_view kTrigger = "TriggerNotFoundError";
inline constexpr std::string_view kParameter = "InvalidParameterError";
inline constexpr std::string_view kEndOfLife = "EndOfLifeError";
inline constexpr std::string_view kLimit = "LimitError";
inline constexpr std::string_view kUnknownField = "UnknownFieldWarning";
inline constexpr std::string_view kMissingFacts = "MissingFactsError";  // at evaluation only
}  // namespace problem_type

struct Rule {
  std::string id;                    // may be empty
  const Trigger* trigger = nullptr;  // never nullptr
  Action action = Action::kStop;
  std::unique_ptr<const Check> check;  // never nullptr
};

struct Policy {
  std::string id, name;
  std::vector<Rule> rules;  // those that could be bound
};

struct Allowlist {
  std::string id, name;
  std::vector<AllowlistItem> items;
  AllowlistIndex index;  // of `items`
};

enum class ImageRefType : std::uint8_t { kTag, kDigest, kId };

// Which images a mapping, or an entry of the lists of images, is about.
struct ImageSelector {
  std::string id, name;  // the id may be empty
  Pattern registry, repository;
  ImageRefType type = ImageRefType::kTag;
  Pattern value;
  std::string json;  // as in the bundle

  [[nodiscard]] bool Matches(const ImageFacts& image, StepBudget& budget) const;
};

struct Mapping {
  ImageSelector selector;
  std::vector<std::uint32_t> policies, allowlists;  // indexes; in the order that the mapping names them
};

// Handed out const. The triggers that it was bound to must outlive it.
struct Bundle {
  std::string id, name;
  std::string json;  // the whole document, compact
  std::vector<Policy> policies;
  std::vector<std::unique_ptr<Allowlist>> allowlists;
  std::vector<Mapping> mappings;
  std::vector<ImageSelector> allowed_images, denied_images;
  std::vector<BundleProblem> problems;  // at most BundleLimits::problems_max, then one that says so

  // No problem of severity error.
  [[nodiscard]] bool Valid() const;
};

struct BundleLimits {
  std::uint64_t bytes_max = 16 * kMiB;
  std::size_t depth_max = 32;
  std::size_t rules_max = 2'000;     // of all policies together
  std::size_t params_max = 64;       // of one rule
  std::size_t items_max = 100'000;   // of all allowlists together
  std::size_t entries_max = 10'000;  // of each list: policies, allowlists, mappings, lists of images, ids of a mapping
  std::size_t regexes_max = 1'000;   // in mappings and lists of images
  std::size_t name_bytes_max = 1'024;    // ids, names, trigger ids, patterns
  std::size_t value_bytes_max = 65'536;  // of a parameter
  std::size_t problems_max = 500;
};

// kCorrupt when the text is not JSON, kLimit when it is too long or too deep. Everything else is a problem of the
// bundle, whose unusable parts are left out.
[[nodiscard]] Result<std::unique_ptr<const Bundle>> ParseBundle(std::string_view text,
                                                                std::span<const Trigger> triggers,
                                                                const BundleLimits& limits = {});
// The same for a document inside another one.
[[nodiscard]] std::unique_ptr<const Bundle> ReadBundle(const io::JsonView& document, std::span<const Trigger> triggers,
                                                       const BundleLimits& limits = {});

// `[{"severity":…,"problem_type":…,"details":…}]`, a value in `writer`.
void WriteProblems(io::JsonWriter& writer, const std::vector<BundleProblem>& problems);

}  // namespace holdfast::policy
