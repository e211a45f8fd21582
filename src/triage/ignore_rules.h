// Ignore rules: what a user decided not to be told of, why, and until when. A YAML or JSON file:
//
//   ignore:
//     - vulnerability: CVE-2024-1234        # or an alias; '*' and '?' are patterns, as in all texts but the reason
//       package: {name: openssl*, version: "3.0.*", type: deb, path: /opt/*}
//       image: registry.example.com/team/*
//       severity: low                       # this and lower ones
//       fix-state: wont-fix
//       epss-below: 0.01
//       reason: not reachable in our setup  # has to be there
//       expires: 2027-01-31                 # a day; the last on which the rule holds. Without one, for ever
//       owner: team-a
//       ticket: SEC-12
//
// All conditions of a rule must hold, and a rule has at least one. Keys that are not known are errors: a rule with a
// mistyped condition would ignore more than was meant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/finding.h"
#include "model/image_analysis.h"

namespace holdfast::triage {

inline constexpr std::size_t kIgnoreRulesMax = 20'000;
inline constexpr std::size_t kIgnoreBytesMax = 16U << 20U;

struct IgnoreRule {
  std::string name;                                                                             // "ignore.yaml, rule 3"
  std::string vulnerability, package_name, package_version, package_type, package_path, image;  // patterns; empty: any
  std::optional<model::Severity> severity_max;
  std::string fix_state;             // FixStateName; empty: any
  std::optional<double> epss_below;  // a finding without a score does not meet it
  std::string reason, expires, owner, ticket;

  // `today` is "2026-11-25".
  [[nodiscard]] bool Expired(std::string_view today) const { return !expires.empty() && expires < today; }
  [[nodiscard]] bool Covers(const model::Finding& finding, const model::ImageAnalysis& analysis) const;
  [[nodiscard]] std::string Text() const;  // reason, owner and ticket
};

// kInvalidInput with the rule's number and what is wrong with it; kCorrupt, kLimit.
[[nodiscard]] Result<std::vector<IgnoreRule>> ReadIgnoreRules(std::string_view text, std::string_view name);

}  // namespace holdfast::triage
