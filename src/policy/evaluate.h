// Evaluation of one image by one bundle: a pure function. The order, which is Anchore's:
//
//   denied images → first mapping that matches → each policy of it, each rule to its end → the mapping's allowlists
//   on each finding → the verdict: the worst action that no allowlist covers; a denied image stops, an allowed one
//   that is not denied goes. No mapping: go, with no policy.
//
// What could not be evaluated is never passed over. A rule that needs facts the image does not offer becomes a row
// with the rule's own action and the trigger id "missing+<fact>", and a problem of severity warn. Problems of
// severity error (of the bundle, or a limit that was hit) make the verdict stop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/bundle.h"
#include "policy/facts.h"

namespace holdfast::policy {

enum class Reason : std::uint8_t { kPolicyEvaluation, kAllowedImage, kDeniedImage };
[[nodiscard]] std::string_view ReasonName(Reason reason);  // "policy_evaluation", "whitelisted", "blacklisted"

struct Verdict {
  Action action = Action::kGo;
  Reason reason = Reason::kPolicyEvaluation;

  [[nodiscard]] bool Passes() const { return action != Action::kStop; }
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

struct AllowlistMatch {
  const Allowlist* list = nullptr;
  const AllowlistItem* item = nullptr;
};

// One finding of one rule.
struct Row {
  std::string trigger_id;
  std::string message;
  const Policy* policy = nullptr;
  const Rule* rule = nullptr;
  std::optional<AllowlistMatch> allowed;
};

// Points into the bundle, which must outlive it.
struct Evaluation {
  Verdict verdict;
  const ImageSelector* denied = nullptr;
  const ImageSelector* allowed = nullptr;
  const Mapping* mapping = nullptr;
  std::vector<Row> rows;  // in the order of policies, rules and facts
  std::vector<BundleProblem> problems;
};

struct EvaluateLimits {
  std::size_t rows_max = 500'000;
  std::size_t message_bytes_max = 4'096;
  std::uint64_t visits_max = 100'000'000;       // facts looked at, by all rules together
  std::uint64_t match_steps_max = 500'000'000;  // characters compared for mappings and allowlists
};

[[nodiscard]] Evaluation Evaluate(const Bundle& bundle, const ImageFacts& facts, const EvaluateLimits& limits = {});

}  // namespace holdfast::policy
